import type { FastifyInstance } from 'fastify'
import { chargebackhitAccountRoutes } from './chargebackhit-account-routes.ts'
import { ChargebackhitAccounts } from './chargebackhit-accounts.ts'
import { chargebackhitAlertRoutes } from './chargebackhit-alert-routes.ts'
import { ChargebackhitAlerts } from './chargebackhit-alerts.ts'
import type { PublishedAlert } from './chargebackhit-alerts.ts'
import { readySigned } from './chargebackhit-call.ts'
import { WebhookCaller } from './chargebackhit-caller.ts'
import { ChargebackhitDeliveries } from './chargebackhit-deliveries.ts'
import type { WebhookDelivery } from './chargebackhit-deliveries.ts'
import { chargebackhitScenarios } from './chargebackhit-scenarios.ts'
import type { ChargebackhitScenario } from './chargebackhit-scenarios.ts'
import type { Keys } from './chargebackhit-signature.ts'
import type { AlertWish, Members, WireAlert } from './chargebackhit-wire.ts'
import { Timers } from './exchange.ts'
import type { GatewayRules } from './gateway-rules.ts'
import { inspectChargebackhit } from './inspect-chargebackhit.ts'
import type { Refunds } from './refunds.ts'
import type { Desk } from './vendor-call.ts'
import { WireNumber, writeJson } from './wire-json.ts'

/** The fixed pair a sandbox is started with unless told: it opens nothing but a sandbox. */
const SAMPLE_KEYS = { publicKey: 'ap_sandbox_3d9a41c7', secretKey: 'as_sandbox_5be07e1f92c84d10' }

const HOUR_MS = 3_600_000

/** How Chargebackhit's side behaves; every duration is in milliseconds. */
export interface ChargebackhitOptions {
  chargebackhitPublicKey?: string
  chargebackhitSecretKey?: string
  /** Where alerts are sent; nowhere unless told, here or by `notifyAt`. */
  chargebackhitNotifyUrl?: string
  /** How long an inquiry may take: 2,000 unless told. */
  chargebackhitInquiryMs?: number
  /** How long an `init-refund` may stay without a final answer: a day unless told, three for CDRN. */
  chargebackhitDeadlineMs?: number
  /** See `chargebackhitDeadlineMs`. */
  chargebackhitCdrnDeadlineMs?: number
  /** The pause before an alert whose answer was not taken is sent again; never unless told, for the vendor says nothing. */
  chargebackhitRedeliverMs?: number
  /** What the same update once more is answered: 200 unless told. */
  chargebackhitRepeatedUpdate?: 'accept' | 'refuse'
  /** Whether amounts are JSON texts or numbers: texts unless told. */
  chargebackhitAmounts?: 'text' | 'number'
}

/** Chargebackhit: its alerts and what was answered to them, its webhook, its accounts, and scenarios by name. */
export class ChargebackhitSide {
  readonly keys: Keys
  readonly alerts: ChargebackhitAlerts
  readonly deliveries: ChargebackhitDeliveries
  readonly accounts = new ChargebackhitAccounts()
  readonly scenarios: ReadonlyMap<string, ChargebackhitScenario>
  readonly #desk: Desk
  readonly #caller: WebhookCaller
  readonly #timers = new Timers()
  readonly #used = new Set<string>()
  readonly #repeated: 'accept' | 'refuse'
  readonly #onWire: (record: WireAlert) => unknown

  constructor(desk: Desk, money: { refunds: Refunds; gateway: GatewayRules }, options: ChargebackhitOptions) {
    this.#desk = desk
    this.keys = {
      publicKey: options.chargebackhitPublicKey ?? SAMPLE_KEYS.publicKey,
      secretKey: options.chargebackhitSecretKey ?? SAMPLE_KEYS.secretKey,
    }
    this.#repeated = options.chargebackhitRepeatedUpdate ?? 'accept'
    this.#onWire = options.chargebackhitAmounts === 'number' ? withNumbers : record => record
    const inquiryMs = options.chargebackhitInquiryMs ?? 2_000
    this.alerts = new ChargebackhitAlerts({
      inquiryMs,
      refundMs: options.chargebackhitDeadlineMs ?? 24 * HOUR_MS,
      cdrnMs: options.chargebackhitCdrnDeadlineMs ?? 72 * HOUR_MS,
    })
    this.#caller = new WebhookCaller(this.keys)
    this.deliveries = new ChargebackhitDeliveries(
      {
        caller: this.#caller,
        timers: this.#timers,
        inquiryMs,
        redeliverMs: options.chargebackhitRedeliverMs ?? null,
        onWire: this.#onWire,
      },
      options.chargebackhitNotifyUrl ?? null,
    )
    const { alerts, deliveries } = this
    this.scenarios = chargebackhitScenarios({ ...money, inbox: desk.inbox, alerts, deliveries, used: this.#used })
  }

  /** Publishes an alert, without sending anything. */
  add(wish: AlertWish): PublishedAlert {
    return this.alerts.add(wish)
  }

  /** Sends an alert to the account's address, signed; resolves with that try once it has ended. */
  send(alert: PublishedAlert): Promise<WebhookDelivery> {
    return this.deliveries.send(alert)
  }

  /** Where alerts go from now on. */
  notifyAt(url: string | null): void {
    this.deliveries.notifyAt(url)
  }

  /** As if the webhook were down: alerts are published and listed, and those of now are never delivered. */
  pauseDelivery(): void {
    this.deliveries.pause()
  }

  resumeDelivery(): void {
    this.deliveries.resume()
  }

  /** Mounts the API below `/chargebackhit/api/v2`, and the routes that show and drive it. */
  mount(app: FastifyInstance): void {
    app.register(this.#api.bind(this), { prefix: '/chargebackhit/api/v2' })
    app.register(inspectChargebackhit, { prefix: '/_sandbox/chargebackhit', side: this })
  }

  /** Forgets alerts, deliveries, enrolments and renamings; the address and a pause stay. */
  clear(): void {
    this.deliveries.clear()
    this.alerts.clear()
    this.accounts.clear()
    this.#used.clear()
  }

  /** Ends deliveries and whatever waits. */
  close(): void {
    this.#timers.close()
    this.deliveries.clear()
    this.#caller.close()
  }

  #api(app: FastifyInstance, _options: object, done: () => void): void {
    const { keys, alerts, accounts } = this
    const desk = this.#desk
    readySigned(app, desk)
    app.setReplySerializer(writeJson)
    chargebackhitAlertRoutes(app, {
      desk,
      keys,
      alerts,
      repeated: this.#repeated,
      onWire: this.#onWire,
      send: alert => void this.send(alert),
    })
    chargebackhitAccountRoutes(app, { desk, keys, accounts })
    done()
  }
}

const withNumbers = ({ alert, transaction, merchant }: WireAlert): unknown => ({
  alert: numbered(alert),
  transaction: numbered(transaction),
  merchant,
})

const numbered = (part: Members): Members =>
  typeof part['amount'] === 'string' ? { ...part, amount: new WireNumber(part['amount']) } : part
