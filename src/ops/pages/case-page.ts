import type { CaseRow } from '../case-row.ts'
import { moneyText } from '../case-row.ts'
import type { CaseDetails } from '../read-case.ts'
import { answerText } from '../tell-case.ts'
import { decideForms } from './decide-forms.ts'
import { html, type Html, type Insert } from './html.ts'
import { caseApiPath, orderLink, page, timeTag } from './page.ts'
import { caseSearch, caseTable } from './case-table.ts'
import { factTable, table } from './table.ts'
import { timeLeft } from './time-left.ts'

const REFRESH_S = 5
const FINISHED: readonly CaseRow['state'][] = ['resolved', 'noted', 'refunded']

/** One case as whoever looks after the money reads it: where it stands and why, what to decide, and the whole story. */
export function casePage(view: CaseDetails): Html {
  const title = `${NAMES[view.kind]} ${view.guid}`
  const isOpen = !FINISHED.includes(view.state)
  return page(
    title,
    [
      html`<h1>${title}</h1>`,
      html`<p><span class="state ${view.state}">${view.state}</span> · ${view.explained}</p>`,
      isOpen && view.decide !== null ? html`<p class="note"><b>To decide:</b> ${view.decide}</p>` : null,
      facts(view),
      isOpen ? [html`<h2>Decide</h2>`, decideForms(view)] : null,
      html`<h2>What happened</h2>`,
      html`<ol class="timeline">
        ${view.timeline.map(event => html`<li>${timeTag(event.at)}<br />${event.says}</li>`)}
      </ol>`,
      refunds(view),
      view.siblings.length === 0 ? null : [html`<h2>Other cases of the order</h2>`, caseTable(view.siblings, view.at)],
      html`<p>
        <small>Everything, as <a href="${caseApiPath(view.id)}">JSON</a>.</small>
      </p>`,
      caseSearch(),
    ],
    isOpen ? { refreshS: REFRESH_S } : {},
  )
}

const NAMES = { alert: 'Alert', request: 'Refund request', chargeback: 'Chargeback' }

function facts(view: CaseDetails): Html {
  const { order, answer, facts: told } = view
  const rows: [string, Insert][] = [
    ['order', view.order_id === null ? 'not known yet' : orderLink(view.order_id)],
    ['alert', [moneyText(view.amount, view.currency), view.partner === null ? null : ` by ${view.partner}`]],
    ['first seen', timeTag(view.seen_at)],
  ]
  if (view.respond_by !== null && view.answered_at === null)
    rows.push(['answer by', [timeTag(view.respond_by), ' · ', timeLeft(view.respond_by, view.at)]])
  if (order !== null)
    rows.push(['order’s money', `${moneyText(order.captured, order.currency)} collected, ${moneyText(order.left, order.currency)} left to give back`]) // prettier-ignore
  if (answer !== null)
    rows.push(['answer', `${answerText(answer.resolution_type, answer.other_description)}${answer.outcome === null ? '' : ` (told as ${answer.outcome})`}, chosen by ${answer.chosen_by === 'policy' ? 'the rules' : answer.chosen_by}`]) // prettier-ignore
  if (view.answered_at !== null) rows.push(['answered', timeTag(view.answered_at)])
  for (const [field, name] of TOLD) if (told[field] !== undefined) rows.push([name, told[field]])
  return factTable(rows)
}

/** What the platform says that helps to find the sale, and tells nobody who the customer is. */
const TOLD = [
  ['case_number', 'case number'],
  ['descriptor', 'descriptor'],
  ['reason', 'reason'],
  ['mid', 'merchant account'],
  ['transaction_at', 'sold'],
] as const

function refunds({ refunds }: CaseDetails): Insert {
  if (refunds.length === 0) return null
  const rows = refunds.map(refund => [
    refund.state,
    moneyText(refund.amount, refund.currency),
    refund.confirmed_at === null ? (refund.why?.code ?? '–') : timeTag(refund.confirmed_at),
    refund.refund_id ?? '–',
    refund.approved_by ?? 'the rules',
  ])
  return [
    html`<h2>Refunds of the order</h2>`,
    table(['state', 'amount', 'confirmed', 'gateway’s id', 'released by'], rows),
  ]
}

/** What a search for an unknown case shows. */
export const noCasePage = (id: string): Html =>
  page('No such case', [
    html`<h1>No such case</h1>`,
    html`<p>No case <code>${id}</code> is known: no event of it came, or its time to be kept is over.</p>`,
    caseSearch(),
  ])
