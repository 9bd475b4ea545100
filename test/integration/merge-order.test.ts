import { describe, expect, it } from 'vitest'
import { isLong } from '../support/long.ts'
import { LEASE_MS, SWEEP_MS, useStores } from './stores.ts'

const { redis, keys, time, orders, pushes, tell, newOrder, newOrderId, begin, end, sets } = useStores()

describe('merging a change', () => {
  it('that settles an order counts a rev, makes it dirty, and wants a job, all at once', async () => {
    const orderId = newOrderId()
    const merged = await tell(orderId, { order_status: 'Complete', order_total: '25' })
    expect(merged).toEqual({
      status: 'changed',
      rev: 1,
      wake: true,
      aheadMs: 0,
      hasCases: false,
      held: [],
      isTied: false,
    })
    expect(await sets(orderId)).toEqual({ orders: time.now, dirty: time.now, due: time.now + 500 + SWEEP_MS })
  })

  it('that leaves it unsettled puts it among the held, where no sweep looks', async () => {
    const orderId = newOrderId()
    expect(await tell(orderId, { order_total: '25' })).toMatchObject({ status: 'held', wake: false })
    expect(await tell(orderId, { order_status: 'Complete', payment_state: 'pending' })).toMatchObject({
      status: 'held',
    })
    expect(await sets(orderId)).toEqual({ orders: time.now, held: time.now })
    time.now += 600_000
    expect(await pushes.takeDue(1_000, 100)).not.toContain(orderId)
    expect(await tell(orderId, { payment_state: 'captured' })).toMatchObject({ status: 'changed', wake: true })
    expect(await sets(orderId)).toMatchObject({ dirty: time.now, due: expect.any(Number) })
    expect(await sets(orderId)).not.toHaveProperty('held')
  })

  it('that unsettles it again before the first push takes it out of the dirty ones', async () => {
    const { orderId } = await newOrder()
    expect(await tell(orderId, { payment_state: 'declined' })).toMatchObject({ status: 'held' })
    expect(await sets(orderId)).toEqual({ orders: time.now, held: time.now })
  })

  it('that only touches what is never sent makes nothing dirty', async () => {
    const order = await newOrder()
    await begin(order, 'a')
    await end(order, 'a', { acknowledged: {}, stands: 'clean' })
    expect(await tell(order.orderId, { arn: '12345', device_id: 'd' })).toMatchObject({
      status: 'changed',
      wake: false,
    })
    expect(await sets(order.orderId)).toEqual({ orders: time.now })
  })

  it('of a refused order takes it out of the rejected and makes it dirty again', async () => {
    const order = await newOrder()
    await begin(order, 'a')
    await end(order, 'a', { stands: 'rejected', refusal: { status: 422, words: 'no', version: '1' } })
    expect(await sets(order.orderId)).toEqual({ orders: time.now, rejected: time.now + 86_400_000 })
    expect(await tell(order.orderId, { order_total: '26' })).toMatchObject({ status: 'changed', wake: true })
    expect(await sets(order.orderId)).toMatchObject({ dirty: time.now, due: expect.any(Number) })
    expect(await sets(order.orderId)).not.toHaveProperty('rejected')
  })

  it('that unsettles a refused order, which never reached anybody, holds it', async () => {
    const order = await newOrder()
    await begin(order, 'a')
    await end(order, 'a', { stands: 'rejected', refusal: { status: 422, words: 'no', version: '1' } })
    expect(await tell(order.orderId, { payment_state: 'pending' })).toMatchObject({ status: 'held' })
    expect(await sets(order.orderId)).toEqual({ orders: time.now, held: time.now })
  })

  it('says unchanged for what is known, stale for what came too late, and changes nothing then', async () => {
    const { orderId } = await newOrder({ order_total: '25' })
    expect(await tell(orderId, { order_total: '25' })).toMatchObject({ status: 'unchanged', rev: 1, wake: false })
    const late = { occurredAt: time.now - 1 }
    expect(await tell(orderId, { order_total: '24' }, late)).toMatchObject({ status: 'stale', rev: 1, wake: false })
    expect((await orders.read(orderId))?.registers.get('order_total')?.value).toBe('"25"')
  })

  it('that came too late is on the timeline, once where it comes again', async () => {
    const { orderId } = await newOrder({ order_total: '25' })
    const shown = async () => (await orders.timeline(orderId)).map(({ what }) => what)
    for (let i = 0; i < 2; i++) await tell(orderId, { order_total: '24' }, { occurredAt: time.now - 1 })
    expect(await shown()).toEqual(['stale', 'changed'])
    await tell(orderId, { order_total: '23' }, { occurredAt: time.now - 2 })
    expect(await shown()).toEqual(['stale', 'stale', 'changed'])
  })

  it('stamped more than five minutes ahead of the clock is refused and leaves nothing', async () => {
    const orderId = newOrderId()
    const ahead = (ms: number) => tell(orderId, { order_status: 'Complete' }, { occurredAt: time.now + ms })
    expect(await ahead(300_001)).toEqual({ refused: 'ahead', aheadMs: 300_001 })
    expect(await orders.read(orderId)).toBeNull()
    expect(await sets(orderId)).toEqual({})
    expect(await ahead(300_000)).toMatchObject({ status: 'changed', aheadMs: 300_000 })
  })

  it.runIf(isLong)('keeps 200 events on the timeline, the newest', async () => {
    const { orderId } = await newOrder()
    for (let i = 0; i < 230; i++) await tell(orderId, { order_total: String(i) }, { occurredAt: time.now + 1 + i })
    const events = await orders.timeline(orderId)
    expect(events).toHaveLength(200)
    expect(events[0]).toMatchObject({ what: 'changed', rev: 231, fields: ['order_total'] })
  })
})

describe('a forgotten order', () => {
  it('leaves nothing but a tombstone that merging refuses', async () => {
    const order = await newOrder({
      transaction_id: 'gone-1',
      cc_first_6: '401288',
      cc_last_4: '1234',
      email_address: 'jane@x',
    })
    const { orderId } = order
    await tell(orderId, {}, { notes: [{ timestamp: '2026-01-31T09:20:11Z', note: 'called' }] })
    expect(await orders.forget(orderId)).toBe(true)
    expect(await sets(orderId)).toEqual({})
    expect(await redis.exists(keys.order(orderId), keys.orderNotes(orderId), keys.timeline(orderId))).toBe(0)
    expect(await orders.find('transaction_id', 'gone-1')).toEqual([])
    expect(await orders.find('card', '401288-1234')).toEqual([])
    expect(await tell(orderId, { order_status: 'Refunded' })).toEqual({ refused: 'forgotten' })
    expect(await redis.exists(keys.order(orderId))).toBe(0)
    expect(await redis.zrange(keys.forgotten, '0', '-1')).not.toContain(orderId)
  })

  it('is gone for good also when it is forgotten during a push', async () => {
    const order = await newOrder()
    await begin(order, 'a')
    await orders.forget(order.orderId)
    expect(
      await end(order, 'a', { acknowledged: { order_total: '=1' }, stands: 'clean', event: { what: 'pushed' } }),
    ).toBe('superseded')
    expect(await pushes.settle(order, 'clean')).toBe(true)
    expect(await sets(order.orderId)).toEqual({})
    expect(await redis.exists(keys.order(order.orderId), keys.timeline(order.orderId))).toBe(0)
  })

  it('that nobody knew is refused all the same', async () => {
    const orderId = newOrderId()
    expect(await orders.forget(orderId)).toBe(false)
    expect(await tell(orderId, { order_status: 'Complete' })).toEqual({ refused: 'forgotten' })
  })
})

it('only merging creates an order: no other script leaves anything of one that is not there', async () => {
  const known = await newOrder()
  const ghost = { ...known, orderId: newOrderId() }
  expect(await begin(ghost, 'a')).toEqual({ go: false, why: 'gone' })
  expect(
    await end(ghost, 'a', { acknowledged: {}, doubts: { order_total: 1 }, doubtEndsAt: 1, event: { what: 'x' } }),
  ).toBe('superseded')
  await pushes.settle(ghost, 'held')
  await pushes.retryRejected(ghost.orderId)
  await orders.expire(time.now + 1_000_000, 0)
  expect(await redis.exists(keys.order(ghost.orderId), keys.timeline(ghost.orderId))).toBe(0)
  expect(await sets(ghost.orderId)).toEqual({})
})

describe('retention', () => {
  it('deletes orders by their last change, tombstones with them, and leaves younger ones', async () => {
    const old = await newOrder({ transaction_id: 'old-1' })
    const buried = await newOrder()
    await orders.forget(buried.orderId)
    time.now += 1_000_000
    const young = await newOrder()
    expect(await orders.expire(time.now, 1_000)).toBeGreaterThan(0)
    expect(await orders.read(old.orderId)).toBeNull()
    expect(await orders.find('transaction_id', 'old-1')).toEqual([])
    expect(await orders.read(young.orderId)).not.toBeNull()
    expect(await tell(buried.orderId, { order_status: 'Complete' })).toMatchObject({ status: 'changed' })
  })

  it('leaves an order that was changed between being listed and being deleted', async () => {
    const { orderId } = await newOrder()
    await orders.expire(time.now, 1_000)
    await redis.zadd(keys.orders, 0, orderId)
    expect(await orders.expire(time.now, 1_000)).toBe(0)
    expect(await orders.read(orderId)).not.toBeNull()
  })
})

describe('the sweep', () => {
  it('finds a dirty order once its time has come, and leaves it in peace for a while then', async () => {
    const { orderId } = await newOrder()
    expect(await pushes.takeDue(4_000, 100)).not.toContain(orderId)
    time.now += 500 + SWEEP_MS
    expect(await pushes.takeDue(4_000, 100)).toContain(orderId)
    expect(await pushes.takeDue(4_000, 100)).not.toContain(orderId)
    time.now += 4_000
    expect(await pushes.takeDue(4_000, 100)).toContain(orderId)
  })

  it('leaves an order alone while its call may be on the wire', async () => {
    const order = await newOrder()
    await begin(order, 'a')
    time.now += LEASE_MS + SWEEP_MS - 1
    expect(await pushes.takeDue(4_000, 1_000)).not.toContain(order.orderId)
    time.now += 1
    expect(await pushes.takeDue(4_000, 1_000)).toContain(order.orderId)
  })

  it('takes refused orders daily, and all of them for a new version of ours, once', async () => {
    const order = await newOrder()
    await begin(order, 'a')
    await end(order, 'a', { stands: 'rejected', refusal: { status: 422, words: 'no', version: '1' } })
    time.now += 86_400_000 - 1
    expect(await pushes.takeDue(4_000, 1_000)).not.toContain(order.orderId)
    expect(await pushes.retryAllRejected()).toBe(1)
    expect(await pushes.takeDue(4_000, 1_000)).toContain(order.orderId)
    expect(await sets(order.orderId)).not.toHaveProperty('rejected')
  })
})
