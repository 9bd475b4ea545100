import type { AnswerType } from '../../domain/resolution-types.ts'
import type { Outcome } from './wire.ts'

/** Chargebackhit's guide, "Product insights": its word for each answer that an `init-refund` can come to. */
const OUTCOME_OF: Record<AnswerType, Outcome> = {
  issued_full_refund: 'reversed',
  issued_refund_for_remaining_amount: 'reversed',
  previously_refunded_nothing_to_do: 'previously-reversed',
  declined_or_canceled_nothing_to_do: 'decline',
  could_not_find_order: 'not-found',
  unable_to_refund_merchant_account_closed: 'reverse-error',
  other: 'reverse-error',
  shipped: 'shipped',
  // Never chosen for it: the vendor has no word for a cardholder whom the bank authenticated.
  '3ds_authorized_successfully': 'reverse-error',
}

/** The outcome that says what an answer says. */
export const outcomeOf = (type: AnswerType): Outcome => OUTCOME_OF[type]
