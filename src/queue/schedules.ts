import type { Job } from '../jobs/job.ts'
import type { Queues } from './queues.ts'

/** A job that runs again and again by itself. */
export interface Schedule {
  job: Job<Record<string, never>, never>
  everyMs: number
}

/** Sets the schedules in Redis, where all schedulers share them: each tick is one job, whoever takes it. */
export async function keepSchedules(queues: Queues, schedules: readonly Schedule[]): Promise<void> {
  for (const { job, everyMs } of schedules) {
    await queues.of(job.name).upsertJobScheduler(
      `every-${job.name}`,
      { every: everyMs },
      {
        name: job.name,
        data: { v: 1 },
        opts: { attempts: 1, removeOnComplete: true, removeOnFail: { count: 20 }, stackTraceLimit: 0 },
      },
    )
  }
}
