import type { AccountView, CaseOfOrder } from '../../src/domain/account/account.ts'
import type { OrderMoney } from '../../src/domain/account/order-money.ts'
import type { AlertEvent } from '../../src/domain/alert/event.ts'
import type { AlertFacts } from '../../src/domain/alert/facts.ts'
import { addAmounts, subtractAmounts } from '../../src/domain/basics/money.ts'
import { foldLog, type CaseEntry, type CaseKind, type Decision, type EntryOf } from '../../src/domain/case/log.ts'
import type { CaseTerms, CaseView } from '../../src/domain/case/view.ts'
import type { Assessment } from '../../src/domain/match/assess.ts'
import { emptyLedger, type Claim, type ClaimIn, type GatewayReport, type Ledger, type ListedRefund } from '../../src/domain/refund/ledger.ts' // prettier-ignore
import type { RefundView } from '../../src/domain/refund/plan.ts'
import type { RefundTerms } from '../../src/domain/account/account.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS
/** When alerts of these tests are issued and first seen; "now" is a minute later. */
export const SEEN_AT = Date.UTC(2026, 0, 10, 12)
export const NOW = SEEN_AT + MINUTE_MS
/** When an alert of these tests must be answered, and its marks. */
export const RESPOND_BY = SEEN_AT + DAY_MS
export const TARGET_AT = SEEN_AT + 4 * HOUR_MS
export const STOP_AT = RESPOND_BY - 4 * HOUR_MS

export const CARD = { cardFirst6: '401288', cardLast4: '1881' }

/** A settled order of 30 dollars, sold the day before, nothing refunded. */
export const money = (over: Partial<OrderMoney> = {}): OrderMoney => ({
  orderId: 'A', rev: 1, settled: true, neverPaid: null, unpaidNow: over.neverPaid ?? null, captured: over.neverPaid == null ? '30' : '0',
  isCaptureStated: true, total: '30', currency: 'USD', reported: null, chargeback: false, fraud: false, transactionId: 'T-A', arn: null, authCode: null,
  cardFirst6: null, cardLast4: null, eci: null, cardBrand: 'visa', merchantAccount: null, descriptor: null, isWallet: false,
  soldAt: SEEN_AT - DAY_MS, acknowledgedTotal: null, holds: [], ...over,
}) // prettier-ignore

/** What the CRM states as refunded; a day before the alert where nothing else is said. */
export const stated = (amount: string | null, at = SEEN_AT - DAY_MS, byStatus = false): Partial<OrderMoney> => ({
  reported: { amount, at, byStatus },
})

const BASE = {
  key: 'k1', generation: 0, gateway: 'http', transaction: 'T-A', amount: '30', target: '30', currency: 'USD', body: '{}',
  wantedBy: 'midigator:a', respondBy: RESPOND_BY, claimedAt: SEEN_AT, approvedBy: null, approvedAt: null, firstSentAt: null, sends: 0,
  lookups: 0, refundId: null, arn: null, confirmedAt: null, isRecorded: true, refusals: 0, refundableBefore: null,
} // prettier-ignore
const SENT = { ...BASE, firstSentAt: SEEN_AT, sends: 1 }

/** A refund of all 30 dollars that was decided for the alert `midigator:a` and not sent. */
export const claimed = (over: Partial<ClaimIn<'claimed'>> = {}): ClaimIn<'claimed'> => ({ ...BASE, state: 'claimed', held: null, notBefore: null, reason: null, ...over }) // prettier-ignore
export const sending = (over: Partial<ClaimIn<'sending'>> = {}): ClaimIn<'sending'> => ({ ...SENT, state: 'sending', attempt: 'x', sendingAt: SEEN_AT, ...over }) // prettier-ignore
export const uncertain = (over: Partial<ClaimIn<'uncertain'>> = {}): ClaimIn<'uncertain'> => ({
  ...SENT, state: 'uncertain', lookAt: NOW + HOUR_MS, reason: { code: 'timeout', words: null }, refusal: null, absentSince: null, ...over,
}) // prettier-ignore
export const pending = (over: Partial<ClaimIn<'pending'>> = {}): ClaimIn<'pending'> => ({ ...SENT, state: 'pending', lookAt: NOW + HOUR_MS, refundId: 'r-k1', ...over }) // prettier-ignore
export const confirmed = (over: Partial<ClaimIn<'confirmed'>> = {}): ClaimIn<'confirmed'> => ({ ...SENT, state: 'confirmed', lookAt: null, refundId: 'r-k1', confirmedAt: SEEN_AT + 1, ...over }) // prettier-ignore
export const stopped = (state: 'refused' | 'failed' | 'parked' | 'dropped', code = 'c', over: Partial<Claim> = {}): Claim => ({ ...SENT, state, reason: { code, words: null }, ...over }) as Claim // prettier-ignore

/** A refund in the gateway's list, made a moment after the alert. */
export const listed = (over: Partial<ListedRefund> = {}): ListedRefund => ({
  refundId: 'r1', status: 'succeeded', amount: '30', reference: null, createdAt: SEEN_AT + 1, arn: null, ...over,
}) // prettier-ignore
/** How the list shows one of our refunds. */
export const listedClaim = (claim: Claim, over: Partial<ListedRefund> = {}): ListedRefund =>
  listed({ refundId: claim.refundId ?? 'r', amount: claim.amount, reference: claim.key, createdAt: claim.firstSentAt, ...over }) // prettier-ignore

/** What a gateway states about an order of 30 dollars, asked just now: these refunds, and what they leave. */
export const reportOf = (refunds: readonly ListedRefund[] = [], over: Partial<GatewayReport> = {}): GatewayReport => ({
  at: NOW - 1, rev: 1, refunds, currency: 'USD', settled: true,
  refundable: subtractAmounts('30', addAmounts(...refunds.filter(({ status }) => status !== 'failed').map(({ amount }) => amount))), ...over,
}) // prettier-ignore

export const ledgerOf = (claims: readonly Claim[] = [], report: GatewayReport | null = null): Ledger => ({
  ...emptyLedger('A'),
  claims,
  report,
})
/** A ledger whose gateway lists every confirmed or pending refund of ours. */
export const ledgerIn = (...claims: Claim[]): Ledger =>
  ledgerOf(
    claims,
    reportOf(
      claims.flatMap(one => (one.state === 'confirmed' || one.state === 'pending' ? [listedClaim(one, { status: one.state === 'pending' ? 'pending' : 'succeeded' })] : [])), // prettier-ignore
    ),
  )

export const event = (type: AlertEvent['type'], guid: string, facts: AlertFacts, sentAt: number | null = SEEN_AT): AlertEvent => ({ type, guid, facts, sentAt }) // prettier-ignore

export const hook = (type: AlertEvent['type'], facts: AlertFacts = {}, at = SEEN_AT): EntryOf<'hook'> => ({
  what: 'hook',
  at,
  event: event(type, 'g', facts),
  raw: {},
})
export const readBack = (facts: AlertFacts = {}, at = SEEN_AT): CaseEntry => ({ what: 'read-back', at, facts })
/** The platform was asked, and has had no such record since. */
export const missing = (since = SEEN_AT, at = since): CaseEntry => ({ what: 'asked', at, missedSince: since })

const decided = (decision: Decision, at = NOW): CaseEntry => ({ what: 'decision', at, by: 'ann', reason: null, ...decision }) // prettier-ignore
export const approved = (amount: string, at = NOW, currency = 'USD') => decided({ decision: 'approve', amount, currency }, at) // prettier-ignore
export const resolved = (at = NOW) => decided({ decision: 'resolve', resolution: { type: 'other', description: 'by hand' } }, at) // prettier-ignore
export const declined = (at = NOW) => decided({ decision: 'decline' }, at)
export const closed = (at = NOW) => decided({ decision: 'close' }, at)
export const chose = (orderId: string, at = NOW) => decided({ decision: 'match', orderId }, at)

export const chosenAt = (at: number, over: Partial<EntryOf<'resolution'>> = {}): EntryOf<'resolution'> => ({
  what: 'resolution', at, by: 'policy', resolution: { type: 'issued_full_refund', description: '' }, orderId: 'A', refundKey: null, ...over,
}) // prettier-ignore
export const sentAt = (of: number, calls = 1, at = of): CaseEntry => ({ what: 'sent', at, of, calls, unanswered: calls > 1 }) // prettier-ignore
export const answeredAt = (at: number, over: Partial<EntryOf<'answered'>> = {}): CaseEntry => ({ what: 'answered', at, accepted: true, probably: false, status: 200, words: '', ...over }) // prettier-ignore
/** A resolution that the platform has accepted. */
export const answered = (at: number, over: Partial<EntryOf<'resolution'>> = {}): CaseEntry[] => [chosenAt(at, over), sentAt(at), answeredAt(at)] // prettier-ignore

export const caseOf = (id: string, kind: CaseKind, entries: readonly CaseEntry[]): CaseOfOrder => ({
  id: id.includes(':') ? id : `midigator:${id}`,
  facts: foldLog(kind, id, entries),
})

/** An alert of Ethoca's over 30 dollars, matched to the order by the platform. */
export const ETHOCA: AlertFacts = { partner: 'ethoca', amount: '30', currency: 'USD', issuedAt: SEEN_AT, orderId: 'A' }
/** Facts with some of them replaced, and those given as undefined left out. */
export function factsWith(over: { [Key in keyof AlertFacts]?: AlertFacts[Key] | undefined }): AlertFacts {
  const all = Object.entries({ ...ETHOCA, ...over })
  return Object.fromEntries(all.filter(([, value]) => value !== undefined))
}
type Facts = Parameters<typeof factsWith>[0]
/** An alert whose record the platform has been asked for. */
export const alertCase = (id = 'a', facts: Facts = {}, more: readonly CaseEntry[] = []): CaseOfOrder =>
  caseOf(id, 'alert', [hook('alert', factsWith(facts)), readBack(factsWith(facts)), ...more])
/** An alert as its hook told it, and the platform not asked. */
export const unreadAlert = (facts: Facts = {}, more: readonly CaseEntry[] = []): CaseOfOrder =>
  caseOf('a', 'alert', [hook('alert', factsWith(facts)), ...more])
const REQUEST: AlertFacts = { orderId: 'A', amount: '30' }
/** An `order.refund` of the order, read back. */
export const requestCase = (facts: AlertFacts = {}, more: readonly CaseEntry[] = [readBack({ orderId: 'A', currency: 'USD' })], at = SEEN_AT): CaseOfOrder => caseOf('req', 'request', [hook('refund', { ...REQUEST, ...facts }, at), ...more]) // prettier-ignore
export const chargebackCase = (facts: AlertFacts = { orderId: 'A' }, more: readonly CaseEntry[] = []): CaseOfOrder =>
  caseOf('cb', 'chargeback', [hook('chargeback', facts), readBack(facts), ...more])
export const rdrCase = (facts: Facts = {}, more: readonly CaseEntry[] = []): CaseOfOrder =>
  alertCase('rdr', { partner: 'verifi rdr', ...facts }, more)

export const REFUND_TERMS: RefundTerms = {
  hasGateway: true, listLagMs: 2 * MINUTE_MS, trigger: 'match', mode: 'auto', autoLimit: null, hourlyLimit: null, limitCurrency: null,
  likelyAtStop: 'person', settleMs: 10_000,
  deadlines: { windowMs: DAY_MS, cdrnWindowMs: 3 * DAY_MS, targetMs: 4 * HOUR_MS, alarmMs: 12 * HOUR_MS, stopMs: 4 * HOUR_MS },
} // prettier-ignore

export const TERMS: CaseTerms = {
  refunds: REFUND_TERMS, resolve3ds: false, defaultCurrency: null, lookbackMs: 180 * DAY_MS, graceMs: HOUR_MS, pendingAtStop: 'person',
  lookMs: 5 * MINUTE_MS, refundLeaseMs: 20_000, lateAnswerMs: HOUR_MS,
} // prettier-ignore
export const termsWith = (refunds: Partial<RefundTerms>, more: Partial<Omit<CaseTerms, 'refunds'>> = {}): CaseTerms => ({ ...TERMS, ...more, refunds: { ...REFUND_TERMS, ...refunds } }) // prettier-ignore

/** What differs from an order of 30 dollars with one alert that the platform matched; `order` null: no order is known. */
export interface Given extends Partial<Omit<RefundView, 'terms' | 'order'>> {
  terms?: Partial<RefundTerms>
  order?: Partial<OrderMoney> | null
}

export const refundView = ({ terms, order = {}, ...rest }: Given = {}): RefundView => ({
  now: NOW, ledger: ledgerOf([], reportOf()), cases: [alertCase()], untied: [], awaited: [], loose: [], resolve3ds: false, knownAccounts: new Set(), isReportFresh: true, mayAsk: false,
  leaseMs: TERMS.refundLeaseMs, ...rest, order: order === null ? null : money(order), terms: { ...REFUND_TERMS, ...terms },
}) // prettier-ignore
export const accountView = (given: Given = {}): AccountView => refundView({ cases: [], ...given })

/** An assessment without candidates. */
export const certain = (orderId = 'A', by: 'platform' | 'person' | 'arn' | 'transaction_id' = 'platform'): Assessment => ({ candidates: [], notFound: 'possible', verdict: 'certain', orderId, by }) // prettier-ignore
export const likely = (orderId = 'A', isTimed = true): Assessment => ({ candidates: [], notFound: 'possible', verdict: 'likely', orderId, by: 'card', isTimed }) // prettier-ignore
export const openMatch = (reason: Extract<Assessment, { verdict: 'open' }>['reason'], notFound: Assessment['notFound'] = 'possible'): Assessment => ({ candidates: [], notFound, verdict: 'open', reason }) // prettier-ignore

/** What differs from the view of the alert `midigator:a`, matched by the platform; `mine`: the case itself, `others`: the order's others. */
export interface GivenCase extends Partial<Omit<CaseView, 'terms' | 'order' | 'cases' | 'facts' | 'id'>> {
  mine?: CaseOfOrder
  others?: readonly CaseOfOrder[]
  terms?: CaseTerms
  order?: Partial<OrderMoney> | null
}

export function caseView({ mine = alertCase(), others = [], order = {}, ...rest }: GivenCase = {}): CaseView {
  return {
    now: NOW,
    id: mine.id,
    facts: mine.facts,
    assessment: certain(),
    ledger: ledgerOf([], reportOf()),
    untied: [],
    awaited: [],
    loose: [],
    knownAccounts: new Set(),
    former: [],
    mayConcernRefunded: false,
    isArnMatched: false,
    isErased: false,
    before: null,
    terms: TERMS,
    ...rest,
    order: order === null ? null : money(order),
    cases: [...others, mine],
  }
}
