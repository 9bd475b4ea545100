import type { Deps } from '../deps.ts'
import { JOBS } from '../jobs/index.ts'
import type { Job } from '../jobs/job.ts'
import { keepSchedules } from './schedules.ts'
import { startWorker, type RunningWorker } from './start-worker.ts'

const HOURLY_MS = 3_600_000

/** What a daemon's start answers: how to end it within `ms`. */
export interface Running {
  close(ms: number): Promise<void>
}

/** The daemon `order-sync`: pushes orders, `ORDER_SYNC_CONCURRENCY` at a time. */
export async function startOrderSync(deps: Deps): Promise<Running> {
  if (!deps.parts.orders) return idle(deps, 'orders are not pushed: MIDIGATOR_DATA_USERNAME and _PASSWORD are not set')
  return run(deps, JOBS.syncOrder, deps.config.ORDER_SYNC_CONCURRENCY)
}

/** A daemon whose part is not configured stays up, so that no supervisor starts it again and again. */
function idle({ log }: Deps, why: string): Running {
  log.info({ why }, 'daemon is idle')
  return { close: async () => {} }
}

/** The daemon `alerts`: decides about cases, refunds orders, answers alerts, `ALERTS_CONCURRENCY` of each at a time. */
export async function startAlerts(deps: Deps): Promise<Running> {
  if (!deps.parts.midigatorAlerts && !deps.parts.chargebackhit)
    return idle(deps, 'no platform for alerts is configured: neither MIDIGATOR_API_SECRET nor CHARGEBACKHIT_SECRET_KEY is set') // prettier-ignore
  const { ALERTS_CONCURRENCY: concurrency, ALERTS_LOCK_MS: lockMs } = deps.config
  const workers = await Promise.all([
    run(deps, JOBS.decideCase, concurrency, lockMs),
    run(deps, JOBS.enrichCase, concurrency, lockMs),
    run(deps, JOBS.refundOrder, concurrency, lockMs),
    run(deps, JOBS.resolveCase, concurrency, lockMs),
  ])
  return { close: async ms => void (await Promise.all(workers.map(worker => worker.close(ms)))) }
}

/** The daemon `scheduler`: keeps the schedules and runs what they want done, one of each at a time. */
export async function startScheduler(deps: Deps): Promise<Running> {
  const { config } = deps
  const workers = await Promise.all([
    run(deps, JOBS.sweepOrders, 1),
    run(deps, JOBS.probePlatform, 1),
    run(deps, JOBS.expireOrders, 1),
    run(deps, JOBS.watchRedis, 1),
    run(deps, JOBS.sweepCases, 1),
    run(deps, JOBS.watchDeadlines, 1),
    run(deps, JOBS.watchSilence, 1),
    run(deps, JOBS.watchAlarms, 1),
    run(deps, JOBS.ensureSubscriptions, 1, config.ALERTS_LOCK_MS),
    run(deps, JOBS.catchUpAlerts, 1, config.ALERTS_LOCK_MS),
    run(deps, JOBS.sendAlarm, 4, config.ALERTS_LOCK_MS),
  ])
  await keepSchedules(deps.queues, [
    { job: JOBS.sweepOrders, everyMs: config.SWEEP_MS },
    { job: JOBS.probePlatform, everyMs: config.DENIED_PROBE_MS },
    { job: JOBS.expireOrders, everyMs: HOURLY_MS },
    { job: JOBS.watchRedis, everyMs: config.CANARY_MS },
    { job: JOBS.sweepCases, everyMs: config.SWEEP_MS },
    { job: JOBS.watchDeadlines, everyMs: config.DEADLINES_MS },
    { job: JOBS.watchSilence, everyMs: HOURLY_MS },
    { job: JOBS.watchAlarms, everyMs: config.SWEEP_MS },
    { job: JOBS.ensureSubscriptions, everyMs: config.SUBSCRIPTIONS_MS },
    { job: JOBS.catchUpAlerts, everyMs: config.CATCH_UP_MS },
  ])
  // The schedule may have begun long ago; a start looks at once.
  await deps.queues.enqueue(JOBS.ensureSubscriptions, [{}])
  return { close: async ms => void (await Promise.all(workers.map(worker => worker.close(ms)))) }
}

function run<Payload>(
  deps: Deps,
  job: Job<Payload, Deps['jobDeps']>,
  concurrency: number,
  lockMs = deps.config.ORDER_SYNC_LOCK_MS,
): Promise<RunningWorker> {
  const { config, metrics } = deps
  return startWorker(job, deps.jobDeps, {
    queues: deps.queues,
    redis: deps.redis,
    prefix: deps.keys.queuePrefix,
    log: deps.log,
    onRun: (name, outcome) => metrics.runs.inc({ job: name, outcome }),
    concurrency,
    lockMs,
    stalledMs: config.ORDER_SYNC_STALLED_MS,
    backoffMinMs: config.BACKOFF_MIN_MS,
    backoffMaxMs: config.BACKOFF_MAX_MS,
    stuckMs: config.ORDER_SYNC_STUCK_MS,
  })
}
