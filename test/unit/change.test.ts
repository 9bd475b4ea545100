import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseChange } from '../../src/domain/change.ts'
import { FIELD_NAMES, FIELDS, type FieldKind, type FieldName } from '../../src/domain/order-fields.ts'

const AT = '2026-01-31T09:20:11.250Z'
const read = (fields: object) => parseChange({ order_id: '741258', occurred_at: AT, ...fields })
const valuesOf = (fields: object) => {
  const parsed = read(fields)
  if ('errors' in parsed) throw new Error(JSON.stringify(parsed.errors))
  return parsed.change.values
}
const faultsOf = (fields: object) => {
  const parsed = read(fields)
  return 'errors' in parsed ? parsed.errors : parsed.faults
}
const faultyFields = (fields: object) => faultsOf(fields).map(fault => fault.field)

/** What each kind takes with the form it is kept in, what states nothing, and what cannot be read. */
interface Takes {
  takes: readonly (readonly [unknown, unknown])[]
  absent?: readonly unknown[]
  unreadable: readonly unknown[]
}
const WORDS_FOR_NOTHING = ['', ' ', 'N/A', 'n/a', 'null', 'None']
const KINDS: Record<FieldKind, Takes> = {
  prose: {
    takes: [['Jane', 'Jane'], ['', ''], ['None', 'None'], ['a\nb\tc', 'a\nb\tc'], [48201, '48201'], ['😀 é', '😀 é'], ['x'.repeat(1_000), 'x'.repeat(1_000)], ['a\u0000b', 'ab'], ['Ann \ud800', 'Ann '], ['a\udfffb', 'ab'], ['\u007f', '']],
    absent: ['N/A', ' n/a '],
    unreadable: [true, {}, [], ['a'], Number.NaN, Number.POSITIVE_INFINITY],
  },
  id: {
    takes: [['985631214878714', '985631214878714'], [7, '7'], ['a/b c:{d}', 'a/b c:{d}'], ['__proto__', '__proto__'], ['', ''], [' 7\n', '7'], ['x'.repeat(255), 'x'.repeat(255)]],
    absent: ['N/A', 'null', ' none '],
    unreadable: [false, {}, [], 'x'.repeat(256), 'a\ud83db', 'a\u001bb'],
  },
  phone: {
    takes: [['555-254-4925', '555-254-4925'], ['+44 20 7946 0958', '+44 20 7946 0958'], [5552544925, '5552544925']],
    absent: ['n/a'],
    unreadable: [true, {}, [], '5'.repeat(65), '5\udc005'],
  },
  money: {
    takes: [['26.85', '26.85'], ['026.850', '26.85'], ['25.00', '25'], ['0', '0'], ['0.000001', '0.000001'], ['999999999999999.999999', '999999999999999.999999'], [26.85, '26.85'], [-0, '0'], [1e5, '100000'],
      ['1e5', '100000'], ['1E+2', '100'], [' 1 ', '1'], ['10.040000000000001', '10.04'], ['49.99999999999999', '50'], [0.1 + 0.2, '0.3']],
    absent: WORDS_FOR_NOTHING,
    unreadable: ['-1', '+1', '1,5', '1,000.00', '1.', '.5', '-0', '٣', '１', '0x10', '1.0000001', '472.18500000000006', '1000000000000000', -1, 1e21, 1e-7, Number.NaN, true, {}, [], ['1'], '\ud800', 'NaN', 'Infinity', '$5'],
  },
  flag: {
    takes: [[true, true], [false, false], [1, true], [0, false], [-0, false], ['1', true], ['0', false], ['TRUE', true], ['false', false], ['Yes', true], ['no', false]],
    absent: WORDS_FOR_NOTHING,
    unreadable: [2, -1, 0.5, '2', 'maybe', {}, []],
  },
  time: {
    takes: [['2017-06-28 09:20:11', '2017-06-28T09:20:11Z'], ['2017-06-28T09:20:11Z', '2017-06-28T09:20:11Z'], [' 2017-06-28T09:20:11Z', '2017-06-28T09:20:11Z'], ['2017-06-28T09:20:11.999+02:00', '2017-06-28T07:20:11Z'],
      ['', null], ['N/A', null], ['0000-00-00 00:00:00', null], ['0', null], [0, null], ['0001-01-01T00:00:00', null], ['1970-01-01T00:00:00Z', null]],
    unreadable: ['2017-06-28', '09:20:11', '2017-02-29 00:00:00', '2017-06-28T24:00:00Z', '2017-06-28T23:59:60Z', '2017-06-28T09:20:11+25:00', '28/06/2017 09:20:11', 'yesterday', 1498641611, true, {}, []],
  },
  status: {
    takes: [['Complete', 'Complete'], ['Refunded', 'Refunded'], ['Cancelled', 'Cancelled'], ['completed', 'Complete'], ['COMPLETE', 'Complete'], ['canceled', 'Cancelled'], ['void', 'Cancelled'], ['fully_refunded', 'Refunded']],
    absent: WORDS_FOR_NOTHING,
    unreadable: ['Pending', 'partially refunded', 'shipped', 'toString', 1, true, {}, ['Complete']],
  },
  paymentState: {
    takes: [['pending', 'pending'], ['authorized', 'authorized'], ['captured', 'captured'], ['declined', 'declined'], ['voided', 'voided'], ['Captured', 'captured'], ['authorised', 'authorized']],
    absent: WORDS_FOR_NOTHING,
    unreadable: ['refunded', 'cancelled', 1, {}, []],
  },
  currency: { takes: [['USD', 'USD'], ['eur', 'EUR'], [' gbp ', 'GBP']], absent: WORDS_FOR_NOTHING, unreadable: ['US', 'USDX', '$', 'ÜSD', 'ZZZ', 840, true, {}, []] },
  code: { takes: [['04', '04'], ['Y', 'Y'], [2022, '2022'], ['', '']], absent: ['N/A'], unreadable: ['x'.repeat(21), true, {}, [], 'a\ud800b'] },
  cvv: { takes: [['M', 'M'], ['', ''], ['no', 'no'], ['2', '2'], ['M1', 'M1']], absent: ['n/a'], unreadable: ['123', '1234', 123, 4321, ' 123', '123 ', '1-2-3', '1 2 3 4', '٣٤٥', 'cvv 123', '12345', true, {}, [], 'not checked'] },
  first6: { takes: [['401288', '401288'], [401288, '401288'], ['40128888', '401288'], ['401288******1881', '401288'], [' 401288', '401288']], absent: [...WORDS_FOR_NOTHING, '************1881'], unreadable: ['40128', '4012888', '4012888888881881', '40128a', '４０１２８８', true, {}, []] },
  last4: { takes: [['1883', '1883'], ['0003', '0003'], ['****1883', '1883'], ['401288******1881', '1881']], absent: [...WORDS_FOR_NOTHING, '401288****'], unreadable: ['188', '18835', 3, true, {}, []] },
  ip: {
    takes: [['203.0.113.7', '203.0.113.7'], ['', ''], ['10.0.0.1, 203.0.113.7, 198.51.100.2', '203.0.113.7'], ['2001:db8::1;10.0.0.1', '2001:db8::1']],
    unreadable: [true, {}, [], '10.0.0.1, 192.168.0.1'],
  },
  list: { takes: [[[], []], [[{}], [{}]], [{}, []], ['', []]], unreadable: ['x', 1, true] },
} // prettier-ignore

const place = (name: FieldName) => (name === 'shipments' || name === 'proof_of_service' ? `fulfillment.${name}` : name)
const putIn = (name: FieldName, value: unknown) =>
  place(name) === name ? { [name]: value } : { fulfillment: { [name]: value } }

const FAULT = expect.stringMatching(
  /^expected .+, got (null|nothing|empty text|an object|an array of \d+|text of \d+ characters|a number|a boolean)$/,
) as string

describe.each(FIELD_NAMES)('%s', name => {
  const { takes, absent = [], unreadable } = KINDS[FIELDS[name].kind]

  it('is taken in every unambiguous form and kept in one', () => {
    const read = takes.map(([given]) => valuesOf(putIn(name, given)))
    expect(read).toEqual(takes.map(([, kept]) => ({ [name]: kept })))
    expect(takes.flatMap(([given]) => faultsOf(putIn(name, given)))).toEqual([])
  })

  it('is left out in any other, with its name, what was expected and what came, and never the value', () => {
    const told = unreadable.map(given => ({ given, values: valuesOf(putIn(name, given)), faults: faultsOf(putIn(name, given)) }))
    expect(told).toEqual(unreadable.map(given => ({ given, values: {}, faults: [{ field: place(name), message: FAULT }] })))
  }) // prettier-ignore

  it('is cleared by null, and untouched when absent or where nothing is stated', () => {
    expect(valuesOf(putIn(name, null))).toEqual({ [name]: null })
    expect(valuesOf({})).toEqual({})
    expect(absent.map(given => [valuesOf(putIn(name, given)), faultsOf(putIn(name, given))])).toEqual(
      absent.map(() => [{}, []]),
    )
  })
})

describe('any one field of a change', () => {
  const anyField = fc.constantFrom(...FIELD_NAMES)
  const whole = { order_total: '50.00', currency: 'USD', order_status: 'Complete', cc_last_4: '1881', email_address: 'a@b.example' }

  it('that is anything at all costs that field alone', () => {
    fc.assert(
      fc.property(anyField, fc.jsonValue(), (name, value) => {
        const { [name as 'currency']: _mine, ...others } = whole
        const parsed = read({ ...others, ...putIn(name, value) })
        if ('errors' in parsed) throw new Error(JSON.stringify(parsed.errors))
        const { [name]: _read, ...rest } = parsed.change.values
        const { order_total: total, ...texts } = others as Partial<typeof whole>
        expect(rest).toEqual({ ...texts, ...(total !== undefined && { order_total: '50' }) })
        expect(parsed.faults.every(({ field }) => field === place(name) || field.startsWith(`${place(name)}[`))).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
}) // prettier-ignore

describe('the field table', () => {
  it("has every field of the Data API's Order, and the extra fields of the contract", async () => {
    const { default: example } = await import('../captures/midigator/order-request.json', { with: { type: 'json' } })
    const { order_id: _id, fulfillment, notes: _notes, ...fields } = example
    const sent = FIELD_NAMES.filter(name => FIELDS[name].sent)
    expect(sent.toSorted()).toEqual([...Object.keys(fields), ...Object.keys(fulfillment)].toSorted())
    const extra = ['payment_state', 'captured_amount', 'captured_at', 'arn', 'descriptor', 'device_id', 'gateway']
    expect(FIELD_NAMES.filter(name => !FIELDS[name].sent)).toEqual(extra)
  })
})

describe('the kinds of fields', () => {
  const ofKind = (kind: FieldKind) => FIELD_NAMES.filter(name => FIELDS[name].kind === kind)

  it('are those of the Data API: what has a form, a privacy rule or an order of its own is no mere text', () => {
    expect(ofKind('money')).toEqual(['order_total', 'sales_tax_amount', 'refunded_to_date', 'captured_amount'])
    expect(ofKind('flag')).toEqual(['is_refund', 'is_recurring', 'is_chargeback', 'is_fraud', 'is_test_cc'])
    expect(ofKind('time')).toEqual(['order_date', 'recurring_date', 'captured_at'])
    expect(ofKind('list')).toEqual(['shipments', 'proof_of_service', 'products'])
    expect(['status', 'paymentState', 'currency', 'cvv', 'first6', 'last4', 'phone'].map(kind => ofKind(kind as FieldKind)[0])).toEqual(
      ['order_status', 'payment_state', 'currency', 'cvv', 'cc_first_6', 'cc_last_4', 'customers_telephone'],
    )
    expect(ofKind('id')).toEqual(['transaction_merchant_id', 'processor_id', 'customer_id', 'rma_number', 'auth_id', 'transaction_id', 'affiliate', 'sub_affiliate', 'main_product_id', 'arn', 'device_id'])
    expect(ofKind('code')).toEqual(['cc_exp_month', 'cc_exp_year', 'avs', 'eci', 'billing_cycle', 'main_product_qty'])
  }) // prettier-ignore
})

describe('lists', () => {
  const product = { name: 'Facial Toner', price: '13.95', product_id: '98', product_qty: '1', sku: 'LEV-JN-36-GN' }

  it('are kept whole, members in one order whatever order they were written in', () => {
    const shuffled = Object.fromEntries(Object.entries(product).toReversed())
    expect(JSON.stringify(valuesOf({ products: [shuffled] }))).toBe(JSON.stringify(valuesOf({ products: [product] })))
    expect(valuesOf({ products: [product, { sku: null }, {}] })).toEqual({ products: [product, { sku: null }, {}] })
  })

  it('keep entries in the order they came, equal ones too', () => {
    expect(valuesOf({ products: [{ sku: 'b' }, { sku: 'a' }, { sku: 'b' }] }).products).toEqual([{ sku: 'b' }, { sku: 'a' }, { sku: 'b' }]) // prettier-ignore
  })

  it('name the entry and the member at fault, and keep the rest', () => {
    const bad = {
      products: [product, { price: '1,5', sku: 'a' }, 7],
      fulfillment: { shipments: [{ shipping_date: 'soon' }, { shipping_city: {} }], proof_of_service: [{ value: {} }] },
      notes: [{ timestamp: 'now', note: 'a' }, { timestamp: AT }, { note: null, timestamp: AT }],
    } // prettier-ignore
    expect(faultyFields(bad)).toEqual([
      'products[1].price',
      'products[2]',
      'fulfillment.shipments[0].shipping_date',
      'fulfillment.shipments[1].shipping_city',
      'fulfillment.proof_of_service[0].value',
      'notes[0].timestamp',
      'notes[1].note',
      'notes[2].note',
    ])
    expect(valuesOf(bad)).toEqual({
      products: [product, { sku: 'a' }],
      shipments: [{}, {}],
      proof_of_service: [{}],
    })
  })

  it('of more than 200 entries keep the first, which is named by one fault, however many there are', () => {
    const many = Array.from({ length: 100_000 }, (_, i) => ({ sku: `S${i}` }))
    expect(faultyFields({ products: many })).toEqual(['products'])
    expect(valuesOf({ products: many }).products).toEqual(many.slice(0, 200))
  })

  it('of entries that are none name fifty of them', () => {
    expect(faultyFields({ products: Array.from({ length: 200 }, () => 0) })).toHaveLength(50)
  })

  it('are one object where there is one entry', () => {
    expect(valuesOf({ products: product })).toEqual({ products: [product] })
    expect(valuesOf({ fulfillment: { shipments: { tracking_number: '1' }, proof_of_service: {} } })).toEqual({
      shipments: [{ tracking_number: '1' }],
      proof_of_service: [],
    })
  })

  it('are read from an object whose keys are numbers, and from no object of other names', () => {
    expect(valuesOf({ products: { 0: { sku: 'a' }, 1: { sku: 'b' } } })).toEqual({ products: [{ sku: 'a' }, { sku: 'b' }] })
    expect([valuesOf({ products: { colour: 'red' } }), faultyFields({ products: { colour: 'red' } })]).toEqual([{}, ['products']])
  }) // prettier-ignore

  it('clear both parts of a fulfillment that is null, and are untouched by one that is empty', () => {
    expect(valuesOf({ fulfillment: null })).toEqual({ shipments: null, proof_of_service: null })
    for (const empty of [{}, []]) expect([valuesOf({ fulfillment: empty }), faultsOf({ fulfillment: empty })]).toEqual([{}, []])
    for (const wrong of [[1], 'x', 1, true]) expect(faultyFields({ fulfillment: wrong })).toEqual(['fulfillment'])
  }) // prettier-ignore
})

describe('notes', () => {
  it('are none where they are null, for a set that only grows cannot be cleared', () => {
    for (const none of [null, [], {}, '']) {
      const parsed = read({ notes: none })
      expect('change' in parsed && [parsed.change.notes, parsed.faults]).toEqual([[], []])
    }
  })

  it('without a text or a time are left out', () => {
    const parsed = read({ notes: [{ timestamp: AT, note: 'a' }, { timestamp: '', note: 'b' }, { note: 'c' }] })
    expect('change' in parsed && parsed.change.notes).toEqual([{ timestamp: '2026-01-31T09:20:11Z', note: 'a' }])
    expect(faultyFields({ notes: [{ timestamp: '', note: 'b' }] })).toEqual(['notes[0].timestamp'])
  })

  it('are prose of up to 10,000 characters, with a time', () => {
    const parsed = read({ notes: [{ timestamp: '2017-06-28 09:20:11', note: 'x'.repeat(10_000) }] })
    expect('change' in parsed && parsed.change.notes).toEqual([
      { timestamp: '2017-06-28T09:20:11Z', note: 'x'.repeat(10_000) },
    ])
    const long = read({ notes: [{ timestamp: AT, note: 'x'.repeat(10_001) }] })
    expect('change' in long && long.change.notes[0]?.note).toBe('x'.repeat(10_000))
    expect(faultyFields({ notes: [{ timestamp: AT, note: 'x'.repeat(10_001) }] })).toEqual(['notes[0].note'])
  })
})

describe('order_id and occurred_at', () => {
  it.each(['a\u202eb', 'a\u200bb', 'a\u2066b', '\ufeffa', 'a\u2028b', 'a\u001b[31m', 'a\u0085b', 'a\u{e0001}b'])(
    'refuses an id with characters that no person sees (%j)',
    order_id => {
      expect(read({ order_id })).toEqual({
        errors: [{ field: 'order_id', message: expect.stringContaining('without control, bidirectional or invisible characters') }],
        orderId: null,
      })
    },
  ) // prettier-ignore

  it.each(['741258', 'a/b?c=d', '{order-sync}:orders', '__proto__', 'constructor', 'ü😀', 'a b', 'x'.repeat(255), '0'])('takes the id %s as it is', id => {
    const parsed = read({ order_id: id })
    expect('change' in parsed && parsed.change.orderId).toBe(id)
  }) // prettier-ignore

  it('takes a number for an id as its digits', () => {
    const parsed = read({ order_id: 741258 })
    expect('change' in parsed && parsed.change.orderId).toBe('741258')
  })

  it.each(
    ['', ' ', ' 1', '1 ', '1\n', '\u00a01', 'a\u0000b', '\ud800', 'N/A', 'x'.repeat(256), null, undefined, true, {}, [], ['1']].map(id => ({ id })),
  )('refuses the id $id', ({ id }) => {
    expect(faultyFields({ order_id: id })).toEqual(['order_id'])
  }) // prettier-ignore

  it.each(
    [undefined, null, '', 'now', '2026-01-31', 1_769_851_211, '2026-02-30T00:00:00Z', {}, []].map(at => ({ at })),
  )('refuses the time $at', ({ at }) => {
    expect(faultyFields({ occurred_at: at })).toEqual(['occurred_at'])
  })

  it('takes times to the millisecond, and without a zone as UTC', () => {
    const at = (text: string) => {
      const parsed = read({ occurred_at: text })
      return 'change' in parsed ? parsed.change.occurredAt : null
    }
    expect(at(AT)).toBe(Date.UTC(2026, 0, 31, 9, 20, 11, 250))
    expect(at('2026-01-31 09:20:11')).toBe(Date.UTC(2026, 0, 31, 9, 20, 11))
  })

  it.each([[7, 7], ['7', 7], [0, 0], [' 12 ', 12], ['9007199254740991', 9_007_199_254_740_991], [null, undefined], ['', undefined]])('takes the sequence %j as %j', (given, sequence) => {
    const parsed = read({ sequence: given })
    expect('change' in parsed && [parsed.change.sequence, parsed.faults, parsed.ignored]).toEqual([sequence, [], []])
  }) // prettier-ignore

  it.each([-1, 1.5, 'x', '1e3', '9007199254740993', true, {}, []].map(given => ({ given })))('leaves out the sequence $given', ({ given }) => {
    const parsed = read({ sequence: given })
    expect('change' in parsed && [parsed.change.sequence, parsed.faults]).toEqual([undefined, [{ field: 'sequence', message: FAULT }]])
  }) // prettier-ignore

  it('tells the id of a refused change where there is one', () => {
    expect(read({ occurred_at: 'x' })).toMatchObject({ orderId: '741258' })
    expect(read({ order_id: {} })).toMatchObject({ orderId: null })
  })
})

describe('a change', () => {
  it.each([null, undefined, 'x', 1, true, [], [{}]].map(input => ({ input })))(
    'is refused when it is $input',
    ({ input }) => {
      expect(parseChange(input)).toMatchObject({ errors: [{ field: '' }], orderId: null })
    },
  )

  it('tells every fault at once', () => {
    const fields = faultyFields({ order_total: 'x', is_refund: 'maybe', products: 7, notes: 1, order_date: 'x' })
    expect(fields.toSorted()).toEqual(['is_refund', 'notes', 'order_date', 'order_total', 'products'])
    const parsed = parseChange({ order_total: 'x' })
    expect('errors' in parsed && parsed.errors.map(({ field }) => field)).toEqual(['order_id', 'occurred_at'])
  })

  it('never tells a value in a fault', () => {
    const secret = fc.string({ minLength: 12, unit: 'grapheme' }).map(text => `§${text}§`)
    fc.assert(
      fc.property(secret, fc.constantFrom(...FIELD_NAMES), (value, name) => {
        const kind = FIELDS[name].kind
        const wrong = kind === 'prose' || kind === 'id' || kind === 'ip' ? [value] : value.repeat(10)
        const faults = faultsOf(putIn(name, wrong))
        expect(faults.length).toBeGreaterThan(0)
        expect(JSON.stringify(faults)).not.toContain(value)
      }),
      { numRuns: 150 },
    )
  })

  it('survives any JSON: it is read or refused with named fields, and never throws', () => {
    const anything = fc.dictionary(
      fc.constantFrom(...FIELD_NAMES, 'order_id', 'occurred_at', 'fulfillment', 'notes', 'x'),
      fc.jsonValue(),
    )
    fc.assert(
      fc.property(anything, body => {
        const parsed = parseChange(body)
        const said = 'errors' in parsed ? parsed.errors.flatMap(({ field, message }) => [field, message]) : [parsed.change.orderId]
        expect(said).not.toEqual([])
        expect(said).not.toContain('')
      }),
      { numRuns: 200 },
    ) // prettier-ignore
  })

  it('names the fields it does not know, wherever they stand, and keeps nothing of them', () => {
    const parsed = read({
      colour: 'red',
      shipments: [],
      avs: 'Y',
      products: [{ sku: 'a', colour: 'red' }],
      fulfillment: { pickup: true, shipments: [{ weight: 5 }], proof_of_service: [{ kind: 'x' }] },
      notes: [{ timestamp: AT, note: 'a', author: 'Bob' }],
    })
    expect(parsed).toMatchObject({
      change: { values: { avs: 'Y', products: [{ sku: 'a' }], shipments: [{}], proof_of_service: [{}] } },
      ignored: [
        'colour',
        'shipments',
        'notes[0].author',
        'products[0].colour',
        'fulfillment.pickup',
        'fulfillment.shipments[0].weight',
        'fulfillment.proof_of_service[0].kind',
      ],
    })
    expect(JSON.stringify(parsed)).not.toMatch(/\bred\b|Bob/)
  })

  it('names fifty unknown fields at most, cut and well-formed', () => {
    const unknown = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`\ud800${i}${'x'.repeat(500)}`, 1]))
    const parsed = read(unknown)
    const ignored = 'ignored' in parsed ? parsed.ignored : []
    expect(ignored).toHaveLength(50)
    expect(ignored.every(name => name.length <= 100 && name.isWellFormed())).toBe(true)
  })
})
