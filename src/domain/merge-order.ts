import { noteMarks, NO_MARKS } from './order-marks.ts'
import type { HoldName, KeptNote, OrderMarks, OrderRecord, Register, RegisterName } from './order.ts'
import { isPaymentOutdated, isSettled } from './settled.ts'
import { areTied, beats, compareBytes, type Entry } from './register.ts'

/** `changed` a value won · `unchanged` nothing new · `stale` nothing won, something lost · `held` won, not settled yet. */
export type MergeStatus = 'changed' | 'unchanged' | 'stale' | 'held'

export interface Merged extends OrderMarks {
  status: MergeStatus
  rev: number
  registers: Map<RegisterName, Register>
  notes: KeptNote[]
  /** Names of the holds that this change set. */
  held: HoldName[]
  /** A value lost to another of the same time, and no sequence decided. */
  isTied: boolean
}

/** As much of an order as merging depends on. */
type Mergeable = Pick<OrderRecord, 'rev' | 'registers' | 'notes' | keyof OrderMarks> & { push: { sent: boolean } }

const MAX_NOTES = 200

/**
 * Merges a change's entries and notes into an order (null: none yet). Commutative, associative and idempotent: any order, any
 * number of deliveries, one result. `at`: Redis' milliseconds. The twin of `store/lua/merge-order.lua`; both are run on the
 * same cases.
 */
export function mergeOrder(
  order: Mergeable | null,
  entries: readonly Entry[],
  notes: readonly KeptNote[],
  at: number,
): Merged {
  const sent = order?.push.sent === true
  const before = { ...NO_MARKS, ...order, registers: order?.registers ?? new Map<RegisterName, Register>() }
  const { wasPaid, stated, holds, noted, held } = noteMarks(before, entries, at)
  const registers = new Map(order?.registers)
  let [changed, lost, advanced, isTied] = [false, false, false, false]
  for (const { name, stamp, tie, value } of entries) {
    const stored = registers.get(name)
    if (stored && !beats({ stamp, tie, value }, stored)) {
      isTied ||= areTied(stored, { stamp, tie, value }, false)
      lost ||= stored.stamp !== stamp || stored.tie !== tie || stored.value !== value
      continue
    }
    if (stored) isTied ||= areTied(stored, { stamp, tie, value }, true)
    if (value === (stored?.value ?? 'null')) advanced = true
    else changed = true
    registers.set(name, { stamp, tie, value })
  }
  // Nothing but a time may decide which of status and payment state counts.
  if (isPaymentOutdated(registers) !== isPaymentOutdated(before.registers)) changed = true
  const kept = newestNotes([...(order?.notes ?? []), ...notes])
  for (const note of notes) {
    if (!kept.some(other => other.text === note.text)) lost = true
    else if (!order?.notes.some(other => other.text === note.text)) changed = true
  }
  const rev = (order?.rev ?? 0) + (changed || noted ? 1 : 0)
  const isUnsettled = !sent && !isSettled(registers)
  const status = changed ? (isUnsettled ? 'held' : 'changed') : !advanced && lost ? 'stale' : 'unchanged'
  return { status, rev, registers, notes: kept, wasPaid, stated, holds, held, isTied }
}

/** The newest notes of a set, by time and then by bytes: the newest of a union, so the order of arrival cannot matter. */
function newestNotes(notes: readonly KeptNote[]): KeptNote[] {
  const unique = new Map(notes.map(note => [note.text, note]))
  return [...unique.values()].toSorted((a, b) => a.at - b.at || compareBytes(a.text, b.text)).slice(-MAX_NOTES)
}
