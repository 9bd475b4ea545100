import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSandbox, type Sandbox } from '../../src/sandbox/server.ts'
import { freePort, QUICK, startDaemon, type Daemon } from '../support/daemons.ts'
import { eventually } from '../support/eventually.ts'
import { createHookSender, type HookSender } from '../support/hook-sender.ts'
import { isLong } from '../support/long.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { runCli } from '../support/run-cli.ts'
import { runCommand } from '../support/run-command.ts'

const { namespace, redisUrl } = testNamespace()
const HOOK_SECRET = `whsec_${Buffer.from('sixteen bytes or more').toString('base64')}`
/** A change counts as too early for some seconds. */
const PATIENTLY = { withinMs: 15_000, everyMs: 100 }
let sandbox: Sandbox
let env: Record<string, string>
let daemons: Daemon[] = []
let crm: HookSender

beforeAll(async () => {
  sandbox = await startSandbox({ username: 'sandbox_user', password: 'secret' })
  env = {
    ...QUICK,
    CLOCK_AHEAD_MAX_MS: '1000',
    REDIS_URL: redisUrl,
    REDIS_NAMESPACE: namespace,
    PORT: String(await freePort()),
    HOOK_SECRET,
    MIDIGATOR_DATA_URL: sandbox.dataUrl,
    MIDIGATOR_DATA_USERNAME: 'sandbox_user',
    MIDIGATOR_DATA_PASSWORD: 'secret',
  }
  daemons = await Promise.all((['ingress', 'order-sync', 'scheduler'] as const).map(name => startDaemon(name, env)))
  crm = createHookSender(`http://127.0.0.1:${env.PORT}`, HOOK_SECRET)
})

afterAll(async () => {
  crm.close()
  await Promise.all(daemons.map(daemon => daemon.stop()))
  await sandbox.close()
})

const cli = (...args: string[]) => runCommand(args, { env })
const send = (changes: unknown, ...flags: string[]) =>
  runCli(['send', '-', ...flags], { env, input: JSON.stringify(changes) })
const sale = (order_id: string, fields: object = {}) => ({
  order_id,
  occurred_at: '2026-01-31T09:20:11Z',
  order_status: 'Complete',
  order_total: '26.85',
  currency: 'USD',
  ...fields,
})

const OWN_CARD = { cc_first_6: '401288', cc_last_4: '1881', rma_number: '4012888888881881' }

describe('the command line, against running daemons', () => {
  it('sends changes, tells the result of each, and answers 1 when one was rejected', async () => {
    const { code, out } = await send([
      sale('a-1'),
      sale('a-2', { occurred_at: 'soon' }),
      sale('a-3', { color: 'red', sales_tax_amount: '59,90' }),
    ])
    expect(code).toBe(1)
    expect(out.split('\n')).toEqual([
      'a-1  changed (rev 1)',
      expect.stringMatching(/^a-2 {2}rejected {2}occurred_at: expected the time of the change/),
      expect.stringMatching(/^a-3 {2}changed \(rev 1\) {2}sales_tax_amount: expected an amount.* {2}ignored: color$/),
      '3 changes: 2 changed, 1 rejected',
      '',
    ])
    await eventually(() => expect(sandbox.inbox.record('a-1')).toMatchObject({ order_total: '26.85' }))
    expect(sandbox.inbox.record('a-2')).toBeUndefined()
  })

  it.runIf(isLong)('tells the rejection of each of several bad changes', async () => {
    const { code, out } = await send([sale('b-1', { occurred_at: 'soon' }), sale('b-2', OWN_CARD)], '--json')
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      results: [
        { order_id: 'b-1', status: 'rejected', errors: [{ field: 'occurred_at' }] },
        { order_id: 'b-2', status: 'rejected', errors: [{ field: 'rma_number' }] },
      ],
      counts: { rejected: 2 },
    })
  })

  it('traces one order from hook to answer, newest last, what could not be read among it', async () => {
    await crm.send([sale('c-1')])
    await crm.send([sale('c-1', { occurred_at: '2026-01-31T10:00:00Z', refunded_to_date: 'all of it' })])
    await eventually(() => expect(sandbox.inbox.record('c-1')).toBeDefined())
    await crm.send([sale('c-1', { occurred_at: '2026-01-31T11:00:00Z', is_refund: true, refunded_to_date: '5.00' })])
    await eventually(() => expect(sandbox.inbox.record('c-1')).toMatchObject({ refunded_to_date: '5.00' }))
    const out = await eventually(async () => {
      const { code, out } = await cli('trace', 'c-1')
      expect(code).toBe(0)
      expect(out).toMatch(/^Order c-1: acknowledged\n/)
      return out
    }, PATIENTLY)
    expect(out).toContain('Complete · 26.85 USD · 5.00 refunded')
    const story = out.slice(out.indexOf('What happened')).split('\n').slice(1)
    const at = (words: RegExp) => story.findIndex(line => words.test(line))
    const order = [
      at(/changed .*order_total.*rev 1/),
      at(/generic .*; could not be read: refunded_to_date/),
      at(/changed .*refunded_to_date.*rev \d/),
    ]
    expect(order).not.toContain(-1)
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect(story.at(-2)).toMatch(/Midigator accepted .*refunded_to_date/)
  })

  it('says of an order that was only ever refused why it is not known', async () => {
    await crm.send([sale('d-1', { occurred_at: 'soon' })])
    const { code, out, err } = await cli('trace', 'd-1')
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(/no order d-1 is stored: at .* a change was rejected: occurred_at expected/)
  })

  it('tries an order again on demand that the platform refused', async () => {
    sandbox.faults.set([{ orderId: 'f-1', times: 1, fault: { kind: 'status', status: 422 } }])
    await crm.send([sale('f-1')])
    await eventually(async () => {
      expect((await cli('rejected')).out).toMatch(/by the platform:\n.*order f-1 {2}422/)
    }, PATIENTLY)
    expect(await cli('sync', 'f-1')).toMatchObject({ code: 0 })
    await eventually(() => expect(sandbox.inbox.record('f-1')).toBeDefined())
  })

  it('does not sync what is held or not known, and says why', async () => {
    await crm.send([sale('g-1', { payment_state: 'authorized' })])
    expect(await cli('sync', 'g-1')).toMatchObject({ code: 1, err: expect.stringContaining('not settled yet') })
    expect(await cli('sync', 'g-2')).toMatchObject({ code: 1, err: expect.stringContaining('no order g-2 is stored') })
  })

  it.runIf(isLong)(
    'replays a change that was refused for a reason that has passed, and keeps the one that is still wrong',
    async () => {
      const tooEarly = sale('h-1', { occurred_at: new Date(Date.now() + 3_000).toISOString() })
      await crm.send([tooEarly, sale('h-2', { occurred_at: 'perhaps' })])
      const kept = JSON.parse((await cli('rejected', 'list', '--json')).out) as {
        changes: { id: string; order_id: string }[]
      }
      const idOf = (orderId: string) => kept.changes.find(change => change.order_id === orderId)?.id ?? ''
      const ids = [idOf('h-1'), idOf('h-2')]
      await eventually(async () => {
        const { code, out } = await cli('rejected', 'replay', ...ids, '--json')
        expect(code).toBe(1)
        expect(JSON.parse(out)).toMatchObject({ results: [{ done: 'merged' }, { done: 'refused-again' }] })
      }, PATIENTLY)
      await eventually(() => expect(sandbox.inbox.record('h-1')).toBeDefined())
    },
  )

  it('forgets an order for good', async () => {
    await crm.send([sale('i-1', { email_address: 'jane@example.com' })])
    await eventually(() => expect(sandbox.inbox.record('i-1')).toBeDefined())
    expect(await cli('forget', 'i-1', '--yes')).toMatchObject({ code: 0, out: expect.stringContaining('is erased') })
    const again = await crm.send([sale('i-1')])
    expect(again).toMatchObject({ status: 422, body: { errors: [{ message: expect.stringContaining('forgotten') }] } })
  })

  it('has the doctor look at all of it', async () => {
    const { code, out } = await cli('doctor', '--json')
    const { ok, lines } = JSON.parse(out) as { ok: boolean; lines: { name: string; ok: boolean | string }[] }
    const names = lines.map(line => line.name)
    for (const name of ['configuration', 'loss window', 'clock', 'midigator credentials', 'backlog'])
      expect(names).toContain(name)
    expect({ ok, code }).toEqual({ ok: true, code: 0 })
  })
})

describe('an operator’s pause', () => {
  it('holds every push back until it ends', async () => {
    expect(await cli('pause')).toMatchObject({ code: 0 })
    await crm.send([sale('e-1')])
    expect(await cli('sync', 'e-1')).toMatchObject({ code: 0, out: expect.stringContaining('paused') })
    expect(sandbox.inbox.record('e-1')).toBeUndefined()
    expect(await cli('resume')).toMatchObject({ code: 0 })
    await eventually(() => expect(sandbox.inbox.record('e-1')).toBeDefined())
  })
})
