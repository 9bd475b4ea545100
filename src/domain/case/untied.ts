import { isRdrPaid } from '../account/account.ts'
import type { OrderMoney } from '../account/order-money.ts'
import { compareOrder, isWorthLess } from '../match/compare.ts'
import type { CaseFacts } from './log.ts'

/** A chargeback, or an RDR notice that says it paid: money that left the merchant without our refund. */
export const tookMoney = (facts: CaseFacts): boolean => facts.kind === 'chargeback' || isRdrPaid(facts)

/** In which buckets such a notice without an order is kept and looked for: by its last four and by its amount. */
export const untiedBuckets = (
  last4: string | null | undefined,
  amounts: readonly (string | null | undefined)[],
): string[] => [
  ...(last4 == null ? [] : [`last_4:${last4}`]),
  ...[...new Set(amounts)].flatMap(amount => (amount == null ? [] : [`amount:${amount}`])),
]

/** The card networks allow disputes up to 540 days after a sale that is delivered late. */
const CONCERNS_MS = 540 * 86_400_000

/** Nothing known contradicts that a chargeback or an RDR notice is about this sale. */
export function mayConcern(facts: CaseFacts, order: OrderMoney): boolean {
  if (!tookMoney(facts) || facts.facts.cardFirst6 === undefined) return false
  if (order.soldAt !== null && Math.abs(facts.seenAt - order.soldAt) > CONCERNS_MS) return false
  const { agreements, contradictions } = compareOrder({ facts: facts.facts, knowsMerchantAccount: false }, order)
  if (contradictions.length === 0) return true
  // Part of the sale may have been taken back, or more of it captured since.
  const isCard = agreements.includes('first_six') && agreements.includes('last_four')
  return isCard && contradictions.every(field => field === 'amount') && !isWorthLess(facts.facts, order)
}
