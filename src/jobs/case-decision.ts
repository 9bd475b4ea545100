import { decide, type Decision } from '../domain/case/decide.ts'
import { eventKey } from '../domain/alert/event.ts'
import { foldLog, slotOf, type CaseEntry, type CaseFacts } from '../domain/case/log.ts'
import { caseDeadlines, orderIdOf, type CaseView, type Effect } from '../domain/case/view.ts'
import { priorityOf } from '../domain/alert/deadlines.ts'
import { withClaim, type Ledger } from '../domain/refund/ledger.ts'
import type { CaseRecord, CaseStore, OutgoingAlarm, StoredCase } from '../store/case-store.ts'
import { alarmOf, eventOf, isListed, recordOf } from './case-record.ts'
import { viewOf, withEntries, type CaseViewDeps, type Found } from './read-case-view.ts'
import type { Wants } from './wants.ts'

export interface CaseDecisionDeps extends CaseViewDeps {
  cases: Pick<CaseStore, 'read' | 'commit' | 'ofOrder'>
  wants: Wants
  sweepMs: number
  /** Text → a short digest, for slots of a log. */
  shortDigest: (text: string) => string
  /** True when alarms also go out as hooks. */
  sendsAlarms: boolean
  /** Told of every alarm that was raised. */
  onAlarm: (alarm: OutgoingAlarm) => Promise<void>
  /** Told once a case has its answer. */
  onAnswered: (record: CaseRecord, tookMs: number) => void
}

/** Facts to add before it is decided; null: the state does not allow it any more. */
export type Before = (facts: CaseFacts, view: CaseView) => readonly CaseEntry[] | null
/** Facts that follow from the decision. */
export type After = (decision: Decision, facts: CaseFacts, now: number) => readonly CaseEntry[]

export interface Decided {
  record: CaseRecord
  decision: Decision
  facts: CaseFacts
}

const NOTHING: Before & After = () => []
const MAX_TRIES = 25

/**
 * Reads everything about one case, decides, and writes the decision with its facts; again from the start while anything changes
 * in between. Then wants what the decision wants. `refused`: `before` did not allow it.
 */
export async function decideCase(
  deps: CaseDecisionDeps,
  id: string,
  { before = NOTHING, after = NOTHING }: { before?: Before; after?: After } = {},
): Promise<Decided | 'unknown' | 'refused' | 'contended' | 'newer'> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const stored = await deps.cases.read(id)
    if (stored === null) return 'unknown'
    // What newer code has written is left to newer code.
    if (stored.isNewer) return 'newer'
    const found = await viewOf(deps, stored)
    const added = before(found.view.facts, found.view)
    if (added === null) return 'refused'
    const made = await decideFrom(deps, stored, await foundWith(deps, stored, found, added), added)
    const entries = [...made.entries, ...after(made.decision, made.facts, made.found.view.now)]
    const facts = foldLog(stored.record.kind, stored.record.guid, [...stored.log, ...entries])
    const { now } = made.found.view
    const record = recordOf(stored, made.decision, facts, { now, againMs: AGAIN_AFTER_SWEEPS * deps.sweepMs })
    const alarms = made.decision.alarms.map(name => alarmOf(name, record, now))
    if (await write(deps, stored, made.found, made.decision, entries, record, alarms)) {
      const decided = { record, decision: made.decision, facts }
      await follow(deps, stored, decided, { entries, alarms, now })
      return decided
    }
  }
  return 'contended'
}

/** What was found, with more facts in the log; read anew where they tie the case to an order that is not in view. */
async function foundWith(deps: CaseDecisionDeps, stored: StoredCase, found: Found, added: readonly CaseEntry[]) {
  if (added.length === 0) return found
  const more = withEntries(found, stored, added)
  if (orderIdOf(more.view.facts) === orderIdOf(found.view.facts)) return more
  return viewOf(deps, { ...stored, log: [...stored.log, ...added] })
}

/** Decides; once more, with the order in view, when the first decision tied the case to it. */
async function decideFrom(deps: CaseDecisionDeps, stored: StoredCase, found: Found, added: readonly CaseEntry[]) {
  const decision = decide(found.view)
  const entries = [...added, ...decision.entries]
  if (decision.orderId === orderIdOf(found.view.facts)) return { found, decision, entries, facts: found.view.facts }
  const tied = await viewOf(deps, { ...stored, log: [...stored.log, ...entries] })
  const again = decide(tied.view)
  const alarms = [...decision.alarms, ...again.alarms]
  return {
    found: tied,
    decision: { ...again, alarms },
    entries: [...entries, ...again.entries],
    facts: tied.view.facts,
  }
}

function write(
  deps: CaseDecisionDeps,
  stored: StoredCase,
  { view, ledger, orderRev }: Found,
  decision: Decision,
  entries: readonly CaseEntry[],
  record: CaseRecord,
  alarms: readonly OutgoingAlarm[],
): Promise<boolean> {
  const { now } = view
  const isWaiting = decision.effects.length > 0 && decision.lookAt !== null
  const newLedger =
    ledger !== null && decision.takesRefund !== null ? withAnswer(ledger, decision.takesRefund, stored.id) : null
  return deps.cases.commit({
    before: stored,
    record,
    entries: entries.map(entry => [slotOf(entry, event => deps.shortDigest(eventKey(event))), entry] as const),
    // What is wanted and was lost on the way is wanted again soon.
    lookAt: isWaiting
      ? Math.min(decision.lookAt ?? Infinity, now + AGAIN_AFTER_SWEEPS * deps.sweepMs)
      : decision.lookAt,
    markAt: decision.markAt,
    orderRev,
    ledger,
    newLedger,
    mattersToOthers: entries.some(entry => MATTERS.has(entry.what)) || record.partner !== stored.record.partner,
    isListed: isListed(record, decision),
    alarms: deps.sendsAlarms ? alarms : [],
    event: eventOf(stored, record, entries),
  })
}

const AGAIN_AFTER_SWEEPS = 4
/** What an order is marked with. */
const FLAGS: Partial<Record<Effect, 'is_chargeback' | 'is_fraud'>> = {
  'tell-chargeback': 'is_chargeback',
  'tell-fraud': 'is_fraud',
}
/** Facts that may change what is decided about other cases of the order, or about its refund. */
const MATTERS: ReadonlySet<CaseEntry['what']> = new Set(['enriched', 'said', 'worded', 'sent', 'answered'])

function withAnswer(ledger: Ledger, key: string, id: string): Ledger | null {
  const claim = ledger.claims.find(one => one.key === key)
  return claim === undefined || claim.answeredBy === id ? null : withClaim(ledger, key, { answeredBy: id })
}

/** What is written is acted upon; whatever is lost from here on is found by the sweep. */
async function follow(
  deps: CaseDecisionDeps,
  stored: StoredCase,
  { record, decision, facts }: Decided,
  { entries, alarms, now }: { entries: readonly CaseEntry[]; alarms: readonly OutgoingAlarm[]; now: number },
): Promise<void> {
  const { id, orderId } = record
  // First of all: what is written as told of is not told of again.
  for (const alarm of alarms) {
    await deps.onAlarm(alarm)
    if (deps.sendsAlarms) await deps.wants.alarm(alarm.id)
  }
  const isWanted = record.wanted?.at === now || entries.some(entry => entry.what === 'said')
  const priority = priorityOf(caseDeadlines(facts, deps.caseTerms.deadlines).respondBy)
  for (const effect of decision.effects) {
    const flag = FLAGS[effect]
    if (flag !== undefined && orderId !== null) await deps.wants.flag(orderId, flag, record.platform, facts.seenAt)
    if (!isWanted) continue
    if (effect === 'enrich') await deps.wants.enrich(id, priority)
    else if (effect === 'resolve') await deps.wants.resolve(id, priority)
    else if (effect === 'refund' && orderId !== null) await deps.wants.refund(orderId, priority)
  }
  const isNewTie = orderId !== null && orderId !== stored.record.orderId
  const isNewWord = entries.some(entry => entry.what === 'said' || entry.what === 'enriched')
  if (orderId !== null && (isNewTie || entries.some(entry => MATTERS.has(entry.what))))
    await deps.wants.othersOf(orderId, id, isNewTie || isNewWord ? 'all' : 'open')
  // The order that it is no longer tied to is another one without it.
  const oldOrderId = stored.record.orderId
  if (oldOrderId !== null && oldOrderId !== orderId) await deps.wants.othersOf(oldOrderId, id, 'all')
  if (record.answeredAt !== null && stored.record.answeredAt === null)
    deps.onAnswered(record, record.answeredAt - record.seenAt)
}
