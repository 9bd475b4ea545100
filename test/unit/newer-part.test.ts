import { describe, expect, it } from 'vitest'
import { planPush, textsOf } from '../../src/domain/diff-order.ts'
import { newerPart } from '../../src/domain/newer-part.ts'
import { SENT_FIELDS } from '../../src/domain/order-fields.ts'
import type { OrderRecord } from '../../src/domain/order.ts'
import { LEDGER } from '../../src/domain/origins.ts'
import { asItIs, change, emptyOrder, merged, note, orderOf } from './build-order.ts'

const RESTORED_AT = Date.UTC(2026, 0, 1) + 1_500
/** An order that the platform acknowledged at second 0, after changes of second 1 (before the restore) and second 2 (after it). */
function changed(
  acknowledged: Record<string, unknown>,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): OrderRecord {
  // prettier-ignore
  const first = { order_status: 'Complete', ...acknowledged }
  const texts = [...textsOf(orderOf([first]))].filter(([field]) => SENT_FIELDS.includes(field))
  return orderOf([first, before, after], { sent: true, acknowledged: Object.fromEntries(texts) })
}
function newer(order: OrderRecord): string[] {
  const plan = planPush(order, asItIs)
  if (plan.do !== 'push') throw new Error(plan.do)
  const part = newerPart(plan, order, RESTORED_AT)
  expect(Object.keys(part.digests)).toEqual(part.fields)
  return part.fields
}

describe('what is pushed of restored orders', () => {
  it('is what was stated after the restore, and nothing older', () => {
    expect(newer(changed({}, { order_total: '11' }, { avs: 'Y' }))).toEqual(['avs'])
    expect(newer(changed({}, { order_total: '11' }, {}))).toEqual([])
    expect(newer(changed({ order_total: '10' }, { order_total: '11' }, { order_total: '12' }))).toEqual(['order_total'])
  })

  it('no list of notes, some of which may be lost, and both halves of fulfillment or none', () => {
    expect(newer(changed({}, {}, { avs: 'Y', notes: [note(2, 'new')] }))).toEqual(['avs'])
    const [shipments, proof] = [[{ tracking_number: '1' }], [{ type: 'a', value: 'b' }]]
    const half = changed({ fulfillment: { shipments, proof_of_service: proof } }, {}, { avs: 'Y', fulfillment: { shipments: [] } }) // prettier-ignore
    expect(newer(half)).toEqual(['avs'])
    const whole = changed({}, {}, { fulfillment: { shipments, proof_of_service: proof } })
    expect(newer(whole)).toEqual(['shipments', 'proof_of_service'])
  })

  it('the status that a refund after the restore makes, and none that only a payment state of now shows', () => {
    const paid = changed({ order_total: '10', captured_amount: '10' }, {}, {})
    const refunded = merged(paid, change({ is_refund: true, refunded_to_date: '10' }, 3), LEDGER)
    expect(newer(refunded)).toEqual(expect.arrayContaining(['order_status', 'refunded_to_date', 'is_refund']))
    expect(newer(changed({}, { order_status: 'Cancelled' }, { payment_state: 'captured', avs: 'Y' }))).toEqual(['avs'])
  })

  it('of an order that was never acknowledged all or nothing', () => {
    const fresh = (...seconds: number[]) =>
      seconds.reduce((order, second, i) => merged(order, change(i === 0 ? { order_status: 'Complete' } : { avs: 'Y' }, second)), emptyOrder()) // prettier-ignore
    expect(newer(fresh(2, 3))).toEqual(['order_status', 'avs'])
    expect(newer(fresh(1, 3))).toEqual([])
  })
})
