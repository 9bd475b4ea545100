import { asksRefund } from '../alert/kind.ts'
import { namesOrders } from '../alert/resolution-types.ts'
import { caseDeadlines, MISSING_MS } from '../refund/trigger.ts'
import { orderIdOf } from './log.ts'
import type { ReasonCode } from './reasons.ts'
import type { CaseState, CaseStatus, CaseView } from './view.ts'

/** Which order an alert is matched to (null: none), and where its case is while that is not settled. */
export interface Matching {
  tied: string | null
  /** Null: the order decides what follows. */
  status: CaseStatus | null
  /** No order can be the sale: the alert is answered so. */
  isNotFound?: true
}

/** The platform has had no record of it for long enough to say so. */
export const isMissing = ({ facts, now }: CaseView) =>
  facts.missedSince !== null && now - facts.missedSince >= MISSING_MS
/** The hard stop is past: what waits must end, or be put before a person. */
export const isStopPast = ({ facts, terms, now }: CaseView) =>
  caseDeadlines(facts, terms.refunds.deadlines).marks.stop <= now

/** Which order an alert is acted on, and where the case is while none is. */
export function matchStatus(view: CaseView): Matching {
  const { assessment, facts } = view
  const named = orderIdOf(facts)
  const away = (state: CaseState, reason: ReasonCode, until: number | null = null) => ({
    tied: facts.namedOrderIds.length === 1 ? named : null,
    status: { state, reason, orderId: facts.namedOrderIds.length === 1 ? named : null, until },
  })
  switch (assessment.verdict) {
    case 'certain':
      return { tied: assessment.orderId, status: null }
    case 'likely':
      return likelyStatus(view, assessment, away)
    case 'open':
      break
  }
  // The platform's own match outranks every search, so it is asked before a person is.
  if (facts.record === null && !isMissing(view) && !isStopPast(view)) return away('received', 'not-enriched')
  if (assessment.reason === 'platform-differs') return away('parked', 'platform-names-two-orders')
  if (assessment.reason === 'contradicted' && named !== null && facts.namedOrderIds.length > 0) return away('parked', 'match-contradicted') // prettier-ignore
  if (assessment.reason === 'none') return notFoundStatus(view, away)
  const until = graceEnd(view)
  if (view.now < until) return away('unmatched', 'no-match', until)
  const reasons = {
    several: 'several-orders',
    contradicted: 'match-contradicted',
    incomplete: 'store-incomplete',
  } as const
  return away('parked', reasons[assessment.reason])
}

type Away = (state: CaseState, reason: ReasonCode, until?: number | null) => Matching

/** A hypothesis: it waits for the platform's match, acts where the rules allow, and otherwise a person is asked. */
function likelyStatus(
  view: CaseView,
  { orderId, isTimed }: { orderId: string; isTimed: boolean },
  away: Away,
): Matching {
  const { facts, terms, id } = view
  const { trigger, likelyAtStop } = terms.refunds
  if (facts.record === null && !isMissing(view) && !isStopPast(view)) return away('received', 'not-enriched')
  const until = graceEnd(view)
  if (view.now < until) return away('unmatched', isTimed ? 'likely-match' : 'likely-untimed', until)
  if (!isTimed) return away('parked', 'likely-untimed')
  const isAsked = namesOrders(id) ? trigger !== 'order.refund' : asksRefund(facts.facts)
  const isActed = isAsked || (likelyAtStop === 'act' && isStopPast(view))
  return isActed ? { tied: orderId, status: null } : away('parked', 'likely-match')
}

/** Until when the platform may still name the order; at most until the target time. */
function graceEnd({ facts, terms, id }: CaseView): number {
  if (!namesOrders(id)) return facts.seenAt
  return Math.min(facts.seenAt + terms.graceMs, caseDeadlines(facts, terms.refunds.deadlines).marks.target)
}

/** No order fits: answered so at the hard stop where that is certain; otherwise a person has from the target time on. */
function notFoundStatus(view: CaseView, away: Away): Matching {
  const { assessment, facts, terms, now, isArnMatched } = view
  const { target } = caseDeadlines(facts, terms.refunds.deadlines).marks
  if (assessment.notFound === 'certain' && !isArnMatched && facts.record !== null) {
    return isStopPast(view) ? { tied: null, status: null, isNotFound: true } : away('unmatched', 'no-match')
  }
  if (now < target) return away('unmatched', 'no-match', target)
  return away('parked', assessment.notFound === 'incomplete' ? 'store-incomplete' : 'may-be-an-order')
}
