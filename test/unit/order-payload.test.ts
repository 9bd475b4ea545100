import { describe, expect, it } from 'vitest'
import example from '../captures/midigator/order-request.json' with { type: 'json' }
import { planPush } from '../../src/domain/diff-order.ts'
import { SENT_FIELDS, type SentField } from '../../src/domain/order-fields.ts'
import { orderPayload, payloadText } from '../../src/domain/order-payload.ts'
import { asItIs, note, orderOf } from './build-order.ts'

const payloadOf = (fields: Record<string, unknown>, ...more: Record<string, unknown>[]) => {
  const order = orderOf([{ order_status: 'Complete' }, fields, ...more], { sent: true, acknowledged: { order_status: '"Complete"' } })
  const plan = planPush(order, asItIs)
  const { order_id: id, ...payload } = orderPayload(order, plan.do === 'push' ? plan.fields : [])
  expect(id).toBe('741258')
  return payload
} // prettier-ignore

/** The example with its times in the form that the reference states for them. */
const stated = JSON.parse(
  JSON.stringify(example).replace(/"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)"/g, '"$1T$2Z"'),
) as typeof example

describe("the reference's own request example", () => {
  it('goes in as a change and comes out as the same payload, times in the stated form', () => {
    const order = orderOf([example])
    const plan = planPush(order, asItIs)
    const fields = plan.do === 'push' ? plan.fields : []
    expect(orderPayload(order, fields)).toEqual(stated)
    // Every field the reference has is in its example, and goes out.
    expect(fields).toEqual(SENT_FIELDS)
  })

  it('that went out and was acknowledged differs in nothing when it comes again', () => {
    const first = planPush(orderOf([example]), asItIs)
    const acknowledged = first.do === 'push' ? first.digests : {}
    expect(planPush(orderOf([example, stated], { sent: true, acknowledged }), asItIs)).toEqual({ do: 'nothing' })
  })
})

describe('wire forms', () => {
  it('flags are 1 and 0', () => {
    expect(payloadOf({ is_refund: true, is_recurring: false, is_test_cc: 1 })).toEqual({ is_refund: 1, is_recurring: 0, is_test_cc: 1 }) // prettier-ignore
  })

  it("amounts are text with at least the currency's digits", () => {
    expect(payloadOf({ order_total: 26.8, currency: 'usd' })).toEqual({ order_total: '26.80', currency: 'USD' })
    expect(payloadOf({ order_total: '2500', currency: 'JPY' })).toEqual({ order_total: '2500', currency: 'JPY' })
    expect(payloadOf({ order_total: '2.5', currency: 'KWD' })).toEqual({ order_total: '2.500', currency: 'KWD' })
    expect(payloadOf({ order_total: '25' })).toEqual({ order_total: '25.00' })
    expect(payloadOf({ order_total: '25', currency: null })).toMatchObject({ order_total: '25.00' })
  })

  it('amounts too great or too fine for a binary float keep every digit', () => {
    expect(payloadText(orderOf([{ order_total: '900719925474099.300001' }]), ['order_total'])).toBe(
      '{"order_id":"741258","order_total":"900719925474099.300001"}',
    )
  })

  it('times are YYYY-MM-DDTHH:MM:SSZ, whatever they came as', () => {
    expect(payloadOf({ order_date: '2017-06-28 09:20:11.9+02:00', recurring_date: '2017-06-28 09:20' })).toEqual({
      order_date: '2017-06-28T07:20:11Z',
      recurring_date: '2017-06-28T09:20:00Z',
    })
  })

  it('codes and ids stay the text they were, leading zeros and all', () => {
    expect(payloadOf({ cc_exp_month: '04', eci: '05', transaction_id: '00985631214878714999' })).toEqual({
      cc_exp_month: '04',
      eci: '05',
      transaction_id: '00985631214878714999',
    })
  })

  it('prices in products have the form of amounts, and other members are left alone', () => {
    const products = [{ name: '7', price: '5', product_qty: '1.50' }, { price: null }, {}]
    expect(payloadOf({ products, currency: 'EUR' }).products).toEqual([
      { name: '7', price: '5.00', product_qty: '1.50' },
      { price: null },
      {},
    ])
  })

  it('arrays go out whole when one entry changed', () => {
    const before = { products: [{ sku: 'a' }, { sku: 'b' }] }
    const after = { products: [{ sku: 'a' }, { sku: 'c' }] }
    expect(payloadOf(before, after).products).toEqual(after.products)
  })

  it('both halves of a fulfillment go out when one changed', () => {
    const shipments = [{ tracking_number: '1' }]
    const proof = [{ type: 'a', value: 'b' }]
    const order = orderOf(
      [{ order_status: 'Complete', fulfillment: { shipments, proof_of_service: proof } }, { fulfillment: { shipments: [] } }],
      { sent: true, acknowledged: { order_status: '"Complete"', proof_of_service: JSON.stringify(proof), shipments: JSON.stringify(shipments) } },
    ) // prettier-ignore
    const plan = planPush(order, asItIs)
    const fields: SentField[] = plan.do === 'push' ? plan.fields : []
    expect(orderPayload(order, fields)).toEqual({
      order_id: '741258',
      fulfillment: { shipments: [], proof_of_service: proof },
    })
  })

  it('cleared fields are null, in a fulfillment too', () => {
    const order = orderOf([{ email_address: null, products: null, order_total: null, is_refund: null, fulfillment: null }])
    expect(orderPayload(order, ['email_address', 'order_total', 'is_refund', 'products', 'shipments', 'proof_of_service'])).toEqual({
      order_id: '741258',
      email_address: null,
      order_total: null,
      is_refund: null,
      products: null,
      fulfillment: { shipments: null, proof_of_service: null },
    })
  }) // prettier-ignore

  it('a fulfillment of which nothing is sent is not there at all', () => {
    expect(payloadOf({ avs: 'Y' })).toEqual({ avs: 'Y' })
  })

  it('notes go out all together, oldest first', () => {
    expect(payloadOf({ notes: [note(5, 'b')] }, { notes: [note(1, 'a')] }).notes).toEqual([note(1, 'a'), note(5, 'b')])
  })

  it('extra fields never go out', () => {
    const extra = {
      payment_state: 'captured',
      captured_amount: '5',
      captured_at: '2026-01-01T00:00:00Z',
      arn: '1',
      descriptor: 'x',
      device_id: 'y',
      gateway: 'z',
    }
    expect(payloadOf({ ...extra, avs: 'Y' })).toEqual({ avs: 'Y' })
  })

  it('odd characters and names of prototypes survive the way', () => {
    const order = { ...orderOf([{ billing_city: '"\\\u2028😀</script>' }]), orderId: '__proto__' }
    expect(JSON.parse(payloadText(order, ['billing_city']))).toEqual({
      order_id: '__proto__',
      billing_city: '"\\\u2028😀</script>',
    })
  })
})
