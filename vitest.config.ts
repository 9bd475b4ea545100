import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { BaseSequencer } from 'vitest/node'

const soak = process.env.SOAK === '1'
/** Most of the waiting is for timers and processes: more files at a time than two cores. */
const AT_ONCE = Math.max(3, availableParallelism())
const needsRedis = './test/support/redis-global.ts'
/** Limits end what hangs; what is only slow is no failure. The conditions that tests wait for have limits of their own. */
const HANGS_MS = soak ? 3_600_000 : 900_000

/** What takes longest comes first, or one worker goes on alone when all others are through. */
const LONGEST = /simulator|platforms|kills|convergence|outages|demo/

class LongestFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]) {
    const given = await super.sort(files) // oxlint-disable-line unicorn/no-array-sort -- the runner's own sort, no array's
    return given.toSorted((a, b) => Number(LONGEST.test(b.moduleId)) - Number(LONGEST.test(a.moduleId)))
  }
}

/**
 * No file leaves anything behind in its process, so each worker loads the program once for all its files
 * (`isolate: false`): that is a third of the time.
 *
 * The tiers run one after the other, cheapest first. The last one (failovers, clocks, outages, kills of what moves money) takes minutes of
 * processor time and is no part of `npm test`; `npm run test:all` runs all of them at full size.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          maxWorkers: 2,
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'integration',
          maxWorkers: AT_ONCE,
          include: ['test/integration/**/*.test.ts'],
          globalSetup: needsRedis,
          isolate: false,
          testTimeout: HANGS_MS,
          hookTimeout: HANGS_MS,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          maxWorkers: AT_ONCE,
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: [needsRedis, './test/support/build-daemons.ts'],
          isolate: false,
          testTimeout: HANGS_MS,
          hookTimeout: HANGS_MS,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'soak',
          maxWorkers: AT_ONCE,
          include: ['test/soak/**/*.test.ts'],
          globalSetup: [needsRedis, './test/support/build-daemons.ts'],
          isolate: false,
          testTimeout: HANGS_MS,
          hookTimeout: HANGS_MS,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
