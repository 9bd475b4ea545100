import type { OrderMoney } from '../account/order-money.ts'
import type { AlertFacts } from '../alert/facts.ts'
import { compareAmounts, greatestAmount } from '../basics/money.ts'

/** What is compared of an alert and an order. */
export type ComparedField =
  | 'order_id' | 'transaction_id' | 'arn' | 'auth_code' | 'first_six' | 'last_four' | 'amount' | 'currency' | 'time_of_sale'
  | 'merchant_account' | 'descriptor' | 'paid' // prettier-ignore

/** One order beside the alert. What either side does not know, or could not read, agrees with nothing. */
export interface Candidate {
  orderId: string
  agreements: ComparedField[]
  contradictions: ComparedField[]
  unknowns: ComparedField[]
  /** Paid by a wallet, whose card number differs from the buyer's by design. */
  isWallet: boolean
}

/** An alert, and whether some stored order carries exactly its merchant account: both sides name accounts alike then. */
interface Compared {
  facts: AlertFacts
  knowsMerchantAccount: boolean
}

export const DAY_MS = 86_400_000
/** A sale and its clearing lie at most so far apart. */
export const SALE_DAYS = 3

const isSameCurrency = ({ currency }: AlertFacts, order: OrderMoney) =>
  currency !== undefined && order.currency !== null && currency === order.currency

/** In one currency, the order is worth less than the alert. */
export function isWorthLess(facts: AlertFacts, order: OrderMoney): boolean {
  const { amount } = facts
  if (amount === undefined || !isSameCurrency(facts, order)) return false
  const amounts = [order.captured, order.total].filter(one => one !== null)
  return amounts.length > 0 && compareAmounts(greatestAmount(...amounts), amount) < 0
}

/** Nothing known excludes that the alert is about the order, or about part of it. */
export function mayBeAbout(facts: AlertFacts, order: OrderMoney): boolean {
  const { contradictions } = compareOrder({ facts, knowsMerchantAccount: false }, order)
  return contradictions.every(field => field === 'amount') && !isWorthLess(facts, order)
}

/** Compares every field that both sides know. */
export function compareOrder(question: Compared, order: OrderMoney): Candidate {
  const compared = Object.entries(comparisons(question, order)) as [ComparedField, boolean | null][]
  const of = (result: boolean | null) => compared.flatMap(([field, one]) => (one === result ? [field] : []))
  const { orderId, isWallet } = order
  return { orderId, agreements: of(true), contradictions: of(false), unknowns: of(null), isWallet }
}

/** true: they agree; false: they contradict each other; null: unknown. */
function comparisons(
  { facts, knowsMerchantAccount }: Compared,
  order: OrderMoney,
): Record<ComparedField, boolean | null> {
  // A wallet's card number differs from the buyer's by design.
  const card = (mine: string | undefined, its: string | null) => (order.isWallet ? null : isSame(mine, its))
  const ids = [facts.transactionId, facts.merchantTransactionId]
  const sameAccount = isSame(facts.mid, order.merchantAccount)
  return {
    order_id: isSame(facts.orderId, order.orderId),
    // Gateway, CRM and network name transactions each in their own way: another id contradicts nothing.
    transaction_id: ids.some(id => isSame(id, order.transactionId) === true) || null,
    arn: isSame(facts.arn, order.arn),
    auth_code: isSame(authCode(facts.authCode), authCode(order.authCode)),
    first_six: card(facts.cardFirst6, order.cardFirst6),
    last_four: card(facts.cardLast4, order.cardLast4),
    amount: isSameAmount(facts, order),
    currency: isSameCurrency(facts, order) || null,
    time_of_sale: isSameTime(facts, order),
    merchant_account: sameAccount === false && !knowsMerchantAccount ? null : sameAccount,
    descriptor: isSameDescriptor(facts.descriptor, order.descriptor),
    paid: order.unpaidNow !== null ? false : order.settled || null,
  }
}

const isSame = (mine: string | null | undefined, its: string | null | undefined): boolean | null =>
  mine == null || its == null ? null : mine === its

/** Some senders drop leading zeros; nothing but zeros stands for no code. */
const authCode = (text: string | null | undefined) => text?.trim().toUpperCase().replace(/^0+/, '') || null

/** What was captured or was to be paid, in one and the same currency; another currency is unknown. */
function isSameAmount(facts: AlertFacts, order: OrderMoney): boolean | null {
  const { amount } = facts
  if (amount === undefined || !isSameCurrency(facts, order)) return null
  const amounts = [order.captured, order.total].filter(one => one !== null)
  return amounts.length === 0 ? null : amounts.some(one => compareAmounts(one, amount) === 0)
}

/** A time farther off contradicts nothing: clearing and rebilling move it. */
const isSameTime = ({ transactionAt }: AlertFacts, { soldAt }: OrderMoney): boolean | null =>
  (transactionAt !== undefined && soldAt !== null && Math.abs(soldAt - transactionAt) <= SALE_DAYS * DAY_MS) || null

/** Statements cut descriptors short: a common beginning agrees, and nothing contradicts. */
function isSameDescriptor(mine: string | undefined, its: string | null): boolean | null {
  const plain = (text: string) =>
    text
      .toUpperCase()
      .replace(/[^A-Z0-9]/g, '')
      .slice(0, 8)
  return (mine !== undefined && its !== null && plain(mine) !== '' && plain(mine) === plain(its)) || null
}
