import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AlertFacts } from '../../src/domain/alert/facts.ts'
import type { CaseView } from '../../src/domain/case/view.ts'
import type { OrderMoney } from '../../src/domain/account/order-money.ts'
import { emptyLedger, type Claim, type Report } from '../../src/domain/refund/ledger.ts'
import type { CaseOfOrder } from '../../src/domain/account/rest.ts'
import { chooseResolution, forbids, type Chosen, type ResolutionView } from '../../src/domain/case/resolution.ts'
import { RESOLUTION_TYPES } from '../../src/domain/alert/resolution-types.ts'
import { anyCase, ISSUED_AT } from './any-case.ts'
import { alertCase, approved, caseOf, chargebackCase, claimOf, confirmedClaim, ETHOCA, found, hook, ledgerOf, money, NOW, rdrCase, reportOf, requestCase, SEEN_AT, sentClaim } from './build-case.ts' // prettier-ignore

interface Given {
  order?: Partial<OrderMoney> | null
  claims?: Claim[]
  report?: Report | null
  facts?: AlertFacts
  mine?: CaseOfOrder
  others?: CaseOfOrder[]
  match?: ResolutionView['match']
  resolve3ds?: boolean
}
function viewOf({ order = {}, claims = [], report = reportOf(), facts = {}, mine, others = [], match = 'one', resolve3ds = false }: Given) {
  const own = mine ?? alertCase('a', facts)
  const view: ResolutionView = {
    now: NOW, caseId: 'a', facts: own.facts.facts, alertAt: SEEN_AT, match, order: order === null ? null : money(order),
    ledger: ledgerOf(claims, report), cases: [...others, own], resolve3ds,
  }
  return view
} // prettier-ignore
/** What is chosen, in a word. */
function chosen(given: Given): string {
  const one = chooseResolution(viewOf(given))
  if (one.next === 'answer') return one.when === 'now' ? one.wording.type : `${one.wording.type} at the stop`
  return one.next === 'refund' ? 'refund' : `${one.next}: ${one.why}`
}
const reported = (amount: string | null, at: number) => ({ reported: { amount, at, byStatus: false } })
const BEFORE = SEEN_AT - 1_000
const AFTER = SEEN_AT + 1_000

describe('the table of resolutions', () => {
  it.each<[says: string, given: Given, answer: string]>([
    ['not asked for yet', { match: 'not-searched' }, 'wait: not-enriched'],
    ['several orders', { match: 'many' }, 'person: several-orders'],
    ['no order after a full search', { match: 'none' }, 'could_not_find_order at the stop'],
    ['an order nobody told of', { order: null }, 'wait: order-unknown'],
    ['nothing special', {}, 'refund'],
    ['cancelled', { order: { neverPaid: 'cancelled', captured: '0' } }, 'declined_or_canceled_nothing_to_do'],
    ['declined', { order: { neverPaid: 'declined', captured: '0', settled: false } }, 'declined_or_canceled_nothing_to_do'],
    ['voided', { order: { neverPaid: 'voided', captured: '0' } }, 'declined_or_canceled_nothing_to_do'],
    ['not settled', { order: { settled: false, captured: '0' } }, 'wait: not-settled'],
    ['captured unknown', { order: { captured: null } }, 'person: captured-unknown'],
    ['nothing was captured', { order: { captured: '0' } }, 'person: captured-unknown'],
    ['charged back', { others: [chargebackCase()] }, 'person: chargeback'],
    ['charged back, by the order', { order: { chargeback: true } }, 'person: chargeback'],
    ['RDR paid', { others: [rdrCase()] }, 'person: rdr-paid'],
    ['RDR declined', { others: [rdrCase({ rdrResolution: 'declined' })] }, 'refund'],
    ['refunded before', { order: reported('30', BEFORE) }, 'previously_refunded_nothing_to_do'],
    ['refunded since', { order: reported('30', AFTER) }, 'issued_full_refund'],
    ['refunded when it was issued', { order: reported('30', SEEN_AT) }, 'issued_full_refund'],
    ['partly refunded before', { order: reported('10', BEFORE) }, 'refund'],
    ['refunded before, at the gateway', { report: reportOf([found({ createdAt: BEFORE })]) }, 'previously_refunded_nothing_to_do'],
    ['refunded since, at the gateway', { report: reportOf([found({ createdAt: AFTER })]) }, 'issued_full_refund'],
    ['refunded in parts, before and since', { report: reportOf([found({ amount: '10', createdAt: BEFORE }), found({ amount: '20', createdAt: AFTER })]) }, 'issued_refund_for_remaining_amount'],
    ['refunded, and nobody knows when', { report: reportOf([found({ createdAt: null })]) }, 'person: refund-time-unknown'],
    ['a refund by hand that is not done', { report: reportOf([found({ status: 'pending', createdAt: BEFORE })]) }, 'wait: refund-pending'],
    ['a refund by hand that failed', { report: reportOf([found({ status: 'failed', createdAt: BEFORE })]) }, 'refund'],
    ['refunded, the gateway not asked', { order: reported('30', BEFORE), report: null }, 'refund'],
    ['refunded since the gateway was asked', { order: reported('30', BEFORE), report: reportOf([], { rev: 0, at: BEFORE - 1 }) }, 'refund'],
    ['refunded, and the gateway denies it', { order: reported('30', BEFORE), report: reportOf([], { refundable: '30' }) }, 'person: refund-contradicted'],
    ['claimed', { claims: [claimOf()] }, 'refund'],
    ['claimed, and cancelled since', { claims: [claimOf()], order: { neverPaid: 'cancelled', captured: '0' } }, 'declined_or_canceled_nothing_to_do'],
    ['sending', { claims: [sentClaim({ state: 'sending' })] }, 'wait: refund-under-way'],
    ['uncertain', { claims: [sentClaim()] }, 'wait: refund-uncertain'],
    ['uncertain, and refunded by somebody', { claims: [sentClaim()], order: reported('30', BEFORE) }, 'wait: refund-uncertain'],
    ['uncertain, and cancelled', { claims: [sentClaim()], order: { neverPaid: 'cancelled', captured: '0' } }, 'wait: refund-uncertain'],
    ['pending', { claims: [sentClaim({ state: 'pending' })] }, 'wait: refund-pending'],
    ['confirmed', { claims: [confirmedClaim()] }, 'issued_full_refund'],
    ['the rest confirmed', { claims: [confirmedClaim({ amount: '20' })] }, 'issued_refund_for_remaining_amount'],
    ['confirmed, and charged back since', { claims: [confirmedClaim()], others: [chargebackCase()] }, 'issued_full_refund'],
    ['confirmed, and the rest by hand, not done', { claims: [confirmedClaim({ amount: '20', target: '20' })], report: reportOf([found({ status: 'pending' })]) }, 'wait: refund-pending'],
    ['confirmed, captured unknown since', { claims: [confirmedClaim()], order: { captured: null } }, 'person: captured-unknown'],
    ['confirmed, and more captured since', { claims: [confirmedClaim()], order: { captured: '50' } }, 'refund'],
    ['confirmed for the order.refund', { claims: [confirmedClaim({ wantedBy: 'req' })], others: [requestCase()] }, 'issued_full_refund'],
    ['… which another alert has told of', { claims: [confirmedClaim({ wantedBy: 'req', answeredBy: 'b' })], others: [requestCase(), alertCase('b')] }, 'previously_refunded_nothing_to_do'],
    ['confirmed for another alert, equal amount', { claims: [confirmedClaim({ wantedBy: 'b' })], others: [alertCase('b')] }, 'previously_refunded_nothing_to_do'],
    ['… other amount', { claims: [confirmedClaim({ wantedBy: 'b' })], others: [alertCase('b')], facts: { amount: '20' } }, 'person: second-alert-differs'],
    ['… other amount, same ARN', { claims: [confirmedClaim({ wantedBy: 'b' })], others: [alertCase('b', { arn: '7' })], facts: { amount: '20', arn: '7' } }, 'previously_refunded_nothing_to_do'],
    ['… equal amount, other currency', { claims: [confirmedClaim({ wantedBy: 'b' })], others: [alertCase('b')], facts: { currency: 'EUR' } }, 'person: second-alert-differs'],
    ['… no amount', { claims: [confirmedClaim({ wantedBy: 'b' })], others: [alertCase('b')], mine: caseOf('a', 'alert', [hook('alert', { partner: 'ethoca' })]) }, 'person: second-alert-differs'],
    ['refused', { claims: [sentClaim({ state: 'refused', why: { code: 'card_expired', words: null } })] }, 'other at the stop'],
    ['refused, account closed', { claims: [sentClaim({ state: 'refused', why: { code: 'merchant_account_closed', words: null } })] }, 'unable_to_refund_merchant_account_closed'],
    ['refused, and refunded by hand since', { claims: [sentClaim({ state: 'refused' })], order: reported('30', AFTER) }, 'issued_full_refund'],
    ['refused, and released again', { claims: [sentClaim({ state: 'refused' })], mine: alertCase('a', {}, [approved('30')]) }, 'refund'],
    ['refused, released before', { claims: [sentClaim({ state: 'refused' })], mine: alertCase('a', {}, [approved('30', SEEN_AT)]) }, 'other at the stop'],
    ['parked', { claims: [sentClaim({ state: 'parked' })] }, 'person: refund-parked'],
    ['parked, and released', { claims: [sentClaim({ state: 'parked' })], mine: alertCase('a', {}, [approved('30')]) }, 'refund'],
    ['taken back', { claims: [sentClaim({ state: 'failed', why: { code: 'failed-after-success', words: null } })] }, 'person: refund-taken-back'],
    ['another order’s transaction', { claims: [claimOf({ state: 'parked', why: { code: 'transaction-of-another-order', words: null } })], mine: alertCase('a', {}, [approved('30')]) }, 'person: transaction-taken'],
    ['dropped', { claims: [claimOf({ state: 'dropped' })] }, 'refund'],
    ['authenticated', { order: { eci: '05' }, resolve3ds: true }, '3ds_authorized_successfully'],
    ['authenticated, switch off', { order: { eci: '05' } }, 'refund'],
    ['authenticated, not fraud', { order: { eci: '05' }, resolve3ds: true, facts: { reason: 'service' } }, 'refund'],
    ['tried only', { order: { eci: '06' }, resolve3ds: true }, 'refund'],
    ['Mastercard, authenticated', { order: { eci: '02', cardBrand: 'mastercard' }, resolve3ds: true }, '3ds_authorized_successfully'],
    ['Mastercard, not', { order: { eci: '05', cardBrand: 'mastercard' }, resolve3ds: true }, 'refund'],
    ['authenticated, not asked yet for the reason', { order: { eci: '05' }, resolve3ds: true, mine: caseOf('a', 'alert', [hook('alert', ETHOCA)]) }, 'wait: not-enriched'],
  ])('%s', (_says, given, answer) => {
    expect(chosen(given)).toBe(answer)
  }) // prettier-ignore

  it('names the gateway’s code, never its prose', () => {
    const words = (code: string) => {
      const one = chooseResolution(
        viewOf({ claims: [sentClaim({ state: 'refused', why: { code, words: 'secret' } })] }),
      )
      return one.next === 'answer' ? one.wording.description : ''
    }
    expect(words('card_expired')).toContain('(card_expired)')
    expect(words('card 4012 of Ann')).toBe('The payment gateway refused to refund this order; no refund was made.')
  })

  it('tells of the refund that makes it true, and takes it only for the alert it was made for', () => {
    const refund = confirmedClaim({ wantedBy: 'b' })
    expect(chooseResolution(viewOf({ claims: [confirmedClaim()] }))).toMatchObject({ refundKey: 'k1', takes: true })
    expect(chooseResolution(viewOf({ claims: [refund], others: [alertCase('b')] }))).toMatchObject({ refundKey: 'k1', takes: false }) // prettier-ignore
  })
})

const cents = (amount: string | null | undefined) => Math.round(Number(amount ?? 0) * 100)
const most = (...sums: number[]) => Math.max(0, ...sums)
const sum = (refunds: Report['refunds']) => refunds.reduce((total, { amount }) => total + cents(amount), 0)

/** What holds in the world of a view, told without the table: in cents. */
function truthOf({ order, ledger, cases, facts }: CaseView) {
  const { claims, report } = ledger ?? emptyLedger('A')
  const done = report?.refunds.filter(({ status }) => status === 'succeeded') ?? []
  const ours = claims.filter(({ state }) => state === 'confirmed')
  const rdr = cases.filter(
    one => one.facts.facts.partner?.includes('rdr') === true && one.facts.facts.rdrResolution !== 'declined',
  )
  const back = most(...ours.map(({ target }) => cents(target)), cents(order?.reported?.amount), sum(done))
  const rdrPaid = most(...rdr.map(one => cents(one.facts.facts.amount ?? order?.captured)))
  const at = order?.reported?.at ?? 0
  const newest = claims.findLast(({ state }) => state !== 'dropped')
  return {
    newest,
    ours,
    isAllBack: order?.captured != null && back + rdrPaid >= cents(order.captured),
    isBackBefore: most(at < ISSUED_AT ? cents(order?.reported?.amount) : 0, sum(done.filter(({ createdAt }) => createdAt !== null && createdAt < ISSUED_AT))) >= cents(order?.captured), // prettier-ignore
    isSomeSince: (at >= ISSUED_AT && cents(order?.reported?.amount) > 0) || done.some(({ createdAt }) => createdAt !== null && createdAt >= ISSUED_AT), // prettier-ignore
    isSameMoney: (claim: Claim) =>
      (facts.facts.arn !== undefined && cases.some(one => one.facts.facts.arn === facts.facts.arn)) ||
      [order?.arn, claim.arn].includes(facts.facts.arn ?? 'none') ||
      (facts.facts.amount !== undefined && (facts.facts.currency ?? 'USD') === 'USD') ||
      cases.some(one => one.id !== 'a' && one.facts.facts.amount === facts.facts.amount && one.facts.facts.currency === facts.facts.currency), // prettier-ignore
  }
}

/** Whether an answer is true of the world, and may be given. */
function lieIn(view: CaseView, answer: Extract<Chosen, { next: 'answer' }>): string | null {
  const truth = truthOf(view)
  const { newest } = truth
  const isTied = view.facts.platformOrderId !== null
  const because = (holds: boolean, lie: string) => (holds ? null : lie)
  if (isTied && newest && ['sending', 'uncertain', 'pending'].includes(newest.state)) return 'a refund is under way'
  switch (answer.wording.type) {
    case 'could_not_find_order':
      return because(!isTied && view.search.found === 'none' && view.facts.enrichedAt !== null && answer.when === 'at-stop', 'the search was not full, or it is not the last moment') // prettier-ignore
    case 'declined_or_canceled_nothing_to_do':
      return because(view.order?.neverPaid != null, 'it was paid')
    case 'issued_full_refund':
    case 'issued_refund_for_remaining_amount':
      if (!truth.isAllBack) return 'something is left'
      if (newest?.state !== 'confirmed') return because(truth.isSomeSince, 'nothing was refunded since the alert')
      return because(newest.answeredBy === null || newest.answeredBy === 'a', 'another alert has told of this refund')
    case 'previously_refunded_nothing_to_do':
      if (!truth.isAllBack) return 'something is left'
      return because(truth.isBackBefore || truth.ours.some(truth.isSameMoney), 'nobody refunded it before')
    case '3ds_authorized_successfully':
      return because(view.terms.resolve3ds && view.order?.eci === '05' && view.facts.facts.reason !== 'service' && newest === undefined, 'it was not authenticated, or that is not the question') // prettier-ignore
    case 'unable_to_refund_merchant_account_closed':
      return because(newest?.why?.code === 'merchant_account_closed' && !truth.isAllBack, 'the account is open')
    case 'shipped':
      return 'only a person can tell'
    case 'other':
      return because(answer.wording.description !== '' && (newest?.state === 'refused' || newest?.state === 'failed') && !truth.isAllBack, 'it was not refused') // prettier-ignore
  }
}

describe('whatever happened', () => {
  const asResolution = (view: CaseView): ResolutionView => ({
    now: view.now, caseId: 'a', facts: view.facts.facts, alertAt: ISSUED_AT, order: view.order, cases: view.cases,
    match: view.facts.platformOrderId !== null || view.search.found === 'one' ? 'one' : view.facts.enrichedAt === null ? 'not-searched' : view.search.found,
    ledger: view.ledger ?? emptyLedger(''), resolve3ds: view.terms.resolve3ds,
  }) // prettier-ignore

  it('the answer is one of eight, has its words, and is true', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(anyCase, view => {
        const one = chooseResolution(asResolution(view))
        expect(['answer', 'person', 'wait', 'refund']).toContain(one.next)
        if (one.next !== 'answer') return
        seen.add(one.wording.type)
        expect(RESOLUTION_TYPES).toContain(one.wording.type)
        expect(lieIn(view, one)).toBeNull()
      }),
      { numRuns: 600, seed: 8 },
    )
    // The states drawn reach every answer: none of the above holds for want of a case.
    expect([...seen].toSorted()).toEqual([...RESOLUTION_TYPES].toSorted())
  })
})

describe('a person’s answer', () => {
  const forbidden = (type: (typeof RESOLUTION_TYPES)[number], given: Given) => forbids(type, viewOf(given)) !== null
  it('cannot say that it was refunded while something is left, nor that it was cancelled when it was not', () => {
    expect(forbidden('issued_full_refund', {})).toBe(true)
    expect(forbidden('issued_refund_for_remaining_amount', {})).toBe(true)
    expect(forbidden('issued_full_refund', { claims: [confirmedClaim()] })).toBe(false)
    expect(forbidden('declined_or_canceled_nothing_to_do', {})).toBe(true)
    expect(forbidden('declined_or_canceled_nothing_to_do', { order: { neverPaid: 'voided' } })).toBe(false)
    expect(forbidden('other', {})).toBe(false)
    expect(forbidden('issued_full_refund', { order: null })).toBe(false)
  })
})
