import { isRdrPaid } from '../account/account.ts'
import { reportsFraud } from '../alert/kind.ts'
import {
  enrichment,
  isClosed,
  isDoublePayment,
  isSearchOver,
  type CaseStatus,
  type CaseView,
  type FlagChange,
} from './view.ts'

/** The order a chargeback or a notice belongs to: only a certain match marks it. */
const certainOrder = ({ assessment }: CaseView): string | null =>
  assessment.verdict === 'certain' ? assessment.orderId : null

/** A chargeback marks its order; when its sale was refunded too, a person must know. */
export function chargebackStatus(view: CaseView): CaseStatus {
  const orderId = certainOrder(view)
  const effects = enrichment(view, orderId !== null)
  const flags = flagChanges(view, orderId, 'is_chargeback')
  if (orderId === null) {
    if (view.mayConcernRefunded && !isClosed(view, 0)) return { state: 'parked', reason: 'may-be-paid-twice', orderId, effects, flags } // prettier-ignore
    return { state: isSearchOver(view) ? 'noted' : 'unmatched', reason: 'no-match', orderId, effects, flags }
  }
  if (isDoublePayment(view)) return { state: 'parked', reason: 'paid-twice', orderId, effects, flags }
  return { state: 'noted', reason: 'chargeback-told', orderId, effects, flags }
}

/** A notice informs: that the issuer called the payment fraud its order is marked with; what RDR paid counts as money. */
export function noticeStatus(view: CaseView): CaseStatus {
  const orderId = certainOrder(view)
  const effects = enrichment(view, orderId !== null)
  const isFraud = reportsFraud(view.facts.facts)
  const flags = flagChanges(view, isFraud ? orderId : null, 'is_fraud')
  if (isRdrPaid(view.facts)) {
    if (orderId === null && view.mayConcernRefunded && !isClosed(view, 0)) return { state: 'parked', reason: 'may-be-paid-twice', orderId, effects, flags } // prettier-ignore
    if (orderId !== null && isDoublePayment(view))
      return { state: 'parked', reason: 'paid-twice', orderId, effects, flags }
  }
  return { state: 'noted', reason: 'notice', orderId, effects, flags }
}

/** The order that is matched now bears the mark; an order that was marked and is not matched any more loses it. */
function flagChanges({ facts, order }: CaseView, orderId: string | null, flag: FlagChange['flag']): FlagChange[] {
  const withdrawn = facts.flags
    .filter(one => one.flag === flag && one.orderId !== orderId)
    .map(one => ({ ...one, value: false }))
  // Only a source creates an order: one that is not known yet is marked when it comes. Every case marks it for itself, so that the mark
  // is withdrawn with the last of them.
  const isMarked = order === null || facts.flags.some(one => one.flag === flag && one.orderId === orderId)
  return orderId === null || isMarked ? withdrawn : [...withdrawn, { orderId, flag, value: true }]
}
