import { eventKey } from '../domain/alert/event.ts'
import { priorityOf } from '../domain/alert/deadlines.ts'
import { decide, type CaseDecision } from '../domain/case/decide.ts'
import { foldLog, slotOf, type CaseEntry, type CaseFacts } from '../domain/case/log.ts'
import type { CaseView } from '../domain/case/view.ts'
import { caseDeadlines } from '../domain/refund/trigger.ts'
import type { CaseRecord, CaseStore, OutgoingAlarm, StoredCase } from '../store/case-store.ts'
import { alarmsOf, eventOf, isListed, recordOf } from './case-record.ts'
import { viewOf, type CaseViewDeps, type Found } from './read-case-view.ts'
import type { Wants } from './wants.ts'

export interface CaseDecisionDeps extends CaseViewDeps {
  cases: CaseViewDeps['cases'] & Pick<CaseStore, 'commit'>
  wants: Wants
  sweepMs: number
  /** Text → a short digest, for slots of a log. */
  shortDigest: (text: string) => string
  /** True when alarms also go out as hooks. */
  sendsAlarms: boolean
  /** Called with every alarm that rings, and with every one that ends. */
  onAlarm: (alarm: OutgoingAlarm) => void
  /** Called once a case has its answer. */
  onAnswered: (record: CaseRecord, tookMs: number) => void
}

/** Facts to add before a case is decided, or why they must not be added as it is now. A pure function of the case as it is then. */
export type NewFacts<Refusal> = (
  view: CaseView,
  record: CaseRecord,
) => { add: readonly CaseEntry[] } | { refuse: Refusal }

/** What deciding a case came to. `refused`: the new facts were not added; `contended`: it changes all the time. */
export type Decided<Refusal = never> =
  | { done: 'decided'; record: CaseRecord; decision: CaseDecision; facts: CaseFacts; added: readonly CaseEntry[] }
  | { done: 'refused'; refusal: Refusal }
  | { done: 'unknown' | 'contended' | 'newer' }

const MAX_TRIES = 25
const AGAIN_AFTER_SWEEPS = 4

/**
 * Reads everything about one case, decides, and writes the decision with its facts; again from the start while anything changes
 * in between. Then does what follows from the decision. With `call`, a resolution that is due is noted as sent, once.
 */
export async function decideCase<Refusal = never>(
  deps: CaseDecisionDeps,
  id: string,
  newFacts: NewFacts<Refusal> = () => ({ add: [] }),
  options: { call?: true } = {},
): Promise<Decided<Refusal>> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const stored = await deps.cases.read(id)
    if (stored === null) return { done: 'unknown' }
    // What newer code has written is left to newer code.
    if (stored.isNewer) return { done: 'newer' }
    const before = await viewOf(deps, stored)
    const asked = newFacts(before.view, stored.record)
    if ('refuse' in asked) return { done: 'refused', refusal: asked.refuse }
    const found = asked.add.length === 0 ? before : await viewOf(deps, stored, asked.add)
    const decision = decide(found.view)
    const decidedEntries = [...asked.add, ...decision.entries]
    const call = options.call === true ? callOf(decision, found.view, decidedEntries) : []
    const entries = [...decidedEntries, ...call]
    const facts = foldLog(stored.record.kind, stored.record.guid, [...stored.log, ...entries])
    const { now } = found.view
    const record = recordOf(stored, decision, facts, { now, againMs: AGAIN_AFTER_SWEEPS * deps.sweepMs })
    const alarms = alarmsOf(stored.record, record, decision.alarms, now)
    if (!(await write(deps, { stored, found, decision, entries, record, alarms }))) continue
    await follow(deps, { stored, found, decision, entries, record, alarms, facts, now })
    return { done: 'decided', record, decision, facts, added: entries }
  }
  return { done: 'contended' }
}

/** The call that a decision asks for, noted before it is made. */
function callOf(decision: CaseDecision, { facts, now }: CaseView, entries: readonly CaseEntry[]): CaseEntry[] {
  if (decision.state !== 'resolving' || !decision.effects.includes('resolve')) return []
  const fresh = entries.findLast(entry => entry.what === 'resolution')
  const chosen = fresh ?? facts.resolution
  if (chosen === null || chosen === undefined) return []
  const calls = fresh === undefined ? (facts.sent?.calls ?? 0) : 0
  // Never before the resolution it carries, whatever the clock does.
  return [{ what: 'sent', at: Math.max(now, chosen.at), of: chosen.at, calls: calls + 1, unanswered: calls > 0 }]
}

interface Made {
  stored: StoredCase
  found: Found
  decision: CaseDecision
  entries: readonly CaseEntry[]
  record: CaseRecord
  alarms: readonly OutgoingAlarm[]
}

function write(deps: CaseDecisionDeps, made: Made): Promise<boolean> {
  const { stored, found, decision, entries, record, alarms } = made
  const { now } = found.view
  const isWaiting = (decision.effects.length > 0 || decision.flags.length > 0) && decision.lookAt !== null
  return deps.cases.commit({
    before: stored,
    record,
    entries: entries.map(entry => [slotOf(entry, event => deps.shortDigest(eventKey(event))), entry] as const),
    // What is due and was lost on the way is asked for again soon.
    lookAt: isWaiting
      ? Math.min(decision.lookAt ?? Infinity, now + AGAIN_AFTER_SWEEPS * deps.sweepMs)
      : decision.lookAt,
    markAt: decision.markAt,
    orderRev: found.orderRev,
    ledger: found.ledger,
    mattersToOthers: entries.some(entry => MATTERS.has(entry.what)) || record.partner !== stored.record.partner,
    isListed: isListed(record, decision),
    rings: decision.alarms,
    alarms: deps.sendsAlarms ? alarms : [],
    event: eventOf(stored, record, entries),
  })
}

/** Facts that may change what is decided about other cases of the order, or about its refund. */
const MATTERS: ReadonlySet<CaseEntry['what']> = new Set(['read-back', 'decision', 'resolution', 'sent', 'answered'])

/** What is written is acted upon; whatever is lost from here on is found by the sweep. */
async function follow(deps: CaseDecisionDeps, made: Made & { facts: CaseFacts; now: number }): Promise<void> {
  const { stored, found, decision, entries, record, alarms, facts, now } = made
  const { id, orderId } = record
  // First of all: an alarm that is kept as raised is not raised again.
  for (const alarm of alarms) {
    // A case that comes back for the same reason within an hour stands again, and does not ring.
    if (alarm.state === 'cleared' || decision.alarms.some(name => name === alarm.name)) deps.onAlarm(alarm)
    if (deps.sendsAlarms) await deps.wants.alarm(alarm.id)
  }
  await enqueue(deps, made)
  const isNewMatch = orderId !== stored.record.orderId
  const isNews = entries.some(entry => entry.what === 'decision' || entry.what === 'read-back')
  if (orderId !== null && (isNewMatch || entries.some(entry => MATTERS.has(entry.what))))
    await deps.wants.othersOf(orderId, id, isNewMatch || isNews ? 'all' : 'open')
  // A refund request waits until an alert that may be of its order has been read again.
  if (
    record.kind === 'alert' &&
    orderId === null &&
    entries.some(({ what }) => what === 'read-back' || what === 'asked')
  )
    for (const one of found.view.assessment.candidates) await deps.wants.othersOf(one.orderId, id, 'open')
  // The order that it is no longer matched to is another one without it.
  const oldOrderId = stored.record.orderId
  if (oldOrderId !== null && oldOrderId !== orderId) {
    await deps.wants.othersOf(oldOrderId, id, 'all')
    await deps.wants.refund(oldOrderId, priorityIn(deps, facts))
  }
  if (record.answeredAt !== null && stored.record.answeredAt === null)
    deps.onAnswered(record, record.answeredAt - record.seenAt)
  if (decision.flags.length > 0) await mark(deps, record, decision, now)
}

const priorityIn = (deps: CaseDecisionDeps, facts: CaseFacts) =>
  priorityOf(caseDeadlines(facts, deps.caseTerms.refunds.deadlines).respondBy)

async function enqueue(
  deps: CaseDecisionDeps,
  { decision, entries, record, facts, now }: Made & { facts: CaseFacts; now: number },
): Promise<void> {
  const isDue = record.due?.at === now || entries.some(entry => entry.what === 'decision')
  if (!isDue) return
  const priority = priorityIn(deps, facts)
  for (const effect of new Set(decision.effects)) {
    if (effect === 'enrich') await deps.wants.enrich(record.id, priority)
    else if (effect === 'resolve') await deps.wants.resolve(record.id, priority)
    else if (record.orderId !== null) await deps.wants.refund(record.orderId, priority)
  }
}

/** Marks orders, or withdraws marks, and keeps that it was done; what is lost in between is due again. */
async function mark(deps: CaseDecisionDeps, record: CaseRecord, { flags }: CaseDecision, now: number): Promise<void> {
  const others = (await Promise.all(flags.map(({ orderId }) => deps.cases.ofOrder(orderId)))).flat()
  const marked: CaseEntry[] = []
  for (const { orderId, flag, value } of flags) {
    // Another case of the platform may still be the reason for the mark.
    const isHeld = !value && others.some(one => one.id !== record.id && one.record.orderId === orderId && one.record.platform === record.platform && marksWith(one, flag)) // prettier-ignore
    if (!isHeld) await deps.wants.flag({ orderId, flag, value, platform: record.platform, at: now })
    marked.push({ what: 'flag', at: now, orderId, flag, value })
  }
  await decideCase(deps, record.id, ({ facts }) => ({
    add: marked.filter(one => one.what === 'flag' && facts.flags.some(had => had.orderId === one.orderId && had.flag === one.flag) !== one.value), // prettier-ignore
  }))
}

const marksWith = ({ record }: StoredCase, flag: string) =>
  flag === 'is_chargeback' ? record.kind === 'chargeback' : record.kind === 'alert' && record.partner?.includes('fraud-notification') === true // prettier-ignore
