import type { AccountConflict } from '../domain/account/account.ts'
import type { Statement } from '../domain/account/statements.ts'
import type { Mark } from '../domain/alert/deadlines.ts'
import type { FieldError } from '../domain/basics/field-error.ts'
import type { MatchedBy } from '../domain/case/log.ts'
import type { ComparedField } from '../domain/match/compare.ts'
import type { Claim } from '../domain/refund/ledger.ts'
import type { CaseRow } from './case-row.ts'
import type { TimelineEvent } from './order-view.ts'
import type { DecisionName } from './read-decision.ts'

/** Everything known of one case. Times are ISO 8601; amounts are decimals; no bodies, of hooks or of refunds. */
export interface CaseDetails extends CaseRow {
  /** As of when. */
  at: string
  guid: string
  /** What the platform states, in its own names. */
  facts: Record<string, string>
  /** Fields of the alert that were given and could not be read, each with what was expected. */
  faults: readonly FieldError[]
  /** By what the case was matched to its order; null while it is not. */
  matched_by: MatchedBy | null
  /** How sure the match is, and every order that was compared. */
  match: MatchDetails
  /** The order's money; null while the order is not known. */
  order: {
    captured: string | null
    left: string
    currency: string | null
    reported_refunded: string | null
    charged_back: boolean
    settled: boolean
  } | null
  /** What every side states about the sale's money; null while the order is not known. */
  account: AccountDetails | null
  /** Of a refund request: the amounts that it and the platform's record name, each once. */
  requested: { amount: string; currency: string | null; stated_by: 'request' | 'record' }[]
  /** What an approval would refund now: all that is refundable unless told, or the alert's part; null when nothing waits for one. */
  to_approve: { amount: string; currency: string; alert_amount: string | null; is_late: boolean } | null
  /** What a person may decide now; where not, why. */
  may: Record<DecisionName, { allowed: boolean; says: string | null }>
  /** A resolution that is true now and waits for a person. */
  prepared: { resolution_type: string; other_description: string } | null
  answer: {
    resolution_type: string
    other_description: string
    /** The platform's own name of it, where it has another. */
    outcome: string | null
    chosen_by: string
    chosen_at: string
    calls: number
    /** What the platform answered last; null while there is nothing. */
    platform_said: { at: string; accepted: boolean; status: number; words: string; probably_answered: boolean } | null
  } | null
  deadlines: { started_at: string; respond_by: string; marks: { mark: Mark; at: string; told: boolean }[] } | null
  /** Oldest first: what came, what was decided and by whom, money moved, the resolution. */
  timeline: TimelineEvent[]
  /** Other cases of the same order. */
  siblings: CaseRow[]
  refunds: RefundRow[]
}

/** One refund of the case's order. */
export interface RefundRow {
  reference: string
  state: Claim['state']
  amount: string
  currency: string
  gateway: string
  /** The case that asked for it, and the one whose resolution is about it. */
  wanted_by: string
  answered_by: string | null
  approved_by: string | null
  claimed_at: string
  first_sent_at: string | null
  sends: number
  look_ups: number
  next_look_at: string | null
  refund_id: string | null
  arn: string | null
  confirmed_at: string | null
  why: { code: string; words: string | null } | null
}

/** How sure it is which order the case is about. */
export interface MatchDetails {
  verdict: 'certain' | 'likely' | 'open'
  by: MatchedBy | null
  /** Why it is open. */
  reason: string | null
  candidates: CandidateDetails[]
}

/** One compared order beside the alert. */
export interface CandidateDetails {
  order_id: string
  agrees: readonly ComparedField[]
  contradicts: readonly ComparedField[]
  unknown: readonly ComparedField[]
  sold_at: string | null
  /** What was captured, else what was to be paid. */
  amount: string | null
  currency: string | null
  card_last_4: string | null
  merchant_account: string | null
}

/** What every side states about the sale's money; amounts are decimals in `currency`. */
export interface AccountDetails {
  currency: string | null
  captured: string | null
  refunded: string
  refundable: string
  statements: { source: Statement['source']; what: Statement['what']; amount: string | null; at: string | null }[]
  /** Why the statements do not add up, as a code and in a sentence; null: they do. */
  conflict: AccountConflict | null
  conflict_explained: string | null
}
