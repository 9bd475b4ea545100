import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { isThisCard, passesLuhn } from '../../src/domain/basics/card-data.ts'
import type { Change, FieldValue } from '../../src/domain/change.ts'
import { moneyOf } from '../../src/domain/account/order-money.ts'
import { mergeOrder } from '../../src/domain/merge-order.ts'
import type { KeptNote, Register, RegisterName } from '../../src/domain/order.ts'
import { FIELDS, FIELD_NAMES, ORDER_STATUSES, PAYMENT_STATES, type FieldName } from '../../src/domain/order-fields.ts'
import { canonicalAmount } from '../../src/domain/basics/money.ts'
import { beats, entriesOf, keepNote } from '../../src/domain/register.ts'
import { isSettled } from '../../src/domain/settled.ts'
import { closeRedis, connectRedis } from '../../src/redis.ts'
import { keysOf } from '../../src/store/keys.ts'
import { createOrderStore } from '../../src/store/order-store.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { size } from '../support/sizes.ts'

const { namespace, redisUrl } = testNamespace()
const redis = connectRedis(redisUrl, namespace, 'patient')
const NOW = 1_769_000_000_000
const options = { keys: keysOf(namespace), clockAheadMaxMs: 300_000, sweepMs: 1_000, clock: () => NOW }
const orders = createOrderStore(redis, options)
afterAll(() => closeRedis(redis))

const include = (name: string) =>
  readFileSync(join(import.meta.dirname, `../../src/store/lua/includes/${name}.lua`), 'utf8')
/** Runs one expression over included functions on Redis' own Lua. */
const inLua = async (names: readonly string[], expression: string, args: readonly string[]) =>
  (await redis.eval(`${names.map(include).join('\n')}\nreturn (${expression}) and 1 or 0`, 0, ...args)) === 1

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.constantFrom(
    '',
    '|',
    'a|b',
    'null',
    '[]',
    '"',
    '\\',
    '12345678901234567890',
    '0',
    'é',
    'z',
    '\u{1f600}',
    '\ufffd',
  ),
)
const VALUES: Partial<Record<(typeof FIELDS)[FieldName]['kind'], fc.Arbitrary<FieldValue>>> = {
  money: fc.oneof(fc.nat(300), fc.constantFrom(0.5, 99999999999.99)).map(amount => canonicalAmount(String(amount))!),
  flag: fc.boolean(),
  status: fc.constantFrom(...ORDER_STATUSES),
  paymentState: fc.constantFrom(...PAYMENT_STATES),
  list: fc.array(fc.record({ sku: text }), { maxLength: 3 }),
  first6: fc.constant('401288'),
  last4: fc.constant('1881'),
}
const MERGED: readonly FieldName[] = [
  'order_status', 'payment_state', 'order_total', 'email_address', 'is_refund', 'refunded_to_date', 'is_fraud', 'transaction_id', 'arn',
  'shipments', 'products', 'captured_amount', 'auth_id',
] // prettier-ignore
const patch = fc
  .uniqueArray(fc.constantFrom(...MERGED), { maxLength: 5 })
  .chain(names =>
    fc.record(Object.fromEntries(names.map(name => [name, fc.option(VALUES[FIELDS[name].kind] ?? text, { freq: 4 })]))),
  )
const note = fc.record({
  timestamp: fc.constantFrom('2026-01-31T09:20:11Z', '2026-01-31T09:20:12Z', '2025-06-01T00:00:00Z'),
  note: text,
})
const toldChange = fc.record({
  occurredAt: fc.integer({ min: NOW - 3, max: NOW }),
  values: patch,
  notes: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(note, { maxLength: 3 }) },
  ),
  origin: fc.constantFrom({ name: 'crm', rank: 10 }, { name: 'ledger', rank: 90 }, { name: 'shop', rank: 10 }),
})

let count = 0
const newOrderId = () => `order-${(count += 1)}`

it('merge-order.lua and mergeOrder come to the same registers, status, rev and notes on the same changes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(toldChange, { minLength: 1, maxLength: 8 }), async told => {
      const orderId = newOrderId()
      let twin = { rev: 0, registers: new Map<RegisterName, Register>(), notes: [] as KeptNote[] }
      for (const { origin, ...rest } of told) {
        const change = { orderId, ...rest } as Change
        const merged = await orders.merge(change, origin, 0)
        const expected = mergeOrder(
          { ...twin, push: { sent: false } },
          entriesOf(change, origin),
          change.notes.map(keepNote),
        )
        expect(merged).toMatchObject({ status: expected.status, rev: expected.rev })
        twin = expected
      }
      const kept = await orders.read(orderId)
      expect(kept?.registers ?? new Map()).toEqual(twin.registers)
      expect(kept?.notes ?? []).toEqual(twin.notes)
    }),
    { numRuns: size(250, 10_000) },
  )
})

it('any order and any number of deliveries come to one result', async () => {
  const shuffledTwice = fc.array(toldChange, { minLength: 2, maxLength: 6 }).chain(told =>
    fc.record({
      told: fc.constant(told),
      again: fc.shuffledSubarray([...told, ...told], { minLength: 2 * told.length }),
    }),
  )
  await fc.assert(
    fc.asyncProperty(shuffledTwice, async ({ told, again }) => {
      const [one, other] = [newOrderId(), newOrderId()]
      for (const { origin, ...rest } of told) await orders.merge({ orderId: one, ...rest }, origin, 0)
      for (const { origin, ...rest } of again) await orders.merge({ orderId: other, ...rest }, origin, 0)
      const [kept, keptOther] = await Promise.all([orders.read(one), orders.read(other)])
      expect(keptOther?.registers).toEqual(kept?.registers)
      expect(keptOther?.notes).toEqual(kept?.notes)
    }),
    { numRuns: size(100, 5_000) },
  )
})

it('of more than 200 notes both keep the newest, however they arrive', async () => {
  const notes = Array.from({ length: 260 }, (_, i) => ({
    timestamp: new Date(NOW - (i % 50) * 1_000).toISOString().replace('.000Z', 'Z'),
    note: `note ${i}`,
  }))
  const [one, other] = [newOrderId(), newOrderId()]
  const change = (orderId: string, part: typeof notes): Change => ({
    orderId,
    occurredAt: NOW,
    values: {},
    notes: part,
  })
  const crm = { name: 'crm', rank: 10 }
  await orders.merge(change(one, notes), crm, 0)
  for (const part of [notes.slice(200), notes.slice(0, 90), notes.slice(90, 200)]) {
    await orders.merge(change(other, part.toReversed()), crm, 0)
  }
  const expected = mergeOrder(null, [], notes.map(keepNote)).notes
  expect(expected).toHaveLength(200)
  expect((await orders.read(one))?.notes).toEqual(expected)
  expect((await orders.read(other))?.notes).toEqual(expected)
  expect(await orders.merge(change(one, notes.slice(0, 1)), crm, 0)).toMatchObject({ rev: 1 })
})

describe('a Lua include and its twin in the domain agree:', () => {
  const width = fc.constantFrom('010', '110', '150', '199')
  const register = fc.record({
    stamp: fc.constantFrom(NOW - 1, NOW, 5),
    tie: width,
    value: text.map(value => JSON.stringify(value)),
  })
  const asText = ({ stamp, tie, value }: Register) => `${String(stamp).padStart(15, '0')}${tie}|${value}`

  it('beats', () =>
    fc.assert(
      fc.asyncProperty(register, register, async (a, b) => {
        expect(await inLua(['beats'], 'beats(ARGV[1], ARGV[2])', [asText(a), asText(b)])).toBe(beats(a, b))
      }),
      { numRuns: 300 },
    ))

  it('settled', async () => {
    const texts = (values: readonly string[]) => [null, 'null', ...values.map(value => JSON.stringify(value))]
    for (const status of texts(ORDER_STATUSES)) {
      for (const payment of texts(PAYMENT_STATES)) {
        const registers = new Map<RegisterName, Register>()
        if (status !== null) registers.set('order_status', { stamp: 1, tie: '1110', value: status })
        if (payment !== null) registers.set('payment_state', { stamp: 1, tie: '1110', value: payment })
        const [s, p] = [registers.get('order_status'), registers.get('payment_state')]
        const said = await inLua(
          ['value_of', 'settled'],
          "settled(ARGV[1] ~= '' and ARGV[1], ARGV[2] ~= '' and ARGV[2])",
          [s ? asText(s) : '', p ? asText(p) : ''],
        )
        expect(said, `${status} ${payment}`).toBe(isSettled(registers))
      }
    }
  })

  it('buyer_of and moneyOf, on who bought an order and when it was sold', async () => {
    const time = fc.constantFrom(null, '2026-01-31T09:20:11Z', '2199-12-31T23:59:59Z', '1970-01-01T00:00:00Z')
    const drawn = fc.record({
      captured_at: time,
      order_date: time,
      customer_id: fc.oneof(text, fc.constantFrom(null, '0', '000', '0a')),
      cc_first_6: fc.constantFrom(null, '401288'),
      cc_last_4: fc.constantFrom(null, '1881'),
    })
    await fc.assert(
      fc.asyncProperty(drawn, async values => {
        const registers = new Map(
          Object.entries(values).map(([name, value]) => [
            name as RegisterName,
            { stamp: NOW, tie: '110', value: JSON.stringify(value) },
          ]),
        )
        const lines = [...registers].flatMap(([name, register]) => [name, asText(register)])
        const said = await redis.eval(
          `${['value_of', 'card_of', 'buyer_of'].map(include).join('\n')}
          local registers = {}
          for i = 1, #ARGV, 2 do registers[ARGV[i]] = ARGV[i + 1] end
          local buyer = buyer_of(registers)
          return { buyer.card, buyer.customer_id, buyer.sold }`,
          0,
          ...lines,
        )
        const { soldAt, cardFirst6, cardLast4 } = moneyOf({ orderId: 'o', rev: 1, registers })
        const isKnown = values.customer_id !== null && !/^0*$/.test(values.customer_id)
        expect(said).toEqual([
          cardFirst6 === null || cardLast4 === null ? 'null' : `"${cardFirst6}-${cardLast4}"`,
          isKnown ? JSON.stringify(values.customer_id) : 'null',
          soldAt === null ? 'null' : new Date(soldAt).toISOString().slice(0, 19).replaceAll(/\D/g, ''),
        ])
      }),
      { numRuns: 200 },
    )
  })

  it('passes_luhn', () =>
    fc.assert(
      fc.asyncProperty(fc.stringMatching(/^\d{1,20}$/), async digits => {
        expect(await inLua(['passes_luhn'], 'passes_luhn(ARGV[1])', [digits])).toBe(passesLuhn(digits))
      }),
      { numRuns: 200 },
    ))

  it('reference_is_card, whatever comes first: the card or the reference', async () => {
    const reference = fc.oneof(
      fc.constantFrom(
        '4012888888881881',
        '4012888888881880',
        '4012880000001881',
        '40128818811881',
        'x4012888888881881',
      ),
      fc.nat(99_999_999).map(middle => `401288${String(middle).padStart(6, '0')}1881`),
    )
    const fields = fc.constantFrom<FieldName>('transaction_id', 'arn', 'customers_telephone', 'rma_number')
    await fc.assert(
      fc.asyncProperty(reference, fields, fc.boolean(), async (digits, field, cardFirst) => {
        const orderId = newOrderId()
        const changes = [{ cc_first_6: '401288', cc_last_4: '1881' }, { [field]: digits }]
        const statuses = []
        for (const values of cardFirst ? changes : changes.toReversed()) {
          const change = { orderId, occurredAt: NOW, values, notes: [] } as Change
          statuses.push(await orders.merge(change, { name: 'crm', rank: 10 }, 0))
        }
        const isCard = isThisCard(digits, '401288', '1881')
        expect(statuses[1]).toMatchObject(isCard ? { refused: 'card', field } : { status: 'held', rev: 2 })
      }),
      { numRuns: 120 },
    )
  })
})

it('every field of an order survives the way through Lua byte for byte', async () => {
  const values: Partial<Record<FieldName, FieldValue>> = {}
  const odd = 'a|b "quoted" \\ 12345678901234567890 \u{1f600} é\n{}'
  const canonical: Partial<Record<string, FieldValue>> = {
    money: '123456789012345.123456', flag: true, status: 'Complete', paymentState: 'captured', list: [], first6: '401288', last4: '1881',
  } // prettier-ignore
  for (const name of FIELD_NAMES) values[name] = canonical[FIELDS[name].kind] ?? odd
  const orderId = newOrderId()
  await orders.merge({ orderId, occurredAt: NOW, values, notes: [] }, { name: 'crm', rank: 10 }, 0)
  const kept = await orders.read(orderId)
  for (const name of FIELD_NAMES) {
    const register = kept?.registers.get(FIELDS[name].perOrigin ? `${name}@crm` : name)
    expect({ [name]: register?.value }).toEqual({ [name]: JSON.stringify(values[name]) })
  }
})
