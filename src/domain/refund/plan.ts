import type { WhyCode } from '../case/reasons.ts'
import { addAmounts, compareAmounts } from '../basics/money.ts'
import { isUntold, latestClaim, openClaim, type Claim, type ReportedRefund } from './ledger.ts'
import {
  givenBack,
  isChargedBack,
  isLongUnasked,
  isReportOld,
  isUnclear,
  rdrTotal,
  restOf,
  type CaseOfOrder,
  type RestView,
} from '../account/rest.ts'
import { approvalNeeded, approvalOf, lastTriedAt, lastWord, wishOf, type RefundMode, type RefundTerms } from './wish.ts'

export { restOf }
export type { CaseOfOrder, RefundMode, RefundTerms }

/** Everything the plan for one order's refund depends on. */
export interface RefundView extends RestView {
  now: number
  terms: RefundTerms
  /** True when the gateway was asked for this very plan. */
  isReportFresh: boolean
  /** How long a send may be under way. */
  leaseMs: number
}

/** The next thing to do about one order's refund. */
export type RefundPlan =
  | { do: 'nothing'; why: WhyCode }
  | { do: 'wait'; why: WhyCode; ms: number | null }
  | { do: 'ask-person'; why: WhyCode; amount: string; currency: string }
  | { do: 'park'; why: WhyCode }
  /** The gateway is asked what it knows before anything is sent. */
  | { do: 'ask-gateway' }
  | { do: 'claim'; amount: string; target: string; currency: string; generation: number; wantedBy: string; approvedBy: string | null }
  | { do: 'send'; claim: Claim }
  | { do: 'adopt'; claim: Claim; found: ReportedRefund }
  | { do: 'retry'; claim: Claim; approvedBy: string }
  | { do: 'drop'; claim: Claim; why: WhyCode }
  | { do: 'lost'; claim: Claim }
  | { do: 'look-up'; claim: Claim }
  | { do: 'tell-order'; claim: Claim } // prettier-ignore

/** Decides, from the whole truth, what happens next about one order's refund (rules 10 and 11). Pure; the last word is `begin-refund.lua`'s. */
export function planRefund(view: RefundView): RefundPlan {
  const { ledger } = view
  const untold = ledger.claims.find(isUntold)
  if (untold) return { do: 'tell-order', claim: untold }
  const open = openClaim(ledger)
  if (open !== null) return open.state === 'claimed' ? planClaimed(open, view) : planSent(open, view)
  const verify = ledger.claims.find(claim => claim.state === 'confirmed' && isDue(claim, view.now))
  if (verify) return { do: 'look-up', claim: verify }
  return planFound(view) ?? blockOf(view) ?? planNew(view)
}

/** What was given up, and stands in the gateway's records after all. */
function planFound({ ledger: { claims, report } }: RefundView): RefundPlan | null {
  for (const claim of claims.filter(({ state, sends }) => sends > 0 && STOPPED.includes(state))) {
    const found = report?.refunds.find(refund => refund.reference === claim.key)
    const isLater = report !== null && report.at > lastTriedAt(claim)
    if (found && isLater && found.status !== 'failed' && compareAmounts(found.amount, claim.amount) === 0)
      return { do: 'adopt', claim, found }
  }
  return null
}

const isDue = (claim: Claim, now: number) => claim.lookAt !== null && claim.lookAt <= now

function planSent(claim: Claim, { now, leaseMs }: RefundView): RefundPlan {
  if (claim.state === 'sending') {
    const leaseLeft = (claim.sendingAt ?? 0) + leaseMs - now
    return leaseLeft > 0 ? { do: 'wait', why: 'refund-under-way', ms: leaseLeft } : { do: 'lost', claim }
  }
  const why = claim.state === 'pending' ? 'refund-pending' : 'refund-uncertain'
  return isDue(claim, now) ? { do: 'look-up', claim } : { do: 'wait', why, ms: (claim.lookAt ?? now) - now }
}

/** Written down, not sent (or proven absent since): everything is looked at once more. */
function planClaimed(claim: Claim, view: RefundView): RefundPlan {
  const { ledger, terms, isReportFresh } = view
  const found = isReportFresh ? ledger.report?.refunds.find(refund => refund.reference === claim.key) : undefined
  if (found) return { do: 'adopt', claim, found }
  const drop = (why: WhyCode): RefundPlan => ({ do: 'drop', claim, why })
  const blocked = blockOf(view)
  if (blocked !== null) return blocked.do === 'wait' ? blocked : drop(blocked.why)
  if (compareAmounts(restOf(view), claim.amount) !== 0) return drop('rest-changed')
  const wish = wishOf(view)
  if (wish === null) return drop('not-wanted')
  if (terms.mode === 'off') return OFF
  const { amount, currency } = claim
  const approvedBy = claim.approvedBy ?? approvalOf(view, amount, currency, lastSentAt(view))
  const needs = wish.needs ?? approvalNeeded(terms, amount, currency) ?? claim.held
  if (needs !== null && approvedBy === null) return { do: 'ask-person', why: needs, amount, currency }
  if (isUnclear(view) && !isReportOld(view)) return drop('refunded-amount-unknown')
  if (!isReportFresh) return { do: 'ask-gateway' }
  return { do: 'send', claim: { ...claim, approvedBy, held: approvedBy === null ? claim.held : null } }
}

function planNew(view: RefundView): RefundPlan {
  const { order, ledger, terms } = view
  if (order === null) return { do: 'wait', why: 'order-unknown', ms: null }
  const currency = order.currency ?? 'USD'
  const amount = restOf(view)
  // Before anybody is told that it was refunded before, the gateway is asked whether it knows better.
  if (amount === '0')
    return isReportOld(view) && !view.isReportFresh ? { do: 'ask-gateway' } : { do: 'nothing', why: 'nothing-left' }
  const stop = stopOf(view)
  if (stop === 'refund-refused' && isLongUnasked(view) && !view.isReportFresh) return { do: 'ask-gateway' }
  if (stop !== null) return { do: 'park', why: stop }
  const wish = wishOf(view)
  if (wish === null) return { do: 'nothing', why: 'not-wanted' }
  if (terms.mode === 'off') return OFF
  // One word releases one refund: what was sent since has used it up.
  const approvedBy = approvalOf(view, amount, currency, lastSentAt(view))
  const needs = wish.needs ?? approvalNeeded(terms, amount, currency)
  if (needs !== null && approvedBy === null) return { do: 'ask-person', why: needs, amount, currency }
  if (isUnclear(view) && !isReportOld(view)) return { do: 'park', why: 'refunded-amount-unknown' }
  const last = latestClaim(ledger)
  if (last?.state === 'parked' && last.sends > 0 && approvedBy !== null && compareAmounts(last.amount, amount) === 0)
    return { do: 'retry', claim: last, approvedBy }
  if (!view.isReportFresh) return { do: 'ask-gateway' }
  // A refund by other hands that is under way may come to nothing: until then nobody knows what the rest is.
  if (ledger.report?.refunds.some(({ status }) => status === 'pending'))
    return { do: 'wait', why: 'refund-pending', ms: null }
  return {
    do: 'claim',
    amount,
    target: addAmounts(givenBack(view), amount),
    currency,
    generation: ledger.claims.filter(isSpent).length,
    wantedBy: wish.by,
    approvedBy,
  }
}

const OFF = { do: 'wait', why: 'refunds-off', ms: null } as const
const STOPPED: readonly Claim['state'][] = ['parked', 'refused', 'failed']
const OTHERS_TRANSACTION = 'transaction-of-another-order'

/** A key that was sent and came to nothing, or that a person has given up, is not used for another refund. */
const isSpent = ({ state, sends }: Claim) => sends > 0 && (state === 'dropped' || STOPPED.includes(state))

/** When the last refund of the order went out; a word of a person that is older was about that one, or about one before it. */
const lastSentAt = ({ ledger }: Pick<RestView, 'ledger'>): number =>
  Math.max(0, ...ledger.claims.filter(({ sends }) => sends > 0).map(lastTriedAt))

/** Why the order's last refund is not tried again until a person releases what is left; null when nothing stops it, or one did. */
export function stopOf(view: RestView): WhyCode | null {
  const { order, ledger } = view
  const last = latestClaim(ledger)
  if (last === null || order === null || !STOPPED.includes(last.state)) return null
  if (last.why?.code === OTHERS_TRANSACTION)
    return last.transaction === (order.transactionId ?? order.orderId) ? 'transaction-taken' : null
  if (approvalOf(view, restOf(view), order.currency ?? 'USD', lastTriedAt(last)) !== null) return null
  if (last.why?.code === 'failed-after-success') return 'refund-taken-back'
  return last.state === 'parked' ? 'refund-parked' : 'refund-refused'
}

/** What forbids or hinders any refund of this order now; a block of `park` or `nothing` also ends one that was not sent. */
function blockOf(view: RefundView): Extract<RefundPlan, { do: 'wait' | 'park' | 'nothing' }> | null {
  const { order } = view
  if (order === null) return { do: 'wait', why: 'order-unknown', ms: null }
  if (isChargedBack(view)) return { do: 'park', why: 'chargeback' }
  if (order.neverPaid !== null) return { do: 'nothing', why: 'never-paid' }
  if (!order.settled) return { do: 'wait', why: 'not-settled', ms: null }
  if (order.captured === null) return { do: 'park', why: 'captured-unknown' }
  if (rdrTotal(view) !== '0') return { do: 'park', why: 'rdr-paid' }
  const last = lastWord(view.cases)
  return last?.word === 'refuse' ? { do: 'park', why: 'refused-by-person' } : null
}
