import { afterAll, expect, it } from 'vitest'
import { connectRedis } from '../../src/redis.ts'
import { deleteKeys, testNamespace } from '../support/no-leftovers.ts'
import { runSchedules } from '../support/simulator-alerts/run-schedules.ts'
import { size } from '../support/sizes.ts'

const { namespace, redisUrl } = testNamespace()
const redis = connectRedis(redisUrl, namespace, 'patient')
const replay = process.env.SIM_SEED === undefined ? null : Number(process.env.SIM_SEED)

afterAll(async () => {
  await deleteKeys(redis, `{${namespace}-*`)
  await redis.quit()
})

it(
  'whatever fails, stalls, dies or repeats in whatever order, money goes back once and every answer is true',
  { timeout: size(120_000, 7_200_000) },
  async () => {
    const count = replay === null ? size(2_000, 100_000) : 1
    const tally = await runSchedules({ redis, namespace, firstSeed: replay ?? 1, count, atOnce: 20 })
    expect(await redis.keys(`{${namespace}-*`), 'keys that nothing deletes').toEqual([])
    if (replay !== null) return
    // The schedules are no test of anything unless they meet what they are about.
    expect(tally.calls / count).toBeGreaterThan(1)
    const least = Math.min(tally.resolved, tally.noted, tally.waiting, tally.refunds, tally.escalated)
    expect(least / count).toBeGreaterThan(0.05)
  },
)
