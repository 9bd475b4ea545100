import type { Redis } from '../../../src/redis/connect.ts'
import type { Random } from '../simulator/random.ts'
import { seededRandom } from '../simulator/random.ts'
import { Breach } from '../simulator/trace.ts'
import type { Matter, Planned } from './draw-alerts.ts'
import { rest } from './rest.ts'
import { Schedule } from './schedule.ts'
import { keysOfWorld } from './snapshot.ts'
import type { Named } from './world.ts'

const ORDERS = 3
/** `REQUEST_SETTLE_MS`: within so long of each other it makes no difference what comes first. */
const SETTLE_MS = 10_000

/**
 * Sends the alert, the match and the request of one sale, and repeats of them, in several orders within the time that is allowed for
 * that; nothing fails. Rejects with a `Breach` where they come to different ends.
 */
export async function checkArrival(redis: Redis, { namespace, seed }: Named): Promise<void> {
  const ends: End[] = []
  for (let i = 0; i < ORDERS; i++)
    ends.push(
      await arrive(redis, { namespace: `${namespace}-${i}`, seed, choice: { only: [] } }, seededRandom(seed * 31 + i)),
    )
  const other = ends.find(({ end }) => end !== ends[0]!.end)
  if (other)
    throw new Breach(
      [
        `${ends[0]!.order} came to ${ends[0]!.end}, ${other.order} to ${other.end}`,
        ...ends[0]!.trace,
        '',
        ...other.trace,
      ].join('\n  '),
    )
}

/** In which order things came, what they came to, and on which way. */
interface End {
  order: string
  end: string
  trace: readonly string[]
}

async function arrive(redis: Redis, named: Named, random: Random): Promise<End> {
  const schedule = new Schedule(redis, named)
  const { world } = schedule
  try {
    world.faultsOn = false
    Object.assign(world.gateway.traits, { pendingShare: 0, faultShare: 0, refusal: null })
    world.gateway.faultsOn = world.platforms.midigator.faultsOn = false
    if (world.mode === 'off') world.mode = 'auto'
    await schedule.setMode(world.mode)
    const sale = world.sales[0]!
    await schedule.crm.sellEarlier(sale)
    const matters = world.matters.filter(one => one.sale === sale && one.kind !== 'chargeback')
    for (const { guid, matched } of matters) world.platforms.midigator.facts.set(guid, matched)
    const all = matters.flatMap(matter => matter.events.map(planned => ({ matter, planned })))
    const sent = shuffled(random, [...all, ...all.filter(() => random.chance(0.3))])
    for (const one of sent) {
      await schedule.send(one)
      world.clock.pass(random.int(SETTLE_MS / sent.length))
      for (let steps = random.pick([0, 3, 40]); steps > 0; steps--) await schedule.workOn()
    }
    await rest(schedule)
    return {
      order: sent.map(({ planned }) => planned.event.type).join(),
      end: endOf(schedule, matters),
      trace: world.last,
    }
  } finally {
    const left = await keysOfWorld(world)
    if (left.length > 0) await redis.unlink(...left)
  }
}

/** Money and answers, and who waits for a person. */
function endOf({ world }: Schedule, matters: readonly Matter[]): string {
  const cents = world.gateway.booked.map(one => one.cents)
  const answers = matters.map(({ guid, id }) => {
    const { type } = JSON.parse(world.platforms.midigator.accepted.get(guid)?.body ?? '{}') as { type?: string }
    const state = world.rules.records.get(id)?.state
    return `${guid} ${type ?? (state === 'parked' || state === 'awaiting-approval' ? 'a person' : 'nothing')}`
  })
  return `${cents.join() || 0} cents, ${answers.join(', ')}`
}

function shuffled(random: Random, items: readonly { matter: Matter; planned: Planned }[]) {
  const left = [...items]
  return Array.from(items, () => left.splice(random.int(left.length), 1)[0]!)
}
