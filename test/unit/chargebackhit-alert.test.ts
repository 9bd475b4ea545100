import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventKey, type AlertEvent } from '../../src/domain/alert/event.ts'
import { alertKindOf, asksRefund, isInquiry, isRdr, namesCdrn, reportsFraud } from '../../src/domain/alert/kind.ts'
import { parseJson } from '../../src/parse-json.ts'
import { readAlert, readRecord } from '../../src/platforms/chargebackhit/read-alert.ts'
import { ALERT_TYPES } from '../../src/platforms/chargebackhit/wire.ts'

const ID = '6f1b8b1e-5a3c-4c1e-9d55-1f2b3c4d5e6f'
const body = (alert: object = {}, transaction: object = {}, merchant: object = {}) => ({
  alert: {
    id: ID, type: 'init-refund', product: 'ethoca', provider: 'ethoca', date: '2026-01-10T00:00:00Z', amount: '49.99',
    currency: 'USD', descriptor: 'SHOP*ONE', reason_code: '10.4', reason_group: 'fraud', ...alert,
  },
  transaction: {
    transaction_merchant_id: 'T-1', transaction_id: 'N-1', date: '2026-01-02T10:00:00Z', amount: '49.99', currency: 'USD',
    type: 'sale', card_brand: 'Visa', bin: '401288', last_four: '1881', auth_code: 'A1', arn: '74012881234567890123456',
    ...transaction,
  },
  merchant: { id: 'm-1', internal_id: 'mid_1', descriptor: 'SHOP', name: 'Shop', ...merchant },
}) // prettier-ignore

function eventOf(input: unknown): AlertEvent {
  const read = readAlert(input)
  if (!('kind' in read) || read.kind !== 'event') throw new Error(`no event: ${JSON.stringify(read)}`)
  return read.event
}

describe('an alert of Chargebackhit', () => {
  it('is read whole', () => {
    expect(eventOf(body())).toEqual({
      type: 'alert',
      guid: ID,
      sentAt: null,
      facts: {
        partner: 'ethoca init-refund', amount: '49.99', currency: 'USD', issuedAt: Date.UTC(2026, 0, 10),
        descriptor: 'SHOP*ONE', reason: '10.4 fraud', transactionId: 'N-1', merchantTransactionId: 'T-1',
        transactionAt: Date.UTC(2026, 0, 2, 10), cardFirst6: '401288', cardLast4: '1881', cardBrand: 'visa',
        authCode: 'A1', arn: '74012881234567890123456',
      },
    }) // prettier-ignore
  })

  it.each([
    ['init-refund', 'ethoca', 'refundable'],
    ['init-refund', 'cdrn', 'refundable'],
    ['init-refund', 'paypal', 'refundable'],
    ['inquiry', 'oi', 'notice'],
    ['inquiry', 'consumer-clarity', 'notice'],
    ['prevented', 'ethoca', 'notice'],
    ['resolved', 'rdr', 'notice'],
    ['fraud-notification', 'visa-fraud', 'notice'],
  ])('of type %s by %s is %s', (type, product, kind) => {
    expect(alertKindOf(eventOf(body({ type, product })).facts)).toBe(kind)
  })

  it('is a chargeback where a dispute was filed', () => {
    expect(eventOf(body({ type: 'dispute-notification', product: 'visa-dispute' })).type).toBe('chargeback')
  })

  it('tells what it wants by its words', () => {
    const of = (type: string, product: string) => eventOf(body({ type, product })).facts
    expect(asksRefund(of('init-refund', 'ethoca'))).toBe(true)
    expect(asksRefund(of('prevented', 'ethoca'))).toBe(false)
    expect(namesCdrn(of('init-refund', 'cdrn'))).toBe(true)
    expect(isRdr(of('resolved', 'rdr'))).toBe(true)
    expect(isInquiry(of('inquiry', 'oi'))).toBe(true)
    expect(reportsFraud(of('fraud-notification', 'visa-fraud'))).toBe(true)
    for (const type of ALERT_TYPES.filter(one => one !== 'fraud-notification')) expect(reportsFraud(of(type, 'oi'))).toBe(false)
  }) // prettier-ignore

  it('keeps every digit of an amount, also where it comes as a number', () => {
    const text = JSON.stringify(body()).replace('"amount":"49.99"', '"amount":999999999999999.123456')
    const parsed = parseJson(Buffer.from(text), 'all')
    expect('value' in parsed && eventOf(parsed.value).facts.amount).toBe('999999999999999.123456')
  })

  it('of a type that nobody knows yet is no fault', () => {
    expect(readAlert(body({ type: 'Pre-Arbitration' }))).toEqual({ kind: 'unknown', eventType: 'pre-arbitration' })
    expect(readAlert(undefined)).toEqual({ kind: 'ping' })
  })

  it('passes over members that nobody knows, and what is null or empty', () => {
    const odd = body({ outcome: '', rdr: { pricing_tier: 'x' }, reason_group: null }, { arn: '', network: {} })
    expect(eventOf(odd).facts).toMatchObject({ reason: '10.4' })
    expect(eventOf(odd).facts).not.toHaveProperty('arn')
  })

  it.each([
    ['the body', [], ''],
    ['the alert', { transaction: {}, merchant: {} }, 'alert'],
    ['the transaction', { ...body(), transaction: 'none' }, 'transaction'],
    ['its type', body({ type: 7 }), 'alert.type'],
    ['its id', body({ id: '' }), 'alert.id'],
    ['an id that is a step of a path', body({ id: '..' }), 'alert.id'],
    ['its amount', body({ amount: '12,50' }), 'alert.amount'],
    ['its currency', body({ currency: 'dollars' }), 'alert.currency'],
    ['more of the card than six and four', body({}, { bin: '4012888888881881' }), 'transaction.bin'],
    ['the card number as a reference', body({}, { transaction_id: '4012888888881881' }), 'transaction.transaction_id'],
  ])('that cannot be read says so of %s, and never with its value', (_what, input, field) => {
    const read = readAlert(input)
    const errors = 'errors' in read ? read.errors : []
    expect(errors.map(error => error.field)).toContain(field)
    expect(JSON.stringify(errors)).not.toMatch(/12,50|dollars|4012888888881881/)
  })

  it('is the same event in a hook and in the list', () => {
    const listed = readAlert(body({ outcome: 'pending' }))
    expect('kind' in listed && listed.kind === 'event' && eventKey(listed.event)).toBe(eventKey(eventOf(body())))
    expect(readRecord(body())).toMatchObject({ guid: ID })
  })

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (alert, transaction, merchant) => {
        const read = readAlert({ alert, transaction, merchant })
        expect('kind' in read || read.errors.length > 0).toBe(true)
      }),
    )
  })
})
