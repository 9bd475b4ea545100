import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { BaseSequencer } from 'vitest/node'
import { isSoak } from './test/support/sizes.ts'

/** Much of the waiting is for timers and processes: more files at a time than two cores. */
const AT_ONCE = Math.max(3, availableParallelism())
const needsRedis = './test/support/redis-global.ts'
const needsDaemons = './test/support/build-daemons.ts'
/** Limits end what hangs; what is only slow is no failure. The conditions that tests wait for have limits of their own. */
const HANGS_MS = isSoak ? 7_200_000 : 900_000

/** What takes longest comes first, or one worker goes on alone when all others are through. */
const LONGEST = /e2e|simulator|platforms|kills|convergence|outages/

class LongestFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer['sort']>[0]) {
    const given = await super.sort(files) // oxlint-disable-line unicorn/no-array-sort -- the runner's own sort, no array's
    return given.toSorted((a, b) => Number(LONGEST.test(b.moduleId)) - Number(LONGEST.test(a.moduleId)))
  }
}

/**
 * A set of tests that is run as one. No file leaves anything behind in its process, so each worker loads the program once for all
 * its files (`isolate: false`): that is a third of the time.
 */
const project = (name: string, folders: readonly string[], globalSetup: string[] = [], maxWorkers = AT_ONCE) => ({
  test: {
    name,
    include: folders.map(folder => `test/${folder}/**/*.test.ts`),
    globalSetup,
    maxWorkers,
    // Projects that are run together but not with as many workers follow each other.
    sequence: { groupOrder: maxWorkers === AT_ONCE ? 0 : 1 },
    isolate: false,
    testTimeout: HANGS_MS,
    hookTimeout: HANGS_MS,
  },
})

/**
 * `npm test` runs `gate`: all three tiers, in workers that load the program once for all of them. `soak` (failovers, clocks, outages,
 * kills of what moves money) takes minutes of processor time and is part of `npm run test:all` alone.
 */
export default defineConfig({
  test: {
    // Of a soak every scenario is listed with its duration.
    reporters: [isSoak ? 'verbose' : 'default'],
    sequence: { sequencer: LongestFirst },
    projects: [
      project('unit', ['unit']),
      project('integration', ['integration'], [needsRedis]),
      project('e2e', ['e2e'], [needsRedis, needsDaemons]),
      project('gate', ['unit', 'integration', 'e2e'], [needsRedis, needsDaemons]),
      // Each has as many processes as a whole installation: no more of them at a time than there are cores.
      project('soak', ['soak'], [needsRedis, needsDaemons], Math.max(2, availableParallelism())),
    ],
  },
})
