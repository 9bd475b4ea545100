/** An order as far as money and matching are concerned. Amounts are canonical decimals in `currency`; times are milliseconds. */
export interface OrderMoney {
  orderId: string
  rev: number
  settled: boolean
  /** Stated as declined, voided or cancelled, and never once stated as paid, captured in part, or refunded. */
  neverPaid: Unpaid | null
  /** Stated as declined, voided or cancelled now, whatever was stated before. */
  unpaidNow: Unpaid | null
  /** What was captured; `0` unless settled or where never paid, null when it is settled and the amount is unknown. */
  captured: string | null
  /** `captured` is what a source stated as captured; false: it is taken from the total, and may be less. */
  isCaptureStated: boolean
  /** What was to be paid, captured or not; null where no source stated it. */
  total: string | null
  /** As stated, else the merchant's default; null where there is neither. */
  currency: string | null
  reported: ReportedRefund | null
  chargeback: boolean
  fraud: boolean
  transactionId: string | null
  arn: string | null
  authCode: string | null
  cardFirst6: string | null
  cardLast4: string | null
  /** 3-D Secure's indicator and the card's brand, as the source stated them. */
  eci: string | null
  cardBrand: string | null
  /** `transaction_merchant_id`. */
  merchantAccount: string | null
  descriptor: string | null
  /** Paid by a wallet, whose card number differs from the buyer's by design. */
  isWallet: boolean
  /** When it was captured, else ordered; null where neither was stated. */
  soldAt: number | null
  /** The `order_total` that the platform acknowledged last, where it can be told. */
  acknowledgedTotal: string | null
  /** Why automatic refunds of the order wait for a person. */
  holds: readonly OrderHold[]
}

export type Unpaid = 'cancelled' | 'declined' | 'voided'

/**
 * What sources other than the ledger and the gateway state was refunded. `amount`: the greatest that a source ever stated, so
 * that a lowered one is noticed and not believed; null where only a flag or the status says that something was refunded.
 * `at`: when that was stated first. `byStatus`: the status is Refunded by a source's own statement.
 */
export interface ReportedRefund {
  amount: string | null
  at: number
  byStatus: boolean
}

/** A hold as decisions read it: names of fields and sources, never values. `at`: Redis' milliseconds, the newest of its reason. */
export interface OrderHold {
  reason: HoldReason
  detail: string
  at: number
}

/**
 * Why automatic refunds of an order wait for a person. `unreadable`: a change was rejected that states money of it · `lowered`:
 * a source lowered its own refunded amount, or no longer says that the order is refunded · `swapped`: one change replaced card,
 * merchant account and transaction (two shops that use one order id).
 */
export type HoldReason = 'unreadable' | 'lowered' | 'swapped'
