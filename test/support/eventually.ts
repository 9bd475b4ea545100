import { setTimeout as pause } from 'node:timers/promises'

type Limits = { withinMs?: number; everyMs?: number }

/** How many times longer a crowded machine may take. */
const PATIENCE = Number(process.env.TEST_PATIENCE ?? 1)

/**
 * Runs `look` again and again until it does not throw, and returns what it returned.
 * After `withinMs` (default 15,000) the last error is thrown, so a failing `expect` inside shows its own words.
 */
export async function eventually<T>(
  look: () => T | Promise<T>,
  { withinMs = 15_000, everyMs = 20 }: Limits = {},
): Promise<T> {
  const endsAt = performance.now() + PATIENCE * withinMs
  for (;;) {
    try {
      return await look()
    } catch (error) {
      if (performance.now() >= endsAt) throw error
      await pause(everyMs)
    }
  }
}
