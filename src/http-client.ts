import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip } from 'node:zlib'
import { got, RequestError, TimeoutError, type Got } from 'got'
import { retryAfterMs, type Answer } from './domain/judge-answer.ts'
import { createPush } from './http-push.ts'
import {
  MAX_ANSWER_BYTES,
  MAX_WORDS,
  NEVER_CONNECTED,
  type Call,
  type CallOptions,
  type Failure,
  type Post,
} from './http-wire.ts'

export type { Post } from './http-wire.ts'

export interface HttpClient {
  call: Call
  post: Post
  /** The same for the hot path: what every push of an order goes through. */
  push: Post
  close(): void
}

/** The one door to the network. Retry lives in the queue alone, so got's own is off. */
export function createHttpClient(maxSockets: number): HttpClient {
  const agent = {
    http: new HttpAgent({ keepAlive: true, maxSockets }),
    https: new HttpsAgent({ keepAlive: true, maxSockets }),
  }
  const client = got.extend({
    agent,
    retry: { limit: 0 },
    throwHttpErrors: false,
    followRedirect: false,
    // Unpacked here, within a limit: got has none.
    decompress: false,
    headers: { 'user-agent': 'order-sync', accept: 'application/json', 'accept-encoding': 'gzip, br' },
  })
  return {
    call: options => call(client, options),
    post: (url, options) => call(client, { ...options, method: 'POST', url }),
    push: createPush(agent),
    close: () => {
      agent.http.destroy()
      agent.https.destroy()
    },
  }
}

async function call(
  client: Got,
  { method, url, headers, body, timeoutMs, signal }: CallOptions,
): Promise<{ answer: Answer; text: string }> {
  let isOversized = false
  try {
    const answering = client(url, {
      method,
      // A content type without a body makes some servers look for one.
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body }),
      timeout: { request: timeoutMs },
      ...(signal && { signal }),
    })
    void answering.on('downloadProgress', ({ transferred }) => {
      isOversized ||= transferred > MAX_ANSWER_BYTES
      if (isOversized) answering.cancel()
    })
    const response = await answering
    const bytes = await unpacked(response.rawBody, response.headers['content-encoding'])
    if (bytes === 'oversized') return { answer: { failure: 'oversized' }, text: '' }
    const text = bytes.toString('utf8')
    const retryAfter = retryAfterMs(response.headers, Date.now())
    return {
      answer: { status: response.statusCode, words: text.slice(0, MAX_WORDS), retryAfterMs: retryAfter },
      text,
    }
  } catch (error) {
    return { answer: { failure: isOversized ? 'oversized' : failureOf(error, signal) }, text: '' }
  }
}

type Unpack = (packed: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>
const UNPACK = new Map<string, Unpack>([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['br', promisify(brotliDecompress)],
])

/** Throws where the bytes are not packed as they say. What is packed in another way is left as it is, and cannot be read. */
async function unpacked(bytes: Uint8Array, encoding = ''): Promise<Buffer | 'oversized'> {
  const unpack = UNPACK.get(encoding.trim().toLowerCase())
  if (unpack === undefined || bytes.length === 0) return Buffer.from(bytes)
  try {
    return await unpack(bytes, { maxOutputLength: MAX_ANSWER_BYTES })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return 'oversized'
    throw error
  }
}

function failureOf(error: unknown, signal: AbortSignal | undefined): Failure {
  if (signal?.aborted === true) return 'aborted'
  if (error instanceof TimeoutError) return 'timeout'
  if (error instanceof RequestError && NEVER_CONNECTED.has(error.code)) return 'unsent'
  return 'lost'
}
