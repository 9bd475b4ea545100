/** Limits of one call: `timeoutMs` for the whole of it. */
export interface GatewayLimits {
  timeoutMs: number
  signal?: AbortSignal
}

/** `pending` is not confirmed: it may still become either. */
export type RefundStatus = 'succeeded' | 'pending' | 'failed'

/** One refund as the gateway tells it; amounts are canonical decimal text. */
export interface GatewayRefund {
  refundId: string
  status: RefundStatus
  amount: string
  /** Acquirer reference number of the refund, where it is known yet. */
  arn: string | null
}

/** What a refund's call came to. Only `nothing` may have taken effect unseen. */
export type RefundAnswer =
  | { said: 'refund'; refund: GatewayRefund }
  /** For good; `words` are masked and at most 300 characters. */
  | { said: 'refused'; code: string; words: string }
  /** The order has no more to refund. */
  | { said: 'already-refunded' }
  /** It surely had no effect: never connected, not let in, too fast, redirected. */
  | { said: 'not-taken'; why: string; retryAfterMs: number | null }
  /** Nobody knows: no answer, a failure of theirs, or one that cannot be read or fits not what was asked. Look it up. */
  | { said: 'nothing'; why: string }

/** All refunds of one order, or why they cannot be told; what cannot be read whole is not read. */
export type RefundsReport =
  | {
      read: true
      refunds: (GatewayRefund & { reference: string | null; createdAt: number | null })[]
      /** What can still be refunded, where the gateway says so. */
      refundableAmount: string | null
    }
  | { read: false; why: string }

/** What a refund is asked with; `amount` canonical, `reference` ours, by which it is found again. */
export interface RefundRequest {
  orderId: string
  transactionId: string
  amount: string
  currency: string
  reason: string
  reference: string
}

/** Who moves the money. Nothing here throws or tries again: the ledger decides what may be sent, and how often. */
export interface RefundGateway {
  /** One word, as it stands in keys, metrics and logs. */
  name: string
  /** For how long it keeps idempotency keys, ms; 0 = not at all. */
  keepsKeysMs: number
  /** Sends a stored body under its stored key, byte for byte. */
  refund(request: { body: string; key: string }, limits: GatewayLimits): Promise<RefundAnswer>
  findRefunds(orderId: string, limits: GatewayLimits): Promise<RefundsReport>
  /** The body of a refund: the same text for the same request. */
  bodyOf(request: RefundRequest): string
}
