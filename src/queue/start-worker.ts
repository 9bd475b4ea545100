import { setTimeout as pause } from 'node:timers/promises'
import { Worker, type Job as QueuedJob } from 'bullmq'
import { backoffMs } from '../domain/basics/backoff.ts'
import type { Job } from '../jobs/job.ts'
import type { Log } from '../log.ts'
import type { Redis } from '../redis/connect.ts'
import { keepLocks } from './keep-locks.ts'
import type { Queues } from './queues.ts'
import { runJob, type OnRun } from './run-job.ts'
import { watchProgress } from './watch-progress.ts'

export interface WorkerOptions {
  queues: Queues
  /** A connection that waits for Redis; the worker opens its own blocking one beside it. */
  redis: Redis
  prefix: string
  log: Log
  onRun: OnRun
  concurrency: number
  lockMs: number
  stalledMs: number
  backoffMinMs: number
  backoffMaxMs: number
  /** After this long with runnable work and nothing finished the worker is restarted. */
  stuckMs: number
  /** True while Redis takes no writes: no worker can make progress then. */
  isHeldUp?: () => boolean
}

export interface RunningWorker {
  /** Takes no more jobs, waits for those under way at most `ms`, then aborts them. */
  close(ms: number): Promise<void>
}

/** So many jobs a second that it never matters: BullMQ stops all workers for a while only where some limit is set. */
const NO_LIMIT = 1_000_000
const AGAIN_MS = 1_000

/** What Redis refuses, BullMQ asks for again as fast as Redis answers; this one waits in between. */
class UnhurriedWorker extends Worker {
  protected override async moveToActive(...given: Parameters<Worker['moveToActive']>) {
    try {
      return await super.moveToActive(...given)
    } catch (error) {
      await pause(AGAIN_MS)
      throw error
    }
  }
}

/** Runs one kind of job. A worker that stops making progress is replaced by a new one, with new connections. */
export async function startWorker<Payload extends object, Deps>(
  job: Job<Payload, Deps>,
  deps: Deps,
  options: WorkerOptions,
): Promise<RunningWorker> {
  const queue = options.queues.of(job.name)
  await queue.setGlobalRateLimit(NO_LIMIT, 1_000)
  const progress = { finishedAt: performance.now() }
  const onRun: OnRun = (...run) => {
    progress.finishedAt = performance.now()
    options.onRun(...run)
  }
  const process = runJob(job, deps, {
    log: options.log,
    onRun,
    allWait: ms => queue.rateLimit(Math.max(1, Math.ceil(ms))),
    putOff: (how, text, time) => options.queues.put(job.name, how, [text], time),
    backoffMs: failures => backoffMs(failures, Math.random(), options.backoffMinMs, options.backoffMaxMs),
  })
  let worker = open()
  const { stuckMs, isHeldUp = () => false } = options
  const watch = watchProgress({ queue, progress, stuckMs, isHeldUp, restart })

  function open() {
    const locks = keepLocks(options.lockMs)
    // BullMQ hands over a signal only to what names three parameters.
    const processor = (queued: QueuedJob, token?: string, signal?: AbortSignal) =>
      locks.during(queued, token, () => process(queued, token, signal))
    const opened = new UnhurriedWorker(job.name, processor, {
      connection: options.redis,
      prefix: options.prefix,
      concurrency: options.concurrency,
      lockDuration: options.lockMs,
      // BullMQ renews locks by the wall clock, which may step back.
      skipLockRenewal: true,
      stalledInterval: options.stalledMs,
      // A job that stalls has lost its process, not its reason: it is taken up again as often as that happens.
      maxStalledCount: 1_000_000,
      maximumRateLimitDelay: 1_000,
      // Jobs that 0.1.0 queued ask for a back-off by this name; no time of the queue's own is used.
      settings: { backoffStrategy: () => 0 },
      // After a lost connection.
      runRetryDelay: AGAIN_MS,
    })
    opened.on('error', () => {})
    opened.on('closed', () => locks.stop())
    locks.start(opened)
    return opened
  }

  async function restart(): Promise<void> {
    options.log.warn({ job: job.name, stuckMs: options.stuckMs }, 'Worker stalled, restarting')
    const stuck = worker
    worker = open()
    stuck.cancelAllJobs('stuck')
    await stuck.close(true).catch(() => {})
  }

  async function close(ms: number): Promise<void> {
    watch.stop()
    const limit = new AbortController()
    const closing = worker.close().catch(() => {}).finally(() => limit.abort()) // prettier-ignore
    await Promise.race([closing, pause(ms, undefined, { signal: limit.signal }).catch(() => {})])
    if (limit.signal.aborted) return closing
    worker.cancelAllJobs('stopping')
    // A job that does not hear even that is left behind: its lock ends by itself, and another worker takes it up again.
    await Promise.race([closing, pause(1_000, undefined, { signal: limit.signal }).catch(() => {})])
  }

  return { close }
}
