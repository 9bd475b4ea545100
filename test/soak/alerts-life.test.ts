import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startSandbox, type Sandbox } from '../../src/sandbox/server.ts'
import { startAlertFleet, type AlertFleet } from '../support/alert-fleet.ts'
import { wrongsOf } from '../support/alert-truth.ts'
import { runRefusing, type Daemon } from '../support/daemons.ts'
import { eventually } from '../support/eventually.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { patience } from '../support/patience.ts'

const { namespace, redisUrl } = testNamespace()
const AT_ONCE = 5
let sandbox: Sandbox
let line: AlertFleet

beforeAll(async () => {
  sandbox = await startSandbox({ redeliverMs: 100 })
  const env = { ALERTS_CONCURRENCY: String(AT_ONCE), REFUND_TIMEOUT_MS: '2000' }
  const daemons = ['ingress', 'scheduler', 'order-sync', 'ops'] as const
  line = await startAlertFleet({ redisUrl, namespace, sandbox, daemons, env })
})

afterEach(() => {
  sandbox.faults.clear()
})

afterAll(async () => {
  await line?.close()
  await sandbox?.close()
})

describe('the daemon `alerts`, told to stop in the middle of refunds', () => {
  it('finishes those on the wire, begins no more, exits 0; another one refunds the rest, each once', async () => {
    const ids = await sell('life', 20)
    sandbox.faults.set([{ on: 'refund', fault: { kind: 'hold' } }])
    // Nothing is given up before it is let go.
    const worker = await line.fleet.add('alerts', { REFUND_TIMEOUT_MS: '60000', ALERTS_LOCK_MS: '90000', DRAIN_MS: '60000' })
    const guids = ids.flatMap(id => sandbox.scenarios.trigger('ethoca-full-refund', { order_id: id }).prevention_guids)
    await eventually(() => expect(refundsInFlight()).toBe(AT_ONCE), { withinMs: 15_000, everyMs: 2 })
    const stopping = worker.stop('SIGTERM')
    await eventually(() => expect(worker.output()).toMatch(/daemon stops/))
    sandbox.faults.clear()
    const ending = await stopping
    expect(ending).toMatchObject({ code: 0, signal: null })
    expect(ending.tookMs).toBeLessThan(5_000 * patience())
    expect(sandbox.refunds.list()).toHaveLength(AT_ONCE)
    expect((await statesOf(ids)).toSorted()).toEqual(['confirmed', 'none'].flatMap((state, i) => Array<string>(i === 0 ? AT_ONCE : 20 - AT_ONCE).fill(state)))

    const next = await line.fleet.add('alerts')
    await resolved(guids)
    expect(sandbox.inbox.stats().answers['refund']).toEqual({ '201': 20 })
    await idleStop(next)
  })

  it('and whose gateway does not answer hangs up when its drain limit is over; the refund is looked up and made once', async () => {
    const [id] = await sell('hang', 1)
    sandbox.faults.set([{ on: 'refund', times: 1, fault: { kind: 'hang' } }])
    const worker = await line.fleet.add('alerts', { DRAIN_MS: '500' })
    const guids = sandbox.scenarios.trigger('ethoca-full-refund', { order_id: id! }).prevention_guids
    await eventually(() => expect(refundsInFlight()).toBe(1), { withinMs: 15_000, everyMs: 2 })
    const ending = await worker.stop('SIGTERM')
    expect(ending).toMatchObject({ code: 0, signal: null })
    expect(ending.tookMs).toBeLessThan(3_500 * patience())
    // It may die before it has written that it does not know.
    const claims = (await line.refunds.read(id!)).claims.map(({ state }) => state)
    expect([['claimed'], ['uncertain']]).toContainEqual(claims)
    const next = await line.fleet.add('alerts')
    await resolved(guids)
    expect(sandbox.refunds.list(id)).toMatchObject([{ effective: true, replays: 0 }])
    await idleStop(next)
  })
}) // prettier-ignore

describe('the daemon `alerts` that must not start', () => {
  it('names every setting that is missing or contradicts another', async () => {
    const env = Object.fromEntries(Object.entries(line.fleet.env).filter(([name]) => name !== 'REFUND_MODE'))
    const missing = await runRefusing('alerts', env)
    expect(missing.code).toBe(1)
    expect(missing.output).toMatch(/REFUND_MODE: is missing/)
    const short = await runRefusing('alerts', { ...line.fleet.env, ALERTS_LOCK_MS: '1500' })
    expect(short.code).toBe(1)
    expect(short.output).toMatch(/ALERTS_LOCK_MS: 1500 is not longer than REFUND_TIMEOUT_MS \(2000\)/)
  })
})

const refundsInFlight = () =>
  sandbox.inbox.requests(1_000).filter(({ call, ended }) => call === 'refund' && ended === null).length

async function sell(name: string, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, i) => `${name}-${i}`)
  const day = new Date(Date.now() - 86_400_000).toISOString()
  const fields = { occurred_at: day, order_date: day, order_total: '30.00', currency: 'USD', order_status: 'Complete', payment_state: 'captured' }
  await line.fleet.hooks.send(ids.map(id => ({ order_id: id, transaction_id: `T-${id}`, ...fields })))
  await eventually(() => expect(ids.filter(id => sandbox.inbox.record(id) === undefined)).toEqual([]), { withinMs: 15_000 })
  return ids
} // prettier-ignore

const statesOf = (ids: readonly string[]) =>
  Promise.all(
    ids.map(async id => {
      const claim = (await line.refunds.read(id)).claims.at(-1)
      return claim === undefined || claim.state === 'claimed' ? 'none' : claim.state
    }),
  )

async function resolved(guids: readonly string[]): Promise<void> {
  await eventually(
    async () => {
      const records = await line.cases.records(guids.map(guid => `midigator:${guid}`))
      expect(records.filter(({ state }) => state !== 'resolved').map(({ id, reason }) => `${id} ${reason}`)).toEqual([])
      expect(records).toHaveLength(guids.length)
      expect(wrongsOf(sandbox, records)).toEqual([])
    },
    { withinMs: 20_000, everyMs: 50 },
  )
}

async function idleStop(daemon: Daemon): Promise<void> {
  const ending = await daemon.stop('SIGINT')
  expect(ending).toMatchObject({ code: 0, signal: null })
  expect(ending.tookMs).toBeLessThan(5_000 * patience())
}
