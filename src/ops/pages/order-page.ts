import type { OrderView } from '../order-view.ts'
import { caseTable } from './case-table.ts'
import { html, type Html, type Insert } from './html.ts'
import { ORDER_LABELS } from '../state-labels.ts'
import { action, orderApiPath, orderLink, page, searchForm, shellWord, timeTag } from './page.ts'
import { factTable, table } from './table.ts'

/**
 * Fields whose values a page may show: what happened to the money, and references. What could identify the customer
 * is on no page; the route and the command give it to the person who asks.
 */
const SHOWN = new Set([
  'order_date', 'order_total', 'sales_tax_amount', 'currency', 'order_status', 'is_refund', 'refunded_to_date', 'is_recurring',
  'recurring_date', 'is_chargeback', 'is_fraud', 'is_test_cc', 'payment_state', 'captured_amount', 'captured_at',
]) // prettier-ignore

/** One order as a person reads it: its state and cause, its fields, its history, and the button that sends it now. */
export function orderPage(view: OrderView): Html {
  const { order_id } = view
  return page(`Order ${order_id}`, [
    html`<h1>Order ${order_id}</h1>`,
    html`<p><span class="state ${view.state}">${ORDER_LABELS[view.state]}</span> · ${view.why}</p>`,
    html`<p>${action('Send now', `${orderApiPath(order_id)}/sync`, `npx order-sync sync ${shellWord(order_id)}`)}</p>`,
    facts(view),
    view.cases.length === 0 ? null : [html`<h2>Alerts</h2>`, caseTable(view.cases, view.at)],
    html`<h2>History</h2>`,
    html`<ol class="timeline">
      ${view.timeline.map(event => html`<li>${timeTag(event.at)}<br />${event.says}</li>`)}
    </ol>`,
    html`<h2>Fields</h2>`,
    fieldTable(view),
    html`<p>
      <small
        >Values that could identify the customer are not shown here: <a href="${orderApiPath(order_id)}">as JSON</a>, or
        <code>npx order-sync trace ${shellWord(order_id)}</code>.</small
      >
    </p>`,
    searchForm(),
  ])
}

function facts({ rev, changed_at, acknowledged, job, refusal }: OrderView): Html {
  const rows: [string, Insert][] = [
    ['changes', html`rev ${rev}, last changed ${timeTag(changed_at)}`],
    ['acknowledged', acknowledged.at === null ? 'never' : html`last ${timeTag(acknowledged.at)}`],
    ['job', job === null ? 'none' : [job.state, job.runs_at === null ? null : html`, runs ${timeTag(job.runs_at)}`]],
  ]
  if (refusal !== null)
    rows.push(['rejection', html`${timeTag(refusal.at)}, status ${refusal.status}: ${refusal.words}`])
  return factTable(rows)
}

function fieldTable(view: OrderView): Html {
  const fields = Object.entries(view.order).filter(([name]) => name !== 'order_id')
  return table(
    ['field', 'value', ''],
    fields.map(([name, value]) => [name, shown(name, value), statusOf(view, name)]),
  )
}

function shown(name: string, value: unknown): Insert {
  if (value === null) return 'cleared'
  if (Array.isArray(value)) return value.length === 1 ? '1 entry' : `${value.length} entries`
  return SHOWN.has(name) && (typeof value === 'string' || typeof value === 'number') ? value : '•••'
}

/** `fulfillment` is the wire’s name of two registers. */
function statusOf({ differs, in_doubt, acknowledged }: OrderView, name: string): string {
  const names: string[] = name === 'fulfillment' ? ['shipments', 'proof_of_service'] : [name]
  if (in_doubt.some(({ field }) => names.includes(field))) return 'unconfirmed'
  if (differs.some(field => names.includes(field))) return 'not yet acknowledged'
  return acknowledged.fields.some(field => names.includes(field)) ? 'acknowledged' : 'never sent'
}

/** The orders of one set, oldest first. */
export const orderListPage = (
  state: keyof typeof ORDER_LABELS,
  orders: readonly { orderId: string; at: number }[],
): Html =>
  page(`Orders: ${ORDER_LABELS[state]}`, [
    html`<h1>Orders: ${ORDER_LABELS[state]}</h1>`,
    orders.length === 0
      ? html`<p class="calm">None.</p>`
      : html`<p><small>The oldest ${orders.length}.</small></p>
          <ul>
            ${orders.map(({ orderId }) => html`<li>${orderLink(orderId)}</li>`)}
          </ul>`,
    searchForm(),
  ])

/** What a search for an unknown order shows. */
export const noOrderPage = (orderId: string): Html =>
  page('No such order', [
    html`<h1>No such order</h1>`,
    html`<p>
      No order <code>${orderId}</code> is stored: no change of it was received, it was erased, or its retention period
      is over.
    </p>`,
    searchForm(),
  ])
