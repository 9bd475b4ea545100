import { createHmac, randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

/** What a hook was answered; `body` is the parsed JSON, or the text where it is none. */
export interface HookAnswer {
  status: number
  body: HookBody
}

/** The members of an answer that tests look at. */
export interface HookBody {
  code?: string
  message?: string
  errors?: { field: string; message: string }[]
  results?: {
    order_id: string | null
    status: string
    rev: number | null
    errors?: { field: string }[]
    faults?: { field: string }[]
  }[]
}

export interface HookSender {
  url: string
  /** Signs and sends changes as a CRM does: again after a 503 or a lost connection, until they are answered otherwise. */
  send(changes: unknown): Promise<HookAnswer>
  /** Signs these very bytes and sends them once. */
  sendBytes(body: Buffer, headers?: Record<string, string>): Promise<HookAnswer>
  /** Sends these very bytes once, under these headers alone; `chunked`, without telling their length. */
  sendRaw(body: Buffer, headers: Record<string, string>, chunked?: boolean): Promise<HookAnswer>
  /** How often a delivery was sent again. */
  sentAgain(): number
  close(): void
}

const PATH = '/hooks/orders/generic'
const AGAIN_MS = 100
const GIVE_UP_MS = 60_000

/** A CRM that sends order hooks, signed after Standard Webhooks 1.0 by this code alone; `now` is its clock. */
export function createHookSender(url: string, secret: string, now: () => number = Date.now): HookSender {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  let again = 0

  function sendRaw(body: Buffer, headers: Record<string, string>, chunked = false): Promise<HookAnswer> {
    const length = chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': body.length }
    return new Promise((resolve, reject) => {
      const call = request(`${url}${PATH}`, { method: 'POST', agent, headers: { ...length, ...headers } }, response => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('error', reject)
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: read(Buffer.concat(parts)) }))
      })
      call.setTimeout(30_000, () => call.destroy(new Error('no answer within 30 s')))
      // A door that has answered may hang up while the rest is still being written: the answer counts.
      call.on('error', reject)
      call.end(body)
    })
  }

  const sendBytes = (body: Buffer, headers: Record<string, string> = {}) =>
    sendRaw(body, { 'content-type': 'application/json', ...signed(secret, body, now()), ...headers })

  async function send(changes: unknown): Promise<HookAnswer> {
    const body = Buffer.from(JSON.stringify(changes))
    for (const giveUpAt = Date.now() + GIVE_UP_MS; ; await pause(AGAIN_MS)) {
      const answer = await sendBytes(body).catch(() => null)
      if (answer !== null && answer.status !== 503) return answer
      if (Date.now() > giveUpAt) throw new Error(`not taken for ${GIVE_UP_MS / 1_000} s`)
      again += 1
    }
  }

  return { url, send, sendBytes, sendRaw, sentAgain: () => again, close: () => agent.destroy() }
}

/** The three headers of a delivery that is sent at `now`. */
export function signed(secret: string, body: Buffer, now = Date.now()): Record<string, string> {
  const id = `msg_${randomUUID()}`
  const seconds = Math.floor(now / 1_000)
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${seconds}.`).update(body).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': `v1,${signature}` }
}

function read(bytes: Buffer): HookBody {
  try {
    return JSON.parse(bytes.toString('utf8')) as HookBody
  } catch {
    return { message: bytes.toString('utf8') }
  }
}
