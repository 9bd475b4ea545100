import { isChargedBack, isRdrPaid } from '../account/account.ts'
import { dueMarks, nextMarkAt, type Deadlines, type Mark } from '../alert/deadlines.ts'
import { alertKindOf } from '../alert/kind.ts'
import { emptyLedger, isRefundedTwice, mayHaveMoved } from '../refund/ledger.ts'
import { caseDeadlines, MISSING_MS } from '../refund/trigger.ts'
import type { AlarmName } from '../alarms.ts'
import type { CaseEntry, Resolution } from './log.ts'
import { actionOf, type ReasonCode } from './reasons.ts'
import {
  ASK_AGAIN_MS,
  isClosed,
  isOwnDoublePayment,
  isSearchOver,
  triggerViewOf,
  type CaseState,
  type CaseStatus,
  type CaseView,
  type Effect,
  type FlagChange,
} from './view.ts'

export type CaseAlarm = Extract<AlarmName, `case-${string}` | 'paid-twice'>

/** What was decided: where the case is, the facts to keep with it, what to do, and which alarms to raise. */
export interface CaseDecision {
  state: CaseState
  reason: ReasonCode
  orderId: string | null
  respondBy: number | null
  entries: CaseEntry[]
  effects: Effect[]
  flags: FlagChange[]
  alarms: CaseAlarm[]
  /** Those that stand now, whether they are raised by this decision or were before. */
  standing: CaseAlarm[]
  /** A chargeback or an RDR payment without an order: it holds refunds of the sales it may concern. */
  isUntied: boolean
  /** A resolution that is true now and waits for a person. */
  prepared: Resolution | null
  /** When it is decided again, and when its next mark comes; null: not again. */
  lookAt: number | null
  markAt: number | null
}

const FINISHED: readonly CaseState[] = ['resolved', 'noted', 'refunded']
const MARKS: readonly Mark[] = ['target', 'alarm', 'stop']
const MARK_ALARMS: Record<Mark, CaseAlarm> = { target: 'case-target', alarm: 'case-alarm', stop: 'case-escalated' }
const WAITING: readonly CaseState[] = ['received', 'unmatched', 'matched', 'refunding']
/** Being done at this moment: its end comes without a person, unless it takes too long. */
const UNDER_WAY: readonly ReasonCode[] = ['refunding', 'refund-under-way', 'asking-gateway']
const UNDER_WAY_MS = 600_000

/** Adds what the clock decides: marks that have come, alarms, and when to decide again. */
export function withClock(view: CaseView, status: CaseStatus): CaseDecision {
  const { facts, now, terms } = view
  const { reason, orderId, entries = [], effects = [], flags = [], until = null, prepared = null } = status
  const isNotice = facts.kind === 'alert' && alertKindOf(facts.facts) === 'notice'
  const hasDeadline = facts.kind !== 'chargeback' && !isNotice && reason !== 'taken-over'
  const deadlines = caseDeadlines(facts, terms.refunds.deadlines)
  const isOpen = isUnfinished(view, status)
  const isWaiting = hasDeadline && isOpen && facts.answered?.accepted !== true
  const due = isWaiting ? dueMarks(deadlines, facts.marks, now) : missed(view, deadlines, hasDeadline)
  const passed = new Set([...facts.marks, ...due])
  const state = hasDeadline && passed.has('stop') ? escalated(view, status, deadlines) : status.state
  const desk = DESK[state] === undefined ? [] : [DESK[state]]
  const money = moneyAlarms(view, state, reason)
  const alarms = [...due.slice(-1).map(mark => MARK_ALARMS[mark]), ...desk.filter(one => rings(view, one, reason)), ...money.filter(isNewIn(view))] // prettier-ignore
  const latest = MARKS.findLast(mark => passed.has(mark))
  const standing = [...(isWaiting && latest !== undefined ? [MARK_ALARMS[latest]] : []), ...desk, ...(isClosed(view, lastMoneyAt(view)) ? [] : money)] // prettier-ignore
  const { missedSince, askedAt } = facts
  // A record that is missing is asked for again each minute, for ten.
  const asks =
    missedSince === null || askedAt === null || now - missedSince >= MISSING_MS ? [] : [askedAt + ASK_AGAIN_MS]
  const looks = [now + terms.lookMs, ...[...asks, ...(until === null ? [] : [until])].map(at => Math.max(at, now + 1))]
  return {
    state,
    reason,
    orderId,
    respondBy: hasDeadline ? deadlines.respondBy : null,
    entries: [
      ...entries,
      ...due.map((mark): CaseEntry => ({ what: 'mark', at: now, mark })),
      ...alarms.map((alarm): CaseEntry => ({ what: 'alarmed', at: now, alarm, reason })),
    ],
    effects,
    flags,
    alarms,
    standing,
    isUntied: orderId === null && (facts.kind === 'chargeback' || isRdrPaid(facts)) && !isClosed(view, 0),
    prepared,
    lookAt: isOpen ? Math.min(...looks) : null,
    markAt: isWaiting ? nextMarkAt(deadlines, passed) : null,
  }
}

/** An answer that came after its deadline while no process was running is noticed all the same. */
const missed = ({ facts: { answered, marks } }: CaseView, deadlines: Deadlines, hasDeadline: boolean): Mark[] =>
  hasDeadline && answered?.accepted === true && answered.at > deadlines.respondBy && !marks.has('stop') ? ['stop'] : []

/** Finished is what has its answer, and a notice that has its order, or never will. */
function isUnfinished(view: CaseView, { state, orderId, effects = [], flags = [] }: CaseStatus): boolean {
  if (flags.length > 0 || (view.facts.isRecordOld && view.facts.hasGuid)) return true
  if (state !== 'noted') return !FINISHED.includes(state)
  const isLooking = effects.length > 0 || (orderId === null && view.facts.kind !== 'request')
  return isLooking && !isSearchOver(view)
}

/** From the hard stop on whatever merely waits is put before a person; what is being done at that moment, if it does not end soon. */
function escalated({ facts, now }: CaseView, { state, reason }: CaseStatus, { marks }: Deadlines): CaseState {
  if (!WAITING.includes(state) || actionOf(reason) === null) return state
  const began = Math.max(marks.stop, facts.seenAt, facts.decisions.at(-1)?.at ?? 0)
  return UNDER_WAY.includes(reason) && now < began + UNDER_WAY_MS ? state : 'parked'
}

const DESK: Partial<Record<CaseState, CaseAlarm>> = { parked: 'case-parked', 'awaiting-approval': 'case-approval' }
const HOUR_MS = 3_600_000

/**
 * A case that comes to a person's desk rings: on every visit for another reason, after a decision, and when it comes back after more
 * than an hour. A visit for the same reason within an hour does not ring again.
 */
function rings({ facts, before, now }: CaseView, alarm: CaseAlarm, reason: ReasonCode): boolean {
  const last = facts.alarms.findLast(one => one.alarm === alarm)
  // What is done while a person looks at the case is no new visit.
  if (UNDER_WAY.includes(reason) && before !== null && DESK[before.state] !== undefined) return false
  if (last === undefined || last.reason !== reason) return true
  if ((facts.decisions.at(-1)?.at ?? 0) > last.at) return true
  const isVisit = before === null || DESK[before.state] === undefined
  return isVisit && now - last.at >= HOUR_MS
}

const ledgersOf = ({ ledger, former }: CaseView) => (ledger === null ? former : [...former, ledger])

const isNewIn =
  ({ facts }: CaseView) =>
  (alarm: CaseAlarm): boolean =>
    !facts.alarms.some(one => one.alarm === alarm)

/** When money of the sale last went out, by refund, RDR or chargeback, as far as it is known. */
function lastMoneyAt(view: CaseView): number {
  const taken = [view.facts, ...triggerViewOf(view).cases.map(({ facts }) => facts)].filter(facts => facts.kind === 'chargeback' || isRdrPaid(facts)) // prettier-ignore
  const refunded = ledgersOf(view).flatMap(({ claims }) => claims.flatMap(one => one.confirmedAt ?? []))
  return Math.max(0, ...taken.map(({ seenAt }) => seenAt), ...refunded)
}

/** A chargeback beside a refund, and a double payment, are alarms of their own; each rings once. */
function moneyAlarms(view: CaseView, state: CaseState, reason: ReasonCode): CaseAlarm[] {
  const { facts, ledger } = view
  // A double payment rings also where the case is on a desk for another reason.
  const isDouble = reason === 'paid-twice' || reason === 'may-be-paid-twice' || isOwnDoublePayment(view) || ledgersOf(view).some(isRefundedTwice) // prettier-ignore
  if (isDouble) return ['paid-twice']
  const { order, cases } = triggerViewOf(view)
  const isRefundable = facts.kind !== 'chargeback' && state !== 'noted'
  const moved = (ledger ?? emptyLedger('')).claims.some(mayHaveMoved)
  return isRefundable && moved && isChargedBack({ order, cases }) ? ['case-chargeback'] : []
}
