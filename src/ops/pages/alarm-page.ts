import type { readAlarm, SubjectView } from '../alarms.ts'
import { decisionForm } from './decision-form.ts'
import { html, type Html } from './html.ts'
import { page, seenBy, timeTag } from './page.ts'
import { table } from './table.ts'

/** One alarm with everything it is raised for, each with its page and a button of its own. */
export function alarmPage({ alarm, subjects, next }: NonNullable<Awaited<ReturnType<typeof readAlarm>>>): Html {
  const { name, count, silenced, action } = alarm
  return page(name, [
    html`<h1>${name} (${count})</h1>`,
    html`<p>${action}</p>`,
    silenced === 0 ? null : html`<p><small>${silenced} acknowledged one by one.</small></p>`,
    table(
      ['since', 'subject', 'why', ''],
      subjects.map(one => [
        one.since === null ? '–' : timeTag(one.since),
        one.href === null ? one.subject : html`<a href="${one.href}">${one.subject}</a>`,
        one.why,
        seen(name, one),
      ]),
    ),
    next === null ? null : html`<p><a href="/alarms/${name}?offset=${next}">More</a></p>`,
  ])
}

const seen = (name: string, { subject, acknowledged }: SubjectView): Html =>
  acknowledged === null
    ? decisionForm({ method: 'POST', path: `/api/alarms/${name}/acknowledge`, confirm: `Acknowledge ${name} of ${subject}?` }, [
        html`<input type="hidden" name="subject" value="${subject}" />`,
        html`<button>Acknowledge</button>`,
      ])
    : html`<small>${seenBy(acknowledged)}</small>` // prettier-ignore

export const noAlarmPage = (name: string): Html =>
  page('No alarm', [html`<h1>${name} is not raised</h1>`, html`<p class="calm">Nothing is to be done.</p>`])
