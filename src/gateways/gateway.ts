/** Limits of one call: `timeoutMs` for the whole of it. */
export interface GatewayLimits {
  timeoutMs: number
  signal?: AbortSignal
}

/** `pending` is not confirmed: it may still become either. */
export type RefundStatus = 'succeeded' | 'pending' | 'failed'

/** One refund as the gateway states it; amounts are canonical decimal text. */
export interface GatewayRefund {
  refundId: string
  status: RefundStatus
  amount: string
  /** Acquirer reference number of the refund, where it is known yet. */
  arn: string | null
}

/**
 * What a refusal is worth. `final`: asking again for the same is pointless · `passing`: the same refund is accepted later ·
 * `look-again`: the account of the sale is not what it was taken for, so it must be read again.
 */
export type RefusalKind = 'final' | 'passing' | 'look-again'

/** What a refund's call came to. Only `nothing` may have taken effect unseen. */
export type RefundAnswer =
  | { said: 'refund'; refund: GatewayRefund }
  /** `code` is the gateway's, else `http-<status>`; `words` are masked and at most 300 characters. */
  | { said: 'refused'; kind: RefusalKind; code: string; words: string }
  /** It surely had no effect: never connected, not let in, too fast, redirected. */
  | { said: 'not-taken'; why: string; retryAfterMs: number | null }
  /** It may have taken effect: no answer, a failure of theirs, or an answer that cannot be read or does not fit. Look it up. */
  | { said: 'nothing'; why: string }

/** One refund in the gateway's list. */
export interface ListedRefund extends GatewayRefund {
  /** The reference it was asked with; null for one made by hand, and where the gateway does not return it. */
  reference: string | null
  createdAt: number | null
  /** The gateway states only the day: `createdAt` is that day's end, UTC. */
  isDayOnly?: true
}

/**
 * What the gateway states about one order. The list of refunds is whole or the report is not read; every other member is null
 * where it is absent or cannot be read.
 */
export type RefundsReport =
  | {
      read: true
      refunds: ListedRefund[]
      /** Captured by the transaction asked about, less every refund that has not failed; canonical decimal. */
      refundableAmount: string | null
      /** ISO 4217 code of `refundableAmount`. */
      currency: string | null
      /** False: the transaction cannot be refunded yet. */
      settled: boolean | null
    }
  | { read: false; why: string }

/** Whose refunds are looked up: all of the order, and what is refundable of the transaction where it is known. */
export interface RefundsQuery {
  orderId: string
  transactionId: string | null
}

/** What a refund is asked with: `amount` canonical, `reference` ours, by which the refund is found again. */
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
  /** Its name in keys, metrics and logs. */
  name: string
  /** For how long it keeps idempotency keys, ms; 0 = not at all. */
  keepsKeysMs: number
  /** Sends a stored body under its stored key, byte for byte. */
  refund(request: { body: string; key: string }, limits: GatewayLimits): Promise<RefundAnswer>
  findRefunds(about: RefundsQuery, limits: GatewayLimits): Promise<RefundsReport>
  /** The body of a refund: the same text for the same request. */
  bodyOf(request: RefundRequest): string
}
