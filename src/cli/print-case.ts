import { moneyText } from '../ops/case-row.ts'
import { resolutionText } from '../ops/describe-case.ts'
import type { CaseDetails } from '../ops/case-details.ts'
import { STATE_LABELS } from '../ops/state-labels.ts'
import { printTable } from './print-table.ts'
import { print } from './print.ts'

/** One case for a person: its state and cause, what to do, the account of the sale, and what happened, oldest first. */
export function printCase(view: CaseDetails): void {
  const { answer, prepared } = view
  print(`Case ${view.id}: ${view.state} (${STATE_LABELS[view.state]})`)
  print(`  ${view.explained}`)
  if (view.decide !== null && view.answered_at === null) print(`  To do: ${view.decide}`)
  const partner = view.partner === null ? '' : ` from ${view.partner}`
  print(`  ${view.kind} over ${moneyText(view.amount, view.currency)}${partner}, order ${view.order_id ?? 'not known'}`)
  if (view.respond_by !== null && view.answered_at === null) print(`  respond by ${time(view.respond_by)} UTC`)
  if (answer !== null)
    print(
      `  resolution: ${resolutionText(answer.resolution_type, answer.other_description)}${answer.outcome === null ? '' : ` (sent as ${answer.outcome})`}`,
    )
  for (const { field, message } of view.faults) print(`  not readable: ${field}: ${message}`)
  printApproval(view)
  if (prepared !== null)
    print(`  prepared resolution: ${resolutionText(prepared.resolution_type, prepared.other_description)}`)
  for (const sibling of view.siblings) print(`  same order: ${sibling.id}, ${sibling.state}`)
  printMatch(view)
  printAccount(view)
  print()
  print('What happened, oldest first (UTC):')
  for (const { at, says } of view.timeline) print(`  ${time(at)}  ${says}`)
}

function printApproval({ id, to_approve: money }: CaseDetails): void {
  if (money === null) return
  const { amount, currency, alert_amount, is_late } = money
  print(`  \`order-sync cases approve ${id}\` refunds ${moneyText(amount, currency)}`)
  if (alert_amount !== null)
    print(`  \`order-sync cases approve ${id} --amount ${alert_amount}\` refunds the alert’s ${moneyText(alert_amount, currency)}`) // prettier-ignore
  if (is_late) print('  The response deadline has passed. A chargeback is likely, and a refund now may pay twice.')
}

/** The compared orders, while none is matched for certain. */
function printMatch({ id, match }: CaseDetails): void {
  if (match.verdict === 'certain' || match.candidates.length === 0) return
  print()
  print(`Orders that were compared; choose one with \`order-sync cases match ${id} ORDER\`:`)
  printTable(
    ['order', 'sold (UTC)', 'amount', 'card', 'merchant account', 'agrees', 'contradicts'],
    match.candidates.map(one => [
      one.order_id,
      one.sold_at === null ? null : time(one.sold_at),
      moneyText(one.amount, one.currency),
      one.card_last_4,
      one.merchant_account,
      one.agrees.join(' '),
      one.contradicts.join(' '),
    ]),
  )
}

function printAccount({ account, requested }: CaseDetails): void {
  if (account === null) return
  const { currency } = account
  print()
  print(`Account of the sale: ${moneyText(account.captured, currency)} captured, ${moneyText(account.refunded, currency)} refunded, ${moneyText(account.refundable, currency)} refundable`) // prettier-ignore
  if (account.conflict_explained !== null) print(`  Contradiction: ${account.conflict_explained}`)
  printTable(
    ['what', 'amount', 'stated by', 'when (UTC)'],
    [
      ...account.statements.map(one => [
        one.what,
        one.amount === null ? 'not stated' : moneyText(one.amount, currency),
        one.source,
        one.at === null ? null : time(one.at),
      ]),
      ...requested.map(one => ['requested', moneyText(one.amount, one.currency ?? currency), one.stated_by, null]),
    ],
  )
}

const time = (iso: string) => iso.slice(0, 19).replace('T', ' ')
