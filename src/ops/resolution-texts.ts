import { ANSWER_TYPES, type AnswerType } from '../domain/alert/resolution-types.ts'

/** What each resolution states, for the person who has to choose one. */
export const RESOLUTION_TEXTS: Record<AnswerType, string> = {
  could_not_find_order: 'No stored order fits the alert.',
  declined_or_canceled_nothing_to_do: 'The order was declined, voided or cancelled: nothing was captured.',
  issued_full_refund: 'The whole order was refunded because of this alert.',
  issued_refund_for_remaining_amount: 'Part was refunded before; the rest was refunded because of this alert.',
  '3ds_authorized_successfully': 'The bank authenticated the cardholder (3-D Secure).',
  other: 'Something else, in your own words.',
  previously_refunded_nothing_to_do: 'The whole order was refunded before this alert.',
  unable_to_refund_merchant_account_closed: 'The order cannot be refunded: the merchant account is closed.',
  shipped: 'The goods were shipped; no refund is made.',
}

export const isAnswerType = (text: unknown): text is AnswerType => ANSWER_TYPES.some(type => type === text)
