import { actionOf } from '../../src/domain/case/reasons.ts'
import type { Sandbox } from '../../src/sandbox/server.ts'
import type { CaseRecord } from '../../src/store/case-store.ts'
import type { Wrong } from './alert-truth.ts'

type Shown = ReturnType<Sandbox['chargebackhit']['alerts']['list']>[number]

/**
 * What Chargebackhit would hold against the program: a `pending` that nothing final followed and nobody was asked about, or
 * more than one thing; told by the platform's and the gateway's own records.
 */
export function wrongOutcomesOf(sandbox: Sandbox, records: readonly CaseRecord[]): Wrong[] {
  const cases = new Map(records.map(record => [record.id, record]))
  return sandbox.chargebackhit.alerts
    .list()
    .flatMap(alert =>
      wrongWith(sandbox, alert, cases.get(`chargebackhit:${alert.id}`)).map(what => ({ of: alert.id, what })),
    )
}

function wrongWith(sandbox: Sandbox, { answers }: Shown, record: CaseRecord | undefined): string[] {
  if (record === undefined) return ['has no case']
  const { final, pendingAt, conflicted, attempts } = answers
  const updates = attempts.filter(({ by }) => by === 'update')
  const texts = new Set(updates.map(({ text }) => text))
  const wrong: string[] = []
  if (pendingAt === null) wrong.push('never was pending')
  if (conflicted > 0 || texts.size > 1) wrong.push(`told ${texts.size} final outcomes, ${conflicted} against another`)
  if (record.state === 'parked')
    return actionOf(record.reason) === null ? [...wrong, 'parked without a decision'] : wrong
  if (record.state !== 'resolved') return [...wrong, `left ${record.state}: ${record.reason}`]
  if (final === null || final.by !== 'update') return [...wrong, 'resolved, and the platform has no final outcome']
  return [...wrong, ...untrue(sandbox, final, record.orderId ?? '', Math.min(...updates.map(({ at }) => at)))]
}

/** Whether what was told was so when it was told first. */
function untrue(sandbox: Sandbox, final: NonNullable<Shown['answers']['final']>, orderId: string, firstAt: number) {
  const [refund] = sandbox.refunds.list(orderId).filter(({ effective }) => effective)
  if (final.order_id !== orderId) return ['the outcome names another order']
  if (!['reversed', 'previously-reversed'].includes(final.outcome)) return [`told ${final.outcome}`]
  if (refund === undefined) return [`told ${final.outcome} without a refund`]
  return firstAt < Date.parse(refund.created_at) ? ['told before it was refunded'] : []
}
