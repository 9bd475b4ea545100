import type { AlertFacts } from '../domain/alert-facts.ts'
import { matchAlert, type Match } from '../domain/match-alert.ts'
import { moneyOf, type OrderMoney } from '../domain/order-money.ts'
import type { OrderStore } from '../store/order-store.ts'

export type SearchedOrders = Pick<OrderStore, 'read' | 'find'>

/**
 * Matches an alert with the orders that carry one of its values (rule 9). `at` stands in for the time of the sale where the alert does not
 * tell it.
 */
export async function searchOrder(orders: SearchedOrders, facts: AlertFacts, at: number): Promise<Match> {
  const { transactionId, merchantTransactionId, arn, authCode, cardFirst6, cardLast4 } = facts
  const card = cardFirst6 !== undefined && cardLast4 !== undefined ? `${cardFirst6}-${cardLast4}` : undefined
  const lookUps = [
    ['transaction_id', transactionId],
    ['transaction_id', merchantTransactionId],
    ['arn', arn],
    ['auth_id', authCode],
    ['card', card],
  ] as const
  const ids = new Set<string>()
  let isCut = false
  for (const [by, value] of lookUps) {
    if (value === undefined) continue
    const found = await orders.find(by, value)
    isCut ||= found.length > CANDIDATES
    for (const id of found.slice(0, CANDIDATES)) ids.add(id)
  }
  const records = await Promise.all([...ids].map(id => orders.read(id)))
  const candidates = records.flatMap((record): OrderMoney[] => (record === null ? [] : [moneyOf(record)]))
  const match = matchAlert(facts, facts.transactionAt ?? facts.issuedAt ?? at, candidates)
  // Among more than can be compared another one may fit as well.
  return isCut && match.found === 'one' ? { found: 'many', orderIds: [match.orderId] } : match
}

/** Of the orders with one value, as many are compared. */
const CANDIDATES = 200
