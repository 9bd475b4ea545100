import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { signatureOf, type ChargebackhitKeys } from '../src/platforms/chargebackhit/signature.ts'
import { inquiry } from './inquiry-alerts.ts'
import { bodyOf } from './whole-answer.ts'

/**
 * A process that sends signed inquiries, each at its own time whatever became of those before it: one that finds every connection
 * busy opens another. Requests are whole buffers made before the clock starts, and answers are read when all are there.
 */

export interface InquiryPlan {
  port: number
  keys: ChargebackhitKeys
  /** Inquiries, the first of them by number. */
  from: number
  count: number
  /** How many orders are stored, and when that was, in milliseconds. */
  orders: number
  now: number
}

export interface InquiryResult {
  refused: number
  /** Answered with the order that was meant, with another one, and with two earlier orders besides. */
  right: number
  wrong: number
  withEvidence: number
  /** From when each was due to be sent to the end of its answer, in milliseconds, sorted upwards. */
  waitedMs: number[]
  /** How late the sender was at the most, which the times above contain. */
  lateMs: number
  connections: number
}

interface Sending {
  bytes: Buffer
  /** Milliseconds after the start. */
  at: number
  orderId: string | null
}

/** A hundred a second; the gaps between them are as random as those of callers who know nothing of each other. */
const MEAN_GAP_MS = 10
const OPEN_AT_FIRST = 20

let seed = 7
const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647

function prepare({ port, keys, from, count, orders, now }: InquiryPlan): Sending[] {
  seed = 7
  let at = 0
  return Array.from({ length: count }, (_, i) => {
    at -= Math.log(random()) * MEAN_GAP_MS
    const { body, orderId } = inquiry(from + i, orders, now)
    const text = JSON.stringify(body)
    const head =
      `POST /hooks/alerts/chargebackhit HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(text)}\r\npublic_key: ${keys.publicKey}\r\nsignature: ${signatureOf(keys, text)}\r\n\r\n`
    return { bytes: Buffer.from(head + text), at, orderId }
  })
}

async function send(port: number, sendings: readonly Sending[]): Promise<InquiryResult> {
  const open = () => connect(port, '127.0.0.1').setNoDelay(true)
  const idle = Array.from({ length: OPEN_AT_FIRST }, open)
  const sockets = [...idle]
  await Promise.all(idle.map(socket => once(socket, 'connect')))
  let lateMs = 0
  const startedAt = performance.now()
  const answered: Promise<{ answer: string; waitedMs: number }>[] = []
  for (const { at, bytes } of sendings) {
    const waitMs = startedAt + at - performance.now()
    if (waitMs > 0) await pause(Math.ceil(waitMs))
    lateMs = Math.max(lateMs, performance.now() - startedAt - at)
    const socket = idle.pop() ?? open()
    if (!sockets.includes(socket)) sockets.push(socket)
    answered.push(
      exchange(socket, bytes).then(answer => {
        idle.push(socket)
        return { answer, waitedMs: performance.now() - startedAt - at }
      }),
    )
  }
  const answers = await Promise.all(answered)
  for (const socket of sockets) socket.destroy()
  const waitedMs = answers.map(answer => answer.waitedMs).toSorted((a, b) => a - b)
  return { ...judge(answers.map(({ answer }) => answer), sendings), waitedMs, lateMs, connections: sockets.length } // prettier-ignore
}

function exchange(socket: Socket, bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const lost = () => reject(new Error('the connection was lost'))
    const read = (chunk: Buffer) => {
      chunks.push(chunk)
      // Bytes as characters, so that lengths agree.
      const answer = Buffer.concat(chunks).toString('latin1')
      if (bodyOf(answer) === null) return
      socket.off('data', read).off('close', lost).off('error', lost)
      resolve(answer)
    }
    socket.on('data', read).on('close', lost).on('error', lost)
    socket.write(bytes)
  })
}

function judge(answers: readonly string[], sendings: readonly Sending[]) {
  const found = { refused: 0, right: 0, wrong: 0, withEvidence: 0 }
  for (const [i, answer] of answers.entries()) {
    if (!answer.startsWith('200', 9)) found.refused++
    else {
      const said = JSON.parse(bodyOf(answer) ?? '') as { order?: { order_id: string }; transactions?: unknown[] }
      if (said.order !== undefined) found[said.order.order_id === sendings[i]?.orderId ? 'right' : 'wrong']++
      if (said.transactions?.length === 3) found.withEvidence++
    }
  }
  return found
}

let ready: { port: number; sendings: Sending[] } | null = null
process.on('message', (message: { prepare: InquiryPlan } | { go: true }) => {
  if ('prepare' in message) {
    ready = { port: message.prepare.port, sendings: prepare(message.prepare) }
    process.send?.({ prepared: ready.sendings.length })
  } else if (ready) {
    void send(ready.port, ready.sendings).then(result => process.send?.(result))
  }
})
process.send?.('ready')
process.once('SIGTERM', () => process.exit(0))
