import { createServer, type ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { prevention } from './alert-events.ts'

/**
 * A process that stands for Midigator's newer APIs, its Data API and the refund gateway, all right and all after a while. Told over IPC:
 * `{ reset, latencyMs }` begins anew; anything else is answered with what was received so far.
 */

/** Milliseconds since 1970 at which each alert's resolution was accepted, by the alert's number; effective refunds. */
export interface AlertsReceived {
  resolvedAt: Record<number, number>
  refunds: number
  orders: number
}

let [latencyMs, seed, refunds] = [0, 1, 0]
let resolvedAt: Record<number, number> = {}
const orders = new Set<string>()
const nowMs = () => performance.timeOrigin + performance.now()
const LIFE_S = 3_600

/** The same sequence each time. */
function random(): number {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
  return seed / 2_147_483_648
}

const token = () => {
  const payload = Buffer.from(JSON.stringify({ exp: Math.floor(Date.now() / 1_000) + LIFE_S })).toString('base64url')
  return `e30.${payload}.bench`
}
const numberIn = (url: string) => Number(/pre_0*(\d+)/.exec(url)?.[1])

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const waitMs = latencyMs * (0.5 + random())
    void pause(waitMs).then(() =>
      answer(`${request.method} ${request.url}`, Buffer.concat(chunks).toString(), response),
    )
  })
})

function answer(call: string, body: string, response: ServerResponse): void {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(serve(call, body)))
}

function serve(call: string, body: string): unknown {
  if (call === 'POST /auth/auth') return { token: token() }
  if (call === 'POST /data/auth') return { authorization_key: 'bench' }
  if (call.startsWith('GET /events/prevention/')) return prevention(numberIn(call))
  if (call.startsWith('GET /gateway/refunds')) return { refunds: [] }
  if (call === 'POST /gateway/refunds') {
    refunds++
    return { refund_id: `R${refunds}`, status: 'succeeded', amount: (JSON.parse(body) as { amount: string }).amount }
  }
  if (call.endsWith('/resolution')) {
    resolvedAt[numberIn(call)] ??= nowMs()
    return {}
  }
  const { order_id: id } = JSON.parse(body) as { order_id?: string }
  if (id !== undefined) orders.add(id)
  return { id: 'bench' }
}

process.on('message', (message: { reset: true; latencyMs: number } | object) => {
  if ('reset' in message) {
    ;({ latencyMs } = message)
    resolvedAt = {}
    refunds = 0
  }
  process.send?.({ resolvedAt, refunds, orders: orders.size } satisfies AlertsReceived)
})

server.keepAliveTimeout = 60_000
server.listen(Number(process.env.PORT), '127.0.0.1', () => process.send?.('ready'))
process.once('SIGTERM', () => process.exit(0))
