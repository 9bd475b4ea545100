import type { Deps } from '../deps.ts'
import type { FieldError } from '../domain/change.ts'
import type { MergeStatus } from '../domain/merge-order.ts'
import { acceptChanges } from '../sources/accept-changes.ts'
import { parseJson } from '../parse-json.ts'
import type { RejectedChange } from '../store/rejected-store.ts'

/** What replaying one refused change came to; only `merged` takes it out of the refused ones. */
export type ReplayResult =
  | { id: string; done: 'merged'; order_id: string; status: MergeStatus; rev: number; says: string }
  | { id: string; done: 'refused-again'; order_id: string | null; errors: FieldError[]; says: string }
  | { id: string; done: 'not-replayable'; order_id: string | null; says: string }
  | { id: string; done: 'unknown'; says: string }

export type ReplayDeps = Pick<
  Deps,
  'sources' | 'orders' | 'rejected' | 'sourceStore' | 'alarms' | 'wantSync' | 'wantCasesOf' | 'startCommit' | 'config'
>

const MOST = 5_000

/** Takes refused changes through the door once more, as their bodies were kept: these, or all, oldest first. */
export async function replay(deps: ReplayDeps, ids: readonly string[] | 'all'): Promise<ReplayResult[]> {
  const results: ReplayResult[] = []
  if (ids === 'all') {
    for (const change of (await deps.rejected.list(MOST)).toReversed()) results.push(await replayOne(deps, change))
    return results
  }
  for (const id of ids) {
    const change = await deps.rejected.get(id)
    results.push(
      change === null
        ? { id, done: 'unknown', says: `no refused change ${id} is kept; it may have expired or been replayed` }
        : await replayOne(deps, change),
    )
  }
  return results
}

async function replayOne(deps: ReplayDeps, change: RejectedChange): Promise<ReplayResult> {
  const { id, orderId, body } = change
  const source = deps.sources.get(change.source)
  if (!change.replayable || body === null) {
    const says = 'something in it was masked or too long to keep; correct it at its source and send it again'
    return { id, done: 'not-replayable', order_id: orderId, says }
  }
  if (!source)
    return { id, done: 'not-replayable', order_id: orderId, says: `there is no source ${change.source} any more` }
  const parsed = parseJson(Buffer.from(body))
  if ('fault' in parsed) return { id, done: 'not-replayable', order_id: orderId, says: parsed.fault.message }
  const [result] = await acceptChanges(source, [parsed.value], acceptDeps(deps))
  if (result?.order_id == null || result.rev === null || result.status === 'rejected') {
    const says = 'it has the same kind of fault still; errors names each field'
    return { id, done: 'refused-again', order_id: result?.order_id ?? orderId, errors: result?.errors ?? [], says }
  }
  await deps.rejected.remove([id])
  const { order_id, status, rev } = result
  return { id, done: 'merged', order_id, status, rev, says: `merged into order ${order_id}: ${status}, rev ${rev}` }
}

const acceptDeps = ({ orders, sourceStore, alarms, wantSync, wantCasesOf, startCommit, config }: ReplayDeps) => ({
  orders,
  sourceStore,
  alarms,
  wantSync,
  wantCasesOf,
  startCommit,
  now: Date.now,
  settleMs: config.ORDER_SYNC_SETTLE_MS,
  clockAheadAlarmMs: config.CLOCK_AHEAD_ALARM_MS,
  // It is kept already, and it came through a hook once: neither is told again.
  rejected: { add: () => Promise.resolve([]) },
  onResult: () => {},
})
