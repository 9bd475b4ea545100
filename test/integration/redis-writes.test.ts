import { mkdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { done, type Job } from '../../src/jobs/job.ts'
import { createLog } from '../../src/log.ts'
import { startRelay } from '../../src/queue/relay.ts'
import { startWorker } from '../../src/queue/start-worker.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import type { Refusal } from '../../src/redis/refusals.ts'
import { keysOf } from '../../src/store/keys.ts'
import { createLoginStore } from '../../src/store/login-store.ts'
import { createWriteProbe } from '../../src/store/write-probe.ts'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { startRedisServer, type RedisServer } from '../support/redis-servers.ts'
import { isSoak } from '../support/sizes.ts'
import { openStores } from '../support/stores.ts'
import { useAlertLines } from './alert-line.ts'

const openLine = useAlertLines()
let server: RedisServer
const endings: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  server = await startRedisServer()
  await server.ask('ACL', 'SETUSER', 'shop', 'on', '>password', '~*', '&*', '+@all')
})
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end()
})
afterAll(() => server.close())

const url = () => `redis://shop:password@127.0.0.1:${server.port}`
const ask = (...command: string[]) => server.ask(...command)

/** What makes Redis refuse writes, and what ends that. */
const CAUSES: Partial<Record<Refusal, { begin: () => Promise<unknown>; end: () => Promise<unknown> }>> = {
  'out-of-memory': {
    begin: () => ask('CONFIG', 'SET', 'maxmemory', '100kb'),
    end: () => ask('CONFIG', 'SET', 'maxmemory', '0'),
  },
  disk: {
    begin: async () => {
      // A folder is where the snapshot would be: it cannot be written.
      await mkdir(join(server.folder, 'dump.rdb'))
      await ask('CONFIG', 'SET', 'save', '3600 1')
      await ask('BGSAVE')
      await eventually(async () => expect(await ask('INFO', 'persistence')).toContain('rdb_last_bgsave_status:err'))
    },
    end: async () => {
      await rmdir(join(server.folder, 'dump.rdb'))
      await ask('CONFIG', 'SET', 'save', '')
    },
  },
  'read-only': {
    begin: () => ask('REPLICAOF', '127.0.0.1', '1'),
    end: () => ask('REPLICAOF', 'NO', 'ONE'),
  },
  'no-permission': {
    begin: () => ask('ACL', 'SETUSER', 'shop', '-@write'),
    end: () => ask('ACL', 'SETUSER', 'shop', '+@all'),
  },
  'no-replicas': {
    begin: () => ask('CONFIG', 'SET', 'min-replicas-to-write', '1'),
    end: () => ask('CONFIG', 'SET', 'min-replicas-to-write', '0'),
  },
  unreachable: {
    begin: async () => server.signal('SIGSTOP'),
    end: async () => server.signal('SIGCONT'),
  },
}

describe('the probe of a process', () => {
  it.each(Object.entries(CAUSES))('says %s, and that it is over', async (refusal, { begin, end }) => {
    const [redis, keys] = [connectRedis(url(), 'probe', 'probing'), keysOf('test')]
    endings.push(() => closeRedis(redis))
    const probe = createWriteProbe(redis, keys, 'ingress@host:1')
    expect(await probe()).toBeNull()
    await begin()
    try {
      await eventually(async () => expect(await probe()).toBe(refusal))
    } finally {
      await end()
    }
    await eventually(async () => expect(await probe()).toBeNull())
    expect(Number(await ask('PTTL', keys.writeProbe('ingress@host:1')))).toBeGreaterThan(0)
  })

  it('is no login to the console: that writes nothing, so its pages are read meanwhile', async () => {
    const redis = connectRedis(url(), 'console', 'patient')
    endings.push(() => closeRedis(redis))
    const logins = createLoginStore(redis, keysOf('test'))
    const judge = (isRight: boolean) => logins.judge({ name: 'console', address: '10.0.0.9', isRight, isRemembered: false })
    await judge(false)
    const { begin, end } = CAUSES['no-permission']!
    await begin()
    try {
      expect(await judge(true)).toEqual({ waitMs: 0, left: 9 })
    } finally {
      await end()
    }
  }) // prettier-ignore

  it('says moved where its address is a node of a Cluster that does not serve our keys', async () => {
    const node = await startRedisServer(() => ['--cluster-enabled', 'yes'])
    endings.push(() => node.close())
    for (const scheme of ['redis', 'redis-cluster'].slice(0, isSoak ? 2 : 1)) {
      const redis = connectRedis(`${scheme}://127.0.0.1:${node.port}`, 'probe', 'probing')
      endings.push(() => closeRedis(redis))
      const probe = createWriteProbe(redis, keysOf('test'), 'ingress@host:1')
      expect(['moved', ...(scheme === 'redis' ? [] : ['unreachable'])]).toContain(await probe())
    }
  })
})

describe.each((['disk', 'out-of-memory', 'no-replicas', 'no-permission'] as const).slice(0, isSoak ? 4 : 1))(
  'while Redis refuses writes (%s)',
  refusal => {
    it.runIf(isLong)(
      'workers and relay wait without haste, and go on with every job when it takes them again',
      async () => {
        const stores = await openStores(url(), `waits-${refusal}`)
        const ran: string[] = []
        let release = () => {}
        const held = new Promise<void>(resolve => (release = resolve))
        const job: Job<{ id: string }, null> = {
          name: 'try-out',
          payload: z.object({ id: z.string() }),
          key: ({ id }) => id,
          async run({ id }) {
            ran.push(id)
            if (id === 'running') await held
            return done()
          },
        }
        const log = createLog('silent', 'test')
        const worker = await startWorker(job, null, {
      queues: stores.queues, redis: stores.redis, prefix: stores.keys.queuePrefix, log, onRun: () => {},
      concurrency: 1, lockMs: 1_000, stalledMs: 300, backoffMinMs: 5, backoffMaxMs: 20, stuckMs: 60_000,
    }) // prettier-ignore
        const relay = startRelay([job], { queues: stores.queues, log })
        endings.push(async () => {
          await Promise.all([relay.close(), worker.close(0)])
          await stores.close()
        })
        await stores.queues.enqueue(job, [{ id: 'running' }])
        await eventually(() => expect(ran).toEqual(['running']))
        await stores.queues.want(job, [{ id: 'due' }], 300)
        const { begin, end } = CAUSES[refusal]!
        await begin()
        try {
          // Its end cannot be written; its worker asks for the next job at once.
          release()
          const before = await commands()
          await pause(2_000) // How often Redis is asked meanwhile is what this is about.
          expect((await commands()) - before, 'commands in two seconds').toBeLessThan(300)
          expect(ran).toEqual(['running'])
        } finally {
          await end()
        }
        await stores.queues.enqueue(job, [{ id: 'new' }])
        await eventually(() => expect(new Set(ran)).toEqual(new Set(['running', 'due', 'new'])))
        await eventually(async () =>
          expect(await stores.queues.of(job.name).getJobCounts('waiting', 'active', 'failed')).toEqual({
            waiting: 0,
            active: 0,
            failed: 0,
          }),
        )
        expect(ran.filter(id => id !== 'running')).toHaveLength(2)
      },
    )
  },
)

describe.runIf(isSoak)('a refund that is under way when Redis begins to refuse writes', () => {
  it.each(['out-of-memory', 'disk', 'no-permission'] as const)(
    '(%s) is made once, and its alert answered once',
    async refusal => {
      const line = await openLine({ REDIS_URL: url(), REFUND_TIMEOUT_MS: '2000', ALERTS_LOCK_MS: '3000' })
      await line.sold('R-1')
      line.sandbox.faults.set([{ on: 'refund', times: 1, fault: { kind: 'slow', ms: 1_000 } }])
      const alert = await line.alert()
      await line.match(alert, 'R-1')
      await line.askRefund('R-1')
      await eventually(() => expect(line.refundCalls('R-1')).toHaveLength(1), { everyMs: 2 })
      const { begin, end } = CAUSES[refusal]!
      await begin()
      // Longer than its answer is awaited and its record is tried: its sender does not learn what became of it.
      await pause(8_000)
      await end()
      const { state } = await line.caseOf(alert.prevention_guid, one => one.state === 'resolved')
      expect(state).toBe('resolved')
      expect(line.sandbox.refunds.totals('R-1')).toMatchObject({ effective: 1, refunded: '30.00' })
      expect(line.sandbox.alerts.get(alert.prevention_guid)?.resolutions).toMatchObject({ attempted: 1 })
    },
  )
})

const commands = async () => Number(/total_commands_processed:(\d+)/.exec((await ask('INFO', 'stats')) ?? '')?.[1])
