import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { GatewayTrait } from '../../src/sandbox/gateway-traits.ts'
import type { Sandbox } from '../../src/sandbox/server.ts'
import { eventually } from '../support/eventually.ts'
import { takeSandbox } from '../support/take-sandbox.ts'
import { gatewayOf, send } from './sandbox-calls.ts'

let sandbox: Sandbox
let gateway: ReturnType<typeof gatewayOf>
beforeEach(async () => {
  sandbox = await takeSandbox()
  gateway = gatewayOf(sandbox)
  for (const order of ['a', 'b']) sandbox.payments.set(order, { captured: '30.00', currency: 'USD' })
})
afterEach(() => sandbox.close())

const setTraits = async (...traits: GatewayTrait[]) => {
  const { status } = await send('PUT', `${sandbox.url}/_sandbox/gateway`, { json: { traits } })
  expect(status).toBe(200)
}
const setRules = (...rules: object[]) => send('PUT', `${sandbox.url}/_sandbox/gateway`, { json: { rules } })
const soon = (ms: number) => new Date(Date.now() + ms).toISOString()

describe('the list of refunds', () => {
  it('can lag behind: a refund is missing from it for a time, and the refundable amount counts it all the same', async () => {
    await setTraits({ order_id: 'a', lag_ms: 250 })
    await gateway.refund('k')
    await gateway.refund('kb', { order_id: 'b' })
    expect((await gateway.list('a')).body).toMatchObject({ refunds: [], refundable_amount: '20.00' })
    expect((await gateway.list('b')).body.refunds).toHaveLength(1)
    await eventually(async () =>
      expect((await gateway.list('a')).body.refunds).toMatchObject([{ reference: 'case-k' }]),
    )
  })

  it('can lag behind with the refundable amount too', async () => {
    await setTraits({ lag_ms: 250, amount_lag_ms: 250 })
    await gateway.refund('k')
    expect((await gateway.list('a')).body).toEqual({ refunds: [], refundable_amount: '30.00', currency: 'USD' })
    await eventually(async () => expect((await gateway.list('a')).body).toMatchObject({ refundable_amount: '20.00' }))
  })

  it('counts its lag from when a refund took effect, not from when it was asked for', async () => {
    await setTraits({ lag_ms: 150 })
    sandbox.faults.set([{ on: 'refund', times: 1, fault: { kind: 'late-commit', ms: 200 } }])
    await gateway.refund('k')
    await eventually(() => expect(sandbox.refunds.list('a')).toHaveLength(1))
    expect((await gateway.list('a')).body.refunds).toEqual([])
    await eventually(async () => expect((await gateway.list('a')).body.refunds).toHaveLength(1))
  })

  it('can leave out the refundable amount, its currency, references and times', async () => {
    await setTraits({ order_id: 'a', refundable_amount: false, references: false, dates: 'none' }, { currency: false })
    await gateway.refund('k')
    await gateway.refund('kb', { order_id: 'b' })
    const { body } = await gateway.list('a')
    expect(Object.keys(body)).toEqual(['refunds'])
    expect(body.refunds).toMatchObject([{ amount: '10.00', reference: null }])
    expect(body.refunds[0]).not.toHaveProperty('created_at')
    const other = (await gateway.list('b')).body
    expect(other).toMatchObject({ refundable_amount: '20.00', refunds: [{ reference: 'case-kb' }] })
    expect(other).not.toHaveProperty('currency')
  })

  it('can state another currency, and days in place of times', async () => {
    await setTraits({ currency: 'EUR', dates: 'day' })
    await gateway.refund('k')
    expect((await gateway.list('a')).body).toMatchObject({
      currency: 'EUR',
      refunds: [{ created_at: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/) }],
    })
  })

  it('states what is refundable of the transaction asked about, and nothing of another one', async () => {
    const json = { captured: '30.00', currency: 'USD', transaction_id: 't-a' }
    await send('PUT', `${sandbox.url}/_sandbox/payments/a`, { json })
    await gateway.refund('k')
    expect((await gateway.list('a', 't-a')).body).toMatchObject({ refundable_amount: '20.00', currency: 'USD' })
    expect(Object.keys((await gateway.list('a', 't-other')).body)).toEqual(['refunds'])
    const other = await gateway.refund('k2', { transaction_id: 't-other' })
    expect([other.status, other.body.code]).toEqual([422, 'unknown_transaction'])
  })
})

describe('a refund', () => {
  it('is refused while its payment is not settled, and taken once it is', async () => {
    await setTraits({ order_id: 'a', settles_at: soon(250) })
    expect((await gateway.list('a')).body).toMatchObject({ refundable_amount: '30.00', settled: false })
    const { status, body } = await gateway.refund('k')
    expect([status, body.code]).toEqual([422, 'transaction_not_settled'])
    expect(sandbox.refunds.list('a')).toEqual([])
    await eventually(async () => expect((await gateway.list('a')).body).toMatchObject({ settled: true }))
    expect((await gateway.refund('k')).status).toBe(201)
    expect((await gateway.list('b')).body).not.toHaveProperty('settled')
  })

  it('can be refused for a time, order by order, and taken then', async () => {
    await setRules({ behave: { kind: 'refuse', code: 'try_later', message: 'busy', ms: 250 } })
    const refused = await gateway.refund('k')
    expect([refused.status, refused.body]).toEqual([422, { code: 'try_later', message: 'busy' }])
    await eventually(async () => expect((await gateway.refund('k')).status).toBe(201))
    // The time of an order begins with its own first refusal.
    expect((await gateway.refund('kb', { order_id: 'b' })).body.code).toBe('try_later')
    expect(sandbox.refunds.list('a')).toHaveLength(1)
  })

  it('can be refused with any code, as looks at the account have it', async () => {
    for (const code of ['amount_too_large', 'already_refunded']) {
      await setRules({ times: 1, behave: { kind: 'refuse', code, message: 'look again' } })
      expect((await gateway.refund('k')).body).toEqual({ code, message: 'look again' })
    }
    expect((await gateway.refund('k')).status).toBe(201)
  })

  it('goes beyond what was captured only where the gateway does not guard it', async () => {
    await setTraits({ order_id: 'a', guards_captured: false })
    expect((await gateway.refund('k', { amount: '30.01' })).status).toBe(201)
    expect((await gateway.refund('k2', { amount: '5.00' })).status).toBe(201)
    expect(sandbox.refunds.totals('a')).toMatchObject({ refunded: '35.01', beyond_captured: true })
    expect((await gateway.list('a')).body.refundable_amount).toBe('0.00')
    expect((await gateway.refund('kb', { order_id: 'b', amount: '30.01' })).body.code).toBe('amount_too_large')
  })

  it('sent again under its key takes effect again where no keys are kept, or no longer', async () => {
    await setTraits({ order_id: 'a', keeps_keys_hours: 0 }, { order_id: 'b', keeps_keys_hours: 0.25 / 3_600 })
    await gateway.refund('k')
    await gateway.refund('k')
    expect(sandbox.refunds.list('a')).toMatchObject([{ replays: 0 }, { replays: 0 }])
    await gateway.refund('kb', { order_id: 'b' })
    await gateway.refund('kb', { order_id: 'b' })
    expect(sandbox.refunds.list('b')).toMatchObject([{ replays: 1 }])
    await eventually(async () => {
      await gateway.refund('kb', { order_id: 'b' })
      expect(sandbox.refunds.list('b')).toHaveLength(2)
    })
  })
})

describe('the traits of the gateway', () => {
  it('are shown, replaced without touching the rules, and forgotten with everything else', async () => {
    await setRules({ behave: { kind: 'fail' } })
    await setTraits({ lag_ms: 5 })
    const shown = async () => (await send('GET', `${sandbox.url}/_sandbox/gateway`)).body
    expect(await shown()).toMatchObject({ rules: [{ behave: { kind: 'fail' } }], traits: [{ lag_ms: 5 }] })
    await setRules()
    expect(await shown()).toEqual({ rules: [], drawn: [], traits: [{ lag_ms: 5 }] })
    await send('DELETE', `${sandbox.url}/_sandbox`)
    expect(await shown()).toEqual({ rules: [], drawn: [], traits: [] })
  })

  it('that do not exist are refused by name', async () => {
    const json = { traits: [{ lag: 5 }] }
    const { status, text } = await send('PUT', `${sandbox.url}/_sandbox/gateway`, { json })
    expect(status).toBe(422)
    expect(text).toContain('lag')
  })

  it('of one order go before those of all, member by member, when they are named first', async () => {
    await setTraits({ order_id: 'a', currency: 'EUR' }, { currency: 'GBP', settles_at: soon(-1_000) })
    expect((await gateway.list('a')).body).toMatchObject({ currency: 'EUR', settled: true })
    expect((await gateway.list('b')).body).toMatchObject({ currency: 'GBP', settled: true })
  })
})
