/** Midigator Prevention API 1.0.0, "resolution": what an alert can be answered with. */
export const RESOLUTION_TYPES = [
  'could_not_find_order',
  'declined_or_canceled_nothing_to_do',
  'issued_full_refund',
  'issued_refund_for_remaining_amount',
  '3ds_authorized_successfully',
  'other',
  'previously_refunded_nothing_to_do',
  'unable_to_refund_merchant_account_closed',
] as const

export type ResolutionType = (typeof RESOLUTION_TYPES)[number]

/** Every answer that a case can come to; `shipped` (the goods are on their way, nothing is given back) only Chargebackhit takes. */
export const ANSWER_TYPES = [...RESOLUTION_TYPES, 'shipped'] as const
export type AnswerType = (typeof ANSWER_TYPES)[number]

/** Answers that a platform has no word for. */
const WORDLESS: Readonly<Record<string, readonly AnswerType[]>> = {
  midigator: ['shipped'],
  chargebackhit: ['3ds_authorized_successfully'],
}

/** Whether the platform of a case takes this answer; a case's id begins with its platform's name. */
export const takesAnswer = (caseId: string, type: AnswerType): boolean =>
  WORDLESS[caseId.slice(0, caseId.indexOf(':'))]?.includes(type) !== true

/** The answers that the platform of a case takes. */
export const answerTypesOf = (caseId: string): readonly AnswerType[] =>
  ANSWER_TYPES.filter(type => takesAnswer(caseId, type))

/** How a platform is told that the alert's own amount was refunded, and the order is worth more: Chargebackhit has a word for it. */
export const partialRefundType = (caseId: string): AnswerType =>
  caseId.startsWith('chargebackhit:') ? 'issued_refund_for_remaining_amount' : 'other'

/** Whether the platform names the merchant's order itself, and so may still do so. */
export const namesOrders = (caseId: string): boolean => !caseId.startsWith('chargebackhit:')

/** Whether the platform's record of an alert states the answer that it has. Midigator's does not. */
export const statesAnswers = (caseId: string): boolean => caseId.startsWith('chargebackhit:')
