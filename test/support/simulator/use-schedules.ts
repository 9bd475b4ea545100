import { afterAll, expect } from 'vitest'
import { connectRedis, type Redis } from '../../../src/redis/connect.ts'
import { deleteKeys, testNamespace } from '../no-leftovers.ts'
import { Breach } from './trace.ts'

/** How many run at once; each in a namespace of its own, so that they do not meet. */
const AT_ONCE = 20

/** Runs one schedule over Redis, in a namespace of its own; rejects with a `Breach` when it breaks a rule. */
export type RunSchedule = (redis: Redis, namespace: string, seed: number) => Promise<void>

/**
 * Answers what runs `wanted` schedules of the seeds from 1 on, or those from `SIM_FROM` to `SIM_COUNT`, or that of `SIM_SEED` alone; it
 * throws at the first that breaks a rule, naming its seed, and when one left a key. It answers how many ran, null when it was the
 * one asked for.
 */
export function useSchedules(): (wanted: number, runSchedule: RunSchedule) => Promise<number | null> {
  const { namespace, redisUrl } = testNamespace()
  const redis = connectRedis(redisUrl, namespace, 'patient')
  // What schedules ask at the same moment goes out in one write.
  redis.options.enableAutoPipelining = true
  afterAll(async () => {
    await deleteKeys(redis, `{${namespace}-*`)
    await redis.quit()
  })
  return async (wanted, runSchedule) => {
    const count = Number(process.env.SIM_COUNT ?? wanted)
    const asked = process.env.SIM_SEED === undefined ? null : Number(process.env.SIM_SEED)
    const from = Number(process.env.SIM_FROM ?? 1)
    const [first, last] = asked === null ? [from, count] : [asked, asked]
    await runSeeds(first, last, seed => runSchedule(redis, `${namespace}-${seed}`, seed))
    expect(await redis.keys(`{${namespace}-*`), 'keys that nothing deletes').toEqual([])
    return asked === null ? last - first + 1 : null
  }
}

async function runSeeds(first: number, last: number, run: (seed: number) => Promise<void>): Promise<void> {
  let next = first
  const failures: unknown[] = []
  const lane = async () => {
    while (failures.length === 0 && next <= last) {
      const seed = next++
      await run(seed).catch((error: unknown) => {
        failures.push(error instanceof Breach ? new Breach(`seed ${seed}: ${error.message}`) : error)
      })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  if (failures.length > 0) throw failures[0]
}
