import { describe, expect, it } from 'vitest'
import { SENT_FIELDS } from '../../src/domain/order-fields.ts'
import { doubtsAtBegin } from '../../src/domain/push-attempt.ts'
import { DOUBT_MS, LEASE_MS, SWEEP_MS, useStores } from './stores.ts'

const { redis, keys, time, orders, pushes, tell, newOrder, begin, end, sets } = useStores()

const read = async (orderId: string) => (await orders.read(orderId))!

describe('an attempt', () => {
  it('stands in the record, with its fields and its lease, before the call goes out', async () => {
    const order = await newOrder()
    expect(await begin(order, 'a')).toEqual({ go: true, startedAt: time.now, gateMarked: false })
    expect((await read(order.orderId)).push).toMatchObject({
      sent: true,
      attempt: {
        id: 'a',
        fields: ['order_status', 'order_total'],
        startedAt: time.now,
        leaseUntil: time.now + LEASE_MS,
      },
    })
  })

  it('keeps every other away until its lease has ended, and says for how long', async () => {
    const order = await newOrder()
    await begin(order, 'a')
    time.now += 1_000
    const again = await read(order.orderId)
    expect(await begin(again, 'b')).toEqual({ go: false, why: 'busy', ms: LEASE_MS - 1_000 })
    time.now += LEASE_MS - 1_000
    expect(await begin(again, 'b')).toMatchObject({ go: true })
  })

  it('does not begin on what was read before another attempt, even one that has ended', async () => {
    const order = await newOrder()
    await begin(order, 'a')
    await end(order, 'a')
    expect(await begin(order, 'b')).toEqual({ go: false, why: 'changed' })
    expect(await begin(await read(order.orderId), 'b')).toMatchObject({ go: true })
  })

  it('does not begin a first push of what is no longer as it was read: it may be held again', async () => {
    const order = await newOrder()
    await tell(order.orderId, { payment_state: 'pending' })
    expect(await begin(order, 'a')).toEqual({ go: false, why: 'changed' })
    expect(await sets(order.orderId)).toMatchObject({ held: time.now })
  })

  it('of a refused order that never ends is found by the sweep, and not only a day later', async () => {
    const order = await newOrder()
    await begin(order, 'a')
    await end(order, 'a', { stands: 'rejected', refusal: { status: 422, words: 'no', version: '1' } })
    await begin(await read(order.orderId), 'b')
    time.now += LEASE_MS + SWEEP_MS
    expect(await pushes.takeDue(1_000, 1_000)).toContain(order.orderId)
  })

  it('accepted makes the order clean and stores what was acknowledged', async () => {
    const order = await newOrder()
    await begin(order, 'a')
    expect(await end(order, 'a', { acknowledged: { order_total: '="25"' }, stands: 'clean' })).toBe('clean')
    expect(await sets(order.orderId)).toEqual({ orders: time.now })
    expect((await read(order.orderId)).push).toMatchObject({ acknowledged: { order_total: '="25"' }, attempt: null })
  })

  it('accepted leaves an order dirty that changed during the push', async () => {
    const order = await newOrder()
    await begin(order, 'a')
    await tell(order.orderId, { order_total: '26' })
    expect(await end(order, 'a', { acknowledged: { order_total: '="25"' }, stands: 'clean' })).toBe('dirty')
    expect(await sets(order.orderId)).toMatchObject({ dirty: expect.any(Number), due: time.now + 1_500 })
    expect((await read(order.orderId)).push.acknowledged).toEqual({ order_total: '="25"' })
  })

  it('refused leaves an order dirty, not rejected, that changed during the push', async () => {
    const order = await newOrder()
    await begin(order, 'a')
    await tell(order.orderId, { order_total: '26' })
    await end(order, 'a', { stands: 'rejected', refusal: { status: 422, words: 'no', version: '1' } })
    expect(await sets(order.orderId)).toMatchObject({ dirty: expect.any(Number) })
    expect(await sets(order.orderId)).not.toHaveProperty('rejected')
  })

  it('that was superseded writes nothing, whatever its answer was', async () => {
    const order = await newOrder()
    await begin(order, 'a')
    time.now += LEASE_MS
    const seen = await read(order.orderId)
    const doubts = doubtsAtBegin(seen.push, DOUBT_MS)
    expect(doubts).toEqual({ order_status: time.now + DOUBT_MS, order_total: time.now + DOUBT_MS })
    await begin(seen, 'b', { doubts })
    const before = await redis.hgetall(keys.order(order.orderId))
    const late = { acknowledged: { order_total: '="25"' }, stands: 'clean', event: { what: 'pushed' } } as const
    expect(await end(order, 'a', late)).toBe('superseded')
    expect(await redis.hgetall(keys.order(order.orderId))).toEqual(before)
    expect(await orders.timeline(order.orderId)).toHaveLength(1)
    expect((await read(order.orderId)).push).toMatchObject({ doubts, attempt: { id: 'b' } })
  })

  it('in doubt keeps the order dirty, and the sweep looks when the doubt can end', async () => {
    const order = await newOrder()
    await begin(order, 'a')
    const doubtEndsAt = time.now + DOUBT_MS
    const doubts = { order_total: doubtEndsAt }
    expect(await end(order, 'a', { acknowledged: {}, stands: 'clean', doubts, doubtEndsAt })).toBe('dirty')
    expect(await sets(order.orderId)).toMatchObject({
      doubtful: doubtEndsAt,
      due: doubtEndsAt,
      dirty: expect.any(Number),
    })
    const again = await read(order.orderId)
    await begin(again, 'b')
    await end(again, 'b', { acknowledged: {}, stands: 'clean' })
    expect(await sets(order.orderId)).not.toHaveProperty('doubtful')
  })

  it('that reached nobody lets an order be held again', async () => {
    const order = await newOrder()
    await begin(order, 'a')
    await tell(order.orderId, { payment_state: 'authorized' })
    await end(order, 'a')
    const unsent = await read(order.orderId)
    expect(unsent.push.sent).toBe(false)
    expect(await pushes.settle(unsent, 'held')).toBe(true)
    expect(await sets(order.orderId)).toEqual({ orders: time.now, held: time.now })
  })

  it('that may have reached somebody does not', async () => {
    const order = await newOrder()
    await begin(order, 'a')
    await end(order, 'a', { doubts: { order_total: time.now + 1 }, doubtEndsAt: time.now + 1 })
    expect((await read(order.orderId)).push.sent).toBe(true)
  })
})

describe('a command sent twice, because the connection broke before its answer came,', () => {
  it('begins one attempt', async () => {
    const order = await newOrder()
    const first = await begin(order, 'a')
    time.now += 10
    expect(await begin(order, 'a')).toEqual(first)
    expect((await read(order.orderId)).push).toMatchObject({ pushes: 1, attempt: { startedAt: time.now - 10 } })
  })

  it('ends it once', async () => {
    const order = await newOrder()
    await begin(order, 'a')
    const how = { acknowledged: { order_total: '="25"' }, stands: 'clean', event: { what: 'pushed' } } as const
    expect(await end(order, 'a', how)).toBe('clean')
    const once = await redis.hgetall(keys.order(order.orderId))
    expect(await end(order, 'a', how)).toBe('superseded')
    expect(await redis.hgetall(keys.order(order.orderId))).toEqual(once)
    expect(await orders.timeline(order.orderId)).toHaveLength(2)
  })
})

describe('settling', () => {
  it('takes an order of which nothing differs out of the dirty ones', async () => {
    const order = await newOrder()
    expect(await pushes.settle(order, 'clean')).toBe(true)
    expect(await sets(order.orderId)).toEqual({ orders: time.now })
  })

  it('takes it out of the rejected ones too, with the refusal', async () => {
    const order = await newOrder()
    await begin(order, 'a')
    await end(order, 'a', { stands: 'rejected', refusal: { status: 422, words: 'no', version: '1' } })
    expect(await pushes.settle(await read(order.orderId), 'clean')).toBe(true)
    expect(await sets(order.orderId)).toEqual({ orders: time.now })
    expect((await read(order.orderId)).push.refusal).toBeNull()
  })

  it('leaves one that changed, or was pushed, since it was read', async () => {
    const order = await newOrder()
    await tell(order.orderId, { order_total: '26' })
    expect(await pushes.settle(order, 'clean')).toBe(false)
    const changed = await read(order.orderId)
    await begin(changed, 'a')
    expect(await pushes.settle(changed, 'clean')).toBe(false)
    expect(await sets(order.orderId)).toMatchObject({ dirty: expect.any(Number) })
  })
})

describe('after Redis lost writes', () => {
  it('every sent field of the orders changed lately is in doubt, and each wants a job', async () => {
    const [old, unsent, sent] = [await newOrder(), await newOrder(), await newOrder()]
    await begin(old, 'a')
    await end(old, 'a', { acknowledged: {}, stands: 'clean' })
    time.now += 100_000
    await tell(unsent.orderId, { order_total: '26' })
    await tell(sent.orderId, { order_total: '26' })
    const again = await read(sent.orderId)
    await begin(again, 'b')
    await end(again, 'b', { acknowledged: { order_total: '="26"' }, stands: 'clean' })
    const until = time.now + DOUBT_MS
    const pages: string[][] = []
    const recent = { sinceMs: time.now - 1_000, untilMs: until, fields: SENT_FIELDS }
    expect(await pushes.doubtChangedSince(recent, async ids => void pages.push(ids))).toBe(1)
    expect(pages).toEqual([[sent.orderId]])
    expect(await sets(sent.orderId)).toMatchObject({ dirty: time.now, due: time.now, doubtful: until })
    expect((await read(sent.orderId)).push.doubts).toMatchObject({ order_total: until, email_address: until })
    expect((await read(old.orderId)).push.doubts).toEqual({})
  })

  it('an attempt that is under way can no longer call its fields acknowledged', async () => {
    const order = await newOrder()
    await begin(order, 'a')
    await pushes.doubtChangedSince({ sinceMs: 0, untilMs: time.now + DOUBT_MS, fields: SENT_FIELDS }, async () => {})
    expect(await end(order, 'a', { acknowledged: { order_total: '="25"' }, stands: 'clean' })).toBe('superseded')
    expect((await read(order.orderId)).push.acknowledged).toEqual({})
  })
})
