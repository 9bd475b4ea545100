import type { Outcome } from '../../../src/jobs/job.ts'
import type { VirtualClock } from './clock.ts'
import type { Random } from './random.ts'

interface ModelJob {
  notBefore: number
  attemptsMade: number
  /** Workers that run it: more than one once a lock was lost. */
  running: number
  /** A change came while it ran: it is followed by one more. */
  again: boolean
}

/** The queue's promises and no more: one job an order, one more after a running one, and a job can be lost. */
export class ModelJobs {
  readonly #jobs = new Map<string, ModelJob>()
  readonly #random: Random
  readonly #clock: VirtualClock

  constructor(random: Random, clock: VirtualClock) {
    this.#random = random
    this.#clock = clock
  }

  add(orderId: string): void {
    const job = this.#jobs.get(orderId)
    if (job === undefined)
      this.#jobs.set(orderId, { notBefore: this.#clock.now, attemptsMade: 0, running: 0, again: false })
    else if (job.running > 0) job.again = true
  }

  /** Orders a worker may take up now; `running` ones as well where a lock was lost. */
  takeable(lockLost: boolean): string[] {
    return [...this.#jobs].filter(([, job]) => (lockLost ? job.running > 0 : this.#ready(job))).map(([id]) => id)
  }

  #ready = (job: ModelJob) => job.running === 0 && job.notBefore <= this.#clock.now

  /** Runs that failed before. */
  start(orderId: string): number {
    const job = this.#jobs.get(orderId)!
    job.running += 1
    return job.attemptsMade
  }

  finish(orderId: string, outcome: Outcome): void {
    const job = this.#left(orderId)
    if (job === undefined) return
    if (outcome.outcome === 'done' || outcome.outcome === 'park') {
      this.#jobs.delete(orderId)
      if (job.again) this.add(orderId)
      return
    }
    if (outcome.outcome === 'again') job.attemptsMade += 1
    const waitMs = 'ms' in outcome ? outcome.ms : 1 + this.#random.int(4_000)
    job.notBefore = this.#clock.now + waitMs
  }

  /** Its worker died: it is found stalled and run again, or lost with everything that was to follow it. */
  abandon(orderId: string): void {
    const job = this.#left(orderId)
    if (job === undefined) return
    if (this.#random.chance(0.3)) this.#jobs.delete(orderId)
    else job.notBefore = this.#clock.now + 3_000
  }

  /** The job, once no worker runs it any more. */
  #left(orderId: string): ModelJob | undefined {
    const job = this.#jobs.get(orderId)
    if (job === undefined) return undefined
    job.running -= 1
    return job.running > 0 ? undefined : job
  }

  wakeAll(): void {
    for (const job of this.#jobs.values()) job.notBefore = Math.min(job.notBefore, this.#clock.now)
  }

  /** When the next job can be taken up, or null when there is none. */
  nextAt(): number | null {
    const times = [...this.#jobs.values()].map(job => job.notBefore)
    return times.length === 0 ? null : Math.min(...times)
  }
}
