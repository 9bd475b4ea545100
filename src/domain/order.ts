import type { HoldReason } from './account/order-money.ts'
import type { FieldName, SentField } from './order-fields.ts'

/** Values and notes of an order together; a change of a source that would make them more is rejected. */
export const MAX_RECORD_BYTES = 256_000

/** One register of an order: the value that won, and when and by what tie it won. */
export interface Register {
  /** Integer milliseconds of the change that set it. */
  stamp: number
  /** Digits that decide between equal stamps (see `register.ts`). */
  tie: string
  /** Canonical JSON text of the value; `null` means cleared. */
  value: string
}

/** A register's name: the field, and for fields kept once for each origin `field@origin`. */
export type RegisterName = FieldName | `${FieldName}@${string}`

/** A note as it is kept: canonical JSON text of `{timestamp, note}`, ordered by time, then by the text's bytes. */
export interface KeptNote {
  /** Integer milliseconds of the note's own timestamp. */
  at: number
  text: string
}

/** A hold's name as it is kept: its reason and the register it is about. */
export type HoldName = `${HoldReason} ${string}`

/** A hold as it is kept. `at`: since when, Redis' milliseconds. `stamp`: of the rejected change, 0 where that cannot be told. */
export interface KeptHold {
  at: number
  stamp: number
}

/** What merging notes of an order beside its registers; none of it depends on the order in which changes arrive, but holds' times. */
export interface OrderMarks {
  /** True once any change, stale or not, stated that the order was paid. */
  wasPaid: boolean
  /** The greatest `refunded_to_date` that each source ever stated, as it stated that first. */
  stated: ReadonlyMap<RegisterName, Register>
  holds: ReadonlyMap<HoldName, KeptHold>
}

/** What a platform has been told of an order, and what of that is certain. */
export interface PushState {
  /** How often this state has been written; a write that read an older count is refused. */
  pushes: number
  /** True from the first attempt on. */
  sent: boolean
  /** Field → digest of the value the platform last accepted. */
  acknowledged: Partial<Record<SentField, string>>
  /** Field → until when (Redis' milliseconds) a call that carried another value of it may still be committed. */
  doubts: Partial<Record<SentField, number>>
  /** The attempt that was begun and has not ended. */
  attempt: Attempt | null
  /** The platform's refusal, while the order is rejected. */
  refusal: Refusal | null
}

export interface Attempt {
  id: string
  fields: readonly SentField[]
  startedAt: number
  /** Until then the call may be on the wire, and nobody else may push this order. */
  leaseUntil: number
}

export interface Refusal {
  at: number
  status: number
  /** The platform's words, masked of every value sent. */
  words: string
  /** The version of ours that was refused. */
  version: string
}

/** All that is known of one order. */
export interface OrderRecord extends OrderMarks {
  orderId: string
  /** Count of changes that changed something. */
  rev: number
  changedAt: number
  registers: ReadonlyMap<RegisterName, Register>
  notes: readonly KeptNote[]
  push: PushState
}
