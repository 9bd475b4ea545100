import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FieldValue } from '../../src/domain/change.ts'
import { planPush } from '../../src/domain/diff-order.ts'
import { orderPayload } from '../../src/domain/order-payload.ts'
import { GATEWAY, LEDGER } from '../../src/domain/origins.ts'
import type { Origin } from '../../src/domain/register.ts'
import { showOrder } from '../../src/domain/shown-order.ts'
import { asItIs, change, emptyOrder, merged } from './build-order.ts'

const CRM: Origin = { name: 'crm', rank: 50 }
const PLATFORM: Origin = { name: 'midigator', rank: 10 }

const PER_ORIGIN = ['is_refund', 'refunded_to_date', 'is_chargeback', 'is_fraud'] as const
type Told = readonly [fields: Record<string, unknown>, second: number, origin: Origin]
const after = (...told: Told[]) =>
  showOrder(
    told.reduce((order, [fields, second, origin]) => merged(order, change(fields, second), origin), emptyOrder()),
  ).values

describe('fields kept once for each origin', () => {
  it.each(['is_refund', 'is_chargeback', 'is_fraud'])('%s shows true as long as one origin says so', field => {
    expect(after([{ [field]: true }, 1, LEDGER], [{ [field]: false }, 9, CRM])).toEqual({ [field]: true })
    expect(after([{ [field]: false }, 1, LEDGER], [{ [field]: false }, 9, CRM])).toEqual({ [field]: false })
  })

  it('refunded_to_date shows the greatest amount, by value', () => {
    expect(after([{ refunded_to_date: '10' }, 1, LEDGER], [{ refunded_to_date: '9.5' }, 9, CRM])).toEqual({ refunded_to_date: '10' })
  }) // prettier-ignore

  it('are lowered by the origin that raised them, and by no other', () => {
    const raised: Told = [{ is_refund: true, refunded_to_date: '26.85' }, 1, LEDGER]
    const elsewhere: Told[] = [[{ is_refund: false, refunded_to_date: '0' }, 5, CRM], [{ is_refund: null, refunded_to_date: null }, 6, PLATFORM]] // prettier-ignore
    expect(after(raised, ...elsewhere)).toEqual({ is_refund: true, refunded_to_date: '26.85' })
    expect(after(raised, ...elsewhere, [{ is_refund: false, refunded_to_date: '5' }, 7, LEDGER])).toEqual({
      is_refund: false,
      refunded_to_date: '5',
    })
  })

  it('are cleared only when every origin cleared its own', () => {
    expect(after([{ is_fraud: true }, 1, CRM], [{ is_fraud: null }, 2, CRM])).toEqual({ is_fraud: null })
    expect(after([{ is_fraud: false }, 1, LEDGER], [{ is_fraud: null }, 2, CRM])).toEqual({ is_fraud: false })
  })

  it('are registers of their origin: an older telling of the same origin loses', () => {
    expect(after([{ is_refund: false }, 9, CRM], [{ is_refund: true }, 1, CRM])).toEqual({ is_refund: false })
  })

  it('show the maximum or OR of what each origin told last, in any order of arrival', () => {
    const telling = fc.record({
      origin: fc.constantFrom(CRM, LEDGER, PLATFORM),
      second: fc.integer({ min: 0, max: 3 }),
      amount: fc.constantFrom('0', '1', '9', '10', '10.5'),
    })
    fc.assert(
      fc.property(fc.uniqueArray(telling, { maxLength: 8, selector: one => `${one.origin.name}${one.second}` }), all => {
        const last = new Map(all.toSorted((a, b) => a.second - b.second).map(one => [one.origin.name, Number(one.amount)]))
        const shown = after(...all.map((one): Told => [{ refunded_to_date: one.amount }, one.second, one.origin]))
        expect(Number(shown.refunded_to_date ?? -1)).toBe(Math.max(-1, ...last.values()))
      }),
      { numRuns: 200 },
    ) // prettier-ignore
  })

  it('are what is pushed: an order is told once, as the greatest', () => {
    const order = [
      [{ order_status: 'Complete', is_refund: false, refunded_to_date: '0' }, 1, CRM] as Told,
      [{ is_refund: true, refunded_to_date: '5' }, 1, LEDGER] as Told,
    ].reduce((so, [fields, second, origin]) => merged(so, change(fields, second), origin), emptyOrder())
    const plan = planPush(order, asItIs)
    const fields = plan.do === 'push' ? plan.fields : []
    expect(orderPayload(order, fields)).toEqual({
      order_id: '741258',
      order_status: 'Complete',
      is_refund: 1,
      refunded_to_date: '5.00',
    })
  })

  it('are these four and no others', () => {
    const conflicting: Record<string, FieldValue[]> = { is_recurring: [true, false], captured_amount: ['10', '9'], is_test_cc: [true, false] } // prettier-ignore
    for (const [field, [first, second]] of Object.entries(conflicting))
      expect(after([{ [field]: first }, 1, LEDGER], [{ [field]: second }, 2, CRM])).toEqual({ [field]: second })
    for (const field of PER_ORIGIN) {
      const [high, low] = field === 'refunded_to_date' ? ['2', '1'] : [true, false]
      expect(after([{ [field]: high }, 1, LEDGER], [{ [field]: low }, 2, CRM])).toEqual({ [field]: high })
    }
  })
})

describe('the status that is shown', () => {
  const SOLD: Told = [{ order_status: 'Complete', order_total: '30' }, 1, CRM]
  const statusAfter = (...told: Told[]) => after(...told).order_status

  it.each([LEDGER, GATEWAY])(
    'is Refunded once the $name refunded everything, whatever a later snapshot says',
    origin => {
      for (const order_status of ['Complete', 'Cancelled', null])
        expect(statusAfter(SOLD, [{ refunded_to_date: '30' }, 2, origin], [{ order_status }, 9, CRM])).toBe('Refunded')
      expect(statusAfter(SOLD, [{ refunded_to_date: '29.99' }, 2, origin])).toBe('Complete')
      expect(statusAfter(SOLD, [{ refunded_to_date: '30' }, 2, origin], [{ refunded_to_date: '0' }, 3, origin])).toBe(
        'Complete',
      )
    },
  )

  it('is measured against what was captured, where that is stated', () => {
    const captured: Told = [{ captured_amount: '20' }, 2, CRM]
    expect(statusAfter(SOLD, captured, [{ refunded_to_date: '20' }, 3, GATEWAY])).toBe('Refunded')
    const grown: Told = [{ captured_amount: '35' }, 4, CRM]
    expect(statusAfter(SOLD, captured, grown, [{ refunded_to_date: '20' }, 3, GATEWAY])).toBe('Complete')
  })

  it('is not changed by an amount that a source states, nor where no total is known', () => {
    expect(statusAfter(SOLD, [{ refunded_to_date: '30' }, 2, CRM])).toBe('Complete')
    expect(statusAfter([{ order_status: 'Complete' }, 1, CRM], [{ refunded_to_date: '30' }, 2, LEDGER])).toBe(
      'Complete',
    )
  })

  it('is what the payment state stands for where no status is stated', () => {
    expect(after([{ payment_state: 'captured' }, 1, CRM])).toEqual({
      order_status: 'Complete',
      payment_state: 'captured',
    })
    expect(statusAfter([{ payment_state: 'voided', order_status: null }, 1, CRM])).toBe('Cancelled')
    expect(statusAfter([{ payment_state: 'captured', order_status: 'Cancelled' }, 1, CRM])).toBe('Cancelled')
    expect(after([{ payment_state: 'authorized' }, 1, CRM])).toEqual({ payment_state: 'authorized' })
  })

  it('is what is pushed', () => {
    const order = [
      SOLD,
      [{ is_refund: true, refunded_to_date: '30' }, 2, GATEWAY] as Told,
      [{ order_status: 'Complete' }, 9, CRM] as Told,
    ].reduce((so, [fields, second, origin]) => merged(so, change(fields, second), origin), emptyOrder())
    const plan = planPush(order, asItIs)
    expect(orderPayload(order, plan.do === 'push' ? plan.fields : [])).toMatchObject({
      order_status: 'Refunded',
      is_refund: 1,
      refunded_to_date: '30.00',
    })
    const captured = merged(emptyOrder(), change({ payment_state: 'captured', order_total: '30' }))
    const first = planPush(captured, asItIs)
    expect(orderPayload(captured, first.do === 'push' ? first.fields : [])).toMatchObject({ order_status: 'Complete' })
  })
})
