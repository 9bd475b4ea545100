import { isSoak } from './sizes.ts'

/**
 * True in `npm run test:all`, and in `npm run test:long`, which runs all tests at the sizes of every day. Not so in `npm test`: a test that takes
 * seconds of processor time and repeats, in a larger world, what others assert is `it.runIf(isLong)`.
 */
export const isLong = isSoak || process.env.LONG === '1'

/** The cases of a table that `npm test` runs, the first of them; all of them where long tests run. */
export const few = <T>(all: readonly T[], count = 1): readonly T[] => (isLong ? all : all.slice(0, count))
