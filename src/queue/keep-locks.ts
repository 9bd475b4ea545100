import type { Job as QueuedJob, Worker } from 'bullmq'

/** Renewals in one lock's life. */
const TIMES = 4

/**
 * Renews the locks of the jobs that a worker runs, by a monotonic clock: a wall clock that steps back does not end them. A job whose
 * lock is lost, or cannot be renewed before it ends, is cancelled, since another worker may run it.
 */
export function keepLocks(lockMs: number) {
  const held = new Map<string, { token: string; until: number }>()
  let timer: NodeJS.Timeout | undefined

  const lapsed = () => {
    const now = performance.now()
    return [...held].flatMap(([id, { until }]) => (until <= now ? [id] : []))
  }

  function cancel(worker: Worker, ids: readonly string[], why: string): void {
    for (const id of ids) if (held.delete(id)) worker.cancelJob(id, why)
  }

  /** Asks Redis for all of them at once. Where it does not answer, they lapse. */
  async function renew(worker: Worker): Promise<void> {
    const jobs = [...held]
    if (jobs.length === 0) return
    const askedAt = performance.now()
    const tokens = jobs.map(([, { token }]) => token)
    const lost = new Set(await worker.extendJobLocks(jobs.map(([id]) => id), tokens, lockMs)) // prettier-ignore
    for (const [id, lock] of jobs) if (!lost.has(id)) lock.until = askedAt + lockMs
    cancel(worker, [...lost], 'lock lost')
  }

  return {
    /** Renews from now on; `stop` ends it. */
    start(worker: Worker): void {
      let renewing = false
      timer = setInterval(() => {
        cancel(worker, lapsed(), 'lock not renewed')
        if (renewing) return
        renewing = true
        void renew(worker).catch(() => {}).finally(() => (renewing = false)) // prettier-ignore
      }, lockMs / TIMES)
      timer.unref()
    },
    stop(): void {
      clearInterval(timer)
    },
    /** Runs one job while its lock is renewed. */
    async during<Result>({ id }: QueuedJob, token: string | undefined, run: () => Promise<Result>): Promise<Result> {
      if (id === undefined || token === undefined) return run()
      held.set(id, { token, until: performance.now() + lockMs })
      try {
        return await run()
      } finally {
        held.delete(id)
      }
    },
  }
}
