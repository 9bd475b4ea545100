import { describe, expect, it } from 'vitest'
import { moneyOf } from '../../src/domain/account/order-money.ts'
import { LEDGER } from '../../src/domain/origins.ts'
import { change, merged, orderOf } from './build-order.ts'

const SOLD = { order_status: 'Complete', order_total: '30.00', currency: 'USD', payment_state: 'captured' }
const of = (...changes: Record<string, unknown>[]) => moneyOf(orderOf(changes))

describe('what was collected', () => {
  it.each<[says: string, fields: Record<string, unknown>, captured: string | null, neverPaid: string | null]>([
    ['the total', {}, '30', null],
    ['what was captured, if that is told', { captured_amount: '25.50' }, '25.5', null],
    ['nothing before it is settled', { payment_state: 'authorized' }, '0', null],
    ['nothing while it is pending', { payment_state: 'pending' }, '0', null],
    ['nobody knows', { order_total: null }, null, null],
    ['nothing: cancelled', { order_status: 'Cancelled', payment_state: null }, '0', 'cancelled'],
    ['nothing: declined', { payment_state: 'declined' }, '0', 'declined'],
    ['nothing: voided', { payment_state: 'voided' }, '0', 'voided'],
    ['all: cancelled after it was captured', { order_status: 'Cancelled' }, '30', null],
    ['all: cancelled, and an amount was captured', { order_status: 'Cancelled', payment_state: null, captured_amount: '30' }, '30', null],
    ['all: cancelled, and an amount was refunded', { order_status: 'Cancelled', payment_state: null, refunded_to_date: '10' }, '30', null],
    ['nothing: cancelled, nothing captured or refunded', { order_status: 'Cancelled', payment_state: null, captured_amount: '0', refunded_to_date: '0' }, '0', 'cancelled'],
  ])('is %s', (_says, fields, captured, neverPaid) => {
    expect(of({ ...SOLD, ...fields })).toMatchObject({ captured, neverPaid })
  }) // prettier-ignore

  it('is in US dollars where nobody says otherwise', () => {
    expect(of({ order_status: 'Complete' }).currency).toBe('USD')
    expect(of({ order_status: 'Complete', currency: 'EUR' }).currency).toBe('EUR')
  })
})

describe('what the CRM gave back', () => {
  const at = (second: number) => Date.UTC(2026, 0, 1) + second * 1_000

  it('is its amount, since it said so', () => {
    expect(of(SOLD, { refunded_to_date: '10.00' }).reported).toEqual({ amount: '10', at: at(1) })
    expect(of(SOLD, { refunded_to_date: '0' }).reported).toBeNull()
    expect(of(SOLD).reported).toBeNull()
  })
  it('is all of it where the order is called Refunded', () => {
    expect(of(SOLD, { order_status: 'Refunded' }).reported).toEqual({ amount: '30', at: at(1) })
    expect(of(SOLD, { refunded_to_date: '30' }, { order_status: 'Refunded' }).reported).toEqual({
      amount: '30',
      at: at(1),
    })
    expect(of(SOLD, { refunded_to_date: '10' }, { order_status: 'Refunded' }).reported).toEqual({
      amount: '30',
      at: at(2),
    })
  })
  it('is something nobody says how much of, where it says no more', () => {
    expect(of(SOLD, { is_refund: true }).reported).toEqual({ amount: null, at: at(1) })
    expect(of(SOLD, { is_refund: false }).reported).toBeNull()
  })
  it('is not what our own ledger told the order', () => {
    const told = { is_refund: true, refunded_to_date: '30', order_status: 'Refunded' }
    expect(moneyOf(merged(orderOf([SOLD]), change(told, 1), LEDGER)).reported).toBeNull()
  })
  it('is still known when our ledger told of another refund', () => {
    const partly = orderOf([SOLD, { refunded_to_date: '10' }])
    const told = { is_refund: true, refunded_to_date: '30', order_status: 'Refunded' }
    expect(moneyOf(merged(partly, change(told, 5), LEDGER)).reported).toEqual({ amount: '10', at: at(1) })
  })
})

describe('what it is matched by', () => {
  it('is as the CRM told it', () => {
    const told = {
      transaction_id: 't1',
      arn: '7',
      auth_id: 'x',
      cc_first_6: '401288',
      cc_last_4: '0083',
      eci: '05',
      cc_type: 'visa',
    }
    expect(of({ ...SOLD, ...told })).toMatchObject({
      transactionId: 't1', arn: '7', authCode: 'x', cardFirst6: '401288', cardLast4: '0083', eci: '05', cardBrand: 'visa', chargeback: false,
    }) // prettier-ignore
    expect(of({ ...SOLD, is_chargeback: true }).chargeback).toBe(true)
  })
  it('has the time it was collected, else sold, else none', () => {
    const [captured_at, order_date] = ['2026-01-02T00:00:00Z', '2026-01-01 00:00:00']
    expect(of({ ...SOLD, captured_at, order_date }).soldAt).toBe(Date.UTC(2026, 0, 2))
    expect(of({ ...SOLD, order_date }).soldAt).toBe(Date.UTC(2026, 0, 1))
    expect(of(SOLD).soldAt).toBeNull()
  })
})
