import type { Deps } from '../deps.ts'
import { greatestAmount } from '../domain/basics/money.ts'
import { PERSON } from '../domain/origins.ts'
import type { CaseFacts } from '../domain/case/log.ts'
import { maskCardNumbers } from '../domain/basics/card-data.ts'
import { AppError } from '../errors.ts'
import { decideCase, type Decided } from '../jobs/case-decision.ts'
import { decisionAt, describeRecorded, permitDecision, type WantedDecision } from './permit-decision.ts'
import type { CaseDetails } from './case-details.ts'
import { readCase, type ReadCaseDeps } from './read-case.ts'

/** What a person's decision came to; `says` is for people. */
export type DecisionResult =
  | { done: 'unknown' }
  /** The case does not allow it now: why, and what it does allow. */
  | { done: 'refused'; says: string }
  | { done: 'recorded'; says: string; case: CaseDetails }

export type DecisionDeps = ReadCaseDeps & Pick<Deps, 'jobDeps'>

/**
 * Records what a person decided about a case, with who and when, and decides the case again at once. Throws `AppError` when
 * the case changes faster than it can be decided about.
 */
export async function recordDecision(
  deps: DecisionDeps,
  id: string,
  wanted: WantedDecision,
  { by, reason }: { by: string; reason: string | null },
): Promise<DecisionResult> {
  const stored = await deps.cases.read(id)
  if (stored === null) return { done: 'unknown' }
  if (wanted.decision === 'match' && (await deps.orders.read(wanted.orderId)) === null)
    return { done: 'refused', says: `no order ${wanted.orderId} is stored; have the CRM send the order` }
  const note = reason === null ? null : maskCardNumbers(reason)
  if (wanted.decision === 'refunded') return recordHandRefund(deps, id, wanted, { by, reason: note })
  const decided = await decideCase<string>(deps.jobDeps, id, (view, record) => {
    const permit = permitDecision(view, record, wanted)
    return 'not' in permit
      ? { refuse: permit.not }
      : { add: [{ what: 'decision', at: decisionAt(view), by, reason: note, ...permit.decision }] }
  })
  return resultOf(deps, decided)
}

/**
 * A refund by hand is a decision of the case first, checked against the account as it is then, and becomes a statement of the order from
 * it. Sent again it is recorded once; a statement that was lost in between is made again.
 */
async function recordHandRefund(
  deps: DecisionDeps,
  id: string,
  wanted: Extract<WantedDecision, { decision: 'refunded' }>,
  { by, reason }: { by: string; reason: string | null },
): Promise<DecisionResult> {
  const isSame = (one: CaseFacts['decisions'][number]) =>
    one.decision === 'refunded' && one.amount === wanted.amount && one.refundedAt === wanted.refundedAt && one.reference === wanted.reference // prettier-ignore
  const decided = await decideCase<string>(deps.jobDeps, id, (view, record) => {
    if (view.facts.decisions.some(isSame)) return { add: [] }
    const permit = permitDecision(view, record, wanted)
    return 'not' in permit ? { refuse: permit.not } : { add: [{ what: 'decision', at: decisionAt(view), by, reason, ...permit.decision }] } // prettier-ignore
  })
  if (decided.done !== 'decided') return resultOf(deps, decided)
  const made = decided.facts.decisions.filter(one => one.decision === 'refunded')
  const { orderId } = decided.record
  if (orderId !== null && made.length > 0) {
    // The newest time bears the greatest total: of equal times the greater amount counts.
    const occurredAt = Math.max(...made.map(one => one.refundedAt))
    const values = { is_refund: true, refunded_to_date: greatestAmount(...made.map(({ total }) => total)) }
    await deps.jobDeps.orders.merge({ orderId, occurredAt, values, notes: [] }, PERSON, 0)
    await deps.jobDeps.wantSync([orderId])
    await deps.jobDeps.wants.othersOf(orderId, '', 'all')
  }
  return describeDecided(deps, { ...decided, added: decided.added.some(({ what }) => what === 'decision') ? decided.added : made.slice(-1) }) // prettier-ignore
}

function resultOf(deps: DecisionDeps, decided: Decided<string>): Promise<DecisionResult> | DecisionResult {
  switch (decided.done) {
    case 'unknown':
      return { done: 'unknown' }
    case 'refused':
      return { done: 'refused', says: decided.refusal }
    case 'contended':
      throw new AppError('contended', 'the case is changing; nothing was recorded. Retry in a moment')
    case 'newer':
      throw new AppError(
        'newer-case',
        'a newer version of this program wrote the case; nothing was recorded, decide there',
      )
    case 'decided':
      return describeDecided(deps, decided)
  }
}

async function describeDecided(
  deps: DecisionDeps,
  { record, added }: Extract<Decided<string>, { done: 'decided' }>,
): Promise<DecisionResult> {
  const [seen, { mode }] = await Promise.all([readCase(deps, record.id), deps.jobDeps.refunds.mode()])
  const entry = added.find(one => one.what === 'decision')
  if (seen === null || entry === undefined) return { done: 'unknown' }
  const isLate = record.respondBy !== null && entry.at >= record.respondBy
  return { done: 'recorded', says: describeRecorded(entry, { isOff: (mode ?? 'off') === 'off', isLate }), case: seen }
}
