import { accountOf, isRdrPaid, rdrTotal, refundedForGood, type Account } from '../account/account.ts'
import type { OrderMoney } from '../account/order-money.ts'
import { networkOf } from '../alert/kind.ts'
import { partialRefundType, takesAnswer, type AnswerType, type ResolutionType } from '../alert/resolution-types.ts'
import {
  addAmounts,
  belowMinorUnit,
  compareAmounts,
  formatAmount,
  subtractAmounts,
  wholeMinorUnits,
} from '../basics/money.ts'
import {
  confirmedClaims, confirmedTotal, erasedOrder, isListingOf, lastTriedAt, latestClaim, type Claim, type StoppedClaim,
} from '../refund/ledger.ts' // prettier-ignore
import {
  caseDeadlines, forbiddenBy, isAnsweredBy3ds, isOtherSale, isRefundableAlert, stopOf,
} from '../refund/trigger.ts' // prettier-ignore
import type { Resolution } from './log.ts'
import type { ReasonCode } from './reasons.ts'
import { triggerViewOf, type CaseView } from './view.ts'

/** What to do about an alert whose order is known: exactly one of these for every state of order, ledger and alert. */
export type Chosen =
  /** The one true resolution; `at-stop`: final, and worth waiting with, since things may still change. */
  | { next: 'answer'; resolution: Resolution; when: 'now' | 'at-stop'; reason: ReasonCode; refundKey: string | null }
  | { next: 'person'; reason: ReasonCode }
  | { next: 'wait'; reason: ReasonCode }
  /** None of the above is true yet: refund, or ask the gateway. */
  | { next: 'refund' }

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const wait = (reason: ReasonCode): Chosen => ({ next: 'wait', reason })
const person = (reason: ReasonCode): Chosen => ({ next: 'person', reason })
function answer(
  type: AnswerType,
  reason: ReasonCode,
  more: { when?: 'now' | 'at-stop'; description?: string; refundKey?: string } = {},
): Chosen {
  const { when = 'now', description = '', refundKey = null } = more
  return { next: 'answer', resolution: { type, description }, when, reason, refundKey }
}

/** "Could not find order", once it is certain. */
export const NOT_FOUND: Chosen = answer('could_not_find_order', 'no-match', { when: 'at-stop' })

/**
 * The table of resolutions, first hit wins: what our own refund came to, then chargebacks and RDR, then what was true before, then
 * 3-D Secure, then a refund. What it answers is true of the view it was given. (Prevention API 1.0.0, "resolution".)
 */
export function chooseResolution(view: CaseView): Chosen {
  const { order } = view
  if (order === null) return view.isErased ? byErased(view) : wait('order-unknown')
  if (isSecondSale(view)) return person('second-alert-of-network')
  const account = accountOf(triggerViewOf(view))
  return byLedger(view, order, account) ?? byOrder(view, order, account)
}

const isSecondSale = (view: CaseView): boolean =>
  view.cases.some(one => one.id === view.id && isOtherSale(one, triggerViewOf(view)))

/** Of an erased order our own refunds are on record: another network's alert over exactly what they refunded is answered by them. */
function byErased(view: CaseView): Chosen {
  const order = view.ledger === null ? null : erasedOrder(view.ledger)
  const { facts } = view.facts
  const isCovered = facts.amount === order?.captured && facts.currency === order?.currency
  // One of the same network may be about another sale, which can no longer be compared.
  const isOther = networkOf(facts) !== '' && order?.networks.includes(networkOf(facts)) === false
  const isTakenBack = view.cases.some(one => one.facts.kind === 'chargeback' || isRdrPaid(one.facts))
  if (order === null || !isCovered || !isOther || isTakenBack) return person('order-erased')
  const known = { ...view, order }
  return isSecondSale(known) ? person('second-alert-of-network') : byTime(known, order, latestClaim(view.ledger!)?.key ?? null) // prettier-ignore
}

/** What our own refunds of this order say, if there are any. */
function byLedger(view: CaseView, order: OrderMoney, account: Account): Chosen | null {
  const claim = view.ledger === null ? null : latestClaim(view.ledger)
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
      return byStopped(claim, view, account)
    case 'confirmed':
      return byRefund(claim, view, order, account)
  }
}

const CLOSED = 'merchant_account_closed'

/** A refund that came to nothing, unless the money was refunded otherwise since, or a person released it again. */
function byStopped(claim: StoppedClaim, view: CaseView, account: Account): Chosen | null {
  const { order, ledger } = triggerViewOf(view)
  const stop = stopOf({ order, ledger }, null)
  if (stop === null || isReleased(claim, view) || account.rest === '0') return null
  if (stop !== 'refund-refused') return person(stop)
  const { code } = claim.reason
  if (code === CLOSED) return answer('unable_to_refund_merchant_account_closed', stop)
  return answer('other', stop, { when: 'at-stop', description: describeRefusal(claim, account) })
}

/** Words that are true: what was refunded before is said, and a refund that was taken and then failed is not called refused. */
function describeRefusal({ reason, state, currency }: StoppedClaim, account: Account): string {
  const code = /^[a-z0-9_.-]{1,60}$/i.test(reason.code) && state === 'refused' ? ` (${reason.code})` : ''
  const money = (amount: string) => `${formatAmount(amount, currency)} ${currency}`
  const isFirst = account.refunded === '0'
  const what = isFirst ? 'this order' : `the remaining ${money(account.rest)}`
  const words = state === 'failed' ? `The refund of ${what} failed at the payment gateway.` : `The payment gateway refused to refund ${what}${code}.` // prettier-ignore
  return isFirst ? words : `${money(account.refunded)} of this order was refunded before. ${words}`
}

/** Our refund is confirmed: whether it came before the alert or because of it, its time decides. */
function byRefund(claim: Claim, view: CaseView, order: OrderMoney, account: Account): Chosen {
  if (order.captured === null) return person('captured-unknown')
  const refundKey = claim.key
  if (account.rest !== '0') {
    if (!isMine(claim, view) || claim.claimedAt < view.facts.seenAt) return { next: 'refund' }
    if (claim.approvedBy !== null) return partial(claim, view, order)
    return isReleased(claim, view) ? { next: 'refund' } : person('captured-grew')
  }
  const { ledger } = triggerViewOf(view)
  const isOurs = isCoveredBy(addAmounts(...confirmedClaims(ledger).map(({ amount }) => amount)), view, order)
  // What others refunded may have been taken back since ours was planned.
  if (!isOurs && (account.needsGateway || account.conflict !== null)) return { next: 'refund' }
  if (!isRefundedForGood(view, order)) return account.needsGateway ? { next: 'refund' } : wait('refund-pending')
  const isPlanned = isCoveredBy(confirmedTotal(ledger), view, order)
  return (isPlanned ? null : nothingToRefund(view.terms.refunds.hasGateway, account)) ?? byTime(view, order, refundKey)
}

/** A person has released a refund of the order since this one was tried. */
const isReleased = (claim: Claim, { cases }: CaseView): boolean =>
  cases.some(({ facts }) => facts.decisions.some(one => one.decision === 'approve' && one.at > lastTriedAt(claim)))

/** The refund was released on this very alert, or claimed for it and released on no other alert. */
function isMine(claim: Claim, { id, cases }: CaseView): boolean {
  const released = cases.filter(
    one =>
      isRefundableAlert(one) &&
      one.facts.decisions.some(({ decision, at }) => decision === 'approve' && at === claim.approvedAt),
  )
  return released.length === 0 ? claim.wantedBy === id : released.some(one => one.id === id)
}

/** So much refunded leaves nothing, with what RDR paid. */
function isCoveredBy(refunded: string, view: CaseView, { captured, currency }: OrderMoney): boolean {
  const { order, cases } = triggerViewOf(view)
  const left = subtractAmounts(captured ?? '0', refunded, rdrTotal({ order, cases }))
  return (currency === null ? left : wholeMinorUnits(left, currency)) === '0'
}

/** A person released an amount below the rest: the answer says what was done. */
function partial(claim: Claim, view: CaseView, order: OrderMoney): Chosen {
  const money = (amount: string) => `${formatAmount(amount, claim.currency)} ${claim.currency}`
  const description = `A refund of ${money(claim.amount)} was issued for this alert, out of ${money(order.captured ?? '0')} charged for the order.`
  const type = partialRefundType(view.id)
  return answer(type, 'answer-chosen', { description: type === 'other' ? description : '', refundKey: claim.key })
}

/** Nothing is left, and none of it depends on a refund that the gateway has not confirmed. */
function isRefundedForGood(view: CaseView, order: OrderMoney): boolean {
  const { ledger } = triggerViewOf(view)
  return order.captured !== null && isCoveredBy(refundedForGood({ order, ledger }), view, order)
}

/** What is true of the order itself. */
function byOrder(view: CaseView, order: OrderMoney, account: Account): Chosen {
  const trigger = triggerViewOf(view)
  const forbidden = forbiddenBy(trigger)
  if (forbidden !== null) return person(forbidden)
  if (account.needsGateway || account.conflict !== null) return order.settled || order.neverPaid !== null ? { next: 'refund' } : wait('not-settled') // prettier-ignore
  if (order.neverPaid !== null) return nothingToRefund(trigger.terms.hasGateway, account) ?? answer('declined_or_canceled_nothing_to_do', 'never-paid') // prettier-ignore
  if (!order.settled) return wait('not-settled')
  if (account.rest === '0') return byEarlierRefund(view, order, account)
  if (isAnsweredBy3ds(view, trigger))
    // An alert that gives no reason may give one when the platform is asked.
    return view.facts.facts.reason !== undefined || view.facts.record !== null ? answer('3ds_authorized_successfully', 'answer-chosen') : wait('not-enriched') // prettier-ignore
  return { next: 'refund' }
}

/** "Nothing to refund" is answered only where the gateway, if there is one, itself shows that nothing is refundable. */
function nothingToRefund(hasGateway: boolean, { isNothingRefundable }: Account): Chosen | null {
  return hasGateway && !isNothingRefundable ? person('gateway-silent') : null
}

/** Refunded in full, and not by us. */
function byEarlierRefund(view: CaseView, order: OrderMoney, account: Account): Chosen {
  if (order.captured === null || order.captured === '0') return person('captured-unknown')
  if (!isRefundedForGood(view, order)) return wait('refund-pending')
  return nothingToRefund(view.terms.refunds.hasGateway, account) ?? byTime(view, order, null)
}

/** Refunds within so long of the alert are the alert's. */
const SAME_TIME_MS = 10 * MINUTE_MS
/** A refund that a refund request asked for is its alert's when the alert comes within so long. */
const REQUEST_MS = 72 * HOUR_MS

/** Before the alert was issued, or since: what was refunded before it is said to be. */
function byTime(view: CaseView, order: OrderMoney, refundKey: string | null): Chosen {
  const { amount, currency } = view.facts.facts
  const captured = order.captured ?? '0'
  if (amount !== undefined && currency === order.currency && compareAmounts(amount, captured) > 0 && compareAmounts(amount, order.total ?? captured) > 0)
    return person('second-alert-differs') // prettier-ignore
  const { before, known } = datedRefunds(view, order)
  const of = (sum: string) => (order.currency === null ? sum : wholeMinorUnits(addAmounts(sum, belowMinorUnit(order.currency)), order.currency)) // prettier-ignore
  const more = refundKey === null ? {} : { refundKey }
  if (compareAmounts(of(before), captured) >= 0)
    return answer('previously_refunded_nothing_to_do', 'answer-chosen', more)
  if (compareAmounts(of(known), captured) < 0) return person('refund-time-unknown')
  const isSome = (order.currency === null ? before : wholeMinorUnits(before, order.currency)) !== '0'
  return answer(!isSome ? 'issued_full_refund' : 'issued_refund_for_remaining_amount', 'answer-chosen', more)
}

/** What was refunded before the alert was issued, and what at a known time in all. */
function datedRefunds(view: CaseView, order: OrderMoney): { before: string; known: string } {
  const dated = refundsWithTime(view, order)
  const { facts, terms } = view
  const issuedAt = caseDeadlines(facts, terms.refunds.deadlines).startedAt
  const since = facts.facts.isIssuedOnDay === true ? Math.floor(issuedAt / DAY_MS) * DAY_MS : issuedAt - SAME_TIME_MS
  const isBefore = (at: number, isDayOnly: boolean) =>
    isDayOnly ? at < Math.floor(since / DAY_MS) * DAY_MS : at < since
  const known = dated.filter(({ at }) => at !== null)
  const before = known.filter(one => !one.isForAlert && isBefore(one.at!, one.isDayOnly))
  return { before: addAmounts(...before.map(one => one.amount)), known: addAmounts(...known.map(one => one.amount)) }
}

interface DatedRefund {
  amount: string
  at: number | null
  isDayOnly: boolean
  /** A refund request of about the alert's time asked for it. */
  isForAlert: boolean
}

/** Every refund of the order once, with its time; the CRM's word where no gateway can be asked. */
function refundsWithTime(view: CaseView, order: OrderMoney): DatedRefund[] {
  const { ledger, cases } = triggerViewOf(view)
  const alertAt = caseDeadlines(view.facts, view.terms.refunds.deadlines).startedAt
  const isRequested = (claim: Claim | undefined) =>
    claim !== undefined &&
    (claim.wantedBy === view.id || cases.some(({ id, facts }) => id === claim.wantedBy && facts.kind === 'request')) &&
    claim.claimedAt >= alertAt - REQUEST_MS
  const listed = ledger.report?.refunds.filter(({ status }) => status === 'succeeded') ?? []
  const fromList = listed.map((one): DatedRefund => {
    const claim = ledger.claims.find(mine => isListingOf(one, mine))
    return { amount: one.amount, at: claim?.firstSentAt ?? one.createdAt, isDayOnly: one.isDayOnly === true, isForAlert: isRequested(claim) } // prettier-ignore
  })
  const unlisted = confirmedClaims(ledger).filter(one => !listed.some(refund => isListingOf(refund, one)))
  const fromLedger = unlisted.map((one): DatedRefund => ({ amount: one.amount, at: one.firstSentAt, isDayOnly: false, isForAlert: isRequested(one) })) // prettier-ignore
  const sum = addAmounts(...[...fromList, ...fromLedger].map(({ amount }) => amount))
  const stated = order.reported?.amount ?? (order.reported?.byStatus === true ? order.captured : null)
  // Beyond what was captured a statement is a mistake.
  const isBeyond = stated !== null && order.captured !== null && compareAmounts(stated, order.captured) > 0
  const more = stated === null ? '0' : subtractAmounts(isBeyond ? order.captured! : stated, sum)
  const fromCrm: DatedRefund[] =
    more === '0' ? [] : [{ amount: more, at: order.reported?.at ?? null, isDayOnly: false, isForAlert: false }]
  return [...fromList, ...fromLedger, ...fromCrm]
}

/** What can be said of a refund that the gateway has not confirmed at the hard stop; null where the platform has no such answer. */
export function pendingResolution(view: CaseView): Resolution | null {
  const claim = view.ledger === null ? null : latestClaim(view.ledger)
  if (claim?.state !== 'pending' || claim.firstSentAt === null) return null
  // Chargebackhit has "pending" for it, and had that answer already.
  if (!takesAnswer(view.id, '3ds_authorized_successfully')) return null
  const day = new Date(claim.firstSentAt).toISOString().slice(0, 10)
  const money = `${formatAmount(claim.amount, claim.currency)} ${claim.currency}`
  return { type: 'other', description: `A refund of ${money} was submitted on ${day} and is not confirmed yet.` }
}

const SAYS_REFUNDED: readonly ResolutionType[] = [
  'issued_full_refund', 'issued_refund_for_remaining_amount', 'previously_refunded_nothing_to_do',
] // prettier-ignore

/** Why a person's resolution would not be true; null when nothing known contradicts it. */
export function untrueBecause(type: AnswerType, view: CaseView): string | null {
  const { order } = view
  if (order === null) return null
  if (type === 'declined_or_canceled_nothing_to_do')
    return order.neverPaid === null ? 'the order was not cancelled, declined or voided' : null
  if (!SAYS_REFUNDED.some(one => one === type)) return null
  if (order.neverPaid !== null || !order.settled || order.captured === '0') return 'nothing was captured for the order'
  if (order.captured === null) return 'the captured amount is not known'
  const account = accountOf(triggerViewOf(view))
  if (account.rest !== '0') return `${account.rest} ${order.currency ?? ''} of the order is not refunded`
  return isRefundedForGood(view, order) ? null : 'the gateway has not confirmed a refund of the order'
}
