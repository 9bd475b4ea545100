import { isRdr } from '../alert/kind.ts'
import {
  addAmounts,
  compareAmounts,
  greatestAmount,
  isTooFine,
  subtractAmounts,
  wholeMinorUnits,
} from '../basics/money.ts'
import type { DeadlineTerms } from '../alert/deadlines.ts'
import type { CaseFacts } from '../case/log.ts'
import {
  confirmedClaims,
  confirmedTotal,
  type GatewayReport,
  isListingOf,
  type Ledger,
  listedTotal,
  totalOf,
} from '../refund/ledger.ts'
import type { OrderMoney } from './order-money.ts'

/** One of an order's cases: its id and what its log says. */
export interface CaseOfOrder {
  id: string
  facts: CaseFacts
}

/** Everything that the account of a sale is made from; times are Redis' milliseconds. */
export interface AccountView {
  now: number
  order: OrderMoney | null
  ledger: Ledger
  /** Every case matched to the order. */
  cases: readonly CaseOfOrder[]
  terms: AccountTerms
}

export interface AccountTerms {
  /** A gateway is configured that can be asked what it knows. */
  hasGateway: boolean
  /** How long a refund may be missing from the gateway's list. */
  listLagMs: number
}

/** What was rolled back, as far as it bears on what may be done now. Times are Redis' milliseconds. */
export interface RollbackTerms {
  /** The last time that Redis lost writes or was restored: what the platform and the gateway said before proves nothing. */
  at: number
  /** The last time that it was restored; null: never. */
  restoredAt: number | null
  isQuarantined: boolean
}

export type RefundMode = 'auto' | 'approve' | 'off'

/** What the merchant decided about refunds; limits in `limitCurrency`, null where there is none. */
export interface RefundTerms extends AccountTerms {
  trigger: 'order.refund' | 'match' | 'either'
  mode: RefundMode
  autoLimit: string | null
  hourlyLimit: string | null
  limitCurrency: string | null
  /** What happens at the hard stop with a match of our own that the platform has not confirmed. */
  likelyAtStop: 'person' | 'act'
  /** How long a refund request waits for the alert it belongs to, and that alert for it. */
  settleMs: number
  deadlines: DeadlineTerms
  /** What was rolled back; absent or null: nothing. */
  rollback?: RollbackTerms | null
}

/** Everything that starting a refund depends on. */
export interface TriggerView extends AccountView {
  terms: RefundTerms
  /** Chargebacks and RDR notices without an order that may concern this sale. */
  untied: readonly CaseOfOrder[]
  /** Alerts without an order whose record was not read since a refund request came: it may belong to one of them. */
  awaited: readonly CaseOfOrder[]
  /** Every alert without an order that may be of this sale, read since or not. */
  loose: readonly CaseOfOrder[]
  /** Alerts of orders that the bank authenticated are answered so, and not refunded. */
  resolve3ds: boolean
  /** Merchant accounts that stored orders name exactly as alerts do. */
  knownAccounts: ReadonlySet<string>
}

/** Why the statements do not add up. */
export type AccountConflict =
  | 'currency-unknown'
  | 'captured-unknown'
  | 'amount-too-fine'
  | 'gateway-currency-differs'
  | 'order-on-hold'
  | 'refunded-amount-unknown'
  | 'refund-contradicted'
  | 'refunds-differ'
  | 'status-contradicted'
  | 'cancelled-contradicted'
  | 'refundable-differs'

/** What was captured, refunded and is refundable, with who says so. Amounts are canonical decimals in `currency`. */
export interface Account {
  currency: string | null
  /** Null: not known. */
  captured: string | null
  /** The greatest that any side states as refunded or being refunded. */
  refunded: string
  /** What could still be refunded, in whole minor units; `0` while `captured` is not known. */
  rest: string
  /** The first contradiction; null: all agree, as far as they are known. */
  conflict: AccountConflict | null
  /** The gateway must be asked before anything is concluded from this account. */
  needsGateway: boolean
  /** A list that lags may explain the difference: ask again then. */
  askAgainAt: number | null
  /** The gateway states that nothing is refundable, or states no such amount and lists refunds of all that was captured. */
  isNothingRefundable: boolean
}

/** Puts side by side what CRM, ledger, gateway, RDR notices and chargebacks state; pure. */
export function accountOf(view: AccountView): Account {
  const { order, ledger } = view
  const captured = order?.captured ?? null
  const currency = order?.currency ?? null
  const refunded = refundedOf(view)
  const rest = captured === null ? '0' : subtractAmounts(captured, refunded, rdrTotal(view))
  const { conflict, askAgainAt } = conflictOf(view, rest)
  return {
    currency,
    captured,
    refunded,
    rest: currency === null ? rest : wholeMinorUnits(rest, currency),
    conflict,
    needsGateway: isReportOld(view) || (askAgainAt !== null && askAgainAt <= view.now),
    askAgainAt: askAgainAt !== null && askAgainAt > view.now ? askAgainAt : null,
    isNothingRefundable: isNothingRefundable(ledger.report, captured),
  }
}

function isNothingRefundable(report: GatewayReport | null, captured: string | null): boolean {
  if (report === null) return false
  if (report.refundable !== null) return report.refundable === '0'
  const listed = totalOf(report.refunds.filter(({ status }) => status === 'succeeded'))
  return captured !== null && captured !== '0' && compareAmounts(listed, captured) >= 0
}

/** The greatest that any side states as refunded, or as being refunded. */
const refundedOf = ({ order, ledger }: AccountView): string =>
  greatestAmount(confirmedTotal(ledger), order?.reported?.amount ?? '0', listedTotal(ledger.report))

/** What is refunded for good: without what the gateway has not confirmed, even where another side repeats it. */
export function refundedForGood({ order, ledger }: Pick<AccountView, 'order' | 'ledger'>): string {
  const of = (status: 'succeeded' | 'pending') => totalOf(ledger.report?.refunds.filter(one => one.status === status) ?? []) // prettier-ignore
  const stated = subtractAmounts(order?.reported?.amount ?? '0', of('pending'))
  return greatestAmount(confirmedTotal(ledger), stated, of('succeeded'))
}

/** What RDR has paid on the order: its notices' amounts, unless they say that RDR declined. */
export function rdrTotal({ order, cases }: Pick<AccountView, 'order' | 'cases'>): string {
  const paid = cases.filter(({ facts }) => isRdrPaid(facts))
  return greatestAmount(...paid.map(({ facts }) => facts.facts.amount ?? order?.captured ?? '0'))
}

/** RDR has paid this sale, as far as its notice says. */
export const isRdrPaid = ({ kind, facts }: CaseFacts): boolean =>
  kind === 'alert' && isRdr(facts) && facts.rdrResolution !== 'declined'

/** True when the order is known to be charged back, by its own record or by a chargeback matched to it. */
export const isChargedBack = ({ order, cases }: Pick<AccountView, 'order' | 'cases'>): boolean =>
  order?.chargeback === true || cases.some(({ facts }) => facts.kind === 'chargeback')

/** Refunds, accepted RDR and chargebacks of the sale together exceed what was captured. */
export function isPaidTwice(view: Pick<AccountView, 'order' | 'ledger' | 'cases'>): boolean {
  const { order, ledger, cases } = view
  const captured = order?.captured ?? null
  if (order === null || captured === null || captured === '0') return false
  const listed = ledger.report?.refunds.filter(({ status }) => status === 'succeeded') ?? []
  const moved = greatestAmount(confirmedTotal(ledger), totalOf(listed), besideOurs(order, ledger))
  const taken = addAmounts(rdrTotal({ order, cases }), chargedBack(order, captured, cases))
  // What a CRM states of its refunds counts beside a refund of ours or a chargeback; alone it may be its own mistake.
  const counts = taken !== '0' || confirmedClaims(ledger).length > 0
  const refunded = counts ? greatestAmount(moved, order.reported?.amount ?? '0') : moved
  return compareAmounts(addAmounts(refunded, taken), captured) > 0
}

/** A refund whose amount the CRM does not state: more than nothing. */
const SOMETHING = '0.01'

/** Our refunds, those of others in the gateway's list, and what the CRM had stated before ours that the gateway does not list. */
function besideOurs({ reported }: OrderMoney, ledger: Ledger): string {
  const ours = confirmedClaims(ledger)
  // What a CRM stated since may be our own refund, also one that has failed meanwhile.
  const first = ledger.claims.find(({ confirmedAt }) => confirmedAt !== null)
  if (ours.length === 0 || first === undefined) return '0'
  const listed = ledger.report?.refunds.filter(({ status }) => status === 'succeeded') ?? []
  const others = totalOf(listed.filter(one => !ours.some(claim => isListingOf(one, claim))))
  const stated = reported !== null && reported.at < first.claimedAt ? (reported.amount ?? SOMETHING) : '0'
  return addAmounts(...ours.map(({ amount }) => amount), others, subtractAmounts(stated, others))
}

/** What chargebacks took; a chargeback whose amount is not comparable took everything. */
function chargedBack(order: OrderMoney, captured: string, cases: readonly CaseOfOrder[]): string {
  const chargebacks = cases.filter(({ facts }) => facts.kind === 'chargeback')
  if (chargebacks.length === 0) return order.chargeback ? captured : '0'
  const amounts = chargebacks.map(({ facts: { facts } }) =>
    facts.amount === undefined || (facts.currency !== undefined && facts.currency !== order.currency)
      ? captured
      : facts.amount,
  )
  return addAmounts(...amounts)
}

/** What may change at the gateway without a word is asked for again after so long. */
export const ASK_AGAIN_MS = 600_000

/** The gateway was not asked since the order's money was stated last, or it was not done with a refund when it was asked a while ago. */
export function isReportOld({ order, ledger, now, terms }: AccountView): boolean {
  const { report } = ledger
  if (!terms.hasGateway) return false
  if (report === null) return true
  const mayChange = report.settled === false || report.refunds.some(({ status }) => status === 'pending')
  if (mayChange && now - report.at >= ASK_AGAIN_MS) return true
  return report.rev < (order?.rev ?? 0) && report.at < Math.min(order?.reported?.at ?? 0, now)
}

interface Found {
  conflict: AccountConflict | null
  askAgainAt: number | null
}
const FINE: Found = { conflict: null, askAgainAt: null }
const conflictIs = (conflict: AccountConflict, askAgainAt: number | null = null): Found => ({ conflict, askAgainAt })

/** The first statement that contradicts another; the strongest reason to ask a person comes first. */
function conflictOf(view: AccountView, rest: string): Found {
  const { order, ledger } = view
  if (order === null || (!order.settled && order.neverPaid === null)) return FINE
  const { report } = ledger
  if (order.neverPaid !== null) return neverPaidConflict(report)
  if (order.captured === null) return conflictIs('captured-unknown')
  if (order.currency === null) return conflictIs('currency-unknown')
  if (isTooFine(order.captured, order.currency)) return conflictIs('amount-too-fine')
  const whole = wholeMinorUnits(rest, order.currency)
  if (whole !== '0' && whole !== rest) return conflictIs('amount-too-fine')
  if (report !== null && report.currency !== null && report.currency !== order.currency)
    return conflictIs('gateway-currency-differs')
  if (isOnHold(view)) return conflictIs('order-on-hold')
  return crmConflict(view, whole) ?? gatewayConflict(view, whole) ?? FINE
}

/** What the gateway knows of an order that the CRM calls cancelled, declined or voided. */
function neverPaidConflict(report: GatewayReport | null): Found {
  if (report === null) return FINE
  const hasMoney = listedTotal(report) !== '0' || (report.refundable !== null && report.refundable !== '0')
  return hasMoney ? conflictIs('cancelled-contradicted') : FINE
}

/** Something about the order's money could not be believed since a person last decided about it. */
function isOnHold({ order, cases }: AccountView): boolean {
  const decidedAt = Math.max(
    0,
    ...cases.flatMap(({ facts }) => facts.decisions.filter(one => one.decision === 'approve').map(({ at }) => at)),
  )
  return order?.holds.some(({ at }) => at > decidedAt) === true
}

/** What the CRM states against what the gateway lists and our ledger holds. */
function crmConflict(view: AccountView, rest: string): Found | null {
  const { order, ledger, terms } = view
  const reported = order?.reported ?? null
  if (order === null || order.captured === null) return null
  if (reported === null) return order.unpaidNow !== null && rest !== '0' ? conflictIs('cancelled-contradicted') : null
  const { report } = ledger
  if (report === null && terms.hasGateway) return null
  const known = greatestAmount(listedTotal(report), confirmedTotal(ledger))
  const askAgainAt = lagEnd(view, reported.at)
  if (report !== null) {
    const claimed = reported.amount ?? (reported.byStatus ? order.captured : null)
    // It says that something was refunded, not how much, and the gateway knows of nothing.
    if (claimed === null && known === '0') return conflictIs('refund-contradicted', askAgainAt)
    const isMore = claimed !== null && compareAmounts(claimed, known) > 0
    if (isMore && !isSameWhole(claimed, known, order) && !isExplainedByRdr(view, claimed, known))
      return conflictIs('refund-contradicted', askAgainAt)
    if (reported.amount !== null && compareAmounts(reported.amount, known) < 0 && !isEarlier(view, reported))
      return conflictIs('refunds-differ')
  } else if (reported.amount === null) return conflictIs('refunded-amount-unknown')
  if (reported.byStatus && rest !== '0') return conflictIs('status-contradicted')
  return order.unpaidNow !== null && rest !== '0' ? conflictIs('cancelled-contradicted') : null
}

/** Equal but for less than one minor unit. */
const isSameWhole = (a: string, b: string, { currency }: OrderMoney): boolean => {
  const [less, more] = compareAmounts(a, b) < 0 ? [a, b] : [b, a]
  return currency !== null && wholeMinorUnits(subtractAmounts(more, less), currency) === '0'
}

/** The CRM counts what RDR paid among its refunds. */
const isExplainedByRdr = (view: AccountView, claimed: string, known: string): boolean =>
  rdrTotal(view) !== '0' && compareAmounts(addAmounts(known, rdrTotal(view)), claimed) >= 0

const CLOCK_MS = 60_000

/** What the CRM stated was true when it did: everything more came later, or is ours. */
function isEarlier({ ledger }: AccountView, { amount, at }: { amount: string | null; at: number }): boolean {
  const ours = new Set(ledger.claims.map(({ key }) => key))
  const listed = ledger.report?.refunds.filter(({ status }) => status !== 'failed') ?? []
  const before = listed.filter(one => one.createdAt === null || one.createdAt <= at + CLOCK_MS)
  const others = listed.filter(({ reference }) => reference === null || !ours.has(reference))
  const stated = amount ?? '0'
  return [totalOf(before), totalOf(others), listedTotal(ledger.report)].some(sum => compareAmounts(sum, stated) === 0)
}

/** What the gateway states as refundable against what is left by everything else. */
function gatewayConflict(view: AccountView, rest: string): Found | null {
  const { order, ledger, cases } = view
  const { report } = ledger
  if (report === null || report.refundable === null || order === null || order.captured === null) return null
  if (ledger.claims.some(({ state }) => state === 'sending' || state === 'uncertain' || state === 'pending'))
    return null
  // What RDR took the gateway may or may not have deducted.
  const withRdr = compareAmounts(report.refundable, wholeMinorUnits(addAmounts(rest, rdrTotal({ order, cases })), order.currency ?? '')) // prettier-ignore
  if (compareAmounts(report.refundable, rest) === 0 || withRdr === 0) return null
  const newest = Math.max(
    order.reported?.at ?? 0,
    ...ledger.claims.map(({ confirmedAt }) => confirmedAt ?? 0),
    ...report.refunds.map(({ createdAt }) => createdAt ?? 0),
  )
  return conflictIs('refundable-differs', lagEnd(view, newest))
}

/** Until when the gateway's list may lack what was refunded at a time; null: that is over, and it was asked since. */
function lagEnd({ ledger, now, terms }: AccountView, refundedAt: number): number | null {
  const end = Math.min(refundedAt, now) + terms.listLagMs
  return (ledger.report?.at ?? 0) < end ? end : null
}
