import { alertKindOf } from './alert-kind.ts'
import type { CaseEntry } from './case-log.ts'
import { caseDeadlines, orderIdOf, type CaseState, type CaseView, type Effect } from './case-view.ts'
import type { WhyCode } from './case-why.ts'
import { emptyLedger, latestClaim, openClaim } from './refund-ledger.ts'
import { planRefund, wishOf, type RefundPlan } from './refund-plan.ts'
import { chooseResolution, type Chosen, type ResolutionView } from './resolution.ts'

/** Where a case stands, and what that wants, before the clock has its say. */
export interface Standing {
  state: CaseState
  why: WhyCode
  entries?: CaseEntry[]
  effects?: Effect[]
  takesRefund?: string
}

/** By what the case is about. */
export function standingOf(view: CaseView): Standing {
  switch (view.facts.kind) {
    case 'chargeback':
      return chargebackStanding(view)
    case 'request':
      return requestStanding(view)
    case 'alert':
      return alertStanding(view)
  }
}

/** A chargeback is tied to its order, and the order told; then it is only there to be seen. */
function chargebackStanding(view: CaseView): Standing {
  const tie = tieOf(view)
  const effects = enrichment(view, tie.state)
  if (tie.state !== 'one') return { state: 'unmatched', why: 'no-match', effects }
  const isTold = view.order?.chargeback === true
  return {
    state: 'noted',
    why: 'chargeback-told',
    entries: tie.entries,
    effects: isTold ? effects : [...effects, 'tell-chargeback'],
  }
}

/** An `order.refund` names an order and no alert: it stands alone until an alert of that order takes it over. */
function requestStanding(view: CaseView): Standing {
  const alerts = view.cases.filter(({ facts }) => facts.kind === 'alert' && alertKindOf(facts.facts) === 'refundable')
  if (alerts.length > 0) return { state: 'noted', why: 'taken-over' }
  const claim = view.ledger && latestClaim(view.ledger)
  if (claim?.state === 'confirmed' && openClaim(view.ledger!) === null) return { state: 'refunded', why: 'refund-done' }
  return refundStanding(view)
}

function alertStanding(view: CaseView): Standing {
  const { facts } = view
  const tie = tieOf(view)
  const effects = enrichment(view, tie.state)
  const base = { entries: tie.entries, effects }
  const kind = alertKindOf(facts.facts)
  if (kind === 'notice') return { ...base, state: 'noted', why: 'notice' }
  const finished = finishedStanding(view)
  if (finished !== null) return { ...base, ...finished }
  if (kind === 'unknown') {
    if (facts.facts.partner === undefined && facts.enrichedAt === null)
      return { ...base, state: tie.state === 'one' ? 'matched' : 'received', why: 'not-enriched' }
    return { ...base, state: 'parked', why: 'unknown-partner' }
  }
  if (isConflict(view)) return { ...base, state: 'parked', why: 'match-conflict' }
  const said = facts.said.at(-1)
  if (said?.word === 'resolve' && facts.worded === null) {
    const worded: CaseEntry = { what: 'worded', at: view.now, by: said.by, wording: said.wording, refundKey: null }
    return {
      state: 'resolving',
      why: 'answer-chosen',
      entries: [...tie.entries, worded],
      effects: [...effects, 'resolve'],
    }
  }
  const chosen = chooseResolution(resolutionView(view, tie.state))
  const standing = chosenStanding(view, chosen)
  return {
    ...standing,
    entries: [...tie.entries, ...(standing.entries ?? [])],
    effects: [...effects, ...(standing.effects ?? [])],
  }
}

/** An answer that is given, refused or on its way. */
function finishedStanding({ facts, ledger, now, terms }: CaseView): Standing | null {
  const { worded, answered, sent } = facts
  if (worded === null) return null
  const told = ledger?.claims.find(claim => claim.key === worded.refundKey)
  if (answered?.accepted === true) {
    const isTakenBack = told !== undefined && told.state === 'failed'
    return isTakenBack ? { state: 'parked', why: 'refund-taken-back' } : { state: 'resolved', why: 'answered' }
  }
  const said = facts.said.at(-1)
  const isNewWord = said?.word === 'resolve' && said.at > worded.at
  if (isNewWord) {
    const again: CaseEntry = {
      what: 'worded',
      at: now,
      by: said.by,
      wording: said.wording,
      refundKey: worded.refundKey,
    }
    return { state: 'resolving', why: 'answer-chosen', entries: [again], effects: ['resolve'] }
  }
  if (answered !== null && answered.at >= worded.at)
    return { state: 'parked', why: answered.probably ? 'probably-answered' : 'answer-refused' }
  const { respondBy } = caseDeadlines(facts, terms.deadlines)
  if (now > Math.max(respondBy, worded.at + terms.lateAnswerMs)) return { state: 'parked', why: 'deadline-passed' }
  // Words that never went out say what was true when they were chosen; it is looked at again before the first call.
  return sent === null && worded.by === 'policy'
    ? null
    : { state: 'resolving', why: 'answer-chosen', effects: ['resolve'] }
}

function chosenStanding(view: CaseView, chosen: Chosen): Standing {
  const { facts, now } = view
  switch (chosen.next) {
    case 'person':
      return { state: 'parked', why: chosen.why }
    case 'wait':
      return waiting(chosen.why)
    case 'refund':
      return refundStanding(view)
    case 'answer': {
      if (chosen.when === 'at-stop' && !isStopPast(view))
        return chosen.why === 'no-match'
          ? { state: 'unmatched', why: 'no-match' }
          : { state: 'parked', why: chosen.why }
      const { wording, refundKey } = chosen
      const same =
        facts.worded !== null &&
        JSON.stringify(facts.worded.wording) === JSON.stringify(wording) &&
        facts.worded.refundKey === refundKey
      const entries: CaseEntry[] = same ? [] : [{ what: 'worded', at: now, by: 'policy', wording, refundKey }]
      return {
        state: 'resolving',
        why: 'answer-chosen',
        entries,
        effects: ['resolve'],
        ...(refundKey !== null && { takesRefund: refundKey }),
      }
    }
  }
}

function waiting(why: WhyCode): Standing {
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
function refundStanding(view: CaseView): Standing {
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
  return planStanding(plan, view)
}

function planStanding(plan: RefundPlan, view: CaseView): Standing {
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
    case 'nothing': {
      const hasTrigger = wishOf({ ...view, ledger: view.ledger!, terms: view.terms.refunds }) !== null
      return { state: 'matched', why: plan.why === 'not-wanted' && !hasTrigger ? 'no-trigger' : plan.why }
    }
    default:
      return { state: 'refunding', why: 'refunding', effects: ['refund'] }
  }
}

interface Tie {
  state: ResolutionView['match']
  entries: CaseEntry[]
}

/** To which order the case belongs; a search that found exactly one is kept. */
function tieOf({ facts, search, now }: CaseView): Tie {
  if (orderIdOf(facts) !== null) return { state: 'one', entries: [] }
  if (search.found === 'one')
    return { state: 'one', entries: [{ what: 'matched', at: now, orderId: search.orderId, by: search.by }] }
  if (search.found === 'many') return { state: 'many', entries: [] }
  return { state: facts.enrichedAt === null ? 'not-searched' : 'none', entries: [] }
}

/** The platform is asked once for each alert, and again while its order is not known. */
function enrichment({ facts, now, terms }: CaseView, tie: Tie['state']): Effect[] {
  if (facts.enrichedAt === null) return ['enrich']
  const isDue =
    tie !== 'one' && now - facts.enrichedAt >= terms.lookMs && facts.answered === null && facts.worded === null
  return isDue ? ['enrich'] : []
}

/** We were refunding one order for it, and the platform names another. */
function isConflict({ facts, ledger, id }: CaseView): boolean {
  if (facts.own === null || facts.platformOrderId === null || facts.own.orderId === facts.platformOrderId) return false
  return facts.worded !== null || ledger?.claims.some(claim => claim.wantedBy === id && claim.sends > 0) === true
}

const isStopPast = ({ facts, terms, now }: CaseView) => caseDeadlines(facts, terms.deadlines).marks.stop <= now

function resolutionView(view: CaseView, match: ResolutionView['match']): ResolutionView {
  const { now, id, facts, order, cases, terms } = view
  return {
    now,
    caseId: id,
    facts: facts.facts,
    alertAt: caseDeadlines(facts, terms.deadlines).startedAt,
    match,
    order,
    ledger: view.ledger ?? emptyLedger(''),
    cases,
    resolve3ds: terms.resolve3ds,
  }
}
