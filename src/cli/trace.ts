import type { Command } from 'commander'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { tellEvidence } from '../ops/compelling-evidence.ts'
import { isoTime } from '../ops/iso-time.ts'
import type { OrderView } from '../ops/order-view.ts'
import { readOrder } from '../ops/read-model.ts'
import type { RejectedChange } from '../store/rejected-store.ts'
import { print, printJson } from './print.ts'
import { withDeps } from './with-deps.ts'

/** Of how many rejected changes, newest first, those of the order are shown. */
const REJECTED_READ = 1_000

interface Rejected {
  at: string
  says: string
}

/** `trace`: one order's history, from hook to resolution, in sentences. */
export function addTrace(program: Command): void {
  program
    .command('trace')
    .description('show what happened to one order, from hook to resolution, newest last')
    .argument('<order-id>')
    .option('--json', 'print JSON')
    .action((orderId: string, flags: { json?: boolean }) => withDeps(deps => trace(deps, orderId, flags.json === true)))
}

async function trace(deps: Deps, orderId: string, json: boolean): Promise<void> {
  const [view, kept] = await Promise.all([readOrder(deps, orderId), deps.rejected.list(REJECTED_READ)])
  const rejected = kept.filter(change => change.orderId === orderId).map(toRejected)
  if (view === null) throw unknown(orderId, rejected)
  if (json) return printJson({ ...view, refused_changes: rejected })
  for (const line of head(view)) print(line)
  print()
  print('What happened, oldest first (UTC):')
  const events = [...view.timeline.map(event => ({ at: event.at, says: sentence(event) })), ...rejected]
  for (const { at, says } of events.toSorted((a, b) => (a.at < b.at ? -1 : 1))) print(`  ${time(at)}  ${says}`)
}

function unknown(orderId: string, rejected: readonly Rejected[]): AppError {
  const [newest] = rejected
  const why = newest === undefined ? 'no change of it was received' : `at ${time(newest.at)} UTC ${newest.says}`
  return new AppError('order-unknown', `no order ${orderId} is stored: ${why}`)
}

const toRejected = ({ at, errors }: RejectedChange): Rejected => ({
  at: isoTime(at),
  says: `a change was rejected: ${errors.map(error => `${error.field} ${error.message}`.trim()).join('; ')}`,
})

function head(view: OrderView): string[] {
  const { order, acknowledged } = view
  const lines = [`Order ${view.order_id}: ${view.state}`, `  ${view.why}`]
  const facts = [
    order.order_status,
    order.payment_state,
    order.order_total && `${text(order.order_total)} ${text(order.currency ?? '')}`.trim(),
    order.refunded_to_date && `${text(order.refunded_to_date)} refunded`,
    order.is_chargeback && 'charged back',
  ]
  const known = facts.filter(Boolean).map(text)
  if (known.length > 0) lines.push(`  ${known.join(' · ')}`)
  lines.push(`  last changed ${time(view.changed_at)} (rev ${view.rev})`)
  if (acknowledged.at !== null) lines.push(`  last acknowledged ${time(acknowledged.at)}`)
  lines.push(`  Compelling Evidence 3.0 ${tellEvidence(view.compelling_evidence)}`)
  for (const one of view.cases) lines.push(`  ${one.kind} ${one.id}: ${one.state}, ${one.explained}`)
  return lines
}

/** When the change happened in the CRM matters beside when it arrived. */
const sentence = ({ says, occurred_at: occurredAt }: OrderView['timeline'][number]) =>
  typeof occurredAt === 'string' ? `${says}; in the CRM at ${time(occurredAt)}` : says

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const time = (iso: string) => iso.slice(0, 19).replace('T', ' ')
