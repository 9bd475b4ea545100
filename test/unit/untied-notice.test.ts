import { describe, expect, it } from 'vitest'
import type { OrderMoney } from '../../src/domain/account/order-money.ts'
import { mayConcern, tookMoney, untiedBuckets } from '../../src/domain/case/untied.ts'
import { alertCase, CARD, chargebackCase, DAY_MS, money, rdrCase, requestCase, SEEN_AT } from './build-case.ts'

const FACTS = { ...CARD, amount: '30', currency: 'USD' }
const notice = (over: Parameters<typeof chargebackCase>[0] = {}) => chargebackCase({ ...FACTS, ...over }).facts
const concerns = (facts: ReturnType<typeof notice>, order: Partial<OrderMoney> = {}) => mayConcern(facts, money({ ...CARD, ...order })) // prettier-ignore

describe('a chargeback or an RDR payment', () => {
  it('took money of a sale; an alert, a request and an RDR case that was declined did not', () => {
    const cases = [chargebackCase(), rdrCase(), rdrCase({ rdrResolution: 'declined' }), alertCase(), requestCase()]
    expect(cases.map(({ facts }) => tookMoney(facts))).toEqual([true, true, false, false, false])
  })

  it('without an order may concern a sale that nothing contradicts, up to 540 days before it', () => {
    expect(concerns(notice())).toBe(true)
    expect(concerns(rdrCase(FACTS).facts)).toBe(true)
    expect(concerns(alertCase('a', FACTS).facts)).toBe(false)
    expect(concerns(notice(), { soldAt: null })).toBe(true)
    const sold = (days: number, ms = 0) => concerns(notice(), { soldAt: SEEN_AT - days * DAY_MS - ms })
    expect([sold(540), sold(540, 1), sold(-540), sold(-540, -1)]).toEqual([true, false, true, false])
  })

  it('over less than a sale of its card may concern it: part was disputed, or more was captured since', () => {
    expect(concerns(notice({ amount: '29' }))).toBe(true)
    expect(concerns(notice({ amount: '31' }))).toBe(false)
    expect(concerns(notice({ amount: '29' }), { cardFirst6: null })).toBe(false)
    expect(concerns(notice({ amount: '29' }), { isWallet: true })).toBe(false)
    expect(concerns(notice({ amount: '29', authCode: '1' }), { authCode: '2' })).toBe(false)
  })

  it('may not concern a sale of another card, nor any sale while its first six are unknown', () => {
    expect(concerns(notice(), { cardLast4: '0000' })).toBe(false)
    expect(concerns(notice({ amount: '29' }), { cardLast4: '0000' })).toBe(false)
    const { cardFirst6: _none, ...rest } = FACTS
    expect(concerns(chargebackCase(rest).facts)).toBe(false)
  })

  it('is found by last four, and by amount', () => {
    const by = (last4: string | null, ...amounts: (string | null | undefined)[]) => untiedBuckets(last4, amounts)
    const all = by('1881', '30', '20')
    expect(new Set(all).size).toBe(all.length)
    expect(all.some(one => by('1881').includes(one))).toBe(true)
    expect(all.some(one => by(null, '20').includes(one))).toBe(true)
    expect(by('1882', '31').some(one => all.includes(one))).toBe(false)
    expect(by(null, null, undefined)).toEqual(by(null))
  })
})

it('is kept by last four and by each amount, as far as they are known', () => {
  expect(untiedBuckets('1881', ['30', '30', '25'])).toEqual(['last_4:1881', 'amount:30', 'amount:25'])
  expect(untiedBuckets(null, [null, '30', undefined])).toEqual(['amount:30'])
  expect(untiedBuckets(undefined, [])).toEqual([])
})
