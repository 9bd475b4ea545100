import { comparable, sentFields, versionsOf } from './oracle.ts'
import type { SentChange } from './order-stream.ts'

/** What a call of ours looked like to the platform; times in milliseconds since 1970. */
export interface Call {
  seq: number
  at: number
  endedAt: number | null
  payload: unknown
}

/**
 * Fields that a call of ours took back. All calls for an order count, in the order in which they began, answered or not:
 * for each field there must be a way to read the values carried as versions of it (the CRM's values, oldest first) that
 * never goes down. Where a value is unique there is one such reading; where a value returns (A, B, A) a call with A may be
 * the first or the last. A value that the CRM never sent, or a list of notes that lost one, is a fault too.
 */
export function fieldsTakenBack(calls: readonly Call[], changes: readonly SentChange[]): string[] {
  const faults: string[] = []
  for (const field of sentFields(changes)) {
    // The status that is shown follows from the payment state too: its values are no versions of one field.
    if (field === 'order_status') continue
    const versions = versionsOf(field, changes).map(version => JSON.stringify(version.wire))
    let reached = 0
    for (const { seq, payload } of calls) {
      const carried = valueIn(payload, field)
      if (carried === undefined) continue
      if (field === 'notes') {
        const count = (carried as unknown[]).length
        if (count < reached) faults.push(`call ${seq} took back a note`)
        reached = Math.max(reached, count)
        continue
      }
      const found = versions.indexOf(JSON.stringify(carried), reached)
      if (found === -1) faults.push(`call ${seq} took back ${field}`)
      else reached = found
    }
  }
  return faults
}

function valueIn(payload: unknown, field: string): unknown {
  const [name, part] = field.split('.') as [string, string?]
  const value = comparable(payload as Record<string, unknown>)[name]
  return part === undefined ? value : (value as Record<string, unknown> | undefined)?.[part]
}

/** Pairs of calls for one order that were in flight at once, as the earlier and the later; `now` ends what has not ended. */
export function overlaps(calls: readonly Call[], now: number): [Call, Call][] {
  return calls.flatMap((call, i) =>
    calls.slice(0, i).flatMap(before => ((before.endedAt ?? now) > call.at ? [[before, call] as [Call, Call]] : [])),
  )
}
