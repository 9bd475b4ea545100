import { wholeOrder } from './orders.ts'

/** Alerts as Midigator sends them: what came, what order it belongs to, that it is to be refunded. */

/** Fifty alerts a second. */
export const ALERT_EVERY_MS = 20

const preventionGuid = (n: number): string => `pre_${String(n).padStart(32, '0')}`
const orderGuid = (n: number): string => `ord_${String(n).padStart(32, '0')}`
const NOW = new Date().toISOString()

/** What `GET /prevention/{guid}` answers of the alert numbered `n`. */
export function prevention(n: number): Record<string, unknown> {
  const order = wholeOrder(n)
  return {
    prevention_guid: preventionGuid(n),
    partner: 'ethoca',
    mid: '242',
    card_first_6: order.cc_first_6,
    card_last_4: order.cc_last_4,
    amount: Number(order.order_total),
    currency: 'USD',
    prevention_timestamp: NOW,
    matched_order_guid: orderGuid(n),
    matched_order_id: order.order_id,
  }
}

/** The three events of the alert numbered `n`, and how long after its first each is sent. */
export function alertEvents(n: number): { event: Record<string, unknown>; afterMs: number }[] {
  const { prevention_guid, partner, mid, card_first_6, card_last_4, amount, matched_order_id: order_id } = prevention(n)
  const order_guid = orderGuid(n)
  const event_timestamp = NOW
  return [
    { event: { event_type: 'prevention.new', prevention_guid, partner, mid, card_first_6, card_last_4, amount, event_timestamp }, afterMs: 0 },
    { event: { event_type: 'prevention.match', prevention_guid, order_guid, order_id, event_timestamp }, afterMs: 50 },
    { event: { event_type: 'order.refund', order_guid, order_id, amount, event_timestamp }, afterMs: REFUND_AFTER_MS },
  ] // prettier-ignore
}

/** When, after an alert's first event, its `order.refund` is sent. */
export const REFUND_AFTER_MS = 100
