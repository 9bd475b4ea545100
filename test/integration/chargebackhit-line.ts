import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'
import { createHttpClient } from '../../src/http-client.ts'
import { createChargebackhitApi } from '../../src/platforms/chargebackhit/api.ts'
import type { SandboxOptions } from '../../src/sandbox/server.ts'
import { takeSandbox } from '../support/take-sandbox.ts'

export const LIMITS = { timeoutMs: 1_000 }

/** One alert as it reached the merchant. */
interface Heard {
  headers: IncomingHttpHeaders
  raw: Buffer
  // oxlint-disable-next-line typescript/no-explicit-any -- what is in it is what the tests assert
  body: any
}

type Reply = { status?: number; text?: string; json?: unknown; hang?: boolean }

/** Gives each test a sandbox, a client of it over real HTTP, and a merchant's webhook; nothing of them is left behind. */
export function useChargebackhit() {
  const endings: (() => unknown)[] = []
  afterEach(async () => {
    for (const end of endings.splice(0).toReversed()) await end()
  })

  return async (options: SandboxOptions = {}) => {
    const sandbox = await takeSandbox(options)
    endings.push(() => sandbox.close())
    const http = createHttpClient(4)
    endings.push(() => http.close())
    const { chargebackhitUrl: url, chargebackhitKeys: keys, chargebackhit: side } = sandbox
    const api = createChargebackhitApi({ url, ...keys, http })

    /** A webhook that answers as it is told, from now on the account's. */
    async function openWebhook(reply: (heard: Heard) => Reply) {
      const heard: Heard[] = []
      const server = createServer((request, response) => {
        const chunks: Buffer[] = []
        request.on('data', (chunk: Buffer) => void chunks.push(chunk))
        request.on('end', () => {
          const raw = Buffer.concat(chunks)
          const one: Heard = { headers: request.headers, raw, body: JSON.parse(raw.toString('utf8')) }
          heard.push(one)
          const { status = 200, text, json, hang = false } = reply(one)
          if (!hang) response.writeHead(status).end(text ?? JSON.stringify(json))
        })
      })
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
      endings.push(() => {
        server.closeAllConnections()
        return new Promise(resolve => server.close(resolve))
      })
      side.notifyAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/alerts/chargebackhit`)
      return heard
    }

    const callsOf = (name: string) => sandbox.inbox.requests().filter(({ call }) => call === name)
    return { sandbox, side, http, url, keys, api, openWebhook, callsOf }
  }
}

/** Everything that a list yields. */
export async function allOf<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

export const valueOf = <Value>(said: { answer: unknown; value?: Value }): Value => {
  if (said.value === undefined) throw new Error(`no value: ${JSON.stringify(said.answer)}`)
  return said.value
}
