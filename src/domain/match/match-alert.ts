import type { AlertFacts } from '../alert/facts.ts'
import { compareAmounts } from '../basics/money.ts'
import type { OrderMoney } from '../account/order-money.ts'

/** By what an alert was tied to its order, strongest first (rule 9). */
export type MatchedBy = 'platform' | 'transaction_id' | 'arn' | 'auth_id' | 'card'

export type Match =
  { found: 'one'; orderId: string; by: MatchedBy } | { found: 'many'; orderIds: string[] } | { found: 'none' }

const DAY_MS = 86_400_000
const AUTH_DAYS = 2
const CARD_DAYS = 3

/**
 * Ties an alert to one of the orders that carry one of its values. The strongest rule that fits any order decides; more than
 * one order by it is a person's matter, never a guess. `at` is when the sale took place as far as the alert tells. `only`: no
 * other rule is tried.
 */
export function matchAlert(facts: AlertFacts, at: number, candidates: readonly OrderMoney[], only?: MatchedBy): Match {
  for (const [by, fits] of RULES) {
    if (only !== undefined && by !== only) continue
    const found = candidates.filter(order => fits(facts, at, order))
    if (found.length === 1) return { found: 'one', orderId: found[0]!.orderId, by }
    if (found.length > 1) return { found: 'many', orderIds: found.map(order => order.orderId).toSorted() }
  }
  return { found: 'none' }
}

type Rule = (facts: AlertFacts, at: number, order: OrderMoney) => boolean

const isSame = (a: string | null | undefined, b: string | null | undefined) => a !== undefined && a !== null && a === b
const isWithin = (order: OrderMoney, at: number, days: number) =>
  order.soldAt !== null && Math.abs(order.soldAt - at) <= days * DAY_MS
const isCard = ({ cardFirst6, cardLast4 }: AlertFacts, order: OrderMoney) =>
  isSame(cardFirst6, order.cardFirst6) && isSame(cardLast4, order.cardLast4)

const RULES: readonly (readonly [MatchedBy, Rule])[] = [
  ['transaction_id', ({ transactionId, merchantTransactionId }, _at, order) => [transactionId, merchantTransactionId].some(id => isSame(id, order.transactionId))],
  ['arn', (facts, _at, order) => isSame(facts.arn, order.arn)],
  ['auth_id', (facts, at, order) => isSame(facts.authCode, order.authCode) && isCard(facts, order) && isWithin(order, at, AUTH_DAYS)],
  ['card', (facts, at, order) => isCard(facts, order) && isAmount(facts, order) && isWithin(order, at, CARD_DAYS)],
] // prettier-ignore

/** The alert's amount is what was collected or was to be, in the order's currency (none named: US dollars, the vendor's default). */
function isAmount({ amount, currency }: AlertFacts, order: OrderMoney): boolean {
  if (amount === undefined || (currency ?? 'USD') !== (order.currency ?? 'USD')) return false
  return [order.captured, order.total].some(known => known !== null && compareAmounts(amount, known) === 0)
}
