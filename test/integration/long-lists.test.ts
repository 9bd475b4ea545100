import { describe, expect, it } from 'vitest'
import { SENT_FIELDS } from '../../src/domain/order-fields.ts'
import { sweepOrders } from '../../src/jobs/sweep-orders.ts'
import { createAlarmStore } from '../../src/store/alarm-store.ts'
import { createCaseLists } from '../../src/store/case-lists.ts'
import { createOrderLookUps } from '../../src/store/order-look-ups.ts'
import { createRejectedStore } from '../../src/store/rejected-store.ts'
import { isSoak, size } from '../support/sizes.ts'
import { useStores } from './stores.ts'

const { redis, keys, time, orders, pushes } = useStores({ runsTwice: false })
const MANY = size(10_000, 100_000)
/** Of what takes several commands an entry. */
const FEWER = isSoak ? MANY : 2_000
const DAY_MS = 86_400_000

/** Lets Redis write entries 1 to `count`; `body` has the number as `i`, and the keys. */
async function seed(count: number, body: string, ...names: string[]): Promise<void> {
  for (let from = 1; from <= count; from += 20_000)
    await redis.eval(
      `for i = tonumber(ARGV[1]), tonumber(ARGV[2]) do ${body} end`,
      names.length,
      ...names,
      from,
      Math.min(count, from + 19_999),
    )
}

const signal = { signal: new AbortController().signal, attempt: 1 } as never

describe(`of every list that can grow, ${MANY} are no trouble:`, () => {
  it('rejected orders are all tried again by a new version, in pages, and the version is kept last', async () => {
    await seed(MANY, `redis.call('ZADD', KEYS[1], ${time.now + DAY_MS} + i, 'rejected-' .. i)`, keys.rejected)
    const pages: number[] = []
    const sweep = (wantSync: (ids: readonly string[]) => Promise<void>) =>
      sweepOrders.run({}, { pushes, wantSync, sweepMs: 1_000, version: '2', pushesOrders: true }, signal)
    const interrupted = { ...pushes, retryAllRejected: () => Promise.reject(new Error('Redis is away')) }
    await expect(
      sweepOrders.run({}, { pushes: interrupted, wantSync: async () => {}, sweepMs: 1_000, version: '2', pushesOrders: true }, signal),
    ).rejects.toThrow('away')
    expect(await pushes.retriedBy()).toBeNull()
    await sweep(async ids => void pages.push(ids.length))
    expect(pages.reduce((sum, count) => sum + count, 0)).toBe(MANY)
    expect(Math.max(...pages)).toBeLessThanOrEqual(1_000)
    expect(await redis.zcard(keys.rejected)).toBe(0)
    expect(await pushes.retriedBy()).toBe('2')
    await redis.del(keys.due, keys.dirty)
  }) // prettier-ignore

  it('orders changed since Redis lost writes are each doubted, also where thousands changed in one millisecond', async () => {
    await seed(
      FEWER,
      `local at = i % 2 == 0 and ${time.now} or ${time.now} - i
       redis.call('ZADD', KEYS[1], at, 'doubted-' .. i)
       redis.call('HSET', '${keys.order('')}doubted-' .. i, 'sent', '1')`,
      keys.orders,
    )
    const seen: string[] = []
    const all = { sinceMs: time.now - MANY, untilMs: time.now + DAY_MS, fields: SENT_FIELDS }
    expect(await pushes.doubtChangedSince(all, async ids => void seen.push(...ids))).toBe(FEWER)
    expect(new Set(seen).size).toBe(FEWER)
    expect(await redis.zcard(keys.doubtful)).toBe(FEWER)
    let expired = 0
    for (let page = 1; page > 0; expired += page) page = await orders.expire(time.now + 1, 500)
    expect(expired).toBe(FEWER)
  })

  it('orders that carry the same authorization code are read as far as they are compared', async () => {
    await seed(MANY, `redis.call('SADD', KEYS[1], 'same-' .. i)`, `${keys.lookup}auth_id:000000`)
    const found = await createOrderLookUps(redis, keys).find('auth_id', '000000', 201)
    expect(found.length).toBeGreaterThanOrEqual(201)
    expect(found.length).toBeLessThan(1_000)
    expect(new Set(found).size).toBe(found.length)
  })

  it('alarms of one name are counted, and the newest are shown', async () => {
    await seed(MANY, `redis.call('ZADD', KEYS[1], i, 'order-' .. i)`, keys.alarmsOf('order-unreadable'))
    const alarms = createAlarmStore(redis, keys)
    await alarms.acknowledge('order-unreadable', null, { at: MANY, by: 'jo', until: null, note: null })
    const [one] = await alarms.list(MANY + 1)
    expect(one).toMatchObject({ name: 'order-unreadable', count: MANY })
    expect(await alarms.page('order-unreadable', 0, 50)).toHaveLength(50)
  })

  it('cases are listed by pages, and of one order and one bucket', async () => {
    await seed(MANY, `redis.call('ZADD', KEYS[1], i, 'm:' .. i); redis.call('SADD', KEYS[2], 'm:' .. i); redis.call('SADD', KEYS[3], 'm:' .. i)`, keys.cases, keys.orderCases('o'), keys.casesUntied('amount:9')) // prettier-ignore
    const lists = createCaseLists(redis, keys)
    const first = await lists.list(null, 50, null)
    expect(first.ids[0]).toBe(`m:${MANY}`)
    expect((await lists.list(null, 50, first.cursor)).ids[0]).toBe(`m:${MANY - 50}`)
    expect(await lists.isOrderOpen('o', 0)).toBe(false)
    expect((await lists.untied(['amount:9'])).ids).toHaveLength(MANY)
  })

  it('rejected changes are kept to the newest 5,000, however many there were', async () => {
    await seed(MANY, `redis.call('ZADD', KEYS[1], i, 'r' .. i); redis.call('HSET', KEYS[2], 'r' .. i, '{}')`, keys.rejectedChanges, keys.rejectedBodies) // prettier-ignore
    const rejected = createRejectedStore(redis, keys)
    const one = { at: MANY + 1, source: 'generic', orderId: 'o', errors: [], masked: false, body: '{}' }
    await rejected.add([one])
    expect(await rejected.count()).toBe(5_000)
    expect(await redis.hlen(keys.rejectedBodies)).toBe(5_000)
    expect(await rejected.expire(MANY)).toBe(4_998)
  })
})
