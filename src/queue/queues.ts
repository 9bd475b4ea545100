import { Queue } from 'bullmq'
import { textOf, type Job } from '../jobs/job.ts'
import type { Redis } from '../redis/connect.ts'
import type { DueHow, DueJob, DueNote, DueStore } from '../store/due-store.ts'
import type { Keys } from '../store/keys.ts'

/** The version of what a job carries: a key, so that code of any version reads the same truth. */
const PAYLOAD_VERSION = 1

/** A job whose outcome could not be written is tried again, as often as that happens. */
const ATTEMPTS = 1_000_000_000

/** One queue for each job, opened when first used, and the times at which jobs run next. */
export class Queues {
  readonly due: DueStore
  readonly #queues = new Map<string, Queue>()
  readonly #redis: Redis
  readonly #keys: Keys
  readonly #listeners = new Set<(ms: number) => void>()

  constructor(redis: Redis, keys: Keys, due: DueStore) {
    this.#redis = redis
    this.#keys = keys
    this.due = due
  }

  of(name: string): Queue {
    const known = this.#queues.get(name)
    if (known) return known
    const queue = new Queue(name, {
      connection: this.#redis,
      prefix: this.#keys.queuePrefix,
      skipWaitingForReady: true,
      streams: { events: { maxLen: 1_000 } },
    })
    // Each call reports its own failure; without a listener an outage would end the process.
    queue.on('error', () => {})
    this.#queues.set(name, queue)
    return queue
  }

  /**
   * Adds a job for each payload; one that waits already is enough, and a running one is followed by one more. The lower its
   * `priority` (1 to 2,097,151), the sooner; a queue uses priorities for all its jobs or for none.
   */
  async enqueue<Payload extends object>(
    job: Job<Payload, never>,
    payloads: readonly Payload[],
    { priority }: { priority?: number | undefined } = {},
  ): Promise<void> {
    await this.#add(job.name, payloads.map(payload => jobFor(job, payload, { priority: priority ?? 0, failures: 0 }))) // prettier-ignore
  }

  /** Has a job for each payload run in `ms` or sooner; one that failed waits its own time. */
  want<Payload extends object>(job: Job<Payload, never>, payloads: readonly Payload[], ms: number): Promise<number> {
    return this.put(job.name, 'want', payloads.map(textOf), { ms })
  }

  /** Sets the times of jobs, as text. */
  async put(
    name: string,
    how: DueHow,
    texts: readonly string[],
    time: { ms: number; note?: DueNote | null },
  ): Promise<number> {
    if (texts.length === 0) return 0
    const timed = await this.due.put(name, how, texts, time)
    for (const listener of this.#listeners) listener(time.ms)
    return timed
  }

  /** Adds jobs whose time has come; what is no payload of this job is left out. */
  async addDue<Payload extends object>(job: Job<Payload, never>, due: readonly DueJob[]): Promise<void> {
    const jobs = due.flatMap(one => {
      const payload = job.payload.safeParse(JSON.parse(one.text))
      return payload.success ? [jobFor(job, payload.data, one)] : []
    })
    await this.#add(job.name, jobs)
    await this.due.end(job.name, due.map(({ text }) => text)) // prettier-ignore
  }

  /** Hears in how many ms something is due that this process set a time for; answers how to stop that. */
  onPut(listener: (ms: number) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  async #add(name: string, jobs: readonly QueueJob[]): Promise<void> {
    const queue = this.of(name)
    if (jobs.length === 1) await queue.add(jobs[0]!.name, jobs[0]!.data, jobs[0]!.opts)
    else if (jobs.length > 1) await queue.addBulk([...jobs])
  }

  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map(queue => queue.close()))
  }
}

type QueueJob = ReturnType<typeof jobFor>

/** Never a `jobId`: it would swallow a change that lands while the job runs. No stack traces: they are order data's way out. */
function jobFor<Payload extends object>(
  job: Job<Payload, never>,
  payload: Payload,
  { failures, priority }: { failures: number; priority: number },
) {
  return {
    name: job.name,
    data: { v: PAYLOAD_VERSION, ...payload, ...(failures > 0 && { failures }) },
    opts: {
      ...(priority > 0 && { priority }),
      attempts: ATTEMPTS,
      deduplication: { id: job.key(payload), keepLastIfActive: true },
      removeOnComplete: true,
      removeOnFail: { count: 1_000 },
      stackTraceLimit: 0,
    },
  }
}
