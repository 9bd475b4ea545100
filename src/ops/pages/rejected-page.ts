import { nameOf } from '../../domain/platform-names.ts'
import type { RejectedView } from '../overview.ts'
import { html, type Html } from './html.ts'
import { action, orderApiPath, orderLink, page, shellWord, timeTag } from './page.ts'
import { table } from './table.ts'

/** What was rejected, on intake and by the platform: which field was at fault, and what can be done. No bodies. */
export const rejectedPage = ({ changes, orders, events }: RejectedView): Html =>
  page('Rejected', [
    html`<h1>Rejected</h1>`,
    html`<h2>By the platform</h2>`,
    orders.length === 0 ? html`<p class="calm">No order.</p>` : orderTable(orders),
    html`<h2>On intake</h2>`,
    changes.length === 0 ? html`<p class="calm">No change.</p>` : changeTable(changes),
    html`<h2>Events of platforms that could not be taken</h2>`,
    events.length === 0 ? html`<p class="calm">No event.</p>` : eventTable(events),
  ])

const orderTable = (orders: RejectedView['orders']): Html =>
  table(
    ['order', 'status', 'the platform’s words', 'next try', ''],
    orders.map(order => [
      orderLink(order.order_id),
      order.status ?? '–',
      order.words ?? '–',
      timeTag(order.retry_at),
      action('Try now', `${orderApiPath(order.order_id)}/sync`, `npx order-sync sync ${shellWord(order.order_id)}`),
    ]),
  )

const eventTable = (events: RejectedView['events']): Html =>
  table(
    ['when', 'platform', 'type'],
    events.map(({ at, platform, event_type }) => [timeTag(at), nameOf(platform), event_type]),
  )

const changeTable = (changes: RejectedView['changes']): Html =>
  table(
    ['when', 'source', 'order', 'at fault', ''],
    changes.map(change => [
      timeTag(change.at),
      change.source,
      change.order_id ?? '–',
      change.errors.map(error => html`<div><code>${error.field}</code> ${error.message}</div>`),
      change.replayable
        ? action('Replay', `/api/rejected/${change.id}/replay`, `npx order-sync rejected replay ${change.id}`)
        : html`<small>masked: send the change again</small>`,
    ]),
  )
