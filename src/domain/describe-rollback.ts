import type { LostTail, Quarantine, RestoreCause } from './rollback.ts'

const time = (ms: number): string => new Date(ms).toISOString()

const CAUSES: Record<RestoreCause, string> = {
  older: 'Redis holds older data than it confirmed',
  'unknown-epoch': 'Redis holds data of another origin than before',
  emptied: 'Redis is empty, and was not before',
  restored: 'A backup was restored',
  'restore-unfinished': 'A restore began and did not finish: run it again',
}

/** What was restored and what that holds, in sentences. `sources`: whose changes were ever accepted, as far as that is known. */
export function describeRestore({ cause, until }: Pick<Quarantine, 'cause' | 'until'>, sources: readonly string[]): string {
  return `${CAUSES[cause]}. ${describeDemand(until, sources)} Until a person releases it, refunds need approval and restored orders are not pushed.`
} // prettier-ignore

/** What the sources must send again. */
export function describeDemand(until: number | null, sources: readonly string[]): string {
  const who = sources.length === 0 ? 'every source' : sources.join(', ')
  return until === null ? `Have ${who} send every order again.` : `Have ${who} send again every order changed since ${time(until)}.`
} // prettier-ignore

/** What was lost and what is done about it, in sentences. */
export const describeTail = ({ since }: Pick<LostTail, 'since'>): string =>
  `Redis lost writes that it had confirmed since ${time(since)}. Orders changed since are pushed again, and refunds and alerts are looked up before anything more is done.`
