import type { CaseView, Standing } from './view.ts'
import type { WhyCode } from './reasons.ts'
import { planRefund, type RefundPlan } from '../refund/plan.ts'

/** How a case waits. */
export function waiting(why: WhyCode): Standing {
  switch (why) {
    case 'refund-under-way':
    case 'refund-uncertain':
    case 'refund-pending':
      return { state: 'refunding', why, effects: ['refund'] }
    case 'not-enriched':
      return { state: 'received', why }
    default:
      return { state: 'matched', why }
  }
}

/** The refund's own plan, as the case that waits for it sees it. */
export function refundStanding(view: CaseView): Standing {
  const { ledger, order, cases, terms, now } = view
  if (ledger === null) return { state: 'received', why: 'order-unknown' }
  const plan = planRefund({
    now,
    order,
    ledger,
    cases,
    terms: terms.refunds,
    isReportFresh: false,
    leaseMs: terms.refundLeaseMs,
  })
  return planStanding(plan)
}

function planStanding(plan: RefundPlan): Standing {
  switch (plan.do) {
    case 'ask-person':
      return { state: 'awaiting-approval', why: plan.why }
    case 'park':
      return { state: 'parked', why: plan.why }
    case 'wait':
      return {
        ...waiting(plan.why),
        ...(plan.why === 'refunds-off' && { state: 'refunding' as const, effects: ['refund' as const] }),
      }
    case 'nothing':
      return { state: 'matched', why: plan.why === 'not-wanted' ? 'no-trigger' : plan.why }
    default:
      return { state: 'refunding', why: 'refunding', effects: ['refund'] }
  }
}
