import { alertKindOf, isRdr } from './alert-kind.ts'
import type { CaseFacts, CaseEntry } from './case-log.ts'
import type { WhyCode } from './case-why.ts'
import { addAmounts, compareAmounts, greatestAmount, subtractAmounts } from './money.ts'
import { DEFAULT_CURRENCY, type OrderMoney } from './order-money.ts'
import {
  confirmedTotal,
  latestClaim,
  openClaim,
  reportedTotal,
  type Claim,
  type Ledger,
  type ReportedRefund,
} from './refund-ledger.ts'

export type RefundMode = 'auto' | 'approve' | 'off'

/** What the merchant decided about refunds; limits in `limitCurrency`, null where there is none. */
export interface RefundTerms {
  trigger: 'order.refund' | 'match' | 'either'
  mode: RefundMode
  autoLimit: string | null
  hourlyLimit: string | null
  limitCurrency: string | null
}

/** One of an order's cases: its id and what its log says. */
export interface CaseOfOrder {
  id: string
  facts: CaseFacts
}

export interface RefundView {
  now: number
  order: OrderMoney | null
  ledger: Ledger
  /** Every case tied to the order. */
  cases: readonly CaseOfOrder[]
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
  const untold = ledger.claims.find(claim => claim.state === 'confirmed' && !claim.told)
  if (untold) return { do: 'tell-order', claim: untold }
  const open = openClaim(ledger)
  if (open !== null) return open.state === 'claimed' ? planClaimed(open, view) : planSent(open, view)
  const verify = ledger.claims.find(claim => claim.state === 'confirmed' && isDue(claim, view.now))
  if (verify) return { do: 'look-up', claim: verify }
  const blocked = blockOf(view)
  if (blocked !== null) return blocked
  return planNew(view)
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
  const found = view.isReportFresh
    ? view.ledger.report?.refunds.find(refund => refund.reference === claim.key)
    : undefined
  if (found) return { do: 'adopt', claim, found }
  const blocked = blockOf(view)
  if (blocked !== null) return blocked.do === 'wait' ? blocked : { do: 'drop', claim, why: blocked.why }
  if (compareAmounts(restOf(view), claim.amount) !== 0) return { do: 'drop', claim, why: 'rest-changed' }
  const wish = wishOf(view)
  if (wish === null) return { do: 'drop', claim, why: 'not-wanted' }
  const approvedBy = claim.approvedBy ?? approvalOf(view, claim.amount, claim.currency)
  const needs = wish.needs ?? approvalNeeded(view.terms, claim.amount, claim.currency) ?? claim.held
  if (view.terms.mode === 'off') return { do: 'wait', why: 'refunds-off', ms: null }
  if (needs !== null && approvedBy === null)
    return { do: 'ask-person', why: needs, amount: claim.amount, currency: claim.currency }
  if (!view.isReportFresh) return { do: 'ask-gateway' }
  return { do: 'send', claim: { ...claim, approvedBy, held: approvedBy === null ? claim.held : null } }
}

function planNew(view: RefundView): RefundPlan {
  const { order, ledger, terms } = view
  if (order === null) return { do: 'wait', why: 'order-unknown', ms: null }
  const last = latestClaim(ledger)
  const amount = restOf(view)
  const { currency } = order
  if (last !== null && STOPPED.includes(last.state)) {
    const approvedBy = approvalOf(view, amount, currency, last.firstSentAt ?? last.claimedAt)
    if (approvedBy === null) return { do: 'park', why: last.state === 'parked' ? 'refund-parked' : 'refund-refused' }
    if (last.state === 'parked' && compareAmounts(last.amount, amount) === 0)
      return { do: 'retry', claim: last, approvedBy }
  }
  // Before anybody is told that it was refunded before, the gateway is asked whether it knows better.
  if (amount === '0') return isReportOld(view) ? { do: 'ask-gateway' } : { do: 'nothing', why: 'nothing-left' }
  const wish = wishOf(view)
  if (wish === null) return { do: 'nothing', why: 'not-wanted' }
  if (terms.mode === 'off') return { do: 'wait', why: 'refunds-off', ms: null }
  const needs = wish.needs ?? approvalNeeded(terms, amount, currency)
  const approvedBy = approvalOf(view, amount, currency)
  if (needs !== null && approvedBy === null) return { do: 'ask-person', why: needs, amount, currency }
  if (!view.isReportFresh) return { do: 'ask-gateway' }
  if (isUnclear(view)) return { do: 'park', why: 'refunded-amount-unknown' }
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

/** The gateway was not asked since the CRM reported a refund. */
export const isReportOld = ({ order, ledger, now }: Pick<RefundView, 'order' | 'ledger' | 'now'>): boolean =>
  ledger.report === null || ledger.report.at < Math.min(order?.reported?.at ?? 0, now)

const STOPPED: readonly Claim['state'][] = ['parked', 'refused', 'failed']
/** A key that was sent and came to nothing for good is never used again. */
const isSpent = ({ state, sends }: Claim) =>
  state === 'refused' || state === 'failed' || (state === 'dropped' && sends > 0)

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

/** True when the order is known to be charged back, by its own record or by a chargeback tied to it. */
export const isChargedBack = ({ order, cases }: Pick<RefundView, 'order' | 'cases'>): boolean =>
  order?.chargeback === true || cases.some(({ facts }) => facts.kind === 'chargeback')

/** What is left to give back: captured less the greatest of what anybody reports, less what RDR paid. */
export function restOf(view: Pick<RefundView, 'order' | 'ledger' | 'cases'>): string {
  const { order } = view
  if (order === null || order.captured === null) return '0'
  return subtractAmounts(order.captured, givenBack(view), rdrTotal(view))
}

const givenBack = ({ order, ledger }: Pick<RefundView, 'order' | 'ledger'>): string =>
  greatestAmount(confirmedTotal(ledger), order?.reported?.amount ?? '0', reportedTotal(ledger.report))

/** The CRM says that something was given back, and neither it nor the gateway says how much. */
const isUnclear = ({ order, ledger }: RefundView): boolean =>
  order?.reported?.amount === null && reportedTotal(ledger.report) === '0' && confirmedTotal(ledger) === '0'

/** What RDR has paid on this order: its notices' amounts, unless they say that RDR declined. */
export function rdrTotal({ order, cases }: Pick<RefundView, 'order' | 'cases'>): string {
  const paid = cases.filter(
    ({ facts }) => facts.kind === 'alert' && isRdr(facts.facts) && facts.facts.rdrResolution !== 'declined',
  )
  return greatestAmount(...paid.map(({ facts }) => facts.facts.amount ?? order?.captured ?? '0'))
}

/** Who wants the refund, and why a person must release it all the same. */
export interface RefundWish {
  by: string
  needs: WhyCode | null
}

/** `REFUND_TRIGGER`: an `order.refund` asks for the whole rest; without it an alert's amount must be what was captured or the rest, exactly. */
export function wishOf(view: Pick<RefundView, 'order' | 'ledger' | 'cases' | 'terms'>): RefundWish | null {
  const { cases, terms, order } = view
  const alerts = cases.filter(({ facts }) => facts.kind === 'alert' && alertKindOf(facts.facts) === 'refundable')
  const request = cases.find(({ facts }) => facts.kind === 'request')
  const approved = lastWord(cases)
  const byAlert = alerts.filter(({ facts }) => isOpen(facts)).toSorted(byAge)[0]
  // What was answered is final: a refund after it would be for nobody.
  if (alerts.length > 0 && byAlert === undefined) return null
  if (request && terms.trigger !== 'match') return { by: byAlert?.id ?? request.id, needs: null }
  if (byAlert === undefined) return null
  // A person may release what no trigger came for.
  if (approved?.word === 'approve') return { by: byAlert.id, needs: null }
  if (terms.trigger === 'order.refund') return null
  const { amount, currency } = byAlert.facts.facts
  if (request) return { by: byAlert.id, needs: null }
  if (amount === undefined || (currency === undefined && byAlert.facts.enrichedAt === null)) return null
  const agrees =
    (currency ?? DEFAULT_CURRENCY) === order?.currency &&
    [order.captured ?? '', restOf(view)].some(known => known !== '' && compareAmounts(amount, known) === 0)
  return { by: byAlert.id, needs: agrees ? null : 'amount-differs' }
}

/** No answer of it has gone out, and no person has chosen one. */
const isOpen = ({ worded, sent, said }: CaseFacts) =>
  (worded === null || (worded.by === 'policy' && sent === null)) && said.at(-1)?.word !== 'resolve'
const byAge = (a: CaseOfOrder, b: CaseOfOrder) => a.facts.seenAt - b.facts.seenAt || (a.id < b.id ? -1 : 1)

type Said = Extract<CaseEntry, { what: 'said' }>
/** The last decision a person took about refunding this order, whichever of its cases it was taken on. */
export function lastWord(cases: readonly CaseOfOrder[]): Extract<Said, { word: 'approve' | 'refuse' }> | null {
  const words = cases.flatMap(({ facts }) => facts.said.filter(said => said.word !== 'resolve'))
  return words.toSorted((a, b) => a.at - b.at).at(-1) ?? null
}

/** Who released exactly this amount, after `sinceMs`; null when nobody did. */
function approvalOf({ cases }: RefundView, amount: string, currency: string, sinceMs = 0): string | null {
  const last = lastWord(cases)
  if (last?.word !== 'approve' || last.at <= sinceMs) return null
  return compareAmounts(last.amount, amount) === 0 && last.currency === currency ? last.by : null
}

/** Why a refund of this size waits for a person; null when it does not. */
export function approvalNeeded(terms: RefundTerms, amount: string, currency: string): WhyCode | null {
  if (terms.mode === 'approve') return 'approve-mode'
  if (
    terms.limitCurrency !== null &&
    currency !== terms.limitCurrency &&
    (terms.autoLimit ?? terms.hourlyLimit) !== null
  )
    return 'other-currency'
  return terms.autoLimit !== null && compareAmounts(amount, terms.autoLimit) > 0 ? 'above-limit' : null
}
