import type { Deps } from '../deps.ts'
import { maskCardNumbers } from '../domain/basics/card-data.ts'
import { describeDemand, describeRestore } from '../domain/describe-rollback.ts'
import { SENT_FIELDS } from '../domain/order-fields.ts'
import type { RestoreCause } from '../domain/rollback.ts'
import { AppError } from '../errors.ts'
import { recordAct, type ActDeps } from './record-act.ts'
import { isoTime, isoTimeOrNull } from './iso-time.ts'

/** Restored data that waits for a person. Times are ISO 8601. */
export interface QuarantineView {
  since: string
  cause: RestoreCause
  /** Up to when the restored data holds everything; null: not known. */
  data_until: string | null
  says: string
  /** Sources that must send again what changed since `data_until`; `asks` is that as a sentence. */
  demand: { sources: string[]; since: string | null; asks: string }
  held: { orders_waiting: number; refunds_for_approval: number; cases_for_a_person: number }
}

export type QuarantineDeps = Pick<Deps, 'rollbacks' | 'sourceStore' | 'orders' | 'cases'>

/** The quarantine, what it holds, and what must be sent again; null: there is none. */
export async function readQuarantine(deps: QuarantineDeps): Promise<QuarantineView | null> {
  const { quarantine } = await deps.rollbacks.read()
  if (quarantine === null) return null
  const [sources, counts, cases] = await Promise.all([
    deps.sourceStore.list(),
    deps.orders.counts(),
    deps.cases.counts(['awaiting-approval', 'parked']),
  ])
  const names = sources.map(({ name }) => name)
  const { at, cause, until } = quarantine
  return {
    since: isoTime(at),
    cause,
    data_until: isoTimeOrNull(until),
    says: describeRestore(quarantine, names),
    demand: { sources: names, since: isoTimeOrNull(until), asks: describeDemand(until, names) },
    held: {
      orders_waiting: counts.dirty,
      refunds_for_approval: cases['awaiting-approval'] ?? 0,
      cases_for_a_person: cases.parked ?? 0,
    },
  }
}

/** What releasing did; `says` is for people. */
export interface ReleaseResult {
  orders_compared: number
  cases_decided_again: number
  says: string
}

export type ReleaseDeps = ActDeps & Pick<Deps, 'rollbacks' | 'pushes' | 'cases' | 'refunds' | 'alarms' | 'wantSync'>

/**
 * Ends the quarantine: orders that were stored since the restore are pushed whole, the others as far as they wait, and every open case is
 * decided again. Records who did it and why. Throws `conflict` where there is no quarantine, or the restore is not finished.
 */
export async function releaseQuarantine(
  deps: ReleaseDeps,
  { by, reason }: { by: string; reason: string | null },
): Promise<ReleaseResult> {
  const { quarantine } = await deps.rollbacks.read()
  if (quarantine === null) throw new AppError('no-quarantine', 'there is no quarantine to release')
  if (quarantine.cause === 'restore-unfinished')
    throw new AppError('restore-unfinished', 'a restore began and did not finish; run order-sync restore again') // prettier-ignore
  const now = await deps.health.now()
  // What was sent again may equal what was acknowledged before the backup, and differ from what the platform has.
  const stored = { sinceMs: quarantine.at, untilMs: now, fields: SENT_FIELDS }
  const compared = await deps.pushes.doubtChangedSince(stored, deps.wantSync)
  await deps.rollbacks.endQuarantine()
  await recordAct(deps, { by, act: 'release', subject: 'quarantine', reason: reason === null ? null : maskCardNumbers(reason) }) // prettier-ignore
  await deps.pushes.retryAllDirty()
  await deps.refunds.wakeAll()
  const decided = await deps.cases.wakeAll()
  await deps.alarms.clear('data-restored', 'redis', now, `Released by ${by}.`)
  const says = `The quarantine is released. ${counted(compared, 'order')} stored since the restore ${compared === 1 ? 'is' : 'are'} pushed whole, and ${counted(decided, 'open case')} decided again.`
  return { orders_compared: compared, cases_decided_again: decided, says }
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`
