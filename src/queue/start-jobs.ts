import type { Deps } from '../deps.ts'
import { JOBS } from '../jobs/index.ts'
import type { Job } from '../jobs/job.ts'
import { startRelay } from './relay.ts'
import { schedulesOf, type Schedule } from './schedules.ts'
import { startWorker, type RunningWorker } from './start-worker.ts'

/** What a daemon's start answers: how to end it within `ms`. */
export interface Running {
  close(ms: number): Promise<void>
}

/** The daemon `order-sync`: pushes orders, `ORDER_SYNC_CONCURRENCY` at a time. */
export async function startOrderSync(deps: Deps): Promise<Running> {
  if (!deps.parts.orders) return idle(deps, 'orders are not pushed: MIDIGATOR_DATA_USERNAME and _PASSWORD are not set')
  const { ORDER_SYNC_CONCURRENCY: concurrency } = deps.config
  return together(deps, [JOBS.syncOrder], [run(deps, JOBS.syncOrder, concurrency)])
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
  const jobs = [JOBS.decideCase, JOBS.enrichCase, JOBS.refundOrder, JOBS.resolveCase]
  return together(deps, jobs, [
    run(deps, JOBS.decideCase, concurrency, lockMs),
    run(deps, JOBS.enrichCase, concurrency, lockMs),
    run(deps, JOBS.refundOrder, concurrency, lockMs),
    run(deps, JOBS.resolveCase, concurrency, lockMs),
  ])
}

/** The daemon `scheduler`: keeps the schedules and runs what they want done, one of each at a time. */
export async function startScheduler(deps: Deps): Promise<Running> {
  const { config } = deps
  const schedules = schedulesOf(config)
  // Every daemon sees by this that periodic work goes on; it is no part of that work.
  const noteRun = (name: string) => void deps.queues.due.scheduleRan(name, deps.clock.now()).catch(() => {})
  const waits: readonly string[] = [JOBS.ensureSubscriptions.name, JOBS.catchUpAlerts.name]
  const workers = [
    ...schedules.map(({ job }) =>
      run(deps, job, 1, waits.includes(job.name) ? config.ALERTS_LOCK_MS : undefined, noteRun),
    ),
    run(deps, JOBS.sendAlarm, 4, config.ALERTS_LOCK_MS),
  ]
  const running = await together(deps, [...schedules.map(({ job }) => job), JOBS.sendAlarm], workers, schedules)
  // The schedule may have begun long ago; a start looks at once.
  await deps.queues.enqueue(JOBS.ensureSubscriptions, [{}])
  return running
}

/** The workers of some jobs, and what adds those jobs when their time has come. */
async function together(
  { queues, log }: Deps,
  jobs: Parameters<typeof startRelay>[0],
  starting: readonly Promise<RunningWorker>[],
  schedules: readonly Schedule[] = [],
): Promise<Running> {
  const workers = await Promise.all(starting)
  const relay = startRelay(jobs, { queues, log, schedules })
  return {
    close: async ms => void (await Promise.all([relay.close(), ...workers.map(worker => worker.close(ms))])),
  }
}

function run<Payload extends object>(
  deps: Deps,
  job: Job<Payload, Deps['jobDeps']>,
  concurrency: number,
  lockMs = deps.config.ORDER_SYNC_LOCK_MS,
  onRan: (name: string) => void = () => {},
): Promise<RunningWorker> {
  const { config, metrics } = deps
  return startWorker(job, deps.jobDeps, {
    queues: deps.queues,
    redis: deps.redis,
    prefix: deps.keys.queuePrefix,
    log: deps.log,
    onRun: (name, outcome) => {
      metrics.runs.inc({ job: name, outcome })
      onRan(name)
    },
    concurrency,
    lockMs,
    stalledMs: config.ORDER_SYNC_STALLED_MS,
    backoffMinMs: config.BACKOFF_MIN_MS,
    backoffMaxMs: config.BACKOFF_MAX_MS,
    stuckMs: config.ORDER_SYNC_STUCK_MS,
    isHeldUp: () => deps.writes.refused() !== null,
  })
}
