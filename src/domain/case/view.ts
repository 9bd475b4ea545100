import { namesCdrn } from '../alert/kind.ts'
import type { CaseEntry, CaseFacts } from './log.ts'
import type { WhyCode } from './reasons.ts'
import { deadlinesOf, type Deadlines, type DeadlineTerms } from '../alert/deadlines.ts'
import type { Match } from '../match/match-alert.ts'
import type { OrderMoney } from '../account/order-money.ts'
import type { Ledger } from '../refund/ledger.ts'
import type { CaseOfOrder } from '../account/rest.ts'
import type { RefundTerms } from '../refund/wish.ts'

/** Where a case stands (rule 8); `noted`, `refunded` of an `order.refund` and `resolved` want nothing more. */
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

/** What must be done next, as data; it stays wanted until its result is a fact. */
export type Effect = 'enrich' | 'refund' | 'resolve' | 'tell-chargeback' | 'tell-fraud'

export interface CaseTerms {
  refunds: RefundTerms
  deadlines: DeadlineTerms
  resolve3ds: boolean
  /** At most so long until a case that is not finished is looked at again. */
  lookMs: number
  /** How long a send of a refund may be under way. */
  refundLeaseMs: number
  /** For how long a late answer is still tried after it was chosen. */
  lateAnswerMs: number
}

/** Everything a decision about one case depends on. */
export interface CaseView {
  now: number
  id: string
  facts: CaseFacts
  /** What a search over the look-up keys found, unless the case knows its order. */
  search: Match
  order: OrderMoney | null
  ledger: Ledger | null
  /** Every case tied to the order, this one among them. */
  cases: readonly CaseOfOrder[]
  terms: CaseTerms
}

/** Where a case stands, and what that wants, before the clock has its say. */
export interface Standing {
  state: CaseState
  why: WhyCode
  entries?: CaseEntry[]
  effects?: Effect[]
  takesRefund?: string
}

/** The order a case is tied to: the platform's word, else our own. */
export const orderIdOf = (facts: CaseFacts): string | null => facts.platformOrderId ?? facts.own?.orderId ?? null

/** When an alert must be answered, as far as its log tells. */
export function caseDeadlines(facts: CaseFacts, terms: DeadlineTerms): Deadlines {
  const issuedAt = facts.facts.issuedAt ?? facts.eventAt
  return deadlinesOf({ seenAt: facts.seenAt, issuedAt, namesCdrn: namesCdrn(facts.facts) }, terms)
}
