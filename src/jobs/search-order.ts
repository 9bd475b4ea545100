import type { AlertFacts } from '../domain/alert/facts.ts'
import { matchAlert, type Match } from '../domain/match/match-alert.ts'
import { moneyOf, type OrderMoney } from '../domain/account/order-money.ts'
import type { OrderStore } from '../store/order-store.ts'

export type SearchedOrders = Pick<OrderStore, 'read' | 'find'>

/**
 * Matches an alert with the orders that carry one of its values (rule 9). `at` stands in for the time of the sale where the alert does not
 * tell it. What a weaker rule would compare is not read once a stronger one fits: a card may have very many orders.
 */
export async function searchOrder(orders: SearchedOrders, facts: AlertFacts, at: number): Promise<Match> {
  const soldAt = facts.transactionAt ?? facts.issuedAt ?? at
  let isCut = false
  for (const { by, values } of lookUpsOf(facts)) {
    const found = (await Promise.all(values.map(value => orders.find(by, value)))).flat()
    const ids = [...new Set(found)]
    const records = await Promise.all(ids.slice(0, CANDIDATES).map(id => orders.read(id)))
    const candidates = records.flatMap((record): OrderMoney[] => (record === null ? [] : [moneyOf(record, 'USD')]))
    const match = matchAlert(facts, soldAt, candidates, by)
    // Among more than can be compared another one may fit as well, or the only one.
    isCut ||= ids.length > CANDIDATES
    if (match.found === 'one' && isCut) return { found: 'many', orderIds: [match.orderId] }
    if (match.found !== 'none') return match
  }
  return isCut ? { found: 'many', orderIds: [] } : { found: 'none' }
}

/** Of the orders with one value, as many are compared. */
const CANDIDATES = 200

/** By which values the orders are found that a rule could fit, the strongest rule first. */
function lookUpsOf({ transactionId, merchantTransactionId, arn, authCode, cardFirst6, cardLast4 }: AlertFacts) {
  const card = cardFirst6 !== undefined && cardLast4 !== undefined ? `${cardFirst6}-${cardLast4}` : undefined
  const lookUps = [
    ['transaction_id', [transactionId, merchantTransactionId]],
    ['arn', [arn]],
    ['auth_id', [authCode]],
    ['card', [card]],
  ] as const
  return lookUps.map(([by, values]) => ({ by, values: values.filter(value => value !== undefined) }))
}
