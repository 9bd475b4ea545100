import fastify from 'fastify'
import { Timers } from './exchange.ts'
import { Faults } from './faults.ts'
import type { FaultRule } from './faults.ts'
import { Inbox } from './inbox.ts'
import { inspect } from './inspect.ts'
import { midigatorData } from './midigator-data.ts'
import { Tokens } from './tokens.ts'

const MAX_BODY_BYTES = 16 * 1024 * 1024

/** How a sandbox is started. Without a port it takes a free one; without a seed, draws are the same every time. */
export interface SandboxOptions {
  host?: string
  port?: number
  username?: string
  password?: string
  seed?: number
  faults?: FaultRule[]
  /** Whether a new token ends the older ones; off, as the reference says that tokens live for ever. */
  revokeOnAuth?: boolean
}

/** A running sandbox: a real server on a real port that stands in for the platforms, and what it received. */
export interface Sandbox {
  url: string
  /** The Data API's base: `url` and `/v1`. */
  dataUrl: string
  inbox: Inbox
  faults: Faults
  revokeTokens(): void
  /** Forgets what was received; faults and tokens stay. */
  clear(): void
  /** Ends at once, calls that hang included. */
  close(): Promise<void>
}

/** Starts the sandbox; its credentials are the reference's own example unless told. Rejects when the port is taken. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const inbox = new Inbox()
  const faults = new Faults(options.seed ?? 1, options.faults)
  const tokens = new Tokens(options.revokeOnAuth ?? false)
  const timers = new Timers()
  const app = fastify({
    forceCloseConnections: true,
    bodyLimit: MAX_BODY_BYTES,
    routerOptions: { maxParamLength: 2_000 },
  })
  app.server.on('connection', socket => inbox.watch(socket))
  const credentials = {
    username: options.username ?? 'sandbox_user',
    password: options.password ?? '4f86fed3605b647f948a69ec6bcf728d',
  }
  for (const prefix of ['/v1', '/stage'])
    app.register(midigatorData, { prefix, ...credentials, tokens, inbox, faults, timers })
  app.register(inspect, { prefix: '/_sandbox', inbox, faults, tokens })
  const url = await app.listen({ host: options.host ?? '127.0.0.1', port: options.port ?? 0 })

  let closing: Promise<void> | undefined
  return {
    url,
    dataUrl: `${url}/v1`,
    inbox,
    faults,
    revokeTokens: () => tokens.revokeAll(),
    clear: () => inbox.clear(),
    close: () => {
      timers.cancelAll()
      closing ??= app.close()
      return closing
    },
  }
}
