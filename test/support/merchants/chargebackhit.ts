import type { Body } from './midigator.ts'
import { decimal, wireTime, type Alert, type Sale, type TakenBack } from './truth.ts'

/** An alert as the webhook and "Get alert by ID" show it; `outcome` once it is answered. */
export function alertRecord(alert: Alert, outcome: string): Body {
  const { names } = alert
  return {
    alert: {
      id: alert.guid,
      type: 'init-refund',
      product: alert.isCdrn ? 'cdrn' : 'ethoca',
      provider: alert.network,
      date: wireTime(alert.issuedAt),
      card_acceptor_id: alert.mid,
      ...(alert.amountText !== null && { amount: alert.amountText }),
      currency: alert.currency,
      descriptor: alert.descriptor,
      reason_code: '10.4',
      outcome,
    },
    transaction: {
      ...(names.merchantTransactionId !== null && { transaction_merchant_id: names.merchantTransactionId }),
      ...(names.transactionId !== null && { transaction_id: names.transactionId }),
      ...(names.soldAt !== null && { date: wireTime(names.soldAt) }),
      ...(alert.amountText !== null && { amount: alert.amountText }),
      currency: alert.currency,
      type: 'sale',
      card_brand: alert.card.brand,
      ...(names.first6 !== null && { bin: names.first6 }),
      ...(names.last4 !== null && { last_four: names.last4 }),
      ...(names.authCode !== null && { auth_code: names.authCode }),
      ...(names.arn !== null && { arn: names.arn }),
    },
    merchant: { id: 'a3f1', internal_id: 'shop', descriptor: alert.descriptor, name: 'Shop' },
  }
}

/** RDR (`resolved`) and disputes inform; they never name an order. */
export const noticeRecord = (sale: Sale, taken: TakenBack): Body => ({
  alert: {
    id: taken.guid,
    type: taken.what === 'rdr' ? 'resolved' : 'dispute-notification',
    product: taken.what === 'rdr' ? 'rdr' : 'visa-dispute',
    provider: 'verifi',
    date: wireTime(taken.at),
    card_acceptor_id: sale.mid,
    amount: decimal(taken.minor, sale.currency),
    currency: sale.currency,
    descriptor: sale.descriptor,
  },
  transaction: {
    date: wireTime(sale.soldAt),
    amount: decimal(taken.minor, sale.currency),
    currency: sale.currency,
    card_brand: sale.card.brand,
    ...(taken.namesCard && { bin: sale.card.first6 }),
    last_four: sale.card.last4,
    ...(taken.namesArn && { arn: sale.arn }),
  },
  merchant: { id: 'a3f1', internal_id: 'shop', descriptor: sale.descriptor, name: 'Shop' },
})
