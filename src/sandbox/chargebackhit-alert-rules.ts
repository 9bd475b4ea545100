import type { PublishedAlert } from './chargebackhit-alerts.ts'
import { equalTo, oneOf, timed } from './chargebackhit-list.ts'
import type { ListRules } from './chargebackhit-list.ts'

const alert = (name: string) => (found: PublishedAlert) => found.record.alert[name]
const transaction = (name: string) => (found: PublishedAlert) => found.record.transaction[name]
const merchant = (name: string) => (found: PublishedAlert) => found.record.merchant[name]
const createdAt = (found: PublishedAlert) => found.createdAt
const publishedAt = (found: PublishedAlert) => found.publishedAt

/** How alerts are listed; the names are hearsay, the reference has their kinds alone. */
export const ALERT_RULES: ListRules<PublishedAlert> = {
  filters: {
    ids: oneOf(found => found.id),
    merchant_ids: oneOf(merchant('id')),
    merchant_internal_ids: oneOf(merchant('internal_id')),
    order_ids: oneOf(found => found.answers.final?.order_id),
    transaction_ids: oneOf(transaction('transaction_id')),
    transaction_merchant_ids: oneOf(transaction('transaction_merchant_id')),
    created_at_from: timed(createdAt, 'from'),
    created_at_to: timed(createdAt, 'to'),
    alert_date_from: timed(publishedAt, 'from'),
    alert_date_to: timed(publishedAt, 'to'),
    currencies: oneOf(alert('currency')),
    types: oneOf(found => found.type),
    outcomes: oneOf(found => found.answers.outcome),
    providers: oneOf(alert('provider')),
    products: oneOf(found => found.product),
    bin: equalTo(transaction('bin')),
    last_four: equalTo(transaction('last_four')),
    descriptors: oneOf(alert('descriptor')),
  },
  sorts: { created_at: createdAt, alert_date: publishedAt },
  seqOf: found => found.seq,
}
