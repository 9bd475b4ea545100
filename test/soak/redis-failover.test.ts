import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readNatMap } from '../../src/redis/address.ts'
import { startSandbox, type Sandbox } from '../../src/sandbox/server.ts'
import type { OrderStore } from '../../src/store/order-store.ts'
import { eventually } from '../support/eventually.ts'
import { startFleet, type Fleet } from '../support/fleet.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { patience } from '../support/patience.ts'
import { startCluster, startSentinels, type Loss, type RedisTopology } from '../support/redis-topologies.ts'
import { openStores } from '../support/stores.ts'
import { report } from '../support/report.ts'
import { isSoak } from '../support/sizes.ts'

/** From the loss of the primary: until a new change is pushed, and until every order that was under way is. */
const NEW_WITHIN_MS = 30_000
const ALL_WITHIN_MS = 60_000
const STOP_WITHIN_MS = 30_000
const ORDERS = 20

const TOPOLOGIES = [
  { name: 'Sentinels', start: startSentinels, losses: isSoak ? (['killed', 'planned', 'cut', 'black-holed', 'left-open'] as const) : (['left-open'] as const) }, // prettier-ignore
  { name: 'a Cluster', start: startCluster, losses: isSoak ? (['killed', 'planned', 'cut', 'black-holed'] as const) : (['killed'] as const) }, // prettier-ignore
]

testNamespace()

describe.each(TOPOLOGIES)('with $name', ({ start, losses }) => {
  const namespace = 'failover'
  let redis: RedisTopology
  let sandbox: Sandbox
  let fleet: Fleet

  beforeAll(async () => {
    redis = await start()
    sandbox = await startSandbox({ seed: 11 })
    fleet = await startFleet({
      redisUrl: redis.url,
      namespace,
      dataUrl: sandbox.dataUrl,
      daemons: ['ingress', 'scheduler', 'order-sync', 'order-sync'],
      env: { REDIS_NAT_MAP: redis.natMap, ORDER_SYNC_STUCK_MS: '20000', DRAIN_MS: '10000' },
    })
  })
  afterAll(async () => {
    for (const daemon of ['ingress', 'scheduler', 'order-sync'] as const)
      for (const one of fleet?.of(daemon) ?? []) await one.stop('SIGKILL')
    fleet?.hooks.close()
    await sandbox?.close()
    await redis?.close()
  })

  it.each(losses)('a primary that is %s costs no accepted change, and pushing goes on in time', async how => {
    const load = startLoad(fleet, how)
    await eventually(() => expect(pushed(sandbox, load.latest)).toBeGreaterThan(ORDERS / 2))
    await redis.lose(how, `{${namespace}}:x`)
    const lostAt = performance.now()
    const newMs = (await firstNewPushed(fleet, sandbox, how)) - lostAt
    await load.stop()
    await eventually(() => expect(missing(sandbox, load.latest)).toEqual([]), { withinMs: ALL_WITHIN_MS })
    const allMs = performance.now() - lostAt
    report('failover', { how, newMs: Math.round(newMs), allMs: Math.round(allMs), sentAgain: fleet.hooks.sentAgain() })
    expect(newMs).toBeLessThan(NEW_WITHIN_MS * patience())
    expect(allMs).toBeLessThan(ALL_WITHIN_MS * patience())
    expect(sandbox.inbox.stats().mostInFlightForOneOrder, 'calls for one order at once').toBe(1)
    await redis.restore()
    expect(await forgotten(load.latest), 'changes that were answered 202 and are not in Redis').toEqual([])
  })

  /** Of what was accepted, what the new primary does not have. */
  async function forgotten(latest: Latest): Promise<string[]> {
    const stores = await openStores({ url: redis.url, natMap: readNatMap(redis.natMap) ?? {} }, namespace)
    const lost: string[] = []
    for (const [orderId, total] of latest)
      if (Number(await totalOf(stores.orders, orderId)) !== Number(total)) lost.push(orderId)
    await stores.close()
    return lost
  }

  it('every process ends in time while the primary is lost', async () => {
    await redis.lose('black-holed', `{${namespace}}:x`)
    await pause(1_000) // Into the time before anything has noticed.
    const daemons = (['ingress', 'scheduler', 'order-sync'] as const).flatMap(name => fleet.of(name))
    expect(daemons).toHaveLength(4)
    const ends = await Promise.all(daemons.map(async daemon => ({ name: daemon.name, ...(await daemon.stop()) })))
    expect(ends.filter(({ code, tookMs }) => code !== 0 || tookMs > STOP_WITHIN_MS)).toEqual([])
  })
})

type Latest = Map<string, string>

/**
 * Changes the totals of the same orders again and again, and tells of a new order with every change; `latest` is what was last
 * answered 202, by order.
 */
function startLoad(fleet: Fleet, how: Loss) {
  const latest: Latest = new Map()
  const state = { count: 0, isStopped: false }
  const lane = async (first: number) => {
    for (let at = first; !state.isStopped; at = (at + 4) % ORDERS) {
      const total = `${(state.count += 1)}.00`
      for (const orderId of [`${how}-${at}`, `${how}-once-${state.count}`]) {
        await tell(fleet, orderId, total)
        latest.set(orderId, total)
      }
      await pause(50)
    }
  }
  const lanes = Promise.all([0, 1, 2, 3].map(lane))
  return {
    latest,
    async stop() {
      state.isStopped = true
      await lanes
    },
  }
}

async function tell(fleet: Fleet, orderId: string, total: string): Promise<void> {
  const change = {
    order_id: orderId,
    occurred_at: new Date().toISOString(),
    order_status: 'Complete',
    order_total: total,
  }
  const { status, body } = await fleet.hooks.send(change)
  expect({ status, results: body.results?.map(result => result.status) }).toMatchObject({ status: 202 })
}

const recordOf = (sandbox: Sandbox, orderId: string) =>
  sandbox.inbox.order(orderId)?.record as { order_total?: string } | null | undefined
const missing = (sandbox: Sandbox, latest: Latest) =>
  [...latest].filter(([orderId, total]) => recordOf(sandbox, orderId)?.order_total !== total)
const pushed = (sandbox: Sandbox, latest: Latest) =>
  [...latest.keys()].filter(orderId => recordOf(sandbox, orderId) != null).length

/** When the first order was pushed of which nothing was told before the primary was lost. */
async function firstNewPushed(fleet: Fleet, sandbox: Sandbox, how: Loss): Promise<number> {
  const orderId = `${how}-new`
  await tell(fleet, orderId, '7.00')
  await eventually(() => expect(recordOf(sandbox, orderId)?.order_total).toBe('7.00'), { withinMs: NEW_WITHIN_MS })
  return performance.now()
}

const totalOf = async (orders: Pick<OrderStore, 'read'>, orderId: string) =>
  JSON.parse((await orders.read(orderId))?.registers.get('order_total')?.value ?? 'null') as unknown
