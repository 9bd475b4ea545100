import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startSandbox } from '../../src/sandbox/server.ts'
import type { Sandbox } from '../../src/sandbox/server.ts'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { patience } from '../support/patience.ts'

const PASSWORD = '4f86fed3605b647f948a69ec6bcf728d'
let sandbox: Sandbox
let token: string

async function send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(sandbox.url + path, {
    method,
    headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  // oxlint-disable-next-line typescript/no-explicit-any -- what is in it is what the tests assert
  return { status: response.status, body: (await response.json()) as any }
}

const push = (orderId: string, fields: Record<string, unknown> = {}) =>
  send('POST', '/v1/order', { order_id: orderId, ...fields }, { authorization: `Bearer ${token}` })
const get = (path = '') => send('GET', `/_sandbox${path}`)

beforeEach(async () => {
  sandbox = await startSandbox()
  token = (await send('POST', '/v1/auth', { username: 'sandbox_user', password: PASSWORD })).body.authorization_key
})
afterEach(() => sandbox.close())

describe('the inbox over HTTP', () => {
  it('lists the merged records, and one order with its id and every call that named it', async () => {
    const { id } = (await push('a/b', { order_total: '5.00' })).body
    await push('a/b', { is_refund: 1 })
    await push('a/b', { is_refund: 'yes' })
    await push('never-accepted', { is_refund: 'yes' })
    const record = { order_id: 'a/b', order_total: '5.00', is_refund: 1 }
    expect((await get('/orders')).body).toEqual({ orders: [record] })
    const { body } = await get(`/orders/${encodeURIComponent('a/b')}`)
    expect(body).toMatchObject({ order_id: 'a/b', id, record, mostInFlight: 1 })
    expect(body.history).toMatchObject([
      { payload: { order_id: 'a/b', order_total: '5.00' }, status: 200, ended: 'answered', committedSeq: 1 },
      { payload: { order_id: 'a/b', is_refund: 1 }, status: 200, committedSeq: 2 },
      { payload: { order_id: 'a/b', is_refund: 'yes' }, status: 422, committedAt: null },
    ])
    expect((await get('/orders/never-named')).status).toBe(404)
  })

  it('lists requests without credentials, the newest ones up to a limit', async () => {
    await push('a')
    await push('b')
    const all = await get('/requests')
    expect(all.body.requests.map(({ path }: { path: string }) => path)).toEqual(['/v1/auth', '/v1/order', '/v1/order'])
    expect(JSON.stringify(all.body)).not.toContain(PASSWORD)
    expect(JSON.stringify(all.body)).not.toContain(token)
    expect((await get('/requests?limit=1')).body.requests).toMatchObject([{ order_id: 'b' }])
    expect((await get('/requests?limit=x')).body).toMatchObject({ errors: [{ field: 'limit' }] })
  })

  it('counts the most calls in flight for one order and overall, and answers by status', async () => {
    sandbox.faults.set([{ fault: { kind: 'slow', ms: 60 } }])
    const calls = ['a', 'a', 'a', 'b', 'c'].map(orderId => push(orderId))
    await eventually(() => expect(sandbox.inbox.stats().inFlight).toBe(5))
    await Promise.all(calls)
    sandbox.faults.clear()
    await push('a')
    expect((await get('/stats')).body).toEqual({
      calls: 7,
      orders: 3,
      inFlight: 0,
      mostInFlight: 5,
      mostInFlightForOneOrder: 3,
      answers: { auth: { 200: 1 }, order: { 200: 6 } },
    })
    expect((await get('/orders/b')).body.mostInFlight).toBe(1)
  })

  it('never sees two in flight for one order when each call waits for the one before, aborted ones too', async () => {
    sandbox.faults.set([{ probability: 0.5, fault: { kind: 'hang' } }])
    for (let i = 0; i < 100; i++) {
      const caller = new AbortController()
      const answered = fetch(`${sandbox.dataUrl}/order`, {
        method: 'POST',
        signal: caller.signal,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: '{"order_id":"a"}',
      }).catch(() => undefined)
      // Hung up only once it has arrived: a call given up before that may still arrive beside the next one.
      await eventually(() => expect(sandbox.inbox.order('a')?.history).toHaveLength(i + 1), { everyMs: 1 })
      caller.abort()
      await answered
      // An aborted call has ended once the other side has seen its socket close; nothing else ends one that hangs.
      await eventually(() => expect(sandbox.inbox.stats().inFlight).toBe(0), { everyMs: 1 })
    }
    const seen = sandbox.inbox.order('a')
    expect(seen?.history.filter(({ ended }) => ended === 'closed').length).toBeGreaterThan(20)
    expect(seen?.mostInFlight).toBe(1)
  })

  it.runIf(isLong)('keeps the newest 200 calls of an order', async () => {
    for (let i = 0; i < 50; i++)
      await Promise.all(Array.from({ length: 10 }, (_, j) => push('a', { order_total: `${i * 10 + j}.00` })))
    const history = sandbox.inbox.order('a')?.history ?? []
    expect(history).toHaveLength(200)
    expect(history.at(-1)?.seq).toBe(501)
  })

  it('sets faults, reads them back, and names the field of a bad one', async () => {
    const rules = [{ on: 'order', probability: 1, times: 1, fault: { kind: 'status', status: 429, retryAfterS: 2 } }]
    expect(await send('PUT', '/_sandbox/faults', { rules })).toEqual({ status: 200, body: { rules, drawn: [0] } })
    expect((await push('a')).status).toBe(429)
    expect((await push('a')).status).toBe(200)
    expect((await get('/faults')).body).toEqual({ rules, drawn: [1] })
    const bad = await send('PUT', '/_sandbox/faults', { rules: [{ probability: 2, fault: { kind: 'hang' } }] })
    expect(bad).toMatchObject({ status: 422, body: { errors: [{ field: 'rules[0].probability' }] } })
    const unknown = await send('PUT', '/_sandbox/faults', { rules: [{ fault: { kind: 'explode' } }] })
    expect(unknown).toMatchObject({ status: 422, body: { errors: [{ field: 'rules[0].fault.kind' }] } })
    expect((await get('/faults')).body.rules).toEqual(rules)
  })

  it('revokes tokens, clears, and lists its own routes', async () => {
    await push('a')
    expect((await send('POST', '/_sandbox/revoke-tokens')).status).toBe(200)
    expect((await push('a')).status).toBe(401)
    expect((await send('DELETE', '/_sandbox')).status).toBe(200)
    expect((await get('/orders')).body).toEqual({ orders: [] })
    expect((await get('/stats')).body).toMatchObject({ calls: 0, orders: 0, mostInFlight: 0, answers: {} })
    expect(Object.keys((await get()).body.inspect)).toContain('GET /_sandbox/orders')
  })

  it('drops a commit that was still to come when it was cleared', async () => {
    sandbox.faults.set([
      { times: 1, fault: { kind: 'late-commit', ms: 40 } },
      { times: 1, fault: { kind: 'slow', ms: 80 } },
    ])
    await push('a', { order_total: '1.00' })
    sandbox.clear()
    // This slow push of another order is answered after the late commit was due.
    await push('b')
    expect(sandbox.inbox.records()).toEqual([{ order_id: 'b' }])
    expect(sandbox.inbox.order('a')).toBeUndefined()
  })
})

describe('close', () => {
  it('ends at once, also while calls hang and commits are due', async () => {
    sandbox.faults.set([{ times: 1, fault: { kind: 'hang' } }, { fault: { kind: 'slow', ms: 60_000 } }])
    const hanging = [push('a'), push('b')].map(call => call.catch((error: unknown) => (error as Error).message))
    await eventually(() => expect(sandbox.inbox.stats().inFlight).toBe(2))
    const began = performance.now()
    await sandbox.close()
    expect(performance.now() - began).toBeLessThan(1_000 * patience())
    expect(await Promise.all(hanging)).toEqual(['fetch failed', 'fetch failed'])
    await eventually(() => expect(sandbox.inbox.stats().inFlight).toBe(0))
    await sandbox.close()
  })

  it('rejects when its port is taken', async () => {
    await expect(startSandbox({ port: Number(new URL(sandbox.url).port) })).rejects.toThrow('EADDRINUSE')
  })
})
