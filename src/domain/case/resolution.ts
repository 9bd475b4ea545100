import type { AlertFacts } from '../alert/facts.ts'
import { mayBeFraud } from '../alert/kind.ts'
import type { Wording } from './log.ts'
import type { WhyCode } from './reasons.ts'
import { addAmounts, compareAmounts, greatestAmount, subtractAmounts } from '../basics/money.ts'
import type { OrderMoney } from '../account/order-money.ts'
import { latestClaim, totalOf, type Claim, type Ledger } from '../refund/ledger.ts'
import { stopOf } from '../refund/plan.ts'
import {
  givenBackForSure,
  isChargedBack,
  isReportOld,
  rdrTotal,
  reportedAmount,
  restOf,
  type CaseOfOrder,
} from '../account/rest.ts'
import type { AnswerType, ResolutionType } from '../alert/resolution-types.ts'

export interface ResolutionView {
  now: number
  caseId: string
  facts: AlertFacts
  /** When the alert was issued. */
  alertAt: number
  /** `none`: after a full search. */
  match: 'one' | 'many' | 'none' | 'not-searched'
  order: OrderMoney | null
  ledger: Ledger
  /** Every case tied to the order, this one among them. */
  cases: readonly CaseOfOrder[]
  /** `RESOLVE_3DS`. */
  resolve3ds: boolean
}

/** What to do about an alert: exactly one of these for every state of order, ledger and alert. */
export type Chosen =
  /**
   * The one true answer; `at-stop`: final, and worth waiting with, since things may still change. `refundKey`: the refund that makes it
   * true; `takes`: it says that this refund was made for this alert, which is said once.
   */
  | {
      next: 'answer'
      wording: Wording
      when: 'now' | 'at-stop'
      why: WhyCode
      refundKey: string | null
      takes: boolean
    }
  | { next: 'person'; why: WhyCode }
  | { next: 'wait'; why: WhyCode }
  /** Nothing of the above holds: the order is to be refunded. */
  | { next: 'refund' }

/**
 * The table of resolutions (rule 12), first hit wins: matching, then what our refunds came to, then chargebacks and RDR, then what was
 * true before, then 3-D Secure, then a refund. What it answers is true of the view it was given.
 */
export function chooseResolution(view: ResolutionView): Chosen {
  if (view.match === 'not-searched') return wait('not-enriched')
  if (view.match === 'many') return person('several-orders')
  if (view.match === 'none') return answer('could_not_find_order', 'no-match', { when: 'at-stop' })
  if (view.order === null) return wait('order-unknown')
  return byLedger(view, view.order) ?? byOrder(view, view.order)
}

const wait = (why: WhyCode): Chosen => ({ next: 'wait', why })
const person = (why: WhyCode): Chosen => ({ next: 'person', why })
function answer(
  type: ResolutionType,
  why: WhyCode,
  more: { when?: 'now' | 'at-stop'; description?: string; refundKey?: string; takes?: boolean } = {},
): Chosen {
  const { when = 'now', description = '', refundKey = null, takes = false } = more
  return { next: 'answer', wording: { type, description }, when, why, refundKey, takes }
}

/** What our own refunds of this order say, if there are any. */
function byLedger(view: ResolutionView, order: OrderMoney): Chosen | null {
  const claim = latestClaim(view.ledger)
  switch (claim?.state) {
    case undefined:
    case 'dropped':
    case 'claimed':
      // Nothing was sent: what is true of the order may still end it.
      return null
    case 'sending':
      return wait('refund-under-way')
    case 'uncertain':
      return wait('refund-uncertain')
    case 'pending':
      return wait('refund-pending')
    case 'parked':
    case 'refused':
    case 'failed':
      return byStopped(claim, view)
    case 'confirmed':
      return byRefund(claim, view, order)
  }
}

const CLOSED = 'merchant_account_closed'

/** A refund that came to nothing, unless somebody else gave the money back since, or a person released it anew. */
function byStopped(claim: Claim, view: ResolutionView): Chosen | null {
  const stop = stopOf(view)
  if (stop === null || restOf(view) === '0') return null
  if (stop !== 'refund-refused') return person(stop)
  const code = claim.why?.code ?? ''
  if (code === CLOSED) return answer('unable_to_refund_merchant_account_closed', stop)
  const said = /^[a-z0-9_.-]{1,60}$/i.test(code) && claim.state === 'refused' ? ` (${code})` : ''
  const description = `The payment gateway refused to refund this order${said}; no refund was made.`
  return answer('other', stop, { when: 'at-stop', description })
}

/** A confirmed refund is told once, for the alert that wanted it; every other alert of the same money was refunded before. */
function byRefund(claim: Claim, view: ResolutionView, order: OrderMoney): Chosen {
  if (order.captured === null) return person('captured-unknown')
  // What was captured since is refunded by the same rules as before.
  if (restOf(view) !== '0') return { next: 'refund' }
  if (!isBackForSure(view, order)) return isReportOld(view) ? { next: 'refund' } : wait('refund-pending')
  const refundKey = claim.key
  if (isOurs(claim, view)) {
    const isWhole = compareAmounts(claim.target, claim.amount) === 0
    const type = isWhole ? 'issued_full_refund' : 'issued_refund_for_remaining_amount'
    return answer(type, 'answer-chosen', { refundKey, takes: true })
  }
  return isSameMoney(claim, view)
    ? answer('previously_refunded_nothing_to_do', 'answer-chosen', { refundKey })
    : person('second-alert-differs')
}

/** Nothing is left, and none of it hangs on a refund that the gateway is not done with. */
const isBackForSure = (view: ResolutionView, { captured }: OrderMoney): boolean =>
  captured !== null && subtractAmounts(captured, givenBackForSure(view), rdrTotal(view)) === '0'

/** The refund was made for this alert, or for an `order.refund` that no other alert has taken for its answer. */
function isOurs({ answeredBy, wantedBy }: Claim, { caseId, cases }: ResolutionView): boolean {
  if (answeredBy !== null) return answeredBy === caseId
  return wantedBy === caseId || !cases.some(({ id, facts }) => id === wantedBy && facts.kind === 'alert')
}

/** Rule 13: by the same ARN, or by an equal amount of the same currency. */
function isSameMoney(claim: Claim, { facts, order, cases }: ResolutionView): boolean {
  const first = cases.find(({ id }) => id === (claim.answeredBy ?? claim.wantedBy))?.facts.facts
  if (facts.arn !== undefined && [first?.arn, order?.arn, claim.arn].includes(facts.arn)) return true
  const known: [string | null | undefined, string | undefined][] = [
    [first?.amount, first?.currency],
    [order?.captured, order?.currency ?? undefined],
    [claim.target, claim.currency],
  ]
  const { amount, currency = claim.currency } = facts
  return known.some(
    ([one, its = claim.currency]) =>
      typeof one === 'string' && amount !== undefined && its === currency && compareAmounts(one, amount) === 0,
  )
}

/** What is true of the order itself. */
function byOrder(view: ResolutionView, order: OrderMoney): Chosen {
  if (isChargedBack(view)) return person('chargeback')
  if (order.neverPaid !== null) return answer('declined_or_canceled_nothing_to_do', 'never-paid')
  if (!order.settled) return wait('not-settled')
  if (order.captured === null) return person('captured-unknown')
  if (rdrTotal(view) !== '0') return person('rdr-paid')
  if (restOf(view) === '0') return byEarlierRefund(view, order)
  if (isAuthenticated(order) && view.resolve3ds && mayBeFraud(view.facts) && latestClaim(view.ledger) === null)
    // An alert that gives no reason may give one when the platform is asked.
    return isWhole(view) ? answer('3ds_authorized_successfully', 'answer-chosen') : wait('not-enriched')
  return { next: 'refund' }
}

const isWhole = ({ facts, cases, caseId }: ResolutionView): boolean =>
  facts.reason !== undefined || cases.some(one => one.id === caseId && one.facts.enrichedAt !== null)

/** Given back in full, and not by us: before the alert, or since. */
function byEarlierRefund(view: ResolutionView, order: OrderMoney): Chosen {
  const { captured } = order
  if (captured === null || captured === '0') return person('captured-unknown')
  if (isReportOld(view)) return { next: 'refund' }
  const { report } = view.ledger
  if (report?.refundable !== null && report?.refundable !== undefined && report.refundable !== '0')
    return person('refund-contradicted')
  if (!isBackForSure(view, order)) return wait('refund-pending')
  const { before, known } = datedRefunds(view, order)
  if (compareAmounts(before, captured) >= 0) return answer('previously_refunded_nothing_to_do', 'answer-chosen')
  if (compareAmounts(known, captured) < 0) return person('refund-time-unknown')
  return answer(before === '0' ? 'issued_full_refund' : 'issued_refund_for_remaining_amount', 'answer-chosen')
}

/** What was given back before the alert was issued, and what at a known time in all; each by whoever reports the most. */
function datedRefunds({ alertAt, ledger }: ResolutionView, order: OrderMoney): { before: string; known: string } {
  const byCrm = reportedAmount(order)
  const isEarly = order.reported !== null && order.reported.at < alertAt
  const done = ledger.report?.refunds.filter(({ status }) => status === 'succeeded') ?? []
  const since = totalOf(done.filter(({ createdAt }) => createdAt !== null && createdAt >= alertAt))
  const earlier = totalOf(done.filter(({ createdAt }) => createdAt !== null && createdAt < alertAt))
  return {
    before: greatestAmount(isEarly ? byCrm : '0', earlier),
    known: greatestAmount(byCrm, addAmounts(earlier, since)),
  }
}

/** ECI 05 for Visa (also the other brands that count upwards), 02 for Mastercard: the bank authenticated the cardholder. */
function isAuthenticated({ eci, cardBrand }: OrderMoney): boolean {
  const isMastercard = /master/i.test(cardBrand ?? '') || /^mc$/i.test(cardBrand ?? '')
  return isMastercard ? eci === '02' || eci === '2' : eci === '05' || eci === '5'
}

const SAYS_REFUNDED: readonly AnswerType[] = [
  'issued_full_refund',
  'issued_refund_for_remaining_amount',
  'previously_refunded_nothing_to_do',
]

/** Whether a person's answer may go out: what says that the order was refunded needs an order with nothing left. */
export function forbids(type: AnswerType, view: ResolutionView): string | null {
  const { order } = view
  if (order === null) return null
  if (type === 'declined_or_canceled_nothing_to_do')
    return order.neverPaid === null ? 'the order was neither cancelled nor declined nor voided' : null
  if (!SAYS_REFUNDED.includes(type)) return null
  if (order.neverPaid !== null || !order.settled || order.captured === '0') return 'nothing was collected for the order'
  if (order.captured === null) return 'nobody said how much was collected for the order'
  const rest = restOf(view)
  if (rest !== '0') return `${rest} ${order.currency} of the order is not given back`
  return isBackForSure(view, order) ? null : 'the gateway is not done with a refund of the order'
}
