import type { AlarmView } from '../alarms.ts'
import type { Overview } from '../overview.ts'
import { nameOf } from '../../domain/platform-names.ts'
import { caseSection } from './case-section.ts'
import { decisionForm } from './decision-form.ts'
import { modeForm } from './decide-forms.ts'
import { html, type Html, type Insert } from './html.ts'
import { action, page, searchForm, seenBy, timeTag } from './page.ts'
import { table } from './table.ts'

const REFRESH_S = 15

/** The state of everything on one page: alarms first, then counts, the platform, queues, processes. No order data. */
export const overviewPage = (overview: Overview): Html =>
  page(
    'Overview',
    [
      html`<h1>Overview</h1>`,
      alarms(overview),
      overview.quarantine === null ? null : releaseForm(overview.quarantine),
      html`<h2>Alerts</h2>`,
      caseSection(overview),
      html`<h2>Refunds</h2>`,
      modeForm(overview.cases.refunds),
      html`<h2>Orders</h2>`,
      counts(overview),
      searchForm(),
      html`<h2>Queues</h2>`,
      queueTable(overview),
      html`<h2>Processes</h2>`,
      processTable(overview),
      ...actTable(overview),
      html`<p><small>As of ${timeTag(overview.at)}; reloaded every ${REFRESH_S} s.</small></p>`,
    ],
    { refreshS: REFRESH_S },
  )

function alarms({ alarms, dry_run, platform }: Overview): Insert {
  return [
    dry_run ? html`<p class="note">This is a dry run: nothing is pushed.</p>` : null,
    ...alarms.map(alarmBox),
    platform.throttled_until === null
      ? null
      : html`<p class="note">Rate-limited by ${nameOf(platform.name)} until ${timeTag(platform.throttled_until)}.</p>`,
    alarms.length === 0 ? html`<p class="calm">No alarm.</p>` : null,
  ]
}

function alarmBox({ name, at, why, action: todo, count, newest, href, acknowledged }: AlarmView): Html {
  const title = count > 1 ? `${name} (${count})` : name
  const pages = count > 1 ? newest.filter(one => one.href !== null) : []
  return html`<div class="${acknowledged === null ? 'alarm' : 'note'}">
    <p>
      <b><a href="${href}">${title}</a></b>${at === null ? null : html` since ${timeTag(at)}`}:
      ${count === 1 && newest[0]?.href != null ? html`<a href="${newest[0].href}">${why}</a>` : why}
    </p>
    ${pages.length === 0 ? null : html`<p>Newest: ${pages.map(one => html`<a href="${one.href}">${one.subject}</a> `)}</p>`}
    <p><small>${todo}${acknowledged === null ? null : html` ${seenBy(acknowledged)}`}</small></p>
    ${acknowledged === null ? acknowledgeForm(name) : null}
  </div>`
} // prettier-ignore

const acknowledgeForm = (name: string): Html =>
  html`<details>
    <summary>Acknowledge</summary>
    ${decisionForm({ method: 'POST', path: `/api/alarms/${name}/acknowledge`, confirm: `Acknowledge ${name}?` }, [
      html`<label>Note <input name="reason" maxlength="500" autocomplete="off" /></label>`,
      html`<button>Acknowledge</button>`,
    ])}
    <noscript><code>npx order-sync alarms acknowledge ${name}</code></noscript>
  </details>` // prettier-ignore

const releaseForm = ({ demand }: NonNullable<Overview['quarantine']>): Html =>
  html`<details>
    <summary>Release the quarantine</summary>
    <p>${demand.asks} Then release: orders are pushed, cases decided and automatic refunds sent again.</p>
    ${decisionForm({ method: 'POST', path: '/api/quarantine/release', confirm: 'Release the quarantine?' }, [
      html`<label>Reason <input name="reason" maxlength="500" autocomplete="off" required /></label>`,
      html`<button>Release the quarantine</button>`,
    ])}
    <noscript><code>npx order-sync quarantine release --reason "…"</code></noscript>
  </details>` // prettier-ignore

function counts({ orders, rejected_changes, oldest_dirty }: Overview): Html {
  return html`<ul class="tiles">
    <li><b>${orders.known}</b>orders stored</li>
    <li><b>${orders.dirty}</b><a href="/orders?state=dirty">waiting to sync</a></li>
    <li><b>${orders.doubtful}</b><a href="/orders?state=doubtful">unconfirmed</a></li>
    <li><b>${orders.held}</b><a href="/orders?state=held">not settled</a></li>
    <li><b>${orders.rejected}</b><a href="/rejected">rejected by the platform</a></li>
    <li><b>${rejected_changes}</b><a href="/rejected">changes rejected on intake</a></li>
    <li><b>${oldest_dirty === null ? '–' : ageOf(oldest_dirty.age_seconds)}</b>oldest wait</li>
  </ul>`
}

/** Seconds in the unit that people use. */
function ageOf(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`
  return seconds < 129_600 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`
}

const queueTable = ({ queues }: Overview): Html =>
  table(
    ['queue', 'waiting', 'active', 'delayed', 'failed', ''],
    queues.map(queue => [
      [queue.name, queue.paused ? html` <b class="rejected">paused</b>` : null],
      queue.waiting,
      queue.active,
      queue.delayed,
      queue.failed,
      action(queue.paused ? 'Resume' : 'Pause', `/api/queues/${queue.name}/${queue.paused ? 'resume' : 'pause'}`, null),
    ]),
  )

const ACT_LABELS: Record<Overview['acts'][number]['act'], string> = {
  pause: 'Queue paused', resume: 'Queue resumed', sync: 'Order pushed now', replay: 'Rejected change reprocessed', forget: 'Order erased',
  release: 'Quarantine released', backup: 'Backup made', restore: 'Backup restored', export: 'Data exported',
} // prettier-ignore

const actTable = ({ acts }: Overview): Insert[] =>
  acts.length === 0
    ? []
    : [
        html`<h2>Latest actions</h2>`,
        table(
          ['when', 'who', 'what', 'subject'],
          acts.map(({ at, by, act, subject }) => [timeTag(at), by, ACT_LABELS[act], subject ?? '–']),
        ),
      ]

const processTable = ({ processes }: Overview): Html =>
  processes.length === 0
    ? html`<p class="note">No process has reported its figures lately.</p>`
    : table(
        ['process', 'in metrics', 'since'],
        processes.map(({ name, label, started_at }) => [name, label, started_at === null ? '–' : timeTag(started_at)]),
      )
