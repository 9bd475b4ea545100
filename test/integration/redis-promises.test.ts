import { describe, expect, it } from 'vitest'
import { unsafeSettings } from '../../src/store/redis-state.ts'
import { eventually } from '../support/eventually.ts'
import { change, settledChange, usePipelines, type Pipeline } from './pipeline.ts'

const newPipeline = usePipelines()

describe('a count in Redis that goes back', () => {
  const alarms = async ({ deps }: Pipeline) => (await deps.alarms.list(Date.now())).map(({ name }) => name)
  const recordOf = ({ sandbox }: Pipeline, orderId: string) => sandbox.inbox.order(orderId)?.record ?? null
  const looks = async ({ deps }: Pipeline, times: number) => {
    for (let i = 0; i < times; i++) await deps.rollback.look()
  }
  /** Redis as a failover leaves it that lost the last of its writes. */
  const goBack = async ({ deps }: Pipeline, count: string) => deps.redis.hset(deps.keys.epoch, 'count', count)

  it('raises the alarm, has recently changed orders pushed again, and is over without a person', async () => {
    const pipeline = await newPipeline({ ROLLBACK_DOUBT_MS: '600000', REFUND_LIST_LAG_MS: '2000' })
    const { deps } = pipeline
    await Promise.all([pipeline.startWorker(), pipeline.startScheduler()])
    await looks(pipeline, 3)
    await pipeline.tell(settledChange('recent', { order_total: '25' }), settledChange('old'), change('held'))
    await eventually(async () => expect((await deps.orders.counts()).dirty).toBe(0))
    await deps.redis.zadd(deps.keys.orders, Date.now() - 700_000, 'old')
    expect(await alarms(pipeline)).toEqual([])
    // What the platform was told, and Redis has forgotten.
    pipeline.sandbox.clear()
    await goBack(pipeline, '1')
    expect(await deps.jobDeps.isRedisCurrent(), 'nothing more is done with what was read').toBe(false)
    // Another process may have seen it first, and be about to raise it.
    await eventually(async () => expect(await alarms(pipeline)).toEqual(['redis-lost-writes']))
    await eventually(() =>
      expect(recordOf(pipeline, 'recent')).toMatchObject({ order_total: '25.00', order_status: 'Complete' }),
    )
    await eventually(async () => expect(await deps.orders.counts()).toMatchObject({ dirty: 0, doubtful: 0 }))
    expect((await deps.orders.read('recent'))!.push.doubts).toEqual({})
    expect(pipeline.received('old')).toEqual([])
    expect(pipeline.received('held')).toEqual([])
    await eventually(async () => expect(await alarms(pipeline)).toEqual([]))
    expect((await deps.refunds.mode()).setBy, 'the refund mode is as it was').toBeNull()
    await looks(pipeline, 2)
    expect(await deps.rollbacks.read()).toMatchObject({ tail: null, quarantine: null, terms: { restoredAt: null } })
  })

  it('keeps a process from pushing what it read, until it has looked', async () => {
    const pipeline = await newPipeline()
    const { deps } = await pipeline.startWorker()
    await deps.rollback.look()
    await deps.rollback.look()
    await goBack(pipeline, '0')
    await pipeline.tell(settledChange('o'))
    await eventually(() => expect(recordOf(pipeline, 'o')).toMatchObject({ order_status: 'Complete' }))
    // The push had the process look.
    await eventually(async () => expect(await alarms(pipeline)).toEqual(['redis-lost-writes']))
  })

  it('goes unnoticed while no process ran where STATE_DIR cannot be used, which is said once', async () => {
    const { deps, logged } = await newPipeline({ STATE_DIR: '/dev/null/state' })
    await deps.rollback.look()
    await deps.redis.hset(deps.keys.epoch, 'id', 'another')
    await deps.rollback.look()
    await deps.rollback.look()
    expect(deps.rollback.expected()!.epoch).toBe('another')
    expect(await deps.rollbacks.read()).toMatchObject({ quarantine: null, terms: null })
    const warned = logged.filter(({ level }) => level === 'warn').map(({ args }) => String(args[1]))
    expect(warned).toEqual([expect.stringContaining('a restore made without order-sync restore would not be noticed')])
  })

  it('raises nothing while it only rises, however many processes raise it', async () => {
    const pipeline = await newPipeline()
    const { deps: other } = await pipeline.startScheduler()
    const both = [pipeline, { ...pipeline, deps: other }]
    await Promise.all(both.map(one => looks(one, 5)))
    expect(pipeline.deps.rollback.expected()!.epoch).toBe(other.rollback.expected()!.epoch)
    expect((await pipeline.deps.rollbacks.find()).count).toBeGreaterThanOrEqual(10)
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
