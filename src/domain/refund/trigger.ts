import {
  isChargedBack,
  rdrTotal,
  type Account,
  type CaseOfOrder,
  type RefundTerms,
  type TriggerView,
} from '../account/account.ts'
import type { OrderMoney } from '../account/order-money.ts'
import { deadlinesOf, type Deadlines, type DeadlineTerms } from '../alert/deadlines.ts'
import type { AlertFacts } from '../alert/facts.ts'
import { alertKindOf, asksRefund, mayBeFraud, namesCdrn, networkOf } from '../alert/kind.ts'
import { takesAnswer } from '../alert/resolution-types.ts'
import { compareAmounts } from '../basics/money.ts'
import {
  isAnswerUnknown,
  lastRefundDecision,
  mustReadAgain,
  orderIdOf,
  type CaseFacts,
  type EntryOf,
} from '../case/log.ts'
import type { ReasonCode } from '../case/reasons.ts'
import { isByReference } from '../match/assess.ts'
import { compareOrder } from '../match/compare.ts'
import { lastTriedAt, latestClaim } from './ledger.ts'

/** `needs`: why a person must release the refund; null: none has to. */
export type Trigger =
  | { may: 'refund'; by: string; respondBy: number; needs: ReasonCode | null }
  | { may: 'wait'; reason: ReasonCode; until: number | null }
  | { may: 'not'; reason: ReasonCode }

/** The platform's data may lag: a missing record is asked for again so long. */
export const MISSING_MS = 600_000

/** Whether anything asks for a refund of the order now, and what of it a person must look at; pure. */
export function triggerOf(view: TriggerView, account: Account): Trigger {
  const alerts = view.cases.filter(isRefundableAlert)
  const open = alerts.filter(one => isOpen(one, view)).toSorted(byAge)
  const requests = view.cases.filter(({ facts }) => facts.kind === 'request').toSorted(byAge)
  // What was answered is final: no case is left that a later refund could serve.
  if (alerts.length > 0 && open.length === 0) return { may: 'not', reason: 'no-trigger' }
  const [alert] = open
  if (alert !== undefined) return alertTrigger(alert, requests.at(-1), view, account)
  const request = requests.at(-1)
  return request === undefined ? { may: 'not', reason: 'no-trigger' } : requestTrigger(request, view, account)
}

export const isRefundableAlert = ({ facts }: CaseOfOrder): boolean =>
  facts.kind === 'alert' && alertKindOf(facts.facts) === 'refundable'

const byAge = (a: CaseOfOrder, b: CaseOfOrder) => a.facts.seenAt - b.facts.seenAt || (a.id < b.id ? -1 : 1)

/** No answer of it has gone out from anywhere, no person has chosen one, and it names no other order. */
function isOpen({ facts }: CaseOfOrder, { order }: TriggerView): boolean {
  const { resolution, sent, decisions } = facts
  const isUnanswered = resolution === null || (resolution.by === 'policy' && sent === null)
  const hasWords = decisions.some(one => one.decision === 'resolve')
  // A match of our own is kept with the case only once it is acted on.
  const about = facts.namedOrderIds.length > 1 ? orderIdOf(facts) : (orderIdOf(facts) ?? order?.orderId)
  return isUnanswered && !hasWords && facts.facts.answeredAs === undefined && about === order?.orderId
}

/** When an alert, or a refund request of its own, must be answered. */
export function caseDeadlines(facts: CaseFacts, terms: DeadlineTerms): Deadlines {
  const issuedAt = facts.facts.issuedAt ?? facts.eventAt
  return deadlinesOf({ seenAt: facts.seenAt, issuedAt, namesCdrn: namesCdrn(facts.facts) }, terms)
}

function alertTrigger(
  alert: CaseOfOrder,
  request: CaseOfOrder | undefined,
  view: TriggerView,
  account: Account,
): Trigger {
  const { terms, now } = view
  const { respondBy } = caseDeadlines(alert.facts, terms.deadlines)
  const refund = (needs: ReasonCode | null): Trigger => ({ may: 'refund', by: alert.id, respondBy, needs })
  if (mustReadAgain(alert.facts, terms.rollback?.at ?? null))
    return { may: 'wait', reason: 'reading-again', until: null }
  if (isAnswerUnknown(alert.facts, alert.id, terms.rollback?.restoredAt ?? null)) return refund('answer-unknown')
  const read = readBack(alert.facts, now)
  if (read === 'waiting') return { may: 'wait', reason: 'not-enriched', until: null }
  if (read !== null) return refund(read)
  if (isContradicted(alert.facts, view)) return refund('match-contradicted')
  if (isOtherSale(alert, view)) return refund('second-alert-of-network')
  if (isAnsweredBy3ds(alert, view)) return { may: 'not', reason: 'answer-chosen' }
  const asked = request === undefined ? null : checkRequest(request, view, account)
  const isRequested = asked === 'valid'
  const amount = amountNeeds(alert.facts, account, view, isRequested ? request : undefined)
  if (terms.trigger === 'match' || asksRefund(alert.facts.facts) || actsAtStop(alert.facts, view)) return refund(amount)
  if (asked === 'waiting') return { may: 'wait', reason: 'not-enriched', until: null }
  if (isRequested) return refund(amount)
  if (asked !== null && asked !== 'used') return refund(asked)
  // Both may still come: one outcome, whichever comes first.
  const settlesAt = alert.facts.seenAt + terms.settleMs
  if (now < settlesAt) return { may: 'wait', reason: 'awaiting-request', until: settlesAt }
  if (terms.trigger === 'either') return refund(amount)
  return hasApproval(view) ? refund('no-trigger') : { may: 'not', reason: 'no-trigger' }
}

/** Whether "3-D Secure authenticated" is the answer to the alert: nothing is refunded for it then. */
export function isAnsweredBy3ds({ id, facts }: CaseOfOrder, { order, ledger, resolve3ds }: TriggerView): boolean {
  const isAsked = resolve3ds && takesAnswer(id, '3ds_authorized_successfully') && mayBeFraud(facts.facts)
  return isAsked && order !== null && isAuthenticated(order) && latestClaim(ledger) === null
}

/** ECI 05 for Visa (also the other brands that count upwards), 02 for Mastercard: the bank authenticated the cardholder. */
function isAuthenticated({ eci, cardBrand }: OrderMoney): boolean {
  const isMastercard = /master/i.test(cardBrand ?? '') || /^mc$/i.test(cardBrand ?? '')
  return isMastercard ? eci === '02' || eci === '2' : eci === '05' || eci === '5'
}

/** A match of our own that the merchant wants acted on at the hard stop. */
const actsAtStop = (facts: CaseFacts, { terms, now, order }: TriggerView): boolean =>
  terms.likelyAtStop === 'act' &&
  facts.chosenOrderId === null &&
  facts.namedOrderIds.length === 0 &&
  order !== null &&
  !isByReference(compareOrder({ facts: facts.facts, knowsMerchantAccount: false }, order)) &&
  caseDeadlines(facts, terms.deadlines).marks.stop <= now

/** A request that no alert belongs to yet. */
function requestTrigger(request: CaseOfOrder, view: TriggerView, account: Account): Trigger {
  const { terms, now, awaited, loose } = view
  const deadlines = caseDeadlines(request.facts, terms.deadlines)
  const refund = (needs: ReasonCode | null): Trigger => ({ may: 'refund', by: request.id, respondBy: deadlines.respondBy, needs }) // prettier-ignore
  if (terms.trigger === 'match') return hasApproval(view) ? refund('no-trigger') : { may: 'not', reason: 'no-trigger' }
  const asked = checkRequest(request, view, account)
  if (asked === 'used') return { may: 'not', reason: 'refund-done' }
  const settlesAt = request.facts.seenAt + terms.settleMs
  if (now < settlesAt) return { may: 'wait', reason: 'awaiting-alert', until: settlesAt }
  if (asked === 'waiting') return { may: 'wait', reason: 'not-enriched', until: null }
  if (asked !== 'valid') return refund(asked)
  const { target } = deadlines.marks
  if (awaited.length > 0 && now < target) return { may: 'wait', reason: 'awaiting-alert', until: target }
  // Past the deadline of its alert, which may be this one, a refund may pay a second time.
  const isLate = loose.some(one => isRefundableAlert(one) && isOpen(one, view) && caseDeadlines(one.facts, terms.deadlines).respondBy <= now) // prettier-ignore
  return refund(isLate ? 'deadline-passed' : null)
}

/** The platform's own record is read before money moves: null when it was, else why a person must look, or that we wait. */
function readBack({ hasGuid, record, missedSince }: CaseFacts, now: number): ReasonCode | 'waiting' | null {
  if (!hasGuid) return 'without-guid'
  if (record !== null) return null
  return missedSince !== null && now - missedSince >= MISSING_MS ? 'unknown-to-platform' : 'waiting'
}

/** A refund request against its order: the same order, and an amount that the order has. */
function checkRequest(
  { facts }: CaseOfOrder,
  view: TriggerView,
  account: Account,
): 'valid' | 'waiting' | 'used' | ReasonCode {
  const { order, ledger, now } = view
  // An order that grows later is not refunded again for it.
  const isUsed = ledger.claims.some(claim => claim.state === 'confirmed' && claim.claimedAt >= facts.seenAt)
  if (isUsed || order === null) return 'used'
  const read = readBack(facts, now)
  const byAlert = recordOfAlert(facts, view)
  if (read !== null && byAlert === null) return read
  if (isContradicted(facts, view)) return 'match-contradicted'
  const record = facts.record ?? byAlert ?? {}
  const named = [...facts.requested.map(one => one.orderId), record.orderId ?? null].filter(id => id !== null)
  if (named.some(id => id !== order.orderId)) return 'request-names-another-order'
  const amounts = [...facts.requested.map(one => one.amount), record.amount ?? null].filter(one => one !== null)
  const isCurrency = record.currency === undefined || record.currency === order.currency
  const isKnown = amounts.length > 0 && amounts.every(amount => isAmountOf(order, account, amount))
  return isCurrency && isKnown ? 'valid' : 'request-amount-differs'
}

/** The platform's record of an alert names the very order reference of the request: it knows it, and which order that is. */
const recordOfAlert = ({ guid, hasGuid }: CaseFacts, { cases }: TriggerView): AlertFacts | null => {
  const alert = cases.find(({ facts }) => hasGuid && facts.kind === 'alert' && facts.record?.orderGuid === guid)
  return alert?.facts.record?.orderId === undefined ? null : { orderId: alert.facts.record.orderId }
}

/** The order's total, what was captured, or what is left; a greater total where the platform still has an earlier one. */
function isAmountOf({ total, captured, acknowledgedTotal }: OrderMoney, { rest }: Account, amount: string): boolean {
  if ([total, captured, rest].some(one => one !== null && one !== '0' && compareAmounts(one, amount) === 0)) return true
  return (
    acknowledgedTotal !== null && compareAmounts(acknowledgedTotal, amount) === 0 && compareAmounts(rest, amount) <= 0
  )
}

/** Why a person must look at the alert's amount beside the order's; null when they agree. */
function amountNeeds(
  facts: CaseFacts,
  { captured, rest }: Account,
  { order }: TriggerView,
  request: CaseOfOrder | undefined,
): ReasonCode | null {
  const { amount, currency } = facts.facts
  if (order === null || captured === null) return null
  // Another currency is not comparable: the platform's record of the order may settle it.
  if (currency !== undefined && currency !== order.currency) return isSettledBy(request, order) ? null : 'alert-in-other-currency' // prettier-ignore
  if (amount === undefined || currency === undefined) return request === undefined ? 'alert-amount-unknown' : null
  if ([captured, order.total, rest].some(one => one !== null && compareAmounts(one, amount) === 0)) return null
  return compareAmounts(amount, captured) < 0 ? 'part-of-order' : 'amount-differs'
}

/** The platform's record of the order names the order's own amount and currency. */
const isSettledBy = (request: CaseOfOrder | undefined, order: OrderMoney): boolean =>
  request?.facts.record?.currency !== undefined &&
  request.facts.record.currency === order.currency &&
  request.facts.record.amount !== undefined

/** Fields that both sides know contradict each other, and no person has chosen the order. */
export function isContradicted(facts: CaseFacts, { order, knownAccounts }: TriggerView): boolean {
  if (order === null || facts.chosenOrderId !== null) return false
  const knowsMerchantAccount = facts.facts.mid !== undefined && knownAccounts.has(facts.facts.mid)
  const { contradictions } = compareOrder({ facts: facts.facts, knowsMerchantAccount }, order)
  return contradictions.some(field => field === 'first_six' || field === 'last_four' || field === 'merchant_account')
}

/** A second alert of one network with another case number or ARN is another sale until ARN, transaction or a person says otherwise. */
export function isOtherSale({ id, facts }: CaseOfOrder, view: TriggerView): boolean {
  const { order, cases } = view
  if (order === null || facts.chosenOrderId !== null) return false
  const { arn, caseNumber, transactionId, merchantTransactionId } = facts.facts
  if (arn !== undefined && arn === order.arn) return false
  if (order.transactionId !== null && [transactionId, merchantTransactionId].includes(order.transactionId)) return false
  return cases.some(one => {
    if (one.id === id || !isRefundableAlert(one) || byAge(one, { id, facts }) > 0) return false
    const first = one.facts.facts
    if (networkOf(first) !== networkOf(facts.facts)) return false
    if (arn !== undefined && arn === first.arn) return false
    const differs = (a: string | undefined, b: string | undefined) => a !== undefined && b !== undefined && a !== b
    return differs(arn, first.arn) || differs(caseNumber, first.caseNumber)
  })
}

/** Every decision taken about refunding the order, oldest first, whichever of its cases it was taken on. */
const refundDecisions = (cases: readonly CaseOfOrder[]): EntryOf<'decision'>[] =>
  cases.flatMap(({ facts }) => [...facts.decisions]).toSorted((a, b) => a.at - b.at)

/** The last decision a person took about refunding this order. */
export const lastDecision = (cases: readonly CaseOfOrder[]) => lastRefundDecision(refundDecisions(cases))

const hasApproval = ({ cases }: TriggerView) => lastDecision(cases)?.decision === 'approve'

export interface Approval {
  by: string
  at: number
  amount: string
  currency: string
}

/** What a person released and nothing has used up since; an approval lapses at the deadline it was given before. */
export function approvalOf(
  { cases, now }: Pick<TriggerView, 'cases' | 'now'>,
  { sinceMs, respondBy }: { sinceMs: number; respondBy: number | null },
): Approval | null {
  const last = lastDecision(cases)
  if (last?.decision !== 'approve' || last.at <= sinceMs) return null
  if (respondBy !== null && last.at < respondBy && now >= respondBy) return null
  return { by: last.by, at: last.at, amount: last.amount, currency: last.currency }
}

/** Why a refund of this size waits for a person; null when it does not. */
export function approvalNeeded(terms: RefundTerms, amount: string, currency: string): ReasonCode | null {
  if (terms.mode === 'approve') return 'approve-mode'
  const isLimited = (terms.autoLimit ?? terms.hourlyLimit) !== null
  if (isLimited && terms.limitCurrency !== null && currency !== terms.limitCurrency) return 'other-currency'
  return terms.autoLimit !== null && compareAmounts(amount, terms.autoLimit) > 0 ? 'above-limit' : null
}

/** Why no refund of the order may go out, whatever asks for it; null when nothing forbids it. */
export function forbiddenBy(view: TriggerView): ReasonCode | null {
  if (isChargedBack(view)) return 'chargeback'
  return rdrTotal(view) === '0' ? null : 'rdr-paid'
}

const OTHERS_TRANSACTION = 'transaction-of-another-order'

/** Why the order's last refund is not tried again until a person releases what is left; null when nothing stops it, or one did. */
export function stopOf(view: Pick<TriggerView, 'order' | 'ledger'>, approval: Approval | null): ReasonCode | null {
  const { order, ledger } = view
  const last = latestClaim(ledger)
  if (last === null || order === null) return null
  if (last.state !== 'parked' && last.state !== 'refused' && last.state !== 'failed') return null
  if (last.reason.code === OTHERS_TRANSACTION)
    return last.transaction === (order.transactionId ?? order.orderId) ? 'transaction-taken' : null
  if (approval !== null && approval.at > lastTriedAt(last)) return null
  if (last.reason.code === 'failed-after-success') return 'refund-taken-back'
  return last.state === 'parked' ? 'refund-parked' : 'refund-refused'
}
