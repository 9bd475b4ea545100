import type { Inbox } from './inbox.ts'
import { DECIMAL } from './decimal.ts'

/** What was captured of an order: decimal text, and its currency. */
export interface Payment {
  captured: string
  currency: string
}

/** What the gateway captured: as it was told, or else the total of the order that the Data API was sent. */
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
    return { captured, currency: typeof currency === 'string' ? currency : 'USD' }
  }

  clear(): void {
    this.#told.clear()
  }
}
