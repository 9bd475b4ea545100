import type { SentField } from './order-fields.ts'
import type { OrderRecord, PushState } from './order.ts'
import { fieldsOf } from './shown-order.ts'

/**
 * How an attempt to push ended: `accepted` by a 200; `refused` by an answer below 500, or never connected: nothing can have
 * been committed; `unanswered`: a 5xx, a time-out or a lost connection, and it may be committed later.
 */
export type AttemptEnd = 'accepted' | 'refused' | 'unanswered'

type Doubts = PushState['doubts']

/**
 * The doubts a new attempt starts from: an attempt that was begun and never ended is superseded, and its fields stay in doubt
 * until `doubtMs` after its call can last have been on the wire.
 */
export function doubtsAtBegin(push: Pick<PushState, 'doubts' | 'attempt'>, doubtMs: number): Doubts {
  return push.attempt === null
    ? push.doubts
    : withDoubt(push.doubts, push.attempt.fields, push.attempt.leaseUntil + doubtMs)
}

/** The doubts that a push can lift: a field the order has nothing of is never sent, so its doubt would stand for ever. */
export function liftableDoubts(doubts: Doubts, order: Pick<OrderRecord, 'registers' | 'notes'>): Doubts {
  const doubted = Object.entries(doubts) as [SentField, number][]
  if (doubted.length === 0) return doubts
  const known = new Set<SentField>(fieldsOf(order.registers))
  if (order.notes.length > 0) known.add('notes')
  return Object.fromEntries(doubted.filter(([field]) => known.has(field)))
}

/** What is acknowledged and what is in doubt after an attempt that ran from `startedAt` to `endedAt` (Redis' milliseconds). */
export function endAttempt(
  before: Pick<PushState, 'acknowledged' | 'doubts'>,
  attempt: {
    fields: readonly SentField[]
    digests: Partial<Record<SentField, string>>
    startedAt: number
    endedAt: number
  },
  end: AttemptEnd,
  doubtMs: number,
): Pick<PushState, 'acknowledged' | 'doubts'> {
  if (end === 'refused') return before
  if (end === 'unanswered')
    return { ...before, doubts: withDoubt(before.doubts, attempt.fields, attempt.endedAt + doubtMs) }
  const doubts = { ...before.doubts }
  for (const field of attempt.fields) {
    if (attempt.startedAt >= (doubts[field] ?? 0)) delete doubts[field]
  }
  return { acknowledged: { ...before.acknowledged, ...attempt.digests }, doubts }
}

/** When the last of the doubts can be lifted by a push, or null when there are none. */
export function doubtEndsAt(doubts: Doubts): number | null {
  const times = Object.values(doubts)
  return times.length === 0 ? null : Math.max(...times)
}

function withDoubt(doubts: Doubts, fields: readonly SentField[], until: number): Doubts {
  const next = { ...doubts }
  for (const field of fields) next[field] = Math.max(next[field] ?? 0, until)
  return next
}
