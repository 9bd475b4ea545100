import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Queue, Worker } from 'bullmq'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  closeRedis,
  connectRedis,
  whenReady,
  type Patience,
  type Redis,
  type RedisPlace,
} from '../../src/redis/connect.ts'
import { keysOf } from '../../src/store/keys.ts'
import { createOrderStore } from '../../src/store/order-store.ts'
import { createPushStore } from '../../src/store/push-store.ts'
import { createRedisHealth, unsafeSettings } from '../../src/store/redis-state.ts'
import { freePort } from '../support/daemons.ts'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { startRedisServer, type RedisServer } from '../support/redis-servers.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

testNamespace()
let server: RedisServer
let proxy: TcpProxy
const endings: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  server = await startRedisServer()
  proxy = await startTcpProxy(server.port)
})
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end()
  await proxy.close()
  await server.close()
})

async function open(patience: Patience, port = proxy.port): Promise<Redis> {
  const redis = connectRedis(`redis://127.0.0.1:${port}`, 'test', patience)
  endings.push(() => closeRedis(redis))
  expect(await whenReady(redis, 10_000)).toBe(true)
  return redis
}

async function tookMs(work: Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work
  return performance.now() - began
}

describe('a command that was sent when its connection breaks', () => {
  it.each(['patient', 'hasty'] as const)('fails and is not sent again (%s)', async patience => {
    const redis = await open(patience)
    await redis.set('count', '0')
    proxy.swallowAnswers()
    const sent = redis.incr('count')
    const outcome = sent.then(() => 'answered', (error: unknown) => String(error)) // prettier-ignore
    await eventually(async () => expect(await server.ask('GET', 'count')).toBe('1'))
    proxy.set('cut')
    expect(await outcome).toMatch(/closed|retries/)
    proxy.set('forwarded')
    await eventually(async () => expect(await redis.ping()).toBe('PONG'))
    expect(await server.ask('GET', 'count')).toBe('1')
  })

  it.each([
    ['that ran', () => proxy.swallowAnswers(), '0', 'superseded'],
    ['that did not run', () => proxy.set('swallowed'), '1', 'clean'],
  ] as const)(
    'and recorded what a call came to (one %s) is answered by a second run',
    async (_name, lose, attempts, answer) => {
      const [redis, keys] = [await open('patient'), keysOf('test')]
      const orders = createOrderStore(redis, { keys, clockAheadMaxMs: 300_000, sweepMs: 500 })
      const pushes = createPushStore(redis, { keys, sweepMs: 500 })
      const values = { order_status: 'Complete', order_total: '25' }
      await orders.merge({ orderId: 'O-1', occurredAt: 1_000, values, notes: [] }, { name: 'crm', rank: 10 }, 0)
      const order = (await orders.read('O-1'))!
      const terms = { breakerFailures: 10, breakerProbeMs: 500, rate: null }
      const fields = ['order_status', 'order_total'] as const
      await pushes.beginPush({
        order,
        attemptId: 'a',
        fields,
        doubts: {},
        leaseMs: 60_000,
        platform: 'midigator',
        terms,
      })
      const record = (attemptId: string) => pushes.endPush({
      order, attemptId, acknowledged: { order_status: 'x', order_total: 'y' }, doubts: {}, doubtEndsAt: null, stands: 'clean',
      lookAgainMs: 1_000, refusal: null, refusalRetryMs: 1_000, event: null,
    }) // prettier-ignore
      // Redis has the script from now on, and its answer below is that of a run.
      expect(await record('another')).toBe('superseded')
      lose()
      const recorded = record('a')
      await eventually(async () => expect(await server.ask('HEXISTS', keys.order('O-1'), 'attempt')).toBe(attempts))
      proxy.set('cut')
      proxy.set('forwarded')
      expect(await recorded).toBe(answer)
      expect((await orders.read('O-1'))!.push).toMatchObject({ attempt: null, acknowledged: { order_total: 'y' } })
    },
  )

  it('waits where it was not sent yet, and runs once', async () => {
    const redis = await open('patient')
    proxy.set('cut')
    await eventually(() => expect(redis.status).not.toBe('ready'))
    const waiting = redis.incr('count')
    proxy.set('forwarded')
    expect(await waiting).toBe(1)
  })
})

describe('a network that swallows everything', () => {
  it.runIf(isLong)('is noticed on every connection, blocked or idle, and each connects again', async () => {
    const [redis, idle] = [await open('patient'), await open('hasty')]
    const blocked = redis.duplicate()
    endings.push(() => closeRedis(blocked))
    const popped = blocked.bzpopmin('none', 2).then(() => 'answered', (error: unknown) => String(error)) // prettier-ignore
    await eventually(async () => expect(await server.ask('CLIENT', 'LIST', 'TYPE', 'normal')).toContain('cmd=bzpopmin'))
    proxy.set('swallowed')
    await eventually(() => expect([redis.status, idle.status, blocked.status]).not.toContain('ready'))
    expect(await popped).toMatch(/closed/)
    proxy.set('forwarded')
    await eventually(() => expect([redis.status, idle.status, blocked.status]).toEqual(['ready', 'ready', 'ready']))
  })
})

describe('an old primary that became a replica behind the same address', () => {
  it('is left for the new one, although its sockets stay open, and what it refused is sent again', async () => {
    const successor = await startRedisServer()
    endings.push(() => successor.close())
    const [writing, idle] = [await open('patient'), await open('hasty')]
    await writing.set('key', 'value')
    await server.ask('REPLICAOF', '127.0.0.1', String(successor.port))
    proxy.lead(successor.port)
    expect(await writing.incr('count')).toBe(1)
    // Nothing was written on this one: its heartbeat finds out.
    await eventually(async () => expect(await idle.call('ROLE')).toContain('master'), { withinMs: 5_000 })
  })
})

describe('closing', () => {
  it.runIf(isLong).each(['swallowed', 'cut'] as const)('ends in time where the network is %s', async traffic => {
    const redis = await open('patient')
    const blocked = redis.duplicate()
    await whenReady(blocked, 5_000)
    const popped = blocked.bzpopmin('none', 5).catch(() => {})
    proxy.set(traffic)
    await eventually(() => expect(redis.status).toBe(traffic === 'cut' ? 'reconnecting' : 'ready'))
    const ended = [redis, blocked].map(one => new Promise<void>(resolve => void one.once('end', resolve)))
    const ms = await tookMs(Promise.all([closeRedis(redis), closeRedis(blocked), ...ended, popped]))
    expect(ms).toBeLessThan(10_000)
    expect([redis.status, blocked.status]).toEqual(['end', 'end'])
  })
})

/** The rule of docs/redis.md. */
const DOCUMENTED = /^ACL SETUSER order-sync .*$/m.exec(
  readFileSync(join(import.meta.dirname, '../../docs/redis.md'), 'utf8'),
)![0]

describe('an ACL user', () => {
  async function connectAs(rule: string[]): Promise<Redis> {
    await server.ask('ACL', 'SETUSER', 'shop', 'on', '>p@ss/word', ...rule)
    const redis = connectRedis(`redis://shop:p@ss/word@127.0.0.1:${proxy.port}`, 'test', 'patient')
    endings.push(() => closeRedis(redis))
    return redis
  }

  it.each([
    ['with what docs/redis.md names', DOCUMENTED.split(' ').slice(5), { needed: [], useful: [] }],
    [
      'without INFO, CONFIG and ROLE',
      ['~*', '+@all', '-info', '-config', '-role'],
      { needed: [], useful: ['ROLE', 'INFO', 'CONFIG'] },
    ],
  ])('%s connects, and orders and queues work', async (_which, rule, forbidden) => {
    const redis = await connectAs(rule)
    const keys = keysOf('order-sync')
    const health = createRedisHealth(redis, keys)
    expect(await health.forbidden()).toEqual(forbidden)
    expect(unsafeSettings(await health.state(), false)).toEqual([])
    const orders = createOrderStore(redis, { keys, clockAheadMaxMs: 300_000, sweepMs: 1_000 })
    const change = { orderId: '7', occurredAt: Date.now(), values: { order_total: '7' }, notes: [] }
    expect(await orders.merge(change, { name: 'crm', rank: 10 }, 0)).toMatchObject({ rev: 1 })
    const queue = new Queue('jobs', { connection: redis, prefix: keys.queuePrefix, skipWaitingForReady: true })
    const done: string[] = []
    const worker = new Worker('jobs', async job => void done.push(job.name), {
      connection: redis,
      prefix: keys.queuePrefix,
    })
    endings.push(
      () => queue.close(),
      () => worker.close(),
    )
    await queue.add('one', {})
    await eventually(() => expect(done).toEqual(['one']))
  })

  it('who lacks what is needed gets the names of the commands', async () => {
    const redis = await connectAs(['~*', '+@all', '-zadd', '-wait', '-hgetall'])
    const { needed } = await createRedisHealth(redis, keysOf('order-sync')).forbidden()
    expect(needed.toSorted()).toEqual(['HGETALL', 'WAIT', 'ZADD'])
    expect(await redis.exists(keysOf('order-sync').tried)).toBe(0)
  })
})

const OPENSSL = 'openssl'
const makesCertificates = spawnSync(OPENSSL, ['version']).status === 0

describe.skipIf(!makesCertificates)('TLS (needs openssl)', () => {
  it.runIf(isLong)('with an own certificate authority and a client certificate', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'order-sync-tls-'))
    endings.push(() => rm(folder, { recursive: true, force: true }))
    const file = (name: string) => join(folder, name)
    const openssl = (...args: string[]) => void execFileSync(OPENSSL, args, { cwd: folder, stdio: 'ignore' })
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=test authority', '-days', '2') // prettier-ignore
    openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', 'own.key', '-out', 'own.csr', '-subj', '/CN=localhost') // prettier-ignore
    await writeFile(file('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
    openssl('x509', '-req', '-in', 'own.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-out', 'own.crt', '-days', '2', '-extfile', 'names') // prettier-ignore
    const tlsPort = await freePort()
    const secure = await startRedisServer(() => ['--tls-port', String(tlsPort), '--tls-cert-file', file('own.crt'), '--tls-key-file', file('own.key'), '--tls-ca-cert-file', file('ca.crt')]) // prettier-ignore
    endings.push(() => secure.close())
    const [ca, cert, key] = await Promise.all(
      ['ca.crt', 'own.crt', 'own.key'].map(name => readFile(file(name), 'utf8')),
    )
    const url = `rediss://localhost:${tlsPort}`
    const open = (tls: RedisPlace['tls']) => {
      const redis = connectRedis({ url, ...(tls && { tls }) }, 'test', 'patient')
      endings.push(() => closeRedis(redis))
      return redis
    }
    const redis = open({ ca, cert, key })
    expect(await redis.ping()).toBe('PONG')
    const blocking = redis.duplicate()
    endings.push(() => closeRedis(blocking))
    expect(await blocking.ping()).toBe('PONG')
    expect(await whenReady(open({ ca }), 500), 'without our certificate').toBe(false)
    expect(await whenReady(open({ cert, key }), 500), 'of an authority that is not known').toBe(false)
  })
})
