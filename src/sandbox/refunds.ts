import { randomInt } from 'node:crypto'
import { compareDecimals, restOf, sumOf } from './decimal.ts'
import { newGuid } from './guids.ts'
import type { Payments } from './payments.ts'

type RefundStatus = 'succeeded' | 'pending' | 'failed'

/**
 * One refund in the gateway's ledger. `effective`: money moved and has not come back. `key` and `reference` are null for one
 * made by hand; `replays` counts how often its key was answered again.
 */
export interface Refund {
  refund_id: string
  order_id: string
  transaction_id: string | null
  key: string | null
  reference: string | null
  reason: string | null
  amount: string
  currency: string
  status: RefundStatus
  arn: string | null
  effective: boolean
  replays: number
  made_by: 'call' | 'hand'
  created_at: string
  /** When it came into the ledger: later than `created_at` where the call took effect late. */
  booked_at: string
}

/** One order's money: amounts are decimal text, `captured` null where the gateway knows of no payment. */
export interface RefundTotals {
  order_id: string
  captured: string | null
  currency: string | null
  /** What effective refunds add up to, and how many they are. */
  refunded: string
  effective: number
  pending: string
  /** More was refunded than was captured. */
  beyond_captured: boolean
}

type Opening = Pick<Refund, 'order_id' | 'transaction_id' | 'key' | 'reference' | 'reason' | 'amount' | 'currency'>

/** The gateway's ledger, in memory until `clear()`: every refund it took, whoever made it. */
export class Refunds {
  readonly #byOrder = new Map<string, Refund[]>()
  readonly #payments: Payments
  #whenEffective: { orderId: string; act: () => void }[] = []

  constructor(payments: Payments) {
    this.#payments = payments
  }

  /** A refund not yet in the ledger. */
  draft(opening: Opening, status: RefundStatus, at = Date.now()): Refund {
    return {
      ...opening,
      refund_id: newGuid('rfd'),
      status,
      arn: status === 'succeeded' ? newArn() : null,
      effective: status === 'succeeded',
      replays: 0,
      made_by: opening.key === null ? 'hand' : 'call',
      created_at: new Date(at).toISOString(),
      booked_at: new Date(at).toISOString(),
    }
  }

  add(refund: Refund): void {
    const of = this.#byOrder.get(refund.order_id)
    if (of) of.push(refund)
    else this.#byOrder.set(refund.order_id, [refund])
    this.#tell(refund)
  }

  /** Gives a refund another status, as gateways do some time after they have answered. */
  settle(refund: Refund, status: RefundStatus): void {
    refund.status = status
    refund.effective = status === 'succeeded'
    if (refund.effective) refund.arn ??= newArn()
    this.#tell(refund)
  }

  /** A refund from the back office: effective at once, with no key and no reference. `at` is in milliseconds since 1970. */
  addByHand(orderId: string, amount: string, at?: number): Refund {
    const currency = this.#payments.of(orderId)?.currency ?? 'USD'
    const nobody = { transaction_id: null, key: null, reference: null, reason: null }
    const refund = this.draft({ ...nobody, order_id: orderId, amount, currency }, 'succeeded', at)
    this.add(refund)
    return refund
  }

  /**
   * What can still be refunded of an order, less refunds that are pending too; undefined where no payment is known. What was booked
   * within `lagMs` does not count yet.
   */
  refundable(orderId: string, lagMs = 0): string | undefined {
    const payment = this.#payments.of(orderId)
    const taken = this.#of(orderId).filter(refund => refund.status !== 'failed' && isOlderThan(refund, lagMs))
    return payment && restOf(payment.captured, sumOf(taken.map(({ amount }) => amount)))
  }

  /** Acts once when the order has an effective refund that was made by a call: at once if there is one already. */
  onceEffective(orderId: string, act: () => void): void {
    this.#whenEffective.push({ orderId, act })
    for (const refund of this.#of(orderId)) this.#tell(refund)
  }

  /** One order's refunds, or all, oldest first within an order; copies. */
  list(orderId?: string): Refund[] {
    const found = orderId === undefined ? [...this.#byOrder.values()].flat() : this.#of(orderId)
    return found.map(refund => ({ ...refund }))
  }

  /** One order's refunds as the gateway lists them: without those booked within `lagMs`. */
  listed(orderId: string, lagMs: number): Refund[] {
    return this.list(orderId).filter(refund => isOlderThan(refund, lagMs))
  }

  totals(orderId: string): RefundTotals {
    const payment = this.#payments.of(orderId)
    const amountsOf = (picked: (refund: Refund) => boolean): string[] =>
      this.#of(orderId).flatMap(refund => (picked(refund) ? [refund.amount] : []))
    const moved = amountsOf(({ effective }) => effective)
    const refunded = sumOf(moved)
    return {
      order_id: orderId,
      captured: payment?.captured ?? null,
      currency: payment?.currency ?? null,
      refunded,
      effective: moved.length,
      pending: sumOf(amountsOf(({ status }) => status === 'pending')),
      beyond_captured: compareDecimals(refunded, payment?.captured ?? '0') > 0,
    }
  }

  /** The totals of every order that has a refund. */
  allTotals(): RefundTotals[] {
    return [...this.#byOrder.keys()].map(orderId => this.totals(orderId))
  }

  clear(): void {
    this.#byOrder.clear()
    this.#whenEffective = []
  }

  #of(orderId: string): Refund[] {
    return this.#byOrder.get(orderId) ?? []
  }

  #tell({ order_id, effective, made_by }: Refund): void {
    if (!effective || made_by === 'hand') return
    const told = this.#whenEffective.filter(({ orderId }) => orderId === order_id)
    this.#whenEffective = this.#whenEffective.filter(({ orderId }) => orderId !== order_id)
    for (const { act } of told) act()
  }
}

const isOlderThan = ({ booked_at }: Refund, lagMs: number): boolean => Date.parse(booked_at) + lagMs <= Date.now()

const newArn = (): string => `7${Array.from({ length: 22 }, () => randomInt(10)).join('')}`
