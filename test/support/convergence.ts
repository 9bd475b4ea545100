import { expect } from 'vitest'
import type { Inbox } from '../../src/sandbox/inbox.ts'
import type { OrderStore } from '../../src/store/order-store.ts'
import { fieldsTakenBack } from './call-history.ts'
import { eventually } from './eventually.ts'
import { comparable, expectedRecord } from './oracle.ts'
import type { SentChange } from './order-stream.ts'

type Orders = ReadonlyMap<string, readonly SentChange[]>

/** Waits until no order is dirty or doubtful and every call is over, the commits still to come included (`lateMs`). */
export async function atRest(
  orders: Pick<OrderStore, 'counts'>,
  inbox: Inbox,
  { lateMs, withinMs }: { lateMs: number; withinMs: number },
): Promise<void> {
  await eventually(
    async () => {
      const { dirty, doubtful, rejected } = await orders.counts()
      expect({ dirty, doubtful, rejected }).toEqual({ dirty: 0, doubtful: 0, rejected: 0 })
      expect(inbox.stats().inFlight, 'calls in flight').toBe(0)
      const newest = inbox.requests(1)[0]
      expect(Date.now() - (newest?.endedAt ?? 0), 'ms since the last call').toBeGreaterThan(lateMs)
    },
    { withinMs, everyMs: 100 },
  )
}

/** Every record at the platform is the merge of the order's changes, and what never settled was never sent. */
export function expectConverged(inbox: Inbox, orders: Orders): void {
  const wrong: unknown[] = []
  for (const [orderId, changes] of orders) {
    const expected = expectedRecord(changes)
    const seen = inbox.order(orderId)
    if (expected === null) {
      if (seen !== undefined) wrong.push({ orderId, neverSettledButCalled: seen.history.length })
      continue
    }
    const record = seen?.record == null ? null : comparable(seen.record)
    for (const field of new Set([...Object.keys(expected), ...Object.keys(record ?? {})]))
      if (!Object.is(JSON.stringify(sorted(record?.[field])), JSON.stringify(sorted(expected[field]))))
        wrong.push({ orderId, field, held: record?.[field], expected: expected[field] })
  }
  expect(wrong.slice(0, 5), `${wrong.length} fields differ from the merge of their changes`).toEqual([])
  expect(inbox.records().length, 'orders at the platform').toBe(
    [...orders.values()].filter(changes => expectedRecord(changes) !== null).length,
  )
}

/** No call of ours carried an older value of a field than an earlier call did; see `fieldsTakenBack`. */
export function expectNothingTakenBack(inbox: Inbox, orders: Orders): void {
  const faults = [...orders].flatMap(([orderId, changes]) =>
    fieldsTakenBack(inbox.order(orderId)?.history ?? [], changes).map(fault => `${orderId}: ${fault}`),
  )
  expect(faults.slice(0, 5), `${faults.length} values taken back`).toEqual([])
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]))
}
