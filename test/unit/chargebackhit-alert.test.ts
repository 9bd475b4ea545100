import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventKey, type AlertEvent } from '../../src/domain/alert/event.ts'
import { alertKindOf, asksRefund, isInquiry, isRdr, namesCdrn, reportsFraud } from '../../src/domain/alert/kind.ts'
import { parseJson } from '../../src/parse-json.ts'
import { createChargebackhitAlerts } from '../../src/platforms/chargebackhit/alerts.ts'
import { readAlert, readRecord } from '../../src/platforms/chargebackhit/read-alert.ts'
import { ALERT_TYPES } from '../../src/platforms/chargebackhit/wire.ts'
import type { PlatformService } from '../../src/platforms/platform.ts'
import { size } from '../support/sizes.ts'

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

const SERVICE: PlatformService = {
  name: 'chargebackhit',
  access: () => Promise.resolve(null),
  renew: () => Promise.reject(new Error('is not asked')),
  dropAccess() {},
}

function eventOf(input: unknown): AlertEvent {
  const read = readAlert(input)
  if (!('kind' in read) || read.kind !== 'event') throw new Error(`no event: ${JSON.stringify(read)}`)
  return read.event
}

interface Reading {
  guid: string
  facts: object
  faults?: readonly { field: string }[]
}

/** A page of the list of alerts as the adapter reads it. */
async function listed(items: readonly object[]) {
  const none = () => Promise.reject(new Error('is not asked'))
  const listAlerts = () => Promise.resolve({ answer: { status: 200, retryAfterMs: null, words: '' }, value: { items: items as never, next: null } })
  const alerts = createChargebackhitAlerts({ getAlert: none, listAlerts, updateOutcome: none }, SERVICE)
  const { value } = await alerts.list!({ token: '', generation: 1 }, { sinceMs: 0, page: null }, { timeoutMs: 1 })
  return value!
} // prettier-ignore

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

  it.each([
    ['999999999999999.12', '999999999999999.12'],
    ['49.99999999999999', '50'],
    ['1E+2', '100'],
    ['"1E+2"', '100'],
  ])('keeps every digit of the amount %s, also where it comes as a number', (written, amount) => {
    const text = JSON.stringify(body()).replace('"amount":"49.99"', `"amount":${written}`)
    const parsed = parseJson(Buffer.from(text), 'all')
    expect('value' in parsed && eventOf(parsed.value)).toMatchObject({ facts: { amount } })
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
    ['the alert', { ...body(), alert: 'none' }, 'alert'],
    ['its type', body({ type: 7 }), 'alert.type'],
    ['its type', body({ type: null }), 'alert.type'],
    ['its id', body({ id: '' }), 'alert.id'],
    ['its id', body({ id: {} }), 'alert.id'],
    ['an id that is a step of a path', body({ id: '..' }), 'alert.id'],
    ['the card number as its id', body({ id: '4012888888881881' }), 'alert.id'],
  ])('is refused for %s, and for nothing else', (_what, input, field) => {
    const read = readAlert(input)
    expect('errors' in read && read.errors.map(error => error.field)).toEqual([field])
    expect(JSON.stringify(read)).not.toContain('4012888888881881')
  })

  it.each([
    ['its amount', body({ amount: '12,50' }), 'alert.amount', 'amount'],
    ['its amount', body({ amount: '12.505' }), 'alert.amount', 'amount'],
    ['its currency', body({ currency: 'dollars' }), 'alert.currency', 'currency'],
    ['its time', body({ date: 'soon' }), 'alert.date', 'issuedAt'],
    ['a card number in place of the BIN', body({}, { bin: '4012888888881881' }), 'transaction.bin', 'cardFirst6'],
    ['the last four', body({}, { last_four: '188' }), 'transaction.last_four', 'cardLast4'],
    ['the card number as a reference', body({}, { transaction_id: '4012888888881881' }), 'transaction.transaction_id', 'transactionId'],
    ['the ARN', body({}, { arn: 'a\u0000b' }), 'transaction.arn', 'arn'],
  ] as const)('states %s no more where it cannot be read, and names it without its value', (_what, input, field, fact) => {
    const { facts, faults = [] } = eventOf(input)
    const { [fact]: _, ...others } = eventOf(body()).facts
    expect(facts).toEqual(others)
    expect(faults.map(error => error.field)).toEqual([field])
    expect(JSON.stringify(eventOf(input))).not.toMatch(/12,50|dollars|soon|4012888888881881/)
  }) // prettier-ignore

  it.each([
    [{ bin: '40128888' }, { cardFirst6: '401288', cardLast4: '1881' }],
    [
      { bin: '401288******1883', last_four: null },
      { cardFirst6: '401288', cardLast4: '1883' },
    ],
    [{ last_four: '****1883' }, { cardFirst6: '401288', cardLast4: '1883' }],
    [{ arn: 'N/A', auth_code: 'none' }, { cardFirst6: '401288' }],
  ])('with %j in its transaction is read without a fault', (transaction, facts) => {
    const event = eventOf(body({}, transaction))
    expect(event.facts).toMatchObject(facts)
    expect(event).not.toHaveProperty('faults')
    expect(Object.values(event.facts)).not.toContain('N/A')
  })

  it('loses with an odd part what that part states, and nothing else', () => {
    const whole = eventOf(body({ descriptor: 'N/A' }))
    expect(whole.facts.descriptor).toBe('SHOP')
    const { cardFirst6: _1, cardLast4: _2, cardBrand: _3, arn: _4, authCode: _5, transactionId: _6, merchantTransactionId: _7, transactionAt: _8, ...left } = whole.facts
    for (const transaction of ['none so far', 7, [1], true])
      expect(eventOf({ ...body({ descriptor: 'N/A' }), transaction })).toMatchObject({ facts: left, faults: [{ field: 'transaction' }] })
    for (const transaction of [undefined, null, [], {}, ''])
      expect(eventOf({ ...body({ descriptor: 'N/A' }), transaction })).toEqual({ ...whole, facts: left })
    expect(eventOf({ ...body(), merchant: 'none so far' })).toEqual({ ...eventOf(body()), faults: [expect.objectContaining({ field: 'merchant' })] })
    expect(eventOf({ alert: { id: ID, type: 'Init-Refund' } })).toEqual({ type: 'alert', guid: ID, facts: { partner: 'init-refund' }, sentAt: null })
  }) // prettier-ignore

  /** The hook's reading, the read-back's, and what the list of alerts makes of an item between two others. */
  const readers: [string, (item: object) => Promise<Reading> | Reading][] = [
    ['a hook', eventOf],
    ['a record', item => readRecord(item) as unknown as Reading],
    ['an item of the list', async item => (await listed([body(), item, body()])).events[1]!.event],
  ]

  it.each(readers)('costs, where one member of %s cannot be read, the facts of that member and no other', async (_name, readItem) => {
    const { id: _1, type: _2, ...alert } = body().alert
    const members = [
      ...Object.keys(alert).map(name => ['alert', name] as const),
      ...Object.keys(body().transaction).map(name => ['transaction', name] as const),
    ]
    const odd = fc.constantFrom<unknown>({}, [], true, 5, ['x'], 'x'.repeat(3_000), 'a\u0000b-', '12,5')
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...members), odd, async ([part, name], value) => {
        const put = (given: unknown) => ({ ...body(), [part]: { ...body()[part], [name]: given } })
        const { guid, facts, faults = [] } = await readItem(put(value))
        const kept = (await readItem(put(null))).facts
        expect(guid).toBe(ID)
        expect(Object.keys(facts)).toEqual(expect.arrayContaining(Object.keys(kept)))
        expect([[], [`${part}.${name}`]]).toContainEqual(faults.map(error => error.field))
        expect(faults.length > 0 ? facts : kept).toEqual(kept)
      }),
      { numRuns: size(166, 500) },
    )
  }) // prettier-ignore

  it('takes from a list what can be read, whatever stands beside it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 2 }), async odd => {
        const { events, passedOver } = await listed([body(), odd as object, body()])
        expect([events.length, passedOver.length]).toEqual([2, 1])
        expect(events.map(({ event }) => event.guid)).toEqual([ID, ID])
        expect(passedOver).toEqual([odd])
      }),
      { numRuns: size(100, 300) },
    )
  })

  it('is the same event in a hook and in the list', () => {
    const listed = readAlert(body({ outcome: 'pending' }))
    expect('kind' in listed && listed.kind === 'event' && eventKey(listed.event)).toBe(eventKey(eventOf(body())))
    expect(readRecord(body())).toMatchObject({ guid: ID, faults: [] })
    expect(readRecord(body({ amount: {} }))).toMatchObject({ guid: ID, faults: [{ field: 'alert.amount' }] })
  })

  it.each([
    ['reversed', 'reversed', []],
    [' Previously-Reversed ', 'previously-reversed', []],
    ['pending', undefined, []],
    ['acknowledged', undefined, []],
    ['', undefined, []],
    [null, undefined, []],
    ['something new', undefined, ['alert.outcome']],
    [7, undefined, ['alert.outcome']],
  ])('read back with the outcome %j was answered as %s', async (outcome, answeredAs, fields) => {
    const answer = { status: 200, retryAfterMs: null, words: '' }
    const getAlert = () => Promise.resolve({ answer, value: body({ outcome, amount: '49.99000000000001' }) })
    const none = () => Promise.reject(new Error('is not asked'))
    const alerts = createChargebackhitAlerts({ getAlert, listAlerts: none, updateOutcome: none }, SERVICE)
    const { value } = await alerts.ask({ token: '', generation: 1 }, { kind: 'alert', guid: ID }, { timeoutMs: 1 })
    expect(value).toMatchObject({ guid: ID, facts: { amount: '49.99', arn: '74012881234567890123456' } })
    expect([value?.facts.answeredAs, value?.faults?.map(error => error.field)]).toEqual([answeredAs, fields])
    const other = await alerts.ask({ token: '', generation: 1 }, { kind: 'alert', guid: 'another' }, { timeoutMs: 1 })
    expect(other).toEqual({ answer })
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
