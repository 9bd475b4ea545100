import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { partsOf, type Config } from './config.ts'
import {
  caseTermsOf, createAlarmPost, createDoor, createWants, gateTerms, priorityOfEvent, refundKey, shortDigest, subscriptionWishOf,
} from './deps-alerts.ts' // prettier-ignore
import { openRedis } from './deps-redis.ts'
import type { AlertEvent } from './domain/alert/event.ts'
import { createRefundGateway } from './gateways/index.ts'
import { createHttpClient } from './http-client.ts'
import { createAlarmBell } from './jobs/alarm-bell.ts'
import { alarmCauses } from './jobs/alarm-causes.ts'
import type { AlertLink } from './jobs/call-platform.ts'
import { JOBS, type JobDeps } from './jobs/index.ts'
import { createPlatformGate } from './jobs/platform-gate.ts'
import { createLog, type Log } from './log.ts'
import { createMetrics } from './metrics.ts'
import { acceptEvent, keptOf } from './platforms/accept-event.ts'
import {
  createAlertHooks,
  createMorePlatforms,
  createMidigatorServices,
  createOrderPlatform,
  PLATFORM_NAMES,
} from './platforms/index.ts'
import type { PlatformService } from './platforms/platform.ts'
import { Queues } from './queue/queues.ts'
import { createRedisClock } from './redis/clock.ts'
import { createCommits } from './redis/commits.ts'
import { closeRedis, whenReady, within, type Patience } from './redis/connect.ts'
import { createSources } from './sources/index.ts'
import { createActStore } from './store/act-store.ts'
import { createAlarmOutbox } from './store/alarm-outbox.ts'
import { createAlarmStore } from './store/alarm-store.ts'
import { createBackupStore } from './store/backup-store.ts'
import { createCaseStore, type OutgoingAlarm } from './store/case-store.ts'
import { digestText } from './store/digest.ts'
import { createDueStore } from './store/due-store.ts'
import { createEventStore } from './store/event-store.ts'
import { createFiguresStore } from './store/figures-store.ts'
import { createGateStore } from './store/gate-store.ts'
import { keysOf } from './store/keys.ts'
import { createLoginStore } from './store/login-store.ts'
import { createOrderStore } from './store/order-store.ts'
import { createPushStore } from './store/push-store.ts'
import { createRedisHealth } from './store/redis-state.ts'
import { createRefundStore } from './store/refund-store.ts'
import { createRejectedStore } from './store/rejected-store.ts'
import { createRollbackStore } from './store/rollback-store.ts'
import { createSourceStore } from './store/source-store.ts'
import { createSubscriptionStore } from './store/subscription-store.ts'
import { createTokenStore } from './store/token-store.ts'
import { createWriteProbe } from './store/write-probe.ts'
import { watchProcess } from './watch-process.ts'
import { watchWrites } from './watch-writes.ts'
import { watchRollback } from './watch-rollback.ts'

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
  const { redis, commits, probing } = openRedis(config, name, patience)
  const startCommit = createCommits(commits, keys.orders, config.REPLICA_WAIT_MS)
  const sources = createSources(config)
  const metrics = createMetrics({ sources: [...sources.keys()], platforms: PLATFORM_NAMES })
  const http = createHttpClient(Math.max(config.ORDER_SYNC_CONCURRENCY, 2 * config.ALERTS_CONCURRENCY) + 4)
  const queues = new Queues(redis, keys, createDueStore(redis, keys))
  const orders = createOrderStore(redis, {
    keys,
    commits,
    clockAheadMaxMs: config.CLOCK_AHEAD_MAX_MS,
    sweepMs: config.SWEEP_MS,
  })
  const rollbacks = createRollbackStore(redis, { keys, commits })
  const backups = createBackupStore(redis, { keys, queues: Object.values(JOBS).map(job => job.name) })
  const pushes = createPushStore(redis, { keys, commits, sweepMs: config.SWEEP_MS, expected: () => rollback.expected() }) // prettier-ignore
  const gates = createGateStore(redis, { keys, terms: gateTerms(config) })
  const tokens = createTokenStore(redis, keys)
  const rejected = createRejectedStore(commits, keys)
  const alarmStore = createAlarmStore(redis, keys)
  const sourceStore = createSourceStore(redis, { keys })
  const cases = createCaseStore(redis, { keys, commits })
  const events = createEventStore(commits, keys)
  const acts = createActStore(redis, keys)
  const logins = createLoginStore(redis, keys)
  const refunds = createRefundStore(redis, { keys, commits, defaultMode: config.REFUND_MODE })
  const alarmOutbox = createAlarmOutbox(redis, { keys })
  const subscriptions = createSubscriptionStore(redis, keys)
  const health = createRedisHealth(redis, keys)
  const clock = createRedisClock(health.now)
  const figures = createFiguresStore(redis, keys, config.METRICS_MS)
  const platform = createOrderPlatform({
    config,
    http,
    tokens,
    onRenewal: (token, renewed) => metrics.renewals.inc({ token, outcome: renewed ? 'renewed' : 'refused' }),
  })
  const parts = partsOf(config)
  /** Where orders are pushed nowhere, nothing waits for it. */
  const wantSync = async (orderIds: readonly string[], delayMs = 0) =>
    parts.orders ? void (await queues.want(JOBS.syncOrder, orderIds.map(orderId => ({ orderId })), delayMs)) : undefined // prettier-ignore
  const alertPlatform = createMidigatorServices({
    config,
    http,
    tokens,
    now: clock.now,
    onRenewal: (token, renewed) => metrics.renewals.inc({ token, outcome: renewed ? 'renewed' : 'refused' }),
  })
  const wants = createWants({ queues, redis, keys, orders, wantSync })
  const onAlarm = (alarm: OutgoingAlarm): void => {
    const { name, state, subject, says: why, decide } = alarm
    if (state === 'cleared') return log.info({ alarm: name, subject }, 'alarm is over')
    log.error({ alarm: name, subject, why, decide }, 'alarm')
    metrics.alarms.inc({ alarm: name })
  }
  const sendsAlarms = config.ALARM_URL !== undefined
  const bell = createAlarmBell({ store: alarmStore, outbox: alarmOutbox, wants, sendsAlarms, onChange: onAlarm })
  const alarms = { ...alarmStore, ...bell }
  const rollback = watchRollback({ log, config, rollbacks, sources: sourceStore, alarms, startCommit, redisNow: health.now }) // prettier-ignore
  const wantCasesOf = async (orderIds: readonly string[]) =>
    void (await Promise.all(orderIds.map(orderId => wants.othersOf(orderId, '', 'all'))))

  /** A service's gate; `jobs` are those that call it and wait while it is shut. */
  const gateOf = (service: PlatformService, jobs: readonly { name: string }[], asksFirst: boolean) => {
    const wakeWorkers = async () => void (await Promise.all(jobs.map(job => queues.of(job.name).removeRateLimitKey())))
    const gate = createPlatformGate({
      gate: gates,
      platform: service,
      asksFirst,
      deniedProbeMs: config.DENIED_PROBE_MS,
      onGateOpened: async () => {
        log.info({ platform: service.name }, 'platform takes calls again')
        await wakeWorkers()
      },
      onGateShut: (why: string) => log.error({ platform: service.name, why }, 'calls stopped: see `order-sync doctor`'),
    })
    return { service, gate, wakeWorkers }
  }
  const pushing = gateOf(platform, [JOBS.syncOrder], false)
  const reading = gateOf(alertPlatform.eventsService, [JOBS.enrichCase, JOBS.ensureSubscriptions], true)
  const resolving = gateOf(alertPlatform.preventionService, [JOBS.resolveCase], true)
  const { gate } = pushing
  const alertLinks = new Map<string, AlertLink>([
    ['midigator', { platform: alertPlatform.alerts, asking: reading.gate, answering: resolving.gate }],
  ])
  const probed = [...(parts.orders ? [pushing] : []), ...(parts.midigatorAlerts ? [reading, resolving] : [])]
  for (const one of createMorePlatforms(config, http)) {
    const gated = gateOf(one.asking, [JOBS.enrichCase, JOBS.resolveCase, JOBS.catchUpAlerts], true)
    alertLinks.set(one.name, { platform: one, asking: gated.gate, answering: gated.gate })
    probed.push(gated)
  }
  /** Without a secret a service is not called. */
  const services = probed.map(({ service }) => service.name)
  const gateway = createRefundGateway(config, http)
  const caseTerms = caseTermsOf(config, gateway !== null)
  const wantCase = (caseId: string, event: AlertEvent) =>
    wants.decide([caseId], priorityOfEvent(event, caseTerms, clock.now()))

  const alertHooks = createAlertHooks(config, createDoor(orders, caseTerms, clock.now))
  const postAlarm = createAlarmPost(config, http, clock.now)
  const writes = watchWrites({
    probe: createWriteProbe(probing, keys, processName),
    log,
    now: clock.now,
    onRefusal: refusal => metrics.redisRefusals.inc({ refusal }),
    onAlarm,
    postAlarm,
    postTimeoutMs: config.PUSH_TIMEOUT_MS,
  })
  const redisRefused = writes.refused
  const watch = watchProcess({ config, log, clock, alarms, due: queues.due, health, redisRefused, postAlarm }, name)
  const causeDeps = { gates, services, orders, rejected, redisRefused, rollbacks, sources: sourceStore }
  const causes = (now: number) => alarmCauses(causeDeps, now)
  const jobDeps: JobDeps = {
    orders,
    pushes,
    platform,
    gate,
    gates,
    gateTerms: gates.terms,
    rejected,
    alarms,
    alarmCauses: causes,
    wantSync,
    probed,
    cases,
    sources: sourceStore,
    events,
    refunds,
    alarmOutbox,
    alertPlatform,
    alertGate: reading.gate,
    alertLinks,
    gateway,
    subscriptions,
    subscriptionWish: () => subscriptionWishOf(config),
    subscriptionPingMs: config.SUBSCRIPTION_PING_MS,
    acceptMissed: (from, event, raw) =>
      acceptEvent({ cases, wantCase, startCommit, shortDigest }, from, event, keptOf(raw, 0), 'list'),
    catchUpOverlapMs: config.CATCH_UP_OVERLAP_MS,
    onCaughtUp: name => metrics.events.inc({ platform: name, type: 'caught-up', status: 'new' }),
    wants,
    caseTerms,
    shortDigest,
    refundKey,
    startCommit,
    sendsAlarms,
    postAlarm,
    onAlarm,
    onAnswered: (record, tookMs) => {
      const { id, orderId, resolution } = record
      log.info({ case: id, order: orderId, resolution: resolution?.type }, 'resolution accepted')
      metrics.answerSeconds.observe({ resolution: resolution?.type ?? '' }, tookMs / 1_000)
    },
    onResolutionCall: (outcome, caseId) => {
      log.info({ case: caseId, outcome }, 'resolution sent')
      metrics.resolutionCalls.inc({ outcome })
    },
    onRefundCall: (outcome, _tookMs, { key, amount, currency, wantedBy }, orderId) => {
      log.info({ order: orderId, case: wantedBy, key, amount, currency, outcome }, 'refund sent')
      metrics.refundCalls.inc({ outcome })
    },
    onRefunded: (claim, tookMs, orderId) => {
      const { key, amount, currency, wantedBy, refundId } = claim
      log.info({ order: orderId, case: wantedBy, key, amount, currency, refund: refundId }, 'refund confirmed')
      metrics.refundSeconds.observe({}, tookMs / 1_000)
      metrics.refunded.inc({ currency: claim.currency }, Number(claim.amount))
    },
    onRefundStopped: ({ key, amount, currency, wantedBy, state, reason }, orderId) =>
      log.info({ order: orderId, case: wantedBy, key, amount, currency, code: reason.code }, `refund ${state}`),
    refundTimeoutMs: config.REFUND_TIMEOUT_MS,
    refundLookupsMs: config.REFUND_LOOKUPS_MS,
    silenceAlarmMs: config.SILENCE_ALARM_HOURS * HOUR_MS,
    alertHooks,
    digest: digestText,
    newAttemptId: randomUUID,
    monotonicMs: () => performance.now(),
    redisNow: health.now,
    rollbacks,
    rollback: () => rollback.now(),
    isRedisCurrent: () => rollback.isCurrent(),
    refundListLagMs: config.REFUND_LIST_LAG_MS,
    onPush: (outcome, tookMs, orderId) => {
      log.info({ order: orderId, platform: platform.name, outcome }, 'order pushed')
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
    sweepMs: config.SWEEP_MS,
    pushesOrders: parts.orders,
    version: VERSION,
    dryRun: config.ORDER_SYNC_DRY_RUN,
  }

  async function close(): Promise<void> {
    writes.stop()
    // What Redis does not answer in time expires there.
    if (redis.status === 'ready') await within(figures.withdraw(processName), CLOSE_MS)
    await within(queues.close(), CLOSE_MS)
    http.close()
    await Promise.all([redis, commits, probing].map(closeRedis))
  }

  /** Waits until Redis answers on every connection, at most `ms`; false when it does not by then. */
  const whenRedisReady = async (ms: number): Promise<boolean> =>
    (await Promise.all([whenReady(redis, ms), whenReady(commits, ms)])).every(Boolean)

  return {
    config, log, keys, redis, whenRedisReady, startCommit, processName, parts, metrics, queues, orders, pushes, gates, gate, platform, rejected, alarms, alarmCauses: causes, services, sourceStore, health, clock, watch, writes, rollback, rollbacks, backups, figures, wantSync,
    cases, events, acts, logins, refunds, alarmOutbox, alertPlatform, wants, wantCasesOf, wantCase, alertHooks, jobDeps, sources, close,
  } // prettier-ignore
}

const CLOSE_MS = 1_000
