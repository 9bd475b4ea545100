import fastify from 'fastify'
import { AlertsSide } from './alerts-side.ts'
import type { AlertsSideOptions } from './alerts-side.ts'
import { ChargebackhitSide } from './chargebackhit-side.ts'
import type { ChargebackhitOptions } from './chargebackhit-side.ts'
import { Timers } from './exchange.ts'
import { Faults } from './faults.ts'
import type { FaultRule } from './faults.ts'
import { Inbox } from './inbox.ts'
import { inspect } from './inspect.ts'
import { midigatorData } from './midigator-data.ts'
import { Tokens } from './tokens.ts'
import type { Desk } from './vendor-call.ts'

const MAX_BODY_BYTES = 16 * 1024 * 1024

/** How a sandbox is started. Without a port it takes a free one; without a seed, draws are the same every time. */
export interface SandboxOptions extends AlertsSideOptions, ChargebackhitOptions {
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
  /** The newer APIs' bases, and what `POST /auth` of theirs takes. */
  authUrl: string
  eventsUrl: string
  preventionUrl: string
  apiSecret: string
  /** The refund gateway's base, and what its callers sign with. */
  gatewayUrl: string
  gatewaySecret: string
  /** Chargebackhit's base, to which `/api/v2/…` is added, and the account's pair. */
  chargebackhitUrl: string
  chargebackhitKeys: ChargebackhitSide['keys']
  chargebackhit: ChargebackhitSide
  inbox: Inbox
  faults: Faults
  alerts: AlertsSide['alerts']
  subscriptions: AlertsSide['subscriptions']
  deliveries: AlertsSide['deliveries']
  refunds: AlertsSide['refunds']
  payments: AlertsSide['payments']
  gateway: AlertsSide['gateway']
  scenarios: AlertsSide['scenarios']
  revokeTokens(): void
  /** Forgets what was received and sent, subscriptions and refunds included; faults and tokens stay. */
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
  const desk: Desk = { inbox, faults, timers, era: { now: 0 } }
  const side = new AlertsSide(desk, options.seed ?? 1, options)
  side.mount(app)
  const chargebackhit = new ChargebackhitSide(desk, side, options)
  chargebackhit.mount(app)
  const revokeTokens = (): void => {
    tokens.revokeAll()
    side.tokens.revokeAll()
  }
  const clear = (): void => {
    desk.era.now++
    inbox.clear()
    side.clear()
    chargebackhit.clear()
  }
  app.register(inspect, { prefix: '/_sandbox', inbox, faults, tokens, revokeTokens, clear })
  const url = await app.listen({ host: options.host ?? '127.0.0.1', port: options.port ?? 0 })

  const { alerts, subscriptions, deliveries, refunds, payments, gateway, scenarios, apiSecret, gatewaySecret } = side
  let closing: Promise<void> | undefined
  return {
    url,
    dataUrl: `${url}/v1`,
    authUrl: `${url}/auth/v1`,
    eventsUrl: `${url}/events/v1`,
    preventionUrl: `${url}/prevention/v1`,
    gatewayUrl: `${url}/gateway`,
    apiSecret,
    gatewaySecret,
    chargebackhitUrl: `${url}/chargebackhit`,
    chargebackhitKeys: chargebackhit.keys,
    chargebackhit,
    inbox,
    faults,
    alerts,
    subscriptions,
    deliveries,
    refunds,
    payments,
    gateway,
    scenarios,
    revokeTokens,
    clear,
    close: () => {
      timers.close()
      side.close()
      chargebackhit.close()
      closing ??= app.close()
      return closing
    },
  }
}
