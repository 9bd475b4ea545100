import type { CaseState } from '../domain/case/view.ts'
import type { ClaimState } from '../domain/refund/ledger.ts'
import type { OrderState } from './order-view.ts'

/** What people read for each state of a case; programs keep the codes. */
export const STATE_LABELS: Record<CaseState, string> = {
  received: 'New',
  unmatched: 'No order found',
  matched: 'Matched',
  'awaiting-approval': 'Awaiting approval',
  refunding: 'Refund in progress',
  refunded: 'Refunded',
  resolving: 'Sending resolution',
  resolved: 'Resolved',
  parked: 'Needs review',
  noted: 'Information only',
}

/** What people read for each state of an order, and for each set of orders. */
export const ORDER_LABELS: Record<OrderState | 'doubtful', string> = {
  held: 'Not settled',
  dirty: 'Waiting to sync',
  'in-doubt': 'Unconfirmed',
  doubtful: 'Unconfirmed',
  rejected: 'Rejected',
  acknowledged: 'Acknowledged',
}

/** What people read for each state of a refund. */
export const REFUND_LABELS: Record<ClaimState, string> = {
  claimed: 'Planned',
  sending: 'Sending',
  uncertain: 'Unconfirmed',
  pending: 'Pending',
  confirmed: 'Confirmed',
  refused: 'Refused',
  failed: 'Failed',
  parked: 'Needs review',
  dropped: 'Given up before it was sent',
}
