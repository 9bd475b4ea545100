import { capturedOf, DAY, decimal, HOUR, MINUTE, minorOf, refundedOf, sum, type Alert, type Sale } from './truth.ts'

/** What an answer claims, whatever the platform calls it. */
type Claim =
  | 'refunded since'
  | 'refunded before'
  | 'never paid'
  | 'not found'
  | 'authenticated'
  | 'account closed'
  | 'could not refund'
  | 'pending'
  | 'shipped'

/** Midigator Prevention API 1.0.0, "resolution_type"; Chargebackhit's guide, outcomes of `init-refund`. */
const CLAIMS: Readonly<Record<string, Claim>> = {
  issued_full_refund: 'refunded since',
  issued_refund_for_remaining_amount: 'refunded since',
  previously_refunded_nothing_to_do: 'refunded before',
  declined_or_canceled_nothing_to_do: 'never paid',
  could_not_find_order: 'not found',
  '3ds_authorized_successfully': 'authenticated',
  unable_to_refund_merchant_account_closed: 'account closed',
  other: 'could not refund',
  reversed: 'refunded since',
  'previously-reversed': 'refunded before',
  decline: 'never paid',
  'not-found': 'not found',
  'reverse-error': 'could not refund',
  pending: 'pending',
  shipped: 'shipped',
}

export interface AnswerSeen {
  at: number
  type: string
  description: string
  orderId: string | null
}

/** What the store could know of the sale that an alert is about, for "not found". */
export interface SearchTruth {
  /** Why no "not found" may go out; null: no stored order could be the sale, and the store was complete. */
  mayNotBeMissing: string | null
}

/** A sale and a stated time of it lie at most so far apart. */
const STATED_MS = 3 * DAY

/**
 * The order that was taken for the alert's sale (`orderId`; null: the answer names none) where no better was known: the sale itself was not delivered, and one stored
 * order, and no other, has its card, amount and currency at the stated time of sale, while nothing that both sides know differs.
 */
export function lookalikeOf(alert: Alert, orderId: string | null, { sales }: { sales: readonly Sale[] }, at: number): Sale | null {
  const { sale, names, match } = alert
  if (sale === null || names.soldAt === null || (match !== null && match.at <= at)) return null
  const isStored = ({ knownAt }: Sale) => knownAt !== null && knownAt <= at
  if (isStored(sale)) return null
  const isAlike = (one: Sale) =>
    isStored(one) && one.card.first6 === sale.card.first6 && one.card.last4 === sale.card.last4 && one.currency === alert.currency &&
    one.fate === 'paid' && [one.total, capturedOf(one)].includes(alert.minor) && [one.soldAt, one.orderedAt].some(sold => Math.abs(sold - names.soldAt!) <= STATED_MS)
  const alike = sales.filter(isAlike)
  const [one] = alike
  if (alike.length !== 1 || (orderId ?? one!.id) !== one!.id) return null
  const differs = (mine: string | null, its: string, isKnown: boolean) => isKnown && mine !== null && mine !== its
  const isOther =
    differs(names.arn, one!.arn, one!.arnKnownAt !== null) || differs(names.authCode, one!.authCode, one!.stated.authCode) ||
    differs(names.merchantTransactionId, one!.transactionId, one!.stated.transactionId)
  return isOther ? null : one!
} // prettier-ignore

/** Within so long of each other, a refund and its alert count as one. */
const TOGETHER_MS = 10 * MINUTE
const REQUESTED_MS = 72 * HOUR

/** Why an answer is not true of the sale at the moment it was taken; null: it is. */
export function untruthOf(alert: Alert, answer: AnswerSeen, search: SearchTruth): string | null {
  const claim = CLAIMS[answer.type]
  const { sale } = alert
  if (claim === undefined) return `no such answer: ${answer.type}`
  if (claim === 'not found') return notFound(sale, search)
  if (sale === null) return `it is about a sale of the merchant's, and there is none`
  if (answer.orderId !== null && answer.orderId !== sale.id) return `it names order ${answer.orderId}`
  switch (claim) {
    case 'refunded since':
      return refundedSince(alert, sale, answer.at)
    case 'refunded before':
      return refundedBefore(alert, sale, answer.at)
    case 'never paid':
      return capturedOf(sale, answer.at) === 0 && sale.fate !== 'authorized' ? null : `${money(sale, capturedOf(sale, answer.at))} was captured`
    case 'authenticated':
      return sale.isAuthenticated ? null : 'the cardholder was not authenticated'
    case 'account closed':
      return sale.refusal === 'account closed' && left(sale, answer.at) > 0 ? null : 'the merchant account is not closed, or nothing was left'
    case 'pending':
      return sale.refunds.some(({ status }) => status === 'pending') ? null : 'no refund is pending'
    case 'shipped':
      return 'nobody said that it was shipped'
    case 'could not refund':
      return couldNot(sale, answer)
  }
} // prettier-ignore

/**
 * What the CRM never sent is not in the order management system that we are, and a wallet that is not named as one cannot be told from
 * another card: "not found" is true of them, where the search could not know better. Of what came before the CRM was connected it is not.
 */
function notFound(sale: Sale | null, { mayNotBeMissing }: SearchTruth): string | null {
  if (sale === null) return null
  if (sale.knownAt !== null && sale.wallet !== 'unnamed') return `it is order ${sale.id}, which the store knows`
  return mayNotBeMissing
}

/** Whether a true "not found" is about a sale of the merchant's all the same. */
export const isBlind = ({ sale }: Alert, { type }: AnswerSeen): boolean => CLAIMS[type] === 'not found' && sale !== null

const left = (sale: Sale, by: number): number => capturedOf(sale, by) - refundedOf(sale)
const money = (sale: Sale, minor: number) => `${decimal(minor, sale.currency)} ${sale.currency}`

/** All that was captured went back, some of it since the alert, or for it. */
function refundedSince(alert: Alert, sale: Sale, now: number): string | null {
  if (capturedOf(sale, now) === 0) return 'nothing was captured'
  if (left(sale, now) > 0) return `${money(sale, left(sale, now))} was not refunded`
  const since = sale.refunds.filter(({ status, at, settledAt }) => status === 'succeeded' && (isFor(alert, at) || isFor(alert, settledAt ?? at)))
  return since.length > 0 ? null : 'all of it was refunded before the alert'
} // prettier-ignore

/** An order to refund of the last 72 hours asks for its alert's refund, though the alert may come after it. */
function isFor(alert: Alert, at: number): boolean {
  if (at >= alert.issuedAt - TOGETHER_MS) return true
  return alert.requests.some(request => request.at <= at && at - request.at <= REQUESTED_MS)
}

function refundedBefore(alert: Alert, sale: Sale, now: number): string | null {
  if (capturedOf(sale, now) === 0) return 'nothing was captured'
  if (left(sale, now) > 0) return `${money(sale, left(sale, now))} was not refunded`
  const before = sale.refunds.filter(({ status, at }) => status === 'succeeded' && at <= alert.issuedAt + TOGETHER_MS)
  const early = sum(before.map(({ minor }) => minor))
  return early >= capturedOf(sale, now)
    ? null
    : `${money(sale, capturedOf(sale, now) - early)} was refunded after the alert`
}

/** The money is not all back, and the words say nothing that is not so. */
function couldNot(sale: Sale, { description, at }: AnswerSeen): string | null {
  if (left(sale, at) <= 0 && capturedOf(sale, at) > 0) return 'all of it was refunded'
  if (/no refund was made/i.test(description) && sale.refunds.some(({ status }) => status !== 'failed'))
    return 'its words say that no refund was made, and one was'
  const stated = /(\d+(?:\.\d+)?) [A-Z]{3} was refunded/.exec(description)?.[1]
  if (stated !== undefined && minorOf(stated, sale.currency) !== refundedOf(sale))
    return `its words say that ${stated} was refunded, and ${money(sale, refundedOf(sale))} was`
  const isSubmitted = /refund of .* was submitted/i.test(description)
  if (isSubmitted) return sale.refunds.some(({ status }) => status === 'pending') ? null : 'no refund is pending'
  const isRefused =
    sale.refusal !== 'none' || sale.settlesAt > at || (sale.passesAt ?? 0) > at || sale.refunds.some(({ status }) => status === 'failed')
  return isRefused ? null : 'the gateway refused nothing but what was asked for wrongly'
} // prettier-ignore
