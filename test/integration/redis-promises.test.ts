import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmbeddedRedis, type EmbeddedRedis } from '../../src/embedded-redis/start.ts'
import { closeRedis, connectRedis, type Redis } from '../../src/redis/connect.ts'
import { keysOf } from '../../src/store/keys.ts'
import { createRedisHealth, unsafeSettings } from '../../src/store/redis-state.ts'
import { eventually } from '../support/eventually.ts'
import { change, settledChange, usePipelines, type Pipeline } from './pipeline.ts'

const newPipeline = usePipelines()
const SERVER = 'redis-server'

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

const noServer = spawnSync(SERVER, ['--version']).status === 0 ? null : 'no redis-server on PATH to be a replica'

describe.skipIf(noServer !== null)(`with a replica${noServer === null ? '' : ` (skipped: ${noServer})`}`, () => {
  let main: EmbeddedRedis
  let redis: Redis
  let replica: ChildProcess

  beforeAll(async () => {
    main = await startEmbeddedRedis()
    redis = connectRedis(main.url, 'replicated', 'patient')
    await redis.config('SET', 'repl-diskless-sync-delay', '0')
    const port = String(await freePort())
    const settings = ['--save', '', '--dir', tmpdir(), '--repl-diskless-load', 'on-empty-db']
    replica = spawn(SERVER, ['--port', port, '--replicaof', main.host, String(main.port), ...settings], {
      stdio: 'ignore',
    })
    // What it copied when it came counts as confirmed too; only then it follows.
    const confirmed = async () => {
      for (let i = 0; i < 2; i++) {
        await redis.incr('{replicated}:count')
        if ((await redis.wait(1, 200)) < 1) throw new Error('the replica does not follow yet')
      }
    }
    await eventually(confirmed, { withinMs: 10_000 })
  })
  afterAll(async () => {
    const ended = once(replica, 'exit')
    replica.kill('SIGKILL')
    await ended
    await closeRedis(redis)
    await main.stop()
  })

  it('a promise waits until the replica has what was written', async () => {
    const health = createRedisHealth(redis, keysOf('replicated'), 300)
    await redis.set('{replicated}:key', 'value')
    await health.durable()
    expect(await redis.wait(1, 1)).toBe(1)
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => redis.set(`{replicated}:${i}`, 'value').then(health.durable)),
    )
    expect((await health.state()).replicas).toBe(1)
  })

  it('a promise is not given while no replica confirms, and is given again once one does', async () => {
    const health = createRedisHealth(redis, keysOf('replicated'), 300)
    await health.durable()
    replica.kill('SIGSTOP')
    await redis.set('{replicated}:key', 'value')
    const began = Date.now()
    await expect(health.durable()).rejects.toThrow('no replica confirmed')
    expect(Date.now() - began).toBeGreaterThanOrEqual(290)
    replica.kill('SIGCONT')
    await eventually(() => health.durable())
  })
})

describe('the settings of Redis', () => {
  const safe = { version: '7.2.4', policy: 'noeviction', appendOnly: true, appendFsync: 'always', snapshots: false, replicas: 0, usedBytes: 1, maxBytes: 0 } // prettier-ignore

  it('are refused where it may throw orders away, and in production where nothing reaches the disk', () => {
    expect(unsafeSettings(safe, true)).toEqual([])
    expect(unsafeSettings({ ...safe, policy: 'allkeys-lru' }, false)).toEqual([expect.stringContaining('noeviction')])
    const memory = { ...safe, appendOnly: false }
    expect(unsafeSettings(memory, false)).toEqual([])
    expect(unsafeSettings(memory, true)).toEqual([expect.stringContaining('appendonly yes')])
    expect(unsafeSettings({ ...memory, snapshots: true }, true)).toEqual([])
  })

  it('are read from the server itself', async () => {
    const { deps } = await newPipeline()
    const { policy } = await deps.health.state()
    expect(policy).toBe('noeviction')
    expect(Math.abs((await deps.health.now()) - Date.now())).toBeLessThan(2_000)
  })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
