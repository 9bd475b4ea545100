import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  caseIdOf,
  eventKey,
  parseAlert,
  readChargeback,
  readOrder,
  readPrevention,
  type AlertEvent,
} from '../../src/domain/alert/event.ts'
import { parseJson } from '../../src/parse-json.ts'

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
function fieldsAtFault(body: unknown): string[] {
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
  it('is a ping without an event type', () => {
    expect(parseAlert(undefined)).toEqual({ kind: 'ping' })
    for (const body of [{}, { event_type: null }, { event_type: '' }, { prevention_guid: 'pre_1' }])
      expect(parse(body)).toEqual({ kind: 'ping' })
  })

  it.each(['chargeback.result', 'order_validation.new', 'registration.new', 'constructor.new', 'toString'])(
    'is unknown as %s',
    eventType => {
      expect(parse({ event_type: eventType })).toEqual({ kind: 'unknown', eventType })
    },
  )

  it.each(['null', '[]', '"text"', '5', 'true', '{"event_type":{}}', '{"event_type":["prevention.new"]}'])(
    'is wrong as %s',
    text => {
      expect(parse(text)).toHaveProperty('errors')
    },
  )
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
    ['0.30000000000000004', null],
    ['9007199254740993.25', null],
    ['900719925474099.25', '900719925474099.25'],
    ['123456789012345.678901', '123456789012345.678901'],
    ['"10.40"', '10.4'],
    ['1e2', null],
    ['1E-2', null],
    ['-5', null],
    ['-0', null],
    ['"+5"', null],
    ['"5,00"', null],
    ['true', null],
    ['{}', null],
  ])('the number %s is exactly %s', (literal, canonical) => {
    const text = `{"event_type":"order.refund","order_guid":"ord_1","amount":${literal}}`
    expect(fieldsAtFault(text)).toEqual(canonical === null ? ['amount'] : [])
    expect(amountIn(text)).toBe(canonical)
  })

  it('that went through a binary float are not taken', () => {
    expect(parseAlert({ ...ALERT, amount: 10.04 })).toMatchObject({ errors: [{ field: 'amount' }] })
  })
})

describe('fields', () => {
  it('that are empty or null are absent', () => {
    const bare = { event_type: 'prevention.new', prevention_guid: 'pre_1' }
    const empty = Object.fromEntries(
      ['partner', 'mid', 'arn', 'card_first_6', 'card_last_4', 'amount', 'currency', 'reason_code', 'event_timestamp'].map(
        (name, i) => [name, [null, '', '  '][i % 3]],
      ),
    ) // prettier-ignore
    expect(parse({ ...bare, ...empty })).toEqual(parse(bare))
    expect(eventOf(bare).facts).toEqual({})
  })

  it.each([
    ['prevention_guid', null],
    ['prevention_guid', ''],
    ['prevention_guid', '..'],
    ['prevention_guid', { a: 1 }],
    ['mid', 'x'.repeat(256)],
    ['arn', 'a\u0000b'],
    ['merchant_descriptor', 'line\nbreak'],
    ['auth_code', ['1']],
    ['card_first_6', '40128'],
    ['card_first_6', '4012888'],
    ['card_last_4', '881'],
    ['card_last_4', 'abcd'],
    ['currency', 'US'],
    ['currency', 'U$D'],
    ['amount', '12.5 USD'],
  ])('%s is refused by its name as %j', (field, value) => {
    expect(fieldsAtFault({ ...ALERT, [field]: value })).toEqual([field])
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

  it('are all told of at once', () => {
    expect(fieldsAtFault({ ...ALERT, amount: -1, card_last_4: '1', currency: 'dollar' }).toSorted()).toEqual([
      'amount',
      'card_last_4',
      'currency',
    ])
  })

  it.each(['soon', '2026-02-30T00:00:00Z', {}, 5, '1969-01-01T00:00:00Z'])('a time of %j is left out', time => {
    const event = eventOf({ ...ALERT, event_timestamp: time, prevention_timestamp: time, transaction_timestamp: time })
    expect(event.sentAt).toBeNull()
    expect(event.facts).toEqual(eventOf(ALERT).facts)
  })

  it('ids may be numbers and keep their digits', () => {
    const text = '{"event_type":"prevention.match","prevention_guid":"pre_1","order_id":74125800000000000001,"mid":0}'
    expect(eventOf(text).facts).toEqual({ orderId: '74125800000000000001', mid: '0' })
  })

  it("an id that is the alert's own card is refused, another number that passes Luhn is not", () => {
    const card = { card_first_6: '401288', card_last_4: '1881' }
    expect(fieldsAtFault({ ...ALERT, ...card, arn: '4012888888881881' })).toEqual(['arn'])
    expect(fieldsAtFault({ ...ALERT, ...card, transaction_id: '4012 8888 8888 1881' })).toEqual(['transaction_id'])
    expect(fieldsAtFault({ ...ALERT, ...card, card_first_6: null, arn: '4012888888881881' })).toEqual(['arn'])
    expect(fieldsAtFault({ ...ALERT, ...card, prevention_guid: '4012888888881881' })).toEqual(['prevention_guid'])
    expect(eventOf({ ...ALERT, transaction_id: '4012888888881881' }).facts.transactionId).toBe('4012888888881881')
  })

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
    })
    expect(readChargeback({ chargeback_guid: 'cbc_1', matched_order_id: 'a1' })).toEqual({
      guid: 'cbc_1',
      facts: { orderId: 'a1' },
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
    })
  })

  it.each([null, undefined, 5, [], {}, { prevention_guid: 'pre_1', amount: '-1' }])('are faulty as %j', body => {
    expect(readPrevention(body)).toHaveProperty('errors')
  })
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
      { numRuns: 500 },
    )
  })

  it('holds only plain values of bounded length once read', () => {
    const facts = (parsed: ReturnType<typeof parseAlert>) =>
      'kind' in parsed && parsed.kind === 'event' ? Object.values(parsed.event.facts) : []
    fc.assert(
      fc.property(hostile, types, (body, eventType) => {
        for (const fact of facts(parseAlert({ ...body, event_type: eventType }))) {
          expect(['string', 'number']).toContain(typeof fact)
          expect(String(fact)).not.toBe('')
          expect(String(fact).length).toBeLessThan(1_000)
        }
      }),
      { numRuns: 500 },
    )
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
