/**
 * How long to wait before attempt `attempt + 1` (attempts count from 1): exponential from `minMs`, capped at `maxMs`, with
 * full jitter, so that many orders that failed together do not come back together. `random` is in [0, 1).
 */
export function backoffMs(attempt: number, random: number, minMs: number, maxMs: number): number {
  const ceiling = Math.min(maxMs, minMs * 2 ** Math.min(Math.max(attempt, 1) - 1, 40))
  return Math.max(1, Math.round(ceiling * random))
}
