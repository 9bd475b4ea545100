import { createServer, type Server } from 'node:http'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RefundGateway } from '../../src/gateways/gateway.ts'
import { createHttpGateway } from '../../src/gateways/http/index.ts'
import { createRefundGateway } from '../../src/gateways/index.ts'
import { createHttpClient, type HttpClient } from '../../src/http-client.ts'
import type { Sandbox, SandboxOptions } from '../../src/sandbox/server.ts'
import { takeSandbox } from '../support/take-sandbox.ts'

const LIMITS = { timeoutMs: 1_000 }
const REQUEST = {
  orderId: '741258', transactionId: 'tx-1', amount: '26.85', currency: 'USD', reason: 'alert', reference: 'os-1',
} // prettier-ignore
const ABOUT = { orderId: '741258', transactionId: 'tx-1' }

let http: HttpClient
let sandbox: Sandbox
beforeEach(() => void (http = createHttpClient(4)))
afterEach(async () => {
  http.close()
  await sandbox.close()
})

async function open(options: SandboxOptions = {}): Promise<RefundGateway> {
  sandbox = await takeSandbox(options)
  sandbox.payments.set('741258', { captured: '26.85', currency: 'USD' })
  return gatewayAt(sandbox.gatewayUrl, sandbox.gatewaySecret)
}

const gatewayAt = (url: string, secret: string) =>
  createHttpGateway({ url, secret, keepsKeysMs: 86_400_000, http, now: Date.now, newId: () => 'look-1' })

describe('a refund', () => {
  it('succeeds, and is found again by its reference', async () => {
    const gateway = await open()
    const body = gateway.bodyOf(REQUEST)
    const answer = await gateway.refund({ body, key: 'key-1' }, LIMITS)
    expect(answer).toMatchObject({ said: 'refund', refund: { status: 'succeeded', amount: '26.85' } })
    const report = await gateway.findRefunds(ABOUT, LIMITS)
    expect(report).toMatchObject({
      read: true,
      refunds: [{ status: 'succeeded', amount: '26.85', reference: 'os-1', createdAt: expect.any(Number) }],
      refundableAmount: '0',
      currency: 'USD',
      settled: null,
    })
  })

  it('sent again under its key takes effect once and is answered the same', async () => {
    const gateway = await open()
    sandbox.faults.set([{ on: 'refund', times: 1, fault: { kind: 'commit-then-hang' } }])
    const sent = { body: gateway.bodyOf(REQUEST), key: 'key-1' }
    expect(await gateway.refund(sent, { timeoutMs: 200 })).toEqual({ said: 'nothing', why: 'timeout' })
    expect(await gateway.refund(sent, LIMITS)).toMatchObject({ said: 'refund', refund: { status: 'succeeded' } })
    expect(sandbox.refunds.list('741258')).toHaveLength(1)
  })

  it('may be pending, or fail', async () => {
    const gateway = await open()
    const body = gateway.bodyOf(REQUEST)
    // oxlint-disable-next-line unicorn/no-thenable -- a member of JSON, never awaited
    const pending = { kind: 'pending', ms: 60_000, then: 'succeeded' } as const
    sandbox.gateway.setRules([{ times: 1, behave: { kind: 'fail' } }, { behave: pending }])
    expect(await gateway.refund({ body, key: 'a' }, LIMITS)).toMatchObject({ refund: { status: 'failed' } })
    expect(await gateway.refund({ body, key: 'b' }, LIMITS)).toMatchObject({ refund: { status: 'pending' } })
  })

  it('of an order with nothing left is answered as such', async () => {
    const gateway = await open()
    await gateway.refund({ body: gateway.bodyOf(REQUEST), key: 'a' }, LIMITS)
    const again = { body: gateway.bodyOf({ ...REQUEST, reference: 'os-2' }), key: 'b' }
    expect(await gateway.refund(again, LIMITS)).toMatchObject({
      said: 'refused',
      kind: 'look-again',
      code: 'already_refunded',
    })
  })

  it('of more than is left is a reason to look again', async () => {
    const gateway = await open()
    const body = gateway.bodyOf({ ...REQUEST, amount: '26.86' })
    expect(await gateway.refund({ body, key: 'a' }, LIMITS)).toMatchObject({
      said: 'refused',
      kind: 'look-again',
      code: 'amount_too_large',
    })
  })

  it('refused for good is told with its code and masked words', async () => {
    const gateway = await open()
    sandbox.gateway.setRules([{ behave: { kind: 'close-account' } }])
    const sent = { body: gateway.bodyOf(REQUEST), key: 'a' }
    expect(await gateway.refund(sent, LIMITS)).toMatchObject({ said: 'refused', code: 'merchant_account_closed' })
    const message = `order 741258, tx-1: ${'no '.repeat(200)}`.slice(0, 200)
    sandbox.gateway.setRules([{ behave: { kind: 'refuse', code: 'not_now', message } }])
    const refused = await gateway.refund(sent, LIMITS)
    expect(refused).toMatchObject({ said: 'refused', code: 'not_now', words: expect.stringContaining('no no') })
    expect(JSON.stringify(refused)).not.toMatch(/741258|tx-1/)
  })

  it('signed with another secret is not taken', async () => {
    await open()
    const gateway = gatewayAt(sandbox.gatewayUrl, `whsec_${Buffer.alloc(32, 7).toString('base64')}`)
    const sent = { body: gateway.bodyOf(REQUEST), key: 'a' }
    expect(await gateway.refund(sent, LIMITS)).toEqual({ said: 'not-taken', why: 'http-401', retryAfterMs: null })
    expect(await gateway.findRefunds(ABOUT, LIMITS)).toEqual({ read: false, why: 'http-401' })
  })

  it('that never connected is not taken', async () => {
    await open()
    const gateway = gatewayAt('http://127.0.0.1:9/gateway', sandbox.gatewaySecret)
    const sent = { body: gateway.bodyOf(REQUEST), key: 'a' }
    expect(await gateway.refund(sent, LIMITS)).toEqual({ said: 'not-taken', why: 'unsent', retryAfterMs: null })
    expect(await gateway.findRefunds(ABOUT, LIMITS)).toEqual({ read: false, why: 'unsent' })
  })

  const REFUND = { refund_id: 'rf-1', status: 'succeeded', amount: '26.85' }
  it.each([
    [{ kind: 'hang' }, { said: 'nothing', why: 'timeout' }],
    [{ kind: 'reset' }, { said: 'nothing', why: 'lost' }],
    [{ kind: 'status', status: 500 }, { said: 'nothing', why: 'http-500' }],
    [{ kind: 'status', status: 502, body: REFUND }, { said: 'nothing', why: 'http-502' }],
    [{ kind: 'status', status: 408 }, { said: 'nothing', why: 'http-408' }],
    [{ kind: 'status', status: 409 }, { said: 'refused', kind: 'look-again', code: 'already_refunded' }],
    [{ kind: 'status', status: 409, body: { code: 'already_refunded', message: 'none left' } }, { said: 'refused', kind: 'look-again', code: 'already_refunded', words: 'none left' }],
    [{ kind: 'status', status: 409, body: { code: 'in_progress' } }, { said: 'refused', kind: 'look-again', code: 'in_progress' }],
    [{ kind: 'status', status: 422, body: { code: 'already_refunded' } }, { said: 'refused', kind: 'look-again', code: 'already_refunded' }],
    [{ kind: 'status', status: 422, body: { code: 'amount_too_large' } }, { said: 'refused', kind: 'look-again', code: 'amount_too_large' }],
    [{ kind: 'status', status: 422, body: { code: 'transaction_not_settled', message: 'tomorrow' } }, { said: 'refused', kind: 'passing', code: 'transaction_not_settled', words: 'tomorrow' }],
    [{ kind: 'status', status: 422, body: { code: 'try_later' } }, { said: 'refused', kind: 'passing', code: 'try_later' }],
    [{ kind: 'status', status: 422, body: { code: 'Try_Later' } }, { said: 'refused', kind: 'final', code: 'Try_Later' }],
    [{ kind: 'status', status: 422, body: { code: 'merchant_account_closed' } }, { said: 'refused', kind: 'final', code: 'merchant_account_closed' }],
    [{ kind: 'status', status: 400, body: { code: 'try_later' } }, { said: 'refused', kind: 'final', code: 'http-400' }],
    [{ kind: 'status', status: 422, body: { code: 'no', message: 'never' } }, { said: 'refused', kind: 'final', code: 'no', words: 'never' }],
    [{ kind: 'status', status: 422, body: 'never' }, { said: 'refused', kind: 'final', code: 'http-422' }],
    [{ kind: 'status', status: 422, body: { code: 'a b\n', message: 5 } }, { said: 'refused', kind: 'final', code: 'http-422' }],
    [{ kind: 'status', status: 400, body: { code: 'mine' } }, { said: 'refused', code: 'http-400' }],
    [{ kind: 'status', status: 404 }, { said: 'refused', code: 'http-404' }],
    [{ kind: 'status', status: 413 }, { said: 'refused', code: 'http-413' }],
    [{ kind: 'status', status: 401 }, { said: 'not-taken', why: 'http-401', retryAfterMs: null }],
    [{ kind: 'status', status: 403 }, { said: 'not-taken', why: 'http-403', retryAfterMs: null }],
    [{ kind: 'status', status: 429, retryAfterS: 7 }, { said: 'not-taken', why: 'throttled', retryAfterMs: 7_000 }],
    [{ kind: 'redirect' }, { said: 'not-taken', why: 'redirected', retryAfterMs: null }],
    [{ kind: 'status', status: 200, body: REFUND }, { said: 'refund', refund: { refundId: 'rf-1', status: 'succeeded', amount: '26.85', arn: null } }],
    [{ kind: 'status', status: 201, body: { ...REFUND, refund_id: 17, amount: 26.85, arn: '749' } }, { said: 'refund', refund: { refundId: '17', status: 'succeeded', amount: '26.85', arn: '749' } }],
    [{ kind: 'status', status: 200, body: { ...REFUND, amount: '26.850', arn: 7.5e300 } }, { said: 'refund', refund: { amount: '26.85' } }],
    [{ kind: 'status', status: 200, body: { ...REFUND, amount: '26.84' } }, { said: 'nothing', why: 'another-amount' }],
    [{ kind: 'status', status: 200, body: { ...REFUND, amount: 26.849999999999998 } }, { said: 'refund', refund: { amount: '26.85' } }],
    [{ kind: 'status', status: 200, body: { ...REFUND, amount: 26.8499 } }, { said: 'nothing', why: 'another-amount' }],
    [{ kind: 'status', status: 200, body: { ...REFUND, amount: 2.685e1 } }, { said: 'refund', refund: { amount: '26.85' } }],
    [{ kind: 'status', status: 200, body: { ...REFUND, amount: '26,85' } }, { said: 'nothing', why: 'unreadable' }],
    [{ kind: 'status', status: 200, body: { ...REFUND, status: 'done' } }, { said: 'nothing', why: 'unreadable' }],
    [{ kind: 'status', status: 200, body: { ...REFUND, refund_id: '' } }, { said: 'nothing', why: 'unreadable' }],
    [{ kind: 'status', status: 200, body: 'thanks' }, { said: 'nothing', why: 'unreadable' }],
    [{ kind: 'status', status: 204, body: '' }, { said: 'nothing', why: 'unreadable' }],
  ] as const)('answered with %j is judged by the table', async (fault, answer) => {
    const gateway = await open()
    sandbox.faults.set([{ on: 'refund', fault: { ...fault } }])
    const sent = { body: gateway.bodyOf(REQUEST), key: 'a' }
    expect(await gateway.refund(sent, { timeoutMs: 200 })).toMatchObject(answer)
    expect(sandbox.inbox.requests().filter(({ call }) => call === 'refund')).toHaveLength(1)
  }) // prettier-ignore
})

describe('the refunds of an order', () => {
  const ONE = {
    refund_id: 'rf-1',
    status: 'succeeded',
    amount: '5',
    reference: null,
    created_at: '2026-01-01T00:00:00Z',
  }
  it.each([
    [{ kind: 'hang' }, { read: false, why: 'timeout' }],
    [{ kind: 'status', status: 404 }, { read: false, why: 'http-404' }],
    [{ kind: 'status', status: 503 }, { read: false, why: 'http-503' }],
    [{ kind: 'redirect' }, { read: false, why: 'http-302' }],
    [{ kind: 'status', status: 200, body: [] }, { read: false, why: 'unreadable' }],
    [{ kind: 'status', status: 200, body: { refunds: [ONE, { ...ONE, amount: null }] } }, { read: false, why: 'unreadable' }],
    [{ kind: 'status', status: 200, body: { refunds: [ONE, { ...ONE, status: 'reversed' }] } }, { read: false, why: 'unreadable' }],
    [{ kind: 'status', status: 200, body: { refunds: [{ ...ONE, refund_id: undefined }], refundable_amount: '5' } }, { read: false, why: 'unreadable' }],
    [{ kind: 'status', status: 200, body: { refundable_amount: '5' } }, { read: false, why: 'unreadable' }],
    [{ kind: 'status', status: 200, body: { refunds: [] } }, { read: true, refunds: [], refundableAmount: null, currency: null, settled: null }],
    [{ kind: 'status', status: 200, body: { refunds: [], refundable_amount: 12.299999999999999, currency: 'usd', settled: false } }, { read: true, refundableAmount: '12.3', currency: 'USD', settled: false }],
    [{ kind: 'status', status: 200, body: { refunds: [], refundable_amount: -1, currency: 'EUR', settled: true } }, { read: true, refundableAmount: null, currency: 'EUR', settled: true }],
    [{ kind: 'status', status: 200, body: { refunds: [], refundable_amount: { USD: 5 }, currency: 'US dollars', settled: 'soon' } }, { read: true, refundableAmount: null, currency: null, settled: null }],
    [{ kind: 'status', status: 200, body: { refunds: [], refundable_amount: 1.7e-15, currency: 840, settled: 0 } }, { read: true, refundableAmount: '0', currency: null, settled: false }],
    [{ kind: 'status', status: 200, body: { refunds: [{ ...ONE, reference: '', arn: '' }] } }, { read: true, refunds: [{ reference: null, arn: null }] }],
    [{ kind: 'status', status: 200, body: { refunds: [{ ...ONE, created_at: '2026-02-30' }] } }, { read: true, refunds: [{ createdAt: null }] }],
    [{ kind: 'status', status: 200, body: { refunds: [{ ...ONE, created_at: '2026-01-01' }] } }, { read: true, refunds: [{ createdAt: Date.UTC(2026, 0, 2) - 1, isDayOnly: true }] }],
    [{ kind: 'status', status: 200, body: { refunds: [{ ...ONE, amount: '5.0004', currency: 'KWD' }] } }, { read: true, refunds: [{ amount: '5.0004' }] }],
    [{ kind: 'status', status: 200, body: { refunds: [{ ...ONE, amount: 10.040000000000001 }] } }, { read: true, refunds: [{ amount: '10.04' }] }],
    [
      { kind: 'status', status: 200, body: { refunds: [{ ...ONE, created_at: 'x' }, { ...ONE, amount: 5.1 }], refundable_amount: 21.85 } },
      { read: true, refunds: [{ createdAt: null, amount: '5' }, { createdAt: Date.UTC(2026, 0, 1), amount: '5.1', reference: null }], refundableAmount: '21.85' },
    ],
  ] as const)('answered with %j are read whole or not at all', async (fault, report) => {
    const gateway = await open()
    sandbox.faults.set([{ on: 'refund-list', fault: structuredClone(fault) as never }])
    expect(await gateway.findRefunds(ABOUT, { timeoutMs: 200 })).toMatchObject(report)
  }) // prettier-ignore

  it('come with whether the payment is settled, and with what is refundable of the transaction asked about', async () => {
    const gateway = await open()
    sandbox.payments.set('741258', { captured: '26.85', currency: 'USD', transaction_id: 'tx-1' })
    sandbox.gateway.traits.set([{ settles_at: new Date(Date.now() + 60_000).toISOString(), dates: 'day' }])
    sandbox.refunds.addByHand('741258', '6.85', Date.UTC(2026, 0, 1, 12))
    expect(await gateway.findRefunds(ABOUT, LIMITS)).toMatchObject({
      refunds: [{ createdAt: Date.UTC(2026, 0, 2) - 1, isDayOnly: true, reference: null }],
      refundableAmount: '20',
      currency: 'USD',
      settled: false,
    })
    expect(await gateway.findRefunds({ ...ABOUT, transactionId: 'tx-2' }, LIMITS)).toMatchObject({
      refunds: [{ amount: '6.85' }],
      refundableAmount: null,
      currency: null,
      settled: null,
    })
    const sent = { body: gateway.bodyOf({ ...REQUEST, amount: '20' }), key: 'k' }
    expect(await gateway.refund(sent, LIMITS)).toMatchObject({ kind: 'passing', code: 'transaction_not_settled' })
  })

  it('made at a stated time are not taken for ones of a whole day', async () => {
    const gateway = await open()
    sandbox.faults.set([{ on: 'refund-list', fault: { kind: 'status', status: 200, body: { refunds: [ONE] } } }])
    const report = await gateway.findRefunds(ABOUT, LIMITS)
    expect(report.read && report.refunds.map(one => 'isDayOnly' in one)).toEqual([false])
  })

  it('are asked for by an id however it is written', async () => {
    const gateway = await open()
    const orderId = 'a&b=c/ü #1'
    sandbox.payments.set(orderId, { captured: '10.40', currency: 'USD' })
    await gateway.refund({ body: gateway.bodyOf({ ...REQUEST, orderId, amount: '0.1' }), key: 'a' }, LIMITS)
    expect(await gateway.findRefunds({ orderId, transactionId: 'tx/1 2' }, LIMITS)).toMatchObject({ refunds: [{ amount: '0.1' }], refundableAmount: '10.3' })
    expect(sandbox.inbox.requests(1)).toMatchObject([{ payload: { order_id: orderId, transaction_id: 'tx/1 2' } }])
  }) // prettier-ignore
})

describe('what goes over the wire', () => {
  it('is signed as the published library expects it, over the very bytes, with the key beside it', async () => {
    const gateway = await open()
    const seen: { headers: Record<string, string>; body: string; url: string }[] = []
    const server = await listen(seen)
    const { port } = server.address() as { port: number }
    const direct = gatewayAt(`http://127.0.0.1:${port}`, sandbox.gatewaySecret)
    const body = gateway.bodyOf({ ...REQUEST, reason: 'ü €' })
    await direct.refund({ body, key: 'key-9' }, LIMITS)
    await direct.findRefunds({ orderId: '1', transactionId: null }, LIMITS)
    const oracle = new Webhook(sandbox.gatewaySecret)
    const [refund, look] = seen
    expect(oracle.verify(refund!.body, refund!.headers)).toEqual(JSON.parse(body))
    expect(refund).toMatchObject({ url: '/refunds', body, headers: { 'idempotency-key': 'key-9', 'content-type': 'application/json' } })
    expect(look!.headers).toMatchObject({ 'webhook-id': 'look-1' })
    expect(look).toMatchObject({ url: '/refunds?order_id=1', body: '' })
    expect(look!.headers['content-type']).toBeUndefined()
    await new Promise(resolve => server.close(resolve))
  }) // prettier-ignore

  it('shows the amount in the digits of its currency, and the same text each time', async () => {
    const gateway = await open()
    const amountIn = (amount: string, currency: string) =>
      (JSON.parse(gateway.bodyOf({ ...REQUEST, amount, currency })) as { amount: string }).amount
    expect(amountIn('25', 'USD')).toBe('25.00')
    expect(amountIn('0.1', 'EUR')).toBe('0.10')
    expect(amountIn('2500', 'JPY')).toBe('2500')
    expect(gateway.bodyOf({ ...REQUEST })).toBe(gateway.bodyOf(Object.fromEntries(Object.entries(REQUEST).toReversed()) as typeof REQUEST))
  }) // prettier-ignore
})

describe('the gateway by its name', () => {
  it('is there once it is configured', async () => {
    await open()
    const config = { REFUND_GATEWAY: 'http', REFUND_HTTP_URL: sandbox.gatewayUrl, REFUND_HTTP_SECRET: sandbox.gatewaySecret, REFUND_HTTP_KEEPS_KEYS_HOURS: 2 } as const // prettier-ignore
    expect(createRefundGateway(config, http)).toMatchObject({ name: 'http', keepsKeysMs: 7_200_000 })
    expect(createRefundGateway({ ...config, REFUND_HTTP_SECRET: undefined }, http)).toBeNull()
  })
})

async function listen(seen: { headers: Record<string, string>; body: string; url: string }[]): Promise<Server> {
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      seen.push({ headers: request.headers as Record<string, string>, body, url: request.url ?? '' })
      response.end('{}')
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return server
}
