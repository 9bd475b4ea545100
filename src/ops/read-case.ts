import type { Deps } from '../deps.ts'
import { accountOf } from '../domain/account/account.ts'
import { triggerViewOf } from '../domain/case/view.ts'
import type { AlertFacts } from '../domain/alert/facts.ts'
import { outcomeTo } from '../domain/alert/outcomes.ts'
import type { FieldError } from '../domain/basics/field-error.ts'
import { formatAmount } from '../domain/basics/money.ts'
import type { CaseFacts, Resolution } from '../domain/case/log.ts'
import type { CaseView } from '../domain/case/view.ts'
import { lookAtOf, type Claim } from '../domain/refund/ledger.ts'
import { caseDeadlines } from '../domain/refund/trigger.ts'
import { viewOf } from '../jobs/read-case-view.ts'
import type { StoredCase } from '../store/case-store.ts'
import { accountDetails, orderOf, requestedOf } from './case-account.ts'
import type { CaseDetails, RefundRow } from './case-details.ts'
import { matchOf } from './case-match.ts'
import { rowOf } from './case-row.ts'
import { describeLog } from './describe-case.ts'
import { describeEvent } from './describe-event.ts'
import { isoTime, isoTimeOrNull } from './iso-time.ts'
import type { TimelineEvent } from './order-view.ts'
import { approvableOf, pendingAtStop, permitDecision, type Permit, type WantedDecision } from './permit-decision.ts'

export type ReadCaseDeps = Pick<Deps, 'cases' | 'orders' | 'jobDeps'>

/** One case as it is now, or null when it is not known. */
export async function readCase(deps: ReadCaseDeps, id: string): Promise<CaseDetails | null> {
  const stored = await deps.cases.read(id)
  if (stored === null) return null
  const { view } = await viewOf(deps.jobDeps, stored)
  const { record } = stored
  const [siblings, events, match] = await Promise.all([
    deps.cases.records(view.cases.map(one => one.id).filter(one => one !== id)),
    record.orderId === null ? [] : deps.orders.timeline(record.orderId),
    matchOf(deps, view),
  ])
  return {
    ...rowOf(record),
    at: isoTime(view.now),
    guid: record.guid,
    facts: factsOf(view.facts.facts),
    faults: faultsOf(view.facts),
    matched_by: match.by,
    match,
    order: orderOf(view),
    account: accountDetails(view),
    requested: requestedOf(view),
    to_approve: toApprove(view, stored),
    may: permitsOf(view, stored),
    prepared: preparedOf(view, record.prepared),
    answer: answerOf(view),
    deadlines: record.respondBy === null ? null : deadlinesOf(view),
    timeline: [...describeLog(stored.log, record.platform), ...ofMoney(events, id)].toSorted(byTime),
    siblings: siblings.map(rowOf),
    refunds: (view.ledger?.claims ?? []).map(claim => refundRow(claim, view)),
  }
}

const byTime = (a: TimelineEvent, b: TimelineEvent) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)

/** Of the order's timeline what a case's log does not hold: the money, and when the case came to a person. */
function ofMoney(events: readonly Record<string, unknown>[], id: string): TimelineEvent[] {
  const isOurs = ({ what, case: about }: Record<string, unknown>) =>
    (typeof what === 'string' && what.startsWith('refund')) ||
    (about === id && (what === 'parked' || what === 'awaiting-approval'))
  return events.filter(isOurs).map(describeEvent).toReversed()
}

function factsOf(facts: AlertFacts): Record<string, string> {
  const entries = Object.entries(facts).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[snakeCase(name), typeof value === 'number' ? isoTime(value) : String(value)]],
  )
  return Object.fromEntries(entries)
}

const snakeCase = (name: string) =>
  name.replace(/[A-Z]|\d/g, (char, at: number) => (at === 0 ? char : `_${char.toLowerCase()}`))

/** Each field once, whichever event or record it was in. */
const faultsOf = ({ faults }: CaseFacts): FieldError[] =>
  faults.filter((one, i) => faults.findIndex(({ field }) => field === one.field) === i)

function toApprove(view: CaseView, { record }: StoredCase): CaseDetails['to_approve'] {
  const approvable = approvableOf(view, record)
  if (approvable === null) return null
  const { currency, rest, alertAmount, isLate } = approvable
  return {
    amount: formatAmount(rest, currency),
    currency,
    alert_amount: alertAmount === null ? null : formatAmount(alertAmount, currency),
    is_late: isLate,
  }
}

function permitsOf(view: CaseView, { record }: StoredCase): CaseDetails['may'] {
  const prepared = pendingAtStop(view)
  const shown = (wanted: WantedDecision) => shownPermit(permitDecision(view, record, wanted))
  return {
    approve: shown({ decision: 'approve' }),
    refuse: shown({ decision: 'decline' }),
    resolve: shown({ decision: 'resolve', resolution: prepared ?? { type: 'other', description: '' } }),
    // Any stored order: one that nothing was done for stands for all of them.
    match: shown({ decision: 'match', orderId: '' }),
    close: shown({ decision: 'close' }),
    refunded: shown({
      decision: 'refunded',
      amount: accountOf(triggerViewOf(view)).rest,
      refundedAt: 0,
      reference: null,
    }),
  }
}

const shownPermit = (permit: Permit) =>
  'not' in permit ? { allowed: false, says: permit.not } : { allowed: true, says: null }

function preparedOf(view: CaseView, recorded: Resolution | null): CaseDetails['prepared'] {
  const prepared = recorded ?? pendingAtStop(view)
  return prepared && { resolution_type: prepared.type, other_description: prepared.description }
}

function answerOf({ id, facts: { resolution, sent, answered } }: CaseView): CaseDetails['answer'] {
  if (resolution === null) return null
  return {
    resolution_type: resolution.resolution.type,
    other_description: resolution.resolution.description,
    outcome: outcomeTo(id.slice(0, id.indexOf(':')), resolution.resolution.type),
    chosen_by: resolution.by,
    chosen_at: isoTime(resolution.at),
    calls: sent?.calls ?? 0,
    platform_said: answered && {
      at: isoTime(answered.at),
      accepted: answered.accepted,
      status: answered.status,
      words: answered.words,
      probably_answered: answered.probably,
    },
  }
}

function deadlinesOf({ facts, terms }: CaseView): CaseDetails['deadlines'] {
  const { startedAt, respondBy, marks } = caseDeadlines(facts, terms.refunds.deadlines)
  return {
    started_at: isoTime(startedAt),
    respond_by: isoTime(respondBy),
    marks: (['target', 'alarm', 'stop'] as const).map(mark => ({
      mark,
      at: isoTime(marks[mark]),
      told: facts.marks.has(mark),
    })),
  }
}

const refundRow = (claim: Claim, { cases }: CaseView): RefundRow => ({
  reference: claim.key,
  state: claim.state,
  amount: formatAmount(claim.amount, claim.currency),
  currency: claim.currency,
  gateway: claim.gateway,
  wanted_by: claim.wantedBy,
  answered_by: cases.find(({ facts }) => facts.resolution?.refundKey === claim.key)?.id ?? null,
  approved_by: claim.approvedBy,
  claimed_at: isoTime(claim.claimedAt),
  first_sent_at: isoTimeOrNull(claim.firstSentAt),
  sends: claim.sends,
  look_ups: claim.lookups,
  next_look_at: isoTimeOrNull(lookAtOf(claim)),
  refund_id: claim.refundId,
  arn: claim.arn,
  confirmed_at: isoTimeOrNull(claim.confirmedAt),
  why: 'reason' in claim ? claim.reason : null,
})
