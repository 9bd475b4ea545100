import { request as httpRequest, type Agent as HttpAgent } from 'node:http'
import { request as httpsRequest, type Agent as HttpsAgent } from 'node:https'
import { retryAfterMs } from './domain/judge-answer.ts'
import { MAX_ANSWER_BYTES, MAX_WORDS, NEVER_CONNECTED, type Failure, type Post, type PostOptions } from './http-wire.ts'

const HEADERS = {
  'user-agent': 'order-sync',
  'content-type': 'application/json',
  accept: 'application/json',
  'accept-encoding': 'identity',
}

/**
 * A POST by Node's own client, for the one call that every push makes: it costs a third of what got's does (measured in
 * bench/README.md). It keeps every promise of `Post`.
 */
export function createPush(agents: { http: HttpAgent; https: HttpsAgent }): Post {
  return (url, options) =>
    url.startsWith('https:')
      ? send(httpsRequest, agents.https, url, options)
      : send(httpRequest, agents.http, url, options)
}

function send(
  request: typeof httpRequest,
  agent: HttpAgent,
  url: string,
  { body, headers, timeoutMs, signal }: PostOptions,
): ReturnType<Post> {
  return new Promise(resolve => {
    if (signal?.aborted === true) return resolve({ answer: { failure: 'aborted' }, text: '' })
    let failure: Failure | null = null
    const call = request(url, {
      method: 'POST',
      agent,
      headers: { ...HEADERS, 'content-length': Buffer.byteLength(body), ...headers },
    })
    const hangUp = (why: Failure) => {
      failure ??= why
      call.destroy()
    }
    const onAbort = () => hangUp('aborted')
    // One limit for the whole call, as the lease of an attempt counts on it.
    const timer = setTimeout(hangUp, timeoutMs, 'timeout')
    signal?.addEventListener('abort', onAbort, { once: true })

    const end: typeof resolve = result => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      resolve(result)
    }
    const fail = (otherwise: Failure) => end({ answer: { failure: failure ?? otherwise }, text: '' })

    call.on('error', (error: NodeJS.ErrnoException) => fail(NEVER_CONNECTED.has(error.code ?? '') ? 'unsent' : 'lost'))
    call.on('response', response => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > MAX_ANSWER_BYTES) hangUp('oversized')
        else chunks.push(chunk)
      })
      response.on('error', () => fail('lost'))
      response.on('end', () => {
        const retryAfter = retryAfterMs(response.headers, Date.now())
        const text = Buffer.concat(chunks).toString('utf8')
        end({
          answer: { status: response.statusCode ?? 0, words: text.slice(0, MAX_WORDS), retryAfterMs: retryAfter },
          text,
        })
      })
    })
    call.end(body)
  })
}
