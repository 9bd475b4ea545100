import { answerTypesOf } from '../../domain/alert/resolution-types.ts'
import { moneyText } from '../case-row.ts'
import type { CaseFigures } from '../case-figures.ts'
import type { CaseDetails } from '../case-details.ts'
import { describeLate, describeMode, MODE_LABELS, MODE_TEXTS, REFUND_MODES } from '../refund-mode.ts'
import { RESOLUTION_TEXTS } from '../resolution-texts.ts'
import { decisionForm, reasonField } from './decision-form.ts'
import { html, type Html, type Insert } from './html.ts'
import { caseApiPath, shellWord, timeTag } from './page.ts'

/** What a person may decide about a case, and why not where they may not. */
export function decideForms(view: CaseDetails): Insert {
  const { id, may, to_approve, prepared } = view
  const word = shellWord(id)
  const path = caseApiPath(id)
  const forms: Insert[] = []
  if (prepared !== null && may.resolve.allowed) forms.push(preparedForm(path, prepared))
  if (may.approve.allowed && to_approve !== null) forms.push(...approveForms(path, to_approve))
  if (may.refuse.allowed)
    forms.push(
      decisionForm({ method: 'POST', path: `${path}/refuse`, confirm: 'Decline the refund?' }, [
        reasonField(),
        html`<button>Decline refund</button>`,
      ]),
    )
  if (may.resolve.allowed && !isOnlyPrepared(view)) forms.push(resolveForm(path, id))
  if (may.close.allowed)
    forms.push(
      decisionForm({ method: 'POST', path: `${path}/close`, confirm: 'Close the case?' }, [
        reasonField(),
        html`<button>Close case</button>`,
      ]),
    )
  if (may.refunded.allowed)
    forms.push(
      decisionForm({ method: 'POST', path: `${path}/refunded`, confirm: 'Record this refund by hand?' }, [
        html`<label
          >Refunded by hand <input name="amount" required inputmode="decimal" maxlength="24" autocomplete="off"
        /></label>`,
        html`<label
          >at, such as 2026-12-24T18:00:00Z <input name="refunded_at" required maxlength="40" autocomplete="off"
        /></label>`,
        html`<label>Reference <input name="reference" maxlength="255" autocomplete="off" /></label>`,
        reasonField(),
        html`<button>Record refund</button>`,
      ]),
    )
  if (forms.length === 0) return html`<p class="calm">No action is possible now: ${may.resolve.says}.</p>`
  return [
    may.approve.allowed ? null : html`<p><small>Approval is not possible: ${may.approve.says}.</small></p>`,
    ...forms,
    html`<noscript>
      <p>Deciding on this page needs JavaScript. The same by command:</p>
      <p>
        <code>npx order-sync cases approve ${word}</code>, <code>cases refuse ${word}</code>,
        <code>cases resolve ${word} --type … --description …</code>, <code>cases match ${word} ORDER</code>,
        <code>cases close ${word}</code>, <code>cases refunded ${word} --amount … --at …</code>
      </p>
    </noscript>`,
  ]
}

/** A refund is pending: nothing but the prepared resolution can be sent. */
const isOnlyPrepared = ({ prepared, may }: CaseDetails) => prepared !== null && !may.refuse.allowed

/** Both amounts of a partial alert, or all that is refundable. */
function approveForms(path: string, money: NonNullable<CaseDetails['to_approve']>): Insert[] {
  const { amount: rest, currency, alert_amount, is_late } = money
  const offers = [...(alert_amount === null ? [] : [[alert_amount, 'the alert’s amount'] as const]), [rest, 'all that is refundable'] as const] // prettier-ignore
  return [
    is_late
      ? html`<p class="alarm">The response deadline has passed. A chargeback is likely, and a refund now may pay twice.</p>`
      : null,
    ...offers.map(([amount, what]) =>
      decisionForm({ method: 'POST', path: `${path}/approve`, confirm: `Refund ${moneyText(amount, currency)} to the customer?` }, [
        html`<input type="hidden" name="amount" value="${amount}" /><input type="hidden" name="refundable" value="${rest}" />`,
        reasonField(),
        html`<button class="go">Approve refund of ${moneyText(amount, currency)}</button>`,
        offers.length > 1 ? html`<small>${what}</small>` : null,
      ]),
    ),
    decisionForm({ method: 'POST', path: `${path}/approve`, confirm: 'Refund this amount to the customer?' }, [
      html`<label>Another amount in ${currency}, at most ${rest} <input name="amount" required inputmode="decimal" maxlength="24" autocomplete="off" /></label>`,
      html`<input type="hidden" name="refundable" value="${rest}" />`,
      reasonField(),
      html`<button>Approve this amount</button>`,
    ]),
  ] // prettier-ignore
}

const preparedForm = (path: string, { resolution_type, other_description }: NonNullable<CaseDetails['prepared']>) =>
  decisionForm({ method: 'POST', path: `${path}/resolve`, confirm: 'Send the prepared resolution? It is final.' }, [
    html`<p>Prepared resolution: ${resolution_type} (“${other_description}”)</p>`,
    html`<input type="hidden" name="resolution_type" value="${resolution_type}" />`,
    html`<input type="hidden" name="other_description" value="${other_description}" />`,
    reasonField(),
    html`<button>Send prepared resolution</button>`,
  ])

const resolveForm = (path: string, id: string): Html =>
  decisionForm({ method: 'POST', path: `${path}/resolve`, confirm: 'Send this resolution? It is final.' }, [
    html`<label
      >Resolution
      <select name="resolution_type" required>
        <option value="">choose what happened</option>
        ${answerTypesOf(id).map(type => html`<option value="${type}">${type} – ${RESOLUTION_TEXTS[type]}</option>`)}
      </select></label
    >`,
    html`<label>Description <textarea name="other_description" maxlength="1000" rows="2"></textarea></label>`,
    reasonField(),
    html`<button>Resolve alert</button>`,
  ])

/** The refund mode, and three buttons that set it. */
export function modeForm({ mode, set_at, set_by, late }: CaseFigures['refunds']): Html {
  const who = set_at === null ? null : html` Set by ${set_by} ${timeTag(set_at)}.`
  return html`<section aria-label="Refunds">
    <p class="${mode === 'off' || mode === null ? 'alarm' : 'calm'}">${describeMode(mode)}${who}</p>
    ${late === 0 ? null : html`<p class="note">${describeLate(late)}</p>`}
    ${decisionForm({ method: 'PUT', path: '/api/refunds/mode', confirm: 'Set the refund mode to' }, [
      reasonField(),
      html`<span class="buttons"
        >${REFUND_MODES.map(
          one => html`<button name="mode" value="${one}" data-label="${MODE_LABELS[one]}" title="${MODE_TEXTS[one]}">${one === mode ? `${MODE_LABELS[one]} (now)` : MODE_LABELS[one]}</button>`,
        )}</span
      >`,
    ])}
    <noscript><p>By command: <code>npx order-sync refunds auto|approve|off</code></p></noscript>
  </section>` // prettier-ignore
}
