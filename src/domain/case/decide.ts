import { accountOf } from '../account/account.ts'
import { alertKindOf } from '../alert/kind.ts'
import { compareAmounts, greatestAmount } from '../basics/money.ts'
import { confirmedClaims, confirmedTotal, listedTotal, mayHaveMoved } from '../refund/ledger.ts'
import { isAccountStale, isLongUnasked, planRefund, type RefundPlan } from '../refund/plan.ts'
import { caseDeadlines, isRefundableAlert, lastDecision, triggerOf } from '../refund/trigger.ts'
import { withClock, type CaseDecision } from './clock.ts'
import { orderIdOf, type CaseEntry } from './log.ts'
import { isMissing, isStopPast, matchStatus, type Matching } from './matching.ts'
import { chargebackStatus, noticeStatus } from './notices.ts'
import type { ReasonCode } from './reasons.ts'
import { chooseResolution, NOT_FOUND, pendingResolution, type Chosen } from './resolution.ts'
import { enrichment, isClosed, isOwnDoublePayment, rolledBackStatus, triggerViewOf, type CaseStatus, type CaseView } from './view.ts' // prettier-ignore

export type { CaseAlarm, CaseDecision } from './clock.ts'

/** Decides about one case, from the whole truth; pure, and the same for the same truth whatever came in which order. */
export function decide(view: CaseView): CaseDecision {
  return withClock(view, statusOf(view))
}

function statusOf(view: CaseView): CaseStatus {
  switch (view.facts.kind) {
    case 'chargeback':
      return chargebackStatus(view)
    case 'request':
      return requestStatus(view)
    case 'alert':
      return alertKindOf(view.facts.facts) === 'notice' ? noticeStatus(view) : alertStatus(view)
  }
}

// ---- Alerts -------------------------------------------------------------------------------------------------------------------

/** An alert: answered, decided by a person, hindered, not matched yet, or by the table of resolutions. */
function alertStatus(view: CaseView): CaseStatus {
  const match = matchStatus(view)
  const orderId = match.tied
  const enrich = enrichment(view, orderId !== null)
  const status = rolledBackStatus(view, orderId) ?? answeredStatus(view, orderId) ?? decidedStatus(view, orderId) ?? hinderedStatus(view, orderId) ?? unmatchedStatus(view, match) ?? chosenStatus(view, orderId) // prettier-ignore
  const answers = status.entries?.some(({ what }) => what === 'resolution') === true
  const kept = mayRefund(view, status) ? actedMatch(view, orderId) : answers ? ownMatch(view, orderId) : []
  return {
    ...status,
    entries: [...kept, ...(status.entries ?? [])],
    effects: [...enrich, ...(status.effects ?? [])],
  }
}

/** While no order decides what follows. */
const unmatchedStatus = (view: CaseView, { status, isNotFound }: Matching): CaseStatus | null =>
  isNotFound === true ? answerStatus(view, null, NOT_FOUND) : status

/** The refund job may send a refund for this case: what it was matched to is kept before. */
function mayRefund(view: CaseView, { effects = [] }: CaseStatus): boolean {
  if (!effects.includes('refund')) return false
  const trigger = triggerViewOf(view)
  return triggerOf(trigger, accountOf(trigger)).may === 'refund'
}

/** The match is kept before a refund may go out: the platform may come to name another order. */
function actedMatch({ assessment, facts, now }: CaseView, orderId: string | null): CaseEntry[] {
  if (assessment.verdict === 'open' || orderId === null || assessment.by === 'person') return []
  if (facts.own.at(-1)?.orderId === orderId) return []
  return [{ what: 'matched', at: now, orderId, by: assessment.by, isActed: true }]
}

/** A match of our own is kept with the first answer that rests on it; the platform's needs no keeping, for an answer names its order. */
const ownMatch = (view: CaseView, orderId: string | null): CaseEntry[] =>
  view.assessment.verdict !== 'open' && view.assessment.by === 'platform' ? [] : actedMatch(view, orderId)

/** A resolution that is accepted, rejected or on its way. */
function answeredStatus(view: CaseView, orderId: string | null): CaseStatus | null {
  const { facts, now } = view
  const { resolution, answered, sent } = facts
  if (resolution === null) return null
  if (answered?.accepted === true) return afterAnswer(view, resolution.orderId ?? orderId)
  const last = facts.decisions.findLast(one => one.decision === 'resolve')
  // What never went out said what was true when it was chosen; it is decided again before the first call.
  const isFree = sent === null && resolution.by === 'policy'
  if (last?.decision === 'resolve' && (isFree || last.at > resolution.at)) {
    const { refundKey } = resolution
    const entry: CaseEntry = { what: 'resolution', at: Math.max(now, last.at, resolution.at + 1), by: last.by, resolution: last.resolution, orderId, refundKey } // prettier-ignore
    return { state: 'resolving', reason: 'answer-chosen', orderId, entries: [entry], effects: ['resolve'] }
  }
  if (isFree) return null
  if (answered !== null && answered.at >= resolution.at) {
    const reason = answered.probably ? 'probably-answered' : 'answer-refused'
    return { state: 'parked', reason, orderId }
  }
  return goingOut(view, resolution.at, orderId)
}

/** An answer is final; what comes to light afterwards asks a person. */
function afterAnswer(view: CaseView, orderId: string | null): CaseStatus {
  if (isMatchConflict(view)) return { state: 'parked', reason: 'match-conflict', orderId: orderIdOf(view.facts) }
  if (isTakenBack(view)) return { state: 'parked', reason: 'refund-taken-back', orderId }
  if (isOwnDoublePayment(view)) return { state: 'parked', reason: 'paid-twice', orderId }
  return { state: 'resolved', reason: 'answered', orderId }
}

/** The refund that the answer rests on was reported as failed since, and the money was not refunded otherwise. */
function isTakenBack(view: CaseView): boolean {
  const { facts, ledger } = view
  const key = facts.resolution?.refundKey
  if (ledger === null || key == null) return false
  const claim = ledger.claims.find(one => one.key === key)
  if (claim?.state !== 'failed' || isClosed(view, claim.confirmedAt ?? claim.claimedAt)) return false
  // The CRM may only repeat what we told it of our own refund: what the gateway and the ledger have decides.
  const refunded = greatestAmount(listedTotal(ledger.report), confirmedTotal(ledger))
  return compareAmounts(refunded, claim.target) < 0
}

/** A resolution is sent until it is accepted, and for a while after the deadline too. */
const goingOut = ({ facts, now, terms }: CaseView, chosenAt: number, orderId: string | null): CaseStatus =>
  now > Math.max(caseDeadlines(facts, terms.refunds.deadlines).respondBy, chosenAt + terms.lateAnswerMs)
    ? { state: 'parked', reason: 'deadline-passed', orderId }
    : { state: 'resolving', reason: 'answer-chosen', orderId, effects: ['resolve'] }

/** A person's resolution goes out as it is. */
function decidedStatus(view: CaseView, orderId: string | null): CaseStatus | null {
  const { facts, now } = view
  const last = facts.decisions.findLast(one => one.decision !== 'match')
  if (last?.decision !== 'resolve' || facts.resolution !== null) return null
  const entry: CaseEntry = { what: 'resolution', at: Math.max(now, last.at), by: last.by, resolution: last.resolution, orderId, refundKey: movedFor(view) } // prettier-ignore
  return { state: 'resolving', reason: 'answer-chosen', orderId, entries: [entry], effects: ['resolve'] }
}

/** The refund that was sent for this case and may have moved money: whatever is answered rests on it. */
const movedFor = ({ id, ledger }: CaseView): string | null =>
  ledger?.claims.findLast(one => one.wantedBy === id && mayHaveMoved(one))?.key ?? null

/** What only a person can tell, or the platform when it is asked. */
function hinderedStatus(view: CaseView, orderId: string | null): CaseStatus | null {
  const { facts } = view
  if (facts.facts.answeredAs !== undefined) return { state: 'parked', reason: 'answered-elsewhere', orderId }
  if (isMatchConflict(view)) return { state: 'parked', reason: 'match-conflict', orderId }
  if (alertKindOf(facts.facts) !== 'unknown') return null
  return facts.facts.partner === undefined && facts.record === null && !isMissing(view)
    ? { state: orderId === null ? 'received' : 'matched', reason: 'not-enriched', orderId }
    : { state: 'parked', reason: 'unknown-partner', orderId }
}

/** Money moved, or an answer went out, for another order than the one the platform names now. */
function isMatchConflict({ facts, former, id }: CaseView): boolean {
  const now = orderIdOf(facts)
  if (now === null || facts.chosenOrderId !== null) return false
  const isAnswered = facts.sent !== null && facts.resolution?.orderId != null && facts.resolution.orderId !== now
  const moved = former.some(
    ({ orderId, claims }) => orderId !== now && claims.some(one => one.wantedBy === id && mayHaveMoved(one)),
  )
  return isAnswered || moved
}

/** The order is known: the table of resolutions decides, once the platform's own record was read. */
function chosenStatus(view: CaseView, orderId: string | null): CaseStatus {
  const isRefunding = view.ledger?.claims.some(one => one.wantedBy === view.id && mayHaveMoved(one)) === true
  if (view.facts.record === null && !isRefunding) {
    const { hasGuid } = view.facts
    if (hasGuid && !isMissing(view)) return waitingFor('not-enriched', orderId)
    // Without a record only a person's approval goes on.
    if (lastDecision(view.cases)?.decision !== 'approve')
      return { state: 'parked', reason: hasGuid ? 'unknown-to-platform' : 'without-guid', orderId }
  }
  const chosen = chooseResolution(view)
  switch (chosen.next) {
    case 'person':
      return { state: 'parked', reason: chosen.reason, orderId }
    case 'wait':
      return withPending(view, waitingFor(chosen.reason, orderId))
    case 'refund':
      return refundStatus(view, orderId)
    case 'answer':
      return answerStatus(view, orderId, chosen)
  }
}

function answerStatus(view: CaseView, orderId: string | null, chosen: Chosen): CaseStatus {
  if (chosen.next !== 'answer') return { state: 'parked', reason: chosen.next === 'refund' ? 'refunding' : chosen.reason, orderId } // prettier-ignore
  const { resolution, refundKey, when, reason } = chosen
  if (when === 'at-stop' && !isStopPast(view)) return { state: reason === 'no-match' ? 'unmatched' : 'parked', reason, orderId } // prettier-ignore
  const { facts, now } = view
  const before = facts.resolution
  const isSame =
    before !== null &&
    before.orderId === orderId &&
    before.refundKey === refundKey &&
    before.resolution.type === resolution.type &&
    before.resolution.description === resolution.description
  const goes = isSame ? goingOut(view, before.at, orderId) : null
  if (goes?.state === 'parked') return goes
  // Before a refusal is final, and before an answer says what became of the money, the gateway is asked once more.
  const account = triggerViewOf(view)
  if (reason === 'refund-refused' && view.ledger !== null && isLongUnasked(account)) return refundStatus(view, orderId)
  if (isAboutMoney(chosen) && view.order !== null && view.ledger !== null && isAccountStale(account)) return { state: 'matched', reason: 'asking-gateway', orderId, effects: ['refund'] } // prettier-ignore
  if (goes !== null) return goes
  const at = Math.max(now, (before?.at ?? 0) + 1)
  const entry: CaseEntry = { what: 'resolution', at, by: 'policy', resolution, orderId, refundKey }
  return { state: 'resolving', reason: 'answer-chosen', orderId, entries: [entry], effects: ['resolve'] }
}

const isAboutMoney = ({ reason, resolution }: Extract<Chosen, { next: 'answer' }>): boolean =>
  reason === 'never-paid' || (reason === 'answer-chosen' && resolution.type !== '3ds_authorized_successfully')

/** At the hard stop an alert's pending refund has a prepared resolution, released by a person or by the merchant's setting. */
function withPending(view: CaseView, status: CaseStatus): CaseStatus {
  // A refund request is no alert: there is nothing to answer.
  if (view.facts.kind !== 'alert' || status.reason !== 'refund-pending' || !isStopPast(view)) return status
  const prepared = pendingResolution(view)
  if (prepared === null) return status
  if (view.terms.pendingAtStop === 'answer')
    return answerStatus(view, status.orderId, { next: 'answer', resolution: prepared, when: 'now', reason: 'refund-pending', refundKey: movedFor(view) }) // prettier-ignore
  return { ...status, state: 'parked', prepared }
}

// ---- Refunds ------------------------------------------------------------------------------------------------------------------

/** How a case waits for a reason. */
function waitingFor(reason: ReasonCode, orderId: string | null, until: number | null = null): CaseStatus {
  switch (reason) {
    case 'refunding':
    case 'refund-under-way':
    case 'refund-uncertain':
    case 'refund-pending':
    case 'refund-refused-for-now':
    case 'gateway-list-lags':
    case 'gateway-not-settled':
    case 'refunds-off':
    case 'writes-lost':
      return { state: 'refunding', reason, orderId, effects: ['refund'], until }
    case 'not-enriched':
      return { state: orderId === null ? 'received' : 'matched', reason, orderId, until }
    default:
      return { state: 'matched', reason, orderId, until }
  }
}

/** The refund's own plan, as the case that waits for it shows it. */
function refundStatus(view: CaseView, orderId: string | null): CaseStatus {
  if (view.ledger === null) return { state: 'received', reason: 'order-unknown', orderId }
  const leaseMs = view.terms.refundLeaseMs
  const plan: RefundPlan = planRefund({ ...triggerViewOf(view), isReportFresh: false, mayAsk: false, leaseMs })
  switch (plan.do) {
    case 'ask-person':
      return { state: 'awaiting-approval', reason: plan.reason, orderId }
    case 'park':
      return { state: 'parked', reason: plan.reason, orderId }
    case 'wait':
      return withPending(view, waitingFor(plan.reason, orderId, plan.until))
    case 'nothing':
      return { state: 'matched', reason: plan.reason, orderId }
    case 'ask-gateway':
      return { state: 'matched', reason: 'asking-gateway', orderId, effects: ['refund'] }
    default:
      return { state: 'refunding', reason: 'refunding', orderId, effects: ['refund'] }
  }
}

// ---- Refund requests ----------------------------------------------------------------------------------------------------------

/** An `order.refund` names an order and no alert: it is handled alone until an alert of that order takes it over. */
function requestStatus(view: CaseView): CaseStatus {
  const orderId = view.assessment.verdict === 'certain' ? view.assessment.orderId : orderIdOf(view.facts)
  const effects = enrichment(view, orderId !== null)
  const alerts = view.cases.filter(isRefundableAlert)
  const status = alerts.length > 0 ? besideAlerts(view, alerts, orderId) : aloneStatus(view, orderId)
  return { ...status, effects: [...effects, ...(status.effects ?? [])] }
}

/** Its alerts carry it, unless they had their answers well before it came and something is left to refund. */
function besideAlerts(view: CaseView, alerts: CaseView['cases'], orderId: string | null): CaseStatus {
  const { facts, terms } = view
  const isAnswered = alerts.every(
    ({ facts: { answered } }) => answered?.accepted === true && answered.at + terms.refunds.settleMs < facts.seenAt,
  )
  const isLeft = view.ledger !== null && accountOf(triggerViewOf(view)).rest !== '0'
  return isAnswered && isLeft && !isClosed(view, 0)
    ? { state: 'parked', reason: 'asked-after-answer', orderId }
    : { state: 'noted', reason: 'taken-over', orderId }
}

function aloneStatus(view: CaseView, orderId: string | null): CaseStatus {
  const { ledger, facts } = view
  if (facts.requested.length > 0 && !facts.hasGuid && orderId === null) return { state: 'parked', reason: 'without-guid', orderId } // prettier-ignore
  // One that names no order: the platform knows which.
  if (ledger === null || orderId === null) return { state: 'received', reason: 'order-unknown', orderId }
  const isRefunded = confirmedClaims(ledger).some(({ claimedAt }) => claimedAt >= facts.seenAt)
  const isOpen = ledger.claims.some(({ state }) => ['claimed', 'sending', 'uncertain', 'pending'].includes(state))
  if (isOwnDoublePayment(view)) return { state: 'parked', reason: 'paid-twice', orderId }
  if (isRefunded && !isOpen) return { state: 'refunded', reason: 'refund-done', orderId }
  // No alert wants an answer: what a person declined is finished.
  if (!isOpen && lastDecision(view.cases)?.decision === 'decline') return { state: 'noted', reason: 'closed', orderId }
  const status = refundStatus(view, orderId)
  if (status.reason === 'nothing-left') return { ...status, state: 'refunded' }
  return status.reason === 'never-paid' ? { ...status, state: 'noted' } : status
}
