/**
 * `SOAK=1`, as in `npm run test:all`, runs the heavy tests at the sizes of the soak, each within 90 s; `SOAK=10` at ten times that. 0 is
 * every other run.
 */
const soak = Number(process.env.SOAK ?? 0)

/** True where the heavy tests run at the sizes of the soak. */
export const isSoak = soak > 0

/** How many of a thing a heavy test has: few in every other run, and in the soak the more the higher `SOAK` is. */
export const size = (everyRun: number, inSoak: number): number => (isSoak ? Math.round(inSoak * soak) : everyRun)
