import type { OrderPayload } from '../domain/order-payload.ts'
import type { SentField } from '../domain/order-fields.ts'
import type { JobView } from '../queue/inspect.ts'
import type { CaseRow } from './case-row.ts'
import type { EvidenceView } from './compelling-evidence.ts'

/** Where an order stands, in one word. */
export type OrderState = 'held' | 'dirty' | 'in-doubt' | 'rejected' | 'acknowledged'

/** What is known of one order, as pages, routes and commands show it. Times are ISO 8601. */
export interface OrderView {
  /** As of when. */
  at: string
  order_id: string
  state: OrderState
  /** The state in a plain sentence: what it waits for, and until when. */
  why: string
  rev: number
  changed_at: string
  /** The merged order: every field that was ever set, in the Data API's names and forms, the extra fields among them. */
  order: OrderPayload
  /** The fields the platform last accepted, and when it last accepted any. */
  acknowledged: { at: string | null; fields: SentField[] }
  /** Fields that the next push would carry. */
  differs: SentField[]
  /** Fields that were sent and are not known to have arrived; a push from `until` on can settle them. */
  in_doubt: { field: SentField; until: string }[]
  /** The push that is, or may still be, on the wire. */
  attempt: { fields: SentField[]; started_at: string; until: string } | null
  refusal: { at: string; status: number; words: string; retry_at: string | null } | null
  job: { state: JobView['state']; attempts: number; runs_at: string | null; last_failure: string | null } | null
  /** Its alerts, newest first. */
  cases: CaseRow[]
  /** Whether it could be answered with Compelling Evidence 3.0 were it disputed at `at`. */
  compelling_evidence: EvidenceView
  /** Newest first, at most 200. */
  timeline: TimelineEvent[]
}

/** One event of an order's life; `says` is the whole of it in a sentence, without values. */
export interface TimelineEvent {
  at: string
  what: string
  says: string
  [detail: string]: unknown
}
