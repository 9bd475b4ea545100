import { request as httpRequest } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { performance } from 'node:perf_hooks'
import { signedHeaders } from './chargebackhit-signature.ts'
import type { Keys } from './chargebackhit-signature.ts'

const MAX_TEXT = 1024 * 1024

/** How a merchant answered: a status with its text, or none in time, or none at all; `tookMs` to the last byte. */
export interface WebhookAnswer {
  status: number | 'timeout' | 'lost'
  text: string
  tookMs: number
}

/** Posts signed alerts, each over a connection of its own; `close` ends the calls that are under way. */
export class WebhookCaller {
  readonly #open = new Set<ClientRequest>()
  readonly #keys: Keys
  #closed = false

  constructor(keys: Keys) {
    this.#keys = keys
  }

  post(url: string, body: string, withinMs: number): Promise<WebhookAnswer> {
    if (this.#closed) return Promise.resolve({ status: 'lost', text: '', tookMs: 0 })
    const startedAt = performance.now()
    return new Promise(resolve => {
      const headers = {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        ...signedHeaders(this.#keys, body),
      }
      const send = url.startsWith('https:') ? httpsRequest : httpRequest
      const call = send(url, { method: 'POST', agent: false, headers })
      this.#open.add(call)
      const end = (status: WebhookAnswer['status'], text = ''): void => {
        clearTimeout(timer)
        this.#open.delete(call)
        resolve({ status, text, tookMs: performance.now() - startedAt })
        call.destroy()
      }
      const timer = setTimeout(end, withinMs, 'timeout')
      call.on('response', response => read(response, end))
      call.on('error', () => end('lost')).on('close', () => end('lost'))
      call.end(body)
    })
  }

  close(): void {
    this.#closed = true
    for (const call of this.#open) call.destroy()
  }
}

function read(response: IncomingMessage, end: (status: WebhookAnswer['status'], text?: string) => void): void {
  let text = ''
  response.setEncoding('utf8').on('data', (part: string) => {
    if (text.length < MAX_TEXT) text += part
  })
  response.on('error', () => end('lost'))
  response.on('end', () => end(response.statusCode ?? 'lost', text))
}
