import { actionOf } from '../../src/domain/case/reasons.ts'
import type { Sandbox } from '../../src/sandbox/server.ts'
import type { CaseRecord } from '../../src/store/case-store.ts'
import type { AlertFleet } from './alert-fleet.ts'

type ShownAlert = ReturnType<Sandbox['alerts']['list']>[number]

/** One way in which what happened is not what may happen: where, and what. */
export interface Wrong {
  of: string
  what: string
}

/** What a merchant would hold against the program, told by the gateway's and the platform's own records. */
export function wrongsOf(sandbox: Sandbox, records: readonly CaseRecord[]): Wrong[] {
  return [...sandbox.refunds.allTotals().flatMap(moneyWrong), ...records.flatMap(record => caseWrong(sandbox, record))]

  function moneyWrong({ order_id: of, effective, beyond_captured: isBeyond, refunded }: ReturnType<Sandbox['refunds']['totals']>) {
    const wrong: Wrong[] = []
    if (effective > 1) wrong.push({ of, what: `refunded ${effective} times` })
    if (isBeyond) wrong.push({ of, what: 'refunded beyond what was captured' })
    const { is_refund, refunded_to_date, order_status } = sandbox.inbox.record(of) ?? {}
    const isVisible = is_refund === 1 && refunded_to_date === refunded && order_status === 'Refunded'
    if (effective > 0 && !isVisible) wrong.push({ of, what: `the platform's order does not tell: ${String(is_refund)} ${String(refunded_to_date)} ${String(order_status)}` })
    return wrong
  } // prettier-ignore
}

function caseWrong(sandbox: Sandbox, { id, guid, state, reason, orderId }: CaseRecord): Wrong[] {
  if (orderId === null) return [{ of: id, what: 'has no order' }]
  if (state === 'noted' || state === 'refunded') return []
  const alert = sandbox.alerts.get(guid)
  if (alert === undefined) return [{ of: id, what: 'answers no alert' }]
  if (state === 'parked')
    return actionOf(reason) === null ? [{ of: id, what: `parked without a decision: ${reason}` }] : []
  if (state !== 'resolved') return [{ of: id, what: `left ${state}: ${reason}` }]
  return answerWrong(sandbox, alert, orderId).map(what => ({ of: id, what }))
}

/** What an answered alert was told, against when its money moved. */
function answerWrong(sandbox: Sandbox, { resolutions }: ShownAlert, orderId: string): string[] {
  const { accepted, conflicted, attempts } = resolutions
  const wrong: string[] = []
  const types = new Set(attempts.map(({ resolution_type: type, other_description: words }) => `${String(type)} ${String(words)}`)) // prettier-ignore
  if (conflicted > 0 || types.size > 1) wrong.push(`told in ${types.size} wordings`)
  if (accepted === null) return [...wrong, 'resolved, and the platform has no answer']
  const [refund] = sandbox.refunds.list(orderId).filter(({ effective }) => effective)
  if (refund === undefined) return [...wrong, `told ${accepted.resolution_type} without a refund`]
  const firstAt = Math.min(...attempts.map(({ at }) => at))
  if (firstAt < Date.parse(refund.created_at)) wrong.push('told before it was refunded')
  return wrong
}

/** Orders of which some case is parked, with the reason. */
export const parkedOf = (records: readonly CaseRecord[]): Map<string, string> =>
  new Map(
    records.flatMap(({ state, orderId, reason }) => (state === 'parked' ? [[orderId ?? '', reason] as const] : [])),
  )

/** Answers that were given before our own ledger had the refund confirmed. */
export async function toldTooSoon(sandbox: Sandbox, { refunds }: Pick<AlertFleet, 'refunds'>, records: readonly CaseRecord[]): Promise<string[]> {
  const found = await Promise.all(
    records.map(async ({ id, guid, orderId }) => {
      const attempts = sandbox.alerts.get(guid)?.resolutions.attempts ?? []
      if (orderId === null || attempts.length === 0) return []
      const confirmed = (await refunds.read(orderId)).claims.map(({ confirmedAt }) => confirmedAt ?? Infinity)
      return Math.min(...attempts.map(({ at }) => at)) < Math.min(...confirmed) ? [id] : []
    }),
  )
  return found.flat()
} // prettier-ignore
