import { signed } from './hook-sender.ts'
import type { Seeded } from './seeded.ts'

/** A body that may change no order, how it is sent, and which answers are right. */
export interface Hostile {
  kind: string
  body: Buffer
  /** Instead of the headers of a well-signed JSON delivery. */
  headers?: Record<string, string>
  /** Whether it goes out in chunks, so that nobody is told its length beforehand. */
  chunked?: boolean
  statuses: readonly number[]
  /** What one of the fields named in the answer must be. */
  field?: RegExp
}

type Make = (random: Seeded, target: { orderId: string; secret: string }) => Omit<Hostile, 'kind'>

const AT = '2026-01-31T09:20:11.250Z'
const MIB = 1024 * 1024
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
const change = (orderId: string, fields: Record<string, unknown>) => ({
  order_id: orderId,
  occurred_at: AT,
  order_status: 'Cancelled',
  ...fields,
})
/** A change whose text holds a literal that JSON.stringify would not write. */
const withLiteral = (orderId: string, name: string, literal: string): Buffer =>
  Buffer.from(
    `{"order_id":${JSON.stringify(orderId)},"occurred_at":"${AT}","order_status":"Cancelled","${name}":${literal}}`,
  )

/** Values without which a change cannot be taken. */
const UNUSABLE: readonly [field: string, values: readonly unknown[]][] = [
  ['occurred_at', [null, 1_700_000_000_000, '', '2026-13-01T00:00:00Z', '9999-01-01T00:00:00Z', {}]],
  ['order_id', [null, '', ' ', {}, [], true, 'x'.repeat(300)]],
]

/** Values that cannot be read: they are left out of a change, which states nothing else. */
const UNREADABLE: readonly [field: string, values: readonly unknown[]][] = [
  ['order_total', [{}, [], true, 'twelve', '-1', '1,5']],
  ['is_refund', [2, {}, 'perhaps']],
  ['order_status', [1, [], 'Lost', 'partially refunded']],
  ['payment_state', [0, 'cancelled']],
  ['email_address', [{}, ['a@example.com'], true]],
  ['currency', ['DOLLAR', 1, '$']],
  ['order_date', ['yesterday', 1_700_000_000, '2026-02-30T00:00:00Z']],
  ['products', ['shoes', 7, true]],
  ['notes', ['hello', [{ note: 'no time' }], [{ timestamp: AT }], [7]]],
  ['fulfillment', ['sent', { shipments: 'one' }, { proof_of_service: 7 }]],
  ['cvv', ['123', 1234]],
  ['cc_first_6', ['4111111111111111', '41111']],
]

const LITERALS: readonly [field: string, literals: readonly string[]][] = [
  ['order_total', ['1e400', '-1e400', `1${'0'.repeat(400)}`, '12345678901234567890', '1E+309', `0.${'1'.repeat(60)}`]],
  ['customer_id', ['7'.repeat(5_000), '"a\\ud800b"']],
  ['is_fraud', ['1e400', '1.0000000000000000000000000001', '10000000000000000000000']],
]

const named = (field: string) => new RegExp(`^(\\[\\d+\\]\\.)?${field}`)

const KINDS: Record<string, Make> = {
  'random bytes': random => ({ body: randomBytes(random, 1 + random.below(3_000)), statuses: [400, 422] }),
  'cut off in the middle': (random, { orderId }) => {
    const whole = json(change(orderId, { email_address: 'a@example.com' }))
    return { body: whole.subarray(0, 1 + random.below(whole.length - 1)), statuses: [400] }
  },
  'bytes that are no UTF-8': (_random, { orderId }) => ({
    body: Buffer.concat([json(change(orderId, {})).subarray(0, -1), Buffer.from(',"affiliate":"\u00e9"}', 'latin1')]),
    statuses: [400],
  }),
  'a surrogate in UTF-8': (_random, { orderId }) => ({
    body: Buffer.concat([
      json(change(orderId, {})).subarray(0, -1),
      Buffer.from(',"affiliate":"'),
      Buffer.from([0xed, 0xa0, 0x80]),
      Buffer.from('"}'),
    ]),
    statuses: [400],
  }),
  'deep arrays': random => nested(random, '[', ']'),
  'deep objects': random => nested(random, '{"a":', '}'),
  'a deep value in a good change': (random, { orderId }) => {
    const depth = random.pick([25, 1_000, 50_000])
    return {
      body: withLiteral(orderId, 'extra', '['.repeat(depth) + ']'.repeat(depth)),
      statuses: [422],
      field: /^extra/,
    }
  },
  'a change that cannot be used': (random, { orderId }) => {
    const [field, values] = random.pick(UNUSABLE)
    return { body: json(change(orderId, { [field]: random.pick(values) })), statuses: [422], field: named(field) }
  },
  'an array of changes that cannot be used': (random, { orderId }) => {
    const bad = Array.from({ length: 1 + random.below(20) }, () => {
      const [field, values] = random.pick(UNUSABLE)
      return change(orderId, { [field]: random.pick(values) })
    })
    return { body: json(bad), statuses: [422], field: /^\[\d+\]\.\w/ }
  },
  'a field that cannot be read': (random, { orderId }) => {
    const [field, values] = random.pick(UNREADABLE)
    const body = json({ order_id: orderId, occurred_at: AT, [field]: random.pick(values) })
    return { body, statuses: [202], field: named(field) }
  },
  'a huge number or a lone surrogate': (random, { orderId }) => {
    const [field, literals] = random.pick(LITERALS)
    const text = `{"order_id":${JSON.stringify(orderId)},"occurred_at":"${AT}","${field}":${random.pick(literals)}}`
    return { body: Buffer.from(text), statuses: [202], field: named(field) }
  },
  'a key that reaches for a prototype': (random, { orderId }) => {
    const key = random.pick(['__proto__', 'constructor', 'prototype'])
    const inner = `{"${key}":{"is_refund":true,"polluted":1}}`
    const body = random.chance(0.5)
      ? withLiteral(orderId, key, '{"is_refund":true}')
      : withLiteral(orderId, random.pick(['fulfillment', 'extra']), random.chance(0.5) ? inner : `[${inner}]`)
    return { body, statuses: [422], field: new RegExp(key) }
  },
  'no change at all': random => ({
    body: Buffer.from(random.pick(['null', 'true', '42', '"text"', '[]', '{}', '[null]', '[[]]', '""', '-0', '[1,2]'])),
    statuses: [422],
  }),
  'nothing, or blanks': random => ({
    body: Buffer.from(random.pick(['', ' ', '\n\n', '\ufeff', '\ufeff\ufeff{}'])),
    statuses: [400],
  }),
  'too many changes': (random, { orderId }) => ({
    body: json(Array(1_001 + random.below(1_000)).fill(change(orderId, {}))),
    statuses: [422],
  }),
  'a flood of unknown keys': (random, { orderId }) => {
    const extra = Object.fromEntries(Array.from({ length: 2_000 }, () => [`k${random.below(1e9)}`, 1]))
    return {
      body: json({ ...extra, ...change(orderId, { occurred_at: 'never' }) }),
      statuses: [422],
      field: /^occurred_at$/,
    }
  },
  'not signed': (_random, { orderId }) => ({
    body: json(change(orderId, {})),
    headers: { 'content-type': 'application/json' },
    statuses: [401],
    field: /^webhook-/,
  }),
  'signed with another secret': (_random, { orderId }) => {
    const body = json(change(orderId, {}))
    const other = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
    return {
      body,
      headers: { 'content-type': 'application/json', ...signed(other, body) },
      statuses: [401],
      field: /^webhook-/,
    }
  },
  'altered after it was signed': (_random, { orderId, secret }) => {
    const headers = { 'content-type': 'application/json', ...signed(secret, json(change(orderId, {}))) }
    return { body: json(change(orderId, { is_refund: true })), headers, statuses: [401], field: /^webhook-/ }
  },
  'not JSON by its own word': (random, { orderId, secret }) => {
    const body = json(change(orderId, {}))
    const type = random.pick([
      'text/plain',
      'application/xml',
      'multipart/form-data; boundary=x',
      'application/jsonp',
      '%%%',
    ])
    return {
      body,
      headers: { 'content-type': type, ...signed(secret, body) },
      statuses: [415],
      field: /^content-type$/,
    }
  },
}

/** Costly ones, drawn less often. */
const HEAVY: Record<string, Make> = {
  '10 MB': random => ({ body: tenMegabytes(random), statuses: [413], field: /^body$/ }),
  '10 MB in chunks': random => ({ body: tenMegabytes(random), chunked: true, statuses: [413], field: /^body$/ }),
  '4 MB of one reference': (_random, { orderId }) => ({
    body: json({ order_id: orderId, occurred_at: AT, customer_id: 'x'.repeat(4 * MIB - 4_096) }),
    statuses: [202],
    field: /^customer_id$/,
  }),
  '4 MB of brackets': () => ({ body: Buffer.alloc(4 * MIB - 1, '['), statuses: [400, 422] }),
  '1,000 changes of nothing that can be read': (_random, { orderId }) => ({
    body: json(
      Array.from({ length: 1_000 }, () => ({
        order_id: orderId,
        occurred_at: AT,
        order_total: {},
        is_refund: 'perhaps',
        notes: 7,
        products: 'x',
      })),
    ),
    statuses: [202],
    field: /^\[\d+\]\.order_total$/,
  }),
}

/** `count` hostile bodies, the same for the same draws; every kind is met. `orderId` draws an order they aim at. */
export function* hostileBodies(
  random: Seeded,
  count: number,
  secret: string,
  orderId: () => string,
): Generator<Hostile> {
  const [usual, heavy] = [Object.entries(KINDS), Object.entries(HEAVY)]
  for (let i = 0; i < count; i++) {
    const [kind, make] = i % 100 === 0 ? heavy[(i / 100) % heavy.length]! : usual[i % usual.length]!
    yield { kind, ...make(random, { orderId: orderId(), secret }) }
  }
}

function randomBytes(random: Seeded, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.below(256)))
}

function nested(random: Seeded, open: string, close: string): Omit<Hostile, 'kind'> {
  const depth = random.pick([21, 100, 10_000, 100_000])
  const closed = random.chance(0.7)
  return {
    body: Buffer.from(open.repeat(depth) + (open === '[' ? '' : '1') + (closed ? close.repeat(depth) : '')),
    statuses: closed ? [422] : [400],
  }
}

const tenMegabytes = (random: Seeded): Buffer => Buffer.alloc(10 * MIB, random.pick(['x', ' ', '[', '{"a":']))
