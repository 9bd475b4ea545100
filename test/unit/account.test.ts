import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accountOf, isChargedBack, isPaidTwice, isReportOld, rdrTotal, refundedForGood } from '../../src/domain/account/account.ts' // prettier-ignore
import { statementsOf } from '../../src/domain/account/statements.ts'
import {
  accountView, approved, alertCase, caseOf, chargebackCase, confirmed, DAY_MS, declined, hook, HOUR_MS, ledgerIn, ledgerOf, listed, listedClaim,
  MINUTE_MS, NOW, pending, rdrCase, reportOf, SEEN_AT, sending, stated, stopped, uncertain, type Given,
} from './build-case.ts' // prettier-ignore

const account = (given: Given = {}) => accountOf(accountView(given))
const statementsFor = (given: Given) => statementsOf(accountView(given))
/** The conflict, and when a list that lags is asked again. */
const conflict = (given: Given) => account(given).conflict
const inList = (...amounts: string[]) => reportOf(amounts.map((amount, i) => listed({ refundId: `r${i}`, amount, createdAt: SEEN_AT - DAY_MS }))) // prettier-ignore
const LONG_AGO = SEEN_AT - 9 * DAY_MS

describe('what was captured, refunded and is refundable', () => {
  it('is the captured amount, the greatest refund that any side states, and their difference', () => {
    expect(account()).toMatchObject({ currency: 'USD', captured: '30', refunded: '0', rest: '30', conflict: null, isNothingRefundable: false }) // prettier-ignore
    expect(account({ order: stated('10'), ledger: ledgerOf([], inList('10')) })).toMatchObject({ refunded: '10', rest: '20', conflict: null }) // prettier-ignore
    expect(account({ ledger: ledgerIn(confirmed({ amount: '12', target: '12' })) })).toMatchObject({ refunded: '12', rest: '18', conflict: null }) // prettier-ignore
    expect(account({ ledger: ledgerOf([], inList('10', '5')) })).toMatchObject({ refunded: '15', rest: '15' })
  })

  it('counts a refund under way as refunded, a failed one not, and for good only what succeeded', () => {
    const report = reportOf([listed({ amount: '10', status: 'pending' }), listed({ amount: '5' }), listed({ amount: '9', status: 'failed' })]) // prettier-ignore
    const given = { ledger: ledgerOf([], report) }
    expect(account(given)).toMatchObject({ refunded: '15', rest: '15', conflict: null })
    expect(refundedForGood(accountView(given))).toBe('5')
  })

  it('leaves nothing refundable while the captured amount is not known', () => {
    expect(account({ order: { captured: null } })).toMatchObject({ captured: null, rest: '0', conflict: 'captured-unknown' }) // prettier-ignore
    expect(account({ order: null })).toMatchObject({ captured: null, currency: null, rest: '0', conflict: null }) // prettier-ignore
  })

  it('less what RDR paid, the greatest of its notices, and the whole where a notice names no amount', () => {
    const cases = [rdrCase({ amount: '5' }), rdrCase({ amount: '7', orderId: 'A' })]
    expect(account({ cases, ledger: ledgerOf([], reportOf()) })).toMatchObject({ rest: '23', conflict: null })
    expect(account({ cases: [rdrCase({ amount: undefined })] }).rest).toBe('0')
    expect(account({ cases: [rdrCase({ rdrResolution: 'declined' })] }).rest).toBe('30')
    expect(rdrTotal(accountView({ cases: [alertCase(), chargebackCase()] }))).toBe('0')
  })

  it('moves in whole minor units: what is left below one of them is nothing', () => {
    expect(account({ order: { captured: '30', ...stated('29.995') }, ledger: ledgerOf([], { ...inList('29.995'), refundable: '0' }) })).toMatchObject({ rest: '0', conflict: null }) // prettier-ignore
    const yen = { captured: '3000', total: '3000', currency: 'JPY', ...stated('2999.5') }
    expect(account({ order: yen, ledger: ledgerOf([], { ...inList('2999.5'), refundable: '0', currency: 'JPY' }) })).toMatchObject({ rest: '0', conflict: null }) // prettier-ignore
  })

  it('is nothing by the gateway’s own statement only where it states 0, or states nothing and lists all that was captured', () => {
    const stating = (refundable: string | null) => account({ order: stated('30', LONG_AGO), ledger: ledgerOf([], { ...inList('30'), refundable }) }) // prettier-ignore
    expect([stating('0'), stating(null), stating('1')].map(one => one.isNothingRefundable)).toEqual([true, true, false])
    const listing = (...all: Parameters<typeof listed>[0][]) => account({ ledger: ledgerOf([], reportOf(all.map(one => listed(one)), { refundable: null })) }) // prettier-ignore
    expect(listing({ amount: '20' }, { amount: '10', refundId: 'r2' }).isNothingRefundable).toBe(true)
    expect(listing({ amount: '20' }, { amount: '9.99', refundId: 'r2' }).isNothingRefundable).toBe(false)
    for (const status of ['pending', 'failed'] as const) expect(listing({ status }).isNothingRefundable).toBe(false)
    const unknown = account({ order: { captured: null }, ledger: ledgerOf([], { ...inList('30'), refundable: null }) })
    expect(unknown.isNothingRefundable).toBe(false)
    expect(account({ ledger: ledgerOf() }).isNothingRefundable).toBe(false)
  })

  it('names who states what, and when', () => {
    const ours = confirmed({ amount: '10', target: '10' })
    const report = reportOf([listedClaim(ours), listed({ amount: '5', status: 'pending', createdAt: SEEN_AT })])
    const statements = statementsFor({ order: stated('10', SEEN_AT), ledger: ledgerOf([ours], report), cases: [rdrCase({ amount: '3' }), chargebackCase({ orderId: 'A', amount: '4' })] }) // prettier-ignore
    expect(statements.map(({ source, what, amount }) => `${source} ${what} ${amount}`)).toEqual([
      'crm captured 30', 'crm refunded 10', 'ledger refunded 10', 'gateway refunded 10', 'gateway pending 5', 'gateway refundable 15',
      'rdr refunded 3', 'chargeback refunded 4',
    ]) // prettier-ignore
    expect(statements.map(one => one.at)).toEqual([SEEN_AT - DAY_MS, SEEN_AT, SEEN_AT + 1, NOW - 1, NOW - 1, NOW - 1, null, SEEN_AT]) // prettier-ignore
  })

  it('names nothing that a side does not state', () => {
    const short = (given: Given) => statementsFor(given).map(({ source, what, amount }) => `${source} ${what} ${amount}`) // prettier-ignore
    expect(short({ ledger: ledgerOf([uncertain()]) })).toEqual(['crm captured 30'])
    expect(short({ ledger: ledgerOf([], reportOf([], { refundable: null })) })).toEqual(['crm captured 30', 'gateway refunded 0']) // prettier-ignore
    expect(short({ order: null })).toEqual([])
    expect(statementsFor({ ledger: ledgerOf(), cases: [chargebackCase()] }).at(-1)).toEqual({ source: 'chargeback', what: 'refunded', amount: null, at: SEEN_AT }) // prettier-ignore
  })
})

describe('an account contradicts itself', () => {
  it.each<[says: string, given: Given, conflict: string | null]>([
    ['when the captured amount is unknown', { order: { captured: null } }, 'captured-unknown'],
    ['when no currency is stated and the merchant has no default', { order: { currency: null } }, 'currency-unknown'],
    ['when the captured amount is finer than its currency', { order: { captured: '30.005' } }, 'amount-too-fine'],
    ['when yen have decimals', { order: { captured: '30.5', currency: 'JPY' } }, 'amount-too-fine'],
    ['when what is left is finer than the currency', { order: stated('9.995'), ledger: ledgerOf([], { ...inList('9.995'), refundable: '20' }) }, 'amount-too-fine'],
    ['when the gateway states another currency', { ledger: ledgerOf([], reportOf([], { currency: 'EUR' })) }, 'gateway-currency-differs'],
    ['not when the gateway states no currency', { ledger: ledgerOf([], reportOf([], { currency: null })) }, null],
    ['when a change of its money could not be read', { order: { holds: [{ reason: 'unreadable', detail: 'order_total', at: NOW }] } }, 'order-on-hold'],
    ['when the CRM states a refund that the list has not', { order: stated('10', LONG_AGO) }, 'refund-contradicted'],
    ['when the CRM states more than the list has', { order: stated('20', LONG_AGO), ledger: ledgerOf([], inList('10')) }, 'refund-contradicted'],
    ['when the CRM states less than the list had by then', { order: stated('10'), ledger: ledgerOf([], inList('10', '10')) }, 'refunds-differ'],
    ['when only a flag says refunded and the gateway knows of nothing', { order: stated(null, LONG_AGO) }, 'refund-contradicted'],
    ['not when the gateway knows the amount of a refund that only a flag states', { order: stated(null, LONG_AGO), ledger: ledgerOf([], inList('10')) }, null],
    ['when the status is Refunded without an amount, and the list has part of it', { order: stated(null, LONG_AGO, true), ledger: ledgerOf([], inList('10')) }, 'refund-contradicted'],
    ['when the status is Refunded and the amounts leave something', { order: stated('10', LONG_AGO, true), ledger: ledgerOf([], inList('10')) }, 'status-contradicted'],
    ['not when the status is Refunded and nothing is left', { order: stated('30', LONG_AGO, true), ledger: ledgerOf([], inList('30')) }, null],
    ['when the order is cancelled now and was paid', { order: { unpaidNow: 'cancelled' } }, 'cancelled-contradicted'],
    ['when the order is voided now, with part of it refunded', { order: { unpaidNow: 'voided', ...stated('10') }, ledger: ledgerOf([], inList('10')) }, 'cancelled-contradicted'],
    ['when the order is cancelled now, and only a flag says that something was refunded', { order: { unpaidNow: 'cancelled', ...stated(null) }, ledger: ledgerOf([], inList('10')) }, 'cancelled-contradicted'],
    ['not when the order is cancelled now and wholly refunded', { order: { unpaidNow: 'cancelled', ...stated('30', LONG_AGO) }, ledger: ledgerOf([], inList('30')) }, null],
    ['when the gateway states less refundable than is left', { ledger: ledgerOf([], reportOf([], { refundable: '20' })) }, 'refundable-differs'],
    ['when the gateway states more refundable than is left', { ledger: ledgerOf([], reportOf([], { refundable: '31' })) }, 'refundable-differs'],
    ['when the list has everything and the gateway states a rest', { order: stated('30', LONG_AGO), ledger: ledgerOf([], { ...inList('30'), refundable: '30' }) }, 'refundable-differs'],
    ['not by what the gateway does not state', { ledger: ledgerOf([], reportOf([], { refundable: null })) }, null],
    ['not by a difference while a refund of ours is under way', { ledger: ledgerOf([uncertain()], reportOf([], { refundable: '0' })) }, null],
    ['not by what RDR took, whether the gateway deducts it or not', { cases: [rdrCase({ amount: '5' })] }, null],
    ['not by what RDR took, when the gateway has deducted it', { cases: [rdrCase({ amount: '5' })], ledger: ledgerOf([], reportOf([], { refundable: '25' })) }, null],
    ['not by an RDR payment that the CRM counts among its refunds', { order: stated('5', LONG_AGO), cases: [rdrCase({ amount: '5' })], ledger: ledgerOf([], reportOf([], { refundable: '25' })) }, null],
    ['not by less than one minor unit', { order: stated('10.004', LONG_AGO), ledger: ledgerOf([], { ...inList('10'), refundable: '19.99' }) }, 'amount-too-fine'],
    ['not while the order is not settled', { order: { settled: false, captured: '0', currency: null } }, null],
    ['not when it was never paid and the gateway knows of nothing', { order: { neverPaid: 'voided' }, ledger: ledgerOf([], reportOf([], { refundable: '0' })) }, null],
    ['when it was never paid and the gateway states something refundable', { order: { neverPaid: 'voided' }, ledger: ledgerOf([], reportOf()) }, 'cancelled-contradicted'],
    ['when it was never paid and the gateway lists a refund', { order: { neverPaid: 'cancelled' }, ledger: ledgerOf([], { ...inList('10'), refundable: null }) }, 'cancelled-contradicted'],
    ['when it was never paid nor settled, and the gateway states something refundable', { order: { neverPaid: 'declined', settled: false }, ledger: ledgerOf([], reportOf()) }, 'cancelled-contradicted'],
    ['when the captured amount is too fine though the rest is not', { order: { captured: '30.005', ...stated('0.005', LONG_AGO) }, ledger: ledgerOf([], { ...inList('0.005'), refundable: '30' }) }, 'amount-too-fine'],
    ['not when the order is cancelled now, silent about refunds, and wholly refunded', { order: { unpaidNow: 'cancelled' }, ledger: ledgerOf([], inList('30')) }, null],
    ['not before the gateway was asked', { order: stated(null), ledger: ledgerOf() }, null],
    ['not by less than one minor unit between CRM and list', { order: stated('30', LONG_AGO), ledger: ledgerOf([], { ...inList('29.995'), refundable: '0' }) }, null],
    ['when the CRM states more than list and RDR together', { order: stated('12', LONG_AGO), cases: [rdrCase({ amount: '5' })], ledger: ledgerOf([], reportOf([], { refundable: '18' })) }, 'refund-contradicted'],
    ['not by a difference while a refund of ours is being sent', { ledger: ledgerOf([sending()], reportOf([], { refundable: '0' })) }, null],
    ['not by a difference while a refund of ours is pending', { ledger: ledgerOf([pending()], reportOf([], { refundable: '0' })) }, null],
    ['when the gateway differs and our last refund was refused', { ledger: ledgerOf([stopped('refused')], reportOf([], { refundable: '0' })) }, 'refundable-differs'],
    ['not when it was never paid and the gateway was not asked', { order: { neverPaid: 'declined' }, ledger: ledgerOf() }, null],
  ])('%s', (_says, given, result) => {
    expect(conflict(given)).toBe(result)
  }) // prettier-ignore

  it('by a hold until a person approves after it', () => {
    const order = { holds: [{ reason: 'lowered', detail: 'crm', at: NOW - 5 }] as const }
    const by = (at: number) => conflict({ order, cases: [alertCase('a', {}, [approved('30', at)])] })
    expect([by(NOW - 6), by(NOW - 5), by(NOW - 4)]).toEqual(['order-on-hold', null, null])
    expect(conflict({ order, cases: [alertCase('a', {}, [declined(NOW - 4)])] })).toBe('order-on-hold')
  })
})

describe('amounts per refund instead of in all', () => {
  it('are noticed: 10 and then 20 stated, 30 listed', () => {
    expect(conflict({ order: stated('20', SEEN_AT), ledger: ledgerOf([], inList('10', '20')) })).toBe('refunds-differ')
  })
  it('are told from a cumulative amount that was true when it was stated', () => {
    const [first, second] = [listed({ amount: '10', createdAt: LONG_AGO }), listed({ refundId: 'r2', amount: '5', createdAt: SEEN_AT })] // prettier-ignore
    const by = (at: number) => conflict({ order: stated('10', at), ledger: ledgerOf([], reportOf([first, second])) })
    expect([by(LONG_AGO), by(SEEN_AT - 2 * MINUTE_MS), by(SEEN_AT)]).toEqual([null, null, 'refunds-differ'])
  })
  it('are told to the minute: clocks differ', () => {
    const by = (createdAt: number) => conflict({ order: stated('10', LONG_AGO), ledger: ledgerOf([], reportOf([listed({ amount: '10', createdAt }), listed({ refundId: 'r2', amount: '5', createdAt: SEEN_AT }), listed({ refundId: 'r3', amount: '5', createdAt: LONG_AGO, status: 'failed' })])) }) // prettier-ignore
    expect([by(LONG_AGO + MINUTE_MS), by(LONG_AGO + MINUTE_MS + 1)]).toEqual([null, 'refunds-differ'])
  })
  it('are no matter where another’s reference is in the list beside ours', () => {
    const ours = confirmed({ amount: '20', target: '30' })
    const theirs = listed({ amount: '10', createdAt: SEEN_AT + 9, reference: 'theirs' })
    expect(conflict({ order: stated('10', SEEN_AT - DAY_MS), ledger: ledgerOf([ours], reportOf([theirs, listedClaim(ours)])) })).toBeNull() // prettier-ignore
  })
  it('are no matter when everything more is a refund of ours', () => {
    const ours = confirmed({ amount: '20', target: '30' })
    const report = reportOf([listed({ amount: '10', createdAt: null }), listedClaim(ours)])
    expect(conflict({ order: stated('10', NOW), ledger: ledgerOf([ours], report) })).toBeNull()
  })
})

describe('without a gateway that can be asked', () => {
  const by = (order: Given['order']) => account({ order: order ?? {}, ledger: ledgerOf(), terms: { hasGateway: false } }) // prettier-ignore
  it('the CRM’s amounts are believed, and a refund without an amount is not', () => {
    expect(by(stated('10'))).toMatchObject({ rest: '20', conflict: null, needsGateway: false })
    expect(by(stated(null))).toMatchObject({ conflict: 'refunded-amount-unknown' })
    expect(by(stated(null, LONG_AGO, true))).toMatchObject({ conflict: 'refunded-amount-unknown' })
    expect(by(stated('10', LONG_AGO, true))).toMatchObject({ conflict: 'status-contradicted' })
    expect(by({ unpaidNow: 'cancelled' })).toMatchObject({ conflict: 'cancelled-contradicted' })
  })
})

describe('a gateway whose list lags', () => {
  const lag = 2 * MINUTE_MS
  it('is asked again before a refund that the CRM stated just now is called missing', () => {
    const given = (reportAt: number, now: number) =>
      account({ now, order: stated('10', NOW - 9), ledger: ledgerOf([], reportOf([], { at: reportAt })) })
    expect(given(NOW, NOW)).toMatchObject({ conflict: 'refund-contradicted', askAgainAt: NOW - 9 + lag, needsGateway: false }) // prettier-ignore
    expect(given(NOW, NOW - 9 + lag)).toMatchObject({ askAgainAt: null, needsGateway: true })
    expect(given(NOW - 9 + lag, NOW + lag)).toMatchObject({ conflict: 'refund-contradicted', askAgainAt: null, needsGateway: false }) // prettier-ignore
  })
  it('may state what is refundable before it has deducted our newest refund', () => {
    const ours = confirmed({ amount: '30', confirmedAt: NOW - 9 })
    const report = reportOf([listedClaim(ours)], { refundable: '30', at: NOW })
    expect(account({ ledger: ledgerOf([ours], report) })).toMatchObject({ conflict: 'refundable-differs', askAgainAt: NOW - 9 + lag }) // prettier-ignore
    const old = confirmed({ confirmedAt: NOW - HOUR_MS, firstSentAt: NOW - HOUR_MS })
    expect(account({ ledger: ledgerOf([old], reportOf([listedClaim(old)], { refundable: '30' })) })).toMatchObject({ conflict: 'refundable-differs', askAgainAt: null }) // prettier-ignore
  })
  it('may state what is refundable before it has deducted a refund that the CRM or its own list has', () => {
    const byCrm = { order: stated('10', NOW - 9), ledger: ledgerOf([], reportOf([listed({ amount: '10', createdAt: LONG_AGO })], { refundable: '30', at: NOW })) } // prettier-ignore
    const byList = { ledger: ledgerOf([], reportOf([listed({ amount: '10', createdAt: NOW - 9 })], { refundable: '30', at: NOW })) } // prettier-ignore
    for (const given of [byCrm, byList])
      expect(account(given)).toMatchObject({ conflict: 'refundable-differs', askAgainAt: NOW - 9 + lag })
  })
  it('is no excuse where amounts contradict each other otherwise', () => {
    expect(account({ order: { currency: null } })).toMatchObject({ conflict: 'currency-unknown', askAgainAt: null })
  })
})

describe('the gateway must be asked', () => {
  const isOld = (given: Given) => isReportOld(accountView(given))
  it('when it never was, and never where there is none', () => {
    expect([isOld({ ledger: ledgerOf() }), isOld({}), isOld({ ledger: ledgerOf(), terms: { hasGateway: false } })]).toEqual([true, false, false]) // prettier-ignore
  })
  it('when the CRM stated a refund since, not when anything else of the order changed', () => {
    const report = reportOf([], { rev: 1, at: NOW - HOUR_MS })
    const by = (order: Given['order']) => isOld({ order: order ?? {}, ledger: ledgerOf([], report) })
    expect([by({ rev: 2 }), by({ rev: 2, ...stated('10', NOW - 5) }), by({ rev: 1, ...stated('10', NOW - 5) }), by({ rev: 2, ...stated('10', NOW - 2 * HOUR_MS) })]).toEqual([false, true, false, false]) // prettier-ignore
  })
  it('once when a CRM whose clock is ahead has stated a refund', () => {
    const by = (at: number) => isOld({ order: { rev: 2, ...stated('10', NOW + DAY_MS) }, ledger: ledgerOf([], reportOf([], { rev: 1, at })) }) // prettier-ignore
    expect([by(NOW - 1), by(NOW)]).toEqual([true, false])
  })
  it('every ten minutes while a refund in its list is pending, or the sale is not settled there', () => {
    for (const report of [reportOf([listed({ status: 'pending' })]), reportOf([], { settled: false })]) {
      const by = (at: number) => isOld({ ledger: ledgerOf([], { ...report, at }) })
      expect([by(NOW - 10 * MINUTE_MS + 1), by(NOW - 10 * MINUTE_MS)]).toEqual([false, true])
    }
    expect(isOld({ ledger: ledgerOf([], reportOf([listed({ status: 'failed' })], { at: NOW - DAY_MS })) })).toBe(false)
  })
})

describe('an order is charged back', () => {
  it('by its own record, or by a chargeback that was matched to it', () => {
    expect(isChargedBack(accountView({ order: { chargeback: true } }))).toBe(true)
    expect(isChargedBack(accountView({ cases: [alertCase(), chargebackCase()] }))).toBe(true)
    expect(isChargedBack(accountView({ cases: [alertCase(), rdrCase()] }))).toBe(false)
  })
})

describe('a sale is paid twice', () => {
  const twice = (given: Given) => isPaidTwice(accountView(given))
  const refunded = { order: stated('30') }
  it.each<[says: string, given: Given, isTwice: boolean]>([
    ['refunded and charged back', { ...refunded, cases: [chargebackCase()] }, true],
    ['refunded by us and charged back', { ledger: ledgerIn(confirmed()), cases: [chargebackCase()] }, true],
    ['refunded at the gateway and charged back', { ledger: ledgerOf([], inList('30')), cases: [chargebackCase()] }, true],
    ['refunded and paid by RDR', { ...refunded, cases: [rdrCase()] }, true],
    ['paid by RDR and charged back', { cases: [rdrCase(), chargebackCase()] }, true],
    ['a part refunded, and charged back over the whole', { order: stated('0.01'), cases: [chargebackCase()] }, true],
    ['a part refunded, and charged back over the rest', { order: stated('10'), cases: [chargebackCase({ orderId: 'A', amount: '20' })] }, false],
    ['a part refunded, and charged back over a cent more than the rest', { order: stated('10'), cases: [chargebackCase({ orderId: 'A', amount: '20.01' })] }, true],
    ['charged back by the order’s own record, and refunded', { order: { ...stated('30'), chargeback: true } }, true],
    ['charged back by the order’s own record only', { order: { chargeback: true } }, false],
    ['a part refunded, and charged back over the rest in its own currency', { order: stated('10'), cases: [chargebackCase({ orderId: 'A', amount: '20', currency: 'USD' })] }, false],
    ['a part refunded, and charged back in another currency', { order: stated('10'), cases: [chargebackCase({ orderId: 'A', amount: '5', currency: 'EUR' })] }, true],
    ['a chargeback that a partner’s name calls RDR, and nothing refunded', { cases: [chargebackCase({ orderId: 'A', partner: 'rdr', amount: '30' })] }, false],
    ['refunded only', refunded, false],
    ['charged back only, over more than was captured', { cases: [chargebackCase({ orderId: 'A', amount: '31' })] }, true],
    ['refunded for more than was captured, and nothing else', { order: stated('31') }, false],
    ['refunded by us in full after the CRM said that something was', { order: stated(null), ledger: ledgerIn(confirmed()) }, true],
    ['refunded by us in part after the CRM said that something was', { order: stated(null), ledger: ledgerIn(confirmed({ amount: '20', target: '20' })) }, false],
    ['refunded by us, and called so by the CRM since', { order: stated(null, NOW), ledger: ledgerIn(confirmed()) }, false],
    ['refunded by us again after the first refund failed, which the CRM had repeated', { order: stated(null, SEEN_AT + 2), ledger: ledgerOf([stopped('failed', 'c', { key: 'k0', claimedAt: SEEN_AT, confirmedAt: SEEN_AT + 1 }), confirmed({ claimedAt: SEEN_AT + 9 })], reportOf()) }, false],
    ['refunded by us, and by the CRM’s own count for more than was captured', { order: stated('60', NOW), ledger: ledgerIn(confirmed()) }, true],
    ['RDR declined', { ...refunded, cases: [rdrCase({ rdrResolution: 'declined' })] }, false],
    ['a refund that is not done, and charged back', { ledger: ledgerOf([pending()], reportOf([listedClaim(pending(), { status: 'pending' })])), cases: [chargebackCase()] }, false],
    ['a refund that failed, and charged back', { ledger: ledgerOf([stopped('failed')], reportOf([listed({ status: 'failed' })])), cases: [chargebackCase()] }, false],
    ['nobody knows what was captured', { order: { captured: null, ...stated('30') }, cases: [chargebackCase()] }, false],
    ['nothing was captured', { order: { captured: '0' }, cases: [chargebackCase()] }, false],
    ['no order is known', { order: null, cases: [chargebackCase()] }, false],
  ])('%s', (_says, given, isTwice) => {
    expect(twice(given)).toBe(isTwice)
  }) // prettier-ignore

  it('whichever of refund, RDR and chargeback came first', () => {
    const cases = [chargebackCase(), rdrCase(), alertCase(), caseOf('req', 'request', [hook('refund')])]
    const orders = [cases, cases.toReversed(), [cases[2]!, cases[1]!, cases[0]!, cases[3]!]]
    expect(orders.map(all => twice({ cases: all, ledger: ledgerIn(confirmed()) }))).toEqual([true, true, true])
  })
})

describe('whatever is stated', () => {
  const amount = fc.constantFrom('0.01', '0.005', '5', '9.995', '10', '20', '29.999', '30', '31')
  const anyGiven: fc.Arbitrary<Given> = fc
    .record({
      captured: fc.constantFrom('30', '30', '30.5', '0', null),
      currency: fc.constantFrom('USD', 'USD', 'JPY', null),
      reported: fc.option(fc.record({ amount: fc.option(amount), at: fc.constantFrom(LONG_AGO, NOW), byStatus: fc.boolean() })),
      theirs: fc.array(fc.record({ amount, status: fc.constantFrom('succeeded' as const, 'pending' as const, 'failed' as const) }), { maxLength: 3 }),
      ours: fc.option(amount),
      refundable: fc.constantFrom(null, '0', '10', '30'),
      rdr: fc.option(amount),
      isAsked: fc.boolean(),
    })
    .map(({ captured, currency, reported, theirs, ours, refundable, rdr, isAsked }) => ({
      order: { captured, currency, reported },
      ledger: ledgerOf(ours === null ? [] : [confirmed({ amount: ours, target: ours })], isAsked ? reportOf(theirs.map((one, i) => listed({ refundId: `r${i}`, ...one })), { refundable }) : null),
      cases: rdr === null ? [] : [rdrCase({ amount: rdr })],
    })) // prettier-ignore

  it('nothing is left beyond what was captured less every single statement, in whole minor units', () => {
    fc.assert(
      fc.property(anyGiven, given => {
        const view = accountView(given)
        const { rest } = accountOf(view)
        const units = (text: string | null | undefined) => Math.round(Number(text ?? 0) * 1000)
        const { order, ledger } = view
        const listedUnits = (ledger.report?.refunds ?? []).filter(({ status }) => status !== 'failed').reduce((sum, one) => sum + units(one.amount), 0) // prettier-ignore
        const most = Math.max(units(order?.reported?.amount), listedUnits, ...ledger.claims.map(one => units(one.target))) // prettier-ignore
        const left = Math.max(0, units(order?.captured) - most - units(view.cases[0]?.facts.facts.amount))
        expect(units(rest)).toBeLessThanOrEqual(left)
        expect(left - units(rest)).toBeLessThan(order?.currency === 'JPY' ? 1000 : 10)
        expect(rest).toMatch(
          order?.currency === 'JPY' ? /^\d+$/ : order?.currency === 'USD' ? /^\d+(\.\d{1,2})?$/ : /^/,
        )
      }),
      { numRuns: 300 },
    )
  })
})

it('what the ledger states as refunded is as of its last refund', () => {
  const [first, last] = [confirmed({ amount: '10', target: '10', confirmedAt: SEEN_AT + 1 }), confirmed({ key: 'k2', amount: '5', target: '15', confirmedAt: SEEN_AT + 9 })] // prettier-ignore
  const mine = statementsFor({ ledger: ledgerOf([first, last]) }).find(({ source }) => source === 'ledger')
  expect(mine).toMatchObject({ amount: '15', at: SEEN_AT + 9 })
})
