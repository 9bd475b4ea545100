import type { Job as QueuedJob, Queue } from 'bullmq'
import { textOf, type Job } from '../jobs/job.ts'
import type { Queues } from './queues.ts'

/** One job as it stands in its queue. */
export interface JobView {
  state: 'waiting' | 'active' | 'delayed' | 'failed' | 'other'
  /** Runs of it that failed in a row. */
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

/** The job of one payload, or null when there is none: looked up by what makes two jobs the same, and among the due ones. */
export async function jobOf<Payload extends object>(
  queues: Queues,
  job: Job<Payload, never>,
  payload: Payload,
): Promise<JobView | null> {
  const [queued, due] = await Promise.all([
    queuedOf(queues.of(job.name), job.key(payload)),
    queues.due.of(job.name, textOf(payload)),
  ])
  const queuedState = queued === undefined ? undefined : STATES[await queued.getState()]
  if (due !== null && queuedState !== 'active')
    return due.isDue
      ? { state: 'waiting', attempts: due.failures, runsAt: null, lastFailure: due.code }
      : { state: 'delayed', attempts: due.failures, runsAt: due.at, lastFailure: due.code }
  if (queued === undefined) return null
  const { failures = 0 } = queued.data as { failures?: number }
  return { state: queuedState ?? 'other', attempts: failures, runsAt: null, lastFailure: queued.failedReason || null }
}

/** Every named queue's depths, and whether an operator paused it. */
export const queueViews = (queues: Queues, names: readonly string[]): Promise<QueueView[]> =>
  Promise.all(
    names.map(async name => {
      const queue = queues.of(name)
      const [paused, timed, counts] = await Promise.all([
        queue.isPaused(),
        queues.due.count(name),
        queue.getJobCounts('waiting', 'prioritized', 'active', 'failed'),
      ])
      const { waiting = 0, prioritized = 0, active = 0, failed = 0 } = counts
      return { name, paused, waiting: timed.due + waiting + prioritized, active, delayed: timed.later, failed }
    }),
  )

/** Runs the job of one payload at once if it has a later time, its failures kept; true when it had one. */
export const hurry = async <Payload extends object>(
  queues: Queues,
  job: Job<Payload, never>,
  payload: Payload,
): Promise<boolean> => (await queues.put(job.name, 'now', [textOf(payload)], { ms: 0 })) > 0

/**
 * Takes the waiting job of one payload out of its queue and its time away, and the queue's events, which name keys and are not
 * read; a job that runs goes on, and finds nothing to do.
 */
export async function dropJob<Payload extends object>(
  queues: Queues,
  job: Job<Payload, never>,
  payload: Payload,
): Promise<boolean> {
  const queue = queues.of(job.name)
  const wasDue = await queues.due.drop(job.name, textOf(payload))
  const queued = await queuedOf(queue, job.key(payload))
  const isGone = queued ? await queued.remove().then(() => true, () => false) : false // prettier-ignore
  await queue.trimEvents(0)
  return wasDue || isGone
}

/** An operator's pause: it holds until `resume`, whatever restarts meanwhile. Jobs under way finish. */
export const pause = (queues: Queues, name: string): Promise<void> => queues.of(name).pause()
export const resume = (queues: Queues, name: string): Promise<void> => queues.of(name).resume()

async function queuedOf(queue: Queue, key: string): Promise<QueuedJob | undefined> {
  const id = await queue.getDeduplicationJobId(key)
  return id === null ? undefined : ((await queue.getJob(id)) as QueuedJob | undefined)
}
