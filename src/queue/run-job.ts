import { DelayedError, RateLimitError, UnrecoverableError, type Job as QueuedJob } from 'bullmq'
import { z } from 'zod'
import type { Job, Outcome } from '../jobs/job.ts'
import type { Log } from '../log.ts'
import { PAYLOAD_VERSION } from './queues.ts'

/** Told of each run: the job, what it came to, how long it took. */
export type OnRun = (job: string, outcome: Outcome['outcome'] | 'bug', tookMs: number) => void

export interface RunOptions {
  log: Log
  onRun: OnRun
  /** Makes every worker of this queue wait. */
  allWait: (ms: number) => Promise<void>
}

const VERSION = z.object({ v: z.number().int().min(1) })
/** How long a job of a newer version waits for code that knows it. */
const NEWER_WAIT_MS = 60_000

/**
 * The only place that knows the queue's errors: parse → run → translate → one summary line. Whatever a run throws is told to
 * the queue as a code; the text of an error never gets there.
 */
export function runJob<Payload, Deps>(job: Job<Payload, Deps>, deps: Deps, options: RunOptions) {
  return async (queued: QueuedJob, token?: string, signal?: AbortSignal): Promise<string> => {
    const startedAt = performance.now()
    const outcome = await run(job, deps, queued, signal ?? new AbortController().signal, options.log)
    const tookMs = Math.round((performance.now() - startedAt) * 100) / 100
    options.onRun(job.name, outcome.outcome, tookMs)
    const why = outcome.outcome === 'done' ? outcome.note : outcome.why
    const waitMs = 'ms' in outcome ? outcome.ms : undefined
    const attempt = queued.attemptsMade + 1
    options.log.debug(
      { job: job.name, key: queued.deduplicationId, attempt, outcome: outcome.outcome, why, waitMs, tookMs },
      'job run',
    )
    return translate(outcome, queued, token, options)
  }
}

type Ran = Outcome | { outcome: 'bug'; why: string }

async function run<Payload, Deps>(
  job: Job<Payload, Deps>,
  deps: Deps,
  queued: QueuedJob,
  signal: AbortSignal,
  log: Log,
): Promise<Ran> {
  const version = VERSION.safeParse(queued.data)
  if (version.success && version.data.v > PAYLOAD_VERSION)
    return { outcome: 'later', ms: NEWER_WAIT_MS, why: 'of a newer version' }
  const payload = job.payload.safeParse(queued.data)
  if (!payload.success) return { outcome: 'park', why: 'invalid-payload' }
  try {
    return await job.run(payload.data, deps, { attemptsMade: queued.attemptsMade, signal })
  } catch (err) {
    log.error({ job: job.name, key: queued.deduplicationId, err }, 'job threw')
    return { outcome: 'bug', why: 'bug' }
  }
}

async function translate(ran: Ran, queued: QueuedJob, token: string | undefined, options: RunOptions): Promise<string> {
  switch (ran.outcome) {
    case 'done':
      return ran.note ?? ''
    case 'later':
      await queued.moveToDelayed(Date.now() + ran.ms, token)
      throw new DelayedError()
    case 'all-wait':
      await options.allWait(ran.ms)
      throw new RateLimitError()
    case 'park':
      throw new UnrecoverableError(ran.why)
    case 'again':
    case 'bug':
      throw new Error(ran.why)
  }
}
