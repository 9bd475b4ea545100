import type { Redis } from '../../../src/redis/connect.ts'
import { checkArrival } from './arrival.ts'
import type { Behaviour } from './behaviours.ts'
import { checkAtRest, type Tally } from './check-rest.ts'
import { rest, settle } from './rest.ts'
import { Schedule } from './schedule.ts'
import { keysOfWorld } from './snapshot.ts'
import type { Named } from './world.ts'

/** Which behaviours the schedules met, and how many schedules each. */
export type Met = Map<Behaviour, number>

/** Runs one schedule; rejects with a `Breach` when it breaks a rule. Counts into `tally` what it came to, and into `met` what it met. */
export async function runSchedule(
  redis: Redis,
  named: Named,
  { tally, met }: { tally: Tally; met: Met },
): Promise<void> {
  const schedule = new Schedule(redis, named)
  const { world } = schedule
  try {
    if (world.behaviours.has('arrival-order')) {
      world.behaviours.meet('arrival-order')
      await checkArrival(redis, named)
    }
    await schedule.stir(50 + world.random.int(110))
    await rest(schedule)
    if (await schedule.newsLater()) await rest(schedule)
    const stands = await checkAtRest(world)
    for (const name of Object.keys(tally) as (keyof Tally)[]) tally[name] += stands[name]
    if (!world.random.chance(0.3)) return
    await settle(schedule)
    await checkAtRest(world)
  } finally {
    for (const name of world.behaviours.met) met.set(name, (met.get(name) ?? 0) + 1)
    const left = await keysOfWorld(world)
    if (left.length > 0) await redis.unlink(...left)
  }
}
