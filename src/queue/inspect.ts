import type { Job as QueuedJob, Queue } from 'bullmq'
import type { Job } from '../jobs/job.ts'
import type { Redis } from '../redis.ts'
import type { Queues } from './queues.ts'

/** One job as it stands in its queue. */
export interface JobView {
  state: 'waiting' | 'active' | 'delayed' | 'failed' | 'other'
  /** Runs of it that failed. */
  attempts: number
  /** When a delayed one runs, in milliseconds. */
  runsAt: number | null
  /** The code of its last failure. */
  lastFailure: string | null
}

/** How many jobs of a queue stand where. */
export interface QueueView {
  name: string
  paused: boolean
  waiting: number
  active: number
  delayed: number
  failed: number
}

const STATES: Readonly<Record<string, JobView['state']>> = {
  waiting: 'waiting',
  prioritized: 'waiting',
  active: 'active',
  delayed: 'delayed',
  failed: 'failed',
}

/** BullMQ keeps a delayed job's time with twelve bits of a counter below it. */
const DELAY_SCALE = 0x1000

/** The job of one key, or null when there is none: looked up by what makes two jobs the same. */
export async function jobOf<Payload>(
  queues: Queues,
  redis: Redis,
  job: Job<Payload, never>,
  key: string,
): Promise<JobView | null> {
  const queue = queues.of(job.name)
  const queued = await queuedOf(queue, key)
  if (!queued) return null
  const [state, score] = await Promise.all([queued.getState(), redis.zscore(queue.toKey('delayed'), queued.id ?? '')])
  return {
    state: STATES[state] ?? 'other',
    attempts: queued.attemptsMade,
    runsAt: score === null ? null : Math.floor(Number(score) / DELAY_SCALE),
    lastFailure: queued.failedReason ? queued.failedReason : null,
  }
}

/** Every named queue's depths, and whether an operator paused it. */
export const queueViews = (queues: Queues, names: readonly string[]): Promise<QueueView[]> =>
  Promise.all(
    names.map(async name => {
      const queue = queues.of(name)
      const [paused, counts] = await Promise.all([
        queue.isPaused(),
        queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed', 'failed'),
      ])
      const { waiting = 0, prioritized = 0, active = 0, delayed = 0, failed = 0 } = counts
      return { name, paused, waiting: waiting + prioritized, active, delayed, failed }
    }),
  )

/** Runs a delayed job of one key at once, its attempts kept; true when there was one. */
export async function hurry<Payload>(queues: Queues, job: Job<Payload, never>, key: string): Promise<boolean> {
  const queued = await queuedOf(queues.of(job.name), key)
  if (!queued || !(await queued.isDelayed())) return false
  // Between the look and the call it may have begun by itself.
  return queued.promote().then(() => true, () => false) // prettier-ignore
}

/**
 * Takes the waiting job of one key out of its queue, and the queue's events, which name keys and which nobody reads; a job
 * that runs goes on, and finds nothing to do.
 */
export async function dropJob<Payload>(queues: Queues, job: Job<Payload, never>, key: string): Promise<boolean> {
  const queue = queues.of(job.name)
  const queued = await queuedOf(queue, key)
  const isGone = queued ? await queued.remove().then(() => true, () => false) : false // prettier-ignore
  await queue.trimEvents(0)
  return isGone
}

/** An operator's pause: it holds until `resume`, whatever restarts meanwhile. Jobs under way finish. */
export const pause = (queues: Queues, name: string): Promise<void> => queues.of(name).pause()
export const resume = (queues: Queues, name: string): Promise<void> => queues.of(name).resume()

async function queuedOf(queue: Queue, key: string): Promise<QueuedJob | undefined> {
  const id = await queue.getDeduplicationJobId(key)
  return id === null ? undefined : ((await queue.getJob(id)) as QueuedJob | undefined)
}
