import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Config } from '../../src/config.ts'
import { diagnose, type DoctorLine } from '../../src/ops/doctor.ts'
import { lookAtConfig } from '../../src/ops/doctor-config.ts'
import { lookAtRedis, lossWindow } from '../../src/ops/doctor-redis.ts'
import type { Refused } from '../../src/redis/refusals.ts'
import type { RedisState } from '../../src/store/redis-state.ts'
import { openOps, settled, type OpenOps } from '../support/open-ops.ts'
import { testNamespace } from '../support/no-leftovers.ts'

const redis = testNamespace()
let ops: OpenOps
beforeAll(async () => void (ops = await openOps(redis)))
beforeEach(() => ops.sandbox.faults.set([]))
afterAll(() => ops.close())

/** Every line by its name. */
async function diagnosis(changed: Partial<Config> = {}): Promise<Map<string, DoctorLine>> {
  const lines = new Map<string, DoctorLine>()
  for await (const line of diagnose({ ...ops.deps.config, ...changed }, ops.deps)) lines.set(line.name, line)
  return lines
}
const GOOD: Partial<Config> = {
  HOOK_SECRET: ['whsec_c2VjcmV0c2VjcmV0c2VjcmV0'],
  OPS_USERNAME: 'operator',
  OPS_PASSWORD: 'long enough, that',
}
const SAFE: RedisState = {
  isVisible: true, minReplicas: 1, version: '7.4.1', policy: 'noeviction', appendOnly: true, appendFsync: 'always', snapshots: true, replicas: 1, usedBytes: 10, maxBytes: 0,
} // prettier-ignore
const redisLines = async (state: Partial<RedisState>, clockAheadMs = 0, refused: Refused | null = null) => {
  const forbidden = async () => ({ needed: [], useful: [] })
  const health = { state: async () => ({ ...SAFE, ...state }), now: async () => Date.now() + clockAheadMs, forbidden }
  const { lines } = await lookAtRedis(
    { NODE_ENV: undefined, REPLICA_WAIT_MS: 1_000, REDIS_URL: 'redis://h' },
    { health, writes: { look: async () => refused } },
  )
  return new Map(lines.map(line => [line.name, line]))
}

describe('the doctor', () => {
  it('finds good settings, a Redis that answers and a platform that lets us in', async () => {
    const lines = await diagnosis(GOOD)
    const named = ['configuration', 'hook secret', 'operations login', 'redis', 'clock', 'midigator reachable', 'midigator credentials',
      'midigator allow-list', 'alarms', 'backlog', 'refused'] // prettier-ignore
    expect(named.filter(name => lines.get(name)?.ok !== true)).toEqual([])
    expect([...lines.values()].filter(line => line.ok !== true).every(line => (line.todo ?? '') !== '')).toBe(true)
  })

  it('warns of an .env file that others can read, and is content without one', async () => {
    const [before, folder] = [process.cwd(), mkdtempSync(join(tmpdir(), 'doctor-'))]
    try {
      process.chdir(folder)
      const line = () => lookAtConfig(ops.deps.config).find(({ name }) => name === '.env')
      expect(line()).toBeUndefined()
      for (const mode of [0o644, 0o640, 0o604, 0o620]) {
        writeFileSync('.env', '')
        chmodSync('.env', mode)
        expect(line()).toMatchObject({ ok: 'warn', todo: 'run: chmod 600 .env' })
      }
      chmodSync('.env', 0o600)
      expect(line()).toMatchObject({ ok: true })
    } finally {
      process.chdir(before)
      rmSync(folder, { recursive: true })
    }
  })

  it('asks the platform for a token and leaves the one of the workers alone', async () => {
    await diagnosis(GOOD)
    expect(await ops.deps.platform.access()).toBeNull()
    expect(await ops.deps.redis.exists(ops.deps.keys.token('midigator-data'))).toBe(0)
  })

  it('names what is missing, as a warning, and in production as a fault', async () => {
    const names = ['hook secret', 'operations login', 'daemons']
    const bare = await diagnosis()
    expect(names.map(name => bare.get(name)?.ok)).toEqual(['warn', 'warn', 'warn'])
    expect(bare.get('daemons')?.says).toBe('not seen lately: ingress, order-sync, scheduler, ops')
    const production = await diagnosis({ NODE_ENV: 'production' })
    expect(names.map(name => production.get(name)?.ok)).toEqual([false, false, false])
    const { MIDIGATOR_DATA_PASSWORD: _, ...without } = ops.deps.config
    const lines: DoctorLine[] = []
    for await (const line of diagnose(without, ops.deps)) lines.push(line)
    expect(lines.find(line => line.name === 'midigator credentials')).toMatchObject({
      ok: false,
      todo: expect.stringContaining('set both'),
    })
  })

  it('tells a refused password from an address that is not let in, a redirect, trouble and silence', async () => {
    const wrong = await diagnosis({ MIDIGATOR_DATA_PASSWORD: 'wrong' })
    expect(wrong.get('midigator credentials')).toMatchObject({
      ok: false,
      todo: expect.stringContaining('MIDIGATOR_DATA_PASSWORD'),
    })
    expect(JSON.stringify([...wrong.values()])).not.toContain('"wrong"')

    ops.sandbox.faults.set([{ on: 'auth', fault: { kind: 'status', status: 403 } }])
    const denied = await diagnosis()
    expect(denied.get('midigator reachable')).toMatchObject({ ok: true })
    expect(denied.get('midigator allow-list')).toEqual({
      name: 'midigator allow-list',
      ok: false,
      says: 'refused with 403',
      todo: "ask Midigator to allow-list this machine's public address",
    })
    ops.sandbox.faults.set([{ on: 'auth', fault: { kind: 'redirect' } }])
    expect((await diagnosis()).get('midigator reachable')).toMatchObject({
      ok: false,
      says: expect.stringContaining('redirect'),
    })
    ops.sandbox.faults.set([{ on: 'auth', fault: { kind: 'status', status: 503 } }])
    expect((await diagnosis()).get('midigator credentials')).toMatchObject({ ok: 'warn' })
    ops.sandbox.faults.set([{ on: 'auth', fault: { kind: 'hang' } }])
    expect((await diagnosis({ PUSH_TIMEOUT_MS: 200 })).get('midigator reachable')).toMatchObject({
      ok: false,
      says: expect.stringContaining('in time'),
    })
    const nobody = await diagnosis({ MIDIGATOR_DATA_URL: 'http://127.0.0.1:1/v1' })
    expect(nobody.get('midigator reachable')).toMatchObject({ ok: false, says: 'no connection to 127.0.0.1:1' })
  })

  it('repeats the alarms, a pause, and what was refused', async () => {
    await ops.deps.gates.record('midigator', { what: 'denied', cause: 'forbidden' })
    await ops.accept(settled('bad', { occurred_at: 'x' }), settled('good'))
    await ops.post('/api/queues/sync-order/pause')
    const lines = await diagnosis()
    expect(lines.get('alarm platform-denied')).toMatchObject({ ok: false, todo: expect.stringContaining('allow-list') })
    expect(lines.get('queue')).toMatchObject({ ok: 'warn', says: 'sync-order is paused by an operator' })
    expect(lines.get('refused')).toMatchObject({ ok: 'warn', says: '0 orders by the platform, 1 change on intake' })
    expect(lines.get('backlog')).toMatchObject({
      ok: true,
      says: expect.stringMatching(/^1 waiting to sync, the oldest for \d+ s$/),
    })
  })
})

describe('what the doctor says of Redis', () => {
  it.each([
    ['always', true, 'none'],
    ['everysec', 'warn', 'up to 1 s of accepted changes can be lost'],
    ['no', 'warn', '30 s'],
    [null, 'warn', 'does not state'],
  ] as const)('states the loss window with appendfsync %s', (appendFsync, ok, words) => {
    expect(lossWindow({ ...SAFE, appendFsync }, true)).toMatchObject({ ok, says: expect.stringContaining(words) })
  })

  it('finds a Redis that writes nothing to disk unwise, in production a fault, and snapshots a matter of minutes', () => {
    const nothing = { ...SAFE, appendOnly: false, snapshots: false }
    expect([lossWindow(nothing, false).ok, lossWindow(nothing, true).ok]).toEqual(['warn', false])
    expect(lossWindow({ ...nothing, snapshots: true }, true)).toMatchObject({
      ok: 'warn',
      says: expect.stringContaining('minutes'),
    })
  })

  it('finds an old version, eviction, a full memory and a clock that is off', async () => {
    expect([...(await redisLines({})).values()].map(line => line.ok)).toEqual(Array.from({ length: 9 }, () => true))
    expect((await redisLines({ version: '6.0.16' })).get('redis')).toMatchObject({ ok: false })
    expect((await redisLines({ policy: 'allkeys-lru' })).get('redis eviction')).toMatchObject({
      ok: false,
      todo: 'set maxmemory-policy to noeviction',
    })
    expect((await redisLines({ usedBytes: 90, maxBytes: 100 })).get('redis memory')).toMatchObject({ ok: 'warn' })
    expect((await redisLines({ replicas: 2 })).get('replicas')?.says).toContain('WAIT')
    expect((await redisLines({ replicas: 2, minReplicas: 0 })).get('replicas')).toMatchObject({
      ok: 'warn',
      todo: 'set min-replicas-to-write 1',
    })
    expect((await redisLines({ isVisible: false, version: '' })).get('redis settings')).toMatchObject({ ok: 'warn' })
    const refused = { refusal: 'disk', since: 1, why: '' } as const
    expect((await redisLines({}, 0, refused)).get('redis writes')).toEqual({
      name: 'redis writes',
      ok: false,
      says: 'refused (disk): Redis cannot write to its disk',
      todo: 'Free disk space for Redis, and read its log.',
    })
    expect((await redisLines({}, 5_000)).get('clock')).toMatchObject({ ok: 'warn' })
    expect((await redisLines({}, -120_000)).get('clock')).toMatchObject({ ok: false })
  })

  it('says within seconds that Redis does not answer, and looks no further into it', async () => {
    const away = () => Promise.reject(new Error('away'))
    const health = { state: away, now: away, forbidden: away }
    const config = { NODE_ENV: undefined, REPLICA_WAIT_MS: 1, REDIS_URL: 'redis://h' }
    const { answers, lines } = await lookAtRedis(config, { health, writes: { look: async () => null } })
    expect([answers, lines.map(line => line.ok)]).toEqual([false, [false]])
  })
})

describe('the doctor, about Chargebackhit', () => {
  const pair = () => ({
    CHARGEBACKHIT_URL: ops.sandbox.chargebackhitUrl,
    CHARGEBACKHIT_PUBLIC_KEY: ops.sandbox.chargebackhitKeys.publicKey,
    CHARGEBACKHIT_SECRET_KEY: ops.sandbox.chargebackhitKeys.secretKey,
  })

  it('finds a pair of keys that is taken, and says where alerts shall be sent and what a proxy must let through', async () => {
    const lines = await diagnosis({ ...GOOD, ...pair(), PUBLIC_URL: 'https://hooks.example.com' })
    expect(lines.get('chargebackhit keys')).toMatchObject({ ok: true })
    const hook = lines.get('chargebackhit hook')
    expect(hook).toMatchObject({ ok: true })
    expect(hook?.says).toContain('https://hooks.example.com/hooks/alerts/chargebackhit')
    expect(hook?.says).toContain('underscores_in_headers')
  })

  it('names the keys that are refused, and the address that does not answer', async () => {
    const wrong = await diagnosis({ ...GOOD, ...pair(), CHARGEBACKHIT_SECRET_KEY: 'another' })
    expect(wrong.get('chargebackhit keys')).toMatchObject({ ok: false, todo: expect.stringContaining('SECRET_KEY') })
    const away = await diagnosis({ ...GOOD, ...pair(), CHARGEBACKHIT_URL: 'http://127.0.0.1:1' })
    expect(away.get('chargebackhit keys')).toMatchObject({
      ok: false,
      todo: expect.stringContaining('CHARGEBACKHIT_URL'),
    })
  })

  it('says nothing where it is not configured', async () => {
    expect([...(await diagnosis(GOOD)).keys()].filter(name => name.includes('chargebackhit'))).toEqual([])
  })
})
