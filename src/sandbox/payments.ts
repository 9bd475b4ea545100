import type { Inbox } from './inbox.ts'
import { DECIMAL } from './decimal.ts'

/** What was captured of an order: decimal text, its currency, and by which transaction where that was told. */
export interface Payment {
  captured: string
  currency: string
  transaction_id?: string | undefined
}

/** What the gateway captured: as it was told, or else the total of the order that the Data API was sent; nothing of a cancelled one. */
export class Payments {
  readonly #told = new Map<string, Payment>()
  readonly #inbox: Inbox

  constructor(inbox: Inbox) {
    this.#inbox = inbox
  }

  /** Says what was captured of an order; it outranks the order's record. */
  set(orderId: string, payment: Payment): void {
    this.#told.set(orderId, { ...payment })
  }

  /** Undefined where the gateway knows no such order. */
  of(orderId: string): Payment | undefined {
    const told = this.#told.get(orderId)
    if (told) return told
    const record = this.#inbox.record(orderId)
    const captured = record?.['order_total']
    if (typeof captured !== 'string' || !DECIMAL.test(captured)) return undefined
    const currency = record?.['currency']
    const isUnpaid = record?.['order_status'] === 'Cancelled'
    return { captured: isUnpaid ? '0.00' : captured, currency: typeof currency === 'string' ? currency : 'USD' }
  }

  /** The payment that this transaction made; undefined where it was another one. Any transaction is this one while none was told. */
  by(orderId: string, transactionId: string | null): Payment | undefined {
    const payment = this.of(orderId)
    const isAnother = transactionId !== null && (payment?.transaction_id ?? transactionId) !== transactionId
    return isAnother ? undefined : payment
  }

  clear(): void {
    this.#told.clear()
  }
}
