import { ALERT, MERCHANT, RECORD, TRANSACTION, type AlertType, type Product } from '../platforms/chargebackhit/wire.ts'

/** What an alert to be made up shall say; an absent amount is made up, and so are ids. What is absent of its card stays so. */
export interface Simulation {
  type: AlertType
  product?: Product
  amount?: string
  currency?: string
  /** The merchant's own id of the transaction. */
  transaction?: string
  arn?: string
  authCode?: string
  bin?: string
  lastFour?: string
  /** When it was paid, RFC 3339. */
  paidAt?: string
}

/** The product whose alerts are of this type, where none is named. */
const USUAL: Record<AlertType, Product> = {
  inquiry: 'oi',
  prevented: 'oi',
  'init-refund': 'ethoca',
  resolved: 'rdr',
  'fraud-notification': 'visa-fraud',
  'dispute-notification': 'visa-dispute',
}
const OF_ETHOCA: ReadonlySet<Product> = new Set(['ethoca', 'consumer-clarity'])
const DAY_MS = 86_400_000

/** By the first digit of a card. */
const BRANDS: Partial<Record<string, string>> = { 3: 'amex', 4: 'visa', 5: 'mastercard', 6: 'discover' }

/** The body of “Generate sandbox alert”: a webhook as it would come. `ids` gives a new UUID each time it is asked. */
export function simulatedAlert(wish: Simulation, { now, ids }: { now: number; ids: () => string }) {
  const { amount = '26.85', currency = 'USD', bin, lastFour, authCode, arn } = wish
  const product = wish.product ?? USUAL[wish.type]
  const descriptor = 'ORDER-SYNC*TEST'
  return {
    [RECORD.alert]: {
      [ALERT.id]: ids(),
      [ALERT.type]: wish.type,
      [ALERT.product]: product,
      [ALERT.provider]: OF_ETHOCA.has(product) ? 'ethoca' : 'verifi',
      [ALERT.date]: new Date(now).toISOString(),
      [ALERT.amount]: amount,
      [ALERT.currency]: currency,
      [ALERT.outcome]: '',
      [ALERT.cardAcceptorId]: '123456789012',
      [ALERT.acquirerBin]: '412345',
      [ALERT.mcc]: '5734',
      [ALERT.descriptor]: descriptor,
      [ALERT.reasonCode]: '10.4',
      [ALERT.reasonGroup]: 'fraud',
    },
    [RECORD.transaction]: {
      [TRANSACTION.merchantId]: wish.transaction ?? `simulated-${ids()}`,
      [TRANSACTION.id]: ids(),
      [TRANSACTION.date]: wish.paidAt ?? new Date(now - DAY_MS).toISOString(),
      [TRANSACTION.amount]: amount,
      [TRANSACTION.currency]: currency,
      [TRANSACTION.type]: 'sale',
      ...(bin !== undefined && { [TRANSACTION.bin]: bin, [TRANSACTION.cardBrand]: BRANDS[bin[0] ?? ''] ?? 'other' }),
      ...(lastFour !== undefined && { [TRANSACTION.lastFour]: lastFour }),
      ...(authCode !== undefined && { [TRANSACTION.authCode]: authCode }),
      ...(arn !== undefined && { [TRANSACTION.arn]: arn }),
    },
    [RECORD.merchant]: {
      [MERCHANT.id]: ids(),
      [MERCHANT.internalId]: 'order-sync-simulation',
      [MERCHANT.descriptor]: descriptor,
      [MERCHANT.name]: 'order-sync simulation',
    },
  }
}
