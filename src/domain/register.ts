import type { Change, FieldValue, Note } from './change.ts'
import { FIELDS, ORDER_STATUSES, PAYMENT_STATES, type FieldName } from './order-fields.ts'
import { parseInstant } from './basics/instant.ts'
import { sortableAmount } from './basics/money.ts'
import type { KeptNote, Register, RegisterName } from './order.ts'

/** Where a change comes from: its name, and its rank among equals (0 to 99, the higher wins a tie). */
export interface Origin {
  name: string
  rank: number
}

/** One register as a change wants it, under the name it is kept by. */
export interface Entry extends Register {
  name: RegisterName
  field: FieldName
}

/** Whole numbers that a float holds exactly have so many digits at most. */
const SEQUENCE_DIGITS = 16

/**
 * A change as registers to merge; every one bears the change's stamp and a tie that orders equal stamps totally: first by
 * the change's sequence (a 2 and its digits; a change that bears one is later than any that bears none), then by `tieOf`.
 */
export function entriesOf(change: Change, origin: Origin): Entry[] {
  const entries: Entry[] = []
  const sequence = change.sequence === undefined ? '' : `2${String(change.sequence).padStart(SEQUENCE_DIGITS, '0')}`
  for (const [name, value] of Object.entries(change.values) as [FieldName, FieldValue][]) {
    entries.push({
      name: registerName(name, origin),
      field: name,
      stamp: change.occurredAt,
      tie: sequence + tieOf(name, value, origin),
      value: JSON.stringify(value),
    })
  }
  return entries
}

const registerName = (field: FieldName, origin: Origin): RegisterName =>
  FIELDS[field].perOrigin === true ? `${field}@${origin.name}` : field

/**
 * Digits whose text order decides between equal stamps: a value over null; then Refunded over Cancelled over Complete, the
 * greater amount, true over false; then the origin's rank. What is still equal is decided by the values' bytes. Every tie of
 * one field has the same width.
 */
export function tieOf(field: FieldName, value: FieldValue, origin: Origin): string {
  const rank = String(origin.rank).padStart(2, '0')
  const order = orderDigits(field, value)
  return value === null ? `0${'0'.repeat(order.length)}${rank}` : `1${order}${rank}`
}

function orderDigits(field: FieldName, value: FieldValue): string {
  switch (FIELDS[field].kind) {
    case 'money':
      return sortableAmount(value === null ? '0' : (value as string))
    case 'flag':
      return value === true ? '1' : '0'
    case 'status':
      return String(ORDER_STATUSES.indexOf(value as (typeof ORDER_STATUSES)[number]) + 1)
    case 'paymentState':
      return String(PAYMENT_STATES.indexOf(value as (typeof PAYMENT_STATES)[number]) + 1)
    default:
      return ''
  }
}

/** True when `a` is the later of two registers of one name: by stamp, then tie, then the values' UTF-8 bytes. */
export function beats(a: Register, b: Register): boolean {
  if (a.stamp !== b.stamp) return a.stamp > b.stamp
  if (a.tie !== b.tie) return a.tie > b.tie
  return compareBytes(a.value, b.value) > 0
}

/**
 * True when two changes of one time state different values of a register, and neither bears a sequence. `isWon`: the new one is
 * stored; where its tie is greater that is as it must be.
 */
export const areTied = (old: Register, given: Register, isWon: boolean): boolean =>
  old.stamp === given.stamp &&
  old.value !== given.value &&
  !old.tie.startsWith('2') &&
  !given.tie.startsWith('2') &&
  (!isWon || old.tie === given.tie)

export const compareBytes = (a: string, b: string): number =>
  a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b))

export const keepNote = (note: Note): KeptNote => ({
  at: parseInstant(note.timestamp) ?? 0,
  text: JSON.stringify({ timestamp: note.timestamp, note: note.note }),
})
