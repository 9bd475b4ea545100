import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { decideCase } from '../jobs/case-decision.ts'
import { RECORD_VERSION, type CaseRecord } from '../store/case-store.ts'

/** What rebuilding a record came to: the fields in which the new one differs from the one that was thrown away. */
export interface Rebuilt {
  id: string
  equal: boolean
  differs: { field: string; was: unknown; is: unknown }[]
}

/**
 * Throws a case's record away and decides again from its log, its order and that order's refunds alone; null when there is no
 * such case. Throws `AppError` when the record is newer than this program, or the case changes all the time.
 */
export async function rebuildCase(
  { cases, jobDeps }: Pick<Deps, 'cases' | 'jobDeps'>,
  id: string,
): Promise<Rebuilt | null> {
  const stored = await cases.read(id)
  if (stored === null) return null
  const was = stored.record
  if (was.v > RECORD_VERSION)
    throw new AppError('newer-record', `the record of ${id} is newer than this program; update it first`)
  await cases.keepOnlyLog(id, blank(was))
  const decided = await decideCase(jobDeps, id)
  if (decided.done !== 'decided') throw new AppError('contended', `${id} is changing; retry in a moment`)
  const differs = differences(was, decided.record)
  return { id, equal: differs.length === 0, differs }
}

/** Only what names the log, and the sets the record is in: the next write takes it out of them. */
const blank = ({ id, kind, platform, guid, state, orderId, seenAt, untiedIn, alarms }: CaseRecord): CaseRecord => ({
  v: RECORD_VERSION, id, kind, platform, guid, state, reason: 'new', orderId, respondBy: null, seenAt, partner: null, amount: null,
  currency: null, arn: null, resolution: null, answeredAt: null, escalated: false, due: null, untiedIn, prepared: null, alarms,
}) // prettier-ignore

function differences(was: CaseRecord, is: CaseRecord): Rebuilt['differs'] {
  const fields = Object.keys(is) as (keyof CaseRecord)[]
  return fields
    .filter(field => JSON.stringify(was[field]) !== JSON.stringify(is[field]))
    .map(field => ({ field, was: was[field], is: is[field] }))
}
