/**
 * What is so, whoever was told of it. Nothing in this folder but the two drivers and the command imports from `src/`: what judges the
 * program shares no code with it. Amounts are whole minor units, times milliseconds since 1970.
 */

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export type Currency = 'USD' | 'EUR' | 'GBP' | 'JPY'

export interface Card {
  first6: string
  last4: string
  brand: 'visa' | 'mastercard'
}

/** Money that went back, by whom: `us` through the gateway, `hand` at the gateway, `past` by cheque or the like. */
export interface TrueRefund {
  id: string
  minor: number
  at: number
  by: 'us' | 'hand' | 'past'
  status: 'pending' | 'succeeded' | 'failed'
  /** When it became what it is now, where it was pending first. */
  settledAt: number | null
  /** Our idempotency key, where we made it. */
  reference: string
  arn: string | null
}

/** Money that a bank took back: RDR paid automatically, or a chargeback. */
export interface TakenBack {
  guid: string
  what: 'rdr' | 'chargeback'
  minor: number
  /** When the money was taken, and when the merchant was told (null: not yet). */
  at: number
  toldAt: number | null
  /** When the platform named the order, null where it never did. */
  matchedAt: number | null
  /** What the notice told of the sale. */
  namesArn: boolean
  namesCard: boolean
}

/** Statements of the CRM that are not so, or say too little; see `Sale.quirks`. */
export type Quirk =
  | 'called refunded without money'
  | 'refunded amount unknown'
  | 'amount per refund'
  | 'called cancelled after capture'
  | 'refunded past the gateway'
  | 'captured less than stated'

/** One payment, tried or made. */
export interface Sale {
  id: string
  orderGuid: string
  customer: number
  /** The card that the bank knows, and the digits that the CRM has of it (another number where a wallet stood in between). */
  card: Card
  crmCard: Card
  wallet: 'none' | 'named' | 'unnamed'
  currency: Currency
  /** What was to be paid. */
  total: number
  soldAt: number
  /** The date of the order, which is that of its first try. */
  orderedAt: number
  fate: 'paid' | 'declined' | 'voided' | 'authorized'
  captures: { minor: number; at: number }[]
  /** Earlier tries of the same order that were declined; where a CRM gives each its own order id they are sales of their own. */
  declines: number[]
  mid: string
  descriptor: string
  transactionId: string
  authCode: string
  arn: string
  isAuthenticated: boolean
  /** Known to the CRM's hook; `isLost`: no change of it was ever delivered. */
  isLost: boolean
  /** The fields that the store has been told, by which it can be found. */
  stated: {
    first6: boolean
    last4: boolean
    arn: boolean
    authCode: boolean
    transactionId: boolean
    currency: boolean
  }
  /** When the store first heard of it, and when of its ARN; null: never. */
  knownAt: number | null
  arnKnownAt: number | null
  refunds: TrueRefund[]
  taken: TakenBack[]
  quirks: { quirk: Quirk; at: number }[]
  refusal: 'none' | 'account closed' | 'not possible'
  /** How long the gateway refuses it with something that will pass, from the first try on; `passesAt`: until then. */
  passesAfterMs: number
  passesAt: number | null
  /** When the gateway can refund it first. */
  settlesAt: number
}

/** One notice of a dispute that wants an answer. */
export interface Alert {
  guid: string
  platform: 'midigator' | 'chargebackhit'
  network: 'ethoca' | 'verifi'
  isCdrn: boolean
  /** Null: none of the merchant's. */
  sale: Sale | null
  currency: Currency
  minor: number
  /** The amount as it stands on the wire; null: unreadable or absent. */
  amountText: string | null
  issuedAt: number
  arrivesAt: number
  caseNumber: string
  names: {
    arn: string | null
    first6: string | null
    last4: string | null
    authCode: string | null
    transactionId: string | null
    merchantTransactionId: string | null
    soldAt: number | null
    currency: boolean
  }
  mid: string
  descriptor: string
  card: Card
  kind:
    | 'plain'
    | 'part'
    | 'other currency'
    | 'unreadable amount'
    | 'foreign'
    | 'second, other network'
    | 'second, neighbour'
    | 'second, same sale'
  /** The sale the platform names, since when; null: it never names one. */
  match: { sale: Sale; at: number } | null
  /** Whether what is named is right. */
  requests: { at: number; minor: number; isGood: boolean }[]
  answer: Answered | null
}

/** The answer that the platform took, and what the oracle says of it. */
export interface Answered {
  at: number
  type: string
  description: string
  orderId: string | null
  untruth: string | null
  /** True as far as the program could know, of a sale that is the merchant's: its CRM never sent it, or hides its wallet. */
  isBlind: boolean
  /** It is about another sale, which cannot be distinguished from the alert's own: that one was never delivered. */
  isOfLookalike: boolean
}

export const sum = (amounts: readonly number[]): number => amounts.reduce((total, one) => total + one, 0)

/** What was captured by a time; in all, without one. */
export const capturedOf = ({ captures }: Sale, by = Infinity): number =>
  sum(captures.filter(({ at }) => at <= by).map(({ minor }) => minor))

/** What went back for sure, by anybody. */
export const refundedOf = ({ refunds }: Sale): number =>
  sum(refunds.filter(({ status }) => status === 'succeeded').map(({ minor }) => minor))

/** What went back or may still. */
export const heldOf = ({ refunds }: Sale): number =>
  sum(refunds.filter(({ status }) => status !== 'failed').map(({ minor }) => minor))

/** Decimal text of minor units, with the currency's digits. */
export function decimal(minor: number, currency: Currency): string {
  if (currency === 'JPY') return String(minor)
  const digits = String(minor).padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** Minor units of decimal text; null where it is finer than the currency, or none. */
export function minorOf(text: string, currency: Currency): number | null {
  const found = /^(\d+)(?:\.(\d+))?$/.exec(text)
  if (!found) return null
  const places = currency === 'JPY' ? 0 : 2
  const fraction = (found[2] ?? '').replace(/0+$/, '')
  if (fraction.length > places) return null
  return Number(found[1]! + fraction.padEnd(places, '0'))
}

export const wireTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`
