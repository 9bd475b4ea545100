import { moneyText } from '../ops/case-row.ts'
import type { CaseDetails } from '../ops/read-case.ts'
import { answerText } from '../ops/tell-case.ts'
import { print } from './print.ts'

/** One case for a person: where it stands and why, what to decide, and what happened, oldest first. */
export function printCase(view: CaseDetails): void {
  const { order, answer, to_approve: toApprove } = view
  print(`Case ${view.id}: ${view.state}`)
  print(`  ${view.explained}`)
  if (view.decide !== null && view.answered_at === null) print(`  To decide: ${view.decide}`)
  const partner = view.partner === null ? '' : ` by ${view.partner}`
  print(`  ${view.kind} over ${moneyText(view.amount, view.currency)}${partner}, order ${view.order_id ?? 'not known'}`)
  if (order !== null)
    print(
      `  ${moneyText(order.captured, order.currency)} collected, ${moneyText(order.left, order.currency)} left to give back`,
    )
  if (view.respond_by !== null && view.answered_at === null) print(`  answer by ${time(view.respond_by)} UTC`)
  if (answer !== null)
    print(
      `  answer: ${answerText(answer.resolution_type, answer.other_description)}${answer.outcome === null ? '' : ` (told as ${answer.outcome})`}`,
    )
  if (toApprove !== null)
    print(`  \`order-sync cases approve ${view.id}\` refunds ${moneyText(toApprove.amount, toApprove.currency)}`)
  for (const sibling of view.siblings) print(`  same order: ${sibling.id}, ${sibling.state}`)
  print()
  print('What happened, oldest first (UTC):')
  for (const { at, says } of view.timeline) print(`  ${time(at)}  ${says}`)
}

const time = (iso: string) => iso.slice(0, 19).replace('T', ' ')
