import type { Redis } from '../../../src/redis.ts'
import { allKeys } from './all-keys.ts'
import { checkAtRest, type Tally } from './check-rest.ts'
import { rest, settle } from './rest.ts'
import { Schedule } from './schedule.ts'

/** Runs the schedule of one seed and counts into `tally` what it met. */
export async function runSchedule(redis: Redis, namespace: string, seed: number, tally: Tally): Promise<void> {
  const schedule = new Schedule(redis, namespace, seed)
  const { world } = schedule
  try {
    await schedule.stir(50 + world.random.int(110))
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
