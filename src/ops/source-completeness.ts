import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import type { SourceRecord } from '../store/source-store.ts'
import { isoTime } from './iso-time.ts'

/** Since when every order of one source is known here. Times are ISO 8601. */
export interface SourceView {
  name: string
  complete_since: string
  /** `first-change`, `gap`, or the operator who stated it. */
  stated_by: string
  first_change_at: string
}

type SourceDeps = Pick<Deps, 'sourceStore' | 'health'>

/** Every source whose changes were ever accepted, by name. */
export const readSources = async ({ sourceStore }: SourceDeps): Promise<SourceView[]> =>
  (await sourceStore.list()).map(viewOf)

/** Records an operator's statement that a source is complete since a time (milliseconds). Throws where that cannot be true. */
export async function stateComplete(deps: SourceDeps, name: string, sinceMs: number, by: string): Promise<SourceView> {
  if (sinceMs > (await deps.health.now()))
    throw new AppError('time-in-future', `--since ${isoTime(sinceMs)} is in the future; give a time that has passed`)
  const record = await deps.sourceStore.complete(name, sinceMs, by)
  if (record !== null) return viewOf(record)
  const known = (await deps.sourceStore.list()).map(source => source.name)
  const advice = known.length === 0 ? 'send its first change' : `expected one of ${known.join(', ')}`
  throw new AppError('source-unknown', `no change of a source ${name} was accepted yet; ${advice}`)
}

const viewOf = ({ name, completeSince, by, firstAt }: SourceRecord): SourceView => ({
  name,
  complete_since: isoTime(completeSince),
  stated_by: by,
  first_change_at: isoTime(firstAt),
})
