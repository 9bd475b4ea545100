import type { CaseAlarm, CaseDecision } from '../domain/case/decide.ts'
import type { CaseEntry, CaseFacts } from '../domain/case/log.ts'
import { actionOf, describeReason } from '../domain/case/reasons.ts'
import { formatAmount } from '../domain/basics/money.ts'
import { untiedBuckets } from '../domain/case/untied.ts'
import type { CaseRecord, OutgoingAlarm, StoredCase } from '../store/case-store.ts'

/** A case's record after a decision: what a list or a page shows of it. */
export function recordOf(
  { id, record }: StoredCase,
  decision: CaseDecision,
  facts: CaseFacts,
  { now, againMs }: { now: number; againMs: number },
): CaseRecord {
  const { facts: known } = facts
  return {
    ...record,
    v: 2,
    id,
    state: decision.state,
    reason: decision.reason,
    orderId: decision.orderId,
    respondBy: decision.respondBy,
    seenAt: facts.seenAt,
    partner: known.partner ?? null,
    amount: known.amount ?? null,
    currency: known.currency ?? null,
    arn: known.arn ?? null,
    resolution: facts.resolution?.resolution ?? null,
    answeredAt: facts.answered?.accepted === true ? facts.answered.at : null,
    escalated: facts.marks.has('stop') && facts.answered?.accepted !== true,
    due: dueOf(record, decision, now, againMs),
    untiedIn: decision.isUntied ? untiedBuckets(known.cardLast4, [known.amount]) : [],
    prepared: decision.prepared,
    alarms: decision.standing,
  }
}

/** What is under way already is not asked for again for every fact that comes in, unless it takes so long that it may be lost. */
function dueOf(before: CaseRecord, decision: CaseDecision, now: number, againMs: number): CaseRecord['due'] {
  const { effects, state, reason } = decision
  if (effects.length === 0) return null
  const isSame = before.state === state && before.reason === reason && before.due?.effects.join() === effects.join()
  return isSame && now - before.due!.at < againMs ? before.due : { effects, at: now }
}

/** A refund request that an alert carries is not listed; a chargeback or a notice only while a person must look at it. */
export function isListed(record: CaseRecord, decision: CaseDecision): boolean {
  if (record.kind === 'chargeback') return decision.state === 'parked'
  return record.kind === 'alert' || decision.reason !== 'taken-over'
}

/** What goes out as hooks: alarms that a decision raises, and those that are over with it. */
export function alarmsOf(
  before: CaseRecord,
  record: CaseRecord,
  rings: readonly CaseAlarm[],
  at: number,
): OutgoingAlarm[] {
  const raised = [...new Set([...rings, ...record.alarms.filter(name => !before.alarms.includes(name))])]
  // What rings and does not last is over at once: an answer that came too late.
  const over = [...new Set([...before.alarms, ...rings])].filter(name => !record.alarms.includes(name))
  return [
    ...raised.map(name => alarmOf(name, 'raised', record, at)),
    ...over.map(name => alarmOf(name, 'cleared', record, at)),
  ]
}

/** An alarm about a case, with what a person must do. */
function alarmOf(name: CaseAlarm, state: OutgoingAlarm['state'], record: CaseRecord, at: number): OutgoingAlarm {
  const { id, reason, orderId, respondBy } = record
  return {
    id: [id, name, reason, at, ...(state === 'cleared' ? [state] : [])].join('|'),
    name,
    state,
    subject: id,
    caseId: id,
    orderId,
    at,
    says: [describeReason(reason), ...(reason === 'no-gateway' ? byHand(record) : [])].join(' '),
    decide: state === 'cleared' ? null : actionOf(reason),
    respondBy,
  }
}

/** What to refund, and by when. */
function byHand({ amount, currency, respondBy }: CaseRecord): string[] {
  if (amount === null || currency === null || respondBy === null) return []
  return [`The alert is over ${formatAmount(amount, currency)} ${currency}, due ${new Date(respondBy).toISOString()}.`]
}

/** What the order's timeline shows of the case. */
export function eventOf(
  { record: old }: StoredCase,
  record: CaseRecord,
  entries: readonly CaseEntry[],
): Record<string, unknown> | null {
  if (record.orderId === null) return null
  const about = { case: record.id, partner: record.partner, amount: record.amount, currency: record.currency }
  const decided = entries.find(entry => entry.what === 'decision')
  if (decided) return { what: 'decided', ...about, word: decided.decision, by: decided.by, reason: decided.reason }
  const answered = entries.find(entry => entry.what === 'answered')
  if (answered)
    return {
      what: answered.accepted ? 'resolved' : 'answer-refused',
      ...about,
      ...record.resolution,
      status: answered.status,
    }
  const chosen = entries.find(entry => entry.what === 'resolution')
  if (chosen) return { what: 'answer-chosen', ...about, ...chosen.resolution }
  if (old.orderId !== record.orderId) {
    const own = entries.find(entry => entry.what === 'matched')
    return { what: record.kind, ...about, by: own?.by ?? 'platform' }
  }
  if (old.state !== record.state && (record.state === 'parked' || record.state === 'awaiting-approval'))
    return { what: record.state, ...about, why: record.reason }
  return null
}
