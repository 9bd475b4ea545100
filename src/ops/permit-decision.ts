import { accountOf, type CaseOfOrder } from '../domain/account/account.ts'
import { alertKindOf } from '../domain/alert/kind.ts'
import { answerTypesOf, takesAnswer } from '../domain/alert/resolution-types.ts'
import { addAmounts, compareAmounts, formatAmount, isTooFine } from '../domain/basics/money.ts'
import { orderIdOf, type Decision, type Resolution } from '../domain/case/log.ts'
import { actionOf, describeReason, type ReasonCode } from '../domain/case/reasons.ts'
import { pendingResolution, untrueBecause } from '../domain/case/resolution.ts'
import { triggerViewOf, type CaseState, type CaseView } from '../domain/case/view.ts'
import { ended, openClaim, withClaim, type Claim, type Ledger } from '../domain/refund/ledger.ts'
import { planRefund, refundableOf, type RefundPlan, type RefundView } from '../domain/refund/plan.ts'
import { caseDeadlines, isRefundableAlert } from '../domain/refund/trigger.ts'
import { moneyText } from './case-row.ts'

/** What a person wants to decide. Amounts are canonical; `refundable` is what they saw as refundable. */
export type WantedDecision =
  | { decision: 'approve'; amount?: string; refundable?: string }
  | { decision: 'decline' }
  | { decision: 'resolve'; resolution: Resolution }
  | { decision: 'match'; orderId: string }
  | { decision: 'close' }
  | { decision: 'refunded'; amount: string; refundedAt: number; reference: string | null }

/** The decision as it is kept, or in a sentence why it is not possible now and what is. */
export type Permit = { decision: Decision } | { not: string }

/** Where the case was before this decision. */
interface Status {
  state: CaseState
  reason: ReasonCode
  /** Its alarms. */
  alarms?: readonly string[]
}

/** Whether a person may decide this about a case as it is now. Pure. */
export function permitDecision(view: CaseView, status: Status, wanted: WantedDecision): Permit {
  switch (wanted.decision) {
    case 'close':
      return permitClosing(status)
    case 'match':
      return permitMatch(view, status, wanted.orderId)
    default:
      break
  }
  const finished = describeFinished(view, status)
  if (finished !== null) return { not: finished }
  const claim = view.ledger === null ? null : openClaim(view.ledger)
  if (claim !== null && claim.state !== 'claimed') {
    const mayEnd = wanted.decision === 'resolve' && isPrepared(view, wanted.resolution)
    if (!mayEnd) return { not: describeUnderWay(view, claim) }
  }
  switch (wanted.decision) {
    case 'approve':
      return permitApproval(view, status, wanted)
    case 'decline':
      return isAnswering(view, status) ? { not: ANSWERING } : { decision: { decision: 'decline' } }
    case 'resolve':
      return permitResolution(view, status, wanted.resolution)
    case 'refunded':
      return permitHandRefund(view, wanted)
  }
}

const ANSWERING = 'the resolution is being sent; resolve the alert again only if the platform rejects that resolution'

/** A resolution went out, and the platform has not rejected it. */
const isAnswering = ({ facts: { resolution, sent, answered } }: CaseView, { reason }: Status) =>
  reason !== 'deadline-passed' &&
  resolution !== null &&
  sent !== null &&
  (answered === null || answered.at < resolution.at)

const describeTakenOver = ({ cases }: CaseView) =>
  `an alert of the same order handles this request; decide about ${cases.find(isRefundableAlert)?.id ?? 'that alert'}`

function describeFinished(view: CaseView, { state, reason }: Status): string | null {
  const { facts } = view
  if (facts.kind === 'chargeback') return 'a chargeback is neither refunded nor answered here'
  if (facts.kind === 'alert' && alertKindOf(facts.facts) === 'notice')
    return 'the notice informs only; no refund or answer is needed'
  if (reason === 'taken-over') return describeTakenOver(view)
  if (facts.answered?.accepted === true) return 'the platform accepted the resolution, and a resolution is final'
  return state === 'refunded' ? 'the order is refunded; no decision is left' : null
}

function describeUnderWay(view: CaseView, claim: Claim): string {
  const prepared = pendingAtStop(view)
  if (prepared !== null) return `the refund is pending; at this point only the prepared resolution can be sent: “${prepared.description}”` // prettier-ignore
  return `the refund is under way (${claim.state}); wait until its result is known`
}

// ---- Approving ----------------------------------------------------------------------------------------------------------------

/** What can be approved now. Amounts are canonical decimals in `currency`. */
export interface Approvable {
  currency: string
  /** All that is refundable: the default. */
  rest: string
  /** The alert's own amount, where the alert is over part of what is refundable. */
  alertAmount: string | null
  /** The response deadline has passed: a chargeback is likely. */
  isLate: boolean
}

/** What a person could release as the case is now; null when nothing waits for an approval. */
export function approvableOf(view: CaseView, status: Status): Approvable | null {
  const permit = permitDecision(view, status, { decision: 'approve' })
  if (!('decision' in permit) || permit.decision.decision !== 'approve') return null
  const { amount: rest, currency } = permit.decision
  const { amount, currency: alertCurrency } = view.facts.facts
  const isPart =
    amount !== undefined && amount !== '0' && alertCurrency === currency && compareAmounts(amount, rest) < 0
  return { currency, rest, alertAmount: isPart ? amount : null, isLate: isLate(view) }
}

/** The alert, or the refund request, was to be answered before now. */
const isLate = ({ facts, terms, now }: CaseView): boolean =>
  now >= caseDeadlines(facts, terms.refunds.deadlines).respondBy

function permitApproval(view: CaseView, status: Status, wanted: { amount?: string; refundable?: string }): Permit {
  const { order, facts, assessment } = view
  const orderId = assessment.verdict === 'certain' ? assessment.orderId : orderIdOf(facts)
  if (orderId === null || order === null)
    return { not: order === null && orderId !== null ? 'the order is not received yet, so nothing can be refunded; have the CRM send the order' : 'no order is matched, so nothing can be refunded; choose the order first' } // prettier-ignore
  if (!view.terms.refunds.hasGateway) return { not: 'no payment gateway is configured; refund by hand and resolve the alert' } // prettier-ignore
  if (isAnswering(view, status)) return { not: ANSWERING }
  if (status.reason === 'match-conflict') return { not: describeWithAction('match-conflict') }
  if (order.currency === null) return { not: describeWithAction('currency-unknown') }
  const { currency } = order
  const before = refundViewOf(view)
  const refundable = refundableOf(before, accountOf(before))
  const amount = wanted.amount ?? refundable
  const wrong = amountFault({ amount, refundable, currency, seen: wanted.refundable })
  if (wrong !== null) return { not: wrong }
  const decision = { decision: 'approve', amount, currency } as const
  const after = planOf(refundViewOf(withDecision(view, decision)))
  if (!isMoving(after)) return { not: describeWithAction(reasonOf(after)) }
  // A case that is parked for its answer has nothing sent.
  if (status.reason !== 'answer-unknown' && isMoving(planOf(before)))
    return { not: 'no approval is needed: the refund is being sent' }
  return { decision }
}

const NOTHING_LEFT = 'nothing is left to refund; resolve the alert with the resolution that matches what happened'

/** Why not this amount; null when it may be released. */
function amountFault(asked: { amount: string; refundable: string; currency: string; seen: string | undefined }) {
  const { amount, refundable, currency, seen } = asked
  if (seen !== undefined && compareAmounts(seen, refundable) !== 0)
    return `the refundable amount is now ${moneyText(refundable, currency)}; reload before approving`
  if (refundable === '0') return NOTHING_LEFT
  if (compareAmounts(amount, refundable) > 0)
    return `at most ${moneyText(refundable, currency)} is refundable now; reload before approving`
  if (isTooFine(amount, currency)) return `the amount has more digits than ${currency} can move`
  return amount === '0' ? 'the amount must be above 0; decline the refund instead' : null
}

/** A reason with what a person can do. */
const describeWithAction = (reason: ReasonCode): string =>
  [describeReason(reason), actionOf(reason)].filter(text => text !== null).join(' ')

/** A refund mode that is off only puts a refund off. */
function refundViewOf(view: CaseView): RefundView {
  const trigger = triggerViewOf(view)
  const { mode } = trigger.terms
  return {
    ...trigger,
    terms: { ...trigger.terms, mode: mode === 'off' ? 'approve' : mode },
    isReportFresh: trigger.ledger.report !== null,
    mayAsk: false,
    leaseMs: view.terms.refundLeaseMs,
  }
}

/** What would happen next about the order's refund: a claim that is given up makes way for another one. */
function planOf(view: RefundView): RefundPlan {
  const plan = planRefund(view)
  if (plan.do !== 'drop') return plan
  const dropped = ended(plan.claim, plan.claim.sends === 0 ? 'dropped' : 'parked', { code: plan.reason, words: null })
  return planRefund({ ...view, ledger: withClaim(view.ledger, dropped) })
}

const MOVING: readonly RefundPlan['do'][] = ['ask-gateway', 'claim', 'send', 'retry', 'adopt']
const isMoving = (plan: RefundPlan) => MOVING.includes(plan.do)
const reasonOf = (plan: RefundPlan): ReasonCode => ('reason' in plan ? plan.reason : 'refund-under-way')

function withDecision(view: CaseView, decision: Decision): CaseView {
  const entry = { what: 'decision', at: decisionAt(view), by: '', reason: null, ...decision } as const
  const facts = { ...view.facts, decisions: [...view.facts.decisions, entry] }
  const cases = view.cases.map((one): CaseOfOrder => (one.id === view.id ? { ...one, facts } : one))
  return { ...view, facts, cases }
}

/** A moment for a new decision: after every decision about the order, so that the newest one counts. */
export const decisionAt = ({ now, cases }: CaseView): number =>
  Math.max(now, ...cases.flatMap(({ facts }) => facts.decisions.map(({ at }) => at + 1)))

// ---- Resolving ----------------------------------------------------------------------------------------------------------------

function permitResolution(view: CaseView, status: Status, resolution: Resolution): Permit {
  const { facts, id } = view
  if (facts.kind !== 'alert') return { not: 'no alert asks for a resolution; approve or decline the refund' }
  if (isAnswering(view, status)) return { not: ANSWERING }
  if (!takesAnswer(id, resolution.type))
    return { not: `the platform does not accept ${resolution.type}; choose one of ${answerTypesOf(id).join(', ')}` }
  const untrue = untrueBecause(resolution.type, view)
  return untrue === null
    ? { decision: { decision: 'resolve', resolution } }
    : { not: `${resolution.type} would not be true: ${untrue}; choose the resolution that matches what happened` }
}

/** What can be said of a pending refund once the hard stop has passed. */
export function pendingAtStop(view: CaseView): Resolution | null {
  const { marks } = caseDeadlines(view.facts, view.terms.refunds.deadlines)
  return view.facts.kind === 'alert' && marks.stop <= view.now ? pendingResolution(view) : null
}

function isPrepared(view: CaseView, { type, description }: Resolution): boolean {
  const prepared = pendingAtStop(view)
  return prepared !== null && prepared.type === type && prepared.description === description
}

/** What a person refunded by hand is recorded where no gateway lists refunds, and as long as so much was left. */
function permitHandRefund(
  view: CaseView,
  { amount, refundedAt, reference }: Extract<WantedDecision, { decision: 'refunded' }>,
): Permit {
  const { order, now, terms, assessment, facts } = view
  const orderId = assessment.verdict === 'certain' ? assessment.orderId : orderIdOf(facts)
  if (terms.refunds.hasGateway) return { not: 'the payment gateway lists its refunds; they are found there and need no record' } // prettier-ignore
  if (order === null || orderId === null) return { not: 'no stored order is matched for sure; choose the order first' }
  if (order.currency === null) return { not: describeWithAction('currency-unknown') }
  if (refundedAt > now) return { not: 'the time of the refund has not come yet' }
  if (refundedAt < (order.soldAt ?? 0)) return { not: 'the time of the refund is before the sale' }
  const { currency } = order
  const { rest, refunded } = accountOf(triggerViewOf(view))
  const wrong = amountFault({ amount, refundable: rest, currency, seen: undefined })
  if (wrong !== null) return { not: wrong }
  const total = addAmounts(refunded, amount)
  return { decision: { decision: 'refunded', amount, total, currency, refundedAt, reference } }
}

// ---- Choosing the order, closing ----------------------------------------------------------------------------------------------

/** The order can be chosen as long as nothing was done for another order. */
function permitMatch(view: CaseView, { reason }: Status, orderId: string): Permit {
  const { facts, ledger, former, id } = view
  if (reason === 'taken-over') return { not: describeTakenOver(view) }
  const isOther = (one: string | null) => one !== null && one !== orderId
  const moved = [...(ledger === null ? [] : [ledger]), ...former].find(one => isOther(one.orderId) && movedFor(one, id))
  if (moved !== undefined)
    return { not: `money may have moved for order ${moved.orderId} because of this case; refund by hand what is owed for the other order, then resolve the alert` } // prettier-ignore
  const { answered, sent, resolution } = facts
  if (answered?.accepted === true)
    return resolution !== null && resolution.orderId === orderId
      ? { decision: { decision: 'match', orderId } }
      : { not: 'the platform accepted the resolution, and a resolution is final' }
  const isRejected = answered !== null && resolution !== null && answered.at >= resolution.at
  if (sent !== null && !isRejected && resolution?.orderId !== orderId) return { not: ANSWERING }
  return { decision: { decision: 'match', orderId } }
}

const NOT_MOVED: readonly Claim['state'][] = ['refused', 'failed', 'dropped']
const movedFor = ({ claims }: Ledger, caseId: string): boolean =>
  claims.some(one => one.wantedBy === caseId && one.sends > 0 && !NOT_MOVED.includes(one.state))

const CLOSABLE: readonly ReasonCode[] = ['paid-twice', 'may-be-paid-twice', 'asked-after-answer', 'refund-taken-back']

const permitClosing = ({ reason, alarms = [] }: Status): Permit =>
  CLOSABLE.includes(reason) || alarms.includes('case-chargeback')
    ? { decision: { decision: 'close' } }
    : { not: 'only a double payment, a refund that failed after success, or a request after the answer can be closed; approve, decline or resolve' } // prettier-ignore

/** A decision in a sentence, for its author. */
export function describeRecorded(decision: Decision, { isOff, isLate }: { isOff: boolean; isLate: boolean }): string {
  switch (decision.decision) {
    case 'approve': {
      const money = `${formatAmount(decision.amount, decision.currency)} ${decision.currency}`
      const next = isOff ? 'refunds are off, so the refund waits until the refund mode is changed' : 'the refund is being sent' // prettier-ignore
      const late = isLate ? '; the response deadline has passed, so a chargeback is likely' : ''
      return `the refund of ${money} is approved; ${next}${late}`
    }
    case 'decline':
      return 'the refund is declined; the alert still needs a resolution'
    case 'resolve':
      return `the resolution ${decision.resolution.type} is stored and being sent`
    case 'match':
      return `the case is matched to order ${decision.orderId}`
    case 'close':
      return 'the case is closed'
    case 'refunded':
      return `the refund of ${formatAmount(decision.amount, decision.currency)} ${decision.currency} by hand is recorded`
  }
}
