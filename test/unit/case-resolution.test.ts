import { describe, expect, it } from 'vitest'
import type { CaseOfOrder } from '../../src/domain/account/account.ts'
import { RESOLUTION_TYPES } from '../../src/domain/alert/resolution-types.ts'
import { chooseResolution, NOT_FOUND, pendingResolution, untrueBecause } from '../../src/domain/case/resolution.ts'
import type { Claim, GatewayReport } from '../../src/domain/refund/ledger.ts'
import {
  alertCase, answered, approved, caseOf, caseView, chargebackCase, claimed, confirmed, DAY_MS, factsWith, hook, HOUR_MS, ledgerIn, ledgerOf,
  listed, listedClaim, MINUTE_MS, money, NOW, pending, rdrCase, readBack, reportOf, requestCase, SEEN_AT, sending, stated, stopped, termsWith,
  uncertain, unreadAlert, type GivenCase,
} from './build-case.ts' // prettier-ignore

interface Given extends Omit<GivenCase, 'ledger'> {
  claims?: Claim[]
  report?: GatewayReport | null
  facts?: Parameters<typeof factsWith>[0]
}
const viewOf = ({ claims = [], report, facts = {}, mine = alertCase('a', facts), ...rest }: Given) =>
  caseView({ ...rest, mine, ledger: report === undefined ? ledgerIn(...claims) : ledgerOf(claims, report) })
/** What is chosen, in a few words. */
function chosen(given: Given): string {
  const one = chooseResolution(viewOf(given))
  if (one.next === 'answer') return one.when === 'now' ? one.resolution.type : `${one.resolution.type} at the stop`
  return one.next === 'refund' ? 'refund' : `${one.next}: ${one.reason}`
}
const described = (given: Given): string => {
  const one = chooseResolution(viewOf(given))
  return one.next === 'answer' ? one.resolution.description : one.next
}

const LONG_AGO = SEEN_AT - 9 * DAY_MS
const PREVIOUS = 'previously_refunded_nothing_to_do'
const FULL = 'issued_full_refund'
const REST = 'issued_refund_for_remaining_amount'
const by = (createdAt: number | null, amount = '30', more: Parameters<typeof listed>[0] = {}) =>
  listed({ refundId: `r${amount}-${createdAt}`, amount, createdAt, ...more })
const NOTHING_LEFT = reportOf([], { refundable: '0' })
const ERASED = { order: null, isErased: true }
/** A refund as the erasure of its order leaves it. */
const kept = (more: Parameters<typeof confirmed>[0] = {}) =>
  confirmed({ firstSentAt: LONG_AGO, claimedAt: LONG_AGO, refundableBefore: '30', networks: ['verifi'], ...more })
const account = termsWith({ hasGateway: false })

describe('the resolution of an alert whose order is known', () => {
  it.each<[says: string, given: Given, answer: string]>([
    ['an order that no source has sent', { order: null }, 'wait: order-unknown'],
    ['an order that was erased, never refunded', ERASED, 'person: order-erased'],
    ['an order that was erased, refunded whole before the alert, for another network', { ...ERASED, claims: [kept()] }, PREVIOUS],
    ['an order that was erased, refunded as the alert was issued', { ...ERASED, claims: [kept({ firstSentAt: SEEN_AT, claimedAt: SEEN_AT })] }, FULL],
    ['an order that was erased, refunded in two parts', { ...ERASED, claims: [kept({ key: 'k1', amount: '10' }), kept({ key: 'k2', amount: '20', refundableBefore: '20' })] }, PREVIOUS],
    ['an order that was erased, refunded at a time that is not known', { ...ERASED, claims: [kept({ firstSentAt: null })] }, 'person: refund-time-unknown'],
    ['an order that was erased, refunded for an alert of the same network', { ...ERASED, claims: [kept({ networks: ['verifi', 'ethoca'] })] }, 'person: order-erased'],
    ['an order that was erased, and an alert of no network', { ...ERASED, facts: { partner: undefined }, claims: [kept()] }, 'person: order-erased'],
    ['an order that was erased while its refund could still fail', { ...ERASED, claims: [confirmed({ refundableBefore: '30' })] }, 'person: order-erased'],
    ['an order that was erased, of which more was refundable', { ...ERASED, claims: [kept({ refundableBefore: '60' })] }, 'person: order-erased'],
    ['an order that was erased, of which it is not known what was refundable', { ...ERASED, claims: [kept({ refundableBefore: null })] }, 'person: order-erased'],
    ['an order that was erased, and an alert over more', { ...ERASED, facts: { amount: '31' }, claims: [kept()] }, 'person: order-erased'],
    ['an order that was erased, and an alert over less', { ...ERASED, facts: { amount: '29' }, claims: [kept()] }, 'person: order-erased'],
    ['an order that was erased, and an alert in another currency', { ...ERASED, facts: { currency: 'EUR' }, claims: [kept()] }, 'person: order-erased'],
    ['an order that was erased, and an alert without an amount', { ...ERASED, facts: { amount: undefined }, claims: [kept()] }, 'person: order-erased'],
    ['an order that was erased, whose refund failed', { ...ERASED, claims: [stopped('failed')] }, 'person: order-erased'],
    ['an order that was erased, with a refund that failed beside one that did not', { ...ERASED, claims: [stopped('failed'), kept()] }, 'person: order-erased'],
    ['an order that was erased, charged back since', { ...ERASED, claims: [kept()], others: [chargebackCase()] }, 'person: order-erased'],
    ['an order that was erased, paid by RDR since', { ...ERASED, claims: [kept()], others: [rdrCase()] }, 'person: order-erased'],
    ['nothing special', {}, 'refund'],
    ['cancelled, and nothing refundable', { order: { neverPaid: 'cancelled' }, report: NOTHING_LEFT }, 'declined_or_canceled_nothing_to_do'],
    ['declined, and nothing refundable', { order: { neverPaid: 'declined', settled: false }, report: NOTHING_LEFT }, 'declined_or_canceled_nothing_to_do'],
    ['voided, without a gateway to ask', { order: { neverPaid: 'voided' }, report: null, terms: account }, 'declined_or_canceled_nothing_to_do'],
    ['cancelled, and the gateway was not asked', { order: { neverPaid: 'cancelled' }, report: null }, 'refund'],
    ['cancelled, and the gateway states no refundable amount', { order: { neverPaid: 'cancelled' }, report: reportOf([], { refundable: null }) }, 'person: gateway-silent'],
    ['cancelled, and the gateway has money', { order: { neverPaid: 'cancelled' }, report: reportOf() }, 'refund'],
    ['cancelled after it was paid', { order: { unpaidNow: 'cancelled' } }, 'refund'],
    ['not settled', { order: { settled: false, captured: '0' } }, 'wait: not-settled'],
    ['not settled, and the gateway not asked', { order: { settled: false, captured: '0' }, report: null }, 'wait: not-settled'],
    ['captured unknown', { order: { captured: null } }, 'refund'],
    ['nothing was captured of a settled order', { order: { captured: '0' }, report: NOTHING_LEFT }, 'person: captured-unknown'],
    ['charged back', { others: [chargebackCase()] }, 'person: chargeback'],
    ['charged back, by the order', { order: { chargeback: true } }, 'person: chargeback'],
    ['RDR paid', { others: [rdrCase()] }, 'person: rdr-paid'],
    ['RDR declined', { others: [rdrCase({ rdrResolution: 'declined' })] }, 'refund'],
    ['partly refunded before', { order: stated('10'), report: reportOf([by(SEEN_AT - DAY_MS, '10')]) }, 'refund'],
    ['a refund by hand that is not done', { report: reportOf([by(LONG_AGO, '30', { status: 'pending' })]) }, 'wait: refund-pending'],
    ['a refund by hand that is not done, which the CRM states already', { order: stated('30', LONG_AGO), report: reportOf([by(LONG_AGO, '30', { status: 'pending' })]) }, 'wait: refund-pending'],
    ['a refund by hand that failed', { report: reportOf([by(LONG_AGO, '30', { status: 'failed' })]) }, 'refund'],
    ['refunded, and the gateway not asked', { order: stated('30', LONG_AGO), report: null }, 'refund'],
    ['refunded by the CRM’s statement since the gateway was asked', { order: { rev: 2, ...stated('30', NOW - 5) }, report: reportOf([], { at: NOW - HOUR_MS }) }, 'refund'],
    ['refunded, and the gateway denies it', { order: stated('30', LONG_AGO), report: reportOf() }, 'refund'],
    ['refunded, and the gateway states no refundable amount but lists all of it', { order: stated('30', LONG_AGO), report: reportOf([by(LONG_AGO)], { refundable: null }) }, PREVIOUS],
    ['refunded but for less than a cent, and the gateway states no refundable amount', { order: stated('30', LONG_AGO), report: reportOf([by(LONG_AGO, '29.995')], { refundable: null }) }, 'person: gateway-silent'],
    ['refunded, at a time that is not known', { report: reportOf([by(null)]) }, 'person: refund-time-unknown'],
    ['an alert of more than the order, refunded', { facts: { amount: '31' }, report: reportOf([by(LONG_AGO)]) }, 'person: second-alert-differs'],
    ['an alert of the total with less captured, refunded', { order: { captured: '20' }, report: reportOf([by(LONG_AGO, '20')], { refundable: '0' }) }, PREVIOUS],
    ['an alert of more than the order, whose total is not stated, refunded', { order: { total: null }, facts: { amount: '31' }, report: reportOf([by(LONG_AGO)]) }, 'person: second-alert-differs'],
    ['an alert of part of the order, refunded', { facts: { amount: '10' }, report: reportOf([by(LONG_AGO)]) }, PREVIOUS],
    ['an alert without an amount, refunded', { facts: { amount: undefined }, report: reportOf([by(LONG_AGO)]) }, PREVIOUS],
    ['an alert of more in another currency, refunded', { facts: { amount: '31', currency: 'EUR' }, report: reportOf([by(LONG_AGO)]) }, PREVIOUS],
    ['a second alert of the same network with another case number', { facts: { caseNumber: '2' }, others: [caseOf('b', 'alert', [hook('alert', factsWith({ caseNumber: '1' }), SEEN_AT - 1), readBack(factsWith({ caseNumber: '1' }))])], claims: [confirmed()] }, 'person: second-alert-of-network'],
    ['claimed', { claims: [claimed()] }, 'refund'],
    ['claimed, and void in truth', { claims: [claimed()], order: { neverPaid: 'voided' }, report: NOTHING_LEFT }, 'declined_or_canceled_nothing_to_do'],
    ['sending', { claims: [sending()] }, 'wait: refund-under-way'],
    ['uncertain', { claims: [uncertain()] }, 'wait: refund-uncertain'],
    ['uncertain, and the CRM says refunded', { claims: [uncertain()], order: stated('30') }, 'wait: refund-uncertain'],
    ['uncertain, and void', { claims: [uncertain()], order: { neverPaid: 'voided' } }, 'wait: refund-uncertain'],
    ['pending', { claims: [pending()] }, 'wait: refund-pending'],
    ['confirmed', { claims: [confirmed()] }, FULL],
    ['confirmed, and charged back since', { claims: [confirmed()], others: [chargebackCase()] }, FULL],
    ['confirmed, captured unknown since', { claims: [confirmed()], order: { captured: null } }, 'person: captured-unknown'],
    ['confirmed before the alert, and more captured since', { claims: [confirmed({ claimedAt: LONG_AGO, firstSentAt: LONG_AGO })], order: { captured: '50', total: '50' } }, 'refund'],
    ['confirmed for another alert, and more captured since', { claims: [confirmed({ wantedBy: 'midigator:b' })], order: { captured: '50', total: '50' }, others: [alertCase('b')] }, 'refund'],
    ['confirmed for this alert, and more captured since', { claims: [confirmed()], order: { captured: '50', total: '50' } }, 'person: captured-grew'],
    ['confirmed for this alert, more captured since, and the rest approved', { claims: [confirmed()], order: { captured: '50', total: '50' }, mine: alertCase('a', {}, [approved('20')]) }, 'refund'],
    ['confirmed, and the rest by hand, not done', { claims: [confirmed({ amount: '20', target: '20' })], report: reportOf([listedClaim(confirmed({ amount: '20' })), by(SEEN_AT, '10', { status: 'pending' })]) }, 'wait: refund-pending'],
    ['the rest confirmed, and what was refunded before it is not there any more', { claims: [confirmed({ amount: '10', target: '30' })], order: stated('20', LONG_AGO) }, 'refund'],
    ['part confirmed, and the CRM claims the rest, which the gateway has not', { claims: [confirmed({ amount: '10', target: '10', wantedBy: 'midigator:b' })], order: stated('30', LONG_AGO) }, 'refund'],
    ['refused', { claims: [stopped('refused', 'card_expired')] }, 'other at the stop'],
    ['failed', { claims: [stopped('failed', 'failed')] }, 'other at the stop'],
    ['refused, account closed', { claims: [stopped('refused', 'merchant_account_closed')] }, 'unable_to_refund_merchant_account_closed'],
    ['refused, and refunded by hand since', { claims: [stopped('refused')], order: stated('30', NOW), report: reportOf([by(NOW)]) }, FULL],
    ['refused, and approved again', { claims: [stopped('refused')], mine: alertCase('a', {}, [approved('30')]) }, 'refund'],
    ['refused, approved before that', { claims: [stopped('refused')], mine: alertCase('a', {}, [approved('30', SEEN_AT)]) }, 'other at the stop'],
    ['parked', { claims: [stopped('parked')] }, 'person: refund-parked'],
    ['parked, and approved', { claims: [stopped('parked')], mine: alertCase('a', {}, [approved('30')]) }, 'refund'],
    ['taken back', { claims: [stopped('failed', 'failed-after-success')] }, 'person: refund-taken-back'],
    ['another order’s transaction', { claims: [stopped('parked', 'transaction-of-another-order')] }, 'person: transaction-taken'],
    ['another order’s transaction, corrected', { claims: [stopped('parked', 'transaction-of-another-order')], order: { transactionId: 'T-B' } }, 'refund'],
    ['dropped', { claims: [stopped('dropped', 'rest-changed', { sends: 0 })] }, 'refund'],
  ])('%s', (_says, given, answer) => {
    expect(chosen(given)).toBe(answer)
  }) // prettier-ignore
})

describe('a refund by other hands', () => {
  /** Refunded at a time, by the gateway's list, and by the CRM alone where there is no gateway. */
  const at = (ms: number) => [
    chosen({ report: reportOf([by(SEEN_AT + ms)]) }),
    chosen({ order: stated('30', SEEN_AT + ms), report: null, terms: account }),
  ]
  it('more than ten minutes before the alert was issued is a previous one, later it is issued', () => {
    expect([at(-10 * MINUTE_MS - 1), at(-10 * MINUTE_MS), at(0), at(MINUTE_MS), at(-DAY_MS)]).toEqual([[PREVIOUS, PREVIOUS], [FULL, FULL], [FULL, FULL], [FULL, FULL], [PREVIOUS, PREVIOUS]]) // prettier-ignore
  })
  it('counts from when the alert was issued, not from when it came', () => {
    expect(chosen({ facts: { issuedAt: SEEN_AT - 2 * DAY_MS }, report: reportOf([by(SEEN_AT - DAY_MS)]) })).toBe(FULL)
  })
  it('in parts, before and since, is the remaining amount; before it alone is not answered', () => {
    const parts = (first: number, second: number) => chosen({ report: reportOf([by(SEEN_AT + first, '10'), by(SEEN_AT + second, '20')]) }) // prettier-ignore
    expect([parts(-DAY_MS, MINUTE_MS), parts(-DAY_MS, -HOUR_MS), parts(1, 2), parts(-MINUTE_MS, MINUTE_MS)]).toEqual([REST, PREVIOUS, FULL, FULL]) // prettier-ignore
    expect(chosen({ report: reportOf([by(SEEN_AT - DAY_MS, '10')]) })).toBe('refund')
  })
  it('of which a part has no known time asks a person, unless the rest alone was before', () => {
    expect(chosen({ report: reportOf([by(null, '10'), by(SEEN_AT, '20')]) })).toBe('person: refund-time-unknown')
    expect(chosen({ report: reportOf([by(null, '10'), by(LONG_AGO, '20')]) })).toBe('person: refund-time-unknown')
  })
  it('known only to the day is a previous one only where that day was over', () => {
    const day = (end: number) => chosen({ report: reportOf([by(end, '30', { isDayOnly: true })]) })
    const endOf = Date.UTC(2026, 0, 10) - 1
    expect([day(endOf), day(endOf + DAY_MS)]).toEqual([PREVIOUS, FULL])
    // An alert just after midnight: ten minutes before it is the day before.
    const early = (end: number) => chosen({ facts: { issuedAt: endOf + 5 * MINUTE_MS }, report: reportOf([by(end, '30', { isDayOnly: true })]) }) // prettier-ignore
    expect([early(endOf), early(endOf - DAY_MS)]).toEqual([FULL, PREVIOUS])
  })
  it('beside an alert whose day alone is known is a previous one only before that day', () => {
    const of = (refundedAt: number) => chosen({ facts: { isIssuedOnDay: true }, report: reportOf([by(refundedAt)]) })
    const dayStart = Date.UTC(2026, 0, 10)
    expect([of(dayStart), of(dayStart - 1)]).toEqual([FULL, PREVIOUS])
  })
  it('of all but less than one minor unit is a whole refund', () => {
    expect(chosen({ report: reportOf([by(LONG_AGO, '29.995')], { refundable: '0' }) })).toBe(PREVIOUS)
    expect(chosen({ report: reportOf([by(LONG_AGO, '29.99')], { refundable: '0.01' }) })).toBe('refund')
  })
  it('of less than one minor unit before the alert is none', () => {
    const order = { captured: '30.005', ...stated(null, LONG_AGO, true) }
    expect(chosen({ claims: [confirmed()], order, report: reportOf([listedClaim(confirmed())]) })).toBe(FULL)
  })
  it('of all but a cent is not all of it', () => {
    expect(chosen({ report: reportOf([by(LONG_AGO, '29.99'), by(SEEN_AT, '0.01')]) })).toBe(REST)
    const yen = {
      order: { captured: '3000', total: '3000', currency: 'JPY' },
      facts: { amount: '3000', currency: 'JPY' },
    }
    const of = (...refunds: ReturnType<typeof by>[]) => chosen({ ...yen, report: reportOf(refunds, { currency: 'JPY', refundable: '0' }) }) // prettier-ignore
    expect([of(by(LONG_AGO, '2999'), by(SEEN_AT, '1')), of(by(LONG_AGO, '2999.5')), of(by(LONG_AGO, '3000'))]).toEqual([REST, PREVIOUS, PREVIOUS]) // prettier-ignore
  })
  it('that failed, or was refused, has no time', () => {
    expect(chosen({ report: reportOf([by(LONG_AGO, '30', { status: 'failed' }), by(NOW)]) })).toBe(FULL)
    const refused = stopped('refused', 'c', { firstSentAt: LONG_AGO, claimedAt: LONG_AGO })
    expect(chosen({ claims: [refused], report: reportOf([by(NOW)]) })).toBe(FULL)
  })
  it('of more than was captured counts for what was captured', () => {
    expect(chosen({ claims: [confirmed()], order: stated('45', LONG_AGO) })).toBe(FULL)
  })
  it('that the CRM repeats counts once', () => {
    expect(chosen({ order: stated('30', NOW), report: reportOf([by(LONG_AGO)]) })).toBe(PREVIOUS)
  })
})

describe('our own refund', () => {
  const ago = (ms: number, over: Parameters<typeof confirmed>[0] = {}) => confirmed({ claimedAt: SEEN_AT - ms, firstSentAt: SEEN_AT - ms, ...over }) // prettier-ignore
  const forRequest = (ms: number) => chosen({ claims: [ago(ms, { wantedBy: 'midigator:req' })], others: [requestCase()] }) // prettier-ignore

  it('for an alert that was issued before it is issued, also for a second alert', () => {
    const other = alertCase('b', { partner: 'verifi' })
    expect(chosen({ claims: [confirmed({ wantedBy: 'midigator:b' })], others: [other] })).toBe(FULL)
    expect(chosen({ claims: [ago(HOUR_MS, { wantedBy: 'midigator:b' })], others: [other] })).toBe(PREVIOUS)
  })
  it('of the rest is said to be that', () => {
    const ours = confirmed({ amount: '20', target: '30' })
    expect(chosen({ claims: [ours], order: stated('10'), report: reportOf([listedClaim(ours), by(SEEN_AT - DAY_MS, '10')]) })).toBe(REST) // prettier-ignore
    expect(chosen({ claims: [ours], order: stated('10'), report: reportOf([listedClaim(ours), by(SEEN_AT, '10')]) })).toBe(FULL) // prettier-ignore
  })
  it('that a refund request asked for in the last 72 hours is its alert’s', () => {
    expect([forRequest(HOUR_MS), forRequest(72 * HOUR_MS), forRequest(72 * HOUR_MS + 1)]).toEqual([FULL, FULL, PREVIOUS]) // prettier-ignore
  })
  it('is dated by when it was sent, whether the list shows it or not', () => {
    const ours = ago(HOUR_MS, { wantedBy: 'midigator:b' })
    const of = (report: GatewayReport | null) => chosen({ claims: [ours], report, others: [alertCase('b')] })
    expect(of(reportOf([listedClaim(ours, { createdAt: NOW })]))).toBe(PREVIOUS)
    expect(of(reportOf([], { refundable: '0' }))).toBe(PREVIOUS)
  })
  it('is known in a list without references by the gateway’s own id', () => {
    const ours = ago(HOUR_MS, { wantedBy: 'midigator:b', refundId: 'r-9' })
    const of = (refundId: string) => chosen({ claims: [ours], report: reportOf([by(NOW, '30', { refundId })]), others: [alertCase('b')] }) // prettier-ignore
    expect([of('r-9'), of('r-8')]).toEqual([PREVIOUS, PREVIOUS])
    expect(chosen({ claims: [ago(0, { refundId: 'r-9' })], report: reportOf([by(LONG_AGO, '30', { refundId: 'r-9' })]) })).toBe(FULL) // prettier-ignore
  })
  it('for another alert is not the alert’s because some request came too', () => {
    expect(chosen({ claims: [ago(HOUR_MS, { wantedBy: 'midigator:b' })], others: [alertCase('b'), requestCase()] })).toBe(PREVIOUS) // prettier-ignore
  })
  it('beside others’ needs the gateway’s own figure only where ours did not complete it and its list does not show all', () => {
    const rest = confirmed({ amount: '20', target: '30' })
    const silent = (claim: Claim, theirs: string) => chosen({ claims: [claim], report: reportOf([listedClaim(claim), by(SEEN_AT - DAY_MS, theirs)], { refundable: null }) }) // prettier-ignore
    expect(silent(rest, '10')).toBe(REST)
    expect(silent(confirmed({ amount: '10', target: '10', wantedBy: 'midigator:b' }), '20')).toBe(REST) // prettier-ignore
    expect(silent(confirmed({ amount: '10', target: '10', wantedBy: 'midigator:b' }), '19.995')).toBe('person: gateway-silent') // prettier-ignore
  })
  it('beside a newer statement of the CRM has the gateway asked', () => {
    const ours = confirmed({ amount: '10', target: '10', wantedBy: 'midigator:b' })
    expect(chosen({ claims: [ours], order: { rev: 2, ...stated('30', NOW - 5) }, report: reportOf([listedClaim(ours)], { at: NOW - HOUR_MS }) })).toBe('refund') // prettier-ignore
  })
  it('is named by the resolution that it makes true', () => {
    expect(chooseResolution(viewOf({ claims: [confirmed()] }))).toMatchObject({ refundKey: 'k1' })
    expect(chooseResolution(viewOf({ report: reportOf([by(LONG_AGO)]) }))).toMatchObject({ refundKey: null })
  })
})

describe('a refund of part of an order that a person released', () => {
  const part = (over: Parameters<typeof confirmed>[0] = {}) => confirmed({ amount: '10', target: '10', approvedBy: 'ann', approvedAt: NOW, ...over }) // prettier-ignore
  const mine = alertCase('a', { amount: '10' }, [approved('10')])

  it('is described with both amounts to Midigator', () => {
    expect(chooseResolution(viewOf({ claims: [part()], mine }))).toMatchObject({
      resolution: { type: 'other', description: 'A refund of 10.00 USD was issued for this alert, out of 30.00 USD charged for the order.' },
      refundKey: 'k1',
    }) // prettier-ignore
  })
  it('has a type of its own at Chargebackhit', () => {
    const chargebackhit = { ...mine, id: 'chargebackhit:a' }
    const given = { claims: [part({ wantedBy: 'chargebackhit:a' })], mine: chargebackhit }
    expect([chosen(given), described(given)]).toEqual([REST, ''])
  })
  it('is the answer to the alert it was released for, not to another alert of the order', () => {
    const other = alertCase('b', { partner: 'verifi', amount: '20' })
    expect(chosen({ claims: [part()], mine: other, others: [mine] })).toBe('refund')
    // The approval decides, also where the older alert is what the refund was claimed for.
    const approvedOn = alertCase('b', { partner: 'verifi', amount: '10' }, [approved('10')])
    expect(chosen({ claims: [part()], mine: approvedOn, others: [alertCase('a', { amount: '20' })] })).toBe('other')
    expect(chosen({ claims: [part()], mine: alertCase('a', { amount: '20' }), others: [approvedOn] })).toBe('refund')
    // Released on the request, it is the answer to the alert that carries the request.
    const request = requestCase({}, [readBack({ orderId: 'A' }), approved('10')])
    expect(chosen({ claims: [part()], mine: alertCase('a', { amount: '10' }), others: [request] })).toBe('other')
    const earlier = alertCase('b', { partner: 'verifi' }, [approved('10', NOW - 5)])
    expect(chosen({ claims: [part()], mine: alertCase('a', { amount: '10' }), others: [earlier] })).toBe('other')
  })
})

describe('3-D Secure', () => {
  const on = { terms: termsWith({}, { resolve3ds: true }) }
  const is3ds = (given: Given) => chosen({ ...on, ...given }) === '3ds_authorized_successfully'
  it('answers for authenticated orders where the merchant wants that and the alert may be about fraud', () => {
    expect(is3ds({ order: { eci: '05' } })).toBe(true)
    expect(is3ds({ order: { eci: '5' }, facts: { reason: '10.4' } })).toBe(true)
    expect(chosen({ order: { eci: '05' } })).toBe('refund')
    expect(is3ds({ order: { eci: '05' }, facts: { reason: '13.1' } })).toBe(false)
  })
  it.each([
    ['05', 'visa', true],
    ['06', 'visa', false],
    ['02', 'mastercard', true],
    ['2', 'MC', true],
    ['05', 'Mastercard', false],
    ['02', 'visa', false],
    ['05', null, true],
    [null, 'visa', false],
  ])('takes ECI %s of %s for authenticated: %s', (eci, cardBrand, isAuthenticated) => {
    expect(is3ds({ order: { eci, cardBrand } })).toBe(isAuthenticated)
  })
  it('does not answer once a refund was begun, or the account is in doubt', () => {
    expect(is3ds({ order: { eci: '05' }, claims: [claimed()] })).toBe(false)
    expect(is3ds({ order: { eci: '05', currency: null } })).toBe(false)
    expect(is3ds({ order: { eci: '05' }, report: null })).toBe(false)
  })
  it('waits for the platform where the alert gave no reason, for one may come', () => {
    expect(chosen({ ...on, order: { eci: '05' }, mine: unreadAlert() })).toBe('wait: not-enriched')
    expect(is3ds({ order: { eci: '05' }, mine: unreadAlert({ reason: 'fraud' }) })).toBe(true)
  })
  it('is no answer to Chargebackhit', () => {
    expect(is3ds({ order: { eci: '05' }, mine: { ...alertCase(), id: 'chargebackhit:a' } })).toBe(false)
  })
})

describe('a refusal', () => {
  const words = (claim: Claim, order: Given['order'] = {}, report = reportOf()) =>
    described({ claims: [claim], order: order ?? {}, report })
  it('is described with the gateway’s code, never with its prose, and without a word that is not true', () => {
    expect(words(stopped('refused', 'card_expired'))).toBe('The payment gateway refused to refund this order (card_expired).') // prettier-ignore
    expect(words(stopped('refused', 'card 4012 of Ann'))).toBe('The payment gateway refused to refund this order.')
    expect(words(stopped('failed', 'failed'))).toBe('The refund of this order failed at the payment gateway.')
  })
  it('says what was refunded before it, and what was not', () => {
    const claim = stopped('refused', 'too_old', { amount: '20' })
    expect(words(claim, stated('10'), reportOf([by(LONG_AGO, '10')]))).toBe(
      '10.00 USD of this order was refunded before. The payment gateway refused to refund the remaining 20.00 USD (too_old).',
    )
    const yen = { captured: '3000', total: '3000', currency: 'JPY' }
    expect(words({ ...claim, currency: 'JPY' }, { ...yen, ...stated('1000') }, reportOf([by(LONG_AGO, '1000')], { currency: 'JPY', refundable: '2000' }))).toContain('1000 JPY of this order') // prettier-ignore
  })
})

describe('a refund that is pending at the hard stop', () => {
  const prepared = (claim: Claim, id = 'midigator:a') => pendingResolution(viewOf({ claims: [claim], mine: { ...alertCase(), id } })) // prettier-ignore
  it('has a prepared resolution for Midigator that says what is known, and none for Chargebackhit', () => {
    expect(prepared(pending())).toEqual({ type: 'other', description: 'A refund of 30.00 USD was submitted on 2026-01-10 and is not confirmed yet.' }) // prettier-ignore
    expect(prepared(pending(), 'chargebackhit:a')).toBeNull()
    for (const claim of [uncertain(), confirmed(), claimed(), pending({ firstSentAt: null })]) expect(prepared(claim)).toBeNull() // prettier-ignore
    expect(pendingResolution(viewOf({ report: reportOf([by(SEEN_AT, '30', { status: 'pending' })]) }))).toBeNull()
  })
})

describe('a person’s resolution', () => {
  const untrue = (type: (typeof RESOLUTION_TYPES)[number], given: Given) => untrueBecause(type, viewOf(given))
  const REFUNDED = [FULL, REST, PREVIOUS] as const

  it('cannot say that the order was refunded while something is left', () => {
    for (const type of REFUNDED) {
      expect(untrue(type, {})).toBe('30 USD of the order is not refunded')
      expect(untrue(type, { claims: [confirmed()] })).toBeNull()
      expect(untrue(type, { claims: [pending()] })).toBe('the gateway has not confirmed a refund of the order')
    }
  })
  it('cannot say so where nothing was captured, or nobody knows how much', () => {
    expect(untrue(FULL, { order: { neverPaid: 'voided' } })).toBe('nothing was captured for the order')
    expect(untrue(FULL, { order: { settled: false, captured: '0' } })).toBe('nothing was captured for the order')
    expect(untrue(FULL, { order: { captured: '0' } })).toBe('nothing was captured for the order')
    expect(untrue(FULL, { order: { settled: false, captured: '30' } })).toBe('nothing was captured for the order')
    expect(untrue(FULL, { order: { neverPaid: 'voided', captured: '30' } })).toBe('nothing was captured for the order')
    expect(untrue(FULL, { order: { captured: null } })).toBe('the captured amount is not known')
  })
  it('cannot say that the order was cancelled when it was not', () => {
    const type = 'declined_or_canceled_nothing_to_do'
    expect(untrue(type, {})).toBe('the order was not cancelled, declined or voided')
    expect(untrue(type, { order: { unpaidNow: 'cancelled' } })).not.toBeNull()
    expect(untrue(type, { order: { neverPaid: 'voided' } })).toBeNull()
  })
  it('may say anything else, and anything about an order that is not known', () => {
    for (const type of ['other', 'could_not_find_order', '3ds_authorized_successfully', 'unable_to_refund_merchant_account_closed'] as const) expect(untrue(type, {})).toBeNull() // prettier-ignore
    for (const type of RESOLUTION_TYPES) expect(untrue(type, { order: null })).toBeNull()
  })
})

describe('a chosen answer says why', () => {
  const why = (given: Given) => {
    const one = chooseResolution(viewOf(given))
    return one.next === 'answer' ? `${one.reason} ${one.when}` : one.next
  }
  it('by a code that is shown until it goes out', () => {
    expect(why({ claims: [confirmed()] })).toBe('answer-chosen now')
    expect(why({ report: reportOf([by(LONG_AGO)]) })).toBe('answer-chosen now')
    expect(why({ claims: [confirmed({ amount: '10', target: '10', approvedBy: 'ann', approvedAt: NOW })], mine: alertCase('a', {}, [approved('10')]) })).toBe('answer-chosen now') // prettier-ignore
    expect(why({ order: { eci: '05' }, terms: termsWith({}, { resolve3ds: true }) })).toBe('answer-chosen now')
    expect(why({ order: { neverPaid: 'voided' }, report: NOTHING_LEFT })).toBe('never-paid now')
    expect(why({ claims: [stopped('refused')] })).toBe('refund-refused at-stop')
    expect(NOT_FOUND).toMatchObject({ reason: 'no-match', when: 'at-stop', refundKey: null })
  })
})

describe('cases that come again', () => {
  it('find what an earlier alert of the order was refunded for: a later one was refunded before', () => {
    const first: CaseOfOrder = caseOf('b', 'alert', [hook('alert', factsWith({ issuedAt: LONG_AGO }), LONG_AGO), readBack(factsWith({ issuedAt: LONG_AGO }), LONG_AGO), ...answered(LONG_AGO + 9)]) // prettier-ignore
    const ours = confirmed({ wantedBy: first.id, claimedAt: LONG_AGO, firstSentAt: LONG_AGO, confirmedAt: LONG_AGO })
    expect(chosen({ claims: [ours], others: [first], order: money(stated('30', LONG_AGO)) })).toBe(PREVIOUS)
  })
})
