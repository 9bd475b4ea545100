import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { got, RequestError, TimeoutError, type Got } from 'got'
import { retryAfterMs, type Answer } from './domain/judge-answer.ts'

const MAX_WORDS = 4_000

export interface PostOptions {
  /** JSON text of the body. */
  body: string
  headers: Record<string, string>
  timeoutMs: number
  signal?: AbortSignal
}

/** What a POST came to: an answer with its text, or how it failed. Never throws, never follows a redirect, never tries again. */
export type Post = (url: string, options: PostOptions) => Promise<{ answer: Answer; text: string }>

export interface HttpClient {
  post: Post
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

const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN'])

function failureOf(error: unknown, signal: AbortSignal | undefined): 'unsent' | 'timeout' | 'lost' | 'aborted' {
  if (signal?.aborted === true) return 'aborted'
  if (error instanceof TimeoutError) return 'timeout'
  if (error instanceof RequestError && NEVER_CONNECTED.has(error.code)) return 'unsent'
  return 'lost'
}
