import { CASE_STATES } from '../../domain/case/view.ts'
import type { Overview } from '../overview.ts'
import { STATE_LABELS } from '../state-labels.ts'
import { caseSearch, caseTable } from './case-table.ts'
import { html, type Insert } from './html.ts'

/** Alerts on the overview: what needs a person, what is due next, and how many cases are in each state. */
export function caseSection({ at, cases }: Overview): Insert {
  const { states, nearest, for_person, waiting_by_reason, uncertain_refunds, alarms_waiting } = cases
  const shown = CASE_STATES.filter(state => states[state] > 0)
  return [
    for_person.length === 0
      ? null
      : [html`<h3>Waiting for a person</h3>`, byReason(waiting_by_reason), caseTable(for_person, at)],
    nearest.length === 0
      ? html`<p class="calm">No alert is waiting for a response.</p>`
      : [html`<h3>Due next</h3>`, caseTable(nearest, at)],
    html`<ul class="tiles">
      ${shown.map(state => html`<li><b>${states[state]}</b><a href="/cases?state=${state}">${STATE_LABELS[state]}</a></li>`)}
      <li><b>${uncertain_refunds}</b>refunds unconfirmed</li>
      <li><b>${alarms_waiting}</b>alarms not delivered</li>
    </ul>`,
    caseSearch(),
  ] // prettier-ignore
}

/** How many cases wait for a person, by reason. */
const byReason = (reasons: Overview['cases']['waiting_by_reason']): Insert =>
  html`<ul class="reasons">
    ${reasons.map(({ explained, count }) => html`<li><b>${count}</b> · ${explained}</li>`)}
  </ul>`
