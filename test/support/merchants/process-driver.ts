/**
 * The program as real processes: daemons that get signed hooks and call the world's servers over HTTP, and share a clock that stands still
 * until all of them rest and the world moves it on.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { JOBS } from '../../../src/jobs/index.ts'
import type { Redis } from '../../../src/redis/connect.ts'
import { signedHeaders } from '../../../src/sandbox/chargebackhit-signature.ts'
import { createCaseStore } from '../../../src/store/case-store.ts'
import { keysOf } from '../../../src/store/keys.ts'
import { startFleet, type Fleet } from '../fleet.ts'
import { createHookSender, type HookSender } from '../hook-sender.ts'
import { SWEEP_MS } from '../../../src/shadow-run/machine.ts'
import { deleteNamespace, LOOK_MS, stateIn } from './driver.ts'
import type { Program, ProgramParts, RaisedAlarm } from './program.ts'
import { createSharedClock } from './shared-clock.ts'
import { startWorldServer, type WorldServer } from './world-server.ts'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const HOOK = { username: 'midigator', password: 'hook-password-for-tests' }
const HIT_KEYS = { publicKey: 'pk', secretKey: 'sk' }
const DAEMONS = ['ingress', 'order-sync', 'alerts', 'scheduler'] as const
const HOUR = '3600000'
/** Real time that the processes may take until they rest. */
const REST_WITHIN_MS = 120_000

const namesOf = (jobs: readonly { name: string }[]) => jobs.map(({ name }) => name)
const { syncOrder, decideCase, enrichCase, refundOrder, resolveCase, sendAlarm, sweepCases, watchDeadlines } = JOBS
/** Queues by name: those whose jobs with a later time are a reason to move the clock, and schedules that find what is due. */
const WORK = namesOf([syncOrder, decideCase, enrichCase, refundOrder, resolveCase, sendAlarm])
const SWEEPS = namesOf([sweepCases, watchDeadlines])
const NAMES = namesOf(Object.values(JOBS))

/**
 * How many jobs run or could, when the first job of the work's queues runs later, and when the first thing of the sets is found: once it
 * is due and its sweep ticks.
 */
const LOOK = `
local now, tag, given = tonumber(ARGV[1]), ARGV[2], cjson.decode(ARGV[3])
local function first(set) return tonumber(redis.call('ZRANGE', set, 0, 0, 'WITHSCORES')[2]) end
local busy, later, due, sweep = 0, -1, -1, 0
for _, name in ipairs(given.names) do
  local queue = tag .. ':' .. name .. ':'
  for _, list in ipairs({'wait', 'paused', 'active'}) do busy = busy + redis.call('LLEN', queue .. list) end
  busy = busy + redis.call('ZCARD', queue .. 'prioritized') + redis.call('ZCARD', tag .. ':jobs-taken:' .. name)
  local at = first(tag .. ':jobs-due:' .. name)
  if at and at <= now then busy = busy + 1 end
end
for _, name in ipairs(given.work) do
  local at = first(tag .. ':jobs-due:' .. name)
  if at and at > now and (later < 0 or at < later) then later = at end
end
for _, set in ipairs(given.sets) do
  local at = first(set)
  if at and (due < 0 or at < due) then due = at end
end
for _, name in ipairs(given.sweeps) do
  sweep = math.max(sweep, tonumber(redis.call('ZSCORE', tag .. ':schedules', name) or now))
end
if due >= 0 then due = math.max(due, sweep) end
if due >= 0 and due <= now then busy = busy + 1 end
return {busy, later, due}`

/** The program as processes over one namespace of the Redis at `redisUrl`, which `redis` looks into. */
export function startProcesses(redisUrl: string, redis: Redis, namespace: string, parts: ProgramParts): Program {
  return new Processes(redisUrl, redis, namespace, parts)
}

interface Running {
  fleet: Fleet
  hooks: HookSender
  world: WorldServer
}

class Processes implements Program {
  readonly raised: RaisedAlarm[] = []
  readonly #redis: Redis
  readonly #redisUrl: string
  readonly #namespace: string
  readonly #parts: ProgramParts
  readonly #clock
  readonly #keys
  readonly #cases
  #running: Promise<Running> | null = null
  #time: number | null = null
  #nextAt: number | null = null

  constructor(redisUrl: string, redis: Redis, namespace: string, parts: ProgramParts) {
    this.#redis = redis
    this.#redisUrl = redisUrl
    this.#namespace = namespace
    this.#parts = parts
    this.#clock = createSharedClock(redis, namespace)
    this.#keys = keysOf(namespace)
    this.#cases = createCaseStore(redis, { keys: this.#keys })
  }

  async #start(): Promise<Running> {
    const world = await startWorldServer(this.#parts.serve, body => this.#hear(body))
    const fleet = await startFleet({
      redisUrl: this.#redisUrl,
      namespace: this.#namespace,
      dataUrl: world.addressOf('data'),
      daemons: DAEMONS,
      env: { ...this.#clock.env, ...settingsOf(this.#parts.settings, world) },
    })
    return { world, fleet, hooks: createHookSender(fleet.hooks.url, fleet.hookSecret, this.#parts.now) }
  }

  #hear(body: string): void {
    const {
      alarm,
      state,
      at,
      case: caseId,
      order_id: orderId,
      says,
    } = JSON.parse(body) as Record<string, string | null>
    if (state !== 'raised' || caseId == null) return
    this.raised.push({ name: alarm!, caseId, orderId: orderId ?? null, at: Date.parse(at!), text: says! })
  }

  /** The processes, their clock showing the world's time. */
  async #ready(): Promise<Running> {
    const now = this.#parts.now()
    if (now !== this.#time) await this.#clock.set((this.#time = now))
    return (this.#running ??= this.#start())
  }

  async change(body: Record<string, unknown>): Promise<string | null> {
    const { hooks } = await this.#ready()
    const { status, body: answer } = await hooks.send(body)
    return status === 202 ? null : JSON.stringify(answer.errors ?? answer)
  }

  async event(platform: 'midigator' | 'chargebackhit', json: string): Promise<string | null> {
    const { fleet } = await this.#ready()
    const signed =
      platform === 'midigator'
        ? { authorization: `Basic ${Buffer.from(`${HOOK.username}:${HOOK.password}`).toString('base64')}` }
        : signedHeaders(HIT_KEYS, json)
    const url = `${fleet.hooks.url}/hooks/alerts/${platform}`
    const headers = { ...signed, 'content-type': 'application/json' }
    for (;;) {
      const response = await fetch(url, { method: 'POST', headers, body: json })
      const text = await response.text()
      if (response.status !== 503) return response.status === 200 ? null : text
      await pause(100)
    }
  }

  async work(): Promise<void> {
    const { fleet } = await this.#ready()
    const now = this.#parts.now()
    for (const giveUpAt = performance.now() + REST_WITHIN_MS; ; await pause(1)) {
      const [busy, later, due] = await this.#look(now)
      if (busy === 0) {
        const times = [later, due].filter(time => time >= 0)
        this.#nextAt = times.length === 0 ? null : Math.min(...times)
        return
      }
      if (performance.now() > giveUpAt) throw new Error(`${busy} jobs never come to rest:\n${fleet.output().slice(-4_000)}`)
    }
  } // prettier-ignore

  async #look(now: number): Promise<[busy: number, later: number, due: number]> {
    const { queuePrefix, casesOpen, refundsDue, casesMarks } = this.#keys
    const sets = [casesOpen, refundsDue, casesMarks]
    const given = JSON.stringify({ names: NAMES, work: WORK, sweeps: SWEEPS, sets })
    return (await this.#redis.eval(LOOK, 0, now, queuePrefix, given)) as [number, number, number]
  }

  async nextAt(): Promise<number | null> {
    return this.#nextAt
  }

  /** The next `work` lets what has become due run. */
  wake(): void {}

  async stateOf(platform: string, guid: string) {
    return stateIn((await this.#cases.read(`${platform}:${guid}`))?.record ?? null)
  }

  async close(): Promise<void> {
    const running = await this.#running?.catch(() => null)
    try {
      await running?.fleet.close()
      const threw = running?.fleet.output().match(/^.*job threw.*$/m)
      if (threw) throw new Error(`a job threw: ${threw[0]}`)
    } finally {
      running?.hooks.close()
      await running?.world.close()
      this.#clock.close()
      await deleteNamespace(this.#redis, this.#namespace)
    }
  }
}

/** As `driver.ts` has them; what the machine's clock measures has room for a slow machine, and what the clock jumps over is rare. */
function settingsOf({ trigger, keepsKeysHours, defaultCurrency }: ProgramParts['settings'], world: WorldServer) {
  return {
    REFUND_MODE: 'auto',
    REFUND_TRIGGER: trigger,
    ...(defaultCurrency !== null && { DEFAULT_CURRENCY: defaultCurrency }),
    REFUND_HTTP_URL: world.addressOf('gateway'),
    REFUND_HTTP_SECRET: SECRET,
    REFUND_HTTP_KEEPS_KEYS_HOURS: String(keepsKeysHours),
    MIDIGATOR_AUTH_URL: world.addressOf('auth'),
    MIDIGATOR_EVENTS_URL: world.addressOf('events'),
    MIDIGATOR_PREVENTION_URL: world.addressOf('prevention'),
    MIDIGATOR_API_SECRET: 'api-secret',
    MIDIGATOR_HOOK_USERNAME: HOOK.username,
    MIDIGATOR_HOOK_PASSWORD: HOOK.password,
    CHARGEBACKHIT_URL: world.addressOf('chargebackhit'),
    CHARGEBACKHIT_PUBLIC_KEY: HIT_KEYS.publicKey,
    CHARGEBACKHIT_SECRET_KEY: HIT_KEYS.secretKey,
    ALARM_URL: world.addressOf('alarms'),
    ALARM_SECRET: SECRET,
    CASE_LOOK_MS: String(LOOK_MS),
    SWEEP_MS: String(SWEEP_MS),
    DEADLINES_MS: String(SWEEP_MS),
    CATCH_UP_MS: HOUR,
    CANARY_MS: HOUR,
    DENIED_PROBE_MS: HOUR,
    ORDER_SYNC_SETTLE_MS: '0',
    ORDER_RETENTION_DAYS: '4000',
    BACKOFF_MIN_MS: '1000',
    BACKOFF_MAX_MS: HOUR,
    ORDER_SYNC_LOCK_MS: '60000',
    ORDER_SYNC_STALLED_MS: '30000',
    PUSH_TIMEOUT_MS: '15000',
    PUSH_DOUBT_MS: '120000',
    METRICS_MS: '60000',
    LOG_LEVEL: 'error',
  }
}
