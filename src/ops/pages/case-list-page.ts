import { CASE_STATES, type CaseState } from '../../domain/case/view.ts'
import type { CaseRow } from '../case-row.ts'
import { STATE_LABELS } from '../state-labels.ts'
import { caseSearch, caseTable } from './case-table.ts'
import { html, type Html } from './html.ts'
import { page } from './page.ts'

export interface CaseListing {
  /** What was searched for; empty when the list is by state. */
  q: string
  state: CaseState | null
  cases: readonly CaseRow[]
  cursor: string | null
  /** As of when; ISO 8601. */
  at: string
}

/** Cases of one state or of all, newest first, or those that a search found. */
export function caseListPage({ q, state, cases, cursor, at }: CaseListing): Html {
  const title = q === '' ? (state === null ? 'Cases' : `Cases: ${STATE_LABELS[state]}`) : 'Cases found'
  const next = new URLSearchParams({ ...(state !== null && { state }), ...(cursor !== null && { cursor }) })
  return page(title, [
    html`<h1>${title}</h1>`,
    caseSearch(q),
    html`<nav class="states" aria-label="States">
      <a href="/cases">all</a>
      ${CASE_STATES.map(one => html` · <a href="/cases?state=${one}">${STATE_LABELS[one]}</a>`)}
    </nav>`,
    cases.length === 0 ? html`<p class="calm">None.</p>` : caseTable(cases, at),
    cursor === null ? null : html`<p><a href="/cases?${next.toString()}">Older cases</a></p>`,
  ])
}
