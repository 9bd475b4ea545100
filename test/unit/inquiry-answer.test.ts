import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseChange } from '../../src/domain/change.ts'
import { FIELD_NAMES, FIELDS, type FieldName } from '../../src/domain/order-fields.ts'
import type { OrderRecord, Register, RegisterName } from '../../src/domain/order.ts'
import { inquiryAnswer } from '../../src/platforms/chargebackhit/inquiry-answer.ts'
import { emptyOrder, orderOf } from './build-order.ts'
import { size } from '../support/sizes.ts'

const SOLD = {
  order_status: 'Complete', payment_state: 'captured', order_total: '30', currency: 'USD', order_date: '2026-01-31T09:20:11Z',
  captured_amount: '29.5', captured_at: '2026-02-01T10:00:00Z', transaction_id: '12345678901234567890', transaction_merchant_id: 'mid-7',
  cc_first_6: '401288', cc_last_4: '1881', arn: '74012345678901234567890', descriptor: 'SHOP*TEA', customer_id: 'c-1',
  billing_first_name: 'Jane', billing_last_name: 'Doe', email_address: 'jane@example.com', customers_telephone: '+1 313 555 0100',
  ip_address: '203.0.113.7', device_id: 'd-1', billing_street_address: '1 Bill Street', billing_city: 'Lansing',
  fulfillment: { shipments: [{ shipping_street_address: '123 Sample Address', shipping_street_address_2: 'Apt. B', shipping_city: 'Detroit', shipping_state: 'MI', shipping_postcode: '48201', shipping_country: 'US' }] },
  products: [{ name: 'Tea', sku: 'T-1', product_id: '98', product_qty: '2', price: '15' }, { product_id: '99' }],
} // prettier-ignore
const of = (fields: Record<string, unknown>) => inquiryAnswer(orderOf([fields]))

describe('the answer to an inquiry', () => {
  it('of an order that is known tells what the order tells', () => {
    expect(of(SOLD)).toEqual({
      outcome: 'acknowledged',
      order: {
        order_id: '741258', date: '2026-01-31T09:20:11Z', amount: '30.00', currency: 'USD',
        address: { line1: '123 Sample Address, Apt. B', city: 'Detroit', state: 'MI', postal_code: '48201', country_code: 'US' },
      },
      customer: {
        customer_id: 'c-1', first_name: 'Jane', last_name: 'Doe', email: 'jane@example.com', phone: '+1 313 555 0100',
        device: { ip_address: '203.0.113.7', device_id: 'd-1' },
      },
      transactions: [{
        transaction_merchant_id: '12345678901234567890', date: '2026-02-01T10:00:00Z', amount: '29.50', currency: 'USD', type: 'sale',
        bin: '401288', last_four: '1881', arn: '74012345678901234567890',
      }],
      products: [{ name: 'Tea', sku: 'T-1', quantity: '2' }, { sku: '99' }],
      merchant: { descriptor: 'SHOP*TEA' },
    }) // prettier-ignore
  })

  it('of no order has an empty customer and no products, and nothing else', () => {
    expect(inquiryAnswer(null)).toEqual({ outcome: 'acknowledged', customer: {}, products: [] })
  })

  it('leaves out what is not known, empty or cleared', () => {
    const empty = {
      email_address: '',
      billing_first_name: ' ',
      device_id: null,
      products: [{ price: '3' }, { name: '' }],
    }
    expect(of({ order_status: 'Complete', ...empty, fulfillment: { shipments: [{ shipping_city: 'Ulm' }] } })).toEqual({
      outcome: 'acknowledged',
      order: { order_id: '741258' },
      customer: {},
      transactions: [{ type: 'sale' }],
      products: [],
      merchant: {},
    })
  })

  it('tells the earlier payments after the order’s own', () => {
    const earlier = [
      { ...orderOf([{ ...SOLD, transaction_id: 't-1', captured_at: '2025-08-01T00:00:00Z' }]), orderId: 'e-1' },
      { ...orderOf([{ ...SOLD, transaction_id: 't-2', captured_at: '2025-07-01T00:00:00Z' }]), orderId: 'e-2' },
    ]
    const { transactions } = inquiryAnswer(orderOf([SOLD]), earlier)
    expect(transactions).toMatchObject([
      { transaction_merchant_id: '12345678901234567890' },
      { transaction_merchant_id: 't-1', date: '2025-08-01T00:00:00Z', amount: '29.50', type: 'sale' },
      { transaction_merchant_id: 't-2', date: '2025-07-01T00:00:00Z' },
    ])
  })

  it.each<[says: string, fields: Record<string, unknown>, refund: unknown]>([
    ['what was given back', { refunded_to_date: '5' }, { amount: '5.00', currency: 'USD' }],
    ['all of it, where it is called Refunded', { order_status: 'Refunded' }, { amount: '29.50', currency: 'USD' }],
    ['nothing of a refund of nothing', { refunded_to_date: '0' }, undefined],
  ])('tells %s', (_says, fields, refund) => {
    expect(of({ ...SOLD, ...fields }).order?.refund).toEqual(refund)
  })

  it.each([
    ['JPY', '3000', '3000'],
    ['KWD', '3.5', '3.500'],
    ['EUR', '3.5', '3.50'],
  ])('writes amounts in %s with its digits', (currency, order_total, amount) => {
    const { order, transactions } = of({ order_status: 'Complete', order_total, currency })
    expect([order, transactions?.[0]]).toMatchObject([
      { amount, currency },
      { amount, currency },
    ])
  })

  it('calls nothing a sale that was never paid', () => {
    const { transactions } = of({ ...SOLD, payment_state: 'declined' })
    expect(transactions).toMatchObject([{ amount: '30.00', date: '2026-02-01T10:00:00Z' }])
    expect(transactions?.[0]).not.toHaveProperty('type')
  })

  it('names the main product where no products are listed', () => {
    expect(of({ main_product_id: '98', main_product_qty: '3' }).products).toEqual([{ sku: '98', quantity: '3' }])
  })

  it('is bounded, whatever an order holds', () => {
    const name = '\u{1f600}'.repeat(500)
    const answer = of({ ...SOLD, billing_first_name: name, products: Array.from({ length: 200 }, () => ({ name })) })
    expect(answer.products).toHaveLength(50)
    expect(answer.customer.first_name?.isWellFormed()).toBe(true)
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(64 * 1024)
  })

  it('leaves out an e-mail address that is too long rather than sending another', () => {
    expect(of({ ...SOLD, email_address: `${'j'.repeat(250)}@example.com` }).customer).not.toHaveProperty('email')
  })
})

describe('whatever stands in an order', () => {
  const CARD = '4012888888881881'
  const GROUPED = '4012 8888-8888 1881'
  const written = fc.constantFrom(
    CARD,
    GROUPED,
    `a ${CARD} b`,
    `x${CARD}`,
    `${CARD}9`,
    `no. ${GROUPED}`,
    '4012.8888.8888.1881',
  )
  const text = fc.oneof(written, fc.string({ maxLength: 300 }), fc.constantFrom('', ' ', '0', 'null'))
  const member = fc.record({ name: text, sku: text, product_id: text, product_qty: text, shipping_street_address: text, shipping_street_address_2: text, shipping_city: text, shipping_postcode: text }, { requiredKeys: [] }) // prettier-ignore
  const list = fc.array(member, { maxLength: 60 })
  const drawnOf = (name: FieldName): fc.Arbitrary<unknown> | null => {
    const { kind } = FIELDS[name]
    if (kind === 'list') return list
    if (['prose', 'id', 'phone', 'code'].includes(kind)) return text
    return kind === 'money' ? fc.constantFrom('0', '5', '29.5', null) : null
  }
  const arbitraries: Record<string, fc.Arbitrary<unknown>> = {}
  for (const name of FIELD_NAMES) {
    const arbitrary = drawnOf(name)
    if (arbitrary !== null) arbitraries[name] = arbitrary
  }
  const drawn = fc.record(arbitraries, { requiredKeys: [] })
  const recordOf = (fields: Record<string, unknown>): OrderRecord => {
    const registers = new Map<RegisterName, Register>()
    const values = { cc_first_6: '401288', cc_last_4: '1881', order_status: 'Complete', ...fields }
    for (const [name, value] of Object.entries(values)) {
      const register =
        FIELDS[name as FieldName].perOrigin === true ? (`${name}@crm` as RegisterName) : (name as FieldName)
      registers.set(register, { stamp: 1, tie: '1', value: JSON.stringify(value) })
    }
    return { ...emptyOrder(), registers }
  }
  const textsIn = (value: unknown): string[] =>
    typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [] // prettier-ignore

  it('its answer never holds more of the card than six and four, always has customer and products, and nothing empty', () => {
    fc.assert(
      fc.property(drawn, drawn, (fields, earlier) => {
        const answer = inquiryAnswer(recordOf(fields), [recordOf(earlier)])
        for (const found of textsIn(answer)) {
          expect(found.replaceAll(/\D/g, '')).not.toContain(CARD)
          expect(found.trim()).not.toBe('')
          expect(found.length).toBeLessThanOrEqual(255)
        }
        expect(JSON.parse(JSON.stringify(answer))).toEqual(answer)
        expect(answer).toMatchObject({ outcome: 'acknowledged', customer: {}, products: expect.any(Array) })
        expect(answer.products.length).toBeLessThanOrEqual(50)
      }),
      { numRuns: size(50, 150) },
    )
  })

  it('a card number that a person typed is cut down before it ever gets there', () => {
    const parsed = parseChange({
      order_id: '1',
      occurred_at: '2026-01-01T00:00:00Z',
      products: [{ name: `card ${CARD}` }],
    })
    expect(JSON.stringify(parsed)).toContain('401288******1881')
    expect(of({ products: [{ name: `card ${CARD}` }] }).products).toEqual([{ name: 'card 401288******1881' }])
  })
})
