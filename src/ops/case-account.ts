import { accountOf } from '../domain/account/account.ts'
import { statementsOf } from '../domain/account/statements.ts'
import { formatAmount } from '../domain/basics/money.ts'
import { orderIdOf } from '../domain/case/log.ts'
import { describeReason } from '../domain/case/reasons.ts'
import { triggerViewOf, type CaseView } from '../domain/case/view.ts'
import type { AccountDetails, CaseDetails } from './case-details.ts'
import { isoTimeOrNull } from './iso-time.ts'

/** The order that a case is matched to; a likely match is none. */
const isMatched = ({ assessment, facts, order }: CaseView): boolean =>
  order !== null && (assessment.verdict === 'certain' || orderIdOf(facts) === order.orderId)

/** The order's money in short; null while the case is not matched. */
export function orderOf(view: CaseView): CaseDetails['order'] {
  const { order } = view
  if (order === null || !isMatched(view)) return null
  const account = accountOf(triggerViewOf(view))
  const text = (amount: string | null) => (amount === null ? null : formatAmount(amount, order.currency))
  const { reported } = order
  return {
    captured: text(order.captured),
    left: formatAmount(account.rest, order.currency),
    currency: order.currency,
    reported_refunded: reported === null ? null : text(reported.amount ?? (reported.byStatus ? order.captured : null)),
    charged_back: order.chargeback,
    settled: order.settled,
  }
}

/** The account of the sale; null while the case is not matched. */
export function accountDetails(view: CaseView): AccountDetails | null {
  if (view.order === null || !isMatched(view)) return null
  const { currency, captured, refunded, rest, conflict } = accountOf(triggerViewOf(view))
  return {
    currency,
    captured: captured === null ? null : formatAmount(captured, currency),
    refunded: formatAmount(refunded, currency),
    refundable: formatAmount(rest, currency),
    statements: statementsOf(triggerViewOf(view)).map(({ source, what, amount, at }) => ({
      source,
      what,
      amount: amount === null ? null : formatAmount(amount, currency),
      at: isoTimeOrNull(at),
    })),
    conflict,
    conflict_explained: conflict === null ? null : describeReason(conflict),
  }
}

/** The amounts of the refund request that asks for the order, or of this case where it is the request. */
export function requestedOf({ facts, cases }: CaseView): CaseDetails['requested'] {
  const request = facts.kind === 'request' ? facts : cases.find(one => one.facts.kind === 'request')?.facts
  if (request === undefined) return []
  const amounts = [...new Set(request.requested.flatMap(({ amount }) => amount ?? []))]
  const named = amounts.map(amount => ({ amount: formatAmount(amount, request.facts.currency), currency: request.facts.currency ?? null, stated_by: 'request' as const })) // prettier-ignore
  const { amount, currency } = request.record ?? {}
  return amount === undefined
    ? named
    : [...named, { amount: formatAmount(amount, currency), currency: currency ?? null, stated_by: 'record' }]
}
