import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startSandbox, type Sandbox } from '../../src/sandbox/server.ts'
import { atRest, expectConverged } from '../support/convergence.ts'
import { deliverAll } from '../support/deliver.ts'
import { eventually } from '../support/eventually.ts'
import { startFleet, type Fleet } from '../support/fleet.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { opsDoor, type OpsDoor } from '../support/ops-door.ts'
import { expectedRecord } from '../support/oracle.ts'
import { orderStream, type OrderStream, type SentChange } from '../support/order-stream.ts'
import { layLine, type PlatformLine } from '../support/platform-line.ts'
import { report } from '../support/report.ts'
import { runCommand } from '../support/run-command.ts'
import { isSoak, size } from '../support/sizes.ts'
import { openStores } from '../support/stores.ts'
import { JOBS } from '../../src/jobs/index.ts'
import { jobOf } from '../../src/queue/inspect.ts'

/** Between looks at a platform that is down, or denies us. */
const PROBE_MS = 500
/** All back-offs, 50 + 100 + 200 + 400 + 500 ms, are over by then. */
const DOWN_MS = isSoak ? 30_000 : 3_000
const DENIED_MS = isSoak ? 15_000 : 1_500
const { namespace, redisUrl } = testNamespace()
const changesOf = new Map<string, SentChange[]>()
let sandbox: Sandbox
let stranger: Sandbox
let line: PlatformLine
let fleet: Fleet
let ops: OpsDoor
let stores: Awaited<ReturnType<typeof openStores>>
let pids: number[]

beforeAll(async () => {
  sandbox = await startSandbox()
  stranger = await startSandbox({ password: 'of another account' })
  line = await layLine(sandbox.url)
  fleet = await startFleet({
    redisUrl,
    namespace,
    dataUrl: line.dataUrl,
    daemons: ['ingress', 'scheduler', 'order-sync', 'order-sync', 'ops'],
    // A worker that took these waits for a lack of progress would be made anew within a second.
    env: {
      BACKOFF_MAX_MS: '500',
      ORDER_SYNC_STUCK_MS: '1000',
      BREAKER_PROBE_MS: `${PROBE_MS}`,
      DENIED_PROBE_MS: `${PROBE_MS}`,
    },
  })
  stores = await openStores(redisUrl, namespace)
  ops = opsDoor(fleet.opsUrl)
  pids = runningPids()
})

afterEach(async () => {
  sandbox.faults.clear()
  await line.lead(sandbox.url)
  await stores.pushes.resume()
  await rest()
})

afterAll(async () => {
  await fleet?.close()
  await stores?.close()
  await line?.close()
  await Promise.all([sandbox?.close(), stranger?.close()])
})

describe('a platform that is down for longer than all back-offs', () => {
  it('costs nothing: it is probed at a low steady rate, and the backlog drains by itself when it returns', async () => {
    await send(1, size(40, 200))
    await rest()
    await line.cut('refusing')
    const sent = await send(2, size(40, 200))
    await eventually(async () => expect((await gate()).breaker).toBe('open'), { withinMs: 10_000 })
    // Calls that had leave before it opened still come.
    await eventually(async () => expect(await stores.pushes.getActiveCount()).toBe(0), { withinMs: 10_000 })
    await line.cut('resetting')
    const perHalf: number[] = []
    for (let half = 0; half < 2; half++) {
      const before = line.triedSinceCut()
      await pause(DOWN_MS / 2) // How long it is down is what this test is about.
      perHalf.push(line.triedSinceCut() - before)
    }

    const atMost = DOWN_MS / 2 / PROBE_MS + 2
    for (const tried of perHalf) {
      expect(tried, 'tries in half of the outage').toBeGreaterThanOrEqual(atMost / 4)
      expect(tried, 'tries in half of the outage').toBeLessThanOrEqual(atMost)
    }
    expect((await stores.orders.counts()).dirty, 'orders waiting').toBe(settled(sent))
    expect(await stores.pushes.getFailedCount(), 'pushes given up').toBe(0)
    expect(logged('error', 'calls stopped')).toContainEqual(expect.objectContaining({ why: 'breaker' }))
    expect(await ops.metric('order_sync_breaker_open{platform="midigator"}')).toBe(1)
    expect(await ops.metric('order_sync_alarm{name="platform-down"}')).toBe(1)
    await line.lead(sandbox.url)
    await rest()
    expectConverged(sandbox.inbox, changesOf)
    expect(await ops.metric('order_sync_breaker_open{platform="midigator"}')).toBe(0)
    expectNoRestart()
    report('outage', { orders: changesOf.size, downMs: DOWN_MS, probesPerHalf: perHalf.join(' ') })
  })
})

describe('a platform that does not let us in', () => {
  it('with the wrong password: pushing stops with an alarm, no attempt is spent, and it goes on by itself', async () => {
    await line.lead(stranger.url)
    await denied('credentials-refused', 3, stranger)
    expect(Object.keys(stranger.inbox.stats().answers['order'] ?? {}), 'answers to pushes').toEqual(['401'])
    await line.lead(sandbox.url)
    await rest()
    expectConverged(sandbox.inbox, changesOf)
    expectNoRestart()
  })

  it('with 403: pushing stops with an alarm, no attempt is spent, and it goes on by itself', async () => {
    sandbox.faults.set([{ on: 'order', fault: { kind: 'status', status: 403 } }])
    await denied('forbidden', 4, sandbox)
    sandbox.faults.clear()
    await rest()
    expectConverged(sandbox.inbox, changesOf)
    expect(await ops.metric('order_sync_denied{platform="midigator",cause="forbidden"}')).toBe(0)
    expect(logged('info', 'platform takes calls again').length).toBeGreaterThanOrEqual(3)
    expectNoRestart()
  })
})

describe("an operator's pause", () => {
  it('survives a denial that lifts, an outage and a worker that dies; what came meanwhile is pushed when it is ended', async () => {
    sandbox.faults.set([{ on: 'order', fault: { kind: 'status', status: 403 } }])
    await send(5, 10)
    await eventually(async () => expect((await gate()).denied).toBe('forbidden'))
    await stores.pushes.pause()
    await eventually(async () => expect(await stores.pushes.getActiveCount()).toBe(0))
    sandbox.faults.clear()
    const before = sandbox.inbox.stats().answers
    const probes = () => count(sandbox.inbox.stats().answers['auth']) - count(before['auth'])
    await eventually(() => expect(probes(), 'probes answered').toBeGreaterThanOrEqual(2))
    await line.cut('resetting')
    await eventually(() => expect(line.triedSinceCut(), 'probes cut off').toBeGreaterThanOrEqual(2))
    await line.lead(sandbox.url)
    const sent = await send(6, 10)
    const [victim] = fleet.of('order-sync')
    await fleet.killAndReplace(victim!)
    const after = probes()
    await eventually(() => expect(probes(), 'probes answered').toBeGreaterThan(after))

    expect(await stores.pushes.isPaused()).toBe(true)
    expect(count(sandbox.inbox.stats().answers['order']), 'pushes while paused').toBe(count(before['order']))
    expect((await stores.orders.counts()).dirty).toBeGreaterThanOrEqual(settled(sent))
    await stores.pushes.resume()
    await rest()
    expectConverged(sandbox.inbox, changesOf)
  })
})

/** Sends changes of a denied platform's time, then looks for a while at how it is left in peace. */
async function denied(cause: string, seed: number, platform: Sandbox): Promise<void> {
  const sent = await send(seed, 20)
  await eventually(async () => expect((await gate()).denied).toBe(cause))
  // Calls that were on their way when the first was refused still come back.
  await eventually(async () => expect(await stores.pushes.getActiveCount()).toBe(0))
  const before = platform.inbox.stats().answers
  await pause(DENIED_MS) // That nothing but probes happens for a while is what this test is about.
  const after = platform.inbox.stats().answers
  const probes = DENIED_MS / PROBE_MS + 2
  for (const call of ['auth', 'order'])
    expect(count(after[call]) - count(before[call]), `${call} calls while denied`).toBeLessThanOrEqual(probes)
  expect(count(after['auth']) - count(before['auth']), 'probes').toBeGreaterThanOrEqual(probes / 4)

  expect((await stores.orders.counts()).dirty, 'orders waiting').toBe(settled(sent))
  const jobs = await Promise.all(
    [...sent.changesOf.keys()].map(orderId => jobOf(stores.queues, JOBS.syncOrder, { orderId })),
  )
  expect(jobs.filter(job => job !== null).length, 'jobs waiting').toBe(settled(sent))
  expect(jobs.filter(job => (job?.attempts ?? 0) > 0).length, 'jobs that spent an attempt').toBe(0)
  expect(await ops.metric(`order_sync_denied{platform="midigator",cause="${cause}"}`)).toBe(1)
  expect(await ops.metric('order_sync_alarm{name="platform-denied"}')).toBe(1)
  expect(logged('error', 'calls stopped')).toContainEqual(expect.objectContaining({ why: cause }))
  const doctor = JSON.parse((await runCommand(['doctor', '--json'], { env: fleet.env })).out) as { lines: unknown[] }
  const line = { name: 'alarm platform-denied', ok: false, says: expect.stringMatching(/rejected our calls/) as string }
  expect(doctor.lines).toContainEqual(expect.objectContaining(line))
}

async function send(seed: number, orders: number): Promise<OrderStream> {
  const stream = orderStream({ seed, orders, changes: orders * 3 })
  for (const [orderId, changes] of stream.changesOf) changesOf.set(orderId, changes)
  await deliverAll(fleet.hooks, stream.deliveries)
  return stream
}

const settled = (stream: OrderStream) =>
  [...stream.changesOf.values()].filter(list => expectedRecord(list) !== null).length
const rest = () => atRest(stores.orders, sandbox.inbox, { lateMs: 0, withinMs: 30_000 })
const gate = () => stores.gates.state('midigator')
const count = (answers: Record<string, number> | undefined) =>
  Object.values(answers ?? {}).reduce((sum, number) => sum + number, 0)

/** Log lines of a level whose message begins so, of all processes. */
function logged(level: 'info' | 'warn' | 'error', message: string): Record<string, unknown>[] {
  const wanted = { info: 30, warn: 40, error: 50 }[level]
  return fleet
    .output()
    .split('\n')
    .filter(text => text.startsWith('{'))
    .map(text => JSON.parse(text) as Record<string, unknown>)
    .filter(entry => entry['level'] === wanted && String(entry['msg']).startsWith(message))
}

function runningPids(): number[] {
  return (['ingress', 'scheduler', 'order-sync', 'ops'] as const).flatMap(name => fleet.of(name).map(({ pid }) => pid))
}

function expectNoRestart(): void {
  expect(runningPids(), 'processes').toEqual(pids)
  expect(logged('warn', 'Worker stalled, restarting'), 'stalled workers').toEqual([])
}
