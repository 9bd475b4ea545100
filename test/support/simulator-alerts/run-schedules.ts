import type { Redis } from '../../../src/redis.ts'
import { Breach } from '../simulator/world.ts'
import { allKeys } from './all-keys.ts'
import { checkAtRest, type Tally } from './check-rest.ts'
import { rest, settle } from './rest.ts'
import { Schedule } from './schedule.ts'

export interface SchedulesOptions {
  redis: Redis
  namespace: string
  firstSeed: number
  count: number
  /** How many run at once; each in a namespace of its own, so that they do not meet. */
  atOnce: number
}

/** Runs schedules of the seeds from `firstSeed` on; throws at the first that breaks a rule, naming its seed. */
export async function runSchedules({ redis, namespace, firstSeed, count, atOnce }: SchedulesOptions): Promise<Tally> {
  const tally: Tally = { resolved: 0, noted: 0, waiting: 0, refunds: 0, calls: 0, escalated: 0 }
  let next = firstSeed
  const failures: unknown[] = []
  const lane = async () => {
    while (failures.length === 0 && next < firstSeed + count) {
      const seed = next++
      await runSchedule(redis, `${namespace}-${seed}`, seed, tally).catch((error: unknown) => {
        failures.push(error instanceof Breach ? new Breach(`seed ${seed}: ${error.message}`) : error)
      })
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  if (failures.length > 0) throw failures[0]
  return tally
}

async function runSchedule(redis: Redis, namespace: string, seed: number, tally: Tally): Promise<void> {
  const schedule = new Schedule(redis, namespace, seed)
  const { world } = schedule
  try {
    await schedule.stir(60 + world.random.int(160))
    await rest(schedule)
    const stands = await checkAtRest(world)
    for (const name of Object.keys(tally) as (keyof Tally)[]) tally[name] += stands[name]
    if (!world.random.chance(0.3)) return
    await settle(schedule)
    await checkAtRest(world)
  } finally {
    await redis.unlink(...allKeys(world))
  }
}
