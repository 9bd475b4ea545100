import { setTimeout as pause } from 'node:timers/promises'
import { patience } from './patience.ts'

type Limits = { withinMs?: number; everyMs?: number }

/** What a limit of a quiet machine is multiplied with on every machine: it costs nothing where the condition is met. */
const MARGIN = 2

/**
 * Runs `look` again and again until it does not throw, and returns what it returned.
 * After `withinMs` (default 15,000), and longer on a crowded machine, the last error is thrown, so a failing `expect`
 * inside shows its own message.
 */
export async function eventually<T>(
  look: () => T | Promise<T>,
  { withinMs = 15_000, everyMs = 20 }: Limits = {},
): Promise<T> {
  const startedAt = performance.now()
  for (;;) {
    try {
      return await look()
    } catch (error) {
      if (performance.now() - startedAt >= MARGIN * patience() * withinMs) throw error
      await pause(everyMs)
    }
  }
}
