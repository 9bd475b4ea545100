import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { moneyOf } from '../../src/domain/read-money.ts'
import type { Change } from '../../src/domain/change.ts'
import { GATEWAY, LEDGER } from '../../src/domain/origins.ts'
import type { Origin } from '../../src/domain/register.ts'
import { change, emptyOrder, merged, orderOf } from './build-order.ts'

const SOLD = { order_status: 'Complete', order_total: '30.00', currency: 'USD', payment_state: 'captured' }
const of = (...changes: Record<string, unknown>[]) => moneyOf(orderOf(changes), null)
const at = (second: number) => Date.UTC(2026, 0, 1) + second * 1_000

describe('what was captured', () => {
  it.each<[what: string, fields: Record<string, unknown>, captured: string | null, neverPaid: string | null]>([
    ['the total', {}, '30', null],
    ['what was captured, if that is stated', { captured_amount: '25.50' }, '25.5', null],
    ['nothing before it is settled', { payment_state: 'authorized' }, '0', null],
    ['nothing while it is pending', { payment_state: 'pending' }, '0', null],
    ['unknown where no amount is stated', { order_total: null }, null, null],
    ['the total of a captured payment without a status', { order_status: null }, '30', null],
    ['nothing: cancelled', { order_status: 'Cancelled', payment_state: null }, '0', 'cancelled'],
    ['nothing: declined', { payment_state: 'declined' }, '0', 'declined'],
    ['nothing: voided', { payment_state: 'voided' }, '0', 'voided'],
    ['nothing: voided, without a status', { order_status: null, payment_state: 'voided' }, '0', 'voided'],
    ['all: cancelled after it was captured', { order_status: 'Cancelled' }, '30', null],
    ['all: cancelled, and an amount was captured', { order_status: 'Cancelled', payment_state: null, captured_amount: '30' }, '30', null],
    ['all: cancelled, and an amount was refunded', { order_status: 'Cancelled', payment_state: null, refunded_to_date: '10' }, '30', null],
    ['all: cancelled, and a flag says refunded', { order_status: 'Cancelled', payment_state: null, is_refund: true }, '30', null],
    ['nothing: cancelled, nothing captured or refunded', { order_status: 'Cancelled', payment_state: null, captured_amount: '0', refunded_to_date: '0' }, '0', 'cancelled'],
  ])('is %s', (_what, fields, captured, neverPaid) => {
    expect(of({ ...SOLD, ...fields })).toMatchObject({ captured, neverPaid })
  }) // prettier-ignore

  it('is in the stated currency, else in the merchant’s default, else in none', () => {
    const order = orderOf([{ order_status: 'Complete' }])
    expect(moneyOf(order, null).currency).toBeNull()
    expect(moneyOf(order, 'GBP').currency).toBe('GBP')
    expect(moneyOf(orderOf([{ order_status: 'Complete', currency: 'EUR' }]), 'GBP').currency).toBe('EUR')
  })
})

describe('an order that is called unpaid', () => {
  const [complete, cancelled] = [{ order_status: 'Complete', order_total: '30' }, { order_status: 'Cancelled' }]

  it('was paid once any change called it paid, whatever a later one says', () => {
    expect(of(complete, cancelled)).toMatchObject({ neverPaid: null, unpaidNow: 'cancelled', captured: '30' })
    expect(of(complete, { payment_state: 'declined' })).toMatchObject({ neverPaid: null, unpaidNow: 'declined' })
    expect(of({ ...complete, payment_state: 'voided' })).toMatchObject({ neverPaid: 'voided', unpaidNow: 'voided' })
    expect(of({ order_total: '30', ...cancelled })).toMatchObject({ neverPaid: 'cancelled', captured: '0' })
  })

  it('was paid also where the change that called it paid came late and lost', () => {
    const order = merged(
      orderOf([{ avs: 'Y' }, { order_total: '30' }, cancelled]),
      change({ order_status: 'Complete' }, 1),
    )
    expect(order.registers.get('order_status')?.value).toBe('"Cancelled"')
    expect(moneyOf(order, null)).toMatchObject({ neverPaid: null, unpaidNow: 'cancelled' })
  })

  it('is paid again once a later status says so', () => {
    expect(of({ payment_state: 'declined' }, complete)).toMatchObject({
      settled: true,
      unpaidNow: null,
      captured: '30',
    })
    expect(of({ payment_state: 'voided' }, complete)).toMatchObject({ unpaidNow: null, neverPaid: null })
  })

  it('is not, while the ledger or the gateway says that everything was refunded', () => {
    for (const origin of [LEDGER, GATEWAY]) {
      const refunded = merged(orderOf([SOLD]), change({ is_refund: true, refunded_to_date: '30' }, 1), origin)
      const after = merged(refunded, change({ order_status: 'Cancelled', payment_state: 'voided' }, 9))
      expect(moneyOf(after, null)).toMatchObject({ unpaidNow: null, neverPaid: null, captured: '30', settled: true })
    }
  })

  it('has a paid mark that no order of arrival changes', () => {
    const stated = fc.record({
      second: fc.integer({ min: 0, max: 3 }),
      fields: fc.record(
        {
          order_status: fc.constantFrom('Complete', 'Cancelled', 'Refunded', null),
          payment_state: fc.constantFrom('pending', 'authorized', 'declined', 'captured', 'voided', null),
        },
        { requiredKeys: [] },
      ),
    })
    const money = (all: readonly Change[]) =>
      moneyOf(
        all.reduce((order, one) => merged(order, one), emptyOrder()),
        null,
      )
    fc.assert(
      fc.property(
        fc.array(stated, { maxLength: 5 }).chain(all => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          const [one, other] = [all, shuffled].map(list => money(list.map(({ fields, second }) => change(fields, second))))
          // A withdrawal is noticed when it arrives.
          const { rev: _rev, holds: _holds, ...rest } = one!
          expect(other).toMatchObject(rest)
          const captured = all.some(({ fields }) => fields.payment_state === 'captured')
          expect([captured, one!.neverPaid]).not.toEqual([true, expect.any(String)])
        },
      ),
      { numRuns: 300 },
    ) // prettier-ignore
  })
})

describe('what a source reports as refunded', () => {
  const shop: Origin = { name: 'shop', rank: 40 }

  it('is its amount, since it stated that first', () => {
    expect(of(SOLD, { refunded_to_date: '10.00' }).reported).toEqual({ amount: '10', at: at(1), byStatus: false })
    const again = of(SOLD, { refunded_to_date: '10' }, { avs: 'Y' }, { refunded_to_date: '10' })
    expect(again.reported).toEqual({ amount: '10', at: at(1), byStatus: false })
    expect(of(SOLD, { refunded_to_date: '0', is_refund: false }).reported).toBeNull()
    expect(of(SOLD).reported).toBeNull()
  })

  it('is the greatest of several sources, and of what one source ever stated', () => {
    const two = merged(orderOf([SOLD, { refunded_to_date: '10' }]), change({ refunded_to_date: '12' }, 5), shop)
    expect(moneyOf(two, null)).toMatchObject({ reported: { amount: '12', at: at(5) }, holds: [] })
    for (const less of ['5', '0', null]) {
      const lowered = of(SOLD, { refunded_to_date: '20' }, { refunded_to_date: less })
      expect(lowered).toMatchObject({
        reported: { amount: '20', at: at(1) },
        holds: [{ reason: 'lowered', detail: 'refunded_to_date@generic', at: at(2) }],
      })
    }
    expect(of(SOLD, { refunded_to_date: null }, { refunded_to_date: '20' }).holds).toEqual([])
  })

  it('is not an amount where only the status or a flag says that something was refunded', () => {
    expect(of(SOLD, { order_status: 'Refunded' }).reported).toEqual({ amount: null, at: at(1), byStatus: true })
    expect(of(SOLD, { is_refund: true }).reported).toEqual({ amount: null, at: at(1), byStatus: false })
    expect(of(SOLD, { is_refund: true }, { order_status: 'Refunded' }).reported).toEqual({ amount: null, at: at(1), byStatus: true })
    expect(of(SOLD, { order_status: 'Refunded' }, { refunded_to_date: '10' }).reported).toEqual({ amount: '10', at: at(2), byStatus: true })
  }) // prettier-ignore

  it('is nothing that the ledger or the gateway states, and is still known beside that', () => {
    const stated = { is_refund: true, refunded_to_date: '30', order_status: 'Refunded' }
    for (const origin of [LEDGER, GATEWAY]) {
      expect(moneyOf(merged(orderOf([SOLD]), change(stated, 1), origin), null).reported).toBeNull()
      const partly = merged(orderOf([SOLD, { refunded_to_date: '10' }]), change(stated, 5), origin)
      expect(moneyOf(partly, null)).toMatchObject({ reported: { amount: '10', at: at(1), byStatus: false }, holds: [] })
    }
  })

  it('is by status where the source repeats what the gateway knows, and not where only the shown status says so', () => {
    const known = merged(orderOf([SOLD]), change({ refunded_to_date: '30' }, 1), GATEWAY)
    expect(moneyOf(known, null).reported).toBeNull()
    expect(moneyOf(merged(known, change({ order_status: 'Refunded' }, 2)), null).reported).toMatchObject({
      byStatus: true,
    })
  })

  it('is lowered by no ledger and no gateway', () => {
    for (const origin of [LEDGER, GATEWAY]) {
      const back = [change({ refunded_to_date: '30' }, 1), change({ refunded_to_date: '10' }, 2)]
      expect(
        moneyOf(
          back.reduce((order, one) => merged(order, one, origin), orderOf([SOLD])),
          null,
        ).holds,
      ).toEqual([])
    }
  })
})

describe('two shops that use one order id', () => {
  const one = { ...SOLD, cc_first_6: '401288', cc_last_4: '1881', transaction_merchant_id: 'A', transaction_id: 'tA' }
  const other = { cc_first_6: '555555', cc_last_4: '4444', transaction_merchant_id: 'B', transaction_id: 'tB' }
  const holds = (fields: Record<string, unknown>, sent = true, before: Record<string, unknown> = one) =>
    moneyOf(merged(orderOf([before], { sent }), change(fields, 5)), null).holds.map(({ reason }) => reason)

  it('are noticed when one change replaces card, merchant account and transaction', () => {
    expect(holds(other)).toEqual(['swapped'])
    expect(holds({ ...other, cc_first_6: '401288' })).toEqual(['swapped'])
    expect(holds(other, false)).toEqual(['swapped'])
  })

  it('are not, when any of the three stays, was not known, or is cleared', () => {
    for (const field of ['transaction_merchant_id', 'transaction_id'] as const) {
      expect(holds({ ...other, [field]: one[field] })).toEqual([])
      expect(holds({ ...other, [field]: null })).toEqual([])
      expect(holds(other, true, { ...one, [field]: null })).toEqual([])
    }
    expect(holds({ ...other, cc_first_6: '401288', cc_last_4: '1881' })).toEqual([])
  })
})

describe('what an order is matched by', () => {
  it('is as the source stated it', () => {
    const stated = {
      transaction_id: 't1',
      arn: '7',
      auth_id: 'x',
      cc_first_6: '401288',
      cc_last_4: '0083',
      eci: '05',
      cc_type: 'visa',
      transaction_merchant_id: 'MID 1',
      descriptor: 'SHOP*1',
    }
    expect(of({ ...SOLD, ...stated })).toMatchObject({
      transactionId: 't1', arn: '7', authCode: 'x', cardFirst6: '401288', cardLast4: '0083', eci: '05', cardBrand: 'visa', chargeback: false,
      merchantAccount: 'MID 1', descriptor: 'SHOP*1', isWallet: false,
    }) // prettier-ignore
    expect(of({ ...SOLD, is_chargeback: true }).chargeback).toBe(true)
  })

  it.each([
    ['Apple Pay', true],
    ['GOOGLE_PAY', true],
    ['link', true],
    ['stripe link', true],
    ['PayPal', true],
    ['Visa (wallet)', true],
    ['visa', false],
    ['Blink Charge', false],
    ['Linklaters', false],
  ])('by %s is a wallet: %s', (named, is) => {
    expect(of({ ...SOLD, cc_type: named }).isWallet).toBe(is)
    expect(of({ ...SOLD, gateway: named }).isWallet).toBe(is)
  })

  it('has the time it was captured, else ordered, else none', () => {
    const [captured_at, order_date] = ['2026-01-02T00:00:00Z', '2026-01-01 00:00:00']
    expect(of({ ...SOLD, captured_at, order_date }).soldAt).toBe(Date.UTC(2026, 0, 2))
    expect(of({ ...SOLD, order_date }).soldAt).toBe(Date.UTC(2026, 0, 1))
    expect(of(SOLD).soldAt).toBeNull()
  })

  it('has the total that the platform acknowledged, whatever the total is now', () => {
    const acknowledged = { order_total: '="45"' }
    expect(moneyOf(orderOf([SOLD], { acknowledged }), null)).toMatchObject({ total: '30', acknowledgedTotal: '45' })
    expect(moneyOf(orderOf([SOLD], { acknowledged: { order_total: '=null' } }), null).acknowledgedTotal).toBeNull()
    expect(of(SOLD).acknowledgedTotal).toBeNull()
  })
})
