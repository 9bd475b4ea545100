import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Deps } from '../deps.ts'
import { CASE_STATES, type CaseState } from '../domain/case/view.ts'
import { ANSWER_TYPES } from '../domain/alert/resolution-types.ts'
import { AppError } from '../errors.ts'
import { recordDecision } from '../ops/case-actions.ts'
import { moneyText } from '../ops/case-row.ts'
import { listCases } from '../ops/list-cases.ts'
import { readCase } from '../ops/read-case.ts'
import { readDecision, type DecisionName } from '../ops/read-decision.ts'
import { rebuildCase } from '../ops/rebuild-case.ts'
import { cliUser } from './cli-user.ts'
import { print, printJson } from './print.ts'
import { printCase } from './print-case.ts'
import { withDeps } from './with-deps.ts'

interface Flags {
  json?: boolean
  reason?: string
}

const [LISTED, MOST] = [50, 10_000]

/** `cases`: alerts and their results, and what a person decides about one. */
export function addCases(program: Command): void {
  const cases = program.command('cases').description('list alerts, show one, and decide about it')
  cases
    .command('list', { isDefault: true })
    .description('cases, newest first')
    .addOption(new Option('--state <state>', 'only cases in this state').choices([...CASE_STATES]))
    .option('--limit <count>', 'at most this many', toCount, LISTED)
    .option('--json', 'print JSON')
    .action((flags: { state?: CaseState; limit: number; json?: boolean }) => list(flags))
  cases
    .command('show')
    .description('one case: its state and cause, what to decide, and what happened')
    .argument('<case-id>')
    .option('--json', 'print JSON')
    .action((id: string, flags: Flags) => show(id, flags))
  decision(cases, 'approve', 'approve the refund that waits for a person')
    .option('--amount <amount>', 'refund this much, such as 12.50; all that is refundable if left out')
    .action((id: string, { amount, ...flags }: Flags & { amount?: string }) => decide(id, 'approve', { amount }, flags))
  decision(cases, 'refuse', 'decline the refund').action((id: string, flags: Flags) => decide(id, 'refuse', {}, flags))
  decision(cases, 'resolve', 'choose the resolution yourself; a resolution is final')
    .addOption(new Option('--type <type>', 'what happened').choices([...ANSWER_TYPES]).makeOptionMandatory())
    .option('--description <text>', 'your own words; `other` needs some')
    .action((id: string, { type, description, ...flags }: Flags & { type: string; description?: string }) =>
      decide(id, 'resolve', { resolution_type: type, other_description: description }, flags),
    )
  decision(cases, 'match', 'choose the order that the case is about')
    .argument('<order-id>', 'a stored order')
    .action((id: string, orderId: string, flags: Flags) => decide(id, 'match', { order_id: orderId }, flags))
  decision(
    cases,
    'close',
    'close a double payment, or a refund that failed after success, once it is dealt with',
  ).action((id: string, flags: Flags) => decide(id, 'close', {}, flags))
  decision(cases, 'refunded', 'record a refund that was made by hand; where no gateway is configured')
    .requiredOption('--amount <amount>', 'how much was refunded, such as 12.50')
    .requiredOption('--at <time>', 'when, such as 2026-12-24T18:00:00Z')
    .option('--reference <text>', 'its reference in the CRM or at the processor')
    .action(
      (id: string, { amount, at, reference, ...flags }: Flags & { amount: string; at: string; reference?: string }) =>
        decide(id, 'refunded', { amount, refunded_at: at, reference }, flags),
    )
  cases
    .command('rebuild')
    .description('decide again from the log alone, and show whether the result equals the stored record')
    .argument('<case-id>')
    .option('--json', 'print JSON')
    .action((id: string, flags: Flags) => rebuild(id, flags))
}

const decision = (cases: Command, name: string, description: string): Command =>
  cases
    .command(name)
    .description(description)
    .argument('<case-id>')
    .option('--reason <text>', 'reason, kept in the case history')
    .option('--json', 'print JSON')

async function list({ state, limit, json = false }: { state?: CaseState; limit: number; json?: boolean }) {
  const page = await withDeps(deps => listCases(deps, { state: state ?? null, limit, cursor: null }))
  if (json) return printJson(page)
  if (page.cases.length === 0)
    return print(state === undefined ? 'No case is stored.' : `No case is in state ${state}.`)
  for (const row of page.cases) {
    const order = row.order_id === null ? 'no order' : `order ${row.order_id}`
    const until = row.respond_by !== null && row.answered_at === null ? `  respond by ${time(row.respond_by)}` : ''
    print(`${row.id}  ${row.state}  ${order}  ${moneyText(row.amount, row.currency)}${until}`)
    print(`    ${row.explained}${row.state !== 'resolved' && row.decide !== null ? ` ${row.decide}` : ''}`)
  }
  if (page.cursor !== null) print(`The newest ${limit} are shown; --limit shows more.`)
}

async function show(id: string, { json = false }: Flags): Promise<void> {
  const view = await withDeps(deps => readCase(deps, id))
  if (view === null) throw unknown(id)
  if (json) printJson(view)
  else printCase(view)
}

async function decide(id: string, name: DecisionName, body: object, { reason, json = false }: Flags): Promise<void> {
  const read = readDecision(name, { ...body, reason })
  if ('errors' in read)
    throw new AppError('invalid', read.errors.map(({ field, message }) => `${field}: ${message}`).join('; '))
  const by = cliUser()
  const result = await withDeps((deps: Deps) => recordDecision(deps, id, read.wanted, { by, reason: read.reason }))
  if (result.done === 'unknown') throw unknown(id)
  if (result.done === 'refused') throw new AppError('not-now', `${id}: ${result.says}`)
  if (json) return printJson({ ...result.case, says: result.says })
  print(`${id}: ${result.says}.`)
  print(`The case is now ${result.case.state}: ${result.case.explained}`)
}

async function rebuild(id: string, { json = false }: Flags): Promise<void> {
  const rebuilt = await withDeps(deps => rebuildCase(deps, id))
  if (rebuilt === null) throw unknown(id)
  if (!rebuilt.equal) process.exitCode = 1
  if (json) return printJson(rebuilt)
  if (rebuilt.equal) return print(`${id}: the record rebuilt from the log equals the stored one.`)
  print(`${id}: the record rebuilt from the log differs from the stored one, and replaces it:`)
  for (const { field, was, is } of rebuilt.differs)
    print(`  ${field}: was ${JSON.stringify(was)}, is ${JSON.stringify(is)}`)
}

const unknown = (id: string) => new AppError('case-unknown', `no case ${id} is stored; \`order-sync cases\` lists them`)

const time = (iso: string) => `${iso.slice(0, 16).replace('T', ' ')} UTC`

function toCount(given: string): number {
  const count = Number(given)
  if (/^\d{1,5}$/.test(given) && count >= 1 && count <= MOST) return count
  throw new InvalidArgumentError(`Expected a whole number, 1 to ${MOST}.`)
}
