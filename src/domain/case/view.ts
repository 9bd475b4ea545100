import { isPaidTwice, isRdrPaid, type CaseOfOrder } from '../account/account.ts'
import type { OrderMoney } from '../account/order-money.ts'
import type { Assessment } from '../match/assess.ts'
import { emptyLedger, type Ledger } from '../refund/ledger.ts'
import type { RefundTerms, TriggerView } from '../account/account.ts'
import {
  isAnswerUnknown,
  isFromBefore,
  mustReadAgain,
  type CaseEntry,
  type CaseFacts,
  type OrderFlag,
  type Resolution,
} from './log.ts'
import type { ReasonCode } from './reasons.ts'

/** Where a case is; `noted`, `refunded` of a refund request and `resolved` are finished. */
export const CASE_STATES = [
  'received',
  'unmatched',
  'matched',
  'awaiting-approval',
  'refunding',
  'refunded',
  'resolving',
  'resolved',
  'parked',
  'noted',
] as const
export type CaseState = (typeof CASE_STATES)[number]

/** What must be done next, as data; it stays due until its result is a fact. */
export type Effect = 'enrich' | 'refund' | 'resolve'

/** A mark on an order that must be set, or withdrawn because its reason is gone. */
export interface FlagChange {
  orderId: string
  flag: OrderFlag
  value: boolean
}

/** What the merchant decided, and how long things take; milliseconds. */
export interface CaseTerms {
  refunds: RefundTerms
  resolve3ds: boolean
  /** The merchant's currency for orders that name none; null: none. */
  defaultCurrency: string | null
  /** How far before an alert its sale may lie when the alert does not state the time of sale. */
  lookbackMs: number
  /** How long a match of our own waits for the platform's. */
  graceMs: number
  /** What happens at the hard stop with a refund that the gateway has not confirmed. */
  pendingAtStop: 'person' | 'answer'
  /** At most so long until an unfinished case is decided again. */
  lookMs: number
  /** How long a send of a refund may be under way. */
  refundLeaseMs: number
  /** How long a late resolution is still tried after it was chosen. */
  lateAnswerMs: number
}

/** Everything a decision about one case depends on. */
export interface CaseView {
  now: number
  id: string
  facts: CaseFacts
  assessment: Assessment
  /** The order that the assessment points to, its refunds, and every case matched to it, this one among them. */
  order: OrderMoney | null
  ledger: Ledger | null
  cases: readonly CaseOfOrder[]
  /** See `TriggerView`. */
  untied: readonly CaseOfOrder[]
  awaited: readonly CaseOfOrder[]
  loose: readonly CaseOfOrder[]
  knownAccounts: ReadonlySet<string>
  /** Refunds of the orders this case was matched to before, on our own match. */
  former: readonly Ledger[]
  /** For a chargeback or an RDR notice without an order: it may concern a sale that was refunded. */
  mayConcernRefunded: boolean
  /** Its order was erased on request, and is not taken in again. */
  isErased: boolean
  /** Another case that shares its ARN was matched to an order. */
  isArnMatched: boolean
  /** Where the case was before this decision. */
  before: { state: CaseState; reason: ReasonCode } | null
  terms: CaseTerms
}

/** Where a case is and what that asks for, before the clock is considered. */
export interface CaseStatus {
  state: CaseState
  reason: ReasonCode
  /** The order it is matched to; null: none yet. */
  orderId: string | null
  entries?: CaseEntry[]
  effects?: Effect[]
  flags?: FlagChange[]
  /** When waiting ends of its own. */
  until?: number | null
  /** A resolution that is true now and waits for a person. */
  prepared?: Resolution
}

/** What an account and a trigger are made from. */
export const triggerViewOf = (view: CaseView): TriggerView => ({
  now: view.now,
  order: view.order,
  ledger: view.ledger ?? emptyLedger(view.order?.orderId ?? ''),
  cases: view.cases,
  untied: view.untied,
  awaited: view.awaited,
  loose: view.loose,
  resolve3ds: view.terms.resolve3ds,
  knownAccounts: view.knownAccounts,
  terms: view.terms.refunds,
})

/** A missing record is asked for again after so long. */
export const ASK_AGAIN_MS = 60_000

/** The platform is asked once for each case, and again while its record, its order, or who sent the alert is not known. */
export function enrichment({ facts, now, terms }: CaseView, isTied: boolean): Effect[] {
  if (mustReadAgain(facts, terms.refunds.rollback?.at ?? null)) return ['enrich']
  if (facts.hasGuid && facts.isRecordOld) return ['enrich']
  if (!facts.hasGuid || facts.answered?.accepted === true) return []
  if (facts.askedAt === null) return ['enrich']
  const againMs = facts.record === null ? Math.min(ASK_AGAIN_MS, terms.lookMs) : terms.lookMs
  const isLacking = facts.record === null || !isTied || (facts.kind === 'alert' && facts.facts.partner === undefined)
  const isDue = now - facts.askedAt >= againMs && facts.sent === null
  return isLacking && isDue ? ['enrich'] : []
}

/** An alert of before Redis lost writes or was restored: what is stored of it may be older than what the platform has. Null: it is decided as always. */
export function rolledBackStatus({ facts, id, terms }: CaseView, orderId: string | null): CaseStatus | null {
  const { rollback } = terms.refunds
  if (rollback == null || facts.answered?.accepted === true) return null
  if (mustReadAgain(facts, rollback.at)) return { state: orderId === null ? 'received' : 'matched', reason: 'reading-again', orderId } // prettier-ignore
  if (facts.facts.answeredAs !== undefined && isFromBefore(facts, rollback.at)) return { state: 'resolved', reason: 'answered-before', orderId } // prettier-ignore
  return isAnswerUnknown(facts, id, rollback.restoredAt) ? { state: 'parked', reason: 'answer-unknown', orderId } : null
}

const SEARCH_MS = 3 * 86_400_000
export const isSearchOver = ({ now, facts }: CaseView): boolean => now - facts.seenAt >= SEARCH_MS

/** A person has closed the matter since then, on whichever case of the sale. */
export const isClosed = ({ facts, cases }: CaseView, sinceMs: number): boolean =>
  [facts, ...cases.map(one => one.facts)].some(one =>
    one.decisions.some(({ decision, at }) => decision === 'close' && at >= sinceMs),
  )

/** More was refunded, paid by RDR and charged back than was captured, and no person has closed it since the last of them came. */
export function isDoublePayment(view: CaseView): boolean {
  const { order, ledger, cases } = triggerViewOf(view)
  const taken = cases.filter(({ facts }) => facts.kind === 'chargeback' || isRdrPaid(facts))
  return (
    isPaidTwice({ order, ledger, cases }) && !isClosed(view, Math.max(0, ...taken.map(({ facts }) => facts.seenAt)))
  )
}

/** A double payment is shown with the chargeback or the RDR payment that made it one, where there is one. */
export const isOwnDoublePayment = (view: CaseView): boolean =>
  isDoublePayment(view) && !view.cases.some(({ facts }) => facts.kind === 'chargeback' || isRdrPaid(facts))
