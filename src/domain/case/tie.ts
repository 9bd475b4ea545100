import type { CaseEntry } from './log.ts'
import { orderIdOf, type CaseView, type Effect } from './view.ts'
import type { ResolutionView } from './resolution.ts'

/** For how long an order is looked for that a notice or a chargeback belongs to. */
const SEARCH_MS = 3 * 86_400_000
export const isSearchOver = ({ now, facts }: Pick<CaseView, 'now' | 'facts'>): boolean =>
  now - facts.seenAt >= SEARCH_MS

/** How a case and its order found each other; `entries`: what is to be kept of a search. */
export interface Tie {
  state: ResolutionView['match']
  entries: CaseEntry[]
}

/** To which order the case belongs; a search that found exactly one is kept. */
export function tieOf({ facts, search, now }: CaseView): Tie {
  const isStillOpen = facts.platformOrderId === null && facts.own?.wanted === false && facts.worded === null
  if (isStillOpen && search.found === 'many') return { state: 'many', entries: [] }
  if (orderIdOf(facts) !== null) return { state: 'one', entries: [] }
  if (search.found === 'one')
    return { state: 'one', entries: [{ what: 'matched', at: now, orderId: search.orderId, by: search.by }] }
  // The platform's own match outranks every search, so nobody is asked to choose before it was.
  if (facts.enrichedAt === null) return { state: 'not-searched', entries: [] }
  return { state: search.found === 'many' ? 'many' : 'none', entries: [] }
}

/** The platform is asked once for each case, and again while its order, or who sent the alert, is not known. */
export function enrichment({ facts, now, terms }: CaseView, tie: Tie['state']): Effect[] {
  if (facts.enrichedAt === null) return ['enrich']
  const isLacking = tie !== 'one' || (facts.kind === 'alert' && facts.facts.partner === undefined)
  const isDue = now - facts.enrichedAt >= terms.lookMs && facts.answered === null && facts.worded === null
  return isLacking && isDue ? ['enrich'] : []
}
