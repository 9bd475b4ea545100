import { eventKey, type AlertEvent } from '../domain/alert/event.ts'
import { maskBody } from '../domain/basics/mask-body.ts'
import type { StartCommit } from '../redis/commits.ts'
import type { CaseStore } from '../store/case-store.ts'

export interface AcceptEventDeps {
  cases: Pick<CaseStore, 'addEvent'>
  /** Has a case looked at; sooner, the less time the event leaves. */
  wantCase: (caseId: string, event: AlertEvent) => Promise<void>
  startCommit: StartCommit
  shortDigest: (text: string) => string
}

const KINDS = {
  alert: 'alert',
  'alert-match': 'alert',
  chargeback: 'chargeback',
  'chargeback-match': 'chargeback',
  refund: 'request',
} as const satisfies Record<AlertEvent['type'], string>

/** No event is near this size; what is would be read again with every decision. */
const KEPT_BYTES = 65_536

/** What is kept of a body, masked. */
export const keptOf = (json: unknown, bytes: number): unknown =>
  bytes > KEPT_BYTES ? 'left out: over 64 KiB' : maskBody(json).body

/**
 * Stores what a platform told; true when it was new. Rejects where the store does not answer. What is read from a list again and again is
 * looked at once; what comes through the hook each time, for whoever sends it again may have seen no answer.
 */
export async function acceptEvent(
  deps: AcceptEventDeps,
  platform: string,
  event: AlertEvent,
  kept: unknown,
  by: 'hook' | 'list' = 'hook',
): Promise<boolean> {
  const commit = deps.startCommit()
  const slot = `hook:${deps.shortDigest(eventKey(event))}`
  const added = await deps.cases.addEvent(platform, KINDS[event.type], slot, event, kept)
  // What was erased on request does not come back.
  if (added.isForgotten) return false
  // The sweep finds a case whose first job was lost.
  if (!added.isNew && by === 'list') return false
  await deps.wantCase(added.id, event)
  await commit()
  return added.isNew
}
