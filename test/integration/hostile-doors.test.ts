import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBodyBudget } from '../../src/http/body-budget.ts'
import { createOps } from '../../src/http/ops.ts'
import { startIngress } from '../../src/http/start-ingress.ts'
import { signatureOf } from '../../src/platforms/chargebackhit/signature.ts'
import { signed } from '../support/hook-sender.ts'
import { report } from '../support/report.ts'
import { size } from '../support/sizes.ts'
import { usePipelines, type Pipeline } from './pipeline.ts'

const HOOK_SECRET = `whsec_${Buffer.from('thirty-two bytes of a hook secret').toString('base64')}`
const LOGIN = { username: 'operator', password: 'a good long password' }
const HOOK = { username: 'midigator', password: 'another-good-long-password' }
const KEYS = { publicKey: 'public-key', secretKey: 'a secret key of the account' }
const basic = ({ username, password }: typeof LOGIN) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

const open = usePipelines()
let pipeline: Pipeline
let ingress: Awaited<ReturnType<typeof startIngress>>

beforeEach(async () => {
  pipeline = await open({
    HOOK_SECRET,
    PORT: '0',
    MIDIGATOR_API_SECRET: 'secret',
    MIDIGATOR_HOOK_USERNAME: HOOK.username,
    MIDIGATOR_HOOK_PASSWORD: HOOK.password,
    CHARGEBACKHIT_PUBLIC_KEY: KEYS.publicKey,
    CHARGEBACKHIT_SECRET_KEY: KEYS.secretKey,
  })
  await pipeline.deps.health.now()
  ingress = await startIngress(pipeline.deps)
})
afterEach(() => ingress.close(1_000))

async function send(path: string, body: string | undefined, headers: Record<string, string> = {}, method = 'POST') {
  const answer = await fetch(`${ingress.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body }),
  })
  await answer.arrayBuffer()
  return answer.status
}

describe('metrics', () => {
  /** One call of each kind, each with its own names in every place where a sender may write one. */
  async function round(name: string): Promise<void> {
    const odd = `hostile"\\${name}`
    const json = (value: unknown) => JSON.stringify(value)
    const order = (fields: object) => {
      const body = json({ order_id: odd, occurred_at: new Date(0).toISOString(), ...fields })
      return send('/hooks/orders/generic', body, signed(HOOK_SECRET, Buffer.from(body)))
    }
    const midigator = (body: string) => send('/hooks/alerts/midigator', body, { authorization: basic(HOOK) })
    const chargebackhit = (body: string) =>
      send('/hooks/alerts/chargebackhit', body, { signature: signatureOf(KEYS, body), public_key: KEYS.publicKey })
    await Promise.all([
      send(`/hooks/orders/hostile-${name}`, '{}'),
      send(`/hooks/orders/${encodeURIComponent(odd)}`, '{}'),
      send(`/hooks/alerts/hostile-${name}`, '{}'),
      send(`/hooks/alerts/midigator/hostile-${name}`, '{}', { authorization: basic({ ...HOOK, username: odd }) }),
      send(`/hostile-${name}`, undefined, { 'x-forwarded-for': odd }, 'GET'),
      send('/hooks/orders/generic', '{}', { 'webhook-id': odd }),
      order({ order_status: odd, currency: odd, payment_state: odd, [odd]: odd }),
      order({ order_status: 'Complete', order_total: '1.00', currency: 'ZZZ' }),
      midigator(json({ event_type: odd, prevention_guid: odd })),
      midigator(json({ event_type: 'prevention.new', prevention_guid: odd, partner: odd, currency: odd })),
      midigator(json({ event_type: 'prevention.new' })),
      midigator(odd),
      chargebackhit(json({ id: odd, type: odd, event: odd, outcome: odd })),
    ])
  }

  it('have the same series whatever names are sent to any port', async () => {
    const { deps } = pipeline
    const ops = await createOps(deps, { auth: LOGIN })
    const series = async () => {
      await deps.figures.publish(deps.processName, await deps.metrics.registry.metrics())
      const text = (await ops.inject({ url: '/metrics', headers: { authorization: basic(LOGIN) } })).body
      return text.split('\n').filter(line => line.startsWith('order_sync_')).map(line => line.slice(0, line.lastIndexOf(' '))).toSorted()
    }
    const odd = (name: string) => ops.inject({ url: `/hostile-${name}`, remoteAddress: '192.0.2.9', headers: { authorization: basic({ ...LOGIN, username: `hostile-${name}` }) } })
    for (const name of 'abcdefghijkl') {
      await round(name)
      await odd(name)
    }
    const before = await series()
    const startedAt = process.memoryUsage().rss
    for (let i = 0; i < size(5, 400); i++) {
      await round(randomUUID())
      await odd(randomUUID())
    }
    for (let i = 0; i < size(200, 10_000); i += 20)
      await Promise.all(Array.from({ length: 20 }, (_, n) => send(`/hooks/orders/name-${i + n}`, '{}')))
    const after = await series()
    await ops.close()
    expect(after.filter(line => !before.includes(line))).toEqual([])
    expect(after.filter(line => /hostile|name-|ZZZ/.test(line))).toEqual([])
    report('hostile names', { names: size(200, 10_000), series: after.length, grewMb: Math.round((process.memoryUsage().rss - startedAt) / 1e6) })
  }) // prettier-ignore
})

/** Sends the head of a request that states `length` bytes of body, and answers what comes back and when the connection ends. */
function sendHead(path: string, headers: Record<string, string>, length = 4 * 1024 * 1024) {
  const { hostname, port } = new URL(ingress.url)
  const socket = connect(Number(port), hostname)
  const startedAt = performance.now()
  let text = ''
  const all = { host: 'localhost', 'content-type': 'application/json', 'content-length': `${length}`, ...headers }
  socket.write(`POST ${path} HTTP/1.1\r\n${Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
  socket.on('data', part => (text += part.toString())).on('error', () => {})
  const ended = new Promise<number>(resolve => socket.once('close', () => resolve(performance.now() - startedAt)))
  const answered = new Promise<string>((resolve, reject) => {
    socket.once('data', () => setImmediate(() => resolve(text)))
    socket.once('close', () => reject(new Error('closed without an answer')))
  })
  return { socket, answered, ended }
} // prettier-ignore

describe('a request whose headers prove nothing', () => {
  const signature = signed(HOOK_SECRET, Buffer.from('{}'))
  const form = signatureOf(KEYS, '')
  const cases: [string, string, Record<string, string>, number][] = [
    ['no signature', '/hooks/orders/generic', {}, 401],
    ['no id', '/hooks/orders/generic', { ...signature, 'webhook-id': '' }, 401],
    ['no time', '/hooks/orders/generic', { ...signature, 'webhook-timestamp': 'now' }, 401],
    ['a time ahead', '/hooks/orders/generic', { ...signature, 'webhook-timestamp': `${Math.round(Date.now() / 1_000) + 900}` }, 401],
    ['an old time', '/hooks/orders/generic', { ...signature, 'webhook-timestamp': '1000000000' }, 401],
    ['a short signature', '/hooks/orders/generic', { ...signature, 'webhook-signature': 'v1,QUJD' }, 401],
    ['a signature of another version', '/hooks/orders/generic', { ...signature, 'webhook-signature': signature['webhook-signature']!.replace('v1', 'v2') }, 401],
    ['an unknown source', '/hooks/orders/other', signature, 404],
    ['no password', '/hooks/alerts/midigator', {}, 401],
    ['a wrong password', '/hooks/alerts/midigator/x', { authorization: basic({ ...HOOK, password: 'guess' }) }, 401],
    ['no keys', '/hooks/alerts/chargebackhit', {}, 401],
    ['another public key', '/hooks/alerts/chargebackhit', { signature: form, public_key: 'other' }, 401],
    ['a signature of another form', '/hooks/alerts/chargebackhit', { signature: 'x'.repeat(172), public_key: KEYS.publicKey }, 401],
  ] // prettier-ignore

  it('is answered before its body is read, and its connection ends', async () => {
    const seen = cases.map(async ([name, path, headers]) => {
      const { answered, ended } = sendHead(path, headers)
      const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(await answered)?.[1])
      await ended
      return [name, status]
    })
    expect(await Promise.all(seen)).toEqual(cases.map(([name, , , status]) => [name, status]))
  })

  it('that sends its whole body keeps its connection and sees the answer', async () => {
    const { socket, answered } = sendHead('/hooks/orders/generic', {}, 1_000)
    expect(await answered).toMatch(/^HTTP\/1\.1 401 /)
    socket.write(Buffer.alloc(1_000, 'x'))
    const again = new Promise<string>(resolve => socket.once('data', part => resolve(part.toString())))
    socket.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n')
    expect(await again).toMatch(/^HTTP\/1\.1 200 /)
    socket.destroy()
  })
})

describe('passwords that are guessed', () => {
  const GUESSES = size(200, 2_000)
  const counted = async (login: string) => {
    const text = await pipeline.deps.metrics.registry.metrics()
    const of = (outcome: string) => {
      const found = new RegExp(`^order_sync_login_failures_total\\{login="${login}",outcome="${outcome}"\\} (\\d+)$`, 'm').exec(text)
      return Number(found?.[1] ?? 0)
    }
    return { refused: of('refused'), throttled: of('throttled') }
  } // prettier-ignore
  const failures = () => pipeline.logged.filter(({ args }) => String(args[1]).startsWith('login failed'))
  const statusesOf = (statuses: readonly number[]) =>
    Object.fromEntries([...new Set(statuses)].map(status => [status, statuses.filter(one => one === status).length]))

  it('for the console are throttled by address for all processes together, logged without the password, and counted', async () => {
    const { deps } = pipeline
    const apps = [await createOps(deps, { auth: LOGIN }), await createOps(deps, { auth: LOGIN })]
    const ask = (password: string, remoteAddress: string, i = 0) =>
      apps[i % 2]!.inject({ url: '/api/overview', remoteAddress, headers: { authorization: basic({ ...LOGIN, password }) } })
    const statuses: number[] = []
    for (let i = 0; i < GUESSES; i += 20) {
      const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => ask(`guess-${i + n}`, '192.0.2.1', n)))
      statuses.push(...answers.map(({ statusCode }) => statusCode))
    }
    expect(statusesOf(statuses)).toEqual({ 401: 10, 429: GUESSES - 10 })
    // A guess that would be right shows nothing there, and the same password comes in from elsewhere.
    const blocked = await ask(LOGIN.password, '192.0.2.1')
    expect([blocked.statusCode, blocked.json().code]).toEqual([429, 'too-many-logins'])
    expect(Number(blocked.headers['retry-after'])).toBeGreaterThan(60)
    expect((await ask(LOGIN.password, '192.0.2.2')).statusCode).toBe(200)
    expect(await counted('console')).toEqual({ refused: 10, throttled: GUESSES - 9 })
    expect(failures()).toHaveLength(10)
    expect(failures()[0]!.args[0]).toEqual({ login: 'console', address: '192.0.2.1', user: LOGIN.username, left: 9 })
    expect(JSON.stringify(pipeline.logged)).not.toContain('guess-')
    // What is kept of it is no more than what was counted, and expires.
    const key = deps.keys.wrongLogins('console', '192.0.2.1')
    expect(await deps.redis.zcard(key)).toBe(10)
    expect(await deps.redis.pttl(key)).toBeGreaterThan(0)
    // The window moves on.
    const first = (await deps.redis.zrange(key, '0', '0', 'WITHSCORES'))[0]!
    await deps.redis.zadd(key, 1, first)
    expect((await ask(LOGIN.password, '192.0.2.1')).statusCode).toBe(200)
    for (const app of apps) await app.close()
    report('guesses, console', { guesses: GUESSES, ...statusesOf(statuses) })
  }) // prettier-ignore

  it('for alert hooks are throttled as well, and lock out no sender that had the right one', async () => {
    const event = JSON.stringify({ event_type: 'prevention.new', prevention_guid: 'pre_1', partner: 'ethoca' })
    const hook = (password: string) => send('/hooks/alerts/midigator', event, { authorization: basic({ ...HOOK, password }) })
    expect(await hook(HOOK.password)).toBe(200)
    const statuses = await Promise.all(Array.from({ length: 40 }, (_, i) => hook(`guess-${i}`)))
    expect(statusesOf(statuses)).toEqual({ 401: 10, 429: 30 })
    expect(await hook(HOOK.password)).toBe(200)
    expect(await counted('midigator')).toEqual({ refused: 10, throttled: 30 })
    expect(failures()).toHaveLength(10)
    // Where the right one never came from, it may have been guessed.
    await pipeline.deps.redis.del(pipeline.deps.keys.rightLogin('midigator', '127.0.0.1'))
    expect(await hook(HOOK.password)).toBe(429)
  }) // prettier-ignore
})

describe('bodies in memory', () => {
  const take = (budget: ReturnType<typeof createBodyBudget>, ip: string, bytes: number) => {
    const request = { ip, raw: {} as IncomingMessage }
    budget.take(request, bytes)
    return request
  }

  it('are capped for a sender and for the process, small ones never, and count no longer than they are held', () => {
    const budget = createBodyBudget({ process: 1_100_000, sender: 400_000 })
    const held = [take(budget, '192.0.2.1', 400_000), take(budget, '192.0.2.2', 400_000)]
    expect(() => take(budget, '192.0.2.1', 400_000)).toThrow(expect.objectContaining({ kind: 'throttled', retryAfterMs: 5_000 }))
    expect(() => take(budget, '::ffff:192.0.2.1', 400_000)).toThrow(expect.objectContaining({ kind: 'throttled' }))
    held.push(take(budget, '2001:db8::1', 400_000))
    expect(() => take(budget, '2001:db8:0:0:ffff::1', 400_000)).toThrow(expect.objectContaining({ kind: 'throttled' }))
    expect(() => take(budget, '2001:db8:0:1::1', 400_000)).toThrow(expect.objectContaining({ kind: 'transient' }))
    for (let i = 0; i < 100; i++) take(budget, '192.0.2.1', 64 * 1024)
    for (const { raw } of held) budget.release(raw)
    expect(budget.heldBytes()).toBe(0)
    // What grows in parts counts as much as what comes at once.
    const request = take(budget, '192.0.2.1', 60_000)
    for (let i = 0; i < 4; i++) budget.take(request, 60_000)
    expect(budget.heldBytes()).toBe(300_000 - 64 * 1024)
  }) // prettier-ignore

  it('end the reading of a large one with 429 where its sender holds too much, and others are answered meanwhile', async () => {
    const signature = { ...signed(HOOK_SECRET, Buffer.from('other')) }
    const large = Array.from({ length: 6 }, () => sendHead('/hooks/orders/generic', signature))
    for (const { socket } of large) socket.write(Buffer.alloc(4 * 1024 * 1024 - 1, ' '))
    const refused = await Promise.any(large.map(({ answered }) => answered))
    expect(refused).toMatch(/^HTTP\/1\.1 429 [^]*retry-after: 5\r\n[^]*too-much-at-once/)
    const body = JSON.stringify({ order_id: 'good', occurred_at: new Date(0).toISOString(), order_status: 'Complete' })
    expect(await send('/hooks/orders/generic', body, signed(HOOK_SECRET, Buffer.from(body)))).toBe(202)
    for (const { socket } of large) socket.destroy()
  })

  it('of parts of one byte take no more memory than others', async () => {
    const body = Buffer.alloc(80_000, ' ')
    const { hostname, port } = new URL(ingress.url)
    const socket = connect(Number(port), hostname)
    const head = { ...signed(HOOK_SECRET, body), host: 'x', 'content-type': 'application/json', 'transfer-encoding': 'chunked' }
    socket.write(`POST /hooks/orders/generic HTTP/1.1\r\n${Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
    socket.write(`${'1\r\n \r\n'.repeat(body.length)}0\r\n\r\n`)
    const answer = await new Promise<string>(resolve => socket.once('data', part => resolve(part.toString())))
    // It was read whole and its signature taken: what is wrong is that it is no JSON.
    expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*not-json/)
    socket.destroy()
  }) // prettier-ignore
})

describe('a change that makes its order larger than 256 kB', () => {
  const AT = 1_769_000_000_000
  it('is rejected by field, holds refunds for its money, and costs the others nothing', async () => {
    const lines = Array.from({ length: 200 }, () => ({ name: 'x'.repeat(1_000) }))
    const texts = Array.from({ length: 6 }, (_, i) => ({ timestamp: '2026-01-31T09:20:11Z', note: `${i}${'y'.repeat(9_000)}` }))
    const told = (orderId: string, fields: object) => ({ order_id: orderId, occurred_at: new Date(AT).toISOString(), order_status: 'Complete', ...fields })
    const results = await pipeline.tell(
      told('big', { order_total: '50.00', currency: 'USD' }),
      told('big', { order_status: 'Refunded', occurred_at: new Date(AT + 1_000).toISOString(), products: lines, notes: texts }),
      told('other', {}),
    )
    expect(results.map(({ order_id, status }) => [order_id, status])).toEqual([['big', 'changed'], ['big', 'rejected'], ['other', 'changed']])
    expect(results[1]!.errors).toEqual([{ field: 'products', message: expect.stringMatching(/^expected a change that keeps its order within 256 kB, got one that would make it 2\d\d kB; /) }])
    expect([...(await pipeline.deps.orders.read('big'))!.holds.keys()]).toEqual(['unreadable order_status'])
    expect(await pipeline.deps.rejected.count()).toBe(1)
  }) // prettier-ignore
})
