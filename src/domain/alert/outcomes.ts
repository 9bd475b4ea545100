import type { AnswerType } from './resolution-types.ts'

/** What Chargebackhit takes for an answer: the reference shows six of the eight, the guide spells out all for `init-refund` [R]. */
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

export type Outcome = (typeof OUTCOMES)[number]

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

/** The word that a case's platform has for an answer beside ours; null where ours is its own. */
export const outcomeTo = (platform: string, type: AnswerType): Outcome | null =>
  platform === 'chargebackhit' ? outcomeOf(type) : null
