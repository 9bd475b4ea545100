import type { CaseView } from '../../src/domain/case/view.ts'
import type { Resolution } from '../../src/domain/case/log.ts'
import { emptyLedger } from '../../src/domain/refund/ledger.ts'
import { HOUR_MS, MINUTE_MS, SEEN_AT, STOP_AT } from './build-case.ts'

const millis = (amount: string | null | undefined) => Math.round(Number(amount ?? 0) * 1000)
const CENT = 10

interface Dated {
  amount: number
  at: number | null
  isForAlert: boolean
}

/** What holds in the world of a view, told without the core's own tables; amounts in thousandths. */
function truthOf(view: CaseView) {
  const { order, cases, id } = view
  const { claims, report } = view.ledger ?? emptyLedger('A')
  const ours = claims.filter(({ state }) => state === 'confirmed')
  const done = report?.refunds.filter(({ status }) => status === 'succeeded') ?? []
  const forAlert = (wantedBy: string, at: number) => (wantedBy === id || wantedBy === 'midigator:req') && cases.some(one => one.id === wantedBy) && at >= SEEN_AT - 72 * HOUR_MS // prettier-ignore
  const inList = done.map((one): Dated => {
    const claim = claims.find(({ key }) => key === one.reference)
    return { amount: millis(one.amount), at: claim?.firstSentAt ?? one.createdAt, isForAlert: claim !== undefined && forAlert(claim.wantedBy, claim.claimedAt) } // prettier-ignore
  })
  const notInList = ours.filter(one => !done.some(({ reference, refundId }) => reference === one.key || refundId === one.refundId)) // prettier-ignore
  const gone: Dated[] = [...inList, ...notInList.map(one => ({ amount: millis(one.amount), at: one.firstSentAt, isForAlert: forAlert(one.wantedBy, one.claimedAt) }))] // prettier-ignore
  const sum = gone.reduce((total, one) => total + one.amount, 0)
  // Where no gateway can be asked, the CRM's word is all there is; beside one it only repeats what the gateway confirms.
  const stated = order?.reported ?? null
  const more = view.terms.refunds.hasGateway ? 0 : Math.max(0, millis(stated?.amount ?? (stated?.byStatus === true ? order?.captured : null)) - sum) // prettier-ignore
  if (more > 0) gone.push({ amount: more, at: stated!.at, isForAlert: false })
  const captured = millis(order?.captured)
  const total = Math.max(sum + more, ...ours.map(({ target }) => millis(target)))
  const before = gone.filter(one => one.at !== null && one.at < SEEN_AT - 10 * MINUTE_MS && !one.isForAlert)
  return {
    newest: claims.findLast(({ state }) => state !== 'dropped'),
    isAllGone: order?.captured != null && captured - total < CENT,
    isAllGoneBefore: captured - before.reduce((all, one) => all + one.amount, 0) < CENT,
    isSomeGoneBefore: before.length > 0,
    isNothingListed: report !== null && report.refundable === '0' && report.refunds.every(({ status }) => status === 'failed'), // prettier-ignore
  }
}

/** Why an automatic answer is not true of the world, or may not be given; null when it is fine. */
export function lieIn(view: CaseView, { type, description }: Resolution): string | null {
  const truth = truthOf(view)
  const { newest } = truth
  const { order, assessment, facts, terms, now } = view
  const unless = (holds: boolean, lie: string) => (holds ? null : lie)
  if (facts.facts.answeredAs !== undefined) return 'the platform has an answer'
  const isUnderWay = newest !== undefined && ['sending', 'uncertain', 'pending'].includes(newest.state)
  if (isUnderWay && type !== 'other') return 'a refund is under way'
  switch (type) {
    case 'could_not_find_order':
      return unless(assessment.verdict === 'open' && assessment.notFound === 'certain' && facts.namedOrderIds.length === 0 && facts.record !== null && now >= STOP_AT, 'an order may be the sale, or it is not the last moment') // prettier-ignore
    case 'declined_or_canceled_nothing_to_do':
      return unless(order?.neverPaid != null && (!terms.refunds.hasGateway || truth.isNothingListed), 'money was taken, or the gateway was not asked') // prettier-ignore
    case 'issued_full_refund':
      return unless(truth.isAllGone && !truth.isAllGoneBefore && !truth.isSomeGoneBefore, 'something is left, or some was refunded before') // prettier-ignore
    case 'issued_refund_for_remaining_amount': {
      const isPart = view.id.startsWith('chargebackhit:') && newest?.state === 'confirmed' && newest.approvedBy !== null
      return unless(isPart || (truth.isAllGone && !truth.isAllGoneBefore && truth.isSomeGoneBefore), 'something is left, or nothing was refunded before') // prettier-ignore
    }
    case 'previously_refunded_nothing_to_do':
      return unless(truth.isAllGone && truth.isAllGoneBefore, 'it was not refunded before')
    case '3ds_authorized_successfully':
      return unless(terms.resolve3ds && order?.eci === '05' && facts.facts.reason !== 'service' && newest === undefined && view.id.startsWith('midigator:'), 'it was not authenticated, or that is not the question') // prettier-ignore
    case 'unable_to_refund_merchant_account_closed':
      return unless(newest !== undefined && 'reason' in newest && newest.reason?.code === 'merchant_account_closed' && !truth.isAllGone, 'the account is open') // prettier-ignore
    case 'other': {
      if (description === '') return 'it says nothing'
      if (description.includes('is not confirmed yet')) return unless(newest?.state === 'pending' && now >= STOP_AT && terms.pendingAtStop === 'answer', 'it is not pending, or not the last moment') // prettier-ignore
      if (description.includes('was issued for this alert')) return unless(newest?.state === 'confirmed' && newest.approvedBy !== null, 'no part was refunded') // prettier-ignore
      return unless((newest?.state === 'refused' || newest?.state === 'failed') && now >= STOP_AT && !truth.isAllGone, 'it was not refused, or it is not the last moment') // prettier-ignore
    }
    case 'shipped':
      return 'only a person can tell'
  }
}
