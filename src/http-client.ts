import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { got, RequestError, TimeoutError, type Got } from 'got'
import { retryAfterMs, type Answer } from './domain/judge-answer.ts'
import { createPush } from './http-push.ts'
import { MAX_WORDS, NEVER_CONNECTED, type Call, type CallOptions, type Failure, type Post } from './http-wire.ts'

export type { Post } from './http-wire.ts'

/** As many characters of an answer as are ever read. */
const MAX_TEXT = 1024 * 1024

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
    headers: { 'user-agent': 'order-sync', accept: 'application/json' },
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
  try {
    const response = await client(url, {
      method,
      // A content type without a body makes some servers look for one.
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body }),
      timeout: { request: timeoutMs },
      ...(signal && { signal }),
    })
    const text = response.body.slice(0, MAX_TEXT)
    const retryAfter = retryAfterMs(response.headers['retry-after'], Date.now())
    return {
      answer: { status: response.statusCode, words: text.slice(0, MAX_WORDS), retryAfterMs: retryAfter },
      text,
    }
  } catch (error) {
    return { answer: { failure: failureOf(error, signal) }, text: '' }
  }
}

function failureOf(error: unknown, signal: AbortSignal | undefined): Failure {
  if (signal?.aborted === true) return 'aborted'
  if (error instanceof TimeoutError) return 'timeout'
  if (error instanceof RequestError && NEVER_CONNECTED.has(error.code)) return 'unsent'
  return 'lost'
}
