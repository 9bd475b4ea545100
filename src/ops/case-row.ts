import type { CaseState } from '../domain/case/view.ts'
import { actionOf, describeReason, type ReasonCode } from '../domain/case/reasons.ts'
import { formatAmount } from '../domain/basics/money.ts'
import { outcomeTo, type Outcome } from '../domain/alert/outcomes.ts'
import type { AnswerType } from '../domain/alert/resolution-types.ts'
import type { CaseRecord } from '../store/case-store.ts'
import { isoTime, isoTimeOrNull } from './iso-time.ts'

/** One case in a list. Times are ISO 8601; amounts are decimals with the currency's digits. */
export interface CaseRow {
  id: string
  platform: string
  /** What the case is about: an alert, an `order.refund` of its own, or a chargeback. */
  kind: CaseRecord['kind']
  state: CaseState
  /** Why the case is there: a code for machines, the same in a sentence, and what a person must do, if anything. */
  why: ReasonCode
  explained: string
  decide: string | null
  order_id: string | null
  /** Null where nothing has to be answered. */
  respond_by: string | null
  seen_at: string
  partner: string | null
  amount: string | null
  currency: string | null
  /** The resolution, once it is chosen; `outcome`: its platform's own name of it, where it has another. */
  resolution: { resolution_type: AnswerType; other_description: string; outcome: Outcome | null } | null
  answered_at: string | null
  /** True once its hard stop passed without an accepted resolution. */
  escalated: boolean
}

/** A case's record as lists show it. */
export const rowOf = (record: CaseRecord): CaseRow => ({
  id: record.id,
  platform: record.platform,
  kind: record.kind,
  state: record.state,
  why: record.reason,
  explained: describeReason(record.reason),
  decide: actionOf(record.reason),
  order_id: record.orderId,
  respond_by: isoTimeOrNull(record.respondBy),
  seen_at: isoTime(record.seenAt),
  partner: record.partner,
  amount: record.amount === null ? null : formatAmount(record.amount, record.currency),
  currency: record.currency,
  resolution: record.resolution && {
    resolution_type: record.resolution.type,
    other_description: record.resolution.description,
    outcome: outcomeTo(record.platform, record.resolution.type),
  },
  answered_at: isoTimeOrNull(record.answeredAt),
  escalated: record.escalated,
})

/** An amount as people write it, such as `30.00 USD`; a dash where none is known. */
export const moneyText = (amount: unknown, currency: unknown): string => {
  if (typeof amount !== 'string') return '–'
  return typeof currency === 'string' ? `${formatAmount(amount, currency)} ${currency}` : formatAmount(amount, null)
}
