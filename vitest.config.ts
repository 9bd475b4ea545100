import { defineConfig } from 'vitest/config'

const soak = process.env.SOAK === '1'
const needsRedis = ['./test/support/redis-global.ts']

/** End-to-end files that neither kill nor time anything: they may share the machine with another. */
const QUIET_E2E = ['cli-*', 'console*', 'demo', 'start-needs'].map(name => `test/e2e/${name}.test.ts`)

/** The tiers run one after the other, cheapest first; most e2e files one at a time, for they share two cores with what they start. */
export default defineConfig({
  test: {
    // Most of the waiting is for timers and processes: two files at a time, also on two cores.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 5_000,
          hookTimeout: 5_000,
          // Pure code leaves nothing behind: one process for all files halves the time.
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: needsRedis,
          testTimeout: soak ? 3_600_000 : 20_000,
          hookTimeout: 20_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e-quiet',
          include: QUIET_E2E,
          globalSetup: needsRedis,
          testTimeout: soak ? 3_600_000 : 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: QUIET_E2E,
          globalSetup: needsRedis,
          fileParallelism: false,
          testTimeout: soak ? 3_600_000 : 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
