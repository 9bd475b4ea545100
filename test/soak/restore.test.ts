import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { startSandbox, type Sandbox } from '../../src/sandbox/server.ts'
import { startAlertFleet, type AlertFleet } from '../support/alert-fleet.ts'
import type { DaemonName } from '../support/daemons.ts'
import { eventually } from '../support/eventually.ts'
import { OPS_PASSWORD, OPS_USERNAME } from '../support/fleet.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { startRedisServer } from '../support/redis-servers.ts'
import { runCommand } from '../support/run-command.ts'
import { sale } from '../support/sale.ts'

const { namespace } = testNamespace()
const MORE = 10
const DAEMONS: readonly DaemonName[] = ['ingress', 'order-sync', 'scheduler', 'ops']
const CHANGED_AT = Date.now() - 60_000
const REFUNDED = { order_status: 'Refunded', is_refund: true, refunded_to_date: '30.00' }

/** An order as its shop has it, so many seconds after the sale of a day ago. */
const asOf = (orderId: string, second: number, fields: Record<string, unknown>) => ({
  ...sale(orderId),
  ...fields,
  occurred_at: new Date(CHANGED_AT + second * 1_000).toISOString(),
})

/** A line on a Redis of its own, which begins with two orders, one of them under an alert that nothing has answered. */
async function open(port: number, namespace: string): Promise<{ line: AlertFleet; sandbox: Sandbox; guid: string }> {
  const sandbox = await startSandbox({ redeliverMs: 100 })
  // A dump of seconds ago is a restore here.
  const env = { ROLLBACK_DOUBT_MS: '500', CANARY_MS: '200', CATCH_UP_MS: '600000' }
  const line = await startAlertFleet({
    redisUrl: `redis://127.0.0.1:${port}/0`,
    namespace,
    sandbox,
    daemons: DAEMONS,
    env,
  })
  await line.fleet.hooks.send([sale('alerted'), sale('grown')])
  await pushed(sandbox, ['alerted', 'grown'])
  const guid = sandbox.scenarios.trigger('ethoca-full-refund', { order_id: 'alerted' }).prevention_guid!
  await eventually(async () => expect(await line.cases.records([`midigator:${guid}`])).toHaveLength(1))
  return { line, sandbox, guid }
}

const pushed = (sandbox: Sandbox, ids: readonly string[]) =>
  eventually(() => expect(ids.filter(id => sandbox.inbox.record(id) === undefined)).toEqual([]))
const cli = ({ fleet }: AlertFleet, ...args: string[]) => runCommand(args, { env: fleet.env })
const api = async ({ fleet }: AlertFleet, path: string) => {
  const authorization = `Basic ${Buffer.from(`${OPS_USERNAME}:${OPS_PASSWORD}`).toString('base64')}`
  return (await (await fetch(`${fleet.opsUrl}${path}`, { headers: { authorization } })).json()) as Record<string, any> // oxlint-disable-line typescript/no-explicit-any
}
const paid = (sandbox: Sandbox) => ({
  refunds: sandbox.refunds.list().length,
  resolutions: sandbox.inbox.requests(1_000).filter(({ call }) => call === 'resolution').length,
})
/** The values of one field of an order that were pushed, in their order. */
const pushedValues = (sandbox: Sandbox, orderId: string, field: string): unknown[] =>
  (sandbox.inbox.order(orderId)?.history ?? []).flatMap(({ payload }) => (payload as Record<string, unknown>)[field] ?? []) // prettier-ignore
/** Each value came once, or again without another in between. */
const neverGoesBack = (values: readonly unknown[]) => expect(values.filter((value, i) => value !== values[i - 1])).toEqual([...new Set(values)]) // prettier-ignore

/** All that happens after the backup: the alert is answered, ten more orders with an alert each, and an order grows. */
async function goOn({ line, sandbox }: Awaited<ReturnType<typeof open>>): Promise<string[]> {
  await line.fleet.add('alerts')
  const more = Array.from({ length: MORE }, (_, i) => `more-${i}`)
  await line.fleet.hooks.send([...more.map(sale), asOf('grown', 1, { order_total: '32.00' })])
  await pushed(sandbox, more)
  for (const id of more) sandbox.scenarios.trigger('ethoca-full-refund', { order_id: id })
  await eventually(() => expect(paid(sandbox)).toEqual({ refunds: MORE + 1, resolutions: MORE + 1 }))
  await eventually(() => expect(['alerted', ...more].filter(id => sandbox.inbox.record(id)?.order_status !== 'Refunded')).toEqual([])) // prettier-ignore
  await eventually(() => expect(sandbox.inbox.record('grown')).toMatchObject({ order_total: '32.00' }))
  return more
}

const stopAll = async ({ fleet }: AlertFleet) => {
  const all = (['alerts', ...DAEMONS] as const).flatMap(name => fleet.of(name))
  await Promise.all(all.map(daemon => daemon.stop()))
}

/** The daemons start on restored data: what is held, what is asked for, and everything after the release. */
async function holdsAndReleases(opened: Awaited<ReturnType<typeof open>>, more: readonly string[]): Promise<void> {
  const { line, sandbox, guid } = opened
  const before = paid(sandbox)
  await Promise.all(([...DAEMONS, 'alerts'] as const).map(name => line.fleet.add(name)))
  const { quarantine } = await api(line, '/api/quarantine')
  expect(quarantine.demand).toMatchObject({ sources: ['generic'], asks: expect.stringContaining('changed since') })
  const { alarms } = await api(line, '/api/alarms')
  expect((alarms as { name: string }[]).map(({ name }) => name)).toContain('data-restored')
  await eventually(async () => expect(await line.cases.records([`midigator:${guid}`])).toMatchObject([{ state: 'parked', reason: 'answer-unknown' }])) // prettier-ignore

  // The shop sends again what it changed since, and something new happens.
  const again = [...more, 'alerted'].map((id, i) => asOf(id, 10 + i, REFUNDED))
  await line.fleet.hooks.send([...again, asOf('grown', 1, { order_total: '32.00' })])
  await line.fleet.hooks.send([{ order_id: 'grown', occurred_at: new Date().toISOString(), avs: 'Y' }])
  await eventually(() => expect(sandbox.inbox.record('grown')).toMatchObject({ avs: 'Y', order_total: '32.00' }))
  expect(await cli(line, 'quarantine', 'release', '--reason', 'all was sent again')).toMatchObject({ code: 0 })

  await eventually(async () => expect(await line.stores.orders.counts()).toMatchObject({ dirty: 0, orders: MORE + 2 }))
  expect(await api(line, '/api/quarantine')).toEqual({ quarantine: null })
  for (const id of ['alerted', 'grown', ...more]) {
    neverGoesBack(pushedValues(sandbox, id, 'order_total'))
    neverGoesBack(pushedValues(sandbox, id, 'order_status'))
    expect(sandbox.inbox.record(id)).toMatchObject(id === 'grown' ? { order_total: '32.00' } : { order_status: 'Refunded' }) // prettier-ignore
  }
  expect(paid(sandbox), 'nothing refunded twice, nothing answered again').toEqual(before)
  expect(await line.cases.records([`midigator:${guid}`])).toMatchObject([{ state: 'parked' }])
}

describe('restored data', () => {
  const endings: (() => unknown)[] = []
  afterEach(async () => {
    for (const end of endings.splice(0).toReversed()) await end()
  })

  async function begin(name: string) {
    const redis = await startRedisServer()
    endings.push(() => redis.close())
    const opened = await open(redis.port, `${namespace}-${name}`)
    endings.push(
      () => opened.sandbox.close(),
      () => opened.line.close(),
    )
    return { redis, opened, line: opened.line }
  }

  it('put there by order-sync restore is held until its release', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'backup-'))
    endings.push(() => rmSync(folder, { recursive: true, force: true }))
    const { opened, line } = await begin('command')
    const file = join(folder, 'shop.backup')
    expect(await cli(line, 'backup', file)).toMatchObject({ code: 0 })
    const more = await goOn(opened)
    expect(await cli(line, 'restore', file, '--replace', '--yes')).toMatchObject({ code: 1, err: expect.stringContaining('stop the daemons first') }) // prettier-ignore
    await stopAll(line)
    expect(await cli(line, 'restore', file, '--replace', '--yes')).toMatchObject({ code: 0 })
    await holdsAndReleases(opened, more)
    expect(await cli(line, 'quarantine')).toMatchObject({ code: 0, out: 'No quarantine.\n' })
  })

  it('that Redis loaded from an older dump is noticed by STATE_DIR, and held the same', async () => {
    const { redis, opened, line } = await begin('dump')
    await redis.ask('SAVE')
    const more = await goOn(opened)
    await stopAll(line)
    await redis.kill()
    await redis.restart()
    await holdsAndReleases(opened, more)
    expect(await cli(line, 'quarantine')).toMatchObject({ code: 0, out: 'No quarantine.\n' })
  })
})
