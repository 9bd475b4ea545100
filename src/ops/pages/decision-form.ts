import { html, type Html, type Insert } from './html.ts'

/** Fields that are sent as JSON by the page's script, which asks first; where no script runs the form is not shown. */
export const decisionForm = (api: { method: 'POST' | 'PUT'; path: string; confirm: string }, fields: Insert): Html =>
  html`<form class="decide" data-api="${api.path}" data-method="${api.method}" data-confirm="${api.confirm}" hidden>
    ${fields}
  </form>`

export const reasonField = (): Html =>
  html`<label>Reason (kept in the case history) <input name="reason" maxlength="500" autocomplete="off" /></label>` // prettier-ignore
