import type { ComparedField } from '../../domain/match/compare.ts'
import { moneyText } from '../case-row.ts'
import { MATCHED_BY } from '../describe-case.ts'
import type { CandidateDetails, CaseDetails } from '../case-details.ts'
import { decisionForm, reasonField } from './decision-form.ts'
import { html, type Insert } from './html.ts'
import { caseApiPath, orderLink, shellWord, timeTag } from './page.ts'
import { table } from './table.ts'

const FIELDS: Record<ComparedField, string> = {
  order_id: 'order id',
  transaction_id: 'transaction id',
  arn: 'ARN',
  auth_code: 'authorization code',
  first_six: 'first six digits',
  last_four: 'last four digits',
  amount: 'amount',
  currency: 'currency',
  time_of_sale: 'time of sale',
  merchant_account: 'merchant account',
  descriptor: 'descriptor',
  paid: 'was paid',
}

const VERDICTS = {
  certain: 'The match is certain.',
  likely: 'The match is likely, not certain.',
  open: 'No order is matched.',
}

const OPEN_REASONS: Readonly<Record<string, string>> = {
  none: 'No stored order fits.',
  several: 'More than one order fits.',
  contradicted: 'The best order contradicts the alert.',
  'platform-differs': 'The platform names two orders.',
  incomplete: 'The stored orders do not reach far enough back.',
}

/** The orders that were compared with the alert, side by side, and a choice of order while one can be chosen. */
export function matchSection(view: CaseDetails, isOpen: boolean): Insert {
  const { match, order_id: orderId } = view
  const isMatched = match.verdict === 'certain'
  const mayChoose = isOpen && view.may.match.allowed
  if (!mayChoose && match.verdict === 'certain') return null
  const by = match.by === null ? '' : ` Matched by ${MATCHED_BY[match.by]}.`
  const because = match.reason === null ? '' : ` ${OPEN_REASONS[match.reason] ?? ''}`
  const isContradicted = match.candidates.some(one => one.order_id === orderId && one.contradicts.length > 0)
  const isShown = match.candidates.length > 0 && (!isMatched || isContradicted)
  return [
    html`<h2>Match</h2>`,
    html`<p>${VERDICTS[match.verdict]}${by}${because}</p>`,
    isShown ? candidates(view, mayChoose) : null,
    mayChoose ? otherOrder(view.id, isMatched) : null,
  ]
}

const list = (fields: readonly ComparedField[]): string => fields.map(field => FIELDS[field]).join(', ') || '–'

const candidates = (view: CaseDetails, mayChoose: boolean): Insert =>
  table(
    ['order', 'sold', 'amount', 'card', 'merchant account', 'agrees', 'contradicts', 'unknown', ''],
    [
      alertRow(view),
      ...view.match.candidates.map(one => [
        orderLink(one.order_id),
        one.sold_at === null ? 'not known' : timeTag(one.sold_at),
        html`<span class="nowrap">${moneyText(one.amount, one.currency)}</span>`,
        one.card_last_4 === null ? '–' : html`<span class="nowrap">…${one.card_last_4}</span>`,
        one.merchant_account ?? '–',
        list(one.agrees),
        one.contradicts.length === 0 ? '–' : html`<b class="rejected">${list(one.contradicts)}</b>`,
        list(one.unknown),
        mayChoose ? chooseForm(view.id, one) : null,
      ]),
    ],
  )

/** What the alert itself states, above what it is compared with. */
const alertRow = ({ facts, amount, currency }: CaseDetails): Insert[] => [
  html`<b>the alert</b>`,
  facts.transaction_at === undefined ? 'not stated' : timeTag(facts.transaction_at),
  html`<span class="nowrap">${moneyText(amount, currency)}</span>`,
  facts.card_last_4 === undefined ? '–' : html`<span class="nowrap">…${facts.card_last_4}</span>`,
  facts.mid ?? '–',
  null,
  null,
  null,
  null,
]

const chooseForm = (id: string, { order_id: orderId }: CandidateDetails): Insert =>
  decisionForm(
    { method: 'POST', path: `${caseApiPath(id)}/match`, confirm: `Match the case to order ${orderId}?` },
    html`<input type="hidden" name="order_id" value="${orderId}" /><button>This is the order</button>`,
  )

/** Any stored order can be chosen, whether it was compared or not. */
const otherOrder = (id: string, isMatched: boolean): Insert => [
  decisionForm({ method: 'POST', path: `${caseApiPath(id)}/match`, confirm: 'Match the case to this order?' }, [
    html`<label
      >${isMatched ? 'Another order id' : 'Order id'}
      <input name="order_id" required maxlength="255" autocomplete="off"
    /></label>`,
    reasonField(),
    html`<button>Match order</button>`,
  ]),
  html`<noscript
    ><p>By command: <code>npx order-sync cases match ${shellWord(id)} ORDER</code></p></noscript
  >`,
]
