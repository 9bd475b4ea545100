import type { OrderMoney } from '../account/order-money.ts'
import type { AlertFacts } from '../alert/facts.ts'
import type { MatchedBy } from '../case/log.ts'
import { compareOrder, DAY_MS, isWorthLess, SALE_DAYS, type Candidate, type ComparedField } from './compare.ts'

/** Why a match is open. */
export type OpenReason =
  /** No stored order fits. */
  | 'none'
  /** More than one order fits equally well, or more than can be compared. */
  | 'several'
  /** The best order is contradicted by a field that both sides know. */
  | 'contradicted'
  /** The platform names two orders. */
  | 'platform-differs'
  /** The search reaches back before the stored orders are complete. */
  | 'incomplete'

/**
 * How sure it is which order an alert is about. `certain`: it may be acted on. `likely`: a hypothesis, which waits for the platform;
 * `isTimed`: the alert states the time of sale. `open`: a person must tell.
 */
export type Assessment = { candidates: readonly Candidate[]; notFound: NotFound } & (
  | { verdict: 'certain'; orderId: string; by: MatchedBy }
  | { verdict: 'likely'; orderId: string; by: 'card'; isTimed: boolean }
  | { verdict: 'open'; reason: OpenReason }
)

/**
 * Whether "could not find order" would be true. `certain`: no stored order can be the sale, and the store is complete as far back as
 * the sale may lie · `incomplete`: it is not · `possible`: an order that cannot be excluded is stored, or the alert says too little.
 */
export type NotFound = 'certain' | 'incomplete' | 'possible'

/** Everything a match is weighed from; times are milliseconds. */
export interface MatchQuestion {
  facts: AlertFacts
  /** When the alert was issued. It never stands in for an unknown time of sale. */
  alertAt: number
  /** The order the platform names; two where its own statements differ and its record does not decide. */
  namedOrderIds: readonly string[]
  /** The order a person chose. */
  chosenOrderId: string | null
  /**
   * Our own match, as it is kept with the case. `isActedOn`: money moved or an answer went out because of it, and it is final until the
   * platform or a person names another order; before that it holds for as long as the search finds that order and no other.
   */
  own: { orderId: string; by: MatchedBy; isActedOn: boolean } | null
  /** Every stored order that shares a value with the alert, and every one that cannot be excluded. */
  candidates: readonly OrderMoney[]
  /** More orders share a value than were read. */
  isCut: boolean
  /** Since when the stored orders are complete; null: nothing is known to be complete. */
  completeSince: number | null
  /** Some stored order carries exactly the alert's merchant account: both sides name accounts alike. */
  knowsMerchantAccount: boolean
  lookbackMs: number
}

/** Farther from a stated time of sale no order can be the sale. */
const EXCLUDED_DAYS = 10

/** Weighs an alert against every candidate; pure. */
export function assessMatch(question: MatchQuestion): Assessment {
  const candidates = question.candidates.map(order => compareOrder(question, order))
  const shared = { candidates, notFound: notFoundBy(question) }
  const { chosenOrderId, namedOrderIds, own } = question
  if (chosenOrderId !== null) return { ...shared, verdict: 'certain', orderId: chosenOrderId, by: 'person' }
  if (namedOrderIds.length > 1) return { ...shared, verdict: 'open', reason: 'platform-differs' }
  const [named] = namedOrderIds
  if (named !== undefined) {
    const record = candidates.find(({ orderId }) => orderId === named)
    const isContradicted = record !== undefined && contradicts(question, record)
    return isContradicted
      ? { ...shared, verdict: 'open', reason: 'contradicted' }
      : { ...shared, verdict: 'certain', orderId: named, by: 'platform' }
  }
  const kept: Verdict | null = own === null ? null : { verdict: 'certain', orderId: own.orderId, by: own.by }
  if (kept !== null && own?.isActedOn === true) return { ...shared, ...kept }
  const found = byReference(question, candidates) ?? byCard(question, candidates)
  if (own === null || kept === null || found.verdict === 'open') return { ...shared, ...found }
  if (found.orderId !== own.orderId) return { ...shared, ...OPEN('several') }
  const isAsGood = found.verdict === 'certain' || (own.by === 'card' && found.isTimed)
  return { ...shared, ...(isAsGood ? kept : found) }
}

type Verdict =
  | { verdict: 'certain'; orderId: string; by: MatchedBy }
  | { verdict: 'likely'; orderId: string; by: 'card'; isTimed: boolean }
  | { verdict: 'open'; reason: OpenReason }

const OPEN = (reason: OpenReason): Verdict => ({ verdict: 'open', reason })

/**
 * An order that shares a transaction, an ARN or an authorization with the alert; the strongest of them decides. One that shares it
 * and bears another card is a contradiction for a person, never passed over.
 */
function byReference(question: MatchQuestion, candidates: readonly Candidate[]): Verdict | null {
  for (const [by, fits] of REFERENCES) {
    const found = candidates.filter(fits)
    if (found.length === 0) continue
    // Several orders of one transaction: the amount decides, or a person.
    const chosen = found.length === 1 ? found : found.filter(agrees('amount'))
    if (chosen.length !== 1) return OPEN('several')
    const [one] = chosen as [Candidate]
    if (contradicts(question, one)) return OPEN('contradicted')
    return { verdict: 'certain', orderId: one.orderId, by }
  }
  return null
}

const agrees = (field: ComparedField) => (one: Candidate) => one.agreements.includes(field)
const differs = (field: ComparedField) => (one: Candidate) => one.contradictions.includes(field)
const isOtherCard = (one: Candidate) => differs('first_six')(one) || differs('last_four')(one)

const REFERENCES: readonly (readonly [MatchedBy, (one: Candidate) => boolean])[] = [
  ['transaction_id', agrees('transaction_id')],
  // An ARN belongs to one transaction. Where a wallet hides the card, the amount replaces its last four.
  [
    'arn',
    one =>
      agrees('arn')(one) &&
      (agrees('last_four')(one) || differs('last_four')(one) || (one.isWallet && agrees('amount')(one))),
  ],
  ['auth_id', one => agrees('auth_code')(one) && agrees('last_four')(one)],
]

/** A transaction, an ARN or an authorization ties the alert to the order: more than a likely match. */
export const isByReference = (one: Candidate): boolean => REFERENCES.some(([, fits]) => fits(one))

/** What forbids to act on an order that is otherwise certain. An alert over less than the order is a partial alert, no contradiction. */
function contradicts({ facts, candidates }: MatchQuestion, { orderId, contradictions }: Candidate): boolean {
  const order = candidates.find(one => one.orderId === orderId)
  return contradictions.some(field => {
    if (field === 'amount') return order !== undefined && isWorthLess(facts, order)
    return field === 'first_six' || field === 'last_four' || field === 'merchant_account'
  })
}

/** Exactly one paid order of the card, amount and currency, at the stated time of sale, or else within the time looked back. */
function byCard(question: MatchQuestion, candidates: readonly Candidate[]): Verdict {
  const { facts, alertAt, lookbackMs, completeSince } = question
  const isTimed = facts.transactionAt !== undefined
  const [from, to] = isTimed
    ? [facts.transactionAt! - SALE_DAYS * DAY_MS, facts.transactionAt! + SALE_DAYS * DAY_MS]
    : [alertAt - lookbackMs, alertAt + DAY_MS]
  const alike = question.candidates.filter((order, i) => {
    const one = candidates[i]!
    const isCard = agrees('first_six')(one) && agrees('last_four')(one)
    // Where a wallet hides the card, the authorization at the stated time replaces it.
    const isHidden = isTimed && one.isWallet && agrees('auth_code')(one)
    const isFit = (isCard || isHidden) && agrees('amount')(one)
    // An order whose time of sale is not stated may be this sale too.
    const isThen = order.soldAt === null || (order.soldAt >= from && order.soldAt <= to)
    return isFit && isThen
  })
  // Unpaid attempts beside the paid one do not count, unless the alert may be about one of them; a cancelled order may have been paid.
  const fits = alike.filter(({ unpaidNow }) => unpaidNow !== 'declined' && unpaidNow !== 'voided')
  if (fits.length === 0) return OPEN('none')
  const mayBeUnpaid = alike.some(order => isUnpaidLike(facts, order))
  // An order whose sale was replaced under its id may have been the one that is meant.
  const mayBeReplaced = question.candidates.some(isSwapped)
  if (fits.length > 1 || question.isCut || mayBeUnpaid || mayBeReplaced) return OPEN('several')
  const [order] = fits as [OrderMoney]
  const one = candidates.find(({ orderId }) => orderId === order.orderId)!
  if (one.contradictions.length > 0 || isOtherTransaction(facts, order)) return OPEN('contradicted')
  // Without a time of sale nothing tells whether this order fits at all.
  if (order.soldAt === null) return OPEN('none')
  if (completeSince === null || completeSince > from) return OPEN('incomplete')
  return { verdict: 'likely', orderId: order.orderId, by: 'card', isTimed }
}

/**
 * The merchant's own transaction is stated on both sides, and they differ. Gateway and CRM may name it each in their own way, so this
 * contradicts no reference; but a hypothesis it leaves to a person: the sale may be one that was never delivered.
 */
const isOtherTransaction = ({ merchantTransactionId: id }: AlertFacts, { transactionId }: OrderMoney): boolean =>
  id !== undefined && transactionId !== null && id !== transactionId

/** Only what was cleared has an ARN, and only what was authorized a code: without them an alert may be about an unpaid attempt. */
const isUnpaidLike = ({ arn, authCode: code }: AlertFacts, { unpaidNow }: OrderMoney): boolean =>
  arn === undefined && (unpaidNow === 'voided' || (unpaidNow === 'declined' && code === undefined))

function notFoundBy(question: MatchQuestion): NotFound {
  const { facts, alertAt, completeSince, lookbackMs, isCut } = question
  if (facts.cardLast4 === undefined || isCut) return 'possible'
  if (question.candidates.some(order => mayBeTheSale(question, order))) return 'possible'
  const from = facts.transactionAt === undefined ? alertAt - lookbackMs : facts.transactionAt - EXCLUDED_DAYS * DAY_MS
  return completeSince === null || completeSince > from ? 'incomplete' : 'certain'
}

/** Nothing excludes that this order is the sale. */
function mayBeTheSale(question: MatchQuestion, order: OrderMoney): boolean {
  const { facts } = question
  const one = compareOrder(question, order)
  // What two sales were merged into may be either of them.
  if (isSwapped(order)) return true
  if (agrees('arn')(one) || agrees('transaction_id')(one)) return true
  if (isOtherCard(one) || isWorthLess(facts, order)) return false
  return !(
    facts.transactionAt !== undefined &&
    order.soldAt !== null &&
    Math.abs(order.soldAt - facts.transactionAt) > EXCLUDED_DAYS * DAY_MS
  )
}

/** Card, merchant account and transaction were replaced at once: the order may be two sales under one id. */
export const isSwapped = ({ holds }: OrderMoney): boolean => holds.some(({ reason }) => reason === 'swapped')
