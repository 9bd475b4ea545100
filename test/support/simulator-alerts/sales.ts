/** A payment as it took place, whoever was told of it and whatever anybody says of it. Amounts are cents, times Redis' milliseconds. */
export interface Sale {
  /** Unique; `orderId` is what its shop calls it. */
  id: string
  orderId: string
  transaction: string
  cents: number
  currency: string
  card: { first6: string; last4: string }
  arn: string | null
  mid: string
  eci: string | null
  soldAt: number
  /** When its shop tells of it: before any alert, whenever it comes to it, or never. */
  delivery: 'early' | 'whenever' | 'never'
  /** What it is in truth. */
  stage: 'none' | 'authorized' | 'settled' | 'never paid'
  isDeclined: boolean
  captures: { cents: number; at: number }[]
  /** Given back by cheque or the like: the gateway never hears of it. */
  elsewhere: { cents: number; at: number }[]
  /** Taken back by the buyer's bank. `matterId`: by whose event anybody hears of it. */
  clawbacks: { kind: 'chargeback' | 'rdr'; cents: number; at: number; matterId: string }[]
}

export const sumOf = (parts: readonly { cents: number }[]): number => parts.reduce((sum, { cents }) => sum + cents, 0)

/** What was captured of it by now, in truth. */
export const capturedOf = ({ captures }: Sale): number => sumOf(captures)
