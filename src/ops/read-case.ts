import { outcomeTo } from '../domain/alert/outcomes.ts'
import type { Deps } from '../deps.ts'
import type { AlertFacts } from '../domain/alert/facts.ts'
import { caseDeadlines, type CaseView } from '../domain/case/view.ts'
import type { Mark } from '../domain/alert/deadlines.ts'
import type { MatchedBy } from '../domain/match/match-alert.ts'
import type { OrderMoney } from '../domain/account/order-money.ts'
import { reportedAmount } from '../domain/account/rest.ts'
import { formatAmount } from '../domain/basics/money.ts'
import type { Claim } from '../domain/refund/ledger.ts'
import { restOf } from '../domain/refund/plan.ts'
import { viewOf } from '../jobs/read-case-view.ts'
import type { StoredCase } from '../store/case-store.ts'
import { rowOf, type CaseRow } from './case-row.ts'
import { isoTime, isoTimeOrNull, type TimelineEvent } from './order-view.ts'
import { amountToApprove, permitWord } from './permit-word.ts'
import { tellLog } from './tell-case.ts'
import { tellEvent } from './tell-event.ts'

/** Everything known of one case. Times are ISO 8601; amounts are decimals; no bodies, of hooks or of refunds. */
export interface CaseDetails extends CaseRow {
  /** As of when. */
  at: string
  guid: string
  /** What the platform says of it, in its own names. */
  facts: Record<string, string>
  /** By what it was tied to its order; null while it is not. */
  matched_by: MatchedBy | null
  /** The order's money; null while the order is not known. */
  order: {
    captured: string | null
    left: string
    currency: string
    reported_refunded: string | null
    charged_back: boolean
    settled: boolean
  } | null
  /** What approving would give back now; null when nothing waits for a person. */
  to_approve: { amount: string; currency: string } | null
  /** What a person may say now; where not, why. */
  may: Record<'approve' | 'refuse' | 'resolve', { allowed: boolean; says: string | null }>
  answer: {
    resolution_type: string
    other_description: string
    /** The platform's own word for it, where it has another. */
    outcome: string | null
    chosen_by: string
    chosen_at: string
    calls: number
    /** The platform's last word about it; null while there is none. */
    platform_said: { at: string; accepted: boolean; status: number; words: string; probably_answered: boolean } | null
  } | null
  deadlines: { started_at: string; respond_by: string; marks: { mark: Mark; at: string; told: boolean }[] } | null
  /** Oldest first: what came, what was decided and by whom, money moved, the answer. */
  timeline: TimelineEvent[]
  /** Other cases of the same order. */
  siblings: CaseRow[]
  refunds: RefundRow[]
}

/** One refund of the case's order. */
export interface RefundRow {
  reference: string
  state: Claim['state']
  amount: string
  currency: string
  gateway: string
  /** The case that wanted it, and the one whose answer tells of it. */
  wanted_by: string
  answered_by: string | null
  approved_by: string | null
  claimed_at: string
  first_sent_at: string | null
  sends: number
  look_ups: number
  next_look_at: string | null
  refund_id: string | null
  arn: string | null
  confirmed_at: string | null
  why: { code: string; words: string | null } | null
}

export type ReadCaseDeps = Pick<Deps, 'cases' | 'orders' | 'jobDeps'>

/** One case as it stands now, or null when it is not known. */
export async function readCase(deps: ReadCaseDeps, id: string): Promise<CaseDetails | null> {
  const stored = await deps.cases.read(id)
  if (stored === null) return null
  const { view } = await viewOf(deps.jobDeps, stored)
  const { record } = stored
  const [siblings, events] = await Promise.all([
    deps.cases.records(view.cases.map(one => one.id).filter(one => one !== id)),
    record.orderId === null ? [] : deps.orders.timeline(record.orderId),
  ])
  return {
    ...rowOf(record),
    at: isoTime(view.now),
    guid: record.guid,
    facts: factsOf(view.facts.facts),
    matched_by: matchedBy(view),
    order: orderOf(view),
    to_approve: formatted(amountToApprove(view, record)),
    may: permitsOf(view, stored),
    answer: answerOf(view),
    deadlines: record.respondBy === null ? null : deadlinesOf(view),
    timeline: [...tellLog(stored.log, record.platform), ...ofMoney(events, id)].toSorted(byTime),
    siblings: siblings.map(rowOf),
    refunds: (view.ledger?.claims ?? []).map(refundRow),
  }
}

const byTime = (a: TimelineEvent, b: TimelineEvent) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)

/** Of the order's timeline what a case's log does not hold: the money, and where the case came to stand. */
function ofMoney(events: readonly Record<string, unknown>[], id: string): TimelineEvent[] {
  const isOurs = ({ what, case: about }: Record<string, unknown>) =>
    (typeof what === 'string' && what.startsWith('refund')) ||
    (about === id && (what === 'parked' || what === 'awaiting-approval'))
  return events.filter(isOurs).map(tellEvent).toReversed()
}

function factsOf(facts: AlertFacts): Record<string, string> {
  const entries = Object.entries(facts).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[snakeCase(name), typeof value === 'number' ? isoTime(value) : String(value)]],
  )
  return Object.fromEntries(entries)
}

const snakeCase = (name: string) =>
  name.replace(/[A-Z]|\d/g, (char, at: number) => (at === 0 ? char : `_${char.toLowerCase()}`))

const isReportedVague = ({ reported }: OrderMoney) =>
  reported === null || (reported.amount === null && !reported.byStatus)

const matchedBy = ({ facts }: CaseView): MatchedBy | null =>
  facts.platformOrderId === null ? (facts.own?.by ?? null) : 'platform'

function orderOf(view: CaseView): CaseDetails['order'] {
  const { order } = view
  if (order === null) return null
  const text = (amount: string | null) => (amount === null ? null : formatAmount(amount, order.currency))
  return {
    captured: text(order.captured),
    left: formatAmount(restOf({ ...view, order, ledger: view.ledger! }), order.currency),
    currency: order.currency ?? 'USD',
    reported_refunded: isReportedVague(order) ? null : text(reportedAmount(order)),
    charged_back: order.chargeback,
    settled: order.settled,
  }
}

const formatted = (money: { amount: string; currency: string } | null) =>
  money && { ...money, amount: formatAmount(money.amount, money.currency) }

function permitsOf(view: CaseView, { record }: StoredCase): CaseDetails['may'] {
  const permits = {
    approve: permitWord(view, record, { word: 'approve' }),
    refuse: permitWord(view, record, { word: 'refuse' }),
    resolve: permitWord(view, record, { word: 'resolve', wording: { type: 'other', description: '' } }),
  }
  const shown = (permit: (typeof permits)['approve']) =>
    'not' in permit ? { allowed: false, says: permit.not } : { allowed: true, says: null }
  return { approve: shown(permits.approve), refuse: shown(permits.refuse), resolve: shown(permits.resolve) }
}

function answerOf({ id, facts: { worded, sent, answered } }: CaseView): CaseDetails['answer'] {
  if (worded === null) return null
  return {
    resolution_type: worded.wording.type,
    other_description: worded.wording.description,
    outcome: outcomeTo(id.slice(0, id.indexOf(':')), worded.wording.type),
    chosen_by: worded.by,
    chosen_at: isoTime(worded.at),
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
  const { startedAt, respondBy, marks } = caseDeadlines(facts, terms.deadlines)
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

const refundRow = (claim: Claim): RefundRow => ({
  reference: claim.key,
  state: claim.state,
  amount: formatAmount(claim.amount, claim.currency),
  currency: claim.currency,
  gateway: claim.gateway,
  wanted_by: claim.wantedBy,
  answered_by: claim.answeredBy,
  approved_by: claim.approvedBy,
  claimed_at: isoTime(claim.claimedAt),
  first_sent_at: isoTimeOrNull(claim.firstSentAt),
  sends: claim.sends,
  look_ups: claim.lookups,
  next_look_at: isoTimeOrNull(claim.lookAt),
  refund_id: claim.refundId,
  arn: claim.arn,
  confirmed_at: isoTimeOrNull(claim.confirmedAt),
  why: claim.why,
})
