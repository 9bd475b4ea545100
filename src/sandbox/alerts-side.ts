import type { FastifyInstance } from 'fastify'
import { Alerts } from './alerts.ts'
import { ApiTokens } from './api-tokens.ts'
import { HookCaller } from './call-hook.ts'
import { Deliveries } from './deliveries.ts'
import type { Mischief } from './deliveries.ts'
import { DeliveryLog } from './delivery-log.ts'
import type { Generation } from './event-types.ts'
import { Timers } from './exchange.ts'
import { GatewayRules } from './gateway-rules.ts'
import { inspectAlerts } from './inspect-alerts.ts'
import { midigatorAuth } from './midigator-auth.ts'
import { midigatorEvents } from './midigator-events.ts'
import { midigatorPrevention } from './midigator-prevention.ts'
import { Payments } from './payments.ts'
import { ping } from './pings.ts'
import { RefundDesk } from './refund-desk.ts'
import { refundGateway } from './refund-gateway.ts'
import { Refunds } from './refunds.ts'
import { Scenarios } from './scenarios.ts'
import { seeded } from './seeded.ts'
import { Subscriptions } from './subscriptions.ts'
import type { Subscription } from './subscriptions.ts'
import type { Desk } from './vendor-call.ts'

/** The fixed samples a sandbox is started with unless told: they open nothing but a sandbox. */
const SAMPLE_API_SECRET = 'sandbox_api_secret_7c1f0e9b52d84a36'
/** See `SAMPLE_API_SECRET`. */
const SAMPLE_GATEWAY_SECRET = `whsec_${Buffer.from('the sample secret of the sandbox').toString('base64')}`

/** How the alerts' side behaves; every duration is in milliseconds. */
export interface AlertsSideOptions {
  /** What `POST /auth/v1/auth` takes. */
  apiSecret?: string
  /** What the refund gateway's callers sign with: `whsec_` and base64. */
  gatewaySecret?: string
  /** How long a token of the newer APIs lives; an hour unless told. */
  tokenLifeMs?: number
  /** How long after a subscription its address is pinged; 50 unless told. */
  pingDelayMs?: number
  /** The first pause before an event is sent again, doubling up to a minute; 1,000 unless told. */
  redeliverMs?: number
  delivery?: Partial<Mischief>
  generation?: Generation
  /** How long the gateway keeps idempotency keys; a day unless told, 0 keeps none. */
  keepsKeysMs?: number
  /** What the same resolution once more is answered: 200 unless told. */
  repeatedResolution?: 'accept' | 'refuse'
}

const DAY_MS = 86_400_000

/** Everything but orders: alerts and their resolutions, subscriptions and deliveries, the refund gateway. */
export class AlertsSide {
  readonly apiSecret: string
  readonly gatewaySecret: string
  readonly tokens: ApiTokens
  readonly alerts = new Alerts()
  readonly subscriptions: Subscriptions
  readonly deliveries: Deliveries
  readonly payments: Payments
  readonly refunds: Refunds
  readonly gateway: GatewayRules
  readonly scenarios: Scenarios
  readonly #desk: Desk
  readonly #refundDesk: RefundDesk
  readonly #caller = new HookCaller()
  readonly #log = new DeliveryLog()
  /** What clearing cancels; answers under way are the desk's. */
  readonly #timers = new Timers()
  readonly #random: () => number
  readonly #pingDelayMs: number
  readonly #generation: Generation
  readonly #repeated: 'accept' | 'refuse'

  constructor(desk: Desk, seed: number, options: AlertsSideOptions) {
    this.#desk = desk
    this.#random = seeded(seed + 1)
    this.#pingDelayMs = options.pingDelayMs ?? 50
    this.#generation = options.generation ?? 'v0.6'
    this.#repeated = options.repeatedResolution ?? 'accept'
    this.apiSecret = options.apiSecret ?? SAMPLE_API_SECRET
    this.gatewaySecret = options.gatewaySecret ?? SAMPLE_GATEWAY_SECRET
    this.tokens = new ApiTokens(options.tokenLifeMs ?? 3_600_000)
    this.subscriptions = new Subscriptions(eventType => this.deliveries.flush(eventType))
    this.deliveries = new Deliveries({
      subscriptions: this.subscriptions,
      log: this.#log,
      caller: this.#caller,
      timers: this.#timers,
      redeliverMs: options.redeliverMs ?? 1_000,
      mischief: { duplicate: 0, shuffleMs: 0, delayMs: 0, ...options.delivery },
      random: this.#random,
    })
    this.payments = new Payments(desk.inbox)
    this.refunds = new Refunds(this.payments)
    this.gateway = new GatewayRules(seeded(seed + 2))
    this.#refundDesk = new RefundDesk({
      refunds: this.refunds,
      payments: this.payments,
      rules: this.gateway,
      timers: this.#timers,
      keepsKeysMs: options.keepsKeysMs ?? DAY_MS,
    })
    this.scenarios = new Scenarios({
      inbox: desk.inbox,
      alerts: this.alerts,
      refunds: this.refunds,
      gateway: this.gateway,
      deliveries: this.deliveries,
      timers: this.#timers,
      generation: this.#generation,
    })
  }

  /** Mounts the vendors' APIs, the gateway, and the routes that show and drive them. */
  mount(app: FastifyInstance): void {
    const { alerts, refunds, subscriptions, tokens } = this
    const desk = this.#desk
    app.register(midigatorAuth, { prefix: '/auth/v1', desk, tokens, apiSecret: this.apiSecret })
    app.register(midigatorEvents, {
      prefix: '/events/v1',
      desk,
      tokens,
      subscriptions,
      alerts,
      generation: this.#generation,
      ping: (found: Subscription[], isNew = false) => this.#ping(found, isNew),
    })
    app.register(midigatorPrevention, { prefix: '/prevention/v1', desk, tokens, alerts, repeated: this.#repeated })
    const { payments, gateway: rules } = this
    const gateway = {
      desk,
      refundDesk: this.#refundDesk,
      refunds,
      payments,
      traits: rules.traits,
      secret: this.gatewaySecret,
    }
    app.register(refundGateway, { prefix: '/gateway', ...gateway })
    app.register(inspectAlerts, { prefix: '/_sandbox', side: this })
  }

  /** Forgets alerts, subscriptions, deliveries, refunds, payments and the gateway's rules and traits; tokens stay. */
  clear(): void {
    this.#timers.cancelAll()
    for (const part of [this.alerts, this.subscriptions, this.deliveries, this.refunds, this.payments]) part.clear()
    this.#refundDesk.clear()
    this.gateway.setRules([])
    this.gateway.traits.set([])
    this.scenarios.clear()
  }

  /** Ends deliveries, pings and whatever waits. */
  close(): void {
    this.#timers.close()
    this.deliveries.clear()
    this.#caller.close()
  }

  #ping(found: Subscription[], isNew: boolean): void {
    const parts = { subscriptions: this.subscriptions, log: this.#log, caller: this.#caller, random: this.#random }
    for (const subscription of found)
      this.#timers.after(isNew ? this.#pingDelayMs : 0, () => {
        const now = this.subscriptions.get(subscription.guid)
        if (now) void ping(now, parts)
      })
  }
}
