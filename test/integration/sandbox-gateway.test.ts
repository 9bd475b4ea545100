import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { chaos } from '../../src/sandbox/chaos.ts'
import { Faults } from '../../src/sandbox/faults.ts'
import { pending } from '../../src/sandbox/gateway-rules.ts'
import type { Behaviour } from '../../src/sandbox/gateway-rules.ts'
import type { Sandbox, SandboxOptions } from '../../src/sandbox/server.ts'
import { eventually } from '../support/eventually.ts'
import { takeSandbox } from '../support/take-sandbox.ts'
import { gatewayOf, send, sendOrder, signed } from './sandbox-calls.ts'

let sandbox: Sandbox
let gateway: ReturnType<typeof gatewayOf>

const open = async (options: SandboxOptions = {}) => {
  sandbox = await takeSandbox(options)
  gateway = gatewayOf(sandbox)
  sandbox.payments.set('a', { captured: '30.00', currency: 'USD' })
}
const reopen = async (options: SandboxOptions) => {
  await sandbox.close()
  await open(options)
}
const behave = (behaviour: Behaviour, more: object = {}) =>
  sandbox.gateway.setRules([{ order_id: 'a', behave: behaviour, ...more }])
const totals = () => sandbox.refunds.totals('a')

beforeEach(() => open())
afterEach(() => sandbox.close())

describe('a refund', () => {
  it('takes effect, is listed with its reference, and leaves the rest', async () => {
    const { status, body } = await gateway.refund('k1', { amount: '10.10' })
    expect([status, body]).toEqual([
      201,
      { refund_id: expect.any(String), status: 'succeeded', amount: '10.10', arn: expect.stringMatching(/^\d{23}$/) },
    ])
    expect((await gateway.list('a')).body).toEqual({
      refunds: [{ ...body, currency: 'USD', reference: 'case-k1', created_at: expect.stringMatching(/^\d{4}-.*Z$/) }],
      refundable_amount: '19.90',
      currency: 'USD',
    })
    expect(sandbox.refunds.list('a')).toMatchObject([{ key: 'k1', transaction_id: 't-a', effective: true, replays: 0 }])
  })

  it('is taken only when signed over its own bytes, lately, with the right secret', async () => {
    const json = '{}'
    const refuse = async (headers: object) => expect((await gateway.refund('k', {}, headers)).status).toBe(401)
    await refuse(signed(sandbox.gatewaySecret, json))
    for (const [secret, agoMs] of [
      [sandbox.gatewaySecret, 310_000],
      [sandbox.gatewaySecret, -310_000],
      [`whsec_${Buffer.from('another secret').toString('base64')}`, 0],
    ] as const)
      expect((await gateway.refund('k', {}, {}, { secret, at: new Date(Date.now() - agoMs) })).status).toBe(401)
    expect((await gateway.list('a')).body.refunds).toEqual([])
    const slow = { at: new Date(Date.now() - 290_000) }
    expect((await gateway.refund('k', { order_id: 'nobody' }, {}, slow)).status).toBe(422)
    await refuse({ 'webhook-signature': 'v1,AAAA' })
    await refuse({ 'webhook-id': '' })
    expect((await send('POST', `${sandbox.gatewayUrl}/refunds`, { json })).status).toBe(401)
    expect((await send('GET', `${sandbox.gatewayUrl}/refunds?order_id=a`)).status).toBe(401)
    const headers = signed(sandbox.gatewaySecret, 'not empty')
    expect((await send('GET', `${sandbox.gatewayUrl}/refunds?order_id=a`, { headers })).status).toBe(401)
    expect(sandbox.refunds.list()).toEqual([])
  })

  it('is 400 without a key or a whole body', async () => {
    expect((await gateway.refund('k', {}, { 'idempotency-key': '' })).status).toBe(400)
    for (const fields of [
      { amount: 10 },
      { amount: '-1' },
      { reference: undefined },
      { currency: 'usd' },
      { extra: 1 },
    ])
      expect((await gateway.refund('k', fields)).body).toMatchObject({ code: 'invalid' })
    const headers = { ...signed(sandbox.gatewaySecret, '{'), 'idempotency-key': 'k' }
    expect((await send('POST', `${sandbox.gatewayUrl}/refunds`, { json: '{', headers })).status).toBe(400)
  })

  it.each([
    ['of an order nobody paid', { order_id: 'b' }, 'unknown_order'],
    ['of more than is left', { amount: '30.01' }, 'amount_too_large'],
    ['in another currency', { currency: 'EUR' }, 'currency_mismatch'],
    ['of nothing', { amount: '0.00' }, 'amount_too_low'],
  ])('%s is refused for good', async (_what, fields, code) => {
    const { status, body } = await gateway.refund('k', fields)
    expect([status, body.code]).toEqual([422, code])
    expect(sandbox.refunds.list()).toEqual([])
  })

  it('is 409 when nothing is left, also by refunds made by hand', async () => {
    await gateway.refund('k1', { amount: '20.00' })
    const { body } = await send('POST', `${sandbox.url}/_sandbox/payments/a/refund`, { json: { amount: '10' } })
    expect(body).toMatchObject({ reference: null, key: null, made_by: 'hand', effective: true })
    expect((await gateway.refund('k2')).status).toBe(409)
    const shown = (await send('GET', `${sandbox.url}/_sandbox/refunds?order_id=a`)).body
    expect(shown.totals).toEqual([
      {
        order_id: 'a',
        captured: '30.00',
        currency: 'USD',
        refunded: '30.00',
        effective: 2,
        pending: '0',
        beyond_captured: false,
      },
    ])
    expect(shown.refunds).toHaveLength(2)
  })

  it('beyond what was captured shows in the totals', () => {
    sandbox.refunds.addByHand('a', '30.01')
    expect(totals()).toMatchObject({ refunded: '30.01', beyond_captured: true })
  })

  it('counts what was captured from the order’s record, unless told otherwise', async () => {
    await sendOrder(sandbox, { order_id: 'o', order_total: '12.50' })
    expect((await gateway.list('o')).body).toEqual({ refunds: [], refundable_amount: '12.50', currency: 'EUR' })
    const told = { captured: '9.99', currency: 'EUR' }
    await send('PUT', `${sandbox.url}/_sandbox/payments/o`, { json: told })
    expect((await gateway.list('o')).body).toMatchObject({ refundable_amount: '9.99', currency: 'EUR' })
    expect((await gateway.list('unknown')).body).toEqual({ refunds: [] })
  })
})

describe('an idempotency key', () => {
  it('is answered as before, and counted', async () => {
    const [first, again] = [await gateway.refund('k'), await gateway.refund('k')]
    expect([again.status, again.body]).toEqual([201, first.body])
    expect(sandbox.refunds.list('a')).toMatchObject([{ replays: 1 }])
  })

  it('with another body is refused', async () => {
    await gateway.refund('k')
    expect((await gateway.refund('k', { amount: '5.00' })).body).toMatchObject({ code: 'key_reused' })
    expect(totals()).toMatchObject({ effective: 1, refunded: '10.00' })
  })

  it('that comes many times at once has one effect', async () => {
    sandbox.faults.set([{ on: 'refund', times: 3, fault: { kind: 'slow', ms: 30 } }])
    const answers = await Promise.all(Array.from({ length: 8 }, () => gateway.refund('k')))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(sandbox.refunds.list('a')).toMatchObject([{ replays: 7, effective: true }])
  })

  it('is worth nothing where none is kept: every refund takes effect, up to what was captured', async () => {
    await reopen({ keepsKeysMs: 0 })
    const statuses = []
    for (let i = 0; i < 4; i++) statuses.push((await gateway.refund('k')).status)
    expect(statuses).toEqual([201, 201, 201, 409])
    expect(totals()).toMatchObject({ effective: 3, refunded: '30.00', beyond_captured: false })
  })

  it('is forgotten after its time', async () => {
    await reopen({ keepsKeysMs: 150 })
    await gateway.refund('k')
    await gateway.refund('k')
    expect(totals().effective).toBe(1)
    await eventually(async () => {
      await gateway.refund('k')
      expect(totals().effective).toBe(2)
    })
  })
})

describe('the gateway', () => {
  it.each(['succeeded', 'failed'] as const)('can leave a refund pending until it has %s', async then => {
    behave(pending(150, then))
    expect((await gateway.refund('k', { amount: '30.00' })).body).toMatchObject({ status: 'pending' })
    expect(totals()).toMatchObject({ effective: 0, pending: '30.00' })
    expect((await gateway.refund('k2')).status).toBe(409)
    await eventually(async () => expect((await gateway.list('a')).body.refunds).toMatchObject([{ status: then }]))
    const isRefunded = then === 'succeeded'
    expect((await gateway.list('a')).body.refundable_amount).toBe(isRefunded ? '0.00' : '30.00')
    expect(totals().effective).toBe(isRefunded ? 1 : 0)
  })

  it('can take a success back', async () => {
    behave({ kind: 'succeed-then-fail', ms: 60 })
    expect((await gateway.refund('k')).body).toMatchObject({ status: 'succeeded' })
    await eventually(() => expect(sandbox.refunds.list('a')).toMatchObject([{ status: 'failed', effective: false }]))
  })

  it('can fail and refuse, a number of times, for one order', async () => {
    sandbox.payments.set('b', { captured: '30.00', currency: 'USD' })
    const json = { rules: [{ order_id: 'a', times: 1, behave: { kind: 'refuse', code: 'too_old', message: 'no' } }] }
    expect((await send('PUT', `${sandbox.url}/_sandbox/gateway`, { json })).body).toMatchObject({ drawn: [0] })
    expect((await gateway.refund('kb', { order_id: 'b' })).status).toBe(201)
    const refused = await gateway.refund('k')
    expect([refused.status, refused.body]).toEqual([422, { code: 'too_old', message: 'no' }])
    expect((await send('GET', `${sandbox.url}/_sandbox/gateway`)).body.drawn).toEqual([1])
    behave({ kind: 'close-account' })
    expect((await gateway.refund('k')).body).toMatchObject({ code: 'merchant_account_closed' })
    behave({ kind: 'fail' })
    expect((await gateway.refund('k')).body).toMatchObject({ status: 'failed' })
    expect(totals()).toMatchObject({ effective: 0, refunded: '0' })
    expect((await gateway.list('a')).body.refundable_amount).toBe('30.00')
  })
})

describe('a fault of the gateway', () => {
  const abandoned = async (key: string) => {
    const json = JSON.stringify({ order_id: 'a', amount: '10.00', currency: 'USD', reference: 'r' })
    const headers = { 'content-type': 'application/json', 'idempotency-key': key }
    return fetch(`${sandbox.gatewayUrl}/refunds`, {
      method: 'POST',
      body: json,
      headers: { ...headers, ...signed(sandbox.gatewaySecret, json) },
      signal: AbortSignal.timeout(60),
    })
  }

  it('can commit and never answer; the look-up finds it', async () => {
    sandbox.faults.set([{ on: 'refund', orderId: 'a', times: 1, fault: { kind: 'commit-then-hang' } }])
    await expect(abandoned('k')).rejects.toThrow('timeout')
    expect((await gateway.list('a')).body.refunds).toMatchObject([{ status: 'succeeded', reference: 'r' }])
  })

  it('can commit late: after a new try under the same key there is one effect all the same', async () => {
    sandbox.faults.set([{ on: 'refund', times: 1, fault: { kind: 'late-commit', ms: 60 } }])
    expect((await gateway.refund('k')).status).toBe(504)
    expect(totals().effective).toBe(0)
    expect((await gateway.refund('k')).status).toBe(201)
    await eventually(() => expect(sandbox.refunds.list('a')).toMatchObject([{ replays: 1 }]))
  })

  it('can commit late, but never beyond what was captured', async () => {
    sandbox.faults.set([{ on: 'refund', times: 1, fault: { kind: 'late-commit', ms: 60 } }])
    expect((await gateway.refund('k1', { amount: '30.00' })).status).toBe(504)
    expect((await gateway.refund('k2', { amount: '10.00' })).status).toBe(201)
    await eventually(() => expect(sandbox.inbox.requests()[0]).toMatchObject({ status: 504 }))
    await reopenedLater()
    expect(totals()).toMatchObject({ refunded: '10.00', effective: 1 })
  })

  /** Waits until a commit as late as the one before has come. */
  async function reopenedLater() {
    sandbox.payments.set('later', { captured: '10.00', currency: 'USD' })
    sandbox.faults.set([{ on: 'refund', times: 1, fault: { kind: 'late-commit', ms: 60 } }])
    await gateway.refund('kl', { order_id: 'later' })
    await eventually(() => expect(sandbox.refunds.totals('later').effective).toBe(1))
  }

  it('is drawn by call and by order', async () => {
    sandbox.payments.set('b', { captured: '30.00', currency: 'USD' })
    sandbox.faults.set([
      { on: 'refund-list', orderId: 'a', fault: { kind: 'status', status: 503 } },
      { on: 'refund', orderId: 'b', fault: { kind: 'reset' } },
    ])
    expect((await gateway.refund('k')).status).toBe(201)
    await expect(gateway.refund('kb', { order_id: 'b' })).rejects.toThrow('fetch failed')
    expect([(await gateway.list('a')).status, (await gateway.list('b')).status]).toEqual([503, 200])
  })

  it('that was under way when all was forgotten commits nothing', async () => {
    sandbox.faults.set([{ on: 'refund', times: 1, fault: { kind: 'late-commit', ms: 40 } }])
    await gateway.refund('k')
    await send('DELETE', `${sandbox.url}/_sandbox`)
    sandbox.payments.set('a', { captured: '30.00', currency: 'USD' })
    await reopenedLater()
    expect(sandbox.refunds.list('a')).toEqual([])
  })

  it('of the chaos preset can be limited to some calls', () => {
    const faults = new Faults(3, chaos(1, { only: ['refund', 'resolution'] }))
    for (const call of ['refund', 'resolution'] as const) expect(faults.draw(call)).toBeDefined()
    for (const call of ['order', 'api-auth', 'refund-list'] as const) expect(faults.draw(call)).toBeUndefined()
  })
})
