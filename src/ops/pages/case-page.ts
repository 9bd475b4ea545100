import { moneyText, type CaseRow } from '../case-row.ts'
import { resolutionText } from '../describe-case.ts'
import type { CaseDetails } from '../case-details.ts'
import { REFUND_LABELS, STATE_LABELS } from '../state-labels.ts'
import { accountSection } from './account-section.ts'
import { caseSearch, caseTable } from './case-table.ts'
import { decideForms } from './decide-forms.ts'
import { html, type Html, type Insert } from './html.ts'
import { matchSection } from './match-section.ts'
import { caseApiPath, orderLink, page, timeTag } from './page.ts'
import { factTable, table } from './table.ts'
import { timeLeft } from './time-left.ts'

const REFRESH_S = 5
const FINISHED: readonly CaseRow['state'][] = ['resolved', 'noted', 'refunded']

/** One case for the person who handles it: its state and cause, what to decide, and the whole history. */
export function casePage(view: CaseDetails): Html {
  const title = `${NAMES[view.kind]} ${view.guid}`
  const isOpen = !FINISHED.includes(view.state)
  const isMatched = view.match.verdict === 'certain' && view.why !== 'match-contradicted'
  return page(
    title,
    [
      html`<h1>${title}</h1>`,
      html`<p><span class="state ${view.state}">${STATE_LABELS[view.state]}</span> · ${view.explained}</p>`,
      isOpen && view.decide !== null ? html`<p class="note"><b>To do:</b> ${view.decide}</p>` : null,
      facts(view),
      faults(view),
      isMatched ? null : matchSection(view, isOpen),
      accountSection(view),
      isOpen ? [html`<h2>Decide</h2>`, decideForms(view)] : null,
      isMatched ? matchSection(view, isOpen) : null,
      html`<h2>History</h2>`,
      html`<ol class="timeline">
        ${view.timeline.map(event => html`<li>${timeTag(event.at)}<br />${event.says}</li>`)}
      </ol>`,
      refunds(view),
      view.siblings.length === 0 ? null : [html`<h2>Other cases of the order</h2>`, caseTable(view.siblings, view.at)],
      html`<p>
        <small>All data as <a href="${caseApiPath(view.id)}">JSON</a>.</small>
      </p>`,
      caseSearch(),
    ],
    isOpen ? { refreshS: REFRESH_S } : {},
  )
}

const NAMES = { alert: 'Alert', request: 'Refund request', chargeback: 'Chargeback' }

function facts(view: CaseDetails): Html {
  const { order, answer, facts: stated } = view
  const rows: [string, Insert][] = [
    ['order', view.order_id === null ? 'not known yet' : orderLink(view.order_id)],
    [NAMES[view.kind].toLowerCase(), [moneyText(view.amount, view.currency), view.partner === null ? null : ` from ${view.partner}`]], // prettier-ignore
    ['first seen', timeTag(view.seen_at)],
  ]
  if (view.respond_by !== null && view.answered_at === null)
    rows.push(['respond by', [timeTag(view.respond_by), ' · ', timeLeft(view.respond_by, view.at)]])
  if (order !== null)
    rows.push(['order’s money', `${moneyText(order.captured, order.currency)} captured, ${moneyText(order.left, order.currency)} refundable`]) // prettier-ignore
  if (answer !== null)
    rows.push(['resolution', `${resolutionText(answer.resolution_type, answer.other_description)}${answer.outcome === null ? '' : ` (sent as ${answer.outcome})`}, chosen by ${answer.chosen_by === 'policy' ? 'order-sync' : answer.chosen_by}`]) // prettier-ignore
  if (view.answered_at !== null) rows.push(['accepted', timeTag(view.answered_at)])
  for (const [field, name] of STATED) if (stated[field] !== undefined) rows.push([name, stated[field]])
  return factTable(rows)
}

/** What the platform states that helps to find the sale, and does not name the customer. */
const STATED = [
  ['case_number', 'case number'],
  ['descriptor', 'descriptor'],
  ['reason', 'reason'],
  ['mid', 'merchant account'],
  ['transaction_at', 'sold'],
] as const

/** What was given and could not be read counts as unknown. */
const faults = ({ faults: found }: CaseDetails): Insert =>
  found.length === 0
    ? null
    : [
        html`<h2>Fields that could not be read</h2>`,
        table(
          ['field', 'problem'],
          found.map(({ field, message }) => [field === '' ? 'the whole body' : field, message]),
        ),
      ]

function refunds({ refunds: made }: CaseDetails): Insert {
  if (made.length === 0) return null
  const rows = made.map(refund => [
    REFUND_LABELS[refund.state],
    moneyText(refund.amount, refund.currency),
    refund.confirmed_at === null ? (refund.why?.code ?? '–') : timeTag(refund.confirmed_at),
    refund.refund_id ?? '–',
    refund.approved_by ?? 'automatic',
  ])
  return [
    html`<h2>Refunds of the order</h2>`,
    table(['state', 'amount', 'confirmed', 'gateway’s id', 'approved by'], rows),
  ]
}

/** What a search for an unknown case shows. */
export const noCasePage = (id: string): Html =>
  page('No such case', [
    html`<h1>No such case</h1>`,
    html`<p>No case <code>${id}</code> is stored: no event of it was received, or its retention period is over.</p>`,
    caseSearch(),
  ])
