import { afterAll, describe, expect, it } from 'vitest'
import type { FaultRule } from '../../src/sandbox/faults.ts'
import { chaos } from '../../src/sandbox/chaos.ts'
import { startSandbox, type Sandbox } from '../../src/sandbox/server.ts'
import type { CaseRecord } from '../../src/store/case-store.ts'
import { startAlertFleet, type AlertFleet } from '../support/alert-fleet.ts'
import { parkedOf, toldTooSoon, wrongsOf } from '../support/alert-truth.ts'
import { eventually } from '../support/eventually.ts'
import { startKillableRedis, type KillableRedis } from '../support/killable-redis.ts'
import { report } from '../support/report.ts'
import { saleOf } from '../support/sale.ts'
import { seeded } from '../support/seeded.ts'
import { isSoak, size } from '../support/sizes.ts'

/** A third of the orders has two alerts: four alerts to three orders. */
const ORDERS = size(14, 60)
const KILLS = { alerts: size(2, 4), redis: size(1, 1) }
const WORKERS = isSoak ? (['alerts', 'alerts'] as const) : (['alerts'] as const)
const REDIS_DOWN_MS = 300
const REST_WITHIN_MS = isSoak ? 900_000 : 60_000

interface Scene {
  keepsKeys: boolean
  redis: KillableRedis
  sandbox: Sandbox
  line: AlertFleet
}

const scenes: Scene[] = []
afterAll(async () => {
  for (const { line, sandbox, redis } of scenes) {
    await line.close()
    await sandbox.close()
    await redis.close()
  }
})

// Both at once: most of the time is waiting, for leases of what died and for looks at the gateway.
describe.concurrent('alerts, with a fifth of all calls failing, and workers and Redis killed with -9', () => {
  it('and a gateway that keeps keys: every order is refunded once and told, every alert answered truly, none parked', async () => {
    const scene = await open('keeps-keys', 86_400_000)
    const { records, figures } = await play(scene)
    expect(wrongsOf(scene.sandbox, records)).toEqual([])
    expect(await toldTooSoon(scene.sandbox, scene.line, records)).toEqual([])
    expect([...parkedOf(records)]).toEqual([])
    expect(scene.sandbox.refunds.allTotals()).toHaveLength(ORDERS)
    report('alerts, keys kept', figures)
  })

  it('and one that keeps none, and fails once it has refunded: what nobody can know is parked, and nothing else', async () => {
    const scene = await open('no-keys', 0)
    const { records, figures } = await play(scene)
    expect(wrongsOf(scene.sandbox, records)).toEqual([])
    expect(await toldTooSoon(scene.sandbox, scene.line, records)).toEqual([])
    const parked = parkedOf(records)
    // Only what died between its last look and its arrival: the gateway never heard of it.
    const unexplained = [...parked].filter(([id, why]) => why !== 'refund-parked' || scene.sandbox.refunds.totals(id).effective > 0) // prettier-ignore
    expect(unexplained).toEqual([])
    // One order in fifty, or one a kill where there are few orders to many kills.
    expect(parked.size).toBeLessThanOrEqual(Math.max(ORDERS * 0.02, KILLS.alerts))
    expect(scene.sandbox.refunds.allTotals()).toHaveLength(ORDERS - parked.size)
    report('alerts, no keys kept', { ...figures, parked: parked.size })
  })
})

async function open(name: string, keepsKeysMs: number): Promise<Scene> {
  const redis = await startKillableRedis()
  const delivery = { duplicate: 0.2, shuffleMs: 300, delayMs: 0 }
  const sandbox = await startSandbox({ seed: 23, keepsKeysMs, delivery, redeliverMs: 100 })
  // One that states what is refundable proves within 15 minutes what did not arrive, and it is sent again.
  sandbox.gateway.traits.set([{ refundable_amount: keepsKeysMs > 0 }])
  const line = await startAlertFleet({
    redisUrl: redis.url,
    namespace: name,
    sandbox,
    daemons: ['ingress', 'scheduler', 'order-sync', ...WORKERS],
    env: { REFUND_HTTP_KEEPS_KEYS_HOURS: String(keepsKeysMs / 3_600_000), BREAKER_FAILURES: '50' },
  })
  const scene = { keepsKeys: keepsKeysMs > 0, redis, sandbox, line }
  scenes.push(scene)
  return scene
}

/** Sells the orders, plays their alerts while everything fails and dies, and waits until every case is at rest. */
async function play(scene: Scene): Promise<{ records: CaseRecord[]; figures: Record<string, number | string> }> {
  const { sandbox, line } = scene
  const startedAt = performance.now()
  const ids = Array.from({ length: ORDERS }, (_, i) => `E-${i}`)
  await line.fleet.hooks.send(ids.map(saleOf))
  await eventually(() => expect(sandbox.inbox.records()).toHaveLength(ORDERS), { withinMs: 60_000, everyMs: 50 })
  const { cutOff, drawn: drawnBefore } = await alertAndKill(scene, ids)
  const records = await eventually(() => atRest(scene), { withinMs: REST_WITHIN_MS, everyMs: 100 })
  const drawn = drawnBefore + faultsDrawn(sandbox)
  const { calls } = sandbox.inbox.stats()
  expect(drawn).toBeGreaterThan(calls / 12)
  expect(cutOff).toBeGreaterThanOrEqual(KILLS.alerts)
  return {
    records,
    figures: {
      orders: ORDERS,
      alerts: sandbox.alerts.list().length,
      calls,
      faults: drawn,
      replayed: sandbox.refunds.list().filter(({ replays }) => replays > 0).length,
      cutOff,
      kills: `${KILLS.alerts}+${scene.redis.outages.length}`,
      seconds: Math.round((performance.now() - startedAt) / 100) / 10,
    },
  }
}

/**
 * Plays the alerts in as many parts as something is killed, each kill while refunds are on the wire; how many calls a
 * worker's death cut off, and how many faults were drawn.
 */
async function alertAndKill(
  { keepsKeys, sandbox, line, redis }: Scene,
  ids: readonly string[],
): Promise<{ cutOff: number; drawn: number }> {
  let cutOff = 0
  let drawn = 0
  const faults = faultsOf(keepsKeys)
  const random = seeded(29)
  const victims = random.shuffled(Object.entries(KILLS).flatMap(([name, n]) => Array<string>(n).fill(name)))
  const part = Math.ceil(ids.length / victims.length)
  for (const [i, victim] of victims.entries()) {
    // At no particular moment of the part, but while money is on its way.
    const before = { on: 'refund', times: random.below(Math.ceil(part / 2)), fault: { kind: 'slow', ms: 250 } } as const
    sandbox.faults.set([before, { on: 'refund', fault: { kind: 'hold' } }, ...faults])
    for (const [k, id] of ids.slice(i * part, (i + 1) * part).entries())
      sandbox.scenarios.trigger(k % 3 === 0 ? 'two-alerts' : 'ethoca-full-refund', { order_id: id })
    const held = await eventually(
      () => {
        const held = refundCalls(sandbox).filter(({ fault, ended }) => fault === 'hold' && ended === null)
        expect(held.length).toBeGreaterThan(0)
        return held
      },
      { withinMs: 60_000, everyMs: 2 },
    )
    drawn += faultsDrawn(sandbox)
    const killed =
      victim === 'redis'
        ? redis.killAndRestart(REDIS_DOWN_MS)
        : line.fleet.killAndReplace(random.pick(line.fleet.of('alerts')))
    if (victim !== 'redis') cutOff += held.length
    sandbox.faults.set(faults) // What was held is carried out now that its caller is gone.
    await killed
  }
  return { cutOff, drawn }
}

const refundCalls = (sandbox: Sandbox) => sandbox.inbox.requests(1_000).filter(({ call }) => call === 'refund')
/** How often anything but slowness was drawn since the rules were set. */
function faultsDrawn(sandbox: Sandbox): number {
  const { drawn, rules } = sandbox.faults.snapshot()
  return drawn.reduce((sum, n, i) => sum + (['slow', 'hold'].includes(rules[i]!.fault.kind) ? 0 : n), 0)
}
const AT_REST = new Set(['resolved', 'parked', 'noted', 'refunded'])

/** All cases, once none of them moves any more, and neither does any order. */
async function atRest({ sandbox, line }: Scene): Promise<CaseRecord[]> {
  const { ids } = await line.cases.list(null, 10_000, null)
  const records = await line.cases.records(ids)
  const alerts = sandbox.alerts.list().length
  expect(records.filter(({ kind }) => kind === 'alert')).toHaveLength(alerts)
  expect(records.filter(({ state }) => !AT_REST.has(state)).map(({ id, state, reason }) => `${id} ${state} ${reason}`)).toEqual([])
  const { dirty, doubtful } = await line.stores.orders.counts()
  expect({ dirty, doubtful }).toEqual({ dirty: 0, doubtful: 0 })
  expect(sandbox.inbox.stats().inFlight).toBe(0)
  return records
} // prettier-ignore

const AFTER_EFFECT: FaultRule['fault'][] = [
  { kind: 'commit-then-hang' },
  { kind: 'commit-then-fail', status: 502 },
  { kind: 'commit-then-reset' },
]

/** A gateway that keeps keys may fail in every way, also by taking effect after it was asked again. */
const EVERY_WAY = chaos(0.2, { only: ['refund'], slowMs: 100, lateMs: 600 })
/** Of one that keeps none nobody could tell what had no effect; so its calls fail once they took effect. */
const ONCE_DONE = AFTER_EFFECT.map((fault, i): FaultRule => ({ on: 'refund', probability: 0.2 / (3 - 0.2 * i), fault }))

/** A fifth of each kind of call; of the refunds that pass, most are slow. */
const faultsOf = (keepsKeys: boolean): FaultRule[] => [
  ...(keepsKeys ? EVERY_WAY : ONCE_DONE),
  { on: 'refund', probability: 0.6, fault: { kind: 'slow', ms: 250 } },
  ...chaos(0.2, { only: ['order', 'read-event', 'resolution', 'refund-list'], slowMs: 100, lateMs: 300 }),
]
