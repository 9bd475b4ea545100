import { request as httpRequest } from 'node:http'
import type { ClientRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

const ANSWER_WITHIN_MS = 10_000

/** One call of a subscriber's address. Without a body a POST has an empty one. */
export interface HookCall {
  method: 'GET' | 'POST'
  url: string
  username: string
  password: string
  body?: string
}

/** How a subscriber answered: a status, `timeout` after ten seconds, or `lost` where no answer came at all. */
export type HookAnswer = number | 'timeout' | 'lost'

/** Calls subscribers, each over a connection of its own; `close` ends the calls that are under way. */
export class HookCaller {
  readonly #open = new Set<ClientRequest>()
  #closed = false

  call({ method, url, username, password, body }: HookCall): Promise<HookAnswer> {
    if (this.#closed) return Promise.resolve('lost')
    return new Promise(resolve => {
      const post = method === 'POST' && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body ?? ''),
      }
      const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
      const send = url.startsWith('https:') ? httpsRequest : httpRequest
      const call = send(url, { method, agent: false, headers: { authorization, ...post } })
      this.#open.add(call)
      const end = (answer: HookAnswer): void => {
        clearTimeout(timer)
        this.#open.delete(call)
        resolve(answer)
        call.destroy()
      }
      const timer = setTimeout(end, ANSWER_WITHIN_MS, 'timeout')
      call.on('response', response => {
        response.on('error', () => end('lost')).resume()
        response.on('end', () => end(response.statusCode ?? 'lost'))
      })
      call.on('error', () => end('lost')).on('close', () => end('lost'))
      call.end(body)
    })
  }

  close(): void {
    this.#closed = true
    for (const call of this.#open) call.destroy()
  }
}
