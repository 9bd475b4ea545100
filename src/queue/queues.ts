import { Queue } from 'bullmq'
import type { Job } from '../jobs/job.ts'
import type { Redis } from '../redis.ts'
import type { Keys } from '../store/keys.ts'

/** The version of what a job carries; a job of a newer one waits for code that knows it. */
export const PAYLOAD_VERSION = 1

/** Far more attempts than a platform can be down for: an order is never given up. */
const ATTEMPTS = 1_000_000_000

/** One queue for each job, opened when first used. */
export class Queues {
  readonly #queues = new Map<string, Queue>()
  readonly #redis: Redis
  readonly #keys: Keys

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis
    this.#keys = keys
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
    { delayMs = 0, priority }: { delayMs?: number; priority?: number | undefined } = {},
  ): Promise<void> {
    const queue = this.of(job.name)
    const jobs = payloads.map(payload => ({
      name: job.name,
      data: { v: PAYLOAD_VERSION, ...payload },
      opts: optionsFor(job.key(payload), delayMs, priority),
    }))
    if (jobs.length === 1) await queue.add(jobs[0]!.name, jobs[0]!.data, jobs[0]!.opts)
    else if (jobs.length > 1) await queue.addBulk(jobs)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map(queue => queue.close()))
  }
}

/** Never a `jobId`: it would swallow a change that lands while the job runs. No stack traces: they are order data's way out. */
const optionsFor = (key: string, delayMs: number, priority: number | undefined) => ({
  ...(delayMs > 0 && { delay: delayMs }),
  ...(priority !== undefined && { priority }),
  attempts: ATTEMPTS,
  backoff: { type: 'custom' },
  deduplication: { id: key, keepLastIfActive: true },
  removeOnComplete: true,
  removeOnFail: { count: 1_000 },
  stackTraceLimit: 0,
})
