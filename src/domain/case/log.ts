import type { AlertEvent } from '../alert/event.ts'
import type { AlertFacts } from '../alert/facts.ts'
import type { Mark } from '../alert/deadlines.ts'
import type { MatchedBy } from '../match/match-alert.ts'
import type { AnswerType } from '../alert/resolution-types.ts'

/** What a case is about: an alert to answer · an `order.refund`, which names an order alone · a chargeback, which is too late. */
export type CaseKind = 'alert' | 'request' | 'chargeback'

/** The words of a resolution as they go out. */
export interface Wording {
  type: AnswerType
  description: string
}

/** A person's decision. */
export type Word =
  { word: 'approve'; amount: string; currency: string } | { word: 'refuse' } | { word: 'resolve'; wording: Wording }

/**
 * One fact of a case, as it is kept. A case is nothing but the fold of its log (with its order and that order's ledger): its
 * record can be thrown away and built again. Times are Redis' milliseconds.
 */
export type CaseEntry =
  /** An event that came through the hook, and its body as it came, masked. */
  | { what: 'hook'; at: number; event: AlertEvent; raw: unknown }
  /** What the platform answered when it was asked. */
  | { what: 'enriched'; at: number; facts: AlertFacts }
  | { what: 'not-found'; at: number }
  /** The order we tied it to ourselves; `wanted` once a refund of it was wanted for this case. */
  | { what: 'matched'; at: number; orderId: string; by: MatchedBy; wanted?: true }
  | ({ what: 'said'; at: number; by: string; reason: string | null } & Word)
  /** A deadline's mark that was told of. */
  | { what: 'mark'; at: number; mark: Mark }
  | { what: 'alarmed'; at: number; alarm: string }
  /** The resolution's words, before the first call; who chose them: `policy` or a person. */
  | { what: 'worded'; at: number; by: string; wording: Wording; refundKey: string | null }
  /** Before each call, so that a call that died counts as unanswered. */
  | { what: 'sent'; at: number; calls: number; unanswered: boolean }
  /** What the platform said of it; `probably`: a refusal after a try that was not answered. */
  | { what: 'answered'; at: number; accepted: boolean; probably: boolean; status: number; words: string }

/** Where in the log an entry stands; one that stands there already is replaced, but a hook's event, which is its content. */
export function slotOf(entry: CaseEntry, key: (event: AlertEvent) => string): string {
  switch (entry.what) {
    case 'hook':
      return `hook:${key(entry.event)}`
    case 'said':
      return `said:${entry.at}`
    case 'mark':
      return `mark:${entry.mark}`
    case 'alarmed':
      return `alarmed:${entry.alarm}`
    default:
      return entry.what
  }
}

/** A case as its log tells it. */
export interface CaseFacts {
  kind: CaseKind
  guid: string
  facts: AlertFacts
  /** When it was first heard of, and the earliest time an event of it bears (null: none readable). */
  seenAt: number
  eventAt: number | null
  /** When the platform was last asked for it. */
  enrichedAt: number | null
  /** The order the platform names. */
  platformOrderId: string | null
  own: { orderId: string; by: MatchedBy; wanted: boolean } | null
  said: readonly Extract<CaseEntry, { what: 'said' }>[]
  marks: ReadonlySet<Mark>
  alarmed: ReadonlySet<string>
  worded: Extract<CaseEntry, { what: 'worded' }> | null
  /** The last call with these words; null while none went out, or none that was surely taken. */
  sent: Extract<CaseEntry, { what: 'sent' }> | null
  answered: Extract<CaseEntry, { what: 'answered' }> | null
}

/** Folds a log; the order of its entries does not matter, nor that one stands in it twice. */
export function foldLog(kind: CaseKind, guid: string, entries: readonly CaseEntry[]): CaseFacts {
  const folded: CaseFacts & { marks: Set<Mark>; alarmed: Set<string> } = {
    kind,
    guid,
    facts: joinFacts(entries),
    seenAt: Math.min(...entries.flatMap(entry => (entry.what === 'hook' ? [entry.at] : []))),
    eventAt: null,
    enrichedAt: null,
    platformOrderId: null,
    own: null,
    said: entries.filter(entry => entry.what === 'said').toSorted((a, b) => a.at - b.at),
    marks: new Set(),
    alarmed: new Set(),
    worded: null,
    sent: null,
    answered: null,
  }
  for (const entry of entries) foldEntry(folded, entry)
  folded.platformOrderId = folded.facts.orderId ?? null
  const { sent, worded } = folded
  if (sent !== null && (sent.calls === 0 || (worded !== null && sent.at < worded.at))) folded.sent = null
  return folded
}

/** The platform ties it to another order than the one we were refunding, or answering about, on our own account. */
export const isConflict = ({ own, platformOrderId, worded }: CaseFacts): boolean =>
  own !== null && platformOrderId !== null && own.orderId !== platformOrderId && (own.wanted || worded !== null)

function foldEntry(folded: CaseFacts & { marks: Set<Mark>; alarmed: Set<string> }, entry: CaseEntry): void {
  switch (entry.what) {
    case 'hook':
      if (entry.event.sentAt !== null) folded.eventAt = Math.min(folded.eventAt ?? Infinity, entry.event.sentAt)
      return
    case 'enriched':
    case 'not-found':
      folded.enrichedAt = Math.max(folded.enrichedAt ?? 0, entry.at)
      return
    case 'matched':
      folded.own = { orderId: entry.orderId, by: entry.by, wanted: entry.wanted === true }
      return
    case 'mark':
      folded.marks.add(entry.mark)
      return
    case 'alarmed':
      folded.alarmed.add(entry.alarm)
      return
    case 'worded':
      folded.worded = entry
      return
    case 'sent':
      folded.sent = entry
      return
    case 'answered':
      folded.answered = entry
      return
    case 'said':
  }
}

/**
 * What all events together say. Where they differ, what the platform answered when asked wins, then its match, then its first
 * word; among equals the later text by bytes, so that the order of arrival never matters.
 */
function joinFacts(entries: readonly CaseEntry[]): AlertFacts {
  const askedAt = Math.max(...entries.flatMap(entry => (entry.what === 'enriched' ? [entry.at] : [])))
  const ranked = entries
    .flatMap(entry =>
      entry.what === 'enriched'
        ? entry.at === askedAt
          ? [{ rank: 2, facts: entry.facts }]
          : []
        : entry.what === 'hook'
          ? [{ rank: entry.event.type.endsWith('-match') ? 1 : 0, facts: entry.event.facts }]
          : [],
    )
    .map(({ rank, facts }) => ({ rank, facts, text: JSON.stringify(facts) }))
    .toSorted((a, b) => a.rank - b.rank || (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
  const joined = Object.assign({}, ...ranked.map(({ facts }) => facts)) as AlertFacts
  const partner = partnersIn(ranked.map(({ facts }) => facts))
  return partner === '' ? joined : { ...joined, partner }
}

/** Every word by which anybody named the partner: what was once called an RDR notice stays one, whatever a later answer leaves out. */
const partnersIn = (all: readonly AlertFacts[]): string =>
  [...new Set(all.flatMap(({ partner }) => partner?.split(' ') ?? []))].toSorted().join(' ')
