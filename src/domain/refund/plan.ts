import { accountOf, ASK_AGAIN_MS, type Account } from '../account/account.ts'
import { addAmounts, compareAmounts, greatestAmount, subtractAmounts } from '../basics/money.ts'
import { orderIdOf } from '../case/log.ts'
import type { ReasonCode } from '../case/reasons.ts'
import {
  confirmedClaims,
  confirmedTotal,
  isUnrecorded,
  lastTriedAt,
  latestClaim,
  listingOf,
  listedTotal,
  lookAtOf,
  openClaim,
  type Claim,
  type ClaimIn,
  type ListedRefund,
} from './ledger.ts'
import {
  approvalNeeded,
  approvalOf,
  forbiddenBy,
  isRefundableAlert,
  lastDecision,
  stopOf,
  triggerOf,
  type Approval,
  type Trigger,
} from './trigger.ts'
import type { TriggerView } from '../account/account.ts'

/** Everything the plan for one order's refund depends on. */
export interface RefundView extends TriggerView {
  /** True when the gateway was asked for this very plan. */
  isReportFresh: boolean
  /** Who plans can ask the gateway, and was sent for because an answer waits for what it states. */
  mayAsk: boolean
  /** How long a send may be under way. */
  leaseMs: number
}

/** The next thing to do about one order's refund. `until`: when waiting ends of its own; null: something else must happen first. */
export type RefundPlan =
  | { do: 'nothing'; reason: ReasonCode }
  | { do: 'wait'; reason: ReasonCode; until: number | null }
  | { do: 'ask-person'; reason: ReasonCode; amount: string; currency: string }
  | { do: 'park'; reason: ReasonCode }
  /** The gateway is asked what it knows before anything is concluded. */
  | { do: 'ask-gateway' }
  | { do: 'claim'; refund: NewRefund }
  | { do: 'send'; claim: ClaimIn<'claimed'> }
  | { do: 'adopt'; claim: Claim; found: ListedRefund }
  | { do: 'retry'; claim: Claim; approval: Approval }
  | { do: 'drop'; claim: ClaimIn<'claimed'>; reason: ReasonCode }
  | { do: 'lost'; claim: ClaimIn<'sending'> }
  | { do: 'look-up'; claim: ClaimIn<'uncertain' | 'pending' | 'confirmed'> }
  | { do: 'record'; claim: Claim }

/** A refund to claim; amounts are canonical decimals. */
export interface NewRefund {
  amount: string
  /** What will have been refunded in all. */
  target: string
  currency: string
  generation: number
  wantedBy: string
  respondBy: number
  approval: Approval | null
}

/** Decides, from the whole truth, what happens next about one order's refund. Pure; the last check is `begin-refund.lua`'s. */
export function planRefund(view: RefundView): RefundPlan {
  const plan = nextStep(view)
  // What was sent and is stored no more may still be missing from the gateway's list.
  const { rollback, listLagMs } = view.terms
  const listedAt = rollback == null ? 0 : rollback.at + listLagMs
  const isNew = plan.do === 'claim' || plan.do === 'send' || plan.do === 'retry'
  return isNew && view.now < listedAt ? wait('writes-lost', listedAt) : plan
}

function nextStep(view: RefundView): RefundPlan {
  const { ledger, now } = view
  const unrecorded = ledger.claims.find(isUnrecorded)
  if (unrecorded) return { do: 'record', claim: unrecorded }
  const open = openClaim(ledger)
  if (open !== null) return planOpen(open, view)
  const watched = ledger.claims.find(one => one.state === 'confirmed' && isDue(one, now)) as ClaimIn<'confirmed'>
  if (watched) return { do: 'look-up', claim: watched }
  return planFound(view) ?? planNew(view)
}

const STOPPED: readonly Claim['state'][] = ['parked', 'refused', 'failed']
const isDue = (claim: Claim, now: number) => (lookAtOf(claim) ?? Infinity) <= now

/** What was given up, and is in the gateway's records after all. */
function planFound({ ledger: { claims, report } }: RefundView): RefundPlan | null {
  for (const claim of claims.filter(({ state, sends }) => sends > 0 && STOPPED.includes(state))) {
    const found = listingOf(report?.refunds ?? [], claim)
    const isLater = report !== null && report.at > lastTriedAt(claim)
    if (found && isLater && found.status !== 'failed' && compareAmounts(found.amount, claim.amount) === 0)
      return { do: 'adopt', claim, found }
  }
  return null
}

function planOpen(claim: Claim, view: RefundView): RefundPlan {
  const { now, leaseMs } = view
  switch (claim.state) {
    case 'claimed':
      return planClaimed(claim, view)
    case 'sending': {
      const leaseEnds = (claim.sendingAt ?? 0) + leaseMs
      return leaseEnds > now ? wait('refund-under-way', leaseEnds) : { do: 'lost', claim }
    }
    case 'uncertain':
    case 'pending': {
      const reason = claim.state === 'pending' ? 'refund-pending' : 'refund-uncertain'
      return isDue(claim, now) ? { do: 'look-up', claim } : wait(reason, claim.lookAt)
    }
    default:
      return { do: 'nothing', reason: 'refund-done' }
  }
}

const wait = (reason: ReasonCode, until: number | null = null): RefundPlan => ({ do: 'wait', reason, until })
const park = (reason: ReasonCode): RefundPlan => ({ do: 'park', reason })

/** Stored and not sent, or proven absent since: everything is weighed once more, and only the same refund goes out. */
function planClaimed(claim: ClaimIn<'claimed'>, view: RefundView): RefundPlan {
  const { ledger, isReportFresh, now } = view
  const found = isReportFresh ? listingOf(ledger.report?.refunds ?? [], claim) : undefined
  if (found) return { do: 'adopt', claim, found }
  if (claim.notBefore !== null && claim.notBefore > now) return wait('refund-refused-for-now', claim.notBefore)
  const next = weigh(view, claim)
  if (next.do !== 'claim') return next.do === 'park' || next.do === 'nothing' ? { do: 'drop', claim, reason: next.reason } : next // prettier-ignore
  const { refund } = next
  if (compareAmounts(refund.amount, claim.amount) !== 0 || compareAmounts(refund.target, claim.target) !== 0)
    return { do: 'drop', claim, reason: 'rest-changed' }
  if (claim.held !== null && refund.approval === null && claim.approvedBy === null)
    return { do: 'ask-person', reason: claim.held, amount: claim.amount, currency: claim.currency }
  // What was never sent goes out for the case that asks for it now: the one that asked first may have come to another order.
  const wantedBy = claim.sends === 0 ? refund.wantedBy : claim.wantedBy
  if (!isMatchKept({ ...claim, wantedBy }, view)) return wait('refunding')
  if (!isReportFresh) return { do: 'ask-gateway' }
  const { approval } = refund
  const released = approval === null ? {} : { approvedBy: approval.by, approvedAt: approval.at, held: null }
  return { do: 'send', claim: { ...claim, ...released, wantedBy, respondBy: refund.respondBy } }
}

/** A match of our own is kept with its case before money moves: when the platform names another order later, that must be known. */
function isMatchKept({ wantedBy }: Claim, { cases }: RefundView): boolean {
  const asking = cases.find(one => one.id === wantedBy && isRefundableAlert(one))
  return asking === undefined || orderIdOf(asking.facts) !== null
}

function planNew(view: RefundView): RefundPlan {
  const { ledger, isReportFresh } = view
  const next = weigh(view, null)
  const isOver = next.do === 'nothing' || next.do === 'park' || next.do === 'ask-person'
  if (view.mayAsk && isOver && !isReportFresh && isAccountStale(view) && view.cases.some(awaitsAnswer)) return { do: 'ask-gateway' } // prettier-ignore
  if (next.do !== 'claim') return next
  const { refund } = next
  const last = latestClaim(ledger)
  const { approval } = refund
  if (
    last?.state === 'parked' &&
    last.sends > 0 &&
    approval !== null &&
    compareAmounts(last.amount, refund.amount) === 0 &&
    // What the gateway lists as failed under this key stays failed.
    ledger.report?.refunds.some(({ reference }) => reference === last.key) !== true
  )
    // The same bytes under the same key, though more was refunded meanwhile.
    return { do: 'retry', claim: { ...last, target: refund.target }, approval }
  return isReportFresh ? next : { do: 'ask-gateway' }
}

/**
 * Weighs everything that bears on a refund of the order; `claim` asks for exactly this one. The gateway is asked before anything is
 * concluded from its silence.
 */
function weigh(view: RefundView, claim: ClaimIn<'claimed'> | null): RefundPlan {
  const { order, ledger, terms, now, isReportFresh } = view
  if (order === null) return wait('order-unknown')
  const account = accountOf(view)
  const forbidden = forbiddenBy(view)
  if (forbidden !== null) return park(forbidden)
  const trigger = triggerOf(view, account)
  const decision = lastDecision(view.cases)
  if (decision?.decision === 'decline') return park('refused-by-person')
  if (order.neverPaid === null && !order.settled) return wait('not-settled')
  if (trigger.may === 'wait' && order.neverPaid === null) return wait(trigger.reason, trigger.until)
  if (account.needsGateway && !isReportFresh) return { do: 'ask-gateway' }
  if (order.neverPaid !== null) return account.conflict === null ? { do: 'nothing', reason: 'never-paid' } : park(account.conflict) // prettier-ignore
  if (ledger.report?.settled === false) return wait('gateway-not-settled', ledger.report.at + ASK_AGAIN_MS)
  if (account.conflict !== null && account.askAgainAt !== null) return wait('gateway-list-lags', account.askAgainAt)
  const respondBy = trigger.may === 'refund' ? trigger.respondBy : null
  const usedUpAt = claim === null ? lastSentAt(view) : claim.sends > 0 ? claim.claimedAt - 1 : lastSentAt(view)
  // What was released before a restore may have been sent before it.
  const sinceMs = Math.max(usedUpAt, terms.rollback?.restoredAt ?? 0)
  const approval = approvalOf(view, { sinceMs, respondBy }) ?? approvalOfClaim(claim, respondBy, view)
  // What a person released in the order's currency would be another amount in the gateway's.
  const isApprovable = account.conflict !== 'gateway-currency-differs'
  if (account.conflict !== null && (approval === null || !isApprovable)) return park(account.conflict)
  if (account.rest === '0' && approval === null) return { do: 'nothing', reason: 'nothing-left' }
  const stop = claim === null ? stopOf(view, approval) : null
  // Before a refusal is final, the gateway is asked once more.
  const isInTime = respondBy !== null && now < respondBy
  if (stop === 'refund-refused' && isInTime && isLongUnasked(view) && !isReportFresh) return { do: 'ask-gateway' }
  if (stop !== null) return park(stop)
  if (trigger.may !== 'refund') return { do: 'nothing', reason: trigger.reason }
  if (isHeldByNotice(view, approval)) return park('untied-notice')
  if (!terms.hasGateway) return park('no-gateway')
  if (terms.mode === 'off') return wait('refunds-off')
  return released(view, account, trigger, approval)
}

/** An amount, once every reason to ask a person is out of the way. */
function released(
  view: RefundView,
  account: Account,
  trigger: Extract<Trigger, { may: 'refund' }>,
  approval: Approval | null,
): RefundPlan {
  const { ledger, terms, now } = view
  const currency = account.currency ?? approval?.currency ?? ''
  const amount = approval?.amount ?? account.rest
  const isLate = now >= trigger.respondBy && approval === null
  const needs = isLate ? 'deadline-passed' : (trigger.needs ?? approvalNeeded(terms, amount, currency))
  if (needs !== null && approval === null) return { do: 'ask-person', reason: needs, amount: account.rest, currency }
  if (compareAmounts(amount, refundableOf(view, account)) > 0) return park('rest-changed')
  // What was approved in another currency was approved for another order than this is now.
  if (approval !== null && approval.currency !== currency) return park('rest-changed')
  // A refund by other hands that is under way may come to nothing: until then the rest is not known.
  if (ledger.report?.refunds.some(({ status }) => status === 'pending')) return wait('refund-pending')
  const base =
    account.conflict === null ? account.refunded : greatestAmount(listedTotal(ledger.report), confirmedTotal(ledger))
  const target = addAmounts(base, amount)
  if (approval === null && isAskedTwice(view, amount)) return park('refund-refused')
  const generation = ledger.claims.filter(isSpent).length
  return { do: 'claim', refund: { amount, target, currency, generation, wantedBy: trigger.by, respondBy: trigger.respondBy, approval } } // prettier-ignore
}

/** What a person may release at most: the rest, or where the account contradicts itself what the gateway states. */
export function refundableOf({ ledger, order }: RefundView, { conflict, rest }: Account): string {
  const stated = ledger.report?.refundable ?? null
  if (conflict !== null) {
    if (stated !== null) return stated
    const known = greatestAmount(listedTotal(ledger.report), confirmedTotal(ledger))
    const captured = order?.captured ?? '0'
    return subtractAmounts(captured, known)
  }
  return stated !== null && compareAmounts(stated, rest) < 0 ? stated : rest
}

/** What was released for a claim stays released until its deadline. */
function approvalOfClaim(
  claim: ClaimIn<'claimed'> | null,
  respondBy: number | null,
  { now, terms }: RefundView,
): Approval | null {
  if (claim === null || claim.approvedBy === null || claim.approvedAt === null) return null
  if (claim.approvedAt <= (terms.rollback?.restoredAt ?? 0)) return null
  if (respondBy !== null && claim.approvedAt < respondBy && now >= respondBy) return null
  return { by: claim.approvedBy, at: claim.approvedAt, amount: claim.amount, currency: claim.currency }
}

const HOUR_MS = 3_600_000
/** The gateway was not asked for an hour. */
export const isLongUnasked = ({ ledger, terms, now }: Pick<TriggerView, 'ledger' | 'terms' | 'now'>): boolean =>
  terms.hasGateway && (ledger.report === null || now - ledger.report.at >= HOUR_MS)

/** Neither the gateway's statement nor a refund of ours is of the last hour: an answer that rests on them may have become untrue. */
export const isAccountStale = (view: Pick<TriggerView, 'ledger' | 'terms' | 'now'>): boolean =>
  isLongUnasked(view) && confirmedClaims(view.ledger).every(one => view.now - (one.confirmedAt ?? 0) >= HOUR_MS)

/** An alert whose answer has not gone out. */
const awaitsAnswer = (one: RefundView['cases'][number]): boolean => isRefundableAlert(one) && one.facts.sent === null

/** A chargeback or an RDR notice without an order may concern the sale, and no person has decided since it came. */
const isHeldByNotice = ({ untied }: RefundView, approval: Approval | null): boolean =>
  untied.some(({ facts }) => approval === null || facts.seenAt > approval.at)

/** The gateway asked to look again at this very amount before. */
const isAskedTwice = ({ ledger }: RefundView, amount: string): boolean =>
  ledger.claims.some(one => one.state === 'dropped' && one.sends > 0 && compareAmounts(one.amount, amount) === 0) // prettier-ignore

/** A key that was sent and came to nothing, or that a person has given up, is not used for another refund. */
const isSpent = ({ state, sends, refusals }: Claim) =>
  (sends > 0 || refusals > 0) && (state === 'dropped' || STOPPED.includes(state))

/** When the last refund of the order went out; a decision that is older was about that one, or about one before it. */
const lastSentAt = ({ ledger }: RefundView): number =>
  Math.max(0, ...ledger.claims.filter(({ sends }) => sends > 0).map(lastTriedAt))
