import { randomUUID } from 'node:crypto'

/** The six alert types of the reference. */
export const ALERT_TYPES = [
  'inquiry',
  'prevented',
  'init-refund',
  'resolved',
  'fraud-notification',
  'dispute-notification',
] as const

/** Product codes: the reference shows five of seven; the names of the notifications' and of the later one are hearsay. */
export const PRODUCTS = [
  'ethoca',
  'rdr',
  'oi',
  'cdrn',
  'consumer-clarity',
  'visa-dispute',
  'visa-fraud',
  'paypal',
] as const

/** The eight outcomes of the vendor's guide. */
export const OUTCOMES = [
  'reversed',
  'previously-reversed',
  'decline',
  'reverse-error',
  'not-found',
  'acknowledged',
  'pending',
  'shipped',
] as const

/** See `ALERT_TYPES`. */
export type AlertType = (typeof ALERT_TYPES)[number]
/** See `PRODUCTS`. */
export type Product = (typeof PRODUCTS)[number]
/** See `OUTCOMES`. */
export type AlertOutcome = (typeof OUTCOMES)[number]

/** The members of a JSON object on the vendor's wire. */
export type Members = Record<string, unknown>

/** What is published and read of an alert; the names of the members are in `draftRecord` alone, for most are hearsay. */
export interface WireAlert {
  alert: Members
  transaction: Members
  merchant: Members
}

/** The product of an alert where none is told. */
export const USUAL_PRODUCT: Record<AlertType, Product> = {
  inquiry: 'oi',
  prevented: 'oi',
  'init-refund': 'ethoca',
  resolved: 'rdr',
  'fraud-notification': 'visa-fraud',
  'dispute-notification': 'visa-dispute',
}

const OF_ETHOCA: ReadonlySet<Product> = new Set(['ethoca', 'consumer-clarity'])

/** What makes an alert; what is left out is made up. Members given for a part replace those made up for it. */
export interface AlertWish {
  type: AlertType
  product?: Product | undefined
  id?: string | undefined
  /** When it was published, RFC 3339. */
  date?: string | undefined
  /** Decimal text, of the alert and of the transaction. */
  amount?: string | undefined
  currency?: string | undefined
  alert?: Members
  transaction?: Members
  merchant?: Members
}

/** An alert as it is published, with every member that the sources name. */
export function draftRecord(wish: AlertWish): WireAlert {
  const { type, product = USUAL_PRODUCT[type], amount = '49.99', currency = 'USD' } = wish
  const date = wish.date ?? new Date().toISOString()
  // Of the groups only this one is named by any source.
  const reasonCode = typeof wish.alert?.['reason_code'] === 'string' ? wish.alert['reason_code'] : '10.4'
  return {
    alert: {
      id: wish.id ?? randomUUID(),
      type,
      product,
      provider: OF_ETHOCA.has(product) ? 'ethoca' : 'verifi',
      date,
      outcome: '',
      card_acceptor_id: '123456789012',
      acquirer_bin: '400005',
      amount,
      currency,
      mcc: '5968',
      descriptor: 'SHOP.EXAMPLE',
      reason_code: reasonCode,
      ...(reasonCode.startsWith('10.') && { reason_group: 'fraud' }),
      ...(product === 'rdr' && { rdr: { pricing_tier: '1' } }),
      ...wish.alert,
    },
    transaction: {
      transaction_id: String(Math.floor(Math.random() * 9e14) + 1e14),
      date,
      amount,
      currency,
      type: 'sale',
      card_brand: 'visa',
      bin: '401288',
      last_four: '0083',
      ...wish.transaction,
    },
    merchant: { ...SAMPLE_MERCHANT, ...wish.merchant },
  }
}

/** The first merchant of the account. */
export const SAMPLE_MERCHANT = {
  id: '5a0a3c6e-5f6b-4c1b-9a53-0f6f3b1f0a01',
  internal_id: 'mid_QWE12345',
  descriptor: 'SHOP.EXAMPLE',
  name: 'Example Shop',
}
