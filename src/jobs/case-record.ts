import type { Decision } from '../domain/case/decide.ts'
import type { CaseEntry, CaseFacts } from '../domain/case/log.ts'
import { decisionOf, saysOf } from '../domain/case/reasons.ts'
import type { CaseRecord, OutgoingAlarm, StoredCase } from '../store/case-store.ts'

/** A case's record after a decision: what a list or a page shows of it. */
export function recordOf(
  { id, record }: StoredCase,
  decision: Decision,
  facts: CaseFacts,
  { now, againMs }: { now: number; againMs: number },
): CaseRecord {
  return {
    ...record,
    id,
    state: decision.state,
    why: decision.why,
    orderId: decision.orderId,
    respondBy: decision.respondBy,
    seenAt: facts.seenAt,
    partner: facts.facts.partner ?? null,
    amount: facts.facts.amount ?? null,
    currency: facts.facts.currency ?? null,
    wording: facts.worded?.wording ?? null,
    answeredAt: facts.answered?.accepted === true ? facts.answered.at : null,
    escalated: facts.marks.has('stop') && facts.answered?.accepted !== true,
    wanted: wantedOf(record, decision, now, againMs),
  }
}

/** What is under way already is not wanted again for every fact that comes in, unless it takes so long that it may be lost. */
function wantedOf(before: CaseRecord, decision: Decision, now: number, againMs: number): CaseRecord['wanted'] {
  const { effects, state, why } = decision
  if (effects.length === 0) return null
  const isSame = before.state === state && before.why === why && before.wanted?.effects.join() === effects.join()
  return isSame && now - before.wanted!.at < againMs ? before.wanted : { effects, at: now }
}

/** Of an `order.refund` what no alert carries on is listed; a chargeback is only there to be seen with its order. */
export const isListed = (record: CaseRecord, decision: Decision) =>
  record.kind === 'alert' || (record.kind === 'request' && decision.why !== 'taken-over')

/** An alarm about a case, with what a person must decide. */
export function alarmOf(name: string, { id, why, orderId, respondBy }: CaseRecord, at: number): OutgoingAlarm {
  return {
    id: `${id}|${name}|${why}`,
    name,
    caseId: id,
    orderId,
    at,
    says: saysOf(why),
    decide: decisionOf(why),
    respondBy,
  }
}

/** What the order's timeline tells of the case. */
export function eventOf(
  { record: old, log }: StoredCase,
  record: CaseRecord,
  entries: readonly CaseEntry[],
): Record<string, unknown> | null {
  if (record.orderId === null) return null
  const about = { case: record.id, partner: record.partner, amount: record.amount, currency: record.currency }
  const said = entries.find(entry => entry.what === 'said')
  if (said) return { what: 'decided', ...about, word: said.word, by: said.by, reason: said.reason }
  const answered = entries.find(entry => entry.what === 'answered')
  if (answered)
    return {
      what: answered.accepted ? 'resolved' : 'answer-refused',
      ...about,
      ...record.wording,
      status: answered.status,
    }
  const worded = entries.find(entry => entry.what === 'worded')
  if (worded) return { what: 'answer-chosen', ...about, ...worded.wording }
  if (old.orderId !== record.orderId)
    return { what: record.kind, ...about, by: log.find(entry => entry.what === 'matched')?.by ?? 'platform' }
  if (old.state !== record.state && (record.state === 'parked' || record.state === 'awaiting-approval'))
    return { what: record.state, ...about, why: record.why }
  return null
}
