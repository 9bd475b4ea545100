import { describe, expect, it } from 'vitest'
import { accountOf, isPaidTwice, rdrTotal, refundedForGood } from '../../src/domain/account/account.ts'
import {
  accountView, chargebackCase, confirmed, DAY_MS, ledgerOf, listed, listedClaim, rdrCase, reportOf, SEEN_AT, stated, type Given,
} from './build-case.ts' // prettier-ignore

const twice = (given: Given) => isPaidTwice(accountView(given))
const ours = (amount: string, key = 'k1') => confirmed({ key, amount, target: amount, refundId: `r-${key}` })
const others = (amount: string, over = {}) =>
  listed({ refundId: 'other', amount, createdAt: SEEN_AT - DAY_MS, ...over })

describe('refunds of ours beside those that others made before', () => {
  const twenty = ours('20')
  const byCrm = (amount: string | null, at: number, theirs = [] as ReturnType<typeof others>[]) =>
    twice({ order: stated(amount, at), ledger: ledgerOf([twenty], reportOf([listedClaim(twenty), ...theirs])) })

  it('count together where the CRM had stated them before and the gateway does not list them', () => {
    expect(byCrm('15', SEEN_AT - DAY_MS)).toBe(true)
    expect(byCrm('10', SEEN_AT - DAY_MS)).toBe(false)
    expect(twice({ order: stated('15', SEEN_AT - DAY_MS), ledger: ledgerOf([twenty]) })).toBe(true)
  })

  it('count once where the CRM states them since: it may repeat ours', () => {
    expect([byCrm('15', SEEN_AT - 1), byCrm('15', SEEN_AT), byCrm('15', SEEN_AT + 1)]).toEqual([true, false, false])
    expect(byCrm(null, SEEN_AT - DAY_MS)).toBe(false)
  })

  it('count what the CRM states beyond what the gateway lists of others', () => {
    expect(byCrm('10', SEEN_AT - DAY_MS, [others('10')])).toBe(false)
    expect(byCrm('15', SEEN_AT - DAY_MS, [others('10')])).toBe(true)
  })

  it('do not count ours as another’s, nor what is not done', () => {
    const [first, second] = [ours('10'), ours('10', 'k2')]
    const both = ledgerOf([first, second], reportOf([listedClaim(first), listedClaim(second)]))
    expect(twice({ order: stated('5', SEEN_AT - DAY_MS), ledger: both })).toBe(false)
    for (const status of ['failed', 'pending'] as const)
      expect(twice({ ledger: ledgerOf([twenty], reportOf([listedClaim(twenty), others('15', { status })])) })).toBe(
        false,
      )
  })
})

it('a sale of which nothing was captured is not paid twice, whatever a chargeback states', () => {
  expect(twice({ order: { captured: '0' }, cases: [chargebackCase({ orderId: 'A', amount: '30' })] })).toBe(false)
})

describe('an order that is not known', () => {
  it('has no refund, and nothing that RDR paid without naming an amount', () => {
    const view = accountView({ order: null, cases: [rdrCase({ amount: undefined })] })
    expect([rdrTotal(view), refundedForGood(view)]).toEqual(['0', '0'])
    expect(accountOf(view)).toMatchObject({ refunded: '0', rest: '0', conflict: null })
  })
})

it('what is left is not cut to minor units while the currency is not known', () => {
  expect(accountOf(accountView({ order: { captured: '30.005', currency: null } })).rest).toBe('30.005')
})
