import { describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { change, settledChange, usePipelines, type Pipeline } from './pipeline.ts'
import { queueViews } from '../../src/queue/inspect.ts'

const newPipeline = usePipelines()

const recordOf = ({ sandbox }: Pipeline, orderId: string) => sandbox.inbox.order(orderId)?.record ?? null
/** Waits until nothing is dirty and no job is left. */
const atRest = ({ deps }: Pipeline) =>
  eventually(async () => {
    expect((await deps.orders.counts()).dirty).toBe(0)
    expect(await queueViews(deps.queues, ['sync-order'])).toMatchObject([{ waiting: 0, active: 0, delayed: 0 }])
  })

describe('a push carries', () => {
  it('all there is the first time, then only what differs from what was acknowledged, cleared fields as null', async () => {
    const pipeline = await newPipeline()
    await pipeline.startWorker()
    await pipeline.tell(settledChange('o', { order_total: '25', email_address: 'jane@example.com', is_refund: false }))
    await atRest(pipeline)
    await pipeline.tell(change('o', { order_total: '26.5', email_address: null }))
    await atRest(pipeline)
    expect(pipeline.received('o')).toEqual([
      {
        order_id: 'o',
        order_total: '25.00',
        order_status: 'Complete',
        email_address: 'jane@example.com',
        is_refund: 0,
      },
      { order_id: 'o', order_total: '26.50', email_address: null },
    ])
  })

  it('arrays whole', async () => {
    const pipeline = await newPipeline()
    await pipeline.startWorker()
    const [first, second] = [{ name: 'a', price: '1', sku: 's1' }, { name: 'b', price: '2.5', sku: 's2' }] // prettier-ignore
    await pipeline.tell(settledChange('o', { products: [first] }))
    await atRest(pipeline)
    await pipeline.tell(change('o', { products: [first, second] }))
    await atRest(pipeline)
    expect(pipeline.received('o')[1]).toEqual({
      order_id: 'o',
      products: [
        { ...first, price: '1.00' },
        { ...second, price: '2.50' },
      ],
    })
  })

  it('nothing, and is not made, where nothing differs', async () => {
    const pipeline = await newPipeline()
    await pipeline.startWorker()
    await pipeline.tell(settledChange('o', { order_total: '25' }))
    await atRest(pipeline)
    await pipeline.tell(change('o', { order_total: '25.00' }), change('o', { arn: '12345' }))
    await pipeline.deps.wantSync(['o'])
    await atRest(pipeline)
    expect(pipeline.received('o')).toHaveLength(1)
  })

  it('what became of an order while its job waited, for a job carries only a key', async () => {
    const pipeline = await newPipeline()
    await pipeline.tell(settledChange('o', { order_total: '1' }))
    await pipeline.tell(change('o', { order_total: '2' }))
    await pipeline.startWorker()
    await atRest(pipeline)
    expect(pipeline.received('o')).toEqual([{ order_id: 'o', order_total: '2.00', order_status: 'Complete' }])
  })
})

describe('of one order', () => {
  it('there are never two calls at once with three workers, and the last change always arrives', async () => {
    const pipeline = await newPipeline()
    for (let i = 0; i < 3; i++) await pipeline.startWorker()
    pipeline.sandbox.faults.set([{ on: 'order', probability: 0.7, fault: { kind: 'slow', ms: 15 } }])
    const ids = ['a', 'b', 'c', 'd']
    await pipeline.tell(...ids.map(id => settledChange(id)))
    for (let i = 1; i <= 25; i++) {
      await Promise.all(ids.map(id => pipeline.tell(change(id, { order_total: String(i) }))))
    }
    await atRest(pipeline)
    for (const id of ids) expect(recordOf(pipeline, id)).toMatchObject({ order_total: '25.00' })
    const stats = pipeline.sandbox.inbox.stats()
    expect(stats.mostInFlightForOneOrder).toBe(1)
    expect(stats.mostInFlight).toBeGreaterThan(1)
  })

  it('a change that lands during a push is pushed next', async () => {
    const pipeline = await newPipeline()
    await pipeline.startWorker()
    pipeline.sandbox.faults.set([{ on: 'order', times: 1, fault: { kind: 'slow', ms: 120 } }])
    await pipeline.tell(settledChange('o', { order_total: '1' }))
    await eventually(() => expect(pipeline.received('o')).toHaveLength(1))
    await pipeline.tell(change('o', { order_total: '2' }))
    await pipeline.tell(change('o', { order_total: '3' }))
    expect(pipeline.received('o')).toHaveLength(1)
    await atRest(pipeline)
    expect(pipeline.received('o').map(payload => payload.order_total)).toEqual(['1.00', '3.00'])
  })

  it('another run waits while an attempt that is not its own may still be on the wire', async () => {
    const pipeline = await newPipeline()
    const { deps } = pipeline
    await pipeline.tell(settledChange('o', { order_total: '1' }))
    const order = (await deps.orders.read('o'))!
    const begun = await deps.pushes.beginPush({
      order,
      attemptId: 'of a process that died',
      fields: ['order_status', 'order_total'],
      doubts: {},
      leaseMs: 400,
      platform: 'midigator',
      terms: deps.gates.terms,
    })
    const leaseUntil = (begun as { startedAt: number }).startedAt + 400
    await pipeline.startWorker()
    await eventually(() => expect(pipeline.received('o')).toHaveLength(1))
    const call = pipeline.sandbox.inbox.order('o')!.history[0]!
    expect(call.at).toBeGreaterThanOrEqual(leaseUntil)
    expect((await deps.orders.read('o'))!.push.doubts).toMatchObject({ order_total: leaseUntil + 250 })
  })

  it.runIf(isLong)('a lost lock aborts the call', async () => {
    const pipeline = await newPipeline()
    await pipeline.startWorker({ PUSH_TIMEOUT_MS: '1400', ORDER_SYNC_STALLED_MS: '1000' })
    pipeline.sandbox.faults.set([{ on: 'order', times: 1, fault: { kind: 'hang' } }])
    await pipeline.tell(settledChange('o'))
    await eventually(() => expect(pipeline.received('o')).toHaveLength(1))
    const [job] = await pipeline.deps.queues.of('sync-order').getActive()
    await pipeline.deps.redis.del(`${pipeline.deps.keys.queuePrefix}:sync-order:${job!.id}:lock`)
    await eventually(() => expect(pipeline.sandbox.inbox.stats().inFlight).toBe(0))
    const call = pipeline.sandbox.inbox.order('o')!.history[0]!
    expect(call).toMatchObject({ ended: 'closed', status: null })
    expect(call.endedAt! - call.at).toBeLessThan(1_200)
    await eventually(() => expect(recordOf(pipeline, 'o')).toMatchObject({ order_status: 'Complete' }))
  })
})

describe('an attempt in doubt', () => {
  const doubtsOf = async ({ deps }: Pipeline) => (await deps.orders.read('o'))!.push.doubts

  it('stands in the record before its call is on the wire', async () => {
    const pipeline = await newPipeline()
    await pipeline.startWorker()
    pipeline.sandbox.faults.set([{ on: 'order', times: 1, fault: { kind: 'hang' } }])
    await pipeline.tell(settledChange('o', { order_total: '1' }))
    await eventually(() => expect(pipeline.received('o')).toHaveLength(1))
    const { attempt } = (await pipeline.deps.orders.read('o'))!.push
    expect(attempt?.fields).toEqual(['order_total', 'order_status'])
    expect(attempt!.leaseUntil - attempt!.startedAt).toBeGreaterThan(400)
  })

  it('ends right when a call that failed was committed and the value returns to the old one', async () => {
    const pipeline = await newPipeline()
    await Promise.all([pipeline.startWorker(), pipeline.startScheduler()])
    await pipeline.tell(settledChange('o', { order_total: '1' }))
    await atRest(pipeline)
    pipeline.sandbox.faults.set([{ on: 'order', times: 1, fault: { kind: 'commit-then-fail', status: 504 } }])
    await pipeline.tell(change('o', { order_total: '2' }))
    await eventually(() => expect(recordOf(pipeline, 'o')).toMatchObject({ order_total: '2.00' }))
    await pipeline.tell(change('o', { order_total: '1' }))
    await atRest(pipeline)
    expect(recordOf(pipeline, 'o')).toMatchObject({ order_total: '1.00' })
    expect(await doubtsOf(pipeline)).toEqual({})
  })

  it.runIf(isLong).each([false, true])('ends right when the platform commits it late (it hangs: %s)', async hang => {
    const pipeline = await newPipeline()
    await Promise.all([pipeline.startWorker(), pipeline.startScheduler()])
    await pipeline.tell(settledChange('o', { order_total: '1' }))
    await atRest(pipeline)
    pipeline.sandbox.faults.set([{ on: 'order', times: 1, fault: { kind: 'late-commit', ms: hang ? 600 : 200, hang } }])
    await pipeline.tell(change('o', { order_total: '2' }))
    await eventually(() => expect(pipeline.received('o').length).toBeGreaterThanOrEqual(2))
    await pipeline.tell(change('o', { order_total: '3' }))
    await atRest(pipeline)
    const late = pipeline.sandbox.inbox.order('o')!.history.findIndex(call => call.fault !== null)
    expect(pipeline.sandbox.inbox.order('o')!.history[late]?.committedAt).not.toBeNull()
    expect(recordOf(pipeline, 'o')).toMatchObject({ order_total: '3.00' })
    expect(await doubtsOf(pipeline)).toEqual({})
  })

  it('ends right when the process of a call died and the value returns to the old one', async () => {
    const pipeline = await newPipeline()
    const { deps } = pipeline
    const { running } = await pipeline.startWorker()
    await pipeline.tell(settledChange('o', { order_total: '1' }))
    await atRest(pipeline)
    await running.close(1_000)
    await pipeline.tell(change('o', { order_total: '2' }))
    const order = (await deps.orders.read('o'))!
    const attempt = { attemptId: 'of a process that died', fields: ['order_total'] as const, doubts: {}, leaseMs: 200 }
    await deps.pushes.beginPush({ order, platform: 'midigator', terms: deps.gates.terms, ...attempt })
    await pipeline.tell(change('o', { order_total: '1' }))
    await Promise.all([pipeline.startWorker(), pipeline.startScheduler()])
    await atRest(pipeline)
    expect(pipeline.received('o').at(-1)).toEqual({ order_id: 'o', order_total: '1.00' })
    expect((await deps.orders.read('o'))!.push).toMatchObject({ attempt: null, doubts: {} })
  })

  it('is told again after the doubt though it was accepted before that', async () => {
    const pipeline = await newPipeline()
    await Promise.all([pipeline.startWorker(), pipeline.startScheduler()])
    pipeline.sandbox.faults.set([{ on: 'order', times: 1, fault: { kind: 'status', status: 500 } }])
    await pipeline.tell(settledChange('o', { order_total: '1' }))
    await atRest(pipeline)
    const { history } = pipeline.sandbox.inbox.order('o')!
    expect(history.at(-1)!.at).toBeGreaterThanOrEqual(history[0]!.at + 250)
    expect(history.map(call => call.status)).toEqual([500, ...history.slice(1).map(() => 200)])
  })

  it('is none where the answer is below 500, or the connection was never made', async () => {
    const pipeline = await newPipeline()
    const { running } = await pipeline.startWorker({ MIDIGATOR_DATA_URL: 'http://127.0.0.1:9' })
    await pipeline.deps.redis.hset(pipeline.deps.keys.token('midigator-data'), 'token', 'some', 'generation', '1')
    await pipeline.tell(settledChange('o', { order_total: '1' }))
    await eventually(async () => expect((await pipeline.deps.gates.state('midigator')).openedAt).toBeNull())
    await eventually(async () => expect(await pipeline.deps.orders.timeline('o')).toContainEqual(expect.objectContaining({ what: 'failed', code: 'unsent' }))) // prettier-ignore
    await running.close(1_000)
    expect(await doubtsOf(pipeline)).toEqual({})
    pipeline.sandbox.faults.set([{ on: 'order', times: 1, fault: { kind: 'status', status: 429, retryAfterS: 0 } }])
    await pipeline.startWorker()
    await atRest(pipeline)
    expect(await doubtsOf(pipeline)).toEqual({})
    expect(recordOf(pipeline, 'o')).toMatchObject({ order_total: '1.00' })
  })
})
