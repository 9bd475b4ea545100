import { ANSWER_TYPES, type AnswerType } from '../domain/alert/resolution-types.ts'

/** What each answer says, for whoever has to choose one. */
export const RESOLUTION_SAYS: Record<AnswerType, string> = {
  could_not_find_order: 'No order of ours fits the alert.',
  declined_or_canceled_nothing_to_do: 'The order was declined, voided or cancelled: nothing was collected.',
  issued_full_refund: 'The whole order was given back because of this alert.',
  issued_refund_for_remaining_amount: 'Part was given back before; the rest was because of this alert.',
  '3ds_authorized_successfully': 'The bank authenticated the cardholder (3-D Secure): it stands.',
  other: 'Something else; say it in your own words.',
  previously_refunded_nothing_to_do: 'The whole order was given back before this alert came.',
  unable_to_refund_merchant_account_closed: 'It cannot be given back: the merchant account is closed.',
  shipped: 'The goods are on their way already: nothing is given back.',
}

export const isAnswerType = (text: unknown): text is AnswerType => ANSWER_TYPES.some(type => type === text)
