import type { Alert, Chargeback, Dispute } from './alerts.ts'
import type { OutgoingEvent } from './deliveries.ts'
import type { Generation } from './event-types.ts'
import { newGuid } from './guids.ts'
import type { WireOrder } from './midigator-order.ts'
import { WireNumber } from './wire-json.ts'

type Members = Record<string, unknown>

const eventIdOf = (generation: Generation): Members => (generation === 'later' ? { event_guid: newGuid('evr') } : {})

const cardOf = ({ card_first_6, card_last_4 }: Dispute): Members => ({ card_first_6, card_last_4 })

/** v0.6 names the partner, and the type beside it where it says more; later payloads have the type alone. */
const partnerOf = ({ partner, prevention_type }: Alert, generation: Generation): Members =>
  generation === 'later' ? { prevention_type: prevention_type ?? partner } : { partner, prevention_type }

const laterOf = (dispute: Dispute, generation: Generation): Members => {
  const { currency, merchant_descriptor, transaction_timestamp, reason_code } = dispute
  return generation === 'later'
    ? { currency, merchant_descriptor, transaction_timestamp, reason_code }
    : { reason_code }
}

/** The event that an alert has arrived. */
export function preventionNew(alert: Alert, generation: Generation): OutgoingEvent {
  const { prevention_guid, prevention_case_number, mid, arn, amount } = alert
  const members = {
    prevention_guid,
    event_type: 'prevention.new',
    ...partnerOf(alert, generation),
    ...eventIdOf(generation),
    ...(generation === 'later' && { prevention_case_number }),
    mid,
    arn,
    ...cardOf(alert),
    amount: new WireNumber(amount),
    ...laterOf(alert, generation),
  }
  return { event_type: 'prevention.new', guid: prevention_guid, members }
}

/** The event that a chargeback has arrived. */
export function chargebackNew(chargeback: Chargeback, generation: Generation): OutgoingEvent {
  const { chargeback_guid, case_number, mid, arn, card_brand, amount, chargeback_date } = chargeback
  const members = {
    chargeback_guid,
    event_type: 'chargeback.new',
    ...eventIdOf(generation),
    mid,
    arn,
    case_number,
    ...cardOf(chargeback),
    card_brand,
    amount: new WireNumber(amount),
    ...laterOf(chargeback, generation),
    chargeback_date,
  }
  return { event_type: 'chargeback.new', guid: chargeback_guid, members }
}

/** The event that an alert or a chargeback was tied to an order. */
export function matched(
  of: { prevention_guid: string } | { chargeback_guid: string },
  order: { order_guid: string; order_id: string },
  generation: Generation,
): OutgoingEvent {
  const [event_type, guid] =
    'prevention_guid' in of ? ['prevention.match', of.prevention_guid] : ['chargeback.match', of.chargeback_guid]
  const name = 'prevention_guid' in of ? 'prevention_guid' : 'chargeback_guid'
  return { event_type, guid, members: { event_type, [name]: guid, ...eventIdOf(generation), ...order } }
}

/** The event that an order should be refunded; `amount` is the order's total, and no alert is named. */
export function orderRefund(
  order: { order_guid: string; order_id: string },
  amount: string,
  generation: Generation,
): OutgoingEvent {
  const event_type = 'order.refund'
  const members = { event_type, ...eventIdOf(generation), ...order, amount: new WireNumber(amount) }
  return { event_type, guid: order.order_guid, members }
}

const matchOf = ({ matched_order_guid, matched_order_id }: Alert | Chargeback): Members =>
  matched_order_id === null ? {} : { matched_order_guid, matched_order_id }

/** What reading an alert answers. */
export function preventionBody(alert: Alert, generation: Generation): Members {
  const { prevention_guid, prevention_case_number, mid, arn, card_brand, amount, currency, prevention_timestamp } =
    alert
  return {
    prevention_guid,
    prevention_case_number,
    ...partnerOf(alert, generation),
    mid,
    arn,
    ...cardOf(alert),
    card_brand,
    amount: new WireNumber(amount),
    ...laterOf(alert, generation),
    currency,
    prevention_timestamp,
    ...matchOf(alert),
  }
}

/** What reading a chargeback answers. */
export function chargebackBody(chargeback: Chargeback, generation: Generation): Members {
  const { chargeback_guid, case_number, mid, arn, card_brand, amount, currency, chargeback_date } = chargeback
  return {
    chargeback_guid,
    case_number,
    mid,
    arn,
    ...cardOf(chargeback),
    card_brand,
    amount: new WireNumber(amount),
    ...laterOf(chargeback, generation),
    currency,
    chargeback_date,
    ...matchOf(chargeback),
  }
}

const BRANDS: Record<string, string> = {
  visa: 'visa',
  mastercard: 'mastercard',
  'american express': 'american_express',
  amex: 'american_express',
  discover: 'discover',
  diners: 'diners',
  'diners club': 'diners',
  elo: 'elo',
  paypal: 'paypal',
  jcb: 'jcb',
}

/** The newer APIs' word for a card type of the Data API; undefined where it is none of theirs. */
export const brandOf = (ccType: unknown): string | undefined =>
  typeof ccType === 'string' ? BRANDS[ccType.toLowerCase().replaceAll('_', ' ')] : undefined

/** What reading an order answers, from what the Data API was sent of it. */
export function orderBody(orderGuid: string, record: WireOrder): Members {
  const date = record['order_date']
  const total = record['order_total']
  return {
    order_guid: orderGuid,
    crm_order_id: record['order_id'],
    mid: record['transaction_merchant_id'],
    card_first_6: record['cc_first_6'],
    card_last_4: record['cc_last_4'],
    card_brand: brandOf(record['cc_type']),
    amount: typeof total === 'string' ? new WireNumber(total) : undefined,
    currency: record['currency'] ?? 'USD',
    billing_first_name: record['billing_first_name'],
    billing_last_name: record['billing_last_name'],
    order_date: typeof date === 'string' ? `${date.slice(0, 10)}T${date.slice(11, 19)}Z` : undefined,
  }
}
