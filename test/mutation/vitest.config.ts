import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'
import { readJob } from './job.ts'
import { mutationPlugin } from './plugin.ts'

const root = resolve(import.meta.dirname, '../..')
const { mutants, needsRedis } = readJob()
// The simulators find most of what they find within their first schedules.
process.env.SIM_COUNT ??= '100'
// A change that only a long test notices is noticed.
process.env.LONG ??= '1'

/** One worker that lives as long as the job: driver.ts is the only file it is given, runner.ts runs all others. */
export default defineConfig({
  root,
  plugins: [mutationPlugin(root, mutants)],
  test: {
    include: ['test/mutation/driver.ts'],
    runner: 'test/mutation/runner.ts',
    globalSetup: needsRedis ? ['./test/support/redis-global.ts'] : [],
    pool: 'forks',
    maxWorkers: 1,
    isolate: false,
    testTimeout: needsRedis ? 20_000 : 5_000,
    hookTimeout: needsRedis ? 20_000 : 5_000,
    reporters: [],
  },
})
