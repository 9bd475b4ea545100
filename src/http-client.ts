import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { got, RequestError, TimeoutError, type Got } from 'got'
import { retryAfterMs, type Answer } from './domain/judge-answer.ts'
import { createPush } from './http-push.ts'
import { MAX_WORDS, NEVER_CONNECTED, type Failure, type Post, type PostOptions } from './http-wire.ts'

export type { Post } from './http-wire.ts'

export interface HttpClient {
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
    headers: { 'user-agent': 'order-sync', 'content-type': 'application/json', accept: 'application/json' },
  })
  return {
    post: (url, options) => post(client, url, options),
    push: createPush(agent),
    close: () => {
      agent.http.destroy()
      agent.https.destroy()
    },
  }
}

async function post(
  client: Got,
  url: string,
  { body, headers, timeoutMs, signal }: PostOptions,
): Promise<{ answer: Answer; text: string }> {
  try {
    const response = await client.post(url, {
      body,
      headers,
      timeout: { request: timeoutMs },
      ...(signal && { signal }),
    })
    const text = response.body.slice(0, MAX_WORDS)
    const retryAfter = retryAfterMs(response.headers['retry-after'], Date.now())
    return { answer: { status: response.statusCode, words: text, retryAfterMs: retryAfter }, text: response.body }
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
