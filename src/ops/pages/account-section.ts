import { moneyText } from '../case-row.ts'
import type { CaseDetails } from '../case-details.ts'
import { html, type Insert } from './html.ts'
import { timeTag } from './page.ts'
import { table } from './table.ts'

const SOURCES = {
  crm: 'CRM',
  ledger: 'order-sync',
  gateway: 'payment gateway',
  rdr: 'RDR notice',
  chargeback: 'chargeback',
}
const WHAT = { captured: 'captured', refunded: 'refunded', pending: 'refund pending', refundable: 'refundable' }

/** What every side states about the sale's money, and the contradiction as a sentence. */
export function accountSection({ account, requested }: CaseDetails): Insert {
  if (account === null) return null
  const { currency, conflict_explained: conflict } = account
  const rows = account.statements.map(({ source, what, amount, at }) => [
    WHAT[what],
    html`<span class="nowrap">${amount === null ? 'amount not stated' : moneyText(amount, currency)}</span>`,
    SOURCES[source],
    at === null ? '–' : timeTag(at),
  ])
  const asked = requested.map(one => [
    'refund requested',
    html`<span class="nowrap">${moneyText(one.amount, one.currency ?? currency)}</span>`,
    one.stated_by === 'request' ? 'refund request' : 'platform’s record',
    '–',
  ])
  return [
    html`<h2>Account of the sale</h2>`,
    conflict === null ? null : html`<p class="alarm"><b>Contradiction:</b> ${conflict}</p>`,
    html`<p>
      ${moneyText(account.captured, currency)} captured, ${moneyText(account.refunded, currency)} refunded,
      ${moneyText(account.refundable, currency)} refundable.
    </p>`,
    table(['what', 'amount', 'stated by', 'when'], [...rows, ...asked]),
  ]
}
