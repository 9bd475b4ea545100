import { moneyText, type CaseRow } from '../case-row.ts'
import { STATE_LABELS } from '../state-labels.ts'
import { html, type Html } from './html.ts'
import { caseLink, orderLink } from './page.ts'
import { table } from './table.ts'
import { timeLeft } from './time-left.ts'

/** Cases in a table, as of `nowIso`: what each is about, its state and cause, and the time left to respond. */
export const caseTable = (rows: readonly CaseRow[], nowIso: string): Html =>
  table(
    ['case', 'state', 'order', 'amount', 'time left', 'cause'],
    rows.map(row => [
      caseLink(row.id),
      html`<span class="state ${row.state}">${STATE_LABELS[row.state]}</span>`,
      row.order_id === null ? '–' : orderLink(row.order_id),
      html`<span class="nowrap">${moneyText(row.amount, row.currency)}</span>`,
      row.respond_by === null || row.answered_at !== null ? '–' : timeLeft(row.respond_by, nowIso),
      row.explained,
    ]),
  )

export const caseSearch = (found = ''): Html =>
  html`<form action="/cases" method="get" role="search">
    <label
      >Order id or alert id <input type="search" name="q" value="${found}" maxlength="600" autocomplete="off"
    /></label>
    <button>Find case</button>
  </form>`
