import type { Change } from '../../../src/domain/change.ts'
import type { VirtualClock } from '../simulator/clock.ts'
import type { Random } from '../simulator/random.ts'
import { amountOf } from './cents.ts'
import type { ModelGateway } from './model-gateway.ts'

/** An order as it is in truth, whoever was told of it. */
export interface CrmOrder {
  id: string
  cents: number
  currency: string
  stage: 'none' | 'authorized' | 'settled' | 'never paid'
  /** Fields by which it is found. */
  identity: {
    transaction_id: string
    cc_first_6: string
    cc_last_4: string
    cc_type: string
    arn?: string
    eci?: string
  }
  soldAt: number
  isDeclined: boolean
  /** Given back by cheque or the like: only the CRM knows. */
  external: { cents: number; at: number }[]
  /** The CRM says that something was given back, not how much. */
  isVague: boolean
  /** What it last said of its refunds; said again it bears the same date. */
  reported: { cents: number; change: Change } | null
}

/** The CRM in memory: what happens to its orders, and what it says of it. It never says what is not so. */
export class ModelCrm {
  readonly orders: CrmOrder[]
  /** Whether refunds by hand are made at the gateway or past it; never both of one merchant. */
  readonly #refundsAt: 'gateway' | 'elsewhere'
  readonly #refundShare: number
  readonly #random: Random
  readonly #clock: VirtualClock
  readonly #gateway: ModelGateway

  constructor(random: Random, clock: VirtualClock, gateway: ModelGateway) {
    this.#random = random
    this.#clock = clock
    this.#gateway = gateway
    this.#refundsAt = random.pick(['gateway', 'gateway', 'elsewhere'])
    this.#refundShare = random.pick([0, 0, 0.1, 0.4])
    const isTwin = random.chance(0.3)
    const ids = random.chance(0.6) ? ['A'] : ['A', 'B']
    this.orders = ids.map(id => this.#draw(id, isTwin))
  }

  order = (id: string): CrmOrder => this.orders.find(order => order.id === id)!

  #draw(id: string, isTwin: boolean): CrmOrder {
    const { now } = this.#clock
    const card = isTwin ? 'A' : id
    return {
      id,
      cents: isTwin ? 3_000 : this.#random.pick([2_000, 3_000]),
      currency: this.#random.chance(0.9) ? 'USD' : 'EUR',
      stage: 'none',
      identity: {
        transaction_id: `T-${id}`,
        ...(this.#random.chance(0.5) && { arn: `arn-${id}` }),
        cc_first_6: '401288',
        cc_last_4: card === 'A' ? '1881' : '5555',
        cc_type: 'visa',
        ...(this.#random.chance(0.3) && { eci: '05' }),
      },
      soldAt: now - 86_400_000,
      isDeclined: false,
      external: [],
      isVague: this.#random.chance(0.1),
      reported: null,
    }
  }

  /** The next thing that happens to an order, as the CRM tells it; null: nothing did. */
  next(order: CrmOrder): Change | null {
    switch (order.stage) {
      case 'none':
        return this.#sell(order)
      case 'authorized':
        return this.#random.chance(0.6) ? this.#settle(order, {}) : this.#end(order)
      case 'settled':
        return this.#random.chance(this.#refundShare) ? this.#refund(order) : this.#report(order)
      case 'never paid':
        // A payment that was declined may be tried again.
        return order.isDeclined && this.#random.chance(0.3) ? this.#settle(order, {}) : null
    }
  }

  #change = ({ id }: CrmOrder, values: Change['values']): Change => ({
    orderId: id,
    occurredAt: this.#clock.now,
    values,
    notes: [],
  })

  #sell(order: CrmOrder): Change {
    const sold: Change['values'] = {
      ...order.identity,
      order_total: amountOf(order.cents),
      currency: order.currency,
      order_date: new Date(order.soldAt).toISOString(),
    }
    if (this.#random.chance(0.7)) return this.#settle(order, sold)
    order.stage = 'authorized'
    return this.#change(order, { ...sold, payment_state: 'authorized' })
  }

  #settle(order: CrmOrder, sold: Change['values']): Change {
    order.stage = 'settled'
    this.#gateway.captured.set(order.id, order.cents)
    const captured: Change['values'] = this.#random.chance(0.5) ? { captured_amount: amountOf(order.cents) } : {}
    return this.#change(order, { ...sold, ...captured, order_status: 'Complete', payment_state: 'captured' })
  }

  #end(order: CrmOrder): Change {
    order.stage = 'never paid'
    const payment = this.#random.pick(['declined', 'voided', null] as const)
    order.isDeclined = payment === 'declined'
    return this.#change(order, { order_status: 'Cancelled', payment_state: payment })
  }

  /** Cents that are left to give back, in truth. */
  left = (order: CrmOrder): number =>
    order.stage === 'settled' ? order.cents - this.#gateway.held(order.id) - externalOf(order) : 0

  /** A refund by hand; the CRM tells of it now or never. */
  #refund(order: CrmOrder): Change | null {
    const left = this.left(order)
    if (left <= 0) return null
    // A CRM tells one date of all it gave back past the gateway: so it is given back at once.
    const cents = this.#refundsAt === 'gateway' ? this.#random.pick([left, 500, 1_000]) : left
    if (cents > left) return null
    if (this.#refundsAt === 'gateway') this.#gateway.refundByHand(order.id, cents)
    else order.external.push({ cents, at: this.#clock.now })
    return this.#random.chance(0.5) || this.#refundsAt === 'elsewhere' ? this.#report(order) : null
  }

  /** What was given back so far, as far as the CRM knows: it hears of what the gateway has confirmed. */
  #report(order: CrmOrder): Change | null {
    const confirmed = this.#gateway.refundsOf(order.id).filter(({ status }) => status === 'succeeded')
    const given = confirmed.reduce((sum, { cents }) => sum + cents, 0) + externalOf(order)
    if (given === 0) return null
    if (given === order.reported?.cents) return order.reported.change
    const amount: Change['values'] = order.isVague ? {} : { refunded_to_date: amountOf(given) }
    const status: Change['values'] = given >= order.cents ? { order_status: 'Refunded' } : {}
    const change = this.#change(order, { is_refund: true, ...amount, ...status })
    order.reported = { cents: given, change }
    return change
  }
}

export const externalOf = ({ external }: CrmOrder): number => external.reduce((sum, { cents }) => sum + cents, 0)
