import { setTimeout as pause } from 'node:timers/promises'
import { textOf, type Job } from '../jobs/job.ts'
import type { Log } from '../log.ts'
import type { Queues } from './queues.ts'

/** Jobs of one queue that one turn takes. */
const AT_MOST = 500
/** The longest pause between two looks; what other processes set a time for is found by then. */
const POLL_MS = 100
/** While Redis does not answer. */
const AWAY_MS = 1_000
/** Between two looks for what 0.1.0 left with times of the queue's own. */
const OLD_EVERY_MS = 30_000

export interface RelayOptions {
  queues: Queues
  log: Log
  /** Jobs that run again and again; their ticks are added here. */
  schedules?: readonly { job: AnyJob; everyMs: number }[]
}

/** A job of any payload: the relay passes on what is stored and reads none of it. */
type AnyJob = Job<object, never>

/**
 * Adds jobs to their queues when their time has come, by Redis' clock. Every process that runs a job does it for that job; whichever
 * looks first takes each.
 */
export function startRelay(jobs: readonly AnyJob[], { queues, log, schedules = [] }: RelayOptions) {
  const stopping = new AbortController()
  let nap = new AbortController()
  let wakeAt = Infinity
  const stopHearing = queues.onPut(ms => {
    if (performance.now() + ms < wakeAt) nap.abort()
  })

  async function turn(): Promise<number> {
    const names = jobs.map(({ name }) => name)
    const { jobs: taken, nextMs } = await queues.due.take(names, AT_MOST)
    await Promise.all(taken.map(async (due, i) => due.length > 0 && queues.addDue(jobs[i]!, due)))
    if (schedules.length > 0) await tick()
    return taken.some(due => due.length === AT_MOST) ? 0 : Math.min(nextMs ?? POLL_MS, POLL_MS)
  }

  async function tick(): Promise<void> {
    const named = schedules.map(({ job, everyMs }) => ({ name: job.name, everyMs }))
    const ticking = new Set(await queues.due.takeSchedules(named))
    for (const { job } of schedules) if (ticking.has(job.name)) await queues.enqueue(job, [{}])
  }

  async function run(): Promise<void> {
    let oldAt = 0
    while (!stopping.signal.aborted) {
      // Set before the look: what is put while it looks is not slept over.
      nap = new AbortController()
      wakeAt = Infinity
      let ms = AWAY_MS
      try {
        if (performance.now() >= oldAt) {
          await takeOver(jobs, queues)
          oldAt = performance.now() + OLD_EVERY_MS
        }
        ms = await turn()
      } catch (err) {
        if (!stopping.signal.aborted) log.debug({ err }, 'due jobs could not be looked for')
      }
      wakeAt = performance.now() + ms
      await pause(ms, undefined, { signal: AbortSignal.any([nap.signal, stopping.signal]) }).catch(() => {})
    }
  }
  const ended = run()

  return {
    /** Takes no more; what it has taken is added before it ends. */
    async close(): Promise<void> {
      stopHearing()
      stopping.abort()
      await ended
    },
  }
}

/** What 0.1.0 left with a time or a schedule of the queue's own becomes due at once: those are measured by the clocks of processes. */
async function takeOver(jobs: readonly AnyJob[], queues: Queues): Promise<void> {
  for (const job of jobs) {
    const queue = queues.of(job.name)
    for (const { key } of await queue.getJobSchedulers(0, AT_MOST - 1)) await queue.removeJobScheduler(key)
    for (const old of await queue.getDelayed(0, AT_MOST - 1)) {
      const payload = job.payload.safeParse(old.data)
      if (payload.success) await queues.put(job.name, 'want', [textOf(payload.data)], { ms: 0 })
      await old.remove()
    }
  }
}
