import { CASE_STATES } from '../../domain/case/view.ts'
import type { Overview } from '../overview.ts'
import { caseSearch, caseTable } from './case-table.ts'
import { html, type Insert } from './html.ts'

/** Alerts on the overview: what a person must look at, what is due next, and how many stand where. */
export function caseSection({ at, cases }: Overview): Insert {
  const { states, nearest, for_person, uncertain_refunds, alarms_waiting } = cases
  const shown = CASE_STATES.filter(state => states[state] > 0)
  return [
    for_person.length === 0
      ? null
      : [html`<h3>Need a person</h3>`, caseTable(for_person, at)],
    nearest.length === 0
      ? html`<p class="calm">No alert waits for its answer.</p>`
      : [html`<h3>Due next</h3>`, caseTable(nearest, at)],
    html`<ul class="tiles">
      ${shown.map(state => html`<li><b>${states[state]}</b><a href="/cases?state=${state}">${state}</a></li>`)}
      <li><b>${uncertain_refunds}</b>refunds uncertain</li>
      <li><b>${alarms_waiting}</b>alarms not taken yet</li>
    </ul>`,
    caseSearch(),
  ] // prettier-ignore
}
