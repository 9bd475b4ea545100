import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { isThisCard, passesLuhn } from '../../src/domain/basics/card-data.ts'
import type { Change, FieldValue } from '../../src/domain/change.ts'
import { moneyOf } from '../../src/domain/read-money.ts'
import { mergeOrder } from '../../src/domain/merge-order.ts'
import { NO_MARKS, statesPaid } from '../../src/domain/order-marks.ts'
import type { OrderMarks, OrderRecord, Register, RegisterName } from '../../src/domain/order.ts'
import { FIELDS, FIELD_NAMES, ORDER_STATUSES, PAYMENT_STATES, type FieldName } from '../../src/domain/order-fields.ts'
import { canonicalAmount } from '../../src/domain/basics/money.ts'
import { GATEWAY, LEDGER } from '../../src/domain/origins.ts'
import { beats, entriesOf, keepNote } from '../../src/domain/register.ts'
import { isRefundedInFull, isSettled } from '../../src/domain/settled.ts'
import { isWallet } from '../../src/domain/wallet.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
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
  first6: fc.constantFrom('401288', '555555'),
  last4: fc.constantFrom('1881', '4444'),
}
const MERGED: readonly FieldName[] = [
  'order_status', 'payment_state', 'order_total', 'email_address', 'is_refund', 'refunded_to_date', 'is_fraud', 'transaction_id', 'arn',
  'shipments', 'products', 'captured_amount', 'auth_id', 'transaction_merchant_id', 'cc_first_6', 'cc_last_4',
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
  sequence: fc.constantFrom(undefined, undefined, 0, 1, Number.MAX_SAFE_INTEGER),
  values: patch,
  notes: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(note, { maxLength: 3 }) },
  ),
  origin: fc.constantFrom({ name: 'crm', rank: 10 }, LEDGER, GATEWAY, { name: 'shop', rank: 10 }),
})

let count = 0
const newOrderId = () => `order-${(count += 1)}`

/** What merging notes of an order beside its values; of an order that is not there nothing. */
const marksOf = (order: OrderMarks | null): OrderMarks => {
  const { wasPaid, stated, holds } = order ?? NO_MARKS
  return { wasPaid, stated, holds }
}

/** The holds that must be there: of each source that states less than it once stated. */
const loweredIn = (order: OrderRecord | null): string[] =>
  [...(order?.stated ?? [])].flatMap(([name, { value }]) =>
    order?.registers.get(name)?.value === value ? [] : [`lowered ${name}`],
  )

/** Every order that stands in `sold-…` sets, as it must stand there by its registers alone. */
async function checkLookUps(orderId: string, registers: ReadonlyMap<RegisterName, Register>): Promise<void> {
  const value = (name: FieldName) => JSON.parse(registers.get(name)?.value ?? 'null') as string | null
  const [first6, last4] = [value('cc_first_6'), value('cc_last_4')]
  const found = async (by: 'card' | 'last_4' | 'cardless', text: string) =>
    (await orders.soldBetween({ by, value: text, fromMs: 0, toMs: NOW, atMost: 100_000 })).ids.includes(orderId)
  for (const four of ['1881', '4444']) {
    expect(await found('last_4', four)).toBe(last4 === four)
    for (const six of ['401288', '555555'])
      expect(await found('card', `${six}-${four}`)).toBe(last4 === four && first6 === six)
  }
  expect(await found('cardless', '')).toBe(last4 === null)
}

it('merge-order.lua and mergeOrder come to the same registers, status, rev, notes and marks on the same changes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(toldChange, { minLength: 1, maxLength: 8 }), fc.boolean(), async (told, isSent) => {
      const orderId = newOrderId()
      let twin: ReturnType<typeof mergeOrder> | null = null
      for (const { origin, ...rest } of told) {
        const change = { orderId, ...rest } as Change
        const sent = isSent && twin !== null && twin.rev > 0
        if (sent) await redis.hset(options.keys.order(orderId), 'sent', '1')
        const merged = await orders.merge(change, origin, 0)
        const [entries, notes] = [entriesOf(change, origin), change.notes.map(keepNote)]
        const expected = mergeOrder(twin === null ? null : { ...twin, push: { sent } }, entries, notes, NOW)
        const { status, rev, isTied } = expected
        // Neither has an order in which it names the holds.
        const held = expected.held.toSorted()
        expect('held' in merged ? { ...merged, held: merged.held.toSorted() } : merged).toMatchObject({
          status,
          rev,
          isTied,
          held,
        })
        twin = expected
      }
      const kept = await orders.read(orderId)
      expect(kept?.registers ?? new Map()).toEqual(twin?.registers)
      expect(kept?.notes ?? []).toEqual(twin?.notes)
      if (kept === null) return
      const wasPaid = twin!.wasPaid || statesPaid(name => kept.registers.get(name)?.value)
      expect(marksOf(kept)).toEqual({ ...marksOf(twin), wasPaid })
      if (kept.rev > 0) await checkLookUps(orderId, kept.registers)
    }),
    { numRuns: size(40, 1_500) },
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
      expect([keptOther?.wasPaid, keptOther?.stated]).toEqual([kept?.wasPaid, kept?.stated])
      // A source that states less than it once stated is noticed, whatever came first.
      for (const order of [kept, keptOther])
        expect([...(order?.holds.keys() ?? [])]).toEqual(expect.arrayContaining(loweredIn(order)))
    }),
    { numRuns: size(20, 2_000) },
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
  const expected = mergeOrder(null, [], notes.map(keepNote), NOW).notes
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
  const SETTLED = ['value_of', 'is_outdated', 'amount_digits', 'refunded_in_full', 'settled']
  /** What an include answers on an order's registers. */
  const onRegisters = async (names: readonly string[], name: string, registers: ReadonlyMap<RegisterName, Register>) =>
    (await redis.eval(
      `${names.map(include).join('\n')}
      local registers = {}
      for i = 1, #ARGV, 2 do registers[ARGV[i]] = ARGV[i + 1] end
      return ${name}(registers) and 1 or 0`,
      0,
      ...[...registers].flatMap(([field, register]) => [field, asText(register)]),
    )) === 1

  it('beats', () =>
    fc.assert(
      fc.asyncProperty(register, register, async (a, b) => {
        expect(await inLua(['beats'], 'beats(ARGV[1], ARGV[2])', [asText(a), asText(b)])).toBe(beats(a, b))
      }),
      { numRuns: size(50, 3_000) },
    ))

  it('settled', async () => {
    const texts = (values: readonly string[]) => [null, 'null', ...values.map(value => JSON.stringify(value))]
    for (const status of texts(ORDER_STATUSES)) {
      for (const payment of texts(PAYMENT_STATES)) {
        for (const statusStamp of [1, 2, 3]) {
          const registers = new Map<RegisterName, Register>()
          if (status !== null) registers.set('order_status', { stamp: statusStamp, tie: '1110', value: status })
          if (payment !== null) registers.set('payment_state', { stamp: 2, tie: '1110', value: payment })
          expect(await onRegisters(SETTLED, 'settled', registers), `${status} ${statusStamp} ${payment} 2`).toBe(
            isSettled(registers),
          )
          const paid = statesPaid(name => registers.get(name)?.value)
          expect(await onRegisters(['value_of', 'states_paid'], 'states_paid', registers)).toBe(paid)
        }
      }
    }
  })

  it('refunded_in_full', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(
            fc.constantFrom<FieldName>('captured_amount', 'order_total', 'refunded_to_date'),
            fc.constantFrom('0', '9', '9.99', '10', '100.000001', null),
            fc.constantFrom(LEDGER, GATEWAY, { name: 'crm', rank: 10 }),
          ),
          { maxLength: 5 },
        ),
        async drawn => {
          const registers = new Map<RegisterName, Register>()
          for (const [name, value, origin] of drawn) {
            for (const entry of entriesOf(
              { orderId: 'o', occurredAt: NOW, values: { [name]: value }, notes: [] },
              origin,
            ))
              registers.set(entry.name, { stamp: entry.stamp, tie: entry.tie, value: entry.value })
          }
          expect(await onRegisters(SETTLED, 'refunded_in_full', registers)).toBe(isRefundedInFull(registers))
        },
      ),
      { numRuns: size(50, 3_000) },
    ))

  it('is_wallet', () => {
    const named = fc.oneof(
      text,
      fc.mixedCase(
        fc.constantFrom(
          'apple pay',
          'Google-Pay',
          'stripe_link',
          'linked',
          'PayPal',
          'e-wallet',
          'visa',
          'blink',
          'link',
        ),
      ),
    )
    return fc.assert(
      fc.asyncProperty(fc.option(named), fc.option(named), async (cardType, gateway) => {
        const registers = new Map<RegisterName, Register>([
          ['cc_type', { stamp: NOW, tie: '110', value: JSON.stringify(cardType) }],
          ['gateway', { stamp: NOW, tie: '110', value: JSON.stringify(gateway) }],
        ])
        expect(await onRegisters(['value_of', 'is_wallet'], 'is_wallet', registers)).toBe(isWallet(registers))
      }),
      { numRuns: size(50, 3_000) },
    )
  })

  it('buyer_of and moneyOf, on who bought an order and when it was sold', async () => {
    const time = fc.constantFrom(null, '2026-01-31T09:20:11Z', '2199-12-31T23:59:59Z', '1970-01-01T00:00:00Z')
    const drawn = fc.record({
      captured_at: time,
      order_date: time,
      customer_id: fc.oneof(text, fc.constantFrom(null, '0', '000', '0a')),
      cc_first_6: fc.constantFrom(null, '401288'),
      cc_last_4: fc.constantFrom(null, '1881'),
      cc_type: fc.constantFrom(null, 'visa', 'Apple Pay'),
      transaction_merchant_id: fc.constantFrom(null, 'MID 1'),
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
          `${['value_of', 'card_of', 'is_wallet', 'buyer_of'].map(include).join('\n')}
          local registers = {}
          for i = 1, #ARGV, 2 do registers[ARGV[i]] = ARGV[i + 1] end
          local buyer = buyer_of(registers)
          return { buyer.card, buyer.customer_id, buyer.sold, buyer.last_4, buyer.cardless, buyer.merchant }`,
          0,
          ...lines,
        )
        const order = { orderId: 'o', rev: 1, registers, push: { acknowledged: {} }, ...NO_MARKS }
        const { soldAt, cardFirst6, cardLast4, isWallet: isByWallet, merchantAccount } = moneyOf(order, null)
        const isKnown = values.customer_id !== null && !/^0*$/.test(values.customer_id)
        expect(said).toEqual([
          cardFirst6 === null || cardLast4 === null ? 'null' : `"${cardFirst6}-${cardLast4}"`,
          isKnown ? JSON.stringify(values.customer_id) : 'null',
          soldAt === null ? 'null' : new Date(soldAt).toISOString().slice(0, 19).replaceAll(/\D/g, ''),
          JSON.stringify(cardLast4),
          cardLast4 === null || isByWallet ? '""' : 'null',
          JSON.stringify(merchantAccount),
        ])
      }),
      { numRuns: size(30, 2_000) },
    )
  })

  it('passes_luhn', () =>
    fc.assert(
      fc.asyncProperty(fc.stringMatching(/^\d{1,20}$/), async digits => {
        expect(await inLua(['passes_luhn'], 'passes_luhn(ARGV[1])', [digits])).toBe(passesLuhn(digits))
      }),
      { numRuns: size(30, 2_000) },
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
      { numRuns: size(20, 1_200) },
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
