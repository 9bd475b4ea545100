import { describe, expect, it } from 'vitest'
import type { Change } from '../../src/domain/change.ts'
import { eventually } from '../support/eventually.ts'
import { dumpKeys } from '../support/redis-dump.ts'
import { change, settledChange, usePipelines, type Pipeline } from './pipeline.ts'
import { queueViews } from '../../src/queue/inspect.ts'

const newPipeline = usePipelines()

const recordOf = ({ sandbox }: Pipeline, orderId: string) => sandbox.inbox.order(orderId)?.record ?? null
/** Waits until another order, told later, has arrived: whatever was to be pushed before it has been. */
async function othersArrived(pipeline: Pipeline): Promise<void> {
  await pipeline.tell(settledChange('later'))
  await eventually(() => expect(recordOf(pipeline, 'later')).not.toBeNull())
  await eventually(async () => expect((await pipeline.deps.orders.counts()).dirty).toBe(0))
}

describe('an order that is not settled', () => {
  it.each([
    ['without a status', { order_total: '25' }],
    ['of a pending payment', { order_status: 'Complete', payment_state: 'pending' }],
    ['of an authorized payment', { order_status: 'Complete', payment_state: 'authorized' }],
    ['of a declined payment', { order_status: 'Cancelled', payment_state: 'declined' }],
  ])('%s is held: not pushed, not swept, and counted as such', async (_what, fields) => {
    const pipeline = await newPipeline()
    await Promise.all([pipeline.startWorker(), pipeline.startScheduler()])
    expect(await pipeline.tell(change('o', fields))).toMatchObject([{ status: 'held', rev: 1 }])
    await pipeline.deps.wantSync(['o'])
    await othersArrived(pipeline)
    expect(pipeline.received('o')).toEqual([])
    expect(await pipeline.deps.orders.counts()).toMatchObject({ held: 1, dirty: 0 })
  })

  it.each(['Complete', 'Refunded', 'Cancelled'])('is pushed whole once it is %s', async status => {
    const pipeline = await newPipeline()
    await pipeline.startWorker()
    await pipeline.tell(
      change('o', { order_total: '25', payment_state: 'pending' }),
      change('o', { order_status: status }),
    )
    expect(await pipeline.tell(change('o', { payment_state: 'captured' }))).toMatchObject([{ status: 'changed' }])
    await eventually(() =>
      expect(recordOf(pipeline, 'o')).toMatchObject({ order_status: status, order_total: '25.00' }),
    )
    expect(await pipeline.deps.orders.counts()).toMatchObject({ held: 0 })
  })

  it('after it was pushed keeps its status to itself, and nothing else', async () => {
    const pipeline = await newPipeline()
    await pipeline.startWorker()
    await pipeline.tell(settledChange('o', { order_total: '25' }))
    await eventually(() => expect(recordOf(pipeline, 'o')).not.toBeNull())
    await pipeline.tell(
      change('o', { order_status: 'Refunded', payment_state: 'pending', order_total: '26', is_refund: true }),
    )
    await eventually(() => expect(recordOf(pipeline, 'o')).toMatchObject({ order_total: '26.00', is_refund: 1 }))
    await othersArrived(pipeline)
    expect(recordOf(pipeline, 'o')).toMatchObject({ order_status: 'Complete' })
    await pipeline.tell(change('o', { payment_state: 'captured' }))
    await eventually(() => expect(recordOf(pipeline, 'o')).toMatchObject({ order_status: 'Refunded' }))
    expect(pipeline.received('o').at(-1)).toEqual({ order_id: 'o', order_status: 'Refunded' })
  })
})

it('a first change waits for its siblings: five changes within the delay are one call', async () => {
  const pipeline = await newPipeline({ ORDER_SYNC_SETTLE_MS: '300' })
  await pipeline.startWorker()
  for (let i = 1; i <= 5; i++) await pipeline.tell(settledChange('o', { order_total: String(i) }))
  await eventually(() => expect(recordOf(pipeline, 'o')).not.toBeNull())
  await othersArrived(pipeline)
  expect(pipeline.received('o')).toEqual([{ order_id: 'o', order_status: 'Complete', order_total: '5.00' }])
})

it('a dry run says what would be pushed, pushes nothing, and forgets nothing', async () => {
  const pipeline = await newPipeline()
  const { running } = await pipeline.startWorker({ ORDER_SYNC_DRY_RUN: 'on', LOG_LEVEL: 'debug' })
  await pipeline.tell(settledChange('o', { order_total: '25' }))
  await eventually(() =>
    expect(JSON.stringify(pipeline.logged)).toContain('dry run: would push order_total, order_status'),
  )
  await running.close(1_000)
  expect(pipeline.sandbox.inbox.stats().calls).toBe(0)
  expect(await pipeline.deps.orders.counts()).toMatchObject({ dirty: 1 })
  await Promise.all([pipeline.startWorker(), pipeline.startScheduler()])
  await eventually(() => expect(recordOf(pipeline, 'o')).toMatchObject({ order_total: '25.00' }))
})

describe('a sweep', () => {
  it('finds an order whose process died between merging and queueing', async () => {
    const pipeline = await newPipeline()
    const { change: parsed } = pipeline.deps.sources.get('generic')!.normalise(settledChange('o')) as unknown as {
      change: Change
    }
    await pipeline.deps.orders.merge(parsed, { name: 'generic', rank: 50 }, 0)
    expect(await queueViews(pipeline.deps.queues, ['sync-order'])).toMatchObject([{ waiting: 0, delayed: 0 }])
    await Promise.all([pipeline.startWorker(), pipeline.startScheduler()])
    await eventually(() => expect(recordOf(pipeline, 'o')).not.toBeNull())
  })

  it('finds an order whose job was deleted', async () => {
    const pipeline = await newPipeline()
    await pipeline.tell(settledChange('o'))
    await pipeline.deps.queues.of('sync-order').obliterate({ force: true })
    await Promise.all([pipeline.startWorker(), pipeline.startScheduler()])
    await eventually(() => expect(recordOf(pipeline, 'o')).not.toBeNull())
  })
})

it('retention deletes orders and refused changes whose time has passed, and leaves the others', async () => {
  const pipeline = await newPipeline({ ORDER_RETENTION_DAYS: '2', REJECTED_RETENTION_DAYS: '1' })
  const { deps } = pipeline
  const dayMs = 86_400_000
  await pipeline.tell(settledChange('old'), settledChange('young'), { order_id: 'bad' })
  await deps.redis.zadd(deps.keys.orders, Date.now() - 3 * dayMs, 'old')
  await deps.redis.hset(deps.keys.order('old'), 'changed_at', String(Date.now() - 3 * dayMs))
  const refusedAt = Date.now() - 2 * dayMs
  await deps.rejected.add([{ at: refusedAt, source: 'generic', orderId: null, errors: [], body: null, masked: false }])
  expect(await deps.rejected.count()).toBe(2)
  await pipeline.startScheduler()
  await deps.queues.of('expire-orders').add('expire-orders', { v: 1 })
  await eventually(async () => expect(await deps.orders.read('old')).toBeNull())
  await eventually(async () => expect(await deps.rejected.count()).toBe(1))
  expect(await deps.orders.read('young')).not.toBeNull()
})

it('forgetting an order during its push leaves no value of it in Redis, also after it was told again', async () => {
  const pipeline = await newPipeline({ LOG_LEVEL: 'debug' })
  const { deps } = pipeline
  await Promise.all([pipeline.startWorker(), pipeline.startScheduler()])
  pipeline.sandbox.faults.set([{ on: 'order', times: 1, fault: { kind: 'slow', ms: 150 } }])
  const told = settledChange('order-of-jane', { email_address: 'jane.roe@example.com', transaction_id: 'tx-of-jane' })
  await pipeline.tell(told)
  await eventually(() => expect(pipeline.received('order-of-jane')).toHaveLength(1))
  expect(await deps.orders.forget('order-of-jane')).toBe(true)
  expect(await pipeline.tell(told)).toMatchObject([{ status: 'rejected' }])
  await deps.rejected.forget('order-of-jane')
  await eventually(async () => expect(await queueViews(deps.queues, ['sync-order'])).toMatchObject([{ active: 0, waiting: 0, delayed: 0 }])) // prettier-ignore
  const kept = await dumpKeys(deps.redis, `{${deps.config.REDIS_NAMESPACE}}*`)
  expect([...kept.values()].join('\n')).not.toMatch(/jane\.roe|tx-of-jane/)
})
