import type { Queue } from 'bullmq'

export interface WatchOptions {
  queue: Queue
  /** When a run last finished, whatever it came to; milliseconds of the monotonic clock. */
  progress: { finishedAt: number }
  stuckMs: number
  /** True while Redis takes no writes. */
  isHeldUp: () => boolean
  restart: () => Promise<void>
}

/**
 * Liveness by progress, not by connection: when there is runnable work (jobs wait or run, nobody paused the queue, nobody has
 * to wait, Redis takes writes) and nothing finished for `stuckMs`, the worker is restarted.
 */
export function watchProgress({ queue, progress, stuckMs, isHeldUp, restart }: WatchOptions): { stop(): void } {
  let looking = false
  let idleSince = performance.now()

  async function look(): Promise<void> {
    const [paused, limitedMs, counts] = await Promise.all([
      queue.isPaused(),
      queue.getRateLimitTtl(),
      queue.getJobCounts('waiting', 'prioritized', 'active'),
    ])
    const runnable = !paused && !isHeldUp() && limitedMs <= 0 && (counts.waiting ?? 0) + (counts.prioritized ?? 0) > 0
    if (!runnable) idleSince = performance.now()
    const since = Math.max(progress.finishedAt, idleSince)
    if (!runnable || performance.now() - since < stuckMs) return
    idleSince = performance.now()
    await restart()
  }

  const timer = setInterval(
    () => {
      if (looking) return
      looking = true
      // Redis away is no lack of progress of ours; the next look will tell.
      look().catch(() => {}).finally(() => (looking = false)) // prettier-ignore
    },
    Math.max(100, stuckMs / 10),
  )
  timer.unref()
  return { stop: () => clearInterval(timer) }
}
