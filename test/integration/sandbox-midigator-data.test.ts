import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startSandbox } from '../../src/sandbox/server.ts'
import type { Sandbox } from '../../src/sandbox/server.ts'

const CREDENTIALS = { username: 'sandbox_user', password: '4f86fed3605b647f948a69ec6bcf728d' }
const example = JSON.parse(
  await readFile(new URL('../captures/midigator/order-request.json', import.meta.url), 'utf8'),
) as Record<string, unknown>

let sandbox: Sandbox
let token: string

async function call(path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${sandbox.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const push = (body: unknown, base = '/v1', bearer = token) =>
  call(`${base}/order`, body, { authorization: `Bearer ${bearer}` })
const signIn = async () => String((await call('/v1/auth', CREDENTIALS)).body['authorization_key'])
const recordOf = (orderId: string) => sandbox.inbox.order(orderId)?.record

beforeAll(async () => {
  sandbox = await startSandbox()
  token = await signIn()
})
beforeEach(() => sandbox.clear())
afterAll(() => sandbox.close())

describe('POST /auth', () => {
  it('answers a fresh crypt-like key each time, and the older ones stay valid', async () => {
    const fresh = await signIn()
    expect(fresh).toMatch(/^\$6\$rounds=\d+\$.*\/.*\$.+$/)
    expect(fresh).not.toBe(token)
    expect((await push({ order_id: 'a' })).status).toBe(200)
    expect((await push({ order_id: 'a' }, '/v1', fresh)).status).toBe(200)
  })

  it('ends the older keys where a new one revokes them', async () => {
    const strict = await startSandbox({ revokeOnAuth: true, username: 'u', password: 'p' })
    try {
      const post = (path: string, body: unknown, bearer = '') =>
        fetch(strict.dataUrl + path, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
          body: JSON.stringify(body),
        })
      const key = async () =>
        ((await (await post('/auth', { username: 'u', password: 'p' })).json()) as { authorization_key: string })
          .authorization_key
      const older = await key()
      const newer = await key()
      expect((await post('/order', { order_id: 'a' }, older)).status).toBe(401)
      expect((await post('/order', { order_id: 'a' }, newer)).status).toBe(200)
    } finally {
      await strict.close()
    }
  })

  it.each([
    ['a wrong password', { ...CREDENTIALS, password: 'guess' }, 401],
    ['no password', { username: 'sandbox_user' }, 422],
    ['a user name that is no string', { username: 7, password: 'x' }, 422],
    ['nothing', {}, 422],
    ['a field it does not know', { ...CREDENTIALS, otp: '1' }, 400],
    ['what is not JSON', '{"username":', 400],
  ])('refuses %s', async (_what, body, status) => {
    expect((await call('/v1/auth', body)).status).toBe(status)
  })
})

describe('POST /order', () => {
  it("accepts the reference's own example, verbatim, as a first push", async () => {
    const answer = await push(example)
    expect(answer).toEqual({ status: 200, body: { id: expect.stringMatching(/^[0-9a-f]{24}$/) } })
    expect(recordOf('741258')).toEqual(example)
  })

  it('upserts a partial update into the whole record and keeps the id, under both bases', async () => {
    const first = await push(example)
    const update = { order_id: '741258', order_status: 'Refunded', refunded_to_date: '26.85' }
    const second = await push(update, '/stage')
    expect(second).toEqual({ status: 200, body: first.body })
    expect(recordOf('741258')).toEqual({ ...example, ...update })
    expect((await push({ order_id: 'other' })).body['id']).not.toBe(first.body['id'])
  })

  it('clears what is null, replaces arrays whole, and merges the two members of fulfillment each for itself', async () => {
    await push(example)
    const proof = [{ type: 'delivery', value: 'signed' }]
    await push({ order_id: '741258', email_address: null, notes: [], fulfillment: { proof_of_service: proof } })
    const { email_address: _cleared, ...rest } = example
    const { shipments } = example['fulfillment'] as Record<string, unknown>
    const expected = { ...rest, notes: [], fulfillment: { shipments, proof_of_service: proof } }
    expect(recordOf('741258')).toEqual(expected)
    await push({ order_id: '741258', fulfillment: { shipments: null } })
    expect(recordOf('741258')).toEqual({ ...expected, fulfillment: { proof_of_service: proof } })
    await push({ order_id: '741258', fulfillment: null })
    expect(recordOf('741258')).not.toHaveProperty('fulfillment')
  })

  it.each([
    ['the form its text states', '2017-06-28T09:20:11Z', 200],
    ['the form its examples show', '2017-06-28 09:20:11', 200],
    ['a day that does not exist', '2017-02-30T09:20:11Z', 422],
    ['milliseconds', '2017-06-28T09:20:11.000Z', 422],
    ['an offset', '2017-06-28T09:20:11+02:00', 422],
    ['a number', 1498641611, 422],
  ])('reads a date in %s', async (_what, order_date, status) => {
    expect((await push({ order_id: 'a', order_date })).status).toBe(status)
  })

  it.each([
    ['an amount that is a number', { order_total: 26.85 }, 'order_total 26.85 is not valid'],
    ['an amount that is no decimal', { order_total: '1e3' }, 'order_total "1e3" is not valid'],
    ['a flag that is a boolean', { is_refund: true }, 'is_refund true is not valid'],
    ['a flag that is text', { is_fraud: '1' }, 'is_fraud "1" is not valid'],
    ['a status outside the list', { order_status: 'complete' }, 'order_status "complete" is not valid'],
    ['an id that is a number', { transaction_id: 5 }, 'transaction_id 5 is not valid'],
    ['an e-mail that is none', { email_address: 'jane@@' }, 'email_address "jane@@" is not valid'],
    ['a list that is an object', { products: {} }, 'products {} is not valid'],
    ['a note without its text', { notes: [{ timestamp: '2017-06-28T09:20:11Z' }] }, 'notes[0].note is required'],
    [
      'a bad member of a list',
      { fulfillment: { shipments: [{ shipping_date: 'soon' }] } },
      'fulfillment.shipments[0].shipping_date "soon" is not valid',
    ],
    ['a security code', { cvv: '123' }, 'cvv "123" is not valid'],
    ['a lone surrogate', { billing_city: '\ud800' }, 'is not valid'],
    ['a card number in a note', { rma_reason: 'card 4111 1111 1111 1111' }, 'holds a card number'],
    [
      'a card number in a proof',
      { fulfillment: { proof_of_service: [{ type: 'x', value: '378282246310005' }] } },
      'holds',
    ],
    [
      'the order’s own card as an id',
      { cc_first_6: '411111', cc_last_4: '1111', auth_id: '4111111111111111' },
      'holds',
    ],
  ])('answers 422 to %s, repeats the value, and commits nothing', async (_what, fields, words) => {
    const answer = await push({ order_id: 'a', ...fields })
    expect(answer.status).toBe(422)
    expect(answer.body['message']).toContain(words)
    expect(recordOf('a')).toBeNull()
  })

  it('lets an id pass that looks like some card by chance', async () => {
    const ids = { transaction_id: '4111111111111111', cc_first_6: '401288', cc_last_4: '1883' }
    expect((await push({ order_id: 'a', ...ids })).status).toBe(200)
  })

  it.each([
    ['an unknown field', { order_id: 'a', captured_amount: '1.00' }],
    ['a null in an unknown field', { order_id: 'a', captured_amount: null }],
    ['a nested field by its path', { order_id: 'a', 'fulfillment.shipments': [] }],
    ['an unknown field in a list', { order_id: 'a', products: [{ colour: 'red' }] }],
    ['an unknown member of fulfillment', { order_id: 'a', fulfillment: { gifts: [] } }],
    ['an array', []],
    ['what is not JSON', 'order_id=a'],
    ['a prototype key', '{"order_id":"a","__proto__":{"x":1}}'],
  ])('answers 400 to %s', async (_what, body) => {
    expect((await push(body)).status).toBe(400)
  })

  it('answers 422 without an order_id', async () => {
    expect((await push({ order_total: '1.00' })).status).toBe(422)
    expect((await push({ order_id: '' })).status).toBe(422)
    expect((await push({ order_id: 12 })).status).toBe(422)
  })

  it('answers 401 without a key and to one it never gave, and 412 to another content type', async () => {
    expect((await call('/v1/order', { order_id: 'a' })).status).toBe(401)
    expect((await push({ order_id: 'a' }, '/v1', 'made-up')).status).toBe(401)
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'text/plain' }
    expect((await call('/v1/order', '{"order_id":"a"}', headers)).status).toBe(412)
    expect(
      (await call('/v1/order', 'order_id=a', { ...headers, 'content-type': 'application/x-www-form-urlencoded' }))
        .status,
    ).toBe(412)
    const bare = await fetch(`${sandbox.dataUrl}/order`, { method: 'POST' })
    expect(bare.status).toBe(412)
  })

  it('answers 401 after its keys were revoked, until a new one is fetched', async () => {
    sandbox.revokeTokens()
    expect((await push({ order_id: 'a' })).status).toBe(401)
    token = await signIn()
    expect((await push({ order_id: 'a' })).status).toBe(200)
  })
})
