import { DURATIONS } from './draw-terms.ts'
import type { Schedule } from './schedule.ts'
import type { World } from './world.ts'

const ROUNDS_TO_REST = 200
/** For so long people who are careless go on deciding. */
const HASTY_ROUNDS = 30
/** A case is looked at again after so long. */
const LOOK_MS = DURATIONS.lookMs + 1_000
/** Once everything is quiet: whatever is looked at rarely is looked at once more. */
const LATER_MS = [600_000, 7_200_000, 4 * 86_400_000]

/** No more faults: everybody wakes, and time passes until nobody has anything left to do. */
export async function rest(schedule: Schedule): Promise<void> {
  const { world } = schedule
  await schedule.endFaults()
  let pace: Pace = RESTLESS
  let isMarkDue = true
  for (let round = 0; round < ROUNDS_TO_REST; round++) {
    await schedule.crm.catchUp()
    await schedule.sweep()
    if (world.behaviours.has('person-careless') && round < HASTY_ROUNDS) await schedule.person()
    if (isMarkDue) world.jobs.add('deadlines|all')
    const before = world.changes
    await work(schedule)
    const next = await nextAt(world, world.changes > before ? RESTLESS : pace)
    if (next === null) return
    pace = next.pace
    world.clock.passTo(Math.max(world.clock.now + 1_000, next.at))
    isMarkDue = next.markAt <= world.clock.now
  }
  world.fail('it never came to rest')
  world.check()
}

/** Until when everything is looked at anew since anything changed (null: it has just changed), and how many later looks came since. */
interface Pace {
  looksUntil: number | null
  later: number
}
const RESTLESS: Pace = { looksUntil: null, later: 0 }

/** When to look again: soon while things change, then at what is known to come, then ever later; null: nothing comes any more. */
async function nextAt(world: World, pace: Pace): Promise<{ at: number; pace: Pace; markAt: number } | null> {
  const { redis, keys, jobs, clock } = world
  const { now } = clock
  const soonest = async (key: string) => Number((await redis.zrange(key, '0', '0', 'WITHSCORES'))[1] ?? Infinity)
  const [markAt, refundAt] = await Promise.all([soonest(keys.casesMarks), soonest(keys.refundsDue)])
  const jobAt = jobs.nextAt() ?? Infinity
  const looksUntil = pace.looksUntil ?? now + LOOK_MS
  if (jobAt < Infinity || now < looksUntil)
    return { at: Math.min(jobAt, markAt, refundAt, now + LOOK_MS), pace: { ...pace, looksUntil }, markAt }
  if (markAt < Infinity) return { at: markAt, pace, markAt }
  const later = (refundAt < Infinity ? LATER_MS : LATER_MS.slice(-1))[pace.later]
  if (later !== undefined) return { at: now + later, pace: { ...pace, later: pace.later + 1 }, markAt }
  // A refund that the gateway is not done with ends by itself, and is then found by the next look.
  if (clock.nextAt !== null) return { at: Math.max(clock.nextAt, now) + 1, pace: RESTLESS, markAt }
  // What it took back is found by the look that is due days later.
  const takenBack = world.gateway.booked.filter(({ status }) => status === 'taken back').map(one => one.transaction)
  const orderIds = world.sales.filter(({ transaction }) => takenBack.includes(transaction)).map(({ id }) => id)
  const dueAt = orderIds.length === 0 ? [] : await redis.zmscore(keys.refundsDue, ...orderIds)
  const foundAt = Math.min(...dueAt.flatMap(one => (one === null ? [] : [Number(one)])))
  return foundAt < Infinity ? { at: Math.max(foundAt, now) + 1, pace: RESTLESS, markAt } : null
}

/** Works until no job can be taken up now. */
async function work(schedule: Schedule): Promise<void> {
  const { world } = schedule
  for (let step = 0; step < 20_000; step++) {
    world.check()
    world.clock.pass(1)
    if (world.jobs.takeable(false).length > 0 && world.random.chance(0.1)) await schedule.start(false)
    else if (world.turns.drawable) world.note(await world.turns.next())
    else if (world.jobs.takeable(false).length > 0) await schedule.start(false)
    else return
  }
  world.fail('work never ended')
  world.check()
}

/** A person settles whatever is left: releases what waits for a word, answers everything else. */
export async function settle(schedule: Schedule): Promise<void> {
  const { world } = schedule
  for (const { id, state, kind } of world.rules.records.values()) {
    if (kind !== 'alert' || state === 'noted' || state === 'resolved') continue
    await schedule.say(id, { decision: 'resolve', resolution: { type: 'other', description: 'Handled by hand.' } })
    await work(schedule)
  }
  await rest(schedule)
}
