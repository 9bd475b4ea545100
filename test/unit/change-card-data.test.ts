import { describe, expect, it } from 'vitest'
import { parseChange } from '../../src/domain/change.ts'

const AT = '2026-01-31T09:20:11.250Z'
const read = (fields: object) => parseChange({ order_id: '741258', occurred_at: AT, ...fields })
const valuesOf = (fields: object) => {
  const parsed = read(fields)
  return 'change' in parsed ? parsed.change.values : parsed
}
const faultsOf = (fields: object) => {
  const parsed = read(fields)
  return 'errors' in parsed ? parsed.errors : []
}
const faultyFields = (fields: object) => faultsOf(fields).map(fault => fault.field)

describe("the order's own card number", () => {
  const card = { cc_first_6: '401288', cc_last_4: '1881' }
  const NUMBER = '4012888888881881'

  it.each(['transaction_id', 'auth_id', 'customer_id', 'rma_number', 'arn', 'device_id', 'customers_telephone', 'order_id', 'affiliate'])('is refused as %s', field => {
    expect(faultyFields({ ...card, [field]: NUMBER })).toEqual([field])
  }) // prettier-ignore

  it('is refused in lists too, and with its place', () => {
    const body = {
      ...card,
      products: [{ sku: 'a' }, { product_id: NUMBER }],
      fulfillment: { shipments: [{ tracking_number: NUMBER }] },
    }
    expect(faultyFields(body)).toEqual(['products[1].product_id', 'fulfillment.shipments[0].tracking_number'])
  })

  it('is refused though it is written in groups', () => {
    for (const written of ['4012 8888 8888 1881', '4012-8888-8888-1881'])
      expect(faultyFields({ ...card, transaction_id: written })).toEqual(['transaction_id'])
  })

  it('is refused where a part of the card cannot be read, or is the whole number', () => {
    for (const parts of [{ cc_first_6: NUMBER, cc_last_4: '1881' }, { cc_first_6: '401288', cc_last_4: NUMBER }, { cc_first_6: NUMBER }, { cc_first_6: '4012', cc_last_4: '1881' }])
      expect([parts, faultyFields({ ...parts, transaction_id: NUMBER })]).toEqual([parts, ['transaction_id']])
    expect(faultyFields({ cc_first_6: NUMBER, cc_last_4: '1881', transaction_id: '8546315789936' })).toEqual([])
  }) // prettier-ignore

  it('is told of without its digits', () => {
    expect(JSON.stringify(faultsOf({ ...card, transaction_id: NUMBER }))).not.toMatch(/\d{5}/)
  })

  it('is not seen in other references: another card, a failing check digit, or a card that is not told', () => {
    expect(faultsOf({ ...card, transaction_id: '4111111111111111' })).toEqual([])
    expect(faultsOf({ ...card, transaction_id: '4012880000001881' })).toEqual([])
    expect(faultsOf({ transaction_id: NUMBER })).toEqual([])
    expect(faultsOf({ ...card, transaction_id: '8546315789936', customers_telephone: '555-254-4925' })).toEqual([])
  })
})

describe('prose', () => {
  it.each(['rma_reason', 'billing_street_address', 'sales_tax', 'descriptor', 'email_address'])('%s keeps no card number', field => {
    expect(valuesOf({ [field]: 'paid with 4012 8888 8888 1881.' })).toEqual({ [field]: 'paid with 401288******1881.' })
  }) // prettier-ignore

  it('in lists and notes keeps no card number', () => {
    const parsed = read({
      products: [{ name: 'gift 4012888888881881' }],
      fulfillment: {
        shipments: [{ shipping_method: '4012888888881881' }],
        proof_of_service: [{ type: 'card', value: '4012-8888-8888-1881' }],
      },
      notes: [{ timestamp: AT, note: 'read out 4012 8888 8888 1881' }],
    })
    expect(JSON.stringify(parsed)).not.toMatch(/8888/)
    expect(JSON.stringify(parsed).match(/401288\*{6}1881/g)).toHaveLength(4)
  })
})
