import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { startSandbox } from '../../src/sandbox/server.ts'
import { wireTime } from '../../src/sandbox/wire-time.ts'
import { createAlarmStore } from '../../src/store/alarm-store.ts'
import { startAlertFleet } from '../support/alert-fleet.ts'
import type { DaemonName, Env } from '../support/daemons.ts'
import { eventually } from '../support/eventually.ts'
import { startFleet } from '../support/fleet.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { opsDoor } from '../support/ops-door.ts'
import { sale, saleOf } from '../support/sale.ts'
import { openStores } from '../support/stores.ts'

const { namespace, redisUrl } = testNamespace()
const WRONG_CLOCK = pathToFileURL(join(import.meta.dirname, '../support/wrong-clock.mjs')).href
const [MINUTE_MS, HOUR_MS] = [60_000, 3_600_000]
const DAY_MS = 24 * HOUR_MS
/** How long after its issue an alert has its target time. */
const TARGET_MS = 4 * HOUR_MS

const endings: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).toReversed()) await end()
})

/** A wall clock that is wrong, and steps to as much behind and back after so many milliseconds each time; all else is left alone. */
type WrongClock = (aheadMs: number, stepMs?: number) => Env

const inNode: WrongClock = (aheadMs, stepMs = 0) => ({
  NODE_OPTIONS: `--import ${WRONG_CLOCK}`,
  CLOCK_AHEAD_MS: String(aheadMs),
  CLOCK_STEP_MS: String(stepMs),
})

/** Debian's package `libfaketime`; undefined where it is not installed. */
const LIBRARY = ['x86_64', 'aarch64']
  .map(machine => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`)
  .find(path => existsSync(path))

const inLibrary: WrongClock = (aheadMs, stepMs = 0) => {
  const seconds = (sign: number) => `${aheadMs * sign < 0 ? '-' : '+'}${Math.abs(aheadMs) / 1_000}`
  const common = { LD_PRELOAD: LIBRARY!, DONT_FAKE_MONOTONIC: '1', FAKETIME_NO_CACHE: '1' }
  if (stepMs === 0) return { ...common, FAKETIME: seconds(1) }
  const file = join(mkdtempSync(join(tmpdir(), 'order-sync-clock-')), 'time')
  let sign = 1
  const step = () => {
    writeFileSync(`${file}.new`, seconds(sign))
    renameSync(`${file}.new`, file)
    sign = -sign
  }
  step()
  const timer = setInterval(step, stepMs)
  endings.push(async () => {
    clearInterval(timer)
    rmSync(dirname(file), { recursive: true })
  })
  return { ...common, FAKETIME_TIMESTAMP_FILE: file }
}

const CLOCKS = [
  { by: 'Node.js', clock: inNode },
  ...(LIBRARY === undefined ? [] : [{ by: 'libfaketime', clock: inLibrary }]),
]

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

describe.each(CLOCKS)('daemons whose clocks, set by $by, differ', ({ by, clock }) => {
  it.each([
    ['a day', DAY_MS],
    ['four minutes', 4 * MINUTE_MS],
  ])('by %s push and retry in time, go on sweeping, and ring', async (_name, offMs) => {
    const { fleet, sell, swept } = await daemonsWith(`${by}-off-${offMs}`, {
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
    const { fleet, sell, swept } = await daemonsWith(`${by}-was-ahead`, {
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
    const { sell, swept, fleet } = await daemonsWith(`${by}-steps`, {
      ingress: steps,
      'order-sync': steps,
      scheduler: steps,
    })
    let last = await swept()
    for (let round = 0; round < 3; round++) {
      await sell(5)
      last = await swept(last)
    }
    expect(fleet.output()).not.toMatch(/Worker stalled|job threw/)
  })

  it.each([
    ['ahead', DAY_MS],
    ['behind', -DAY_MS],
  ])(
    'by a day %s ring for an alert at its target time by Redis’ clock, neither before nor late',
    async (way, offMs) => {
      const sandbox = await startSandbox()
      endings.push(() => sandbox.close())
      const wrong = clock(offMs)
      const line = await startAlertFleet({
        redisUrl,
        namespace: `${namespace}-${by}-target-${way}`,
        sandbox,
        daemons: [],
        env: { REFUND_MODE: 'off', CASE_TARGET_MINUTES: String(TARGET_MS / MINUTE_MS) },
      })
      endings.push(() => line.close())
      for (const name of ['ingress', 'scheduler', 'order-sync', 'alerts'] as const) await line.fleet.add(name, wrong)
      await line.fleet.hooks.send([saleOf('T-1', 0)])
      await eventually(() => expect(sandbox.inbox.records()).toHaveLength(1))
      const alarms = createAlarmStore(line.stores.redis, line.stores.keys)
      const rings = async () => (await alarms.list(Date.now())).some(({ name }) => name === 'case-target')
      const targetAt = Math.ceil(Date.now() / 1_000) * 1_000 + 12_000
      sandbox.scenarios.trigger('ethoca-full-refund', {
        order_id: 'T-1',
        prevention_timestamp: wireTime(targetAt - TARGET_MS),
      })
      while (Date.now() < targetAt - 500) {
        expect(await rings(), `${targetAt - Date.now()} ms before its target time`).toBe(false)
        await pause(250)
      }
      await eventually(async () => expect(await rings()).toBe(true), { withinMs: 10_000 })
      expect(sandbox.refunds.list()).toEqual([])
    },
  )
})
