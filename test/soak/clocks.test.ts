import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { startSandbox } from '../../src/sandbox/server.ts'
import type { DaemonName, Env } from '../support/daemons.ts'
import { eventually } from '../support/eventually.ts'
import { startFleet } from '../support/fleet.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { opsDoor } from '../support/ops-door.ts'
import { sale } from '../support/sale.ts'
import { openStores } from '../support/stores.ts'

const { namespace, redisUrl } = testNamespace()
const WRONG_CLOCK = pathToFileURL(join(import.meta.dirname, '../support/wrong-clock.mjs')).href
const [MINUTE_MS, HOUR_MS] = [60_000, 3_600_000]
const DAY_MS = 24 * HOUR_MS

const endings: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end()
})

const clock = (aheadMs: number, stepMs = 0): Env => ({
  NODE_OPTIONS: `--import ${WRONG_CLOCK}`,
  CLOCK_AHEAD_MS: String(aheadMs),
  CLOCK_STEP_MS: String(stepMs),
})

/** Daemons each with a clock of its own, over one Redis whose clock is right, and a platform that fails some calls. */
async function daemonsWith(name: string, clocks: Partial<Record<DaemonName, Env>>) {
  const sandbox = await startSandbox()
  endings.push(() => sandbox.close())
  const fleet = await startFleet({ redisUrl, namespace: `${namespace}-${name}`, dataUrl: sandbox.dataUrl, daemons: [] })
  endings.push(() => fleet.close())
  for (const [daemon, env] of Object.entries(clocks)) await fleet.add(daemon as DaemonName, env)
  const stores = await openStores(redisUrl, `${namespace}-${name}`)
  endings.push(() => stores.close())
  let sold = 0
  /** Sells orders through the hook, whose sender's clock is right; each reaches the platform, the first after failures. */
  const sell = async (count: number) => {
    sandbox.faults.set([{ on: 'order', times: 5, fault: { kind: 'status', status: 503 } }])
    const ids = Array.from({ length: count }, () => `O-${(sold += 1)}`)
    for (const id of ids) expect((await fleet.hooks.send({ ...sale(id) })).status).toBe(202)
    await eventually(() => {
      for (const id of ids) expect(sandbox.inbox.record(id)).toMatchObject({ order_id: id })
    })
  }
  /** When the sweep last ran, by Redis' clock; it has run since `after`. */
  const swept = (after = 0) =>
    eventually(async () => {
      const at = (await stores.queues.due.schedulesRan()).get('sweep-orders') ?? 0
      expect(at).toBeGreaterThan(after)
      return at
    })
  return { fleet, stores, sell, swept }
}

describe('daemons whose clocks differ', () => {
  it.each([
    ['a day', DAY_MS],
    ['four minutes', 4 * MINUTE_MS],
  ])('by %s push and retry in time, go on sweeping, and ring', async (_name, offMs) => {
    const { fleet, sell, swept } = await daemonsWith(`off-${offMs}`, {
      ingress: clock(offMs),
      'order-sync': clock(-offMs),
      scheduler: clock(offMs),
      ops: clock(-offMs),
    })
    await sell(10)
    const first = await swept()
    expect(Math.abs(first - Date.now())).toBeLessThan(MINUTE_MS)
    await swept(first)
    const ops = opsDoor(fleet.opsUrl)
    await eventually(async () => {
      const { alarms } = JSON.parse(await ops.read('/api/alarms')) as { alarms: unknown[] }
      expect(alarms).toContainEqual(expect.objectContaining({ name: 'clock-off', count: 4 }))
    })
  })

  it('leave nothing behind once the clock is right: a scheduler was a day ahead, then another begins', async () => {
    const { fleet, sell, swept } = await daemonsWith('was-ahead', {
      ingress: {},
      'order-sync': {},
      scheduler: clock(DAY_MS),
    })
    await swept()
    await fleet.of('scheduler')[0]!.stop()
    await fleet.add('scheduler')
    const first = await swept()
    expect(await swept(first)).toBeGreaterThan(first)
    await sell(3)
  })

  it('that step an hour back and forth while jobs run lose no lock, no schedule and no push', async () => {
    const steps = clock(HOUR_MS, 300)
    const { sell, swept, fleet } = await daemonsWith('steps', { ingress: steps, 'order-sync': steps, scheduler: steps })
    let last = await swept()
    for (let round = 0; round < 3; round++) {
      await sell(5)
      last = await swept(last)
    }
    expect(fleet.output()).not.toMatch(/Worker stalled|job threw/)
  })
})
