import type { FieldError } from '../basics/field-error.ts'
import type { AlertEvent, AlertFacts } from '../alert/facts.ts'
import type { Mark } from '../alert/deadlines.ts'
import { statesAnswers, type AnswerType } from '../alert/resolution-types.ts'

/** What a case is about: an alert to answer · an `order.refund`, which names an order alone · a chargeback, which is too late. */
export type CaseKind = 'alert' | 'request' | 'chargeback'

/** By what an alert was matched to its order. */
export type MatchedBy = 'platform' | 'person' | 'transaction_id' | 'arn' | 'auth_id' | 'card'

/** A resolution as it goes out. */
export interface Resolution {
  type: AnswerType
  description: string
}

/** A person's decision about a case; amounts are canonical decimals. */
export type Decision =
  | { decision: 'approve'; amount: string; currency: string }
  | { decision: 'decline' }
  | { decision: 'resolve'; resolution: Resolution }
  /** The case is about this order, whatever anything else suggests. */
  | { decision: 'match'; orderId: string }
  /** A double payment is known and dealt with. */
  | { decision: 'close' }
  /** A refund that a person made by hand: when (ms), its reference where it was made, and what was refunded of the order with it. */
  | { decision: 'refunded'; amount: string; total: string; currency: string; refundedAt: number; reference: string | null } // prettier-ignore

/** What an order is marked with. */
export type OrderFlag = 'is_chargeback' | 'is_fraud'

/**
 * One fact of a case, as it is kept. A case is nothing but the fold of its log (with its order and that order's ledger): its
 * record can be thrown away and built again. The log only grows. Times are Redis' milliseconds.
 */
export type CaseEntry =
  /** An event that came through the hook or the list, and its body as it came, masked. */
  | { what: 'hook'; at: number; event: AlertEvent; raw: unknown }
  /** What the platform's own record says; another entry each time that it says something else. */
  | { what: 'read-back'; at: number; facts: AlertFacts; faults?: readonly FieldError[] }
  /** The last time the platform was asked: the only entry that is replaced. `missedSince`: since when it has no such record. */
  | { what: 'asked'; at: number; missedSince: number | null }
  /** The order we matched it to ourselves, once something was done because of it. */
  | { what: 'matched'; at: number; orderId: string; by: MatchedBy; isActed: true }
  | ({ what: 'decision'; at: number; by: string; reason: string | null } & Decision)
  /** A deadline's mark that was noticed. */
  | { what: 'mark'; at: number; mark: Mark }
  /** An alarm that was raised, and for which reason. */
  | { what: 'alarmed'; at: number; alarm: string; reason: string }
  /** The resolution, before the first call; who chose it: `policy` or a person; the order it is about. */
  | { what: 'resolution'; at: number; by: string; resolution: Resolution; orderId: string | null; refundKey: string | null }
  /** Before each call, so that a call that died counts as unanswered. `of`: when its resolution was chosen. */
  | { what: 'sent'; at: number; of: number; calls: number; unanswered: boolean }
  /** What the platform answered to it; `probably`: a refusal after a try that was not answered. */
  | { what: 'answered'; at: number; accepted: boolean; probably: boolean; status: number; words: string }
  /** An order was marked, or its mark withdrawn. */
  | { what: 'flag'; at: number; orderId: string; flag: OrderFlag; value: boolean } // prettier-ignore

export type EntryOf<What extends CaseEntry['what']> = Extract<CaseEntry, { what: What }>

/** Where in the log an entry is kept. Only `asked` and the count of calls are replaced; everything else is added. */
export function slotOf(entry: CaseEntry, key: (event: AlertEvent) => string): string {
  switch (entry.what) {
    case 'hook':
      return `hook:${key(entry.event)}`
    case 'asked':
      return 'asked'
    case 'mark':
      return `mark:${entry.mark}`
    case 'sent':
      return `sent:${entry.of}`
    case 'flag':
      return `flag:${entry.at}:${entry.flag}:${entry.orderId}`
    case 'alarmed':
      return `alarmed:${entry.at}:${entry.alarm}`
    default:
      return `${entry.what}:${entry.at}`
  }
}

/** A case as its log has it. */
export interface CaseFacts {
  kind: CaseKind
  guid: string
  /** False: the platform named nothing that it could be asked about. */
  hasGuid: boolean
  facts: AlertFacts
  /** Fields that were given and could not be read. */
  faults: readonly FieldError[]
  /** What the platform's record says, without the events; null while it was not read. */
  record: AlertFacts | null
  /** The orders and amounts that the events of a refund request named. */
  requested: readonly { orderId: string | null; amount: string | null }[]
  /** When it was first heard of, and the earliest time an event of it bears (null: none readable). */
  seenAt: number
  eventAt: number | null
  /** When the platform was last asked, and since when it has had no such record; null: never asked, or it has one. */
  askedAt: number | null
  missedSince: number | null
  /** An event that came after the platform was asked names another order than its record did: it must be asked again. */
  isRecordOld: boolean
  /** The orders the platform names: its record's alone, else those of its events. */
  namedOrderIds: readonly string[]
  /** The order a person chose. */
  chosenOrderId: string | null
  /** Orders that something was done for on our own match, oldest first. */
  own: readonly EntryOf<'matched'>[]
  decisions: readonly EntryOf<'decision'>[]
  marks: ReadonlySet<Mark>
  alarms: readonly EntryOf<'alarmed'>[]
  resolution: EntryOf<'resolution'> | null
  /** The last call with this resolution; null while none went out, or none that was surely taken. */
  sent: EntryOf<'sent'> | null
  answered: EntryOf<'answered'> | null
  /** What it has marked orders with, and not withdrawn. */
  flags: readonly { orderId: string; flag: OrderFlag }[]
}

/** Folds a log; the order of its entries does not matter, nor that one is in it twice. */
export function foldLog(kind: CaseKind, guid: string, entries: readonly CaseEntry[]): CaseFacts {
  const of = <What extends CaseEntry['what']>(what: What) =>
    entries.filter((entry): entry is EntryOf<What> => entry.what === what).toSorted(byTime)
  const hooks = of('hook')
  const [record, asked] = [of('read-back').at(-1) ?? null, of('asked').at(-1)]
  const decisions = of('decision')
  const resolution = of('resolution').at(-1) ?? null
  const sentAts = hooks.flatMap(({ event }) => (event.sentAt === null ? [] : [event.sentAt]))
  const chosen = decisions.findLast(one => one.decision === 'match')
  return {
    kind,
    guid,
    hasGuid: hooks.every(({ event }) => event.hasGuid !== false),
    facts: joinFacts(hooks, record),
    faults: [...hooks.flatMap(({ event }) => event.faults ?? []), ...(record?.faults ?? [])],
    record: record?.facts ?? null,
    requested: hooks.map(({ event: { facts } }) => ({ orderId: facts.orderId ?? null, amount: facts.amount ?? null })),
    seenAt: Math.min(...hooks.map(({ at }) => at)),
    eventAt: sentAts.length === 0 ? null : Math.min(...sentAts),
    askedAt: Math.max(record?.at ?? 0, asked?.at ?? 0) || null,
    missedSince: record === null ? (asked?.missedSince ?? null) : null,
    isRecordOld:
      record !== null &&
      hooks.some(
        ({ at, event: { facts } }) =>
          at > Math.max(record.at, asked?.at ?? 0) && (facts.orderId ?? record.facts.orderId) !== record.facts.orderId,
      ),
    namedOrderIds: namedIn(hooks, record),
    chosenOrderId: chosen?.decision === 'match' ? chosen.orderId : null,
    own: of('matched'),
    decisions,
    marks: new Set(of('mark').map(({ mark }) => mark)),
    alarms: of('alarmed'),
    resolution,
    sent: of('sent').findLast(one => one.of === resolution?.at && one.calls > 0) ?? null,
    answered: of('answered').at(-1) ?? null,
    flags: flagsIn(of('flag')),
  }
}

const byTime = (a: CaseEntry, b: CaseEntry) => a.at - b.at || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)

/** The order a case is about as far as anything says: a person, the platform, or our own match that was acted on. */
export function orderIdOf({ chosenOrderId, namedOrderIds, own }: CaseFacts): string | null {
  if (chosenOrderId !== null) return chosenOrderId
  if (namedOrderIds.length > 0) return namedOrderIds.length === 1 ? namedOrderIds[0]! : null
  return own.at(-1)?.orderId ?? null
}

/** Redis lost writes, or was restored (`rolledBackAt`; null: never), since the platform was asked: it may have an answer that is stored no more. */
export const mustReadAgain = ({ kind, hasGuid, askedAt, answered }: CaseFacts, rolledBackAt: number | null): boolean =>
  rolledBackAt !== null && kind === 'alert' && hasGuid && answered?.accepted !== true && (askedAt ?? 0) < rolledBackAt

/** The alert was issued before that (ms). */
export const isFromBefore = ({ facts, eventAt, seenAt }: CaseFacts, at: number): boolean =>
  Math.min(seenAt, facts.issuedAt ?? eventAt ?? seenAt) < at

/** Restored data has no answer to the alert, the platform may have one and does not state it, and no person has decided since. */
export function isAnswerUnknown(facts: CaseFacts, id: string, restoredAt: number | null): boolean {
  if (restoredAt === null || facts.kind !== 'alert' || statesAnswers(id) || !isFromBefore(facts, restoredAt))
    return false
  // What was sent before is sent again as it was.
  if (facts.sent !== null || facts.answered?.accepted === true) return false
  return !facts.decisions.some(({ decision, at }) => decision !== 'match' && at > restoredAt)
}

/** The last decision about refunding. */
export const lastRefundDecision = (decisions: CaseFacts['decisions']) =>
  decisions.findLast(one => one.decision === 'approve' || one.decision === 'decline') ?? null

/** Its record decides which order the platform means; while it has not named one, its events do, and they may differ. */
function namedIn(hooks: readonly EntryOf<'hook'>[], record: EntryOf<'read-back'> | null): string[] {
  if (record?.facts.orderId !== undefined) return [record.facts.orderId]
  return [...new Set(hooks.flatMap(({ event }) => event.facts.orderId ?? []))].toSorted()
}

function flagsIn(entries: readonly EntryOf<'flag'>[]): CaseFacts['flags'] {
  const last = new Map(entries.map(entry => [`${entry.flag} ${entry.orderId}`, entry]))
  return [...last.values()].flatMap(({ orderId, flag, value }) => (value ? [{ orderId, flag }] : []))
}

/**
 * What everything together says. Where it differs the platform's record wins, then its match, then its first event; among equals the
 * later text by bytes, so that the order of arrival never matters.
 */
function joinFacts(hooks: readonly EntryOf<'hook'>[], record: EntryOf<'read-back'> | null): AlertFacts {
  const ranked = hooks
    .map(({ event: { type, facts } }) => ({
      rank: type.endsWith('-match') ? 1 : 0,
      facts,
      text: JSON.stringify(facts),
    }))
    .toSorted((a, b) => a.rank - b.rank || (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ facts }) => facts)
  const all = record === null ? ranked : [...ranked, record.facts]
  const joined = Object.assign({}, ...all) as AlertFacts
  // How exactly a time is known belongs to the source that states it.
  if (all.findLast(({ issuedAt }) => issuedAt !== undefined)?.isIssuedOnDay === undefined) delete joined.isIssuedOnDay
  const partner = partnersIn(all)
  return partner === '' ? joined : { ...joined, partner }
}

/** Every word by which the partner was named: what was once called an RDR notice stays one, whatever a later answer leaves out. */
const partnersIn = (all: readonly AlertFacts[]): string =>
  [...new Set(all.flatMap(({ partner }) => partner?.split(' ') ?? []))].toSorted().join(' ')
