import type { Seeded } from './seeded.ts'

/** A body that Midigator's door may not take as it is, how it is sent, and which answers are right. */
export interface HostileAlert {
  kind: string
  body: Buffer
  headers: Record<string, string>
  statuses: readonly number[]
  /** What the fields named in the answer must be. */
  field?: RegExp
}

type Make = (random: Seeded, target: { guid: string; basic: string }) => Omit<HostileAlert, 'kind' | 'headers'> & { headers?: Record<string, string> } // prettier-ignore

const MIB = 1024 * 1024
const JSON_TYPE = { 'content-type': 'application/json' }
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
const alert = (guid: string, fields: Record<string, unknown> = {}) => ({
  event_type: 'prevention.new',
  event_timestamp: '2026-01-31T09:20:11Z',
  prevention_guid: guid,
  partner: 'ethoca',
  amount: 30,
  ...fields,
})
const oddGuid = (field: string): string => `pre_odd_${field}`
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

const NO_GUIDS: readonly unknown[] = [null, '', 'N/A', '.', '..', {}, [], true, 'x'.repeat(300), 'a\u0007b', 'a\ud800b']
/** What costs its field alone: the event is taken. */
const ODD: readonly [field: string, values: readonly unknown[]][] = [
  ['event_type', [null, {}, [], 'x'.repeat(300)]],
  ['amount', ['twelve', '-1', -1, '1,5', '1e3', {}, [], '1.1234567']],
  ['currency', ['DOLLAR', '$', {}, 'U1']],
  ['card_first_6', ['4012888888881881', '40128', {}, ['401288']]],
  ['card_last_4', ['188', '18811', {}, '4012888888881881']],
  ['mid', [{}, [], 'x'.repeat(300), 'bell \u0007 bell']],
  ['arn', [{}, ['1'], 'x'.repeat(300)]],
  ['merchant_descriptor', [{}, 'x'.repeat(2_000), 'a\u0000b']],
  ['partner', [{}, [], 'x'.repeat(300)]],
]
const LITERALS: readonly [field: string, literals: readonly string[]][] = [
  ['amount', ['1e400', '-1e400', `1${'0'.repeat(400)}`, `0.${'1'.repeat(60)}`, '1E+309', 'true']],
  ['mid', ['"\\ud800"', '"a\\udc00"', 'true']],
  ['partner', ['"\\udfff ethoca"', 'false']],
]

const KINDS: Record<string, Make> = {
  'random bytes': random => ({
    body: Buffer.from(Array.from({ length: 1 + random.below(2_000) }, () => 128 + random.below(128))),
    statuses: [400],
  }),
  'cut short': (random, { guid }) => {
    const whole = json(alert(guid))
    return { body: whole.subarray(0, 1 + random.below(whole.length - 1)), statuses: [400] }
  },
  'no object': random => ({ body: json(random.pick([[], [1], 7, 'prevention.new', true])), statuses: [422] }),
  'no guid': (random, { guid }) => ({
    body: json({ ...alert(guid), prevention_guid: random.pick(NO_GUIDS) }),
    statuses: [422],
    field: /^prevention_guid$/,
  }),
  'an odd field': random => {
    const [field, values] = random.pick(ODD)
    return { body: json(alert(oddGuid(field), { [field]: random.pick(values) })), statuses: [200] }
  },
  'an odd literal': random => {
    const [field, literals] = random.pick(LITERALS)
    const others = Object.entries(alert(oddGuid(field))).filter(([name]) => name !== field)
    const members = others.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
    return { body: Buffer.from(`{${[...members, `"${field}":${random.pick(literals)}`].join(',')}}`), statuses: [200] }
  },
  'nested deep': random => {
    const depth = random.pick([100, 10_000, 100_000])
    const isClosed = random.chance(0.7)
    const text = '{"a":'.repeat(depth) + (isClosed ? `1${'}'.repeat(depth)}` : '')
    return { body: Buffer.from(text), statuses: isClosed ? [422] : [400] }
  },
  'a refund that names no order': random => ({
    body: json({ event_type: 'order.refund', order_guid: random.pick(NO_GUIDS), order_id: random.pick([null, '', {}, 'none']), amount: 3 }),
    statuses: [422],
    field: /^order_guid$/,
  }),
  'nobody’s word': (_random, { guid }) => ({ body: json(alert(guid)), headers: JSON_TYPE, statuses: [401] }),
  'a wrong password': (random, { guid, basic: right }) => ({
    body: json(alert(guid)),
    headers: {
      ...JSON_TYPE,
      authorization: random.pick([basic('midigator:guess'), basic(':'), 'Basic !', right.slice(0, -3), `Bearer ${right}`, right.toLowerCase()]),
    },
    // 429: too many of them came from here.
    statuses: [401, 429],
  }),
  'not JSON by its own word': (random, { guid, basic: authorization }) => ({
    body: json(alert(guid)),
    headers: { authorization, 'content-type': random.pick(['text/plain', 'application/xml', 'application/jsonp', '%%%']) },
    statuses: [415],
  }),
} // prettier-ignore

const HEAVY: Record<string, Make> = {
  '10 MB': () => ({ body: Buffer.alloc(10 * MIB, 'x'), statuses: [413] }),
  '4 MB of brackets': () => ({ body: Buffer.alloc(4 * MIB - 1, '['), statuses: [400, 422] }),
  '3 MB of one text': () => ({
    body: json(alert(oddGuid('partner'), { partner: 'x'.repeat(3 * MIB) })),
    statuses: [200],
  }),
}

/** The alerts that are taken without one of their fields. */
export const ODD_GUIDS: readonly string[] = ODD.map(([field]) => oddGuid(field))

/** `count` hostile bodies, the same for the same draws; every kind is met. `guid` draws an alert that they aim at. */
export function* hostileAlerts(random: Seeded, count: number, authorization: string, guid: () => string) {
  const [usual, heavy] = [Object.entries(KINDS), Object.entries(HEAVY)]
  for (let i = 0; i < count; i++) {
    const [kind, make] = i % 100 === 0 ? heavy[(i / 100) % heavy.length]! : usual[i % usual.length]!
    const made: HostileAlert = {
      kind,
      headers: { ...JSON_TYPE, authorization },
      ...make(random, { guid: guid(), basic: authorization }),
    }
    yield made
  }
}
