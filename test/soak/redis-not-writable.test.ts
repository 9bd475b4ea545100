import { spawnSync } from 'node:child_process'
import { mkdir, rmdir } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Refusal } from '../../src/redis/refusals.ts'
import { startSandbox, type Sandbox } from '../../src/sandbox/server.ts'
import { eventually } from '../support/eventually.ts'
import { startFleet, type Fleet } from '../support/fleet.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { opsDoor } from '../support/ops-door.ts'
import { startRedisServer, type RedisServer } from '../support/redis-servers.ts'
import { report } from '../support/report.ts'
import { isSoak } from '../support/sizes.ts'

/** From the cause until `readyz` and the receiver of alarms have it. */
const WITHIN_MS = 15_000
const DAEMONS = ['ingress', 'order-sync', 'scheduler', 'ops'] as const
const ALERT_LOGIN = { MIDIGATOR_HOOK_USERNAME: 'midigator', MIDIGATOR_HOOK_PASSWORD: 'hook-password-1' }
const ALARM_SECRET = `whsec_${Buffer.from('another secret of 24 bytes').toString('base64')}`

testNamespace()

interface Heard {
  id: string
  alarm: string
  state: string
  subject: string
  says: string
  decide: string | null
}

interface Cause {
  refusal: Refusal
  begin: (server: RedisServer) => Promise<unknown>
  end: (server: RedisServer) => Promise<unknown>
}

const set = (server: RedisServer, name: string, value: string) => server.ask('CONFIG', 'SET', name, value)
const usedBytes = async (server: RedisServer) =>
  Number(/used_memory:(\d+)/.exec((await server.ask('INFO', 'memory')) ?? '')?.[1])

const CAUSES: Record<string, Cause> = {
  'memory is full': {
    refusal: 'out-of-memory',
    // Far below what is used: buffers that are freed must not end it.
    begin: async server => set(server, 'maxmemory', String(Math.floor((await usedBytes(server)) * 0.5))),
    end: server => set(server, 'maxmemory', '0'),
  },
  'the server became a replica of a dead one': {
    refusal: 'read-only',
    begin: server => server.ask('REPLICAOF', '127.0.0.1', '1'),
    end: server => server.ask('REPLICAOF', 'NO', 'ONE'),
  },
  'a snapshot cannot be written': {
    refusal: 'disk',
    begin: async server => {
      // A folder is where the snapshot would be.
      await mkdir(join(server.folder, 'dump.rdb'))
      await set(server, 'save', '3600 1')
      await server.ask('BGSAVE')
    },
    end: async server => {
      await rmdir(join(server.folder, 'dump.rdb'))
      await server.ask('BGSAVE')
      await eventually(async () => expect(await server.ask('INFO', 'persistence')).toContain('rdb_last_bgsave_status:ok'))
      await set(server, 'save', '')
    },
  },
  'a replica is demanded and none follows': {
    refusal: 'no-replicas',
    begin: server => set(server, 'min-replicas-to-write', '1'),
    end: server => set(server, 'min-replicas-to-write', '0'),
  },
  'the user lost its rights to write': {
    refusal: 'no-permission',
    begin: server => server.ask('ACL', 'SETUSER', 'shop', '-@write'),
    end: server => server.ask('ACL', 'SETUSER', 'shop', '+@all'),
  },
  'the server answers no more': {
    refusal: 'unreachable',
    begin: async server => server.signal('SIGSTOP'),
    end: async server => server.signal('SIGCONT'),
  },
} // prettier-ignore

/** The first two at small size. */
const CAUSED = Object.keys(CAUSES).slice(0, isSoak ? undefined : 2)

/** Real processes on a Redis of their own, and who receives their alarms. */
function useShop(settings: string[]) {
  const shop = { orders: 0 } as { server: RedisServer; sandbox: Sandbox; fleet: Fleet; heard: Heard[]; orders: number }
  const closers: (() => Promise<unknown>)[] = []
  beforeAll(async () => {
    shop.server = await startRedisServer(() => ['--user', 'shop', 'on', '>password', '~*', '&*', '+@all', ...settings])
    closers.push(() => shop.server.close())
    shop.sandbox = await startSandbox({ seed: 11 })
    closers.push(() => shop.sandbox.close())
    shop.heard = []
    const receiver = createServer((request, response) => void hear(shop.heard, request, response))
    await new Promise<void>(resolve => receiver.listen(0, '127.0.0.1', resolve))
    closers.push(() => new Promise(resolve => receiver.close(resolve)))
    const alarmUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
    shop.fleet = await startFleet({
      redisUrl: `redis://shop:password@127.0.0.1:${shop.server.port}`,
      namespace: 'shop',
      dataUrl: shop.sandbox.dataUrl,
      daemons: DAEMONS,
      env: { ...ALERT_LOGIN, ALARM_URL: alarmUrl, ALARM_SECRET, ORDER_SYNC_STUCK_MS: '2000' },
    })
    closers.push(() => shop.fleet.close())
  })
  afterAll(async () => {
    for (const close of closers.splice(0).toReversed()) await close()
  })
  return shop
}

async function hear(heard: Heard[], request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  heard.push({ ...(JSON.parse(Buffer.concat(parts).toString()) as Heard), id: String(request.headers['webhook-id']) })
  response.writeHead(204).end()
}

type Shop = ReturnType<typeof useShop>

const changeOf = (orderId: string) => ({
  order_id: orderId,
  occurred_at: new Date().toISOString(),
  order_status: 'Complete',
  order_total: '25.00',
})

async function sendOrders({ fleet }: Shop, ids: readonly string[]): Promise<void> {
  for (const orderId of ids) expect((await fleet.hooks.send(changeOf(orderId))).status).toBe(202)
}

const namesOf = (shop: Shop, count: number) => Array.from({ length: count }, () => `order-${(shop.orders += 1)}`)
const notPushed = ({ sandbox }: Shop, ids: readonly string[]) =>
  ids.filter(id => sandbox.inbox.order(id)?.record == null)
const callsOf = ({ sandbox }: Shop, id: string) => sandbox.inbox.order(id)?.history.length ?? 0

/** What both readiness checks answer. */
async function readiness({ fleet }: Shop): Promise<string[]> {
  const ask = async (url: string) => {
    const answer = await fetch(`${url}/readyz`)
    return `${answer.status} ${((await answer.json()) as { message?: string }).message?.split(':')[0] ?? ''}`
  }
  return [await ask(fleet.hooks.url), await ask(fleet.opsUrl)]
}

async function alertHook({ fleet }: Shop): Promise<number> {
  const { MIDIGATOR_HOOK_USERNAME: user, MIDIGATOR_HOOK_PASSWORD: password } = ALERT_LOGIN
  const headers = {
    authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
    'content-type': 'application/json',
  }
  const answer = await fetch(`${fleet.hooks.url}/hooks/alerts/midigator`, { method: 'POST', headers, body: '{}' })
  return answer.status
}

const alarmsOf = ({ heard }: Shop, state: string) =>
  heard.filter(one => one.alarm === 'redis-not-writable' && one.state === state)
const linesOf = ({ fleet }: Shop, message: string) =>
  fleet
    .output()
    .split('\n')
    .filter(line => line.includes(`"msg":"${message}"`))

/** Goes through one refusal and expects that everything goes on when it ends; answers the ms until all had noticed it. */
async function goThrough(shop: Shop, { refusal, begin, end }: Cause): Promise<number> {
  const { server, fleet } = shop
  const before = namesOf(shop, 5)
  await sendOrders(shop, before)
  await eventually(() => expect(notPushed(shop, before)).toEqual([]))
  shop.heard.length = 0
  const crossing = namesOf(shop, 10)
  await sendOrders(shop, crossing)

  const begunAt = performance.now()
  const since = () => Math.round(performance.now() - begunAt)
  const during = namesOf(shop, 5)
  await begin(server)
  let sending: Promise<void> | undefined
  let readyMs = 0
  let alarmMs = 0
  try {
    await eventually(async () => expect(await readiness(shop)).toEqual([`503 ${refusal}`, `503 ${refusal}`]))
    readyMs = since()
    await eventually(() => expect(alarmsOf(shop, 'raised').length).toBeGreaterThan(0))
    alarmMs = since()
    await eventually(() => expect(alarmsOf(shop, 'raised')).toHaveLength(DAEMONS.length))
    expect((await fetch(`${fleet.hooks.url}/healthz`)).status).toBe(200)
    const once = await fleet.hooks.sendBytes(Buffer.from(JSON.stringify(changeOf(during[0]!))))
    expect([once.status, once.body.code]).toEqual([503, 'redis-away'])
    expect(await alertHook(shop)).toBe(503)
    sending = sendOrders(shop, during)
  } finally {
    await end(server)
  }
  const endedAt = performance.now()
  await sending

  const after = namesOf(shop, 5)
  await sendOrders(shop, after)
  await eventually(async () => expect(await readiness(shop)).toEqual(['200 ', '200 ']))
  const all = [...before, ...crossing, ...during, ...after]
  await eventually(() => expect(notPushed(shop, all)).toEqual([]), { withinMs: 40_000 })
  const pushedMs = Math.round(performance.now() - endedAt)
  await eventually(() => expect(alarmsOf(shop, 'cleared')).toHaveLength(DAEMONS.length))
  report('not writable', { refusal, readyMs, alarmMs, pushedMs, posts: alarmsOf(shop, 'raised').length })

  // Each process sends its beginning once, and its receiver can tell that it is one alarm.
  expect(alarmsOf(shop, 'raised')).toHaveLength(DAEMONS.length)
  expect(new Set(alarmsOf(shop, 'raised').map(({ id }) => id)).size).toBeLessThanOrEqual(2)
  for (const id of [...before, ...during, ...after]) expect([id, callsOf(shop, id)]).toEqual([id, 1])
  expect(shop.sandbox.inbox.stats().mostInFlightForOneOrder).toBe(1)
  for (const message of ['Redis refuses writes', 'Redis refusal of writes ended'])
    expect(linesOf(shop, message).filter(line => line.includes(`"refusal":"${refusal}"`))).toHaveLength(DAEMONS.length)
  expect(fleet.output()).not.toContain('Worker stalled, restarting')
  return Math.max(readyMs, alarmMs)
}

describe('a Redis that takes no writes', () => {
  const shop = useShop([])

  it.each(CAUSED)('because %s: every process says so, and all goes on when it takes them again', async name => {
    expect(await goThrough(shop, CAUSES[name]!)).toBeLessThan(WITHIN_MS)
  })

  it('alarms before its memory is full', async () => {
    shop.heard.length = 0
    const isHeard = (state: string) => shop.heard.some(one => one.alarm === 'redis-memory' && one.state === state)
    await set(shop.server, 'maxmemory', String(Math.floor((await usedBytes(shop.server)) / 0.85)))
    await eventually(() => expect(isHeard('raised')).toBe(true))
    await set(shop.server, 'maxmemory', '0')
    await eventually(() => expect(isHeard('cleared')).toBe(true))
  })

  it('is shown by the console, and counted', async () => {
    const ops = opsDoor(shop.fleet.opsUrl)
    await eventually(async () => expect(await ops.metric('order_sync_redis_refusals_total{process="ingress-1",refusal="out-of-memory"}')).toBe(1)) // prettier-ignore
    const { begin, end } = CAUSES['memory is full']!
    await begin(shop.server)
    const starting = shop.fleet.add('order-sync')
    await eventually(async () => expect(await ops.metric('order_sync_redis_refused{refusal="out-of-memory"}')).toBe(1))
    expect(JSON.parse(await ops.read('/api/overview'))).toMatchObject({ redis: { writable: false, refusal: 'out-of-memory' } }) // prettier-ignore
    expect(await ops.read('/')).toContain('Redis memory is full')
    await end(shop.server)
    // What was started meanwhile waited.
    expect((await starting).hasEnded()).toBe(false)
    await eventually(async () => expect(await ops.metric('order_sync_redis_refused{refusal="out-of-memory"}')).toBe(0))
  })
})

/** A limit on the size of its files, which needs no rights: writing past it fails as on a full disk. */
const limitFiles = (server: RedisServer, bytes: string) =>
  spawnSync('prlimit', ['--pid', String(server.pid()), `--fsize=${bytes}:`]).status === 0
const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0

/** The size of the file that Redis appends to. */
const appendedBytes = (server: RedisServer) => {
  const folder = join(server.folder, 'appendonlydir')
  return Math.max(...readdirSync(folder).map(file => statSync(join(folder, file)).size))
}

describe.skipIf(!isSoak || !hasPrlimit)('a disk that is full (needs prlimit)', () => {
  describe('with appendfsync everysec', () => {
    const shop = useShop(['--appendonly', 'yes', '--appendfsync', 'everysec'])
    it('refuses writes until it has space', async () => {
      const noticedMs = await goThrough(shop, {
        refusal: 'disk',
        begin: async server => expect(limitFiles(server, String(appendedBytes(server)))).toBe(true),
        end: async server => expect(limitFiles(server, 'unlimited')).toBe(true),
      })
      expect(noticedMs).toBeLessThan(WITHIN_MS)
    })
  })

  describe('with appendfsync always', () => {
    const shop = useShop(['--appendonly', 'yes', '--appendfsync', 'always'])
    it('ends Redis, which is started again with space', async () => {
      const noticedMs = await goThrough(shop, {
        refusal: 'unreachable',
        begin: async server => {
          expect(limitFiles(server, String(appendedBytes(server)))).toBe(true)
          await server.ended()
        },
        end: server => server.restart(),
      })
      expect(noticedMs).toBeLessThan(WITHIN_MS)
    })
  })
})
