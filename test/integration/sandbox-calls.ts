import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import type { Sandbox } from '../../src/sandbox/server.ts'

export const HOOK_AUTH = { username: 'midigator', password: 'hook-password' }
const EXPECTED = `Basic ${Buffer.from('midigator:hook-password').toString('base64')}`

export interface Answer {
  status: number
  // oxlint-disable-next-line typescript/no-explicit-any -- what is in it is what the tests assert
  body: any
  text: string
}

export async function send(
  method: string,
  url: string,
  given: { json?: unknown; headers?: object } = {},
): Promise<Answer> {
  const { json, headers = {} } = given
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: { ...(json !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(json !== undefined && { body: typeof json === 'string' ? json : JSON.stringify(json) }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json') && text !== ''
  return { status: response.status, body: isJson ? JSON.parse(text) : null, text }
}

/** A fresh token of the newer APIs. */
export async function tokenOf({ authUrl, apiSecret }: Sandbox): Promise<string> {
  const { body } = await send('POST', `${authUrl}/auth`, { headers: { authorization: `Bearer ${apiSecret}` } })
  return body.token
}

/** Calls the newer APIs with a token of its own. */
export async function apiOf(sandbox: Sandbox) {
  const headers = { authorization: `Bearer ${await tokenOf(sandbox)}` }
  const call = (method: string, url: string, json?: unknown) => send(method, url, { json, headers })
  return {
    events: (method: string, path: string, json?: unknown) => call(method, sandbox.eventsUrl + path, json),
    subscribe: (url: string, event_type: string) =>
      call('POST', `${sandbox.eventsUrl}/subscribe`, { email: 'ops@shop.example', url, event_type, auth: HOOK_AUTH }),
    resolve: (guid: string, resolution_type: unknown, other_description?: unknown) =>
      call('POST', `${sandbox.preventionUrl}/prevention/${guid}/resolution`, { resolution_type, other_description }),
  }
}

/** Signs bytes as the published library does, not as this project does. */
export function signed(secret: string, body: string, at = new Date()): Record<string, string> {
  const id = `msg_${randomUUID()}`
  const signature = new Webhook(secret).sign(id, at, body)
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': signature,
  }
}

export function gatewayOf({ gatewayUrl, gatewaySecret }: Sandbox) {
  return {
    refund(
      key: string,
      fields: Record<string, unknown> = {},
      headers: object = {},
      by: { secret?: string; at?: Date } = {},
    ) {
      const wish = { order_id: 'a', transaction_id: 't-a', amount: '10.00', currency: 'USD', reason: 'alert' }
      const json = JSON.stringify({ ...wish, reference: `case-${key}`, ...fields })
      const own = { 'idempotency-key': key, ...signed(by.secret ?? gatewaySecret, json, by.at), ...headers }
      return send('POST', `${gatewayUrl}/refunds`, { json, headers: own })
    },
    list: (orderId: string, transactionId?: string) => {
      const about = `order_id=${encodeURIComponent(orderId)}`
      const paidBy = transactionId === undefined ? '' : `&transaction_id=${encodeURIComponent(transactionId)}`
      return send('GET', `${gatewayUrl}/refunds?${about}${paidBy}`, { headers: signed(gatewaySecret, '') })
    },
  }
}

/** One call that reached the receiver. */
export interface Received {
  method: string
  text: string
  // oxlint-disable-next-line typescript/no-explicit-any -- what is in it is what the tests assert
  body: any
}

/** A subscriber: a real server that keeps what reaches it and answers as it is told; 401 without the hook's password. */
export async function openReceiver(answer: (received: Received) => number = () => 200) {
  const pings: Received[] = []
  const events: Received[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (part: string) => (text += part))
    request.on('end', () => {
      const received = { method: request.method ?? '', text, body: text === '' ? null : JSON.parse(text) }
      const isEvent = received.body?.event_type !== undefined
      ;(isEvent ? events : pings).push(received)
      response.statusCode = request.headers.authorization !== EXPECTED ? 401 : isEvent ? answer(received) : 200
      response.end()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    pings,
    events,
    types: () => events.map(({ body }) => body.event_type as string),
    close: () => {
      server.closeAllConnections()
      return new Promise(resolve => server.close(resolve))
    },
  }
}

/** Sends an order to the Data API, so that the sandbox has a record of it. */
export async function sendOrder({ dataUrl }: Sandbox, fields: Record<string, unknown>): Promise<void> {
  const user = { username: 'sandbox_user', password: '4f86fed3605b647f948a69ec6bcf728d' }
  const { body } = await send('POST', `${dataUrl}/auth`, { json: user })
  const headers = { authorization: `Bearer ${body.authorization_key}` }
  const paid = {
    order_status: 'Complete',
    order_date: '2026-11-01T10:00:00Z',
    currency: 'EUR',
    cc_type: 'Visa',
    cc_first_6: '411111',
    cc_last_4: '0614',
    transaction_merchant_id: 'mid-7',
  }
  const { status, text } = await send('POST', `${dataUrl}/order`, { json: { ...paid, ...fields }, headers })
  if (status !== 200) throw new Error(`the order was refused: ${text}`)
}

const ALL_TYPES = ['chargeback.new', 'prevention.new', 'chargeback.match', 'prevention.match', 'order.refund']

/** Subscribes an address to all five types, without waiting for pings. */
export function subscribeAll({ subscriptions }: Sandbox, url: string): void {
  for (const event_type of ALL_TYPES)
    subscriptions.add({
      ...subscriptions.draft({ email: 'ops@shop.example', url, event_type, auth: HOOK_AUTH }),
      active: true,
    })
}
