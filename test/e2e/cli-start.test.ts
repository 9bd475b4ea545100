import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort, QUICK } from '../support/daemons.ts'
import { eventually } from '../support/eventually.ts'
import { createHookSender, type HookSender } from '../support/hook-sender.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { patience } from '../support/patience.ts'
import { startCli, written, type RunningCli } from '../support/run-cli.ts'
import { runCommand } from '../support/run-command.ts'

const { namespace, redisUrl } = testNamespace()
const HOOK_SECRET = `whsec_${Buffer.from('sixteen bytes or more').toString('base64')}`
let sandbox: RunningCli
let sandboxUrl = ''
let started: RunningCli
let crm: HookSender
let opsUrl: string

beforeAll(async () => {
  const [port, opsPort] = await Promise.all([freePort(), freePort()])
  sandbox = startCli(['sandbox', '--port', '0'], { env: { PORT: String(port) }, isShipped: false })
  sandboxUrl = (await written(sandbox, /listens on (http:\S+)\. /))[1] ?? ''
  const [, username = '', password = ''] = await written(sandbox, /user +(\S+), password (\S+)\n/)
  opsUrl = `http://127.0.0.1:${opsPort}`
  started = startCli(['start'], {
    env: {
      ...QUICK,
      REDIS_URL: redisUrl,
      REDIS_NAMESPACE: namespace,
      PORT: String(port),
      OPS_PORT: String(opsPort),
      HOOK_SECRET,
      MIDIGATOR_DATA_URL: `${sandboxUrl}/v1`,
      MIDIGATOR_DATA_USERNAME: username,
      MIDIGATOR_DATA_PASSWORD: password,
      OPS_USERNAME: 'ops',
      OPS_PASSWORD: 'a long password',
      ORDER_SYNC_LOCK_MS: '60000',
      PUSH_TIMEOUT_MS: '30000',
      DRAIN_MS: '30000',
    },
  })
  crm = createHookSender(`http://127.0.0.1:${port}`, HOOK_SECRET)
  for (const url of [crm.url, opsUrl]) await eventually(() => fetch(`${url}/healthz`), { withinMs: 60_000 })
})

afterAll(async () => {
  crm.close()
  for (const running of [started, sandbox]) running.signal('SIGKILL')
  await Promise.all([started.ended, sandbox.ended])
})

const sale = (order_id: string) => ({ order_id, occurred_at: '2026-01-31T09:20:11Z', order_status: 'Complete' })

async function sandboxSees(): Promise<{ order_id: string | null; ended: string | null }[]> {
  const response = await fetch(`${sandboxUrl}/_sandbox/requests`)
  const { requests } = (await response.json()) as { requests: { order_id: string | null; ended: string | null }[] }
  return requests.filter(request => request.order_id !== null)
}

describe('order-sync sandbox trigger', () => {
  it('lists every scenario with a sentence, where none is named', async () => {
    const { code, out } = await runCommand(['sandbox', 'trigger'])
    expect(code).toBe(0)
    const lines = out.trimEnd().split('\n')
    expect(lines.length).toBeGreaterThan(10)
    expect(lines.every(line => /^ {2}[a-z0-9-]+ {2,}[A-Z].*\.$/.test(line))).toBe(true)
  })

  it('answers 1 to a name that there is not, with the list', async () => {
    const { code, out, err } = await runCommand(['sandbox', 'trigger', 'refund-everything', '--url', sandboxUrl])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toMatch(/there is no refund-everything.*\n {2}ethoca-full-refund {2,}/)
  })

  it('has the sandbox at an address send what Midigator would', async () => {
    const args = ['sandbox', 'trigger', 'ethoca-unmatched', '--amount', '12.50', '--url', sandboxUrl]
    const { code, out } = await runCommand(args)
    expect(code).toBe(0)
    const [, guid] = /^ethoca-unmatched: about no order\n {2}prevention\.new +(pre_\w+)\n/.exec(out) ?? []
    expect(out).toContain(`order-sync cases show midigator:${guid}`)
    expect(await (await fetch(`${sandboxUrl}/_sandbox/alerts/${guid}`)).json()).toMatchObject({ amount: '12.5' })
  })

  it('has it send what Chargebackhit would, to where the hooks of this machine come in', async () => {
    const args = ['sandbox', 'trigger', 'cbh-unmatched', '--amount', '12.50', '--url', sandboxUrl]
    const { code, out } = await runCommand(args)
    expect(code).toBe(0)
    const [, id] = /^cbh-unmatched: about no order\n {2}init-refund +(\S+)\n/.exec(out) ?? []
    expect(out).toContain(`order-sync cases show chargebackhit:${id}\n`)
    const shown = async (path: string) => (await fetch(`${sandboxUrl}/_sandbox/chargebackhit/${path}`)).json()
    expect(await shown(`alerts/${id}`)).toMatchObject({ type: 'init-refund', alert: { amount: '12.5' } })
    // The ingress has none of its keys here: it was reached, and lets nobody in.
    await eventually(async () =>
      expect(await shown('deliveries')).toMatchObject({ deliveries: [{ alert_id: id, status: 503 }] }),
    )
  })

  it('passes on why the sandbox cannot, and says which address nobody answers at', async () => {
    const refused = await runCommand(['sandbox', 'trigger', 'cdrn', '--order', 'nobody-has-it', '--url', sandboxUrl])
    const other = await runCommand(['sandbox', 'trigger', 'cbh-refunded-before', '--url', sandboxUrl])
    const away = await runCommand(['sandbox', 'trigger', 'cdrn', '--url', 'http://127.0.0.1:1'])
    expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(/answered 404: expected an amount/) })
    expect(other).toMatchObject({ code: 1, err: expect.stringMatching(/answered 404: expected an order for cbh-/) })
    expect(away).toMatchObject({
      code: 1,
      err: expect.stringMatching(/no sandbox answers at http:\/\/127\.0\.0\.1:1;/),
    })
  })
})

describe('order-sync start, with everything configured', () => {
  it('runs all daemons in one process, and sends nothing but what it is sent', async () => {
    expect((await crm.send(sale('741258'))).status).toBe(202)
    await eventually(async () => expect(await sandboxSees()).toMatchObject([{ order_id: '741258' }]))
    expect(started.out()).not.toMatch(/sandbox|sample/)
  })

  it('leaves alerts alone where nothing of them is configured, and says so', () => {
    expect(started.out()).toContain('alerts: not configured, not started\n')
    expect(started.out()).toContain('"process":"order-sync"')
    expect(started.out()).not.toContain('"process":"alerts"')
  })

  it('lets nobody into operations without the password', async () => {
    expect((await fetch(opsUrl)).status).toBe(401)
    const authorization = `Basic ${Buffer.from('ops:a long password').toString('base64')}`
    expect((await fetch(opsUrl, { headers: { authorization } })).status).toBe(200)
  })

  it('waits at a stop for the push that is under way, and ends at once at a second signal', async () => {
    const rules = [{ orderId: '741259', fault: { kind: 'hang' } }]
    const headers = { 'content-type': 'application/json' }
    await fetch(`${sandboxUrl}/_sandbox/faults`, { method: 'PUT', headers, body: JSON.stringify({ rules }) })
    await crm.send(sale('741259'))
    await eventually(async () =>
      expect((await sandboxSees()).at(-1)).toMatchObject({ order_id: '741259', ended: null }),
    )
    started.signal('SIGTERM')
    await eventually(() => expect(fetch(`${crm.url}/healthz`)).rejects.toThrow('fetch failed'))
    // Within 0.3 s the second counts as the first, handed on: npm does that with Ctrl-C.
    await pause(400)
    expect((await sandboxSees()).at(-1)).toMatchObject({ order_id: '741259', ended: null })
    const sentAt = performance.now()
    started.signal('SIGTERM')
    expect((await started.ended).code).toBe(143)
    expect(performance.now() - sentAt).toBeLessThan(1_000 * patience())
  })

  it('has the sandbox, run on its own, say where its interfaces are and what opens them', () => {
    const out = sandbox.out()
    for (const path of ['v1', 'auth/v1', 'events/v1', 'prevention/v1', 'gateway', 'chargebackhit'])
      expect(out).toMatch(new RegExp(`^  .+ ${sandboxUrl}/${path} `, 'm'))
    expect(out).toMatch(/API secret +\S{20,} .*\n[^]*its secret +whsec_\S+ /)
    expect(out).toMatch(/public key +ap_\S+ .*\n +secret key +as_\S+ /)
    expect(out).toContain(`its alerts   ${crm.url}/hooks/alerts/chargebackhit `)
  })

  it('has the sandbox end gracefully', async () => {
    sandbox.signal('SIGTERM')
    expect(await sandbox.ended).toMatchObject({ code: 0, err: '' })
  })
})
