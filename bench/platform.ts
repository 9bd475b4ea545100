import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { shownStep } from './orders.ts'

/**
 * A process that stands for the platform: takes `POST /auth` and `POST /order` and answers 200, at once or after a while. Told
 * over IPC: `{ reset, latencyMs, keep }` begins anew; anything else is answered with what was received so far.
 */

/** What was received: times in milliseconds since 1970. `stale`: records that do not show `expected`. */
export interface Received {
  calls: number
  firstAt: number
  lastAt: number
  records: number
  stale: number
}

let [calls, firstAt, lastAt, latencyMs, keep, seed] = [0, 0, 0, 0, false, 1]
let records = new Map<string, Record<string, unknown>>()
const nowMs = () => performance.timeOrigin + performance.now()

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    if (request.url === '/auth') return response.end('{"authorization_key":"bench"}')
    firstAt ||= nowMs()
    calls++
    if (latencyMs === 0) return answer(chunks)
    return void pause(latencyMs * (0.5 + random())).then(() => answer(chunks))
  })

  function answer(body: Buffer[]) {
    if (keep) upsert(JSON.parse(Buffer.concat(body).toString()) as Record<string, unknown>)
    response.setHeader('content-type', 'application/json')
    response.end('{"message":"ok"}')
    lastAt = nowMs()
  }
})

/** The same sequence each time, so that both sides meet the same platform. */
function random(): number {
  seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
  return seed / 2_147_483_648
}

function upsert(update: Record<string, unknown>): void {
  const id = String(update.order_id)
  records.set(id, { ...records.get(id), ...update })
}

type Message = { reset: true; latencyMs: number; keep: boolean } | { expected?: string }

process.on('message', (message: Message) => {
  if ('reset' in message) {
    ;({ latencyMs, keep } = message)
    ;[calls, firstAt, lastAt, seed] = [0, 0, 0, 1]
    records = new Map()
  }
  const expected = 'expected' in message ? message.expected : undefined
  const stale =
    expected === undefined ? 0 : [...records.values()].filter(record => shownStep(record) !== expected).length
  process.send?.({ calls, firstAt, lastAt, records: records.size, stale } satisfies Received)
})

server.keepAliveTimeout = 60_000
server.listen(Number(process.env.PORT), '127.0.0.1', () => process.send?.('ready'))
process.once('SIGTERM', () => process.exit(0))
