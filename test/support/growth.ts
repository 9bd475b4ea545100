/** How much larger the larger run is than the smaller one. */
const STEP = 16
/** Milliseconds: where the larger run takes no more, time has not grown with the square, which would show. */
const QUICK_MS = 2
const TRIES = 16

/** The most that `growthOf` answers where time grows with the size: eight times too much, and half of what a square is. */
export const LINEAR = STEP * 8

/**
 * How many times longer `run` takes at `size` than at a sixteenth of it: 16 where time grows with the size, 256 where it grows with its
 * square. Each time is the least of several, in processor time where that is less, so that a busy machine makes no lasting difference.
 */
export function growthOf(run: (size: number) => unknown, size: number): number {
  const least = { small: Infinity, large: Infinity }
  for (let i = 0; i < TRIES; i++) {
    least.small = Math.min(least.small, msOf(run, size / STEP))
    // What takes this long at the smaller size need not be run at the larger.
    if (least.small > 100) continue
    least.large = Math.min(least.large, msOf(run, size))
    if (least.large <= QUICK_MS || least.large / least.small <= STEP * 2) break
    if (least.large > 1_000) break
  }
  return least.large <= QUICK_MS ? STEP : least.large / least.small
}

function msOf(run: (size: number) => unknown, size: number): number {
  const [start, used] = [performance.now(), process.cpuUsage()]
  run(size)
  const { user, system } = process.cpuUsage(used)
  const [ms, cpuMs] = [performance.now() - start, (user + system) / 1_000]
  // A clock of processor time that counts in steps says nothing of what is shorter than one.
  return cpuMs > QUICK_MS ? Math.min(ms, cpuMs) : ms
}
