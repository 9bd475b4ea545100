import { setTimeout as pause } from 'node:timers/promises'
import { RateLimitError, UnrecoverableError, type Job as QueuedJob } from 'bullmq'
import { z } from 'zod'
import { AppError } from '../errors.ts'
import { again, textOf, type Job, type Outcome } from '../jobs/job.ts'
import type { Log } from '../log.ts'
import type { DueNote } from '../store/due-store.ts'

/** Told of each run: the job, what it came to, how long it took. */
export type OnRun = (job: string, outcome: Outcome['outcome'] | 'bug', tookMs: number) => void

export interface RunOptions {
  log: Log
  onRun: OnRun
  /** Makes every worker of this queue wait. */
  allWait: (ms: number) => Promise<void>
  /** Sets when a job, as text, runs again: `later` or sooner, or `again` after a failure. */
  putOff: (how: 'later' | 'again', text: string, time: { ms: number; note: DueNote }) => Promise<unknown>
  /** How long a job waits that failed so many times in a row. */
  backoffMs: (failures: number) => number
}

/** What a queued job carries beside its payload. */
const CARRIED = z.object({ failures: z.number().int().nonnegative().default(0) })
/** Before a job is tried again whose outcome could not be written. */
const UNWRITTEN_MS = 1_000

/**
 * The only place that knows the queue's errors: parse → run → translate → one summary line. A job that is to run again has its
 * time written before it ends, on Redis' clock. Whatever a run throws reaches the queue as a code, its text never.
 */
export function runJob<Payload extends object, Deps>(job: Job<Payload, Deps>, deps: Deps, options: RunOptions) {
  return async (queued: QueuedJob, _token?: string, signal?: AbortSignal): Promise<string> => {
    const startedAt = performance.now()
    const payload = job.payload.safeParse(queued.data)
    const failures = CARRIED.safeParse(queued.data).data?.failures ?? 0
    const outcome = payload.success
      ? await run(job, payload.data, deps, { queued, failures, signal, log: options.log })
      : INVALID
    const tookMs = Math.round((performance.now() - startedAt) * 100) / 100
    options.onRun(job.name, outcome.outcome, tookMs)
    const why = outcome.outcome === 'done' ? outcome.note : outcome.why
    const waitMs = 'ms' in outcome ? outcome.ms : undefined
    options.log.debug(
      { job: job.name, key: queued.deduplicationId, attempt: failures + 1, outcome: outcome.outcome, why, waitMs, tookMs },
      'job run',
    ) // prettier-ignore
    const text = payload.success ? textOf(payload.data) : ''
    return translate(outcome, { text, failures, priority: queued.opts.priority ?? 0 }, options)
  }
}

type Ran = Outcome | { outcome: 'bug'; why: string }

const INVALID: Ran = { outcome: 'park', why: 'invalid-payload' }

async function run<Payload, Deps>(
  job: Job<Payload, Deps>,
  payload: Payload,
  deps: Deps,
  at: { queued: QueuedJob; failures: number; signal: AbortSignal | undefined; log: Log },
): Promise<Ran> {
  try {
    return await job.run(payload, deps, {
      attemptsMade: at.failures,
      signal: at.signal ?? new AbortController().signal,
    })
  } catch (err) {
    if (err instanceof AppError && err.kind === 'transient') return again(err.code)
    at.log.error({ job: job.name, key: at.queued.deduplicationId, err }, 'job threw')
    return { outcome: 'bug', why: 'bug' }
  }
}

async function translate(
  ran: Ran,
  { text, failures, priority }: { text: string; failures: number; priority: number },
  { allWait, putOff, backoffMs }: RunOptions,
): Promise<string> {
  switch (ran.outcome) {
    case 'done':
      return ran.note ?? ''
    case 'later':
      await orPause(putOff('later', text, { ms: ran.ms, note: { failures, priority, code: null } }))
      return ran.why
    case 'all-wait':
      await orPause(allWait(ran.ms))
      throw new RateLimitError()
    case 'park':
      throw new UnrecoverableError(ran.why)
    case 'again':
    case 'bug': {
      const note = { failures: failures + 1, priority, code: ran.why }
      await orPause(putOff('again', text, { ms: backoffMs(note.failures), note }))
      return ran.why
    }
  }
}

/** What cannot be written is thrown, so that the queue runs the job again; never in a hot loop. */
async function orPause(written: Promise<unknown>): Promise<void> {
  try {
    await written
  } catch {
    await pause(UNWRITTEN_MS)
    throw new Error('outcome-not-written')
  }
}
