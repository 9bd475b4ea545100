import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSandbox, type Sandbox } from '../../src/sandbox/server.ts'
import { startAlertFleet } from '../support/alert-fleet.ts'
import { parkedOf, wrongsOf } from '../support/alert-truth.ts'
import { atRest, expectConverged, expectNothingTakenBack } from '../support/convergence.ts'
import { deliverAll } from '../support/deliver.ts'
import { eventually } from '../support/eventually.ts'
import { startFleet, type Fleet } from '../support/fleet.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { hasOlderVersion, unpackOlderVersion } from '../support/older-version.ts'
import { orderStream } from '../support/order-stream.ts'
import { report } from '../support/report.ts'
import { saleOf } from '../support/sale.ts'
import { isSoak, size } from '../support/sizes.ts'
import { openStores } from '../support/stores.ts'

const [ORDERS, CHANGES] = [size(40, 200), size(480, 3_000)]
const DAEMONS = ['ingress', 'scheduler', 'order-sync'] as const
const SALES = size(8, 30)
const PACED = { atOnce: 3, paceMs: 40 }
const REST_WITHIN_MS = isSoak ? 900_000 : 90_000

const { namespace, redisUrl } = testNamespace()
let sandbox: Sandbox
let fleet: Fleet
let older: Awaited<ReturnType<typeof unpackOlderVersion>>
let stores: Awaited<ReturnType<typeof openStores>>

describe.skipIf(!hasOlderVersion())(
  'orders under load, upgraded from 0.1.0 one process after the other, and back',
  () => {
    beforeAll(async () => {
      older = await unpackOlderVersion()
      sandbox = await startSandbox({ seed: 5 })
      fleet = await startFleet({ redisUrl, namespace, dataUrl: sandbox.dataUrl, daemons: [] })
      stores = await openStores(redisUrl, namespace)
    })
    afterAll(async () => {
      await fleet?.close()
      await stores?.close()
      await sandbox?.close()
      await older?.remove()
    })

    it('lose no change, take no value back, and are never pushed twice at once, while both versions run', async () => {
      sandbox.faults.set([
        { on: 'order', probability: 0.1, fault: { kind: 'status', status: 503 } },
        { on: 'order', fault: { kind: 'slow', ms: 30 } },
      ])
      for (const name of DAEMONS) await fleet.add(name, {}, older.folder)
      const { changesOf, deliveries } = orderStream({ seed: 5, orders: ORDERS, changes: CHANGES })
      const part = Math.ceil(deliveries.length / 4)
      const parts = [0, 1, 2, 3].map(i => deliveries.slice(i * part, (i + 1) * part))
      await deliverAll(fleet.hooks, parts[0]!, PACED)

      const upgrading = deliverAll(fleet.hooks, parts[1]!, PACED)
      await replaceEach()
      await upgrading
      await eventually(async () => expect(await repeating(), 'schedules of 0.1.0').toBe(0))
      await deliverAll(fleet.hooks, parts[2]!, PACED)

      const goingBack = deliverAll(fleet.hooks, parts[3]!, PACED)
      await replaceEach(older.folder)
      await goingBack

      await atRest(stores.orders, sandbox.inbox, { lateMs: 0, withinMs: REST_WITHIN_MS })
      expectConverged(sandbox.inbox, changesOf)
      expectNothingTakenBack(sandbox.inbox, changesOf)
      const { calls, mostInFlightForOneOrder } = sandbox.inbox.stats()
      expect(mostInFlightForOneOrder, 'calls for one order at once').toBe(1)
      report('rolling upgrade', {
        orders: ORDERS,
        deliveries: deliveries.length,
        calls,
        sentAgain: fleet.hooks.sentAgain(),
      })

      // What went back may come again.
      await replaceEach()
      await eventually(async () => expect((await stores.orders.counts()).dirty).toBe(0))
    })
  },
)

describe.skipIf(!hasOlderVersion())('alerts that 0.1.0 began', () => {
  it('are each refunded once and answered truly by this version, its daemon started once the older one has ended', async () => {
    const [unpacked, here] = [await unpackOlderVersion(), await startSandbox({ seed: 9, keepsKeysMs: 86_400_000 })]
    const line = await startAlertFleet({ redisUrl, namespace: `${namespace}-alerts`, sandbox: here, daemons: [] })
    try {
      for (const name of [...DAEMONS, 'alerts'] as const) await line.fleet.add(name, {}, unpacked.folder)
      const ids = Array.from({ length: SALES }, (_, i) => `U-${i}`)
      await line.fleet.hooks.send(ids.map(saleOf))
      await eventually(() => expect(here.inbox.records()).toHaveLength(SALES), { withinMs: 60_000 })
      here.faults.set([{ on: 'refund', fault: { kind: 'slow', ms: 400 } }])
      const play = (ids: readonly string[]) => {
        for (const order_id of ids) here.scenarios.trigger('ethoca-full-refund', { order_id })
      }
      play(ids.slice(0, SALES / 2))
      await eventually(() => expect(here.refunds.list().length).toBeGreaterThan(0), { withinMs: 60_000, everyMs: 5 })

      for (const one of line.fleet.of('alerts')) await one.stop()
      for (const name of DAEMONS) {
        for (const one of line.fleet.of(name)) await one.stop()
        if (name === 'ingress') play(ids.slice(SALES / 2)) // Delivered again until the port answers.
        await line.fleet.add(name)
      }
      await line.fleet.add('alerts')

      const records = await eventually(
        async () => {
          const { ids } = await line.cases.list(null, 1_000, null)
          const records = await line.cases.records(ids)
          const ended = records.filter(({ state }) => state === 'resolved')
          expect(ended.map(({ orderId }) => orderId ?? '').toSorted()).toEqual(sold(SALES))
          return records
        },
        { withinMs: isSoak ? 600_000 : 90_000, everyMs: 200 },
      )
      expect(wrongsOf(here, records)).toEqual([])
      expect([...parkedOf(records)]).toEqual([])
      expect(here.refunds.allTotals().map(({ effective }) => effective)).toEqual(ids.map(() => 1))
    } finally {
      await line.close()
      await here.close()
      await unpacked.remove()
    }
  })
})

const sold = (count: number) => Array.from({ length: count }, (_, i) => `U-${i}`).toSorted()

/** How many schedules BullMQ keeps for the sweep of orders: 0.1.0 has one, this version none. */
const repeating = () => stores.redis.zcard(`${stores.keys.queuePrefix}:sweep-orders:repeat`)

/** Puts another version in the place of each process; those that push run beside each other for a while. */
async function replaceEach(sources?: string): Promise<void> {
  for (const name of DAEMONS) {
    const before = fleet.of(name)
    if (name === 'ingress') for (const one of before) await one.stop()
    await fleet.add(name, {}, sources)
    await callsMade(20)
    if (name !== 'ingress') for (const one of before) await one.stop()
  }
}

/** Waits for so many calls more, or until there is nothing to push. */
async function callsMade(count: number): Promise<void> {
  const from = sandbox.inbox.stats().calls
  await eventually(async () => {
    const { dirty } = await stores.orders.counts()
    expect(dirty === 0 || sandbox.inbox.stats().calls - from >= count).toBe(true)
  }, { withinMs: 60_000, everyMs: 50 }) // prettier-ignore
}
