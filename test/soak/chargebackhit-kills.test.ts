import { afterAll, describe, expect, it } from 'vitest'
import type { FaultRule } from '../../src/sandbox/faults.ts'
import { startSandbox, type Sandbox } from '../../src/sandbox/server.ts'
import type { CaseRecord } from '../../src/store/case-store.ts'
import { startAlertFleet, type AlertFleet } from '../support/alert-fleet.ts'
import { parkedOf, wrongsOf } from '../support/alert-truth.ts'
import { eventually } from '../support/eventually.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { wrongOutcomesOf } from '../support/outcome-truth.ts'
import { report } from '../support/report.ts'
import { saleOf } from '../support/sale.ts'
import { seeded } from '../support/seeded.ts'
import { isSoak, size } from '../support/sizes.ts'

/** Each has an alert of Chargebackhit; every third one of Midigator too. */
const ORDERS = size(12, 120)
const KILLS = size(2, 4)
const REST_WITHIN_MS = isSoak ? 900_000 : 60_000

const { namespace, redisUrl } = testNamespace()
let sandbox: Sandbox | undefined
let line: AlertFleet | undefined
afterAll(async () => {
  await line?.close()
  await sandbox?.close()
})

/** A third of the updates takes effect and fails all the same; those that pass are slow, as the refunds are. */
const FAULTS: FaultRule[] = [
  { on: 'update-outcome', probability: 1 / 9, fault: { kind: 'commit-then-fail', status: 502 } },
  { on: 'update-outcome', probability: 1 / 8, fault: { kind: 'commit-then-reset' } },
  { on: 'update-outcome', probability: 1 / 7, fault: { kind: 'commit-then-hang' } },
  { on: 'update-outcome', fault: { kind: 'slow', ms: 200 } },
  { on: 'refund', fault: { kind: 'slow', ms: 200 } },
]

describe('alerts of Chargebackhit, with a third of the updates failing once they took effect, and workers killed with -9', () => {
  it('every pending is followed by one final outcome, true and told in one text, and no order is refunded twice', async () => {
    const startedAt = performance.now()
    const here = (sandbox = await startSandbox({ seed: 31, keepsKeysMs: 86_400_000, redeliverMs: 100 }))
    line = await startAlertFleet({
      redisUrl,
      namespace,
      sandbox: here,
      daemons: ['ingress', 'scheduler', 'order-sync', 'alerts'],
      env: { REFUND_HTTP_KEEPS_KEYS_HOURS: '24', BREAKER_FAILURES: '50' },
    })
    const ids = Array.from({ length: ORDERS }, (_, i) => `C-${i}`)
    await line.fleet.hooks.send(ids.map(saleOf))
    await eventually(() => expect(here.inbox.records()).toHaveLength(ORDERS), { withinMs: 60_000, everyMs: 50 })
    here.faults.set(FAULTS)
    const cutOff = await alertAndKill(here, line, ids)
    const records = await eventually(() => atRest(here, line!), { withinMs: REST_WITHIN_MS, everyMs: 100 })

    expect(wrongOutcomesOf(here, records)).toEqual([])
    expect(wrongsOf(here, records.filter(({ id }) => id.startsWith('midigator:')))).toEqual([])
    expect([...parkedOf(records)]).toEqual([])
    expect(here.refunds.allTotals().filter(({ effective }) => effective !== 1)).toEqual([])
    expect(here.refunds.allTotals()).toHaveLength(ORDERS)

    const repeats = here.chargebackhit.alerts.list().filter(({ answers }) => answers.acceptedTimes > 1).length
    expect(repeats).toBeGreaterThan(0)
    expect(cutOff).toBeGreaterThanOrEqual(KILLS)
    report('alerts of Chargebackhit', {
      orders: ORDERS,
      alerts: records.length,
      kills: KILLS,
      cutOff,
      repeats,
      seconds: Math.round((performance.now() - startedAt) / 100) / 10,
    })
  }) // prettier-ignore
})

/** Plays the alerts in as many parts as a worker is killed, each kill while an update is on the wire; how many calls it cut off. */
async function alertAndKill(here: Sandbox, { fleet }: AlertFleet, ids: readonly string[]): Promise<number> {
  const random = seeded(37)
  let cutOff = 0
  const part = Math.ceil(ids.length / KILLS)
  for (let kill = 0; kill < KILLS; kill++) {
    // At no particular moment of the part, but while an outcome is on its way; every other time, money.
    const on = kill % 2 === 0 ? 'update-outcome' : 'refund'
    const before = { on, times: random.below(Math.ceil(part / 2)), fault: { kind: 'slow', ms: 200 } } as const
    here.faults.set([before, { on, fault: { kind: 'hold' } }, ...FAULTS])
    for (const [k, order_id] of ids.slice(kill * part, (kill + 1) * part).entries()) {
      here.chargebackhit.scenarios.get('cbh-init-refund-ethoca')!.run({ order_id })
      if (k % 3 === 0) here.scenarios.trigger('ethoca-full-refund', { order_id })
    }
    const held = await eventually(
      () => {
        const held = callsOf(here, on).filter(({ fault, ended }) => fault === 'hold' && ended === null)
        expect(held.length).toBeGreaterThan(0)
        return held
      },
      { withinMs: 60_000, everyMs: 2 },
    )
    cutOff += held.length
    const replaced = fleet.killAndReplace(fleet.of('alerts')[0]!)
    here.faults.set(FAULTS) // What was held is carried out now that its caller is gone.
    await replaced
  }
  return cutOff
}

/** Of the newest 1,000 calls. */
const callsOf = (here: Sandbox, name: string) => here.inbox.requests(1_000).filter(({ call }) => call === name)

/** All cases, once none of them moves any more, and neither does any order. */
async function atRest(here: Sandbox, { cases, stores }: AlertFleet): Promise<CaseRecord[]> {
  const { ids } = await cases.list(null, 10_000, null)
  const records = await cases.records(ids)
  const alerts = here.chargebackhit.alerts.list().length + here.alerts.list().length
  expect(records.filter(({ kind }) => kind === 'alert')).toHaveLength(alerts)
  const moving = records.filter(({ state }) => !['resolved', 'parked', 'noted', 'refunded'].includes(state))
  expect(moving.map(({ id, state, reason }) => `${id} ${state} ${reason}`)).toEqual([])
  const { dirty, doubtful } = await stores.orders.counts()
  expect({ dirty, doubtful }).toEqual({ dirty: 0, doubtful: 0 })
  expect(here.inbox.stats().inFlight).toBe(0)
  return records
}
