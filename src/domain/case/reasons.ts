/** Why a case is where it is: a code for machines; for people a status, its cause and, where a person must decide, what to do. */
interface Reason {
  status: string
  cause: string
  action?: string
}

const CHECK_GATEWAY_FIRST =
  'If the deadline comes near, check the order at the gateway and resolve the alert with what is true.'
const APPROVE_OR_RESOLVE = 'Approve the refund, or resolve the alert.'
const BY_HAND = 'Refund by hand if money is owed, then resolve the alert with what is true.'

export const REASONS = {
  new: { status: 'New', cause: 'The event has just arrived.' },
  'not-enriched': {
    status: 'Reading details from the platform',
    cause: 'Money moves only after the platform’s own record was read.',
    action: 'Look the alert up at the platform, then resolve it with what is true.',
  },
  'unknown-to-platform': {
    status: 'Unknown to the platform',
    cause: 'The platform has had no record of this for ten minutes.',
    action: 'Ask the platform whether the notification is genuine. Approve the refund only if it is.',
  },
  'without-guid': {
    status: 'No reference to check',
    cause: 'The notification names nothing that the platform could be asked about.',
    action: 'Check the order at the platform, then approve the refund or resolve the alert.',
  },
  'unknown-partner': {
    status: 'Unknown alert partner',
    cause: 'The alert comes from a partner that order-sync does not know.',
    action: 'Find out who sent the alert, then resolve it with what is true.',
  },
  'answered-elsewhere': {
    status: 'Already answered at the platform',
    cause: 'The platform has an answer that was not given here. No money is moved.',
    action: 'Check the answer at the platform. If it is not true, contact the platform and refund by hand.',
  },
  'reading-again': {
    status: 'Reading the alert again',
    cause: 'Redis lost writes or was restored. The platform may have an answer that is not stored here.',
    action: 'Look the alert up at the platform, and resolve it only if it is open there.',
  },
  'answered-before': {
    status: 'Answered before the restore',
    cause: 'The platform has an answer, and the data from that time is lost. The answer is kept.',
  },
  'answer-unknown': {
    status: 'Answer at the platform unknown',
    cause:
      'The alert may have been answered after the backup that was restored, and the platform does not state answers.',
    action: 'Look the alert up at the platform. Resolve it, or approve its refund, only if it is open there.',
  },
  'writes-lost': {
    status: 'Looking up earlier refunds',
    cause: 'Redis lost writes or was restored. The refund waits until the gateway lists whatever was sent before.',
    action: CHECK_GATEWAY_FIRST,
  },
  notice: { status: 'Information only', cause: 'No refund or answer is needed.' },
  'no-match': {
    status: 'No order found',
    cause: 'No stored order fits the alert yet. Every new order is compared.',
    action: 'Find the order in the CRM and choose it here, or resolve the alert.',
  },
  'store-incomplete': {
    status: 'No order found in an incomplete store',
    cause: 'The sale may be older than the orders stored here, so “not found” cannot be answered automatically.',
    action: 'Look the sale up in the CRM. Choose its order here, or resolve the alert with could_not_find_order.',
  },
  'may-be-an-order': {
    status: 'Order not certain',
    cause: 'At least one stored order could be the sale, and nothing decides which.',
    action: 'Compare the candidates. Choose the order, or resolve the alert.',
  },
  'several-orders': {
    status: 'More than one order fits',
    cause: 'Nothing in the alert decides between the candidates.',
    action: 'Compare the candidates and choose the order.',
  },
  'platform-names-two-orders': {
    status: 'The platform names two orders',
    cause: 'Its notifications differ, and its own record names neither order.',
    action: 'Compare the orders and choose one.',
  },
  'match-contradicted': {
    status: 'Match contradicted',
    cause: 'Alert and order differ in a field that both state: card, merchant account, transaction or amount.',
    action: 'Compare alert and order. Choose the right order, or resolve the alert.',
  },
  'likely-match': {
    status: 'Likely match, waiting for the platform',
    cause: 'One order fits by card, amount and time of sale. The platform may still name the order.',
    action: 'Compare the order with the alert. Choose it if it is the sale.',
  },
  'likely-untimed': {
    status: 'Possible match, time of sale unknown',
    cause: 'One order fits by card and amount, and the alert does not state when the sale was.',
    action: 'Compare the order with the alert. Choose it if it is the sale.',
  },
  'match-conflict': {
    status: 'The platform names another order',
    cause: 'A refund or an answer went out for the order that was matched before.',
    action: 'Compare both orders. Refund by hand what is owed, then resolve the alert.',
  },
  'order-unknown': {
    status: 'Order not received',
    cause: 'The platform names its order, and no source has sent that order yet.',
    action: 'Have the CRM send the order, or resolve the alert.',
  },
  'order-erased': {
    status: 'Order erased',
    cause:
      'The platform names an order whose data was erased on request. The refunds of it that are on record do not answer the alert.',
    action: 'Look the payment up at the payment gateway, then resolve the alert with what is true.',
  },
  'second-alert-of-network': {
    status: 'Second alert of the same network',
    cause: 'Another case number or ARN usually means another sale, yet both alerts point to this order.',
    action: 'Find out which sale this alert is about. Choose its order, or resolve the alert.',
  },
  'asking-gateway': {
    status: 'Order matched',
    cause: 'The gateway is asked what it knows of the sale.',
    action: CHECK_GATEWAY_FIRST,
  },
  'no-gateway': {
    status: 'Refund by hand',
    cause: 'No payment gateway is configured: people refund, in the CRM or at the processor.',
    action:
      'Refund what is left of the order before the deadline, then record it here, or have the CRM state the refunded amount.',
  },
  'not-settled': {
    status: 'Order not settled',
    cause: 'Nothing was captured that could be refunded.',
    action: 'Void the authorization, or wait until the order is settled. Then resolve the alert.',
  },
  'gateway-not-settled': {
    status: 'Sale not settled at the gateway',
    cause: 'The gateway cannot refund the sale yet. The refund goes out once it can.',
    action: CHECK_GATEWAY_FIRST,
  },
  'gateway-list-lags': {
    status: 'Gateway list not current',
    cause: 'The gateway’s list may not show the newest refund yet. It is read again shortly.',
    action: CHECK_GATEWAY_FIRST,
  },
  'currency-unknown': {
    status: 'Currency unknown',
    cause: 'No source states the order’s currency, and DEFAULT_CURRENCY is not set.',
    action: 'Have the CRM send the currency, or set DEFAULT_CURRENCY.',
  },
  'captured-unknown': {
    status: 'Captured amount unknown',
    cause: 'No source states how much was captured for the order.',
    action: 'Have the CRM send captured_amount or order_total, or refund by hand and resolve the alert.',
  },
  'amount-too-fine': {
    status: 'Amount finer than the currency',
    cause: 'An amount of the order has more digits than its currency can move.',
    action: 'Have the CRM send exact amounts, or refund by hand and resolve the alert.',
  },
  'gateway-currency-differs': {
    status: 'Gateway states another currency',
    cause: 'Order and gateway differ in the currency of the sale.',
    action: BY_HAND,
  },
  'order-on-hold': {
    status: 'Order data in doubt',
    cause:
      'A change of the order’s money could not be read, lowered or withdrew a refund, or replaced card, account and transaction at once.',
    action: 'Check the order in the CRM. Then approve the refund, or resolve the alert.',
  },
  'refunded-amount-unknown': {
    status: 'Refunded amount unknown',
    cause: 'The CRM states a refund without its amount.',
    action: 'Have the CRM send refunded_to_date, or refund the rest by hand and resolve the alert.',
  },
  'refund-contradicted': {
    status: 'Refund not found at the gateway',
    cause: 'The CRM states a refund that the gateway’s list does not have.',
    action: 'Check the order at the gateway. Approve the refund if the money is still owed, or resolve the alert.',
  },
  'refunds-differ': {
    status: 'Refunded amounts differ',
    cause: 'CRM and gateway state different refunds of the order.',
    action: 'Check the order at the gateway. Approve what is still owed, or resolve the alert.',
  },
  'status-contradicted': {
    status: 'Status contradicts the amounts',
    cause: 'The CRM calls the order Refunded, and the stated amounts leave something to refund.',
    action: 'Check the order at the gateway. Approve what is still owed, or resolve the alert.',
  },
  'cancelled-contradicted': {
    status: 'Cancelled order with a payment',
    cause:
      'The CRM calls the order cancelled, declined or voided, and a payment was stated or is known to the gateway.',
    action: 'Check the order at the gateway. Approve what is still owed, or resolve the alert.',
  },
  'refundable-differs': {
    status: 'Refundable amount differs',
    cause: 'The gateway states another refundable amount than the order’s amounts leave.',
    action: 'Check the order at the gateway. Approve what is still owed, or resolve the alert.',
  },
  'gateway-silent': {
    status: 'Gateway does not show nothing is left',
    cause:
      '“Nothing to refund” is answered only where the gateway states that nothing is refundable, or lists refunds of all that was captured.',
    action: 'Check the order at the gateway, then resolve the alert with what is true.',
  },
  'never-paid': { status: 'Never paid', cause: 'The order was cancelled, declined or voided: nothing was captured.' },
  'no-trigger': {
    status: 'Order matched',
    cause: 'Waiting for the platform’s refund request.',
    action: APPROVE_OR_RESOLVE,
  },
  'awaiting-request': {
    status: 'Order matched',
    cause: 'Waiting a moment for the platform’s refund request.',
    action: APPROVE_OR_RESOLVE,
  },
  'awaiting-alert': {
    status: 'Waiting for the alert',
    cause: 'The alert this refund request belongs to may still be on its way.',
    action: APPROVE_OR_RESOLVE,
  },
  'request-names-another-order': {
    status: 'Refund request names another order',
    cause: 'The notification and the platform’s record name different orders.',
    action: 'Compare both orders. Approve the refund of the right one by hand, then resolve the alert.',
  },
  'request-amount-differs': {
    status: 'Refund request over another amount',
    cause: 'The requested amount is neither the order’s total nor what was captured or is refundable.',
    action: 'Compare both amounts. Approve the refund, or resolve the alert.',
  },
  'not-wanted': { status: 'No refund requested', cause: 'Nothing asks for a refund.' },
  'nothing-left': { status: 'Nothing left to refund', cause: 'Everything captured is already refunded.' },
  'rest-changed': {
    status: 'Refundable amount changed',
    cause: 'The refund is planned again from the new amount.',
    action: 'Reload and check the refundable amount before you approve.',
  },
  'refunds-off': {
    status: 'Refunds are off',
    cause: 'The refund continues when the refund mode is changed.',
    action: 'Set the refund mode, or refund by hand and resolve the alert.',
  },
  'approve-mode': { status: 'Awaiting approval', cause: 'Refund mode: manual approval.', action: APPROVE_OR_RESOLVE },
  'above-limit': {
    status: 'Above the automatic limit',
    cause: 'The amount exceeds the automatic refund limit.',
    action: APPROVE_OR_RESOLVE,
  },
  'hourly-limit': {
    status: 'Hourly limit reached',
    cause: 'The refunds of the last hour reached their limit.',
    action: 'Make sure that this many refunds are meant, then approve this refund.',
  },
  'other-currency': {
    status: 'Currency without a limit',
    cause: 'The refund limits are set in another currency.',
    action: APPROVE_OR_RESOLVE,
  },
  'alert-in-other-currency': {
    status: 'Alert in another currency',
    cause: 'Alert and order state different currencies, and the platform’s order record does not settle the amount.',
    action: 'Compare both amounts. Approve the refund, or resolve the alert.',
  },
  'alert-amount-unknown': {
    status: 'Alert amount unknown',
    cause: 'The alert states no amount and currency that could be compared with the order.',
    action: APPROVE_OR_RESOLVE,
  },
  'amount-differs': {
    status: 'Alert above the order',
    cause: 'The alert’s amount is greater than what was captured.',
    action: 'Compare alert and order. Choose the right order, approve the refund, or resolve the alert.',
  },
  'part-of-order': {
    status: 'Alert over part of the order',
    cause: 'The alert’s amount is less than what was captured.',
    action: 'Approve the alert’s amount or the whole rest, or resolve the alert.',
  },
  'refused-by-person': {
    status: 'Refund declined',
    cause: 'A person decided against the refund.',
    action: 'Resolve the alert; “other” takes your own words.',
  },
  refunding: { status: 'Refund in progress', cause: 'The refund is being sent.', action: CHECK_GATEWAY_FIRST },
  'refund-under-way': {
    status: 'Refund in progress',
    cause: 'The refund is on its way to the gateway.',
    action: CHECK_GATEWAY_FIRST,
  },
  'refund-uncertain': {
    status: 'Refund unconfirmed',
    cause: 'The gateway did not answer. Its records are read before anything is sent again.',
    action: CHECK_GATEWAY_FIRST,
  },
  'refund-pending': {
    status: 'Refund pending',
    cause: 'The gateway has accepted the refund and not confirmed it.',
    action: 'Check the refund at the gateway. Send the prepared resolution if the deadline comes near.',
  },
  'refund-refused-for-now': {
    status: 'Refund refused for now',
    cause: 'The gateway’s reason will pass. The refund is tried again until the hard stop.',
    action: 'Refund by another way and resolve the alert, or approve another try.',
  },
  'refund-parked': {
    status: 'Refund status unknown',
    cause: 'The refund was sent, and the gateway’s records do not show it.',
    action: 'Check the gateway. Approve to send the refund again if it is missing; otherwise resolve the alert.',
  },
  'transaction-taken': {
    status: 'Transaction used by another order',
    cause: 'Another order was refunded by the same transaction id.',
    action: 'Have the CRM send the right transaction_id, or refund by hand and resolve the alert.',
  },
  'refund-refused': {
    status: 'Refund refused',
    cause: 'The gateway refused the refund.',
    action: 'Refund by another way and resolve the alert, approve another try, or let “other” go out at the hard stop.',
  },
  'refund-time-unknown': {
    status: 'Time of the refund unknown',
    cause: 'The order is refunded, and nothing states whether before or after the alert.',
    action: 'Check the refund at the gateway, then resolve the alert with what is true.',
  },
  'refund-taken-back': {
    status: 'Refund failed after success',
    cause: 'The gateway took the refund, and now reports it as failed.',
    action: 'Refund by hand. The alert’s answer rests on that refund: contact the platform if you cannot.',
  },
  'rdr-paid': {
    status: 'Paid by RDR',
    cause: 'RDR has already paid this sale. A refund would pay twice.',
    action: 'Check that RDR paid the whole amount, then resolve the alert with what is true.',
  },
  'untied-notice': {
    status: 'Possible chargeback or RDR payment',
    cause: 'A chargeback or an RDR notice without an order may concern this sale. A refund could pay twice.',
    action: 'Compare the notice with the order. Approve the refund only if it is about another sale.',
  },
  chargeback: {
    status: 'Charged back',
    cause: 'The order is charged back. A refund would pay twice.',
    action: 'Do not refund. Answer the chargeback, and resolve the alert with “other” if the platform should know.',
  },
  'paid-twice': {
    status: 'Paid twice',
    cause:
      'Refunds, RDR payments and chargebacks of the sale together exceed what was captured, or one refund was made twice.',
    action: 'Contest the chargeback with proof of the refund, or recover the refund. Then close the case.',
  },
  'may-be-paid-twice': {
    status: 'Possibly paid twice',
    cause: 'This chargeback or RDR payment may concern a sale that was refunded.',
    action:
      'Compare it with the refunded order. Contest it with proof of the refund if it is the same sale. Then close the case.',
  },
  'second-alert-differs': {
    status: 'Second alert over another amount',
    cause: 'The order was refunded for another alert, and this alert names another amount.',
    action: 'Find out what this alert is about, then resolve it with what is true.',
  },
  'captured-grew': {
    status: 'Captured amount grew after the refund',
    cause: 'The alert’s refund was sent, and more was captured since.',
    action: 'Check whether the rest is owed. Approve it, or resolve the alert with what is true.',
  },
  'answer-chosen': {
    status: 'Sending the resolution',
    cause: 'The resolution is stored and on its way to the platform.',
    action: 'If the deadline comes near, contact the platform by another way.',
  },
  answered: { status: 'Resolved', cause: 'The platform accepted the resolution.' },
  'answer-refused': {
    status: 'Resolution rejected',
    cause: 'The platform rejected the resolution.',
    action: 'Read the platform’s words and resolve the alert with another resolution.',
  },
  'probably-answered': {
    status: 'Probably resolved',
    cause: 'The platform rejected the resolution after an attempt that it did not answer: it probably has it.',
    action: 'Check the alert at the platform. Resolve it again only if it is open there.',
  },
  'deadline-passed': {
    status: 'Response deadline passed',
    cause: 'The alert was not answered in time.',
    action: 'Contact the platform and expect a chargeback. A refund now may pay twice.',
  },
  'refund-done': { status: 'Refunded', cause: 'The order was refunded, and no alert asks for an answer.' },
  'taken-over': { status: 'Handled with its alert', cause: 'An alert of the same order carries this request.' },
  'asked-after-answer': {
    status: 'Refund request after the answer',
    cause: 'The platform asks to refund the order after its alert was answered otherwise.',
    action: 'Decide whether to refund by hand: the answer is final, and a refund may not stop the chargeback.',
  },
  'chargeback-told': { status: 'Chargeback recorded', cause: 'The order is marked as charged back.' },
  closed: { status: 'Closed', cause: 'A person has dealt with it.' },
} as const satisfies Record<string, Reason>

export type ReasonCode = keyof typeof REASONS

/** The state in one sentence with its cause. */
export const describeReason = (code: ReasonCode): string => `${REASONS[code].status}. ${REASONS[code].cause}`

/** What a person must do; null when no action is needed. */
export function actionOf(code: ReasonCode): string | null {
  const reason: Reason = REASONS[code]
  return reason.action ?? null
}
