import { alertKindOf } from '../alert/kind.ts'
import type { CaseEntry } from './log.ts'
import { standingOf } from './case-standing.ts'
import { isSearchOver } from './tie.ts'
import { caseDeadlines, orderIdOf, type CaseState, type CaseView, type Effect, type Standing } from './view.ts'
import { decisionOf, type WhyCode } from './reasons.ts'
import { dueMarks, nextMarkAt, type Deadlines, type Mark } from '../alert/deadlines.ts'
import type { ClaimState } from '../refund/ledger.ts'
import { isChargedBack } from '../account/rest.ts'

export type CaseAlarm =
  'case-target' | 'case-alarm' | 'case-escalated' | 'case-parked' | 'case-approval' | 'case-chargeback'

/** What was decided: the case's standing, the facts to keep with it, what to do, and who must hear of it. */
export interface Decision {
  state: CaseState
  why: WhyCode
  orderId: string | null
  respondBy: number | null
  entries: CaseEntry[]
  effects: Effect[]
  alarms: CaseAlarm[]
  /** The refund whose telling this case takes for its answer. */
  takesRefund: string | null
  /** When it is looked at again, and when its next mark comes; null: not again. */
  lookAt: number | null
  markAt: number | null
}

/** Decides about one case, from the whole truth; pure, and the same for the same truth whatever came in which order. */
export function decide(view: CaseView): Decision {
  const standing = standingOf(view)
  return withDeadlines(view, standing)
}

const FINISHED: readonly CaseState[] = ['resolved', 'noted', 'refunded']
const MARK_ALARMS: Record<Mark, CaseAlarm> = { target: 'case-target', alarm: 'case-alarm', stop: 'case-escalated' }
const NOT_PARKED_TWICE: readonly CaseState[] = ['received', 'unmatched', 'matched']

/** Adds what the clock says: marks that have come, who hears of them, and when to look again. */
function withDeadlines(view: CaseView, standing: Standing): Decision {
  const { facts, now, terms } = view
  const { state, why, entries = [], effects = [] } = standing
  const own = entries.find(entry => entry.what === 'matched')
  const orderId = orderIdOf(facts) ?? own?.orderId ?? null
  // What has just found its order is decided about once more, with the order in view: only that tells what to be alarmed of.
  const isHalf = orderId !== orderIdOf(facts)
  const hasDeadline = facts.kind !== 'chargeback' && alertKindOf(facts.facts) !== 'notice' && why !== 'taken-over'
  const deadlines = caseDeadlines(facts, terms.deadlines)
  const isOpen = isUnfinished(standing, view)
  const isWaiting = hasDeadline && isOpen && facts.answered?.accepted !== true
  const due = isHalf ? [] : isWaiting ? dueMarks(deadlines, facts.marks, now) : missed(view, deadlines, hasDeadline)
  const told = new Set([...facts.marks, ...due])
  const decision: Decision = {
    state: escalated(state, why, told, hasDeadline),
    why,
    orderId,
    respondBy: hasDeadline ? deadlines.respondBy : null,
    entries: [...entries, ...due.map((mark): CaseEntry => ({ what: 'mark', at: now, mark }))],
    effects,
    alarms: due.map(mark => MARK_ALARMS[mark]),
    takesRefund: standing.takesRefund ?? null,
    lookAt: isOpen ? now + terms.lookMs : null,
    markAt: isWaiting ? nextMarkAt(deadlines, told) : null,
  }
  return isHalf ? decision : withAlarms(view, decision)
}

/** An answer that came after its deadline while nobody could look, its process standing still, is told of all the same. */
const missed = ({ facts: { answered, marks } }: CaseView, deadlines: Deadlines, hasDeadline: boolean): Mark[] =>
  hasDeadline && answered?.accepted === true && answered.at > deadlines.respondBy && !marks.has('stop') ? ['stop'] : []

/** Finished is what has its answer, and a notice that has its order, or never will. */
function isUnfinished({ state, effects = [] }: Standing, view: CaseView): boolean {
  if (state !== 'noted') return !FINISHED.includes(state)
  const isLooking = effects.length > 0 || (orderIdOf(view.facts) === null && view.facts.kind !== 'request')
  return isLooking && !isSearchOver(view)
}

/** At the hard stop whatever merely waits is put before a person. */
function escalated(state: CaseState, why: WhyCode, told: ReadonlySet<Mark>, hasDeadline: boolean): CaseState {
  if (!hasDeadline || !told.has('stop') || !NOT_PARKED_TWICE.includes(state)) return state
  return decisionOf(why) === null ? state : 'parked'
}

const NOT_MOVED: readonly ClaimState[] = ['refused', 'failed', 'dropped']

/** Alarms that are raised once a case, beside those of its marks. */
function withAlarms({ facts, ledger, order, cases, now }: CaseView, decision: Decision): Decision {
  const wanted: CaseAlarm[] = []
  if (decision.state === 'parked') wanted.push('case-parked')
  if (decision.state === 'awaiting-approval') wanted.push('case-approval')
  const mayHaveMoved = ledger?.claims.some(({ state, sends }) => sends > 0 && !NOT_MOVED.includes(state)) === true
  const isNotice = decision.state === 'noted'
  if (facts.kind !== 'chargeback' && !isNotice && mayHaveMoved && isChargedBack({ order, cases }))
    wanted.push('case-chargeback')
  const fresh = wanted.filter(alarm => !facts.alarmed.has(`${alarm}:${decision.why}`) && !facts.alarmed.has(alarm))
  const entries = fresh.map((alarm): CaseEntry => ({
    what: 'alarmed',
    at: now,
    alarm: alarm === 'case-parked' ? `${alarm}:${decision.why}` : alarm,
  }))
  return { ...decision, entries: [...decision.entries, ...entries], alarms: [...decision.alarms, ...fresh] }
}
