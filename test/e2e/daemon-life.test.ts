import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startEmbeddedRedis } from '../../src/embedded-redis/start.ts'
import { startSandbox, type Sandbox } from '../../src/sandbox/server.ts'
import { runRefusing } from '../support/daemons.ts'
import { eventually } from '../support/eventually.ts'
import { startFleet, type Fleet } from '../support/fleet.ts'
import { isLong } from '../support/long.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { patience } from '../support/patience.ts'
import { openStores } from '../support/stores.ts'

const { namespace, redisUrl } = testNamespace()
let sandbox: Sandbox
let fleet: Fleet
let stores: Awaited<ReturnType<typeof openStores>>

beforeAll(async () => {
  sandbox = await startSandbox()
  fleet = await startFleet({
    redisUrl,
    namespace,
    dataUrl: sandbox.dataUrl,
    daemons: ['ingress', 'scheduler'],
    // As in production, so that what ends sooner than these does not end because of them.
    env: { DRAIN_MS: '25000', PUSH_TIMEOUT_MS: '15000', ORDER_SYNC_LOCK_MS: '30000', ORDER_SYNC_CONCURRENCY: '5' },
  })
  stores = await openStores(redisUrl, namespace)
})

afterEach(() => {
  sandbox.faults.clear()
  sandbox.clear()
})

afterAll(async () => {
  await fleet?.close()
  await stores?.close()
  await sandbox?.close()
})

describe('a daemon that is told to stop', () => {
  it('finishes the pushes under way, takes no more, and exits 0; what is left waits for the next one', async () => {
    sandbox.faults.set([{ on: 'order', fault: { kind: 'hold' } }])
    const worker = await fleet.add('order-sync')
    await sendOrders('slow', 12)
    await eventually(() => expect(sandbox.inbox.stats().inFlight).toBe(5), { everyMs: 5 })
    const stopping = worker.stop('SIGTERM')
    await eventually(() => expect(worker.output()).toMatch(/daemon stops/))
    sandbox.faults.clear()
    const ending = await stopping

    expect(ending).toMatchObject({ code: 0, signal: null })
    expect(ending.tookMs).toBeLessThan(5_000 * patience())
    expect(sandbox.inbox.stats().answers['order'], 'all five were finished, none was begun').toEqual({ '200': 5 })
    expect((await stores.orders.counts()).dirty, 'orders left').toBe(7)
    expect(worker.output()).toMatch(/"signal":"SIGTERM".*"daemon stops"/)
    const next = await fleet.add('order-sync')
    await eventually(async () => expect((await stores.orders.counts()).dirty).toBe(0), { withinMs: 10_000 })
    expect(sandbox.inbox.records().length).toBe(12)
    const idle = await next.stop('SIGINT')
    expect(idle).toMatchObject({ code: 0, signal: null })
    expect(idle.tookMs, 'to stop when idle').toBeLessThan(5_000 * patience())
  })

  it.runIf(isLong)(
    'hangs up on a platform that does not answer when its drain limit is over, and exits 0',
    async () => {
      sandbox.faults.set([{ on: 'order', fault: { kind: 'hang' } }])
      const worker = await fleet.add('order-sync', { DRAIN_MS: '1000' })
      await sendOrders('hang', 3)
      await eventually(() => expect(sandbox.inbox.stats().inFlight).toBe(3), { everyMs: 5 })
      const ending = await worker.stop('SIGTERM')
      expect(ending).toMatchObject({ code: 0, signal: null })
      expect(ending.tookMs).toBeGreaterThanOrEqual(900)
      expect(ending.tookMs).toBeLessThan(4_000 * patience())
      await eventually(() => expect(sandbox.inbox.stats().inFlight).toBe(0))
      expect((await stores.orders.counts()).dirty, 'orders left').toBe(3)
    },
  )

  it.runIf(isLong)('ends at once at a second signal', async () => {
    sandbox.faults.set([{ on: 'order', fault: { kind: 'hang' } }])
    const worker = await fleet.add('order-sync')
    await sendOrders('again', 1)
    await eventually(() => expect(sandbox.inbox.stats().inFlight).toBeGreaterThan(0), { everyMs: 5, withinMs: 40_000 })
    worker.signal('SIGTERM')
    await eventually(() => expect(worker.output()).toContain('daemon stops'))
    expect(worker.hasEnded()).toBe(false)
    const ending = await worker.stop('SIGTERM')
    expect(ending.tookMs).toBeLessThan(1_000 * patience())
    expect(ending).toMatchObject({ code: 143, signal: null })
  })

  it('and has nothing to do ends within five seconds, with either signal', async () => {
    const idle = [...fleet.of('ingress'), ...fleet.of('scheduler')]
    const endings = await Promise.all(idle.map((daemon, i) => daemon.stop(i % 2 === 0 ? 'SIGTERM' : 'SIGINT')))
    expect(endings.map(({ code }) => code)).toEqual([0, 0])
    for (const { tookMs } of endings) expect(tookMs).toBeLessThan(5_000 * patience())
  })
})

describe('a daemon that must not start', () => {
  it('refuses a Redis that may throw orders away, with the setting to change', async () => {
    const redis = await startEmbeddedRedis()
    const look = await openStores(redis.url, 'unsafe')
    try {
      await look.redis.config('SET', 'maxmemory-policy', 'allkeys-lru')
      const names = ['ingress', 'order-sync'] as const
      const ends = await Promise.all(names.map(name => runRefusing(name, { ...fleet.env, REDIS_URL: redis.url })))
      for (const { code, output } of ends) {
        expect(code).toBe(1)
        expect(output).toMatch(/maxmemory-policy is allkeys-lru.*Set it to noeviction/)
      }
    } finally {
      await look.close()
      await redis.stop()
    }
  })

  it.runIf(isLong)(
    'refuses a lock that is not longer than the time limit of a push, and names both settings',
    async () => {
      const env = { ...fleet.env, ORDER_SYNC_LOCK_MS: '15000', PUSH_TIMEOUT_MS: '15000' }
      const { code, output } = await runRefusing('order-sync', env)
      expect(code).toBe(1)
      expect(output).toMatch(/ORDER_SYNC_LOCK_MS: 15000 is not longer than PUSH_TIMEOUT_MS \(15000\)/)
    },
  )
})

async function sendOrders(name: string, count: number): Promise<void> {
  const changes = Array.from({ length: count }, (_, i) => ({
    order_id: `${name}-${i}`,
    occurred_at: new Date().toISOString(),
    order_status: 'Complete',
  }))
  expect((await fleet.hooks.send(changes)).status).toBe(202)
}
