import { afterAll, describe, expect, it } from 'vitest'
import type { Change, FieldValue } from '../../src/domain/change.ts'
import type { FieldName } from '../../src/domain/order-fields.ts'
import { MAX_RECORD_BYTES } from '../../src/domain/order.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { keysOf } from '../../src/store/keys.ts'
import { createOrderStore } from '../../src/store/order-store.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { seeded } from '../support/seeded.ts'
import { size } from '../support/sizes.ts'

const { namespace, redisUrl } = testNamespace()
const redis = connectRedis(redisUrl, namespace, 'patient')
afterAll(() => closeRedis(redis))
const NOW = 1_769_000_000_000
const KEYS = keysOf(namespace)
const CRM = { name: 'crm', rank: 10 }
let scripts = 0
/** The same connection; it counts the scripts that it runs. */
const counting = Object.create(redis, {
  evalsha: { value: (...args: Parameters<typeof redis.evalsha>) => ((scripts += 1), redis.evalsha(...args)) },
}) as typeof redis
const orders = createOrderStore(counting, {
  keys: keysOf(namespace),
  clockAheadMaxMs: 300_000,
  sweepMs: 1_000,
  clock: () => NOW,
})

const TOLD: readonly [FieldName, readonly FieldValue[]][] = [
  ['order_status', ['Complete', 'Cancelled', 'Refunded', null]], ['payment_state', ['captured', 'authorized', 'pending', null]],
  ['order_total', ['10', '12.5']], ['refunded_to_date', ['0', '5', '12.5', null]], ['is_refund', [true, false]],
  ['transaction_id', ['tx-1', 'tx-2', null]], ['transaction_merchant_id', ['mid-1', 'mid-2']], ['cc_first_6', ['401288', '555555']],
  ['cc_last_4', ['1881', '4444']], ['captured_amount', ['10', '12.5']], ['customer_id', ['c-1', 'c-2', '4012888888881881', null]],
] // prettier-ignore

describe('changes of one order that come together', () => {
  it.each(Array.from({ length: size(12, 200) }, (_, seed) => seed))('come to the same as one by one (seed %i)', async seed => {
    const random = seeded(seed)
    const change = (orderId: string, i: number): Change => ({
      orderId,
      occurredAt: NOW - random.below(6) + (random.chance(0.05) ? 400_000 : 0),
      ...(random.chance(0.3) && { sequence: i }),
      values: Object.fromEntries(TOLD.flatMap(([name, values]) => (random.chance(0.3) ? [[name, random.pick(values)]] : []))),
      notes: random.chance(0.2) ? [{ timestamp: '2026-01-31T09:20:11Z', note: `note ${random.below(3)}` }] : [],
    })
    const changes = Array.from({ length: 1 + random.below(12) }, (_, i) => change(`x-${seed}`, i))
    const unread = () => (random.chance(0.15) ? { fields: ['order_total'], money: ['order_total' as const] } : { fields: [], money: [] })
    const intakes = changes.map(one => ({ change: one, unread: unread() }))
    const under = (orderId: string) => intakes.map(({ change: one, ...rest }) => ({ change: { ...one, orderId }, ...rest }))
    const [together, alone] = [under(`together-${seed}`), under(`alone-${seed}`)]
    if (random.chance(0.3)) for (const [first] of [together, alone]) await orders.merge(first!.change, { name: 'shop', rank: 10 }, 0)
    const before = scripts
    const results = await orders.mergeAll(together, CRM, 0)
    expect(scripts - before).toBe(1)
    const expected = []
    for (const one of alone) expected.push(...(await orders.mergeAll([one], CRM, 0)))
    expect(results).toEqual(expected)
    const stateOf = async (orderId: string) => {
      const record = await orders.read(orderId)
      const found = []
      for (const key of (await redis.keys(`${KEYS.lookup}*`)).toSorted()) {
        const type = await redis.type(key)
        const isIn = type === 'zset' ? (await redis.zscore(key, orderId)) !== null : type === 'set' && (await redis.sismember(key, orderId)) === 1
        if (isIn) found.push(key)
      }
      return { record: record && { ...record, orderId: '' }, timeline: await orders.timeline(orderId), standing: await orders.standing(orderId), found }
    }
    expect(await stateOf(`together-${seed}`)).toEqual(await stateOf(`alone-${seed}`))
  }) // prettier-ignore
})

describe('a record', () => {
  const change = (orderId: string, occurredAt: number, values: Change['values'], notes: Change['notes'] = []) => ({
    change: { orderId, occurredAt, values, notes },
    unread: { fields: [], money: [] },
  })
  const products = (bytes: number) => [{ name: 'x'.repeat(bytes) }]
  const note = (text: string) => ({ timestamp: '2026-01-31T09:20:11Z', note: text })

  it('grows to its limit and no further, by values and notes together; what makes it smaller is taken', async () => {
    const one = (at: number, values: Change['values'], notes: Change['notes'] = []) =>
      orders.mergeAll([change('fat', NOW + at, values, notes)], CRM, 0)
    expect(await one(0, { order_status: 'Complete', products: products(150_000) })).toMatchObject([{ status: 'changed' }])
    expect(await one(1, {}, [note('n'.repeat(90_000))])).toMatchObject([{ status: 'changed' }])
    expect(await one(2, { email_address: 'e'.repeat(20_000) })).toEqual([{ refused: 'large', bytes: expect.toSatisfy(bytes => Number(bytes) > MAX_RECORD_BYTES) }])
    expect(await one(3, {}, [note('m'.repeat(20_000))])).toMatchObject([{ refused: 'large' }])
    // Known already, or older than what is known, it adds nothing.
    expect(await one(1, {}, [note('n'.repeat(90_000))])).toMatchObject([{ status: 'unchanged' }])
    expect(await one(-1, { products: products(200_000) })).toMatchObject([{ status: 'stale' }])
    expect((await orders.read('fat'))?.registers.has('email_address')).toBe(false)
    expect(await one(4, { products: products(1_000), email_address: 'e'.repeat(20_000) })).toMatchObject([{ status: 'changed' }])
    // In one delivery each counts what came before it.
    const results = await orders.mergeAll([5, 6, 7].map(at => change('fat', NOW + at, { [['billing_city', 'billing_state', 'billing_postcode'][at - 5]!]: 's'.repeat(60_000) })), CRM, 0)
    expect(results).toMatchObject([{ status: 'changed' }, { status: 'changed' }, { refused: 'large' }])
  }) // prettier-ignore

  it('at its limit still takes what we know ourselves', async () => {
    await orders.mergeAll([change('full', NOW, { order_status: 'Complete', products: products(255_800) })], CRM, 0)
    expect(await orders.mergeAll([change('full', NOW, { order_total: '1', affiliate: 'c'.repeat(200) })], CRM, 0)).toMatchObject([{ refused: 'large' }])
    const refund = { orderId: 'full', occurredAt: NOW, values: { refunded_to_date: '5', is_refund: true, affiliate: 'c'.repeat(200) }, notes: [] }
    expect(await orders.merge(refund, { name: 'ledger', rank: 90 }, 0)).toMatchObject({ status: 'changed' })
  }) // prettier-ignore

  it('is read and written once for a hundred changes of a delivery', async () => {
    const changes = Array.from({ length: 500 }, (_, i) => change('many', NOW - 1_000 + i, { order_total: String(i) }))
    const before = scripts
    const results = await orders.mergeAll(changes, CRM, 0)
    expect(scripts - before).toBe(5)
    expect(results.map(result => 'rev' in result && result.rev)).toEqual(changes.map((_, i) => i + 1))
  })
})
