/** Redis' clock as one process knows it between two questions. */
export interface RedisClock {
  /** Redis' time in milliseconds; this machine's until the first measurement. A wall clock that steps does not move it. */
  now: () => number
  /** How far this machine's clock is ahead of Redis', in milliseconds (negative: behind); null until measured. */
  aheadMs: () => number | null
  /** Asks Redis for its time. */
  measure: () => Promise<void>
}

/** An answer that took longer says little about the time; it counts only where none is known. */
const SLOW_MS = 500

/** Measures the offset to Redis' clock, and counts on from there by a clock that only rises. */
export function createRedisClock(
  redisNow: () => Promise<number>,
  { wall = Date.now, monotonic = () => performance.now() }: { wall?: () => number; monotonic?: () => number } = {},
): RedisClock {
  let known: { theirs: number; at: number } | null = null
  const now = () => (known === null ? wall() : Math.round(known.theirs + monotonic() - known.at))
  return {
    now,
    aheadMs: () => (known === null ? null : wall() - now()),
    async measure() {
      const askedAt = monotonic()
      const theirs = await redisNow()
      const at = monotonic()
      if (known === null || at - askedAt <= SLOW_MS) known = { theirs: theirs + (at - askedAt) / 2, at }
    },
  }
}
