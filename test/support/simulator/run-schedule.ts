import type { Redis } from '../../../src/redis/connect.ts'
import { checkAtRest, checkForgotten } from './check-rest.ts'
import { mendingChange } from './draw-change.ts'
import { Schedule } from './schedule.ts'

/** What the schedules together met, so that a test can tell that they met anything. */
export interface Tally {
  calls: number
  clean: number
  held: number
  rejected: number
  forgotten: number
}

/** Runs the schedule of one seed and counts into `tally` what it met. */
export async function runSchedule(redis: Redis, namespace: string, seed: number, tally: Tally): Promise<void> {
  const schedule = new Schedule(redis, namespace, seed)
  const { world } = schedule
  try {
    await schedule.stir(40 + world.random.int(80))
    await schedule.rest()
    const stands = await check(schedule, false)
    tally.calls += world.platform.sent
    tally.clean += stands.clean
    tally.held += stands.held
    tally.rejected += stands.rejected
    if (stands.rejected > 0) await aDayPasses(schedule)
    if (stands.held + stands.rejected > 0) await mend(schedule)
    const forgotten = await forgetAll(schedule)
    tally.forgotten += forgotten
  } finally {
    await redis.del(...keysLeft(schedule))
  }
}

async function check(schedule: Schedule, sinceFaults: boolean) {
  const stands = { nothing: 0, held: 0, rejected: 0, clean: 0 }
  for (const orderId of schedule.orderIds) stands[await checkAtRest(schedule.world, orderId, sinceFaults)] += 1
  schedule.world.check()
  return stands
}

/** Rule 6: a refused order is left alone until a change, and tried again daily. */
async function aDayPasses(schedule: Schedule): Promise<void> {
  const { world } = schedule
  const sent = world.platform.sent
  world.clock.pass(world.terms.refusalRetryMs / 2)
  await schedule.rest()
  if (world.platform.sent > sent) world.fail('a rejected order was pushed though nothing changed')
  world.clock.pass(world.terms.refusalRetryMs)
  await schedule.rest()
  if (world.platform.sent === sent) world.fail('a rejected order was not tried again daily')
  await check(schedule, true)
}

/** A change that settles the order and takes away what the platform minds: then it is told whole. */
async function mend(schedule: Schedule): Promise<void> {
  const { world, orderIds } = schedule
  for (const orderId of orderIds) {
    if (!world.isForgotten(orderId)) await schedule.tell(mendingChange(orderId, world.epochMs))
  }
  await schedule.rest()
  const { held, rejected } = await check(schedule, true)
  if (held + rejected > 0) world.fail('a settled order that nobody minds is held or rejected')
  world.check()
}

async function forgetAll(schedule: Schedule): Promise<number> {
  const { world } = schedule
  for (const orderId of schedule.orderIds) {
    await schedule.forget(orderId)
    await checkForgotten(world, orderId)
  }
  world.check()
  return schedule.orderIds.length
}

/** Everything a schedule may leave once its orders are forgotten; more than that is found by the test's own look. */
function keysLeft({ world }: Schedule): string[] {
  const { keys, platformName } = world
  return [keys.forgotten, keys.gate(platformName), keys.pushRate(platformName), keys.version]
}
