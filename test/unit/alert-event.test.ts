import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { caseIdOf, eventKey, type AlertEvent, type ParsedReport } from '../../src/domain/alert/event.ts'
import { parseAlert, readChargeback, readOrder, readPrevention } from '../../src/domain/alert/read-event.ts'
import { minorUnits } from '../../src/domain/basics/money.ts'
import { parseJson } from '../../src/parse-json.ts'
import { few } from '../support/long.ts'
import { size } from '../support/sizes.ts'
import { cpuMs } from './cpu-ms.ts'

/** As a hook reads it: all numbers kept as text. */
function json(text: string): unknown {
  const parsed = parseJson(Buffer.from(text), 'all')
  return 'value' in parsed ? parsed.value : parsed.fault
}
const parse = (body: unknown) => parseAlert(json(typeof body === 'string' ? body : JSON.stringify(body)))
function eventOf(body: unknown): AlertEvent {
  const parsed = parse(body)
  if ('kind' in parsed && parsed.kind === 'event') return parsed.event
  throw new Error(`no event: ${JSON.stringify(parsed)}`)
}
function amountIn(text: string): string | null {
  const parsed = parse(text)
  return 'kind' in parsed && parsed.kind === 'event' ? (parsed.event.facts.amount ?? null) : null
}
/** Names of the fields that were given and could not be read of an event that was taken. */
const fieldsAtFault = (body: unknown): string[] => (eventOf(body).faults ?? []).map(({ field }) => field)
/** Names of the fields for which a body was refused. */
function fieldsRefused(body: unknown): string[] {
  const parsed = parse(body)
  return 'errors' in parsed ? parsed.errors.map(({ field }) => field) : []
}

const ALERT = {
  prevention_guid: 'pre_1',
  event_type: 'prevention.new',
  partner: 'ethoca',
  mid: '189250002',
  arn: '99992989193702154389999',
  card_first_6: '401288',
  card_last_4: '0083',
  amount: 10.04,
  event_timestamp: '2019-09-27T20:42:43Z',
}

describe('the five event types', () => {
  it('prevention.new, as the first generation writes it', () => {
    expect(eventOf(ALERT)).toEqual({
      type: 'alert',
      guid: 'pre_1',
      sentAt: Date.UTC(2019, 8, 27, 20, 42, 43),
      facts: {
        partner: 'ethoca',
        mid: '189250002',
        arn: '99992989193702154389999',
        cardFirst6: '401288',
        cardLast4: '0083',
        amount: '10.04',
      },
    })
  })

  it('prevention.new, as the later generation writes it', () => {
    const later = {
      event_guid: 'evr_9',
      event_type: 'prevention.new',
      prevention_guid: 'pre_2',
      prevention_type: 'Verifi_CDRN',
      currency: 'usd',
      prevention_case_number: 98453223854042,
      merchant_descriptor: 'SHOP*ONE',
      transaction_timestamp: '2026-01-02 03:04:05',
      prevention_timestamp: '2026-01-03T03:04:05Z',
      auth_code: '004512',
      reason_code: '10.4',
      alert_type: 'Fraud',
      crm_account_guid: 'crm_1',
    }
    expect(eventOf(later)).toEqual({
      type: 'alert',
      guid: 'pre_2',
      sentAt: null,
      facts: {
        partner: 'verifi_cdrn',
        currency: 'USD',
        caseNumber: '98453223854042',
        descriptor: 'SHOP*ONE',
        transactionAt: Date.UTC(2026, 0, 2, 3, 4, 5),
        issuedAt: Date.UTC(2026, 0, 3, 3, 4, 5),
        authCode: '004512',
        reason: '10.4 fraud',
      },
    })
  })

  it('prevention.match, chargeback.new, chargeback.match, order.refund', () => {
    expect(
      eventOf({ event_type: 'prevention.match', prevention_guid: 'pre_1', order_guid: 'ord_1', order_id: 'a1' }),
    ).toMatchObject({ type: 'alert-match', guid: 'pre_1', facts: { orderGuid: 'ord_1', orderId: 'a1' } })
    expect(
      eventOf({ event_type: 'chargeback.new', chargeback_guid: 'cbc_1', case_number: '278', chargeback_date: '2019-09-27', due_date: '2019-10-20', card_brand: 'VISA' }),
    ).toMatchObject({ type: 'chargeback', guid: 'cbc_1', facts: { caseNumber: '278', chargebackDate: '2019-09-27', dueDate: '2019-10-20', cardBrand: 'visa' } }) // prettier-ignore
    expect(eventOf({ event_type: 'chargeback.match', chargeback_guid: 'cbc_1', order_id: 'a1' })).toMatchObject({
      type: 'chargeback-match',
      guid: 'cbc_1',
    })
    expect(
      eventOf({ event_type: 'order.refund', order_guid: 'ord_1', order_id: 'abcdef123', amount: 10.04 }),
    ).toMatchObject({ type: 'refund', guid: 'ord_1', facts: { orderId: 'abcdef123', amount: '10.04' } })
  })

  it('rdr.new and rdr.match are alerts of the partner rdr', () => {
    expect(eventOf({ event_type: 'rdr.new', rdr_guid: 'rdr_1', rdr_resolution: 'Accepted' })).toMatchObject({
      type: 'alert',
      guid: 'rdr_1',
      facts: { partner: 'rdr', rdrResolution: 'accepted' },
    })
    expect(eventOf({ event_type: 'rdr.match', rdr_guid: 'rdr_1', partner: 'verifi' })).toMatchObject({
      type: 'alert-match',
      facts: { partner: 'verifi rdr' },
    })
  })
})

describe('what is no event of ours', () => {
  it('is a ping without an event type and without a guid', () => {
    expect(parseAlert(undefined)).toEqual({ kind: 'ping' })
    for (const body of [{}, { event_type: null }, { event_type: '' }, { event_type: 'N/A' }, { order_guid: 'ord_1', order_id: '1' }])
      expect(parse(body)).toEqual({ kind: 'ping' })
  }) // prettier-ignore

  it.each(['chargeback.result', 'order_validation.new', 'registration.new', 'constructor.new', 'toString'])(
    'is unknown as %s',
    eventType => {
      expect(parse({ event_type: eventType })).toEqual({ kind: 'unknown', eventType })
      expect(parse({ event_type: eventType, prevention_guid: 'pre_1' })).toEqual({ kind: 'unknown', eventType })
    },
  )

  it.each(['null', '[]', '"text"', '5', 'true', '{"event_type":{}}', '{"event_type":["prevention.new"]}'])(
    'is wrong as %s',
    text => {
      expect(parse(text)).toHaveProperty('errors')
    },
  )
})

describe('an event whose type cannot be read', () => {
  it.each([
    ['prevention_guid', 'alert', undefined],
    ['chargeback_guid', 'chargeback', undefined],
    ['rdr_guid', 'alert', 'rdr'],
  ])('is what its %s names', (field, type, partner) => {
    for (const eventType of [undefined, null, '', 'none', {}, ['prevention.new'], 'x'.repeat(300)]) {
      const event = eventOf({ event_type: eventType, [field]: 'g1', amount: 10.04, order_guid: 'ord_1' })
      expect(event).toMatchObject({ type, guid: 'g1', facts: { amount: '10.04', orderGuid: 'ord_1' } })
      expect(event.facts.partner).toBe(partner)
      expect(event.faults?.map(fault => fault.field)).toEqual(['event_type'])
    }
  })

  it('is read in any case', () => {
    expect(eventOf({ event_type: ' Prevention.New ', prevention_guid: 'pre_1' })).toEqual(
      eventOf({ event_type: 'prevention.new', prevention_guid: 'pre_1' }),
    )
  })

  it('is refused where its guid cannot be read either', () => {
    expect(fieldsRefused({ prevention_guid: '..' })).toEqual(['event_type', 'prevention_guid'])
    expect(eventOf({ prevention_guid: '..', chargeback_guid: 'cbc_1' })).toMatchObject({ type: 'chargeback' })
  })
})

describe('an event is refused for nothing but the guid of what it is about', () => {
  it.each([
    ['prevention.new', 'prevention_guid'],
    ['prevention.match', 'prevention_guid'],
    ['chargeback.new', 'chargeback_guid'],
    ['chargeback.match', 'chargeback_guid'],
    ['rdr.new', 'rdr_guid'],
    ['order.refund', 'order_guid'],
  ])('%s for its %s', (event_type, field) => {
    for (const guid of [undefined, null, '', 'N/A', '.', '..', {}, ['g'], true, 'x'.repeat(256), 'a\u0007b', 'a\ud800b'])
      expect(fieldsRefused({ event_type, amount: {}, [field]: guid })).toEqual([field])
  }) // prettier-ignore

  it("for the alert's own card number in its place", () => {
    const card = { card_first_6: '401288', card_last_4: '1881' }
    expect(fieldsRefused({ ...ALERT, ...card, prevention_guid: '4012888888881881' })).toEqual(['prevention_guid'])
  })
})

describe('an order.refund without a guid', () => {
  it.each([undefined, null, '', '..', {}, 'x'.repeat(256)])('is about the order it names (guid %j)', guid => {
    const event = eventOf({ event_type: 'order.refund', order_guid: guid, order_id: 'A-1', amount: 5 })
    expect(event).toMatchObject({
      type: 'refund', guid: 'order:A-1', hasGuid: false, facts: { orderId: 'A-1', amount: '5' }, faults: [{ field: 'order_guid' }],
    }) // prettier-ignore
    expect(event.facts).not.toHaveProperty('orderGuid')
  })

  it('is told from one with a guid, whatever the guid looks like', () => {
    expect(eventOf({ event_type: 'order.refund', order_guid: 'order:A-1', order_id: 'A-1' })).not.toHaveProperty(
      'hasGuid',
    )
    expect(eventOf(ALERT)).not.toHaveProperty('hasGuid')
  })

  it.each([undefined, null, '', 'none', {}, 'a\u0000b'])('and without a readable order id is refused (%j)', orderId => {
    expect(fieldsRefused({ event_type: 'order.refund', order_id: orderId, amount: 5 })).toEqual(['order_guid'])
  })
})

describe('partner and type', () => {
  it('show both where they differ, and one where they agree', () => {
    const partnerOf = (fields: object) => eventOf({ ...ALERT, partner: null, ...fields }).facts.partner
    expect(partnerOf({ partner: 'Verifi', prevention_type: 'RDR' })).toBe('verifi rdr')
    expect(partnerOf({ partner: 'ETHOCA', prevention_type: 'ethoca' })).toBe('ethoca')
    expect(partnerOf({ prevention_type: 'tc40' })).toBe('tc40')
    expect(partnerOf({})).toBeUndefined()
  })
})

describe('amounts', () => {
  it.each([
    ['190.47', '190.47'],
    ['0.1', '0.1'],
    ['10.40', '10.4'],
    ['25', '25'],
    ['0', '0'],
    ['10.04000', '10.04'],
    ['10.040000000000001', '10.04'],
    ['49.99999999999999', '50'],
    ['0.30000000000000004', '0.3'],
    ['5.551115123125783e-17', '0'],
    ['1e2', '100'],
    ['1E+2', '100'],
    ['1.005e2', '100.5'],
    ['1E-2', '0.01'],
    ['900719925474099.25', '900719925474099.25'],
    ['999999999999999.99', '999999999999999.99'],
    ['"10.40"', '10.4'],
    ['" 10.40 "', '10.4'],
    ['9007199254740993.25', null],
    ['1e15', null],
    ['1e400', null],
    ['1e99999', null],
    ['10.045', null],
    ['10.0400001', null],
    ['1e-3', null],
    ['0.009', null],
    ['-5', null],
    ['-0', null],
    ['-1e-17', null],
    ['"+5"', null],
    ['"5,00"', null],
    ['"1,000.00"', null],
    ['"1 000"', null],
    ['".5"', null],
    ['"12.5 USD"', null],
    ['true', null],
    ['{}', null],
  ])('the number %s is exactly %s', (literal, canonical) => {
    const text = `{"event_type":"order.refund","order_guid":"ord_1","amount":${literal}}`
    expect(fieldsAtFault(text)).toEqual(canonical === null ? ['amount'] : [])
    expect(amountIn(text)).toBe(canonical)
  })

  it('have the digits of their currency, and two where none can be read', () => {
    const amountOf = (amount: string, currency?: unknown) => eventOf({ ...ALERT, amount, currency }).facts.amount
    expect([amountOf('1000', 'JPY'), amountOf('999.9999999999999', 'JPY'), amountOf('1000.5', 'JPY')]).toEqual(['1000', '1000', undefined])
    expect([amountOf('1.125', 'KWD'), amountOf('1.1250000000000002', 'KWD'), amountOf('1.1255', 'KWD')]).toEqual(['1.125', '1.125', undefined])
    expect([amountOf('1.125'), amountOf('1.125', 'dollars'), amountOf('1.12', 'dollars')]).toEqual([undefined, undefined, '1.12'])
  }) // prettier-ignore

  it('that went through a binary float are not read', () => {
    const parsed = parseAlert({ ...ALERT, amount: 10.04 })
    expect(parsed).toMatchObject({ event: { faults: [{ field: 'amount' }] } })
    expect(parsed).not.toHaveProperty('event.facts.amount')
  })
})

describe('fields', () => {
  it('that are empty or null are absent', () => {
    const bare = { event_type: 'prevention.new', prevention_guid: 'pre_1' }
    const empty = Object.fromEntries(
      ['partner', 'mid', 'arn', 'card_first_6', 'card_last_4', 'amount', 'currency', 'reason_code', 'event_timestamp'].map(
        (name, i) => [name, [null, '', '  ', 'N/A', 'NULL', ' none ', 'n/a'][i % 7]],
      ),
    ) // prettier-ignore
    expect(parse({ ...bare, ...empty })).toEqual(parse(bare))
    expect(eventOf(bare).facts).toEqual({})
  })

  it.each([
    ['mid', 'x'.repeat(256)],
    ['arn', 'a\u0000b'],
    ['arn', 'a\ud83d'],
    ['transaction_id', 'a\ufffdb'],
    ['transaction_id', {}],
    ['partner', 'x'.repeat(256)],
    ['partner', false],
    ['auth_code', ['1']],
    ['card_first_6', '40128'],
    ['card_first_6', '4012888'],
    ['card_first_6', '4012888888'],
    ['card_first_6', '4012******1881'],
    ['card_last_4', '881'],
    ['card_last_4', '18811'],
    ['card_last_4', '******881'],
    ['card_last_4', 'abcd'],
    ['currency', 'US'],
    ['currency', 'U$D'],
    ['currency', 'dollar'],
    ['currency', 'ZZZ'],
    ['currency', 'XXX'],
    ['prevention_timestamp', 'soon'],
    ['prevention_timestamp', '2026-02-30'],
    ['transaction_timestamp', {}],
    ['event_timestamp', '1969-01-01T00:00:00Z'],
    ['chargeback_date', '2026-13-01'],
    ['due_date', ['2026-01-01']],
    ['rdr_resolution', 'maybe'],
    ['merchant_descriptor', {}],
  ])('%s that cannot be read as %j costs that fact alone and is named', (field, value) => {
    const full = {
      ...ALERT,
      currency: 'USD',
      transaction_timestamp: '2026-01-02',
      due_date: '2026-01-31',
      auth_code: 'A1',
    }
    const { [field]: _, ...others } = { [field]: value, ...full } as Record<string, unknown>
    const event = eventOf({ ...full, [field]: value })
    expect(event.faults?.map(fault => fault.field)).toEqual([field])
    expect({ ...event, faults: undefined }).toEqual({ ...eventOf(others), faults: undefined })
  })

  it.each([
    ['partner', 'eth\u0000oca\n', 'partner', 'ethoca'],
    ['merchant_descriptor', 'line\nbreak\t\u0007', 'descriptor', 'line break'],
    ['merchant_descriptor', 'SHOP \ud83d', 'descriptor', 'SHOP'],
    ['merchant_descriptor', '\udc00 SHOP 😀', 'descriptor', 'SHOP 😀'],
    ['merchant_descriptor', 'x'.repeat(300), 'descriptor', 'x'.repeat(255)],
    ['merchant_descriptor', `${'x'.repeat(254)}😀`, 'descriptor', 'x'.repeat(254)],
    ['arn', ' \u0000999\n', 'arn', '999'],
    ['currency', ' eur ', 'currency', 'EUR'],
    ['currency', 'clf', 'currency', 'CLF'],
    ['rdr_resolution', ' Declined ', 'rdrResolution', 'declined'],
    ['due_date', '2026-01-31T10:00:00Z', 'dueDate', '2026-01-31'],
  ])('%s as %j is read without a fault', (field, value, fact, read) => {
    const event = eventOf({ ...ALERT, [field]: value })
    expect(event.facts).toMatchObject({ [fact]: read })
    expect(event).not.toHaveProperty('faults')
  })

  it.each([
    [{ card_first_6: '40128888' }, { cardFirst6: '401288' }],
    [{ card_first_6: '401288******1883' }, { cardFirst6: '401288', cardLast4: '1883' }],
    [{ card_last_4: '401288******1883' }, { cardFirst6: '401288', cardLast4: '1883' }],
    [
      { card_first_6: '4012-88XX-XXXX-1883', card_last_4: '0083' },
      { cardFirst6: '401288', cardLast4: '0083' },
    ],
    [{ card_last_4: '****1883' }, { cardLast4: '1883' }],
    [{ card_last_4: '**** **** **** 1883' }, { cardLast4: '1883' }],
    [
      { card_last_4: 'xxxx1883', card_first_6: '401288xx' },
      { cardFirst6: '401288', cardLast4: '1883' },
    ],
    [{ card_first_6: '******', card_last_4: ' 1883 ' }, { cardLast4: '1883' }],
    [{ card_first_6: '40128888****1883' }, { cardFirst6: '401288', cardLast4: '1883' }],
  ])('of the card as %j state what is visible of it', (fields, facts) => {
    const event = eventOf({ event_type: 'prevention.new', prevention_guid: 'pre_1', ...fields })
    expect(event.facts).toEqual(facts)
    expect(event).not.toHaveProperty('faults')
  })

  it.each([
    ['mid', `secret${'x'.repeat(256)}`],
    ['arn', 'secret\u0000b'],
    ['card_first_6', 'secret'],
    ['amount', 'secret'],
    ['currency', 'secret'],
  ])('%s at fault is never told with its value', (field, value) => {
    expect(JSON.stringify(parse({ ...ALERT, [field]: value }))).not.toContain('secret')
  })

  it.each([
    ['mid', {}, 'expected a reference as text, got an object'],
    [
      'mid',
      'a\u0000b',
      'expected a reference without control characters or broken characters, got text of 3 characters',
    ],
    ['arn', 'x'.repeat(256), 'expected a reference of at most 255 characters, got text of 256 characters'],
    ['partner', ['x'], 'expected text, got an array of 1'],
    ['card_brand', 'x'.repeat(300), 'expected text of at most 255 characters, got text of 300 characters'],
    ['merchant_descriptor', true, 'expected text, got a boolean'],
    ['card_first_6', '40128', 'expected the first six digits of the card, zeros kept, got text of 5 characters'],
    ['card_last_4', '883', 'expected the last four digits of the card, zeros kept, got text of 3 characters'],
    [
      'amount',
      '1,5',
      'expected a plain decimal amount such as 26.85, not negative and not finer than its currency, got text of 3 characters',
    ],
    ['currency', 'dollar', 'expected a currency code of ISO 4217 such as "USD", got text of 6 characters'],
    ['prevention_timestamp', 'soon', 'expected a time such as 2026-01-31T09:20:11Z, got text of 4 characters'],
    ['due_date', 'soon', 'expected a date such as 2026-01-31, got text of 4 characters'],
    ['rdr_resolution', 'maybe', 'expected accepted or declined, got text of 5 characters'],
    ['order_guid', '..', 'expected the guid of what the event is about, got text of 2 characters'],
    ['event_type', {}, 'expected text, got an object'],
    ['event_type', null, 'expected the type of the event, got null'],
  ])('%s as %j is named with what was expected', (field, value, message) => {
    expect(eventOf({ ...ALERT, [field]: value }).faults).toEqual([{ field, message }])
  })

  it("the alert's own card number in place of a reference is named as such", () => {
    const card = { card_first_6: '401288', card_last_4: '1881', arn: '4012888888881881' }
    const message = "expected a reference and not the alert's own card number, got text of 16 characters"
    expect(eventOf({ ...ALERT, ...card }).faults).toEqual([{ field: 'arn', message }])
  })

  it('of nothing readable are named for what the body should have been', () => {
    expect(parse([])).toEqual({ errors: [{ field: '', message: 'expected an object with event_type and the fields of its event, got an array of 0' }] })
    expect(readPrevention(null)).toEqual({ errors: [{ field: '', message: 'expected an object with event_type and the fields of its event, got null' }] })
    expect(readPrevention({})).toEqual({ errors: [{ field: 'prevention_guid', message: 'expected the guid of what the event is about, got nothing' }] })
  }) // prettier-ignore

  it('are all named at once', () => {
    const event = eventOf({ ...ALERT, amount: -1, card_last_4: '1', currency: 'dollar' })
    expect(event.faults?.map(({ field }) => field).toSorted()).toEqual(['amount', 'card_last_4', 'currency'])
    expect(event.facts).toEqual({
      partner: 'ethoca', mid: '189250002', arn: '99992989193702154389999', cardFirst6: '401288',
    }) // prettier-ignore
  })

  it('fall back on another that states the same fact, and are named all the same', () => {
    const event = eventOf({ ...ALERT, order_id: {}, matched_order_id: 'a1' })
    expect(event).toMatchObject({ facts: { orderId: 'a1' }, faults: [{ field: 'order_id' }] })
  })

  it('ids may be numbers and keep their digits', () => {
    const text = '{"event_type":"prevention.match","prevention_guid":"pre_1","order_id":74125800000000000001,"mid":0}'
    expect(eventOf(text).facts).toEqual({ orderId: '74125800000000000001', mid: '0' })
  })

  it("an id that is the alert's own card is no reference, another number that passes Luhn is one", () => {
    const card = { card_first_6: '401288', card_last_4: '1881' }
    const pan = '4012888888881881'
    const refused: [field: string, fields: object][] = [
      ['arn', { ...card, arn: pan }],
      ['transaction_id', { ...card, transaction_id: '4012 8888 8888 1881' }],
      ['arn', { ...card, card_first_6: null, arn: pan }],
      ['arn', { ...card, card_last_4: null, arn: pan }],
      ['arn', { card_first_6: '40128888', card_last_4: '****1881', arn: pan }],
    ]
    for (const [field, fields] of refused) {
      expect(fieldsAtFault({ ...ALERT, ...fields })).toEqual([field])
      expect(JSON.stringify(eventOf({ ...ALERT, ...fields }))).not.toContain(pan)
    }
    expect(fieldsAtFault({ ...ALERT, card_first_6: pan, card_last_4: null, transaction_id: pan }).toSorted()).toEqual(['card_first_6', 'transaction_id'])
    expect(eventOf({ ...ALERT, transaction_id: pan }).facts.transactionId).toBe(pan)
  }) // prettier-ignore

  it('a card number in prose is cut down', () => {
    expect(eventOf({ ...ALERT, merchant_descriptor: 'SHOP 4012888888881881' }).facts.descriptor).toBe(
      'SHOP 401288******1881',
    )
  })
})

describe('answers about alerts, chargebacks and orders', () => {
  it('tell the order that was matched, and when the alert was issued', () => {
    const text =
      '{"prevention_guid":"pre_1","prevention_case_number":"98","partner":"ethoca","amount":10.40,"currency":"USD",' +
      '"prevention_timestamp":"2019-09-27T20:42:43Z","matched_order_guid":"ord_1","matched_order_id":"a1"}'
    expect(readPrevention(json(text))).toEqual({
      guid: 'pre_1',
      facts: {
        partner: 'ethoca',
        amount: '10.4',
        currency: 'USD',
        issuedAt: Date.UTC(2019, 8, 27, 20, 42, 43),
        caseNumber: '98',
        orderGuid: 'ord_1',
        orderId: 'a1',
      },
      faults: [],
    })
    expect(readChargeback({ chargeback_guid: 'cbc_1', matched_order_id: 'a1' })).toEqual({
      guid: 'cbc_1',
      facts: { orderId: 'a1' },
      faults: [],
    })
    expect(
      readOrder({
        order_guid: 'ord_1',
        crm_order_id: 'a1',
        billing_last_name: 'Doe',
        order_date: '2019-09-27T13:15:47Z',
      }),
    ).toEqual({
      guid: 'ord_1',
      facts: { orderGuid: 'ord_1', orderId: 'a1', transactionAt: Date.UTC(2019, 8, 27, 13, 15, 47) },
      faults: [],
    })
  })

  it.each([null, undefined, 5, [], {}, { prevention_guid: '..', amount: '1' }, { order_guid: 'ord_1' }])(
    'are none as %j: they do not name what they are about',
    body => {
      expect(readPrevention(body)).toHaveProperty('errors')
    },
  )

  it('cost a field that cannot be read alone, and name it', () => {
    const body = { prevention_guid: 'pre_1', amount: '-1', currency: 'usd', matched_order_id: 'a1', mid: [] }
    expect(readPrevention(body)).toMatchObject({
      guid: 'pre_1',
      facts: { currency: 'USD', orderId: 'a1' },
      faults: [{ field: 'mid' }, { field: 'amount' }],
    })
    const order = {
      order_guid: 'ord_1',
      crm_order_id: 'a1',
      amount: '50.00',
      currency: 'pounds',
      order_date: 'yesterday',
    }
    expect(readOrder(order)).toMatchObject({
      facts: { orderId: 'a1', amount: '50' },
      faults: [{ field: 'currency' }, { field: 'order_date' }],
    })
    expect(readChargeback({ chargeback_guid: 'cbc_1', card_brand: 5, amount: '10.040000000000001' })).toMatchObject({
      facts: { amount: '10.04' },
      faults: [{ field: 'card_brand' }],
    })
  })
})

describe('times', () => {
  const issued = (value: unknown) => {
    const { issuedAt, isIssuedOnDay } = eventOf({ ...ALERT, prevention_timestamp: value }).facts
    return [issuedAt, isIssuedOnDay]
  }

  it('without an offset are UTC, with one are not', () => {
    expect(issued('2026-01-03 03:04:05')).toEqual([Date.UTC(2026, 0, 3, 3, 4, 5), undefined])
    expect(issued('2026-01-03T03:04:05')).toEqual([Date.UTC(2026, 0, 3, 3, 4, 5), undefined])
    expect(issued('2026-01-03T03:04:05+02:00')).toEqual([Date.UTC(2026, 0, 3, 1, 4, 5), undefined])
  })

  it('of issue that are known only to the day are its end, and say so', () => {
    expect(issued('2026-01-03')).toEqual([Date.UTC(2026, 0, 4) - 1, true])
    expect(issued('2026-01-03T00:00:00Z')).toEqual([Date.UTC(2026, 0, 3), undefined])
  })

  it('of sale that are known only to the day are its end', () => {
    expect(eventOf({ ...ALERT, transaction_timestamp: '2026-01-02' }).facts).toMatchObject({
      transactionAt: Date.UTC(2026, 0, 3) - 1,
    })
  })

  it.each(['0000-00-00', '0000-00-00 00:00:00', '0001-01-01T00:00:00Z', '1970-01-01T00:00:00Z', '1970-01-01', '0'])(
    'of %s are none',
    zero => {
      const dates = { prevention_timestamp: zero, transaction_timestamp: zero, chargeback_date: zero, due_date: zero }
      expect(eventOf({ ...ALERT, ...dates, event_timestamp: zero })).toEqual(
        eventOf({ ...ALERT, event_timestamp: null }),
      )
    },
  )
})

describe('the key of an event', () => {
  it('does not change with the time of sending, nor with the order of fields', () => {
    const key = eventKey(eventOf(ALERT))
    const again = Object.fromEntries(Object.entries({ ...ALERT, event_timestamp: '2026-01-01T00:00:00Z' }).toReversed())
    expect(eventKey(eventOf(again))).toBe(key)
    expect(eventKey(eventOf({ ...ALERT, event_timestamp: undefined }))).toBe(key)
  })

  it('changes with everything else', () => {
    const key = eventKey(eventOf(ALERT))
    const others = [{ amount: 10.05 }, { prevention_guid: 'pre_2' }, { event_type: 'prevention.match' }, { mid: null }]
    for (const other of others) expect(eventKey(eventOf({ ...ALERT, ...other }))).not.toBe(key)
  })

  it('and the case belong to the guid', () => {
    expect(caseIdOf(eventOf(ALERT))).toBe('midigator:pre_1')
  })
})

/** Everything that an alert can state, every fact readable. */
const FULL = {
  ...ALERT,
  event_timestamp: '2026-01-10T00:00:00Z',
  prevention_type: 'fraud_alert',
  currency: 'USD',
  card_brand: 'visa',
  auth_code: 'A1B2',
  transaction_id: 'T-1',
  transaction_timestamp: '2026-01-02T00:00:00Z',
  prevention_timestamp: '2026-01-09T00:00:00Z',
  prevention_case_number: '98',
  order_guid: 'ord_1',
  order_id: 'A-1',
  merchant_descriptor: 'SHOP*ONE',
  reason_code: '10.4',
  alert_type: 'fraud',
  dispute_type: 'chargeback',
  rdr_resolution: 'accepted',
  chargeback_date: '2026-01-08',
  due_date: '2026-01-31',
}
const FACT_FIELDS = Object.keys(FULL).filter(field => field !== 'event_type' && field !== 'prevention_guid')

/** A body as it comes from the wire: its numbers are text. */
const asCame = (body: unknown): unknown => json(JSON.stringify(body))

/** Throws where nothing could be read. */
function read(report: ParsedReport) {
  if ('errors' in report) throw new Error(JSON.stringify(report.errors))
  return report
}

describe('whatever comes', () => {
  const names = ['event_type', 'prevention_guid', 'order_guid', 'chargeback_guid', 'rdr_guid', ...Object.keys(ALERT)]
  const types = fc.constantFrom('prevention.new', 'prevention.match', 'chargeback.new', 'order.refund', 'rdr.new')
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    types,
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.constant(undefined),
  )
  const hostile = fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), value)

  it('is read as one of four kinds, without throwing', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, fc.jsonValue()), body => {
        const parsed = parseAlert(body)
        const kind = 'errors' in parsed ? (parsed.errors.length > 0 ? 'faulty' : 'faulty without a fault') : parsed.kind
        expect(['ping', 'unknown', 'event', 'faulty']).toContain(kind)
        for (const read of [readPrevention, readChargeback, readOrder]) expect(read(body)).toBeTypeOf('object')
      }),
      { numRuns: size(100, 500) },
    )
  })

  it('holds only plain values of bounded length once read', () => {
    const facts = (parsed: ReturnType<typeof parseAlert>) =>
      'kind' in parsed && parsed.kind === 'event' ? Object.values(parsed.event.facts) : []
    fc.assert(
      fc.property(hostile, types, (body, eventType) => {
        for (const fact of facts(parseAlert({ ...body, event_type: eventType }))) {
          expect(fact === true || ['string', 'number'].includes(typeof fact)).toBe(true)
          expect(String(fact)).not.toBe('')
          expect(String(fact).length).toBeLessThan(1_000)
        }
      }),
      { numRuns: size(100, 500) },
    )
  })

  const { event_type: _, prevention_guid: guid, order_guid: __, ...RECORD } = FULL
  /** What each door and each read-back makes of a body, and the body it reads. */
  const readers: [
    string,
    Record<string, unknown>,
    (body: unknown) => { guid: string; facts: object; faults?: readonly { field: string }[] },
  ][] = [
    ['an event', FULL, eventOf],
    ['a record of an alert', { ...RECORD, prevention_guid: guid }, body => read(readPrevention(asCame(body)))],
    ['a record of a chargeback', { ...RECORD, chargeback_guid: guid }, body => read(readChargeback(asCame(body)))],
    ['a record of an order', { ...RECORD, order_guid: guid }, body => read(readOrder(asCame(body)))],
  ]

  it.each(readers)('costs, where one field of %s cannot be read, the facts of that field and no other', (_name, full, readBody) => {
    const odd = fc.constantFrom<unknown>({}, [], ['x'], true, 'x'.repeat(3_000), 'a\u0001b-', -5, '\ud800??', '12,5', '9'.repeat(40))
    const fields = FACT_FIELDS.filter(field => field in full && !(field === 'order_guid' && full !== FULL))
    fc.assert(
      fc.property(fc.constantFrom(...fields), odd, (field, value) => {
        const { guid, facts, faults = [] } = readBody({ ...full, [field]: value })
        const { [field]: _, ...others } = full
        const kept = readBody(others).facts
        expect(guid).toBe(FULL.prevention_guid)
        expect(Object.keys(facts)).toEqual(expect.arrayContaining(Object.keys(kept)))
        expect([[], [field]]).toContainEqual(faults.map(fault => fault.field))
        // Of a field that is named nothing is kept, and nothing stands in its place.
        expect(faults.length > 0 ? facts : kept).toEqual(kept)
      }),
      { numRuns: size(200, 1_000) },
    )
  }) // prettier-ignore

  it('keeps every amount in whole minor units, however a program writes it', () => {
    const currencies = fc.constantFrom(['USD', 2], ['EUR', 2], ['JPY', 0], ['KWD', 3], ['CLF', 4], [undefined, 2]) as fc.Arbitrary<[string?, number?]>
    const noise = fc.constantFrom('', '0000000', '00000001', '000000000000004')
    fc.assert(
      fc.property(currencies, fc.bigInt({ min: 0n, max: 10n ** 11n }), noise, fc.boolean(), ([currency, digits = 2], units, tail, asText) => {
        const text = String(units).padStart(digits + 1, '0')
        const written = `${text.slice(0, text.length - digits)}.${text.slice(text.length - digits)}${tail || '0'}`
        const body = `{"event_type":"prevention.new","prevention_guid":"p","currency":${JSON.stringify(currency ?? null)},"amount":${asText ? `"${written}"` : written}}`
        const { amount } = eventOf(body).facts
        expect(minorUnits(amount!, currency ?? 'USD')).toBe(units)
        expect(eventOf(body.replace(written, `${units}e-${digits}`)).facts.amount).toBe(amount)
      }),
      { numRuns: size(100, 500) },
    )
  }) // prettier-ignore

  it('is read to the minor unit that a sum of floats is nearest to', () => {
    const cents = fc.array(fc.integer({ min: 1, max: 99_999 }), { minLength: 2, maxLength: 20 })
    fc.assert(
      fc.property(cents, all => {
        const [sum, exact] = [all.reduce((total, one) => total + one / 100, 0), all.reduce((total, one) => total + one, 0)]
        const text = `{"event_type":"prevention.new","prevention_guid":"p","amount":${JSON.stringify(sum)}}`
        expect(minorUnits(eventOf(text).facts.amount!, 'USD')).toBe(BigInt(exact))
      }),
      { numRuns: size(100, 500) },
    )
  }) // prettier-ignore

  it('is never taken for an amount where it is finer than a millionth of a minor unit explains', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999 }), fc.integer({ min: 11, max: 999_989 }), (cents, finer) => {
        const text = `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}${String(finer).padStart(6, '0')}`
        // Ten millionths of a cent and more lie between this and every whole cent.
        expect(eventOf({ ...ALERT, amount: text }).facts).not.toHaveProperty('amount')
      }),
      { numRuns: size(100, 500) },
    )
  })

  it('takes time that grows with its length alone', () => {
    const names = Object.keys(FULL)
    for (const unit of few(['4012 8888 ', ' ', '4*', '9', 'x', '*', '\u0000', '\ud800', '0.', '1e', '-'], 3)) {
      const long = unit.repeat(300_000 / unit.length)
      for (const name of names) {
        const before = process.cpuUsage()
        parseAlert({ ...FULL, [name]: long })
        expect(cpuMs(before), `${name} of ${JSON.stringify(unit)}`).toBeLessThan(500)
      }
    }
  })

  it('has a key that ignores when it was sent, and what could not be read', () => {
    const readable = eventOf({ ...ALERT, currency: null })
    expect(eventKey(eventOf({ ...ALERT, currency: {}, event_timestamp: 'soon' }))).toBe(eventKey(readable))
    expect(eventKey(eventOf({ ...ALERT, currency: 'USD' }))).not.toBe(eventKey(readable))
  })

  it('has a key that ignores when it was sent', () => {
    const sentAt = fc.option(fc.integer({ min: 0, max: 4e12 }))
    const facts = fc.record({ amount: fc.string(), mid: fc.string(), issuedAt: fc.nat() }, { requiredKeys: [] })
    fc.assert(
      fc.property(facts, sentAt, sentAt, (given, one, other) => {
        const event = { type: 'alert', guid: 'pre_1', facts: given } as const
        expect(eventKey({ ...event, sentAt: one })).toBe(eventKey({ ...event, sentAt: other }))
      }),
    )
  })
})

it('what an event says is the same in whatever order its facts were read', () => {
  const facts = { amount: '30', arn: '74', currency: 'USD', mid: 'm' }
  const turned = Object.fromEntries(Object.entries(facts).toReversed())
  const middle = { currency: 'USD', amount: '30', mid: 'm', arn: '74' }
  const keys = [facts, turned, middle].map(one => eventKey({ type: 'alert', guid: 'g', facts: one, sentAt: null }))
  expect(new Set(keys).size).toBe(1)
})
