import type { Deps } from '../deps.ts'
import { accountOf } from '../domain/account/account.ts'
import { addAmounts } from '../domain/basics/money.ts'
import { PERSON } from '../domain/origins.ts'
import { triggerViewOf } from '../domain/case/view.ts'
import { viewOf } from '../jobs/read-case-view.ts'
import type { StoredCase } from '../store/case-store.ts'
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
  if (wanted.decision === 'refunded') return recordHandRefund(deps, stored, wanted, { by, reason: note })
  const decided = await decideCase<string>(deps.jobDeps, id, (view, record) => {
    const permit = permitDecision(view, record, wanted)
    return 'not' in permit
      ? { refuse: permit.not }
      : { add: [{ what: 'decision', at: decisionAt(view), by, reason: note, ...permit.decision }] }
  })
  return resultOf(deps, decided)
}

/**
 * A refund by hand becomes a statement of the order, by the time it was made, and then a decision of the case: whatever is lost in between,
 * the account is right.
 */
async function recordHandRefund(
  deps: DecisionDeps,
  stored: StoredCase,
  wanted: Extract<WantedDecision, { decision: 'refunded' }>,
  { by, reason }: { by: string; reason: string | null },
): Promise<DecisionResult> {
  const { view } = await viewOf(deps.jobDeps, stored)
  const permit = permitDecision(view, stored.record, wanted)
  if ('not' in permit) return { done: 'refused', says: permit.not }
  const orderId = view.order?.orderId ?? ''
  const refunded = addAmounts(accountOf(triggerViewOf(view)).refunded, wanted.amount)
  const change = { orderId, occurredAt: wanted.refundedAt, values: { is_refund: true, refunded_to_date: refunded }, notes: [] } // prettier-ignore
  await deps.jobDeps.orders.merge(change, PERSON, 0)
  await deps.jobDeps.wantSync([orderId])
  const decided = await decideCase<string>(deps.jobDeps, stored.id, now => ({
    add: [{ what: 'decision', at: decisionAt(now), by, reason, ...permit.decision }],
  }))
  await deps.jobDeps.wants.othersOf(orderId, stored.id, 'all')
  return resultOf(deps, decided)
}

function resultOf(deps: DecisionDeps, decided: Decided<string>): Promise<DecisionResult> | DecisionResult {
  switch (decided.done) {
    case 'unknown':
      return { done: 'unknown' }
    case 'refused':
      return { done: 'refused', says: decided.refusal }
    case 'contended':
      throw new AppError('conflict', 'contended', 'the case is changing; nothing was recorded. Retry in a moment')
    case 'newer':
      throw new AppError(
        'transient',
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
