import type { Config } from '../config.ts'
import { JOBS, type JobDeps } from '../jobs/index.ts'
import type { Job } from '../jobs/job.ts'

/** A job that runs again and again. */
export interface Schedule {
  job: Job<Record<string, never>, JobDeps>
  everyMs: number
}

const HOURLY_MS = 3_600_000

/** Everything that is done again and again, whichever scheduler does it. */
export const schedulesOf = (config: Config): Schedule[] => [
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
]
