import { describe, expect, it } from 'vitest'
import { unsafeSettings } from '../../src/store/redis-state.ts'
import { eventually } from '../support/eventually.ts'
import { change, settledChange, usePipelines, type Pipeline } from './pipeline.ts'

const newPipeline = usePipelines()

describe('a counter in Redis that runs backwards', () => {
  const { alarms } = {
    alarms: async ({ deps }: Pipeline) => (await deps.alarms.list(Date.now())).map(({ name }) => name),
  }
  const countOf = async ({ deps }: Pipeline) => Number(await deps.redis.get(deps.keys.canary))
  const recordOf = ({ sandbox }: Pipeline, orderId: string) => sandbox.inbox.order(orderId)?.record ?? null

  it('raises the alarm, and recently changed orders are told again', async () => {
    const pipeline = await newPipeline({ ROLLBACK_DOUBT_MS: '600000' })
    const { deps } = pipeline
    await Promise.all([pipeline.startWorker(), pipeline.startScheduler()])
    await pipeline.tell(settledChange('recent', { order_total: '25' }), settledChange('old'), change('held'))
    await eventually(async () => expect((await deps.orders.counts()).dirty).toBe(0))
    await deps.redis.zadd(deps.keys.orders, Date.now() - 700_000, 'old')
    await eventually(async () => expect(await countOf(pipeline)).toBeGreaterThan(2))
    expect(await alarms(pipeline)).toEqual([])
    // What the platform was told, and Redis has forgotten.
    pipeline.sandbox.clear()
    await deps.redis.set(deps.keys.canary, '1')
    await eventually(async () => expect(await alarms(pipeline)).toEqual(['redis-lost-writes']))
    await eventually(() =>
      expect(recordOf(pipeline, 'recent')).toMatchObject({ order_total: '25.00', order_status: 'Complete' }),
    )
    await eventually(async () => expect(await deps.orders.counts()).toMatchObject({ dirty: 0, doubtful: 0 }))
    expect((await deps.orders.read('recent'))!.push.doubts).toEqual({})
    expect(pipeline.received('old')).toEqual([])
    expect(pipeline.received('held')).toEqual([])
  })

  it('alarms nobody while it only rises, however many schedulers raise it', async () => {
    const pipeline = await newPipeline()
    await Promise.all([pipeline.startScheduler(), pipeline.startScheduler(), pipeline.startScheduler()])
    await eventually(async () => expect(await countOf(pipeline)).toBeGreaterThan(6))
    expect(await alarms(pipeline)).toEqual([])
  })
})

describe('the settings of Redis', () => {
  const safe = { isVisible: true, minReplicas: null, version: '7.2.4', policy: 'noeviction', appendOnly: true, appendFsync: 'always', snapshots: false, replicas: 0, usedBytes: 1, maxBytes: 0 } // prettier-ignore

  it('are refused where it may throw orders away, and in production where nothing reaches the disk', () => {
    expect(unsafeSettings(safe, true)).toEqual([])
    expect(unsafeSettings({ ...safe, policy: 'allkeys-lru' }, false)).toEqual([expect.stringContaining('noeviction')])
    const memory = { ...safe, appendOnly: false }
    expect(unsafeSettings(memory, false)).toEqual([])
    expect(unsafeSettings(memory, true)).toEqual([expect.stringContaining('appendonly yes')])
    expect(unsafeSettings({ ...memory, snapshots: true }, true)).toEqual([])
    expect(unsafeSettings({ ...memory, isVisible: false, policy: '' }, true), 'INFO is forbidden').toEqual([])
  })

  it('are read from the server itself', async () => {
    const { deps } = await newPipeline()
    const { policy } = await deps.health.state()
    expect(policy).toBe('noeviction')
    expect(Math.abs((await deps.health.now()) - Date.now())).toBeLessThan(2_000)
  })
})
