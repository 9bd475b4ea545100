import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Config } from './config.ts'
import { createHttpClient } from './http-client.ts'
import { JOBS, type JobDeps } from './jobs/index.ts'
import { createPlatformGate } from './jobs/platform-gate.ts'
import { createLog, type Log } from './log.ts'
import { createMetrics } from './metrics.ts'
import { createOrderPlatform } from './platforms/index.ts'
import { Queues } from './queue/queues.ts'
import { closeRedis, connectRedis, type Patience } from './redis.ts'
import { createSources } from './sources/index.ts'
import { createAlarmStore } from './store/alarm-store.ts'
import { digestText } from './store/digest.ts'
import { createFiguresStore } from './store/figures-store.ts'
import { createGateStore } from './store/gate-store.ts'
import { keysOf } from './store/keys.ts'
import { createOrderStore } from './store/order-store.ts'
import { createPushStore, type GateTerms } from './store/push-store.ts'
import { createRedisHealth } from './store/redis-state.ts'
import { createRejectedStore } from './store/rejected-store.ts'
import { createTokenStore } from './store/token-store.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/** The version of this program, as its package says. */
export const VERSION = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version

export type Deps = ReturnType<typeof createDeps>

export interface DepsOptions {
  /** The process, as it shows in logs, figures and Redis' client list. */
  name: string
  /** How its connection meets an outage of Redis. */
  patience: Patience
  log?: Log
}

/** The composition root: everything a process may need, from its configuration. `close` undoes it in reverse. */
export function createDeps(config: Config, { name, patience, log = createLog(config.LOG_LEVEL, name) }: DepsOptions) {
  const keys = keysOf(config.REDIS_NAMESPACE)
  const processName = `${name}@${hostname()}:${process.pid}`
  const redis = connectRedis(config.REDIS_URL ?? '', `${config.REDIS_NAMESPACE}:${name}`, patience)
  const metrics = createMetrics()
  const http = createHttpClient(config.ORDER_SYNC_CONCURRENCY + 4)
  const queues = new Queues(redis, keys)
  const orders = createOrderStore(redis, { keys, clockAheadMaxMs: config.CLOCK_AHEAD_MAX_MS, sweepMs: config.SWEEP_MS })
  const pushes = createPushStore(redis, { keys, sweepMs: config.SWEEP_MS })
  const gates = createGateStore(redis, { keys, terms: gateTerms(config) })
  const tokens = createTokenStore(redis, keys)
  const rejected = createRejectedStore(redis, keys)
  const alarms = createAlarmStore(redis, keys)
  const health = createRedisHealth(redis, keys, config.REPLICA_WAIT_MS)
  const figures = createFiguresStore(redis, keys, config.METRICS_MS)
  const platform = createOrderPlatform({
    config,
    http,
    tokens,
    onRenewal: (token, renewed) => metrics.renewals.inc({ token, outcome: renewed ? 'renewed' : 'refused' }),
  })
  const wantSync = (orderIds: readonly string[], delayMs = 0) =>
    queues.enqueue(JOBS.syncOrder, orderIds.map(orderId => ({ orderId })), delayMs) // prettier-ignore
  const wakeWorkers = async () => void (await queues.of(JOBS.syncOrder.name).removeRateLimitKey())
  const onGateOpened = async () => {
    log.info({ platform: platform.name }, 'platform takes calls again')
    await wakeWorkers()
  }
  const onGateShut = (why: string) =>
    log.error({ platform: platform.name, why }, 'pushing stopped: see `order-sync doctor`')
  const gate = createPlatformGate({
    gate: gates,
    platform,
    deniedProbeMs: config.DENIED_PROBE_MS,
    onGateOpened,
    onGateShut,
  })

  const jobDeps: JobDeps = {
    orders,
    pushes,
    platform,
    gate,
    gates,
    gateTerms: gates.terms,
    rejected,
    alarms,
    wantSync,
    wakeWorkers,
    digest: digestText,
    newAttemptId: randomUUID,
    monotonicMs: () => performance.now(),
    redisNow: health.now,
    raiseCanary: health.raiseCanary,
    canary: { highest: 0 },
    onPush: (outcome, tookMs) => {
      metrics.pushes.inc({ platform: platform.name, outcome })
      metrics.pushSeconds.observe({ platform: platform.name }, tookMs / 1_000)
    },
    pushTimeoutMs: config.PUSH_TIMEOUT_MS,
    pushDoubtMs: config.PUSH_DOUBT_MS,
    throttleMaxMs: config.THROTTLE_MAX_MS,
    deniedProbeMs: config.DENIED_PROBE_MS,
    backoffMaxMs: config.BACKOFF_MAX_MS,
    refusalRetryMs: config.REJECTED_RETRY_HOURS * HOUR_MS,
    orderRetentionMs: config.ORDER_RETENTION_DAYS * DAY_MS,
    rejectedRetentionMs: config.REJECTED_RETENTION_DAYS * DAY_MS,
    rollbackDoubtMs: config.ROLLBACK_DOUBT_MS,
    sweepMs: config.SWEEP_MS,
    version: VERSION,
    dryRun: config.ORDER_SYNC_DRY_RUN,
  }

  async function close(): Promise<void> {
    await figures.withdraw(processName).catch(() => {})
    await queues.close()
    http.close()
    await closeRedis(redis)
  }

  return {
    config, log, keys, redis, processName, metrics, queues, orders, pushes, gates, gate, platform, rejected, alarms, health, figures, wantSync,
    jobDeps, sources: createSources(config), close,
  } // prettier-ignore
}

function gateTerms(config: Config): GateTerms {
  const { MIDIGATOR_RATE_MAX: max, MIDIGATOR_RATE_DURATION_MS: durationMs } = config
  return {
    breakerFailures: config.BREAKER_FAILURES,
    breakerProbeMs: config.BREAKER_PROBE_MS,
    rate: max === undefined ? null : { max, durationMs },
  }
}
