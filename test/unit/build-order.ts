import { parseChange, type Change, type Note } from '../../src/domain/change.ts'
import type { Digest } from '../../src/domain/diff-order.ts'
import { mergeOrder } from '../../src/domain/merge-order.ts'
import { NO_MARKS } from '../../src/domain/order-marks.ts'
import type { OrderRecord, PushState } from '../../src/domain/order.ts'
import { entriesOf, keepNote, type Origin } from '../../src/domain/register.ts'

export const GENERIC: Origin = { name: 'generic', rank: 50 }

/** Digests that tests can read: the text itself. */
export const asItIs: Digest = text => text

const NEVER_PUSHED: PushState = {
  pushes: 0,
  sent: false,
  acknowledged: {},
  doubts: {},
  attempt: null,
  refusal: null,
}

/** A change of order 741258 at a second of 2026, or a failing test with the faults that were found. */
export function change(fields: Record<string, unknown>, second = 0): Change {
  const occurredAt = new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString()
  const parsed = parseChange({ order_id: '741258', occurred_at: occurredAt, ...fields })
  if ('errors' in parsed) throw new Error(JSON.stringify(parsed.errors))
  return parsed.change
}

/** An order that nothing was merged into yet. */
export const emptyOrder = (push: Partial<PushState> = {}): OrderRecord => ({
  orderId: '741258',
  rev: 0,
  changedAt: 0,
  registers: new Map(),
  notes: [],
  push: { ...NEVER_PUSHED, ...push },
  ...NO_MARKS,
})

/** The order after one more change. */
export function merged(order: OrderRecord, change: Change, origin = GENERIC): OrderRecord {
  const after = mergeOrder(order, entriesOf(change, origin), change.notes.map(keepNote), change.occurredAt)
  const { rev, registers, notes: kept, wasPaid, stated, holds } = after
  return { ...order, rev, registers, notes: kept, wasPaid, stated, holds }
}

/** An order made of these changes, one second apart, and of what the platform was told of it. */
export const orderOf = (changes: readonly Record<string, unknown>[], push: Partial<PushState> = {}): OrderRecord =>
  changes.reduce((order, fields, second) => merged(order, change(fields, second)), emptyOrder(push))

export const note = (second: number, text: string): Note => ({
  timestamp: `${new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString().slice(0, 19)}Z`,
  note: text,
})
