import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { WireAnswer } from './gateway.ts'
import { ok } from './midigator.ts'
import type { ProgramParts } from './program.ts'

/** The made-up world as an HTTP server: each of its hosts is a folder of the address. */
export interface WorldServer {
  addressOf(host: string): string
  close(): Promise<void>
}

/** What the world has besides its alerts: tokens that never end, orders that are taken, a list that has nothing the hook did not bring. */
const ALWAYS: Readonly<Record<string, unknown>> = {
  '/auth/auth': { token: `e30.${Buffer.from(JSON.stringify({ iat: 1, exp: 9_999_999_999 })).toString('base64url')}.x` },
  '/data/auth': { authorization_key: 'data-token' },
  '/data/order': {},
}

/** Serves the world; `onAlarm` takes what the program raises. */
export async function startWorldServer(serve: ProgramParts['serve'], onAlarm: (body: string) => void): Promise<WorldServer> {
  async function answer(request: IncomingMessage): Promise<WireAnswer> {
    const body = await bodyOf(request)
    const path = request.url ?? '/'
    if (path === '/alarms') {
      onAlarm(body)
      return ok({})
    }
    if (path in ALWAYS) return ok(ALWAYS[path])
    if (path.endsWith('/alerts/list')) return ok({ data: [] })
    const [, host = '', rest = ''] = /^\/([a-z]+)(\/.*)$/.exec(path) ?? []
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    return serve({ method: request.method ?? 'GET', url: new URL(`http://${host}${rest}`), headers, body })
  }

  const server = createServer((request, response) => {
    void answer(request).then(
      ({ status, body }) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body)),
      () => response.destroy(),
    )
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    addressOf: host => `http://127.0.0.1:${port}/${host}`,
    close() {
      server.closeAllConnections()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
} // prettier-ignore

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}
