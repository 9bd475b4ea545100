import { existsSync, readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../support/daemons.ts'
import { eventually } from '../support/eventually.ts'
import { runCli, startCli, written, type RunningCli } from '../support/run-cli.ts'

/** Settings that leave it the demo, and keep it off the ports that something else may use. */
let env: Record<string, string>
let folder: string
let demo: RunningCli
let redisPid: number

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'order-sync-demo-'))
  const [PORT, OPS_PORT, SANDBOX_PORT] = await Promise.all([freePort(), freePort(), freePort()])
  env = { PORT: String(PORT), OPS_PORT: String(OPS_PORT), SANDBOX_PORT: String(SANDBOX_PORT) }
  demo = await startDemo()
  await written(demo, /Ctrl-C ends it/)
}, 90_000)

afterAll(async () => {
  demo.signal('SIGKILL')
  await demo.ended
  await eventually(() => {
    if (isAlive(redisPid)) throw new Error('the private Redis outlives its demo')
  })
  await rm(folder, { recursive: true, force: true })
})

async function startDemo(): Promise<RunningCli> {
  const started = startCli(['start'], { env, cwd: folder })
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

async function recordsInSandbox(): Promise<string[]> {
  const response = await fetch(`http://127.0.0.1:${env.SANDBOX_PORT}/_sandbox/orders`)
  return ((await response.json()) as { orders: { order_id: string }[] }).orders.map(order => order.order_id)
}

/** Ends it: how, whether within five seconds, and what of it is left then. */
async function endBy(signal: NodeJS.Signals) {
  const sentAt = performance.now()
  demo.signal(signal)
  const { code, err } = await demo.ended
  const inTime = performance.now() - sentAt < 5_000
  const listening = await Promise.all(Object.values(env).map(listens))
  const left = [isAlive(redisPid), ...listening, existsSync(join(folder, '.order-sync/run.json'))]
  return { code, err, inTime, left: left.filter(Boolean).length }
}

const CLEAN_END = { code: 0, err: '', inTime: true, left: 0 }

describe('order-sync start, with nothing configured', () => {
  it('says that nothing leaves the machine before anything else happens', () => {
    const at = (words: string) => demo.out().indexOf(words)
    expect(at('This is the sandbox: nothing leaves this machine.')).toBeGreaterThan(-1)
    expect(at('This is the sandbox')).toBeLessThan(at('Running:'))
  })

  it('tells what became of every sample change, and the field at fault of the one that was refused', () => {
    const out = demo.out()
    for (const [order, words] of [
      ['741258', 'captured and complete → sent to the platform (26 fields) ✓ acknowledged'],
      ['741258', 'shipped → sent to the platform (1 field) ✓ acknowledged'],
      ['741259', '5.00 given back for a late parcel → sent to the platform (3 fields) ✓ acknowledged'],
      ['741260', 'authorized, nothing collected yet → held'],
      ['741261', 'cancelled before anything was collected → sent'],
      ['741263', 'the older address, arriving late → older than what is known'],
      ['741264', 'the same change once more → nothing new'],
      ['741265', 'complete, its total written "59,90 EUR" → refused at the door: order_total expected an amount'],
    ] as const)
      expect(out).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d {2}${order} {2}${words.replace(/[()]/g, '\\$&')}`, 'm'))
    expect(out).not.toContain('not acknowledged yet')
  })

  it('has every order acknowledged by the sandbox, each as its changes say', async () => {
    expect(demo.out()).toContain('Every order was acknowledged by the sandbox: 11/11.')
    expect((await recordsInSandbox()).toSorted()).toEqual(Array.from({ length: 11 }, (_, i) => String(741_258 + i)))
    const orders = await fetch(`http://127.0.0.1:${env.SANDBOX_PORT}/_sandbox/orders`)
    const text = await orders.text()
    expect(text).toContain('401288******1881')
    expect(text.replaceAll(' ', '')).not.toContain('4012888888881881')
    expect(text).not.toContain('p.nowak@example.com')
  })

  it('gives the address of a dashboard that opens', async () => {
    const [, address = ''] = /^Dashboard: (http:\S+)$/m.exec(demo.out()) ?? []
    expect(address).toBe(`http://127.0.0.1:${env.OPS_PORT}`)
    const page = await fetch(address)
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('<title>')
  })

  it('is found by commands in a second terminal', async () => {
    const input = JSON.stringify({ order_id: '900001', occurred_at: '2026-01-31T09:20:11Z', order_status: 'Complete' })
    const [traced, sent] = await Promise.all([
      runCli(['trace', '741260'], { cwd: folder }),
      runCli(['send', '-'], { cwd: folder, input }),
    ])
    expect(traced).toMatchObject({ code: 0, out: expect.stringMatching(/^Order 741260: acknowledged\n/) })
    expect(traced.out).toMatch(/held, because .*\n.*changed .*\n.*midigator accepted/)
    expect(sent).toMatchObject({ code: 0, out: '900001  changed (rev 1)\n' })
    await eventually(async () => expect(await recordsInSandbox()).toContain('900001'))
  })

  it('keeps its secrets from other users', () => {
    expect(statSync(join(folder, '.order-sync/run.json')).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, '.order-sync')).mode & 0o777).toBe(0o700)
  })

  it('does not start twice in one folder', async () => {
    const second = await runCli(['start'], { cwd: folder, env: { PORT: '0', OPS_PORT: '0', SANDBOX_PORT: '0' } })
    expect(second).toMatchObject({ code: 1, err: expect.stringMatching(/data folder .* is in use .* stop that one/) })
    expect(second.out).not.toContain('Running')
  })

  it('ends within five seconds on Ctrl-C, and leaves nothing running', async () => {
    expect(await endBy('SIGINT')).toEqual(CLEAN_END)
  })

  it('keeps its orders for the next start, and tells them to the new sandbox again', async () => {
    demo = await startDemo()
    expect(demo.out()).toContain('12 orders of earlier days are told to it again')
    await eventually(async () => expect(await recordsInSandbox()).toEqual(expect.arrayContaining(['741258', '900001'])))
  })

  it('ends as well in the middle of its day', async () => {
    expect(demo.out()).not.toContain('Ctrl-C ends it')
    expect(await endBy('SIGTERM')).toEqual(CLEAN_END)
  })

  it('names the variable to change when a port is taken, and leaves nothing running', async () => {
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

describe('order-sync start, with anything real configured', () => {
  it.each([
    ['one real variable', { HOOK_SECRET: `whsec_${Buffer.from('sixteen bytes or more').toString('base64')}` }],
    ['production', { NODE_ENV: 'production' }],
  ])('lists what is missing, and starts nothing: %s', async (_what, real) => {
    const empty = await mkdtemp(join(tmpdir(), 'order-sync-real-'))
    try {
      const { code, out, err } = await runCli(['start'], { env: { ...env, ...real }, cwd: empty })
      expect({ code, out }).toEqual({ code: 1, out: '' })
      const missing = [...err.matchAll(/^ {2}(\w+): is missing/gm)].map(match => match[1])
      const needed = ['REDIS_URL', 'MIDIGATOR_DATA_USERNAME', 'MIDIGATOR_DATA_PASSWORD', 'OPS_USERNAME', 'OPS_PASSWORD']
      expect(missing).toEqual('HOOK_SECRET' in real ? needed : [...needed, 'HOOK_SECRET'])
      expect(err).toContain(`This is no demo, because ${Object.keys(real).join()} is set`)
      expect(existsSync(join(empty, '.order-sync'))).toBe(false)
    } finally {
      await rm(empty, { recursive: true })
    }
  })
})
