import { existsSync, readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../support/daemons.ts'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { patience } from '../support/patience.ts'
import { runCli, startCli, written, type RunningCli } from '../support/run-cli.ts'
import { demoSandbox, FIVE_KINDS, type DemoSandbox } from './demo-sandbox.ts'

/** Settings that leave it the demo, and keep it off the ports that something else may use. */
let env: Record<string, string>
let folder: string
let demo: RunningCli
let sandbox: DemoSandbox
let redisPid: number
/** The alerts, one of each platform, that wait for a person while the demo is stopped. */
let waiting: string
let waitingToo: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'order-sync-demo-'))
  const [PORT, OPS_PORT, SANDBOX_PORT] = await Promise.all([freePort(), freePort(), freePort()])
  env = { PORT: String(PORT), OPS_PORT: String(OPS_PORT), SANDBOX_PORT: String(SANDBOX_PORT) }
  sandbox = demoSandbox(SANDBOX_PORT)
  demo = await startDemo()
  await written(demo, /Ctrl-C ends it/)
})

afterAll(async () => {
  demo.signal('SIGKILL')
  await demo.ended
  await eventually(() => {
    if (isAlive(redisPid)) throw new Error('the private Redis outlives its demo')
  })
  await rm(folder, { recursive: true, force: true })
})

async function startDemo(): Promise<RunningCli> {
  const started = startCli(['start'], { env, cwd: folder, isShipped: false })
  await written(started, /A short day/)
  const claim = readFileSync(join(folder, '.order-sync/redis/in-use.json'), 'utf8')
  redisPid = (JSON.parse(claim) as { server: { pid: number } }).server.pid
  return started
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function listens(port: string | undefined): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(Number(port), '127.0.0.1')
    socket.once('connect', () => resolve(socket.destroy() !== undefined))
    socket.once('error', () => resolve(false))
  })
}

/** Has the demo's sandbox send an alert, from a second terminal; answers the alert's id. */
async function trigger(...args: string[]): Promise<string> {
  const { code, out, err } = await runCli(['sandbox', 'trigger', ...args, '--json'], { cwd: folder })
  expect({ code, err }).toEqual({ code: 0, err: '' })
  const { alert_id, prevention_guids } = JSON.parse(out) as { alert_id?: string; prevention_guids?: string[] }
  return alert_id ?? prevention_guids![0]!
}

/** Ends it: how, whether within five seconds, and what of it is left then. */
async function endBy(signal: NodeJS.Signals) {
  const sentAt = performance.now()
  demo.signal(signal)
  const { code, err } = await demo.ended
  const inTime = performance.now() - sentAt < 5_000 * patience()
  const listening = await Promise.all(Object.values(env).map(listens))
  const left = [isAlive(redisPid), ...listening, existsSync(join(folder, '.order-sync/run.json'))]
  return { code, err, inTime, left: left.filter(Boolean).length }
}

const literal = (text: string) => text.replace(/[.()]/g, '\\$&')

const CLEAN_END = { code: 0, err: '', inTime: true, left: 0 }

describe('order-sync start, with nothing configured', () => {
  it('says that nothing leaves the machine before anything else happens', () => {
    const at = (words: string) => demo.out().indexOf(words)
    expect(at('This is the sandbox: nothing leaves this machine.')).toBeGreaterThan(-1)
    expect(at('This is the sandbox')).toBeLessThan(at('Running:'))
  })

  it('tells what became of every sample change, and the field that one of them was taken without', () => {
    const out = demo.out()
    for (const [order, words] of [
      ['741258', 'captured and complete → sent to the platform (26 fields) ✓ acknowledged'],
      ['741258', 'shipped → sent to the platform (1 field) ✓ acknowledged'],
      ['741259', '5.00 refunded for a late parcel → sent to the platform (3 fields) ✓ acknowledged'],
      ['741260', 'authorized, nothing captured yet → not settled yet: nothing is sent'],
      ['741261', 'cancelled before anything was captured → sent'],
      ['741263', 'the older address, arriving late → older than what is stored'],
      ['741264', 'the same change once more → nothing new'],
      [
        '741265',
        'complete, its tax written "5,99 EUR" → sent to the platform (26 fields) ✓ acknowledged; left out: sales_tax_amount expected an amount',
      ],
    ] as const)
      expect(out).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d {2}${order} {2}${words.replace(/[()]/g, '\\$&')}`, 'm'))
    expect(out).not.toContain('not acknowledged yet')
  })

  it('has every order acknowledged by the sandbox, each as its changes say', async () => {
    expect(demo.out()).toContain('Every order was acknowledged by the sandbox: 13/13.')
    expect((await sandbox.orderIds()).toSorted()).toEqual(Array.from({ length: 13 }, (_, i) => String(741_258 + i)))
    const orders = await fetch(`http://127.0.0.1:${env.SANDBOX_PORT}/_sandbox/orders`)
    const text = await orders.text()
    expect(text).toContain('401288******1881')
    expect(text.replaceAll(' ', '')).not.toContain('4012888888881881')
    expect(text).not.toContain('p.nowak@example.com')
  })

  it('has Midigator tell of five kinds of events before it sends alerts', async () => {
    expect(demo.out()).toContain('Midigator sends five event types to this machine')
    expect(await sandbox.activeKinds()).toEqual(FIVE_KINDS)
  })

  it('says how each of twelve alerts ended: what came, what money moved, how it was resolved', () => {
    const out = demo.out()
    for (const [order, came, ended] of [
      ['741258', 'Ethoca 26.85 USD: a cardholder disputes a paid order', '26.85 USD refunded (all of it, once) → resolved as issued_full_refund ✓'],
      ['741259', 'Ethoca 89.00 USD: an order of which 5.00 was', '84.00 USD refunded (the rest of it) → resolved as issued_refund_for_remaining_amount ✓'],
      ['741266', 'Ethoca 26.85 USD: an order that was refunded in full before', 'nothing refunded (nothing is left to refund) → resolved as previously_refunded_nothing_to_do ✓'],
      ['(none)', 'Ethoca 49.99 USD: a card that paid no order here', 'nothing refunded (no stored order can be the sale) → resolved as could_not_find_order ✓'],
      ['741261', 'Ethoca 120.00 USD: an order that was cancelled', 'nothing refunded (nothing was captured) → resolved as declined_or_canceled_nothing_to_do ✓'],
      ['741262', 'Verifi 26.85 USD: notice that RDR', 'information only, nothing refunded, no resolution needed'],
      ['741268', 'Ethoca 349.00 USD: a cardholder disputes a big order', 'waits for a person: above the automatic limit'],
      ['741269', 'Ethoca 120.00 USD: a cardholder disputes an order that Midigator has not matched yet', 'possible match, time of sale unknown'],
      ['741269', 'Midigator has named the order', '120.00 USD refunded (all of it, once Midigator had named the order) → resolved as issued_full_refund ✓'],
      ['741270', 'Ethoca 26.85 USD: the CRM calls the order Refunded, the gateway has no refund of it', 'waits for a person: refund not found at the gateway'],
      ['741268', 'approved, by the demo in place of a person', '349.00 USD refunded (all of it, once) → resolved as issued_full_refund ✓'],
      ['741267', 'Chargebackhit, Order Insight 89.00 USD: a cardholder asks the bank', 'nothing refunded (a question, not a dispute) → resolved as acknowledged, with order 741267 over 89.00 USD and its 1 product ✓ accepted'],
      ['741264', 'Chargebackhit, Ethoca 44.50 USD: a cardholder disputes a paid order', '44.50 USD refunded (all of it, once) → resolved as pending, then reversed ✓ accepted'],
      ['741265', 'Chargebackhit, RDR 59.90 EUR: notice that RDR', 'nothing refunded (a refund would pay twice) → resolved as acknowledged ✓ accepted'],
    ] as const)
      expect(out).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d {2}${literal(order)} {2}${literal(came)}.* → ${literal(ended)}`, 'm')) // prettier-ignore
    expect(out).toContain(
      'Of 12 alerts 10 are resolved, 1 is information only and 1 waits for a person; 5 refunds were sent',
    )
    expect(out).not.toMatch(/not resolved yet|"level"/)
  })

  it('says how a person approves what is above the limit, by page and by command', async () => {
    const out = demo.out()
    const [, page, command] = /approve on its page +(\S+)\n.*in a second terminal +npx (.+)\n/.exec(out) ?? []
    const [, id] = /cases approve (midigator:pre_\w+)$/.exec(command ?? '') ?? []
    expect(page).toBe(`http://127.0.0.1:${env.OPS_PORT}/cases/${id}`)
    expect((await fetch(page!)).status).toBe(200)
    expect(out).toContain('In 3 seconds the demo approves in your place.')
  })

  it('refunds exactly what its alerts were due, each once, and answers each alert once', async () => {
    interface Refund { order_id: string; amount: string; made_by: string; effective: boolean; replays: number } // prettier-ignore
    const { refunds } = await sandbox.shown<{ refunds: Refund[] }>('refunds')
    const made = refunds.filter(({ made_by }) => made_by === 'call')
    expect(made.map(({ order_id, amount }) => `${order_id}: ${Number(amount)}`).toSorted()).toEqual([
      '741258: 26.85',
      '741259: 84',
      '741264: 44.5',
      '741268: 349',
      '741269: 120',
    ])
    expect(made.every(({ effective, replays }) => effective && replays === 0)).toBe(true)
    const answers = (await sandbox.alerts()).map(({ matched_order_id, resolutions: { accepted, attempted } }) => [
      matched_order_id,
      accepted?.resolution_type ?? null,
      attempted,
    ])
    expect(answers).toEqual([
      ['741258', 'issued_full_refund', 1],
      ['741269', 'issued_full_refund', 1],
      ['741259', 'issued_refund_for_remaining_amount', 1],
      ['741266', 'previously_refunded_nothing_to_do', 1],
      [null, 'could_not_find_order', 1],
      ['741261', 'declined_or_canceled_nothing_to_do', 1],
      ['741262', null, 0],
      ['741270', null, 0],
      ['741268', 'issued_full_refund', 1],
    ])
  })

  it('answers Chargebackhit as it takes answers: in its reply, or pending first and what is true after', async () => {
    const alerts = await sandbox.chargebackhitAlerts()
    const said = alerts.map(({ type, answers: { final, attempts } }) => [type, final, attempts.length])
    expect(said).toEqual([
      ['inquiry', expect.objectContaining({ outcome: 'acknowledged', order_id: '741267', by: 'webhook' }), 1],
      ['init-refund', expect.objectContaining({ outcome: 'reversed', order_id: '741264', by: 'update' }), 2],
      ['resolved', expect.objectContaining({ outcome: 'acknowledged', order_id: '741265', by: 'webhook' }), 1],
    ])
    expect(JSON.parse(alerts[0]!.answers.attempts[0]!.text)).toMatchObject({
      order: { order_id: '741267', amount: '89.00', currency: 'USD' },
      customer: { email: 'ines.duval@example.com' },
      products: [{ name: 'Trail Shoes', quantity: '1' }],
    })
  })

  it('has each refund known to its order on the platform', async () => {
    for (const [order, refunded, status] of [
      ['741258', '26.85', 'Refunded'],
      ['741259', '89.00', 'Refunded'],
      ['741264', '44.50', 'Refunded'],
      ['741268', '349.00', 'Refunded'],
      ['741269', '120.00', 'Refunded'],
    ])
      // prettier-ignore
      await eventually(async () =>
        expect(await sandbox.shown(`orders/${order}`)).toMatchObject({
          record: { is_refund: 1, refunded_to_date: refunded, order_status: status },
        }),
      )
  })

  it('gives the address of a dashboard that opens', async () => {
    const [, address = ''] = /^Dashboard: (http:\S+)$/m.exec(demo.out()) ?? []
    expect(address).toBe(`http://127.0.0.1:${env.OPS_PORT}`)
    const page = await fetch(address)
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('<title>')
  })

  it('is found by commands in a second terminal', async () => {
    const sale = { occurred_at: '2026-01-31T09:20:11Z', order_status: 'Complete', currency: 'USD' }
    const input = JSON.stringify([
      { ...sale, order_id: '900001', order_total: '250.00' },
      {
        ...sale,
        order_id: '900002',
        order_total: '260.00',
        cc_first_6: '411111',
        cc_last_4: '0002',
        transaction_id: 'T900002',
      },
    ])
    const [traced, sent] = await Promise.all([
      runCli(['trace', '741260'], { cwd: folder }),
      runCli(['send', '-'], { cwd: folder, input }),
    ])
    expect(traced).toMatchObject({ code: 0, out: expect.stringMatching(/^Order 741260: acknowledged\n/) })
    expect(traced.out).toMatch(/not pushed yet, because .*\n.*changed .*\n.*Midigator accepted/)
    expect(sent).toMatchObject({
      code: 0,
      out: '900001  changed (rev 1)\n900002  changed (rev 1)\n2 changes: 2 changed\n',
    })
    await eventually(async () => expect(await sandbox.orderIds()).toEqual(expect.arrayContaining(['900001', '900002'])))
  })

  it('refunds and answers one more alert that a second terminal has Midigator send', async () => {
    const guid = await trigger('cdrn', '--order', '741263')
    await eventually(async () =>
      expect(await sandbox.shown(`alerts/${guid}`)).toMatchObject({
        matched_order_id: '741263',
        resolutions: { accepted: { resolution_type: 'issued_full_refund' }, attempted: 1 },
      }),
    )
  })

  it('keeps its secrets from other users', () => {
    expect(statSync(join(folder, '.order-sync/run.json')).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, '.order-sync')).mode & 0o777).toBe(0o700)
  })

  it.runIf(isLong)('does not start twice in one folder', async () => {
    const second = await runCli(['start'], { cwd: folder, env: { PORT: '0', OPS_PORT: '0', SANDBOX_PORT: '0' } })
    expect(second).toMatchObject({ code: 1, err: expect.stringMatching(/data folder .* is in use .* stop that one/) })
    expect(second.out).not.toContain('Running')
  })

  it('ends within five seconds on Ctrl-C, and leaves nothing running', async () => {
    waiting = await trigger('above-limit', '--order', '900001')
    waitingToo = await trigger('cbh-init-refund-cdrn', '--order', '900002')
    for (const [id, orderId] of [
      [`midigator:${waiting}`, '900001'],
      [`chargebackhit:${waitingToo}`, '900002'],
    ])
      await eventually(async () => {
        const answer = await fetch(`http://127.0.0.1:${env.OPS_PORT}/api/cases/${id}`)
        expect(await answer.json()).toMatchObject({ state: 'awaiting-approval', order_id: orderId })
      })
    expect(await endBy('SIGINT')).toEqual(CLEAN_END)
  })

  it('keeps its orders for the next start, and tells them to the new sandbox again', async () => {
    demo = await startDemo()
    expect(demo.out()).toContain('15 orders of earlier days are sent to it again')
    await eventually(async () => expect(await sandbox.orderIds()).toEqual(expect.arrayContaining(['741258', '900001'])))
  })

  it('subscribes anew, and puts the open alerts back into the new sandbox', async () => {
    expect(demo.out()).toContain('The sandbox begins empty: the 3 open alerts of earlier days are put back into it.')
    expect(await sandbox.shown(`alerts/${waiting}`)).toMatchObject({ matched_order_id: '900001', amount: '250' })
    const told = { type: 'init-refund', alert: { product: 'cdrn', amount: '260.00', outcome: '' } }
    expect(await sandbox.shown(`chargebackhit/alerts/${waitingToo}`)).toMatchObject(told)
    await eventually(async () => expect(await sandbox.activeKinds()).toEqual(FIVE_KINDS))
  })

  it('refunds and answers each of them once a person approves it', async () => {
    const headers = { 'content-type': 'application/json', 'x-order-sync': '1' }
    for (const id of [`midigator:${waiting}`, `chargebackhit:${waitingToo}`]) {
      const approve = `http://127.0.0.1:${env.OPS_PORT}/api/cases/${id}/approve`
      expect((await fetch(approve, { method: 'POST', headers, body: '{}' })).status).toBe(200)
    }
    await eventually(async () =>
      expect(await sandbox.shown(`alerts/${waiting}`)).toMatchObject({
        resolutions: { accepted: { resolution_type: 'issued_full_refund' }, attempted: 1 },
      }),
    )
    await eventually(async () =>
      expect(await sandbox.shown(`chargebackhit/alerts/${waitingToo}`)).toMatchObject({
        answers: { final: { outcome: 'reversed', order_id: '900002', by: 'update' }, attempted: 1 },
      }),
    )
  })

  it('ends as well in the middle of its day', async () => {
    expect(demo.out()).not.toContain('Ctrl-C ends it')
    expect(await endBy('SIGTERM')).toEqual(CLEAN_END)
  })

  it.runIf(isLong)('names the variable to change when a port is taken, and leaves nothing running', async () => {
    const taken = createServer()
    await new Promise<void>(resolve => taken.listen(Number(env.PORT), '127.0.0.1', resolve))
    try {
      const { code, err } = await runCli(['start'], { env, cwd: folder })
      expect(code).toBe(1)
      expect(err).toBe(
        `order-sync: port ${env.PORT} is in use by another program; end that one, or set PORT to a free port\n`,
      )
      expect(existsSync(join(folder, '.order-sync/redis/in-use.json'))).toBe(false)
    } finally {
      await new Promise(resolve => taken.close(resolve))
    }
  })
})
