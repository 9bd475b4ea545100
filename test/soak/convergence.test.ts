import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { chaos } from '../../src/sandbox/chaos.ts'
import type { FaultRule } from '../../src/sandbox/faults.ts'
import type { CallEntry } from '../../src/sandbox/inbox.ts'
import { startSandbox, type Sandbox } from '../../src/sandbox/server.ts'
import { overlaps } from '../support/call-history.ts'
import { atRest, expectConverged, expectNothingTakenBack } from '../support/convergence.ts'
import { deliverAll } from '../support/deliver.ts'
import { eventually } from '../support/eventually.ts'
import { startFleet, type Fleet } from '../support/fleet.ts'
import { startKillableRedis, type KillableRedis } from '../support/killable-redis.ts'
import { orderStream, type OrderStream } from '../support/order-stream.ts'
import { report } from '../support/report.ts'
import { seeded } from '../support/seeded.ts'
import { isSoak, size } from '../support/sizes.ts'
import { openStores } from '../support/stores.ts'

/** Fewer orders at the reduced size, so that each has as many changes, calls and late commits to get wrong. */
const [ORDERS, CHANGES] = [size(30, 400), size(250, 2_000)]
const KILLS = { 'order-sync': size(2, 4), ingress: size(1, 2), redis: size(1, 1) }
type Victim = keyof typeof KILLS

const PACED = { atOnce: 3, paceMs: 40 }
const LATE_MS = 500
const REDIS_DOWN_MS = 300
/** Locks that expired while Redis was away are found by the stalled check: so long after its return. */
const RECOVERY_MS = 5_000
const REST_WITHIN_MS = isSoak ? 1_800_000 : 60_000

let redis: KillableRedis
let sandbox: Sandbox
let fleet: Fleet
let stores: Awaited<ReturnType<typeof openStores>>

beforeAll(async () => {
  redis = await startKillableRedis()
  sandbox = await startSandbox({ seed: 7 })
  fleet = await startFleet({
    redisUrl: redis.url,
    namespace: 'convergence',
    dataUrl: sandbox.dataUrl,
    daemons: ['ingress', 'scheduler', 'order-sync', 'order-sync', 'order-sync'],
    env: { PUSH_TIMEOUT_MS: '800', PUSH_DOUBT_MS: '900', BACKOFF_MIN_MS: '200', ORDER_SYNC_LOCK_MS: '2000' },
  })
  stores = await openStores(redis.url, 'convergence')
})

beforeEach(() => sandbox.clear())

afterAll(async () => {
  await fleet?.close()
  await stores?.close()
  await sandbox?.close()
  await redis?.close()
})

describe('a platform that fails a fifth of all calls in every way it can, three order-sync processes', () => {
  it('ends with every record equal to the merge of its changes, no value taken back, no two calls for one order at once', async () => {
    const startedAt = performance.now()
    sandbox.faults.set(faultyAndSlow(0.5, 40))
    const stream = orderStream({ seed: 3, orders: ORDERS, changes: CHANGES })
    // Paced, so that changes land before, during and after pushes of their order.
    await deliverAll(fleet.hooks, stream.deliveries, PACED)
    await rest()

    expectConverged(sandbox.inbox, stream.changesOf)
    expectNothingTakenBack(sandbox.inbox, stream.changesOf)
    const stats = sandbox.inbox.stats()
    expect(stats.mostInFlightForOneOrder, 'calls for one order in flight at once').toBe(1)
    expect(stats.mostInFlight, 'calls of different orders do overlap').toBeGreaterThan(5)
    expect(await stores.pushes.getFailedCount(), 'pushes given up').toBe(0)
    const drawn = sandbox.faults.snapshot().drawn.slice(0, -1)
    const faultsMet = drawn.reduce((sum, times) => sum + times, 0)
    expect(faultsMet, 'calls that met a fault').toBeGreaterThan(stats.calls / 10)
    report('chaos', {
      ...covered(stream),
      faultsMet,
      kindsOfFault: drawn.filter(Boolean).length,
      mostInFlight: stats.mostInFlight,
      seconds: seconds(startedAt),
    })
  })

  it('loses nothing that was answered 202 while order-sync, ingress and Redis are killed with -9', async () => {
    const startedAt = performance.now()
    sandbox.faults.set(faultyAndSlow(0.7, 250))
    const stream = orderStream({ seed: 11, orders: ORDERS, changes: CHANGES })
    const random = seeded(11)
    const victims = random.shuffled(Object.entries(KILLS).flatMap(([name, n]) => Array<Victim>(n).fill(name as Victim)))
    const part = Math.ceil(stream.deliveries.length / victims.length)
    for (const [i, victim] of victims.entries()) {
      const delivered = deliverAll(fleet.hooks, stream.deliveries.slice(i * part, (i + 1) * part), PACED)
      await eventually(() => expect(sandbox.inbox.stats().inFlight).toBeGreaterThan(4), {
        withinMs: 30_000,
        everyMs: 2,
      })
      if (victim === 'redis') await redis.killAndRestart(REDIS_DOWN_MS)
      else await fleet.killAndReplace(random.pick(fleet.of(victim)))
      await delivered
    }
    await rest()

    expectConverged(sandbox.inbox, stream.changesOf)
    expectNothingTakenBack(sandbox.inbox, stream.changesOf)
    const histories = [...stream.changesOf.keys()].map(id => sandbox.inbox.order(id)?.history ?? [])
    const met = histories.flatMap(history => overlaps(history, Date.now()))
    const near = redis.outages.map(({ from, to }) => ({ from, to: to + RECOVERY_MS }))
    const outside = met.filter(([, later]) => !near.some(({ from, to }) => later.at >= from && later.at <= to))
    expect(outside, 'calls of one order at once, outside the outages of Redis').toEqual([])
    expect(redis.outages.length, 'kills of Redis').toBe(KILLS.redis)
    const cutOff = histories.flat().filter(wasCutOff).length
    // Few kills may all fall between two calls, and between two deliveries.
    expect(fleet.hooks.sentAgain(), 'deliveries sent again').toBeGreaterThanOrEqual(isSoak ? 1 : 0)
    expect(cutOff, 'calls cut off by the death of their process').toBeGreaterThanOrEqual(isSoak ? 1 : 0)
    report('kills', {
      ...covered(stream),
      kills: victims.join(' '),
      cutOff,
      sentAgain: fleet.hooks.sentAgain(),
      overlapsInOutages: met.length - outside.length,
      seconds: seconds(startedAt),
    })
  })
})

/** Every fault there is in a fifth of all calls; of the others a share is slow, so that calls of one order would meet if they could. */
const faultyAndSlow = (share: number, ms: number): FaultRule[] => [
  ...chaos(0.2, { slowMs: 150, lateMs: LATE_MS }),
  { probability: share, fault: { kind: 'slow', ms } },
]

const rest = () => atRest(stores.orders, sandbox.inbox, { lateMs: LATE_MS, withinMs: REST_WITHIN_MS })
const seconds = (since: number) => Math.round((performance.now() - since) / 100) / 10

/** The caller went away, and not because the platform kept it waiting. */
const wasCutOff = ({ ended, fault }: CallEntry) => ended === 'closed' && (fault === null || fault === 'slow')

const covered = ({ changes, deliveries, changesOf }: OrderStream) => ({
  changes,
  sent: deliveries.flat().length,
  orders: changesOf.size,
  calls: sandbox.inbox.stats().calls,
})
