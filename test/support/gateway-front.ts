import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One `POST /refunds` as it came; `key` is its idempotency key. */
export interface AskedRefund {
  key: string
  orderId: string
  amount: string
}

export interface GatewayFront {
  url: string
  /** From now on the list of this order's refunds comes without `refundable_amount`. */
  hideRefundable(orderId: string): void
  /** What the gateway was asked to refund, oldest first; the same key again counts once. */
  asked(orderId: string): AskedRefund[]
  close(): Promise<void>
}

const FORWARDED = ['content-type', 'idempotency-key', 'webhook-id', 'webhook-timestamp', 'webhook-signature']

/** Sits before the sandbox's refund gateway: records what it is asked, and leaves out what a poorer gateway does not state. */
export async function startGatewayFront(gatewayUrl: string): Promise<GatewayFront> {
  const hidden = new Set<string>()
  const all = new Map<string, AskedRefund>()
  const server = createServer((request, response) => {
    void answer(request).then(
      ({ status, text }) => response.writeHead(status, { 'content-type': 'application/json' }).end(text),
      () => response.destroy(),
    )
  })

  async function answer(request: IncomingMessage): Promise<{ status: number; text: string }> {
    const path = request.url ?? ''
    const body = await bodyOf(request)
    const headers = Object.fromEntries(FORWARDED.flatMap(name => pairOf(name, request.headers[name])))
    if (request.method === 'POST') record(headers['idempotency-key'] ?? '', body)
    const method = request.method ?? 'GET'
    const answered = await fetch(`${gatewayUrl}${path}`, { method, headers, ...(method === 'POST' && { body }) })
    const text = await answered.text()
    const orderId = new URL(path, gatewayUrl).searchParams.get('order_id')
    const hides = method === 'GET' && answered.status === 200 && orderId !== null && hidden.has(orderId)
    return { status: answered.status, text: hides ? withoutRefundable(text) : text }
  }

  function record(key: string, body: string): void {
    const { order_id: orderId, amount } = JSON.parse(body) as { order_id: string; amount: string }
    if (!all.has(key)) all.set(key, { key, orderId, amount })
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hideRefundable: orderId => void hidden.add(orderId),
    asked: orderId => [...all.values()].filter(refund => refund.orderId === orderId),
    close() {
      server.closeAllConnections()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
}

/** A server that takes every POST with 204, and what it was sent. */
export async function startListener(): Promise<{ url: string; bodies: string[]; close(): Promise<void> }> {
  const bodies: string[] = []
  const server = createServer((request, response) => {
    void bodyOf(request).then(body => {
      bodies.push(body)
      return response.writeHead(204).end()
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    bodies,
    close() {
      server.closeAllConnections()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
}

const pairOf = (name: string, value: string | string[] | undefined): [string, string][] =>
  typeof value === 'string' ? [[name, value]] : []

function withoutRefundable(text: string): string {
  const { refundable_amount: _left, ...rest } = JSON.parse(text) as Record<string, unknown>
  return JSON.stringify(rest)
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}
