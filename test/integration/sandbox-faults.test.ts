import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { chaos } from '../../src/sandbox/chaos.ts'
import type { Fault, FaultRule } from '../../src/sandbox/faults.ts'
import { Faults } from '../../src/sandbox/faults.ts'
import { startSandbox } from '../../src/sandbox/server.ts'
import type { Sandbox } from '../../src/sandbox/server.ts'
import { eventually } from '../support/eventually.ts'

let sandbox: Sandbox
let token: string

const post = (path: string, body: unknown, init: RequestInit = {}) =>
  fetch(sandbox.dataUrl + path, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
    ...init,
  })
const push = (fields: Record<string, unknown> = {}, init?: RequestInit) =>
  post('/order', { order_id: 'a', order_total: '1.00', ...fields }, init)
const order = (orderId = 'a') => sandbox.inbox.order(orderId)
const lastCall = (orderId = 'a') => order(orderId)?.history.at(-1)
const once = (fault: Fault, more: Partial<FaultRule> = {}) => sandbox.faults.set([{ times: 1, fault, ...more }])
const inFlight = () => sandbox.inbox.stats().inFlight

/** Starts a push that can be given up, and says how it ended. */
function pushUntilAborted() {
  const caller = new AbortController()
  const ended = push({}, { signal: caller.signal }).then(
    response => `answered ${response.status}`,
    (error: unknown) => (error as Error).name,
  )
  return { abort: () => caller.abort(), ended }
}

beforeEach(async () => {
  sandbox = await startSandbox()
  const answer = await post('/auth', { username: 'sandbox_user', password: '4f86fed3605b647f948a69ec6bcf728d' })
  token = ((await answer.json()) as { authorization_key: string }).authorization_key
})
afterEach(() => sandbox.close())

describe('a fault', () => {
  it.each([400, 403, 408, 412, 422, 429, 500, 502, 504])(
    'of status %i answers it and commits nothing',
    async status => {
      once({ kind: 'status', status, retryAfterS: 7 })
      const answer = await push({ email_address: 'jane@example.com' })
      expect(answer.status).toBe(status)
      expect(answer.headers.get('retry-after')).toBe('7')
      expect(await answer.text()).toContain('email_address \\"jane@example.com\\"')
      expect(order()).toMatchObject({ record: null, history: [{ status, ended: 'answered', committedAt: null }] })
      expect((await push()).status).toBe(200)
    },
  )

  it('of a status may have a body of its own', async () => {
    once({ kind: 'status', status: 503, body: { down: 'until noon' } })
    expect(await (await push()).json()).toEqual({ down: 'until noon' })
  })

  it('html answers the page of a proxy', async () => {
    once({ kind: 'html' })
    const answer = await push()
    expect([answer.status, answer.headers.get('content-type')]).toEqual([502, expect.stringContaining('text/html')])
    expect(await answer.text()).toMatch(/^<html>/)
  })

  it('redirect points elsewhere, and shows in the requests when it is followed', async () => {
    once({ kind: 'redirect' })
    expect((await push()).status).toBe(302)
    expect(sandbox.inbox.requests().filter(({ call }) => call === 'other')).toEqual([])
    once({ kind: 'redirect' })
    expect((await push({}, { redirect: 'follow' })).status).toBe(404)
    expect(sandbox.inbox.requests().at(-1)).toMatchObject({ path: '/v1/moved', status: 404 })
  })

  it('slow waits, then serves as usual', async () => {
    once({ kind: 'slow', ms: 80 })
    const began = performance.now()
    expect((await push()).status).toBe(200)
    expect(performance.now() - began).toBeGreaterThan(75)
    expect(order()?.record).toMatchObject({ order_total: '1.00' })
  })

  it('hold waits until the rules are replaced, then serves as usual', async () => {
    once({ kind: 'hold' })
    const pushing = push()
    await eventually(() => expect(inFlight()).toBe(1))
    await pause(50)
    expect(inFlight()).toBe(1)
    sandbox.faults.clear()
    expect((await pushing).status).toBe(200)
    expect(order()?.record).toMatchObject({ order_total: '1.00' })
  })

  it('slow commits also when the caller has gone meanwhile', async () => {
    once({ kind: 'slow', ms: 80 })
    const pushing = pushUntilAborted()
    await eventually(() => expect(inFlight()).toBe(1))
    pushing.abort()
    await eventually(() => expect(lastCall()).toMatchObject({ ended: 'closed', committedAt: null }))
    await eventually(() => expect(order()?.record).toMatchObject({ order_total: '1.00' }))
    expect(lastCall()).toMatchObject({ ended: 'closed', status: null })
  })

  it.each<[Fault, boolean]>([
    [{ kind: 'hang' }, false],
    [{ kind: 'commit-then-hang' }, true],
  ])('%o is in flight until the caller gives up', async (fault, commits) => {
    once(fault)
    const pushing = pushUntilAborted()
    await eventually(() => expect(inFlight()).toBe(1))
    expect(order()?.record != null).toBe(commits)
    pushing.abort()
    expect(await pushing.ended).toBe('AbortError')
    await eventually(() => expect(inFlight()).toBe(0))
    expect(lastCall()).toMatchObject({ status: null, ended: 'closed' })
  })

  it('reset ends the connection before anything is committed', async () => {
    once({ kind: 'reset' })
    await expect(push()).rejects.toThrow('fetch failed')
    expect(order()).toMatchObject({ record: null, history: [{ ended: 'reset', status: null }] })
  })

  it('commit-then-reset ends it after', async () => {
    once({ kind: 'commit-then-reset' })
    await expect(push()).rejects.toThrow('fetch failed')
    expect(order()).toMatchObject({ record: { order_total: '1.00' }, history: [{ ended: 'reset' }] })
  })

  it('commit-then-fail really committed', async () => {
    once({ kind: 'commit-then-fail', status: 504 })
    expect((await push()).status).toBe(504)
    expect(order()).toMatchObject({ record: { order_total: '1.00' }, history: [{ committedAt: expect.any(Number) }] })
  })

  it('late-commit answers 504 first and then overwrites what came in between', async () => {
    once({ kind: 'late-commit', ms: 150 })
    expect((await push({ order_total: '1.00' })).status).toBe(504)
    expect(order()?.record).toBeNull()
    expect((await push({ order_total: '2.00' })).status).toBe(200)
    expect(order()?.record).toMatchObject({ order_total: '2.00' })
    await eventually(() => expect(order()?.record).toMatchObject({ order_total: '1.00' }))
    expect(order()?.history.map(({ status, committedSeq }) => [status, committedSeq])).toEqual([
      [504, 2],
      [200, 1],
    ])
    expect(inFlight()).toBe(0)
  })

  it('late-commit may hang instead', async () => {
    once({ kind: 'late-commit', ms: 60, hang: true })
    const pushing = pushUntilAborted()
    await eventually(() => expect(inFlight()).toBe(1))
    pushing.abort()
    expect(await pushing.ended).toBe('AbortError')
    await eventually(() => expect(order()?.record).toMatchObject({ order_total: '1.00' }))
  })

  it('token-revoked ends the presented key and no other', async () => {
    const older = token
    const fresh = await post('/auth', { username: 'sandbox_user', password: '4f86fed3605b647f948a69ec6bcf728d' })
    token = ((await fresh.json()) as { authorization_key: string }).authorization_key
    once({ kind: 'token-revoked' })
    expect((await push()).status).toBe(401)
    expect((await push()).status).toBe(401)
    token = older
    expect((await push()).status).toBe(200)
  })

  it('that commits leaves a refused call refused', async () => {
    once({ kind: 'commit-then-fail' })
    expect((await push({ order_total: 1 })).status).toBe(422)
    expect(order()?.record).toBeNull()
  })
})

describe('fault rules', () => {
  it('are tried in order, and count, and match by call and by order', async () => {
    sandbox.faults.set([
      { on: 'order', orderId: 'b', fault: { kind: 'status', status: 403 } },
      { on: 'order', times: 1, fault: { kind: 'status', status: 500 } },
      { on: 'auth', fault: { kind: 'status', status: 502 } },
    ])
    expect([(await push({ order_id: 'b' })).status, (await post('/auth', {})).status]).toEqual([403, 502])
    expect([(await push()).status, (await push()).status]).toEqual([500, 200])
    expect(sandbox.faults.snapshot().drawn).toEqual([1, 1, 1])
  })

  it('draw the same faults for the same seed, and others for another', () => {
    const [one, same, other] = [7, 7, 8].map(seed => {
      const faults = new Faults(seed, chaos(0.5))
      return Array.from({ length: 200 }, () => faults.draw('order', 'a'))
    })
    expect(one).toEqual(same)
    expect(one).not.toEqual(other)
  })

  it('of the chaos preset spread its share evenly over every kind', () => {
    const faults = new Faults(3, chaos(0.2, { refusals: true }))
    const counts = new Map<string, number>()
    for (let i = 0; i < 60_000; i++) {
      const kind = faults.draw('order')?.kind ?? 'none'
      counts.set(kind, (counts.get(kind) ?? 0) + 1)
    }
    expect(counts.size).toBe(12)
    const share = (kind: string) => (counts.get(kind) ?? 0) / 60_000
    expect(share('none')).toBeCloseTo(0.8, 1)
    // Of the twelve parts two are statuses: those that pass by themselves and those that refuse.
    expect(share('status')).toBeCloseTo(0.2 / 6, 2)
    counts.delete('none')
    counts.delete('status')
    for (const kind of counts.keys()) expect(share(kind)).toBeCloseTo(0.2 / 12, 2)
  })

  it('of a chaos of 1 leave no call alone', () => {
    const faults = new Faults(3, chaos(1))
    for (let i = 0; i < 2_000; i++) expect(faults.draw('order')).toBeDefined()
  })
})
