import type { FieldError } from '../basics/field-error.ts'

/**
 * What a platform states about an alert, a chargeback or an order, in canonical form. What it does not state, or what cannot be read,
 * is absent: unknown, and never a default. Times are ms since 1970.
 */
export interface AlertFacts {
  /**
   * Who sent it, lower case: `ethoca`, `verifi`…; `verifi rdr` where the platform names a partner and a type that differ, and
   * `ethoca init-refund`, `rdr resolved` where it names what it wants.
   */
  partner?: string
  mid?: string
  arn?: string
  cardFirst6?: string
  cardLast4?: string
  cardBrand?: string
  /** Canonical decimal text, in whole minor units of the currency (two digits where none is known). */
  amount?: string
  /** ISO 4217, upper case. */
  currency?: string
  authCode?: string
  transactionId?: string
  /** The merchant's own name of the transaction, where the platform has both. */
  merchantTransactionId?: string
  /** When the sale took place; a time known only to the day is that day's end, UTC. */
  transactionAt?: number
  /** When the alert was issued. */
  issuedAt?: number
  /** `issuedAt` is known only to the day: it is that day's end, UTC. */
  isIssuedOnDay?: true
  caseNumber?: string
  orderGuid?: string
  orderId?: string
  descriptor?: string
  /** Reason code and words of alert and dispute type, lower case. */
  reason?: string
  rdrResolution?: 'accepted' | 'declined'
  /** The final answer that the platform already has, ours or not. */
  answeredAs?: string
  /** `YYYY-MM-DD`. */
  chargebackDate?: string
  dueDate?: string
}

/** One message of a platform about an alert, a chargeback, or a refund that it asks for. */
export interface AlertEvent {
  type: 'alert' | 'alert-match' | 'chargeback' | 'chargeback-match' | 'refund'
  /** Of the prevention alert, the chargeback or, for a refund, the order. */
  guid: string
  /** The platform gave no guid, and `guid` is `order:` with the order's id: nothing can be read back by it. */
  hasGuid?: false
  facts: AlertFacts
  /** Fields that were given and could not be read, each with what was expected; absent: none. */
  faults?: readonly FieldError[]
  /** When this delivery was sent, ms; null when absent or unreadable. A repeat bears another. */
  sentAt: number | null
}
