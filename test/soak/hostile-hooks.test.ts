import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSandbox, type Sandbox } from '../../src/sandbox/server.ts'
import { atRest, expectConverged } from '../support/convergence.ts'
import { deliverAll } from '../support/deliver.ts'
import { startFleet, type Fleet } from '../support/fleet.ts'
import { signed, type HookAnswer } from '../support/hook-sender.ts'
import { hostileBodies, type Hostile } from '../support/hostile-bodies.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { orderStream } from '../support/order-stream.ts'
import { report } from '../support/report.ts'
import { residentMb } from '../support/resident-memory.ts'
import { sendAgain } from '../support/send-again.ts'
import { seeded } from '../support/seeded.ts'
import { isSoak, size } from '../support/sizes.ts'
import { openStores } from '../support/stores.ts'

const SEED = 17
const BODIES = size(120, 5_000)
const AT_ONCE = 6
/** What counts as flat: a short run ends before the collector has settled on a size. */
const FLAT_MB = isSoak ? 80 : 90
const { namespace, redisUrl } = testNamespace()
let sandbox: Sandbox
let fleet: Fleet
let stores: Awaited<ReturnType<typeof openStores>>

beforeAll(async () => {
  sandbox = await startSandbox()
  const daemons = ['ingress', 'scheduler', 'order-sync'] as const
  fleet = await startFleet({ redisUrl, namespace, dataUrl: sandbox.dataUrl, daemons })
  stores = await openStores(redisUrl, namespace)
})

afterAll(async () => {
  await fleet?.close()
  await stores?.close()
  await sandbox?.close()
})

describe('a door that is sent malformed and hostile bodies, most of them well signed', () => {
  it('names what is wrong with each, changes no order, holds no memory, and takes every good change in between', async () => {
    const startedAt = performance.now()
    const random = seeded(SEED)
    const stream = orderStream({ seed: SEED, orders: size(60, 200), changes: size(300, 1_000) })
    const ids = [...stream.changesOf.keys()]
    const target = () => (random.chance(0.7) ? random.pick(ids) : `hostile-${random.below(1_000)}`)
    const bodies = hostileBodies(random, BODIES, fleet.hookSecret, target)
    const [door] = fleet.of('ingress')
    const faults: Fault[] = []
    const statuses: Record<number, number> = {}
    const memory: number[] = []
    let sent = 0
    const lane = async () => {
      for (const hostile of bodies) {
        const answer = await sendAgain(() => send(hostile))
        statuses[answer.status] = (statuses[answer.status] ?? 0) + 1
        const fault = faultOf(hostile, answer)
        if (fault !== undefined) faults.push(fault)
        if (sent++ % 50 === 0) memory.push(residentMb(door!.pid))
      }
    }
    await Promise.all([
      ...Array.from({ length: AT_ONCE }, lane),
      deliverAll(fleet.hooks, stream.deliveries, { atOnce: 1 }),
    ])
    await atRest(stores.orders, sandbox.inbox, { lateMs: 0, withinMs: 30_000 })

    const kinds = [...new Set(faults.map(fault => fault.kind))].join(', ')
    expect(faults.slice(0, 3), `${faults.length} of ${sent} answered otherwise (${kinds})`).toEqual([])
    expect(sent).toBe(BODIES)
    expectConverged(sandbox.inbox, stream.changesOf)
    const kept = await ordersInRedis()
    expect(kept.filter(id => !id.startsWith('hostile-')).toSorted(), 'orders kept').toEqual(ids.toSorted())
    // Of an order that is not known yet only the hold for its unread money is kept.
    const strangers = await Promise.all(kept.filter(id => id.startsWith('hostile-')).map(id => stores.orders.read(id)))
    expect(strangers.filter(order => order === null || order.registers.size > 0 || order.holds.size === 0)).toEqual([])
    expect(await stores.rejected.count(), 'refused bodies kept').toBeLessThanOrEqual(5_000)
    expect(fleet.of('ingress')).toEqual([door])
    // Where Redis is slow the door says so, and the sender sends again.
    const ownFaults = fleet
      .output()
      .split('\n')
      .filter(line => /"msg":"(request failed|job threw)"/.test(line) && !line.includes('"code":"redis-away"'))
    expect(ownFaults, 'faults of our own in the log').toEqual([])
    const third = Math.floor(memory.length / 3)
    const [middle, end] = [mean(memory.slice(third, 2 * third)), mean(memory.slice(2 * third))]
    expect(end - middle, `growth in MB over the last third (${memory.map(Math.round).join(' ')})`).toBeLessThan(FLAT_MB)
    report('hostile', {
      bodies: sent,
      statuses: Object.entries(statuses).map(([status, count]) => `${status}×${count}`).join(' '),
      goodChanges: stream.changes,
      memoryMb: `${Math.round(middle)} then ${Math.round(end)}`,
      seconds: Math.round((performance.now() - startedAt) / 100) / 10,
    }) // prettier-ignore
  })
})

const mean = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length

function send({ body, headers, chunked }: Hostile): Promise<HookAnswer> {
  const own = headers ?? { 'content-type': 'application/json', ...signed(fleet.hookSecret, body) }
  return fleet.hooks
    .sendRaw(body, own, chunked)
    .catch((error: unknown) => ({ status: 0, body: { message: String(error) } }))
}

/** A body that was answered otherwise than it should be, as far as it fits on a screen. */
interface Fault {
  kind: string
  sent: string
  answer: unknown
}

function faultOf({ kind, body, statuses, field }: Hostile, answer: HookAnswer): Fault | undefined {
  const { code, message, errors, results } = answer.body
  const unread = results?.flatMap(({ faults = [] }) => faults)
  const named = (errors ?? unread ?? []).map(error => error.field)
  const isRight =
    statuses.includes(answer.status) &&
    (answer.status === 202 || (typeof code === 'string' && typeof message === 'string')) &&
    named.length > 0 &&
    named.every(name => typeof name === 'string' && name !== '') &&
    (field === undefined || named.some(name => field.test(name)))
  return isRight
    ? undefined
    : {
        kind,
        sent: body.subarray(0, 200).toString(),
        answer: { ...answer, body: { code, message, named: named.slice(0, 5) } },
      }
}

/** The ids of all orders that any key tells of, whatever the key holds of them. */
async function ordersInRedis(): Promise<string[]> {
  const found = new Set<string>()
  for (const name of ['order', 'order-notes', 'timeline']) {
    const prefix = `{${namespace}}:${name}:`
    for (let cursor = '', isFirst = true; isFirst || cursor !== '0'; isFirst = false) {
      const [next, keys] = await stores.redis.scan(cursor || '0', 'MATCH', `${prefix}*`, 'COUNT', 1_000)
      cursor = next
      for (const key of keys) found.add(key.slice(prefix.length))
    }
  }
  for (const id of await stores.redis.zrange(stores.keys.orders, '0', '-1')) found.add(id)
  return [...found]
}
