import type { RejectedView } from '../overview.ts'
import { html, type Html } from './html.ts'
import { action, orderApiPath, orderLink, page, shellWord, timeTag } from './page.ts'

/** What was refused, at the door and by the platform: which field was at fault, and what to press. No bodies. */
export const rejectedPage = ({ changes, orders }: RejectedView): Html =>
  page('Refused', [
    html`<h1>Refused</h1>`,
    html`<h2>By the platform</h2>`,
    orders.length === 0 ? html`<p class="calm">No order.</p>` : orderTable(orders),
    html`<h2>At the door</h2>`,
    changes.length === 0 ? html`<p class="calm">No change.</p>` : changeTable(changes),
  ])

const orderTable = (orders: RejectedView['orders']): Html => {
  const rows = orders.map(
    order =>
      html`<tr>
        <td>${orderLink(order.order_id)}</td>
        <td>${order.status ?? '–'}</td>
        <td>${order.words ?? '–'}</td>
        <td>${timeTag(order.retry_at)}</td>
        <td>
          ${action('Try now', `${orderApiPath(order.order_id)}/sync`, `npx order-sync sync ${shellWord(order.order_id)}`)}
        </td>
      </tr>`,
  )
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          <th>order</th>
          <th>status</th>
          <th>its words</th>
          <th>next try</th>
          <th></th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`
}

const changeTable = (changes: RejectedView['changes']): Html => {
  const rows = changes.map(
    change =>
      html`<tr>
        <td>${timeTag(change.at)}</td>
        <td>${change.source}</td>
        <td>${change.order_id === null ? '–' : change.order_id}</td>
        <td>${change.errors.map(error => html`<div><code>${error.field}</code> ${error.message}</div>`)}</td>
        <td>
          ${change.replayable ? action('Replay', `/api/rejected/${change.id}/replay`, `npx order-sync rejected replay ${change.id}`) : html`<small>masked: send it again</small>`}
        </td>
      </tr>`,
  )
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          <th>when</th>
          <th>source</th>
          <th>order</th>
          <th>at fault</th>
          <th></th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`
}
