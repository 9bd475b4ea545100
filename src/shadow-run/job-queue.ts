/** What a run came to, as far as the queue is concerned. */
type Came = { outcome: 'done' | 'park' } | { outcome: 'again' } | { outcome: 'later' | 'all-wait'; ms: number }

interface Job {
  kind: string
  id: string
  attempts: number
  at: number
}

const MAX_BACKOFF_MS = 3_600_000
/** More often no job runs at one moment. */
const RUNS_MAX = 2_000

/** Jobs in virtual time: one at a time, at most one that waits of each kind and id. */
export class JobQueue {
  readonly #now: () => number
  readonly #waiting = new Map<string, Job>()

  constructor(now: () => number) {
    this.#now = now
  }

  add(kind: string, id: string): void {
    const key = `${kind}|${id}`
    const known = this.#waiting.get(key)
    if (known === undefined) this.#waiting.set(key, { kind, id, attempts: 0, at: this.#now() })
    // What waits after a failure sits its time out, whatever else asks for it.
    else if (known.attempts === 0) known.at = Math.min(known.at, this.#now())
  }

  get nextAt(): number | null {
    let least: number | null = null
    for (const { at } of this.#waiting.values()) if (least === null || at < least) least = at
    return least
  }

  get hasWork(): boolean {
    const { nextAt } = this
    return nextAt !== null && nextAt <= this.#now()
  }

  #firstBy(now: number): [string, Job] | null {
    for (const one of this.#waiting) if (one[1].at <= now) return one
    return null
  }

  /** Runs what can run now until nothing is left of it. */
  async drain(run: (kind: string, id: string, attempts: number) => Promise<Came>): Promise<void> {
    const runs = new Map<string, number>()
    for (;;) {
      const now = this.#now()
      const next = this.#firstBy(now)
      if (next === null) return
      const [key, job] = next
      const count = (runs.get(key) ?? 0) + 1
      if (count > RUNS_MAX) throw new Error(`a job never comes to rest: ${key}`)
      runs.set(key, count)
      this.#waiting.delete(key)
      const came = await run(job.kind, job.id, job.attempts)
      const ms = waitOf(came, job.attempts)
      if (ms === null || this.#waiting.has(key)) continue
      const attempts = job.attempts + (came.outcome === 'again' ? 1 : 0)
      this.#waiting.set(key, { ...job, attempts, at: now + Math.max(1, ms) })
    }
  }
}

function waitOf(came: Came, attempts: number): number | null {
  switch (came.outcome) {
    case 'later':
    case 'all-wait':
      return came.ms
    case 'again':
      return Math.min(MAX_BACKOFF_MS, 1_000 * 2 ** attempts)
    default:
      return null
  }
}
