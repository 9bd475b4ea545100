import type { Random } from '../simulator/random.ts'
import type { Agenda } from './agenda.ts'
import type { Merchant } from './draw-merchant.ts'
import { capturedOf, DAY, decimal, HOUR, MINUTE, refundedOf, sum, wireTime, type Quirk, type Sale } from './truth.ts'

/** One change as the CRM sends it, in the generic shape. */
export type ChangeBody = Record<string, unknown> & { order_id: string; occurred_at: string }

/** The CRM: tells what happened to its orders, in words that are not always so. */
export class Crm {
  readonly #randomOf: (sale: Sale) => Random
  readonly #agenda: Agenda
  readonly #merchant: Merchant
  readonly #connectedAt: number
  readonly #deliver: (body: ChangeBody) => Promise<void>

  constructor(parts: {
    /** Draws that are a sale's own. */
    randomOf: (sale: Sale) => Random
    agenda: Agenda
    merchant: Merchant
    /** Since when its changes reach the store. */
    connectedAt: number
    deliver: (body: ChangeBody) => Promise<void>
  }) {
    this.#randomOf = parts.randomOf
    this.#agenda = parts.agenda
    this.#merchant = parts.merchant
    this.#connectedAt = parts.connectedAt
    this.#deliver = parts.deliver
  }

  /** Plans everything that it will tell of a sale's beginnings. */
  plan(sale: Sale): void {
    const { captures, soldAt, fate, declines } = sale
    const [first] = captures
    const random = this.#randomOf(sale)
    const lag = 2_000 + random.int(60_000)
    for (const at of declines)
      this.#tell(sale, at, lag, () => ({ ...this.#identity(sale), order_status: 'Cancelled', payment_state: 'declined' }))
    if (fate === 'declined')
      this.#tell(sale, soldAt, lag, () => ({ ...this.#identity(sale), order_status: 'Cancelled', payment_state: 'declined' }))
    else if (first === undefined || first.at > soldAt)
      this.#tell(sale, soldAt, lag, () => ({ ...this.#identity(sale), payment_state: 'authorized' }))
    if (fate === 'voided')
      this.#tell(sale, soldAt + HOUR + random.int(DAY), lag, () => ({ order_status: 'Cancelled', payment_state: 'voided' }))
    for (const [i, { at }] of captures.entries())
      this.#tell(sale, at, lag, () => ({ ...this.#identity(sale), ...this.#captured(sale, i) }))
    if (first !== undefined && sale.stated.arn)
      this.#tell(sale, first.at + DAY + random.int(2 * DAY), lag, () => {
        sale.arnKnownAt = this.#agenda.now
        return { arn: sale.arn }
      })
    if (first !== undefined && random.chance(0.01)) this.#callsRefunded(sale, first.at)
  } // prettier-ignore

  /** Tells of what was given back, in its own way; of what we refunded it heard from the gateway. */
  refunded(sale: Sale, given: { minor: number; by: 'us' | 'hand' | 'past' }): void {
    const { refunds: way, echoesOurs, resends } = this.#merchant.crm
    const random = this.#randomOf(sale)
    const now = this.#agenda.now
    const lag = MINUTE + random.int(10 * MINUTE)
    if (given.by === 'us' && !echoesOurs) return
    if (way === 'silent' && given.by !== 'past') return
    if (random.chance(0.05)) return this.#callsCancelled(sale, now, lag)
    const cumulative = refundedOf(sale)
    const isWhole = cumulative >= capturedOf(sale, now)
    this.#introduce(sale, lag)
    const stated = way === 'per refund' ? given.minor : cumulative
    this.#tell(sale, now, lag, () => {
      if (given.by === 'past') this.#quirk(sale, 'refunded past the gateway')
      if (stated !== cumulative) this.#quirk(sale, 'amount per refund')
      if (way === 'flag only') this.#quirk(sale, 'refunded amount unknown')
      return {
        is_refund: 1,
        ...(way !== 'flag only' && { refunded_to_date: decimal(stated, sale.currency) }),
        ...(isWhole && { order_status: 'Refunded' }),
      }
    })
    if (!resends || !random.chance(0.5)) return
    this.#tell(sale, now + HOUR + random.int(2 * DAY), lag, () => ({
      ...this.#identity(sale),
      order_status: 'Complete',
      payment_state: 'captured',
    }))
  }

  /** A CRM that sends whole orders does so of one from before it was connected, when something happens to it. */
  #introduce(sale: Sale, lag: number): void {
    if (!this.#merchant.crm.resends || sale.isLost || sale.knownAt !== null || sale.soldAt >= this.#connectedAt) return
    sale.knownAt = this.#agenda.now + lag
    this.#tell(sale, this.#agenda.now, lag, () => ({
      ...this.#identity(sale),
      ...this.#captured(sale, sale.captures.length - 1),
    }))
  }

  /** A person pressed "refunded", and no money moved. */
  #callsRefunded(sale: Sale, paidAt: number): void {
    this.#tell(sale, paidAt + this.#randomOf(sale).int(60 * DAY), MINUTE, () => {
      if (refundedOf(sale) < capturedOf(sale, this.#agenda.now)) this.#quirk(sale, 'called refunded without money')
      return { order_status: 'Refunded', is_refund: 1 }
    })
  }

  /** The CRM's word for a refund is cancelled, without an amount. */
  #callsCancelled(sale: Sale, at: number, lag: number): void {
    this.#tell(sale, at, lag, () => {
      this.#quirk(sale, 'called cancelled after capture')
      return { order_status: 'Cancelled' }
    })
  }

  #quirk = (sale: Sale, quirk: Quirk) => void sale.quirks.push({ quirk, at: this.#agenda.now })

  #identity(sale: Sale): Record<string, unknown> {
    const { stated, crmCard, currency, wallet } = sale
    return {
      order_date: wireTime(sale.orderedAt),
      order_total: decimal(sale.total, currency),
      ...(stated.currency && { currency }),
      transaction_merchant_id: sale.mid,
      cc_type: wallet === 'named' ? 'Apple Pay' : crmCard.brand,
      ...(stated.first6 && { cc_first_6: crmCard.first6 }),
      ...(stated.last4 && { cc_last_4: crmCard.last4 }),
      ...(stated.transactionId && { transaction_id: sale.transactionId }),
      ...(stated.authCode && { auth_id: sale.authCode }),
      ...(sale.isAuthenticated && { eci: crmCard.brand === 'visa' ? '05' : '02' }),
      descriptor: sale.descriptor,
      customer_id: `C${sale.customer}`,
      is_recurring: this.#merchant.business === 'subscription' ? 1 : 0,
    }
  }

  #captured(sale: Sale, index: number): Record<string, unknown> {
    const parts = sale.captures.slice(0, index + 1)
    const minor = sum(parts.map(one => one.minor))
    const isPart = minor < sale.total
    if (isPart && !this.#merchant.crm.statesCaptured) this.#quirk(sale, 'captured less than stated')
    return {
      order_status: 'Complete',
      payment_state: 'captured',
      ...(this.#merchant.crm.statesCaptured && {
        captured_amount: decimal(minor, sale.currency),
        captured_at: wireTime(parts[0]!.at),
      }),
    }
  }

  /** Sends a change `lag` after it happened; what happened before the CRM was connected, or is lost, reaches nobody. */
  #tell(sale: Sale, at: number, lag: number, valuesOf: () => Record<string, unknown>): void {
    if (sale.isLost || at < this.#connectedAt || (sale.knownAt === null && sale.soldAt < this.#connectedAt)) return
    this.#agenda.at(at + lag, async () => {
      const values = valuesOf()
      sale.knownAt ??= this.#agenda.now
      await this.#deliver({ order_id: sale.id, occurred_at: new Date(at).toISOString(), ...values })
    })
  }
}
