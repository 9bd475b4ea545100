import type { AlertFacts } from '../../src/domain/alert/facts.ts'
import type { AlertEvent } from '../../src/domain/alert/event.ts'
import { foldLog, type CaseEntry, type CaseKind, type Word } from '../../src/domain/case/log.ts'
import type { CaseTerms, CaseView } from '../../src/domain/case/view.ts'
import type { OrderMoney } from '../../src/domain/account/order-money.ts'
import {
  emptyLedger,
  type Claim,
  type Ledger,
  type Report,
  type ReportedRefund,
} from '../../src/domain/refund/ledger.ts'
import type { RefundView } from '../../src/domain/refund/plan.ts'
import type { CaseOfOrder } from '../../src/domain/account/rest.ts'
import type { RefundTerms } from '../../src/domain/refund/wish.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS
/** When alerts of these tests are issued and first seen; "now" is a minute later. */
export const SEEN_AT = Date.UTC(2026, 0, 10)
export const NOW = SEEN_AT + MINUTE_MS

/** A settled order of 30 dollars, nothing given back. */
export const money = (over: Partial<OrderMoney> = {}): OrderMoney => ({
  orderId: 'A', rev: 1, settled: true, neverPaid: null, captured: '30', total: '30', currency: 'USD', reported: null,
  chargeback: false, fraud: false, transactionId: 'T-A', arn: null, authCode: null, cardFirst6: null, cardLast4: null, eci: null,
  cardBrand: 'visa', unpaidNow: over.neverPaid ?? null, merchantAccount: null, descriptor: null, isWallet: false, acknowledgedTotal: null,
  holds: [], soldAt: SEEN_AT - DAY_MS, ...over,
}) // prettier-ignore

/** A refund of all 30 dollars that was decided for the alert `a` and not sent. */
export const claimOf = (over: Partial<Claim> = {}): Claim => ({
  key: 'k1', generation: 0, gateway: 'http', transaction: 'T-A', amount: '30', target: '30', currency: 'USD', body: '{}',
  wantedBy: 'a', claimedAt: SEEN_AT, state: 'claimed', approvedBy: null, held: null, attempt: null, sendingAt: null,
  firstSentAt: null, sends: 0, lookups: 0, lookAt: null, refundId: null, arn: null, confirmedAt: null, why: null,
  refusal: null, told: true, answeredBy: null, ...over,
}) // prettier-ignore

/** The same, sent once. */
export const sentClaim = (over: Partial<Claim> = {}): Claim =>
  claimOf({ state: 'uncertain', sends: 1, sendingAt: SEEN_AT, firstSentAt: SEEN_AT, lookAt: NOW + HOUR_MS, ...over })

/** The same, confirmed. */
export const confirmedClaim = (over: Partial<Claim> = {}): Claim =>
  sentClaim({ state: 'confirmed', confirmedAt: SEEN_AT, lookAt: null, ...over })

export const found = (over: Partial<ReportedRefund> = {}): ReportedRefund => ({
  refundId: 'r1', status: 'succeeded', amount: '30', reference: null, createdAt: SEEN_AT + 1, arn: null, ...over,
}) // prettier-ignore

export const reportOf = (refunds: readonly ReportedRefund[] = [], over: Partial<Report> = {}): Report => ({
  at: NOW - 1, rev: 1, refunds, refundable: null, ...over,
}) // prettier-ignore

export const ledgerOf = (claims: readonly Claim[] = [], report: Report | null = null): Ledger => ({
  ...emptyLedger('A'),
  claims,
  report,
})

export const event = (type: AlertEvent['type'], guid: string, facts: AlertFacts, sentAt: number | null = SEEN_AT) => ({
  type, guid, facts, sentAt,
}) // prettier-ignore

export const hook = (type: AlertEvent['type'], facts: AlertFacts = {}, at = SEEN_AT): CaseEntry => ({
  what: 'hook',
  at,
  event: event(type, 'g', facts),
  raw: {},
})

export const said = (word: Word, at = NOW): CaseEntry => ({ what: 'said', at, by: 'ann', reason: null, ...word })
export const approved = (amount: string, at = NOW, currency = 'USD') => said({ word: 'approve', amount, currency }, at)
export const ENRICHED: CaseEntry = { what: 'enriched', at: SEEN_AT, facts: {} }

export const caseOf = (id: string, kind: CaseKind, entries: readonly CaseEntry[]): CaseOfOrder => ({
  id,
  facts: foldLog(kind, id, entries),
})

/** An alert of Ethoca's over 30 dollars, all of it told, tied to the order by the platform. */
export const ETHOCA: AlertFacts = { partner: 'ethoca', amount: '30', currency: 'USD', issuedAt: SEEN_AT, orderId: 'A' }
export const alertCase = (id: string, facts: AlertFacts = {}, more: readonly CaseEntry[] = []): CaseOfOrder =>
  caseOf(id, 'alert', [hook('alert', { ...ETHOCA, ...facts }), ENRICHED, ...more])
export const requestCase = (id = 'req', more: readonly CaseEntry[] = []): CaseOfOrder =>
  caseOf(id, 'request', [hook('refund', { orderId: 'A', amount: '30' }), ENRICHED, ...more])
export const chargebackCase = (): CaseOfOrder =>
  caseOf('cb', 'chargeback', [hook('chargeback', { orderId: 'A' }), ENRICHED])
export const rdrCase = (facts: AlertFacts = {}): CaseOfOrder => alertCase('rdr', { partner: 'verifi rdr', ...facts })

export const REFUND_TERMS: RefundTerms = {
  trigger: 'either',
  mode: 'auto',
  autoLimit: null,
  hourlyLimit: null,
  limitCurrency: null,
}

export const TERMS: CaseTerms = {
  refunds: REFUND_TERMS,
  deadlines: {
    windowMs: DAY_MS,
    cdrnWindowMs: 3 * DAY_MS,
    targetMs: 4 * HOUR_MS,
    alarmMs: 12 * HOUR_MS,
    stopMs: 4 * HOUR_MS,
  },
  resolve3ds: false,
  lookMs: 5 * MINUTE_MS,
  refundLeaseMs: 20_000,
  lateAnswerMs: HOUR_MS,
}

export const refundView = (over: Partial<RefundView> = {}): RefundView => ({
  now: NOW,
  order: money(),
  ledger: ledgerOf([], reportOf()),
  cases: [alertCase('a')],
  terms: REFUND_TERMS,
  isReportFresh: true,
  leaseMs: TERMS.refundLeaseMs,
  ...over,
})

/** The view of the alert `a`; what is given replaces the rest. */
export function caseView(over: Partial<CaseView> & { mine?: CaseOfOrder } = {}): CaseView {
  const { mine = alertCase('a'), cases = [], ...rest } = over
  return {
    now: NOW,
    id: mine.id,
    facts: mine.facts,
    search: { found: 'none' },
    order: money(),
    ledger: ledgerOf([], reportOf()),
    terms: TERMS,
    ...rest,
    cases: [...cases, mine],
  }
}
