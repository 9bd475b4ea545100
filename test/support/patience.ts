import { availableParallelism, loadavg } from 'node:os'

/** `TEST_PATIENCE` multiplies every limit, for a machine whose load does not show how slow it is. */
const GIVEN = Number(process.env.TEST_PATIENCE ?? 1)
/** What never comes is reported after a while on any machine. */
const MOST = 20

/**
 * How many times longer than on a quiet machine things may take now: as many processes as wait for each core, by the
 * average of the last minute. It is 1 where there are no more of them than cores.
 */
export function patience(): number {
  const waiting = (loadavg()[0] ?? 0) / availableParallelism()
  return GIVEN * Math.min(Math.max(1, waiting), MOST)
}
