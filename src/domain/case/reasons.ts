/** Why a case stands where it stands: one word for machines, a sentence for people, and what a person must decide, if one must. */
interface Why {
  says: string
  decide?: string
}

const IF_TIME_RUNS_OUT =
  'Nothing, unless its time runs out: then look the order up at the gateway, and tell the platform what is true.'
const REFUND_OR_ANSWER = 'Approve the refund, or resolve the alert with the answer that is true.'

export const WHYS = {
  new: { says: 'It has just come in.' },
  'not-enriched': {
    says: 'The platform is being asked for the whole alert.',
    decide: 'Look the alert up at the platform; then resolve it with the answer that is true.',
  },
  'unknown-partner': {
    says: 'The alert comes from a partner that is not known here.',
    decide: 'Find out who sent it; then refund and resolve it by hand, or resolve it with the answer that is true.',
  },
  'answered-elsewhere': {
    says: 'The platform has an answer to it that was not given here; no money is moved for it.',
    decide: 'Look the alert up at the platform; where its answer is not true, tell the platform, and refund by hand.',
  },
  notice: { says: 'It informs only: nothing is refunded and nothing is answered.' },
  'no-match': {
    says: 'No order fits it yet; every order that comes in is looked at again.',
    decide: 'Find the order in the CRM and have it sent here, or resolve the alert.',
  },
  'several-orders': {
    says: 'More than one order fits it.',
    decide:
      'Find the right order; refund it by hand if it must be refunded, and resolve the alert with the answer that is true.',
  },
  'match-conflict': {
    says: 'The platform ties it to another order than the one we were refunding.',
    decide: 'Look at both orders; refund by hand what is left to refund, then resolve the alert.',
  },
  'order-unknown': {
    says: 'The platform names its order, and the CRM has not told us of that order.',
    decide: 'Have the CRM send the order, or resolve the alert with the answer that is true.',
  },
  'not-settled': {
    says: 'The order is not settled: nothing was collected that could be given back.',
    decide: 'Void the authorization or wait until it is settled; then resolve the alert.',
  },
  'captured-unknown': {
    says: 'Nobody said how much was collected for the order.',
    decide: 'Have the CRM send captured_amount or order_total, or refund by hand and resolve the alert.',
  },
  'refunded-amount-unknown': {
    says: 'The CRM says that something was refunded, and nobody says how much.',
    decide: 'Have the CRM send refunded_to_date, or refund the rest by hand and resolve the alert.',
  },
  'refund-contradicted': {
    says: 'The CRM calls the order refunded, and the payment gateway says that it is not.',
    decide: 'Look the order up at the gateway; refund by hand what is left, then resolve the alert.',
  },
  'never-paid': { says: 'The order was cancelled, declined or voided: nothing was collected.' },
  'no-trigger': {
    says: 'The order is known; the order to refund it has not come yet.',
    decide: REFUND_OR_ANSWER,
  },
  'not-wanted': { says: 'Nothing asks for a refund.' },
  'nothing-left': { says: 'Everything was given back already.' },
  'rest-changed': { says: 'What is left to give back has changed; the refund is worked out anew.' },
  'refunds-off': {
    says: 'Refunds are switched off; it goes on when they are switched on again.',
    decide: 'Switch refunds on, or refund by hand and resolve the alert.',
  },
  'approve-mode': { says: 'Every refund is released by a person.', decide: REFUND_OR_ANSWER },
  'above-limit': { says: 'The amount is above the limit for refunds by themselves.', decide: REFUND_OR_ANSWER },
  'hourly-limit': {
    says: 'The refunds of the last hour have reached their limit.',
    decide: 'Make sure that so many refunds are meant; then approve this one.',
  },
  'other-currency': { says: 'The amount is in a currency that the limits do not know.', decide: REFUND_OR_ANSWER },
  'amount-differs': {
    says: 'The alert’s amount is neither what was collected nor what is left of it.',
    decide: REFUND_OR_ANSWER,
  },
  'refused-by-person': {
    says: 'A person decided against the refund.',
    decide: 'Resolve the alert with the answer that is true; `other` takes your own words.',
  },
  refunding: { says: 'The refund is being made.', decide: IF_TIME_RUNS_OUT },
  'refund-under-way': { says: 'The refund is on its way to the payment gateway.', decide: IF_TIME_RUNS_OUT },
  'refund-uncertain': {
    says: 'The gateway did not answer; its records are looked through before anything is sent again.',
    decide: IF_TIME_RUNS_OUT,
  },
  'refund-pending': { says: 'The gateway has the refund and is not done with it.', decide: IF_TIME_RUNS_OUT },
  'refund-parked': {
    says: 'Nobody can tell whether the refund took effect.',
    decide:
      'Look the order up at the gateway. If nothing was refunded, approve to send it again; if it was, resolve the alert.',
  },
  'transaction-taken': {
    says: 'Another order was refunded by the same transaction id.',
    decide: 'Have the CRM send the right transaction_id, or refund by hand and resolve the alert.',
  },
  'refund-refused': {
    says: 'The payment gateway refused the refund.',
    decide:
      'Refund by another way and resolve the alert, approve to try once more, or let `other` be answered at the last moment.',
  },
  'refund-time-unknown': {
    says: 'The order was given back, and nobody says whether before the alert or since.',
    decide: 'Look the refund up at the gateway; resolve the alert with the answer that is true.',
  },
  'refund-taken-back': {
    says: 'The gateway reported the refund as made, and now as failed.',
    decide: 'Refund by hand; the alert was answered as refunded, so tell the platform if it cannot be.',
  },
  'rdr-paid': {
    says: 'RDR has paid this already; a refund would pay twice.',
    decide: 'Make sure that RDR paid the whole; resolve the alert with the answer that is true.',
  },
  chargeback: {
    says: 'The order is charged back: a refund would pay twice.',
    decide: 'Do not refund. Answer the chargeback itself; resolve the alert with `other` if it should be told.',
  },
  'second-alert-differs': {
    says: 'The order was refunded for another alert, and this one names another amount.',
    decide: 'Find out what this alert is about; resolve it with the answer that is true.',
  },
  'answer-chosen': {
    says: 'The answer is written down and on its way.',
    decide: 'Nothing, unless its time runs out: then tell the platform by another way.',
  },
  answered: { says: 'The platform has the answer.' },
  'answer-refused': {
    says: 'The platform refused the answer.',
    decide: 'Read the platform’s words; resolve the alert with another answer.',
  },
  'probably-answered': {
    says: 'The platform refused the answer after a try that it did not answer: it probably has it.',
    decide: 'Look the alert up at the platform; resolve it again only if it is open there.',
  },
  'deadline-passed': {
    says: 'Its time to be answered has passed.',
    decide: 'Tell the platform by another way, and look out for the chargeback.',
  },
  'refund-done': { says: 'The order was refunded; no alert asks for an answer.' },
  'taken-over': { says: 'An alert of the same order carries it on.' },
  'asked-after-answer': {
    says: 'The platform asks to refund the order after its alert was answered otherwise.',
    decide: 'Decide whether to refund by hand: the answer is final, and a refund after it may not stop the chargeback.',
  },
  'chargeback-told': { says: 'The order is marked as charged back.' },
} as const satisfies Record<string, Why>

export type WhyCode = keyof typeof WHYS

export const saysOf = (code: WhyCode): string => WHYS[code].says
/** What a person must decide; null when nobody must. */
export const decisionOf = (code: WhyCode): string | null => {
  const why: Why = WHYS[code]
  return why.decide ?? null
}
