import { answerTypesOf } from '../../domain/alert/resolution-types.ts'
import { moneyText } from '../case-row.ts'
import type { CaseDetails } from '../read-case.ts'
import { MODE_SAYS, REFUND_MODES } from '../refund-switch.ts'
import { RESOLUTION_SAYS } from '../resolution-words.ts'
import type { CaseFigures } from '../case-figures.ts'
import { html, type Html, type Insert } from './html.ts'
import { caseApiPath, shellWord, timeTag } from './page.ts'

/** Fields that are sent as JSON by the page's script, which asks first; where no script runs the form is not shown. */
const form = (api: { method: 'POST' | 'PUT'; path: string; confirm: string }, fields: Insert): Html =>
  html`<form class="decide" data-api="${api.path}" data-method="${api.method}" data-confirm="${api.confirm}" hidden>
    ${fields}
  </form>`

const reasonField = (): Html =>
  html`<label>Reason, for whoever reads it later <input name="reason" maxlength="500" autocomplete="off" /></label>` // prettier-ignore

/** What a person may decide about a case, and why not where they may not. */
export function decideForms({ id, may, to_approve }: CaseDetails): Insert {
  const word = shellWord(id)
  const path = caseApiPath(id)
  const forms: Insert[] = []
  if (may.approve.allowed && to_approve !== null) {
    const money = moneyText(to_approve.amount, to_approve.currency)
    forms.push(
      form({ method: 'POST', path: `${path}/approve`, confirm: `Refund ${money} to the customer?` }, [
        html`<input type="hidden" name="amount" value="${to_approve.amount}" />`,
        reasonField(),
        html`<button class="go">Approve refund of ${money}</button>`,
      ]),
    )
  }
  if (may.refuse.allowed)
    forms.push(
      form({ method: 'POST', path: `${path}/refuse`, confirm: 'Decide against the refund?' }, [
        reasonField(),
        html`<button>Refuse refund</button>`,
      ]),
    )
  if (may.resolve.allowed) forms.push(resolveForm(path, id))
  if (forms.length === 0) return html`<p class="calm">Nobody can or must decide anything now: ${may.resolve.says}.</p>`
  return [
    may.approve.allowed ? null : html`<p><small>Approving is not possible: ${may.approve.says}</small></p>`,
    ...forms,
    html`<noscript>
      <p>Deciding here needs JavaScript. The same by command:</p>
      <p>
        <code>npx order-sync cases approve ${word}</code>, <code>cases refuse ${word}</code>,
        <code>cases resolve ${word} --type … --description …</code>
      </p>
    </noscript>`,
  ]
}

const resolveForm = (path: string, id: string): Html =>
  form({ method: 'POST', path: `${path}/resolve`, confirm: 'Send this answer? It is final.' }, [
    html`<label
      >Answer
      <select name="resolution_type" required>
        <option value="">choose what is true</option>
        ${answerTypesOf(id).map(type => html`<option value="${type}">${type} – ${RESOLUTION_SAYS[type]}</option>`)}
      </select></label
    >`,
    html`<label>Description <textarea name="other_description" maxlength="1000" rows="2"></textarea></label>`,
    reasonField(),
    html`<button>Resolve alert</button>`,
  ])

/** The switch for refunds: how it stands, and three buttons. */
export function switchForm({ mode, set_at, set_by }: CaseFigures['refunds']): Html {
  const stands = mode === null ? 'was never chosen: no money moves' : `stands on ${mode}: ${MODE_SAYS[mode]}`
  const who = set_at === null ? null : html` (set by ${set_by} ${timeTag(set_at)})`
  return html`<section aria-label="Refunds">
    <p class="${mode === 'off' || mode === null ? 'alarm' : 'calm'}">The switch for refunds ${stands}${who}.</p>
    ${form({ method: 'PUT', path: '/api/refunds/mode', confirm: 'Switch refunds to' }, [
      reasonField(),
      html`<span class="buttons"
        >${REFUND_MODES.map(
          one => html`<button name="mode" value="${one}" title="${MODE_SAYS[one]}">${one === mode ? `${one} (now)` : one}</button>`,
        )}</span
      >`,
    ])}
    <noscript><p>By command: <code>npx order-sync refunds auto|approve|off</code></p></noscript>
  </section>` // prettier-ignore
}
