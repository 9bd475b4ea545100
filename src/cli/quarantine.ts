import type { Command } from 'commander'
import { readQuarantine, releaseQuarantine } from '../ops/quarantine.ts'
import { cliUser } from './cli-user.ts'
import { print, printJson } from './print.ts'
import { withDeps } from './with-deps.ts'

const MAX_REASON = 500

/** `quarantine`: restored data that waits for a person: what is held and why, and its release. */
export function addQuarantine(program: Command): void {
  const quarantine = program.command('quarantine').description('show what is held after a restore, or release it')
  quarantine
    .command('show', { isDefault: true })
    .description(
      'what is held and why, and what the sources must send again; the exit code is 1 while there is a quarantine',
    )
    .option('--json', 'print JSON')
    .action(show)
  quarantine
    .command('release')
    .description('end the quarantine: orders are pushed, cases decided and automatic refunds sent again')
    .requiredOption('--reason <text>', 'reason, kept with who did it')
    .option('--json', 'print JSON')
    .action(release)
}

async function show({ json = false }: { json?: boolean }): Promise<void> {
  const view = await withDeps(readQuarantine)
  if (view !== null) process.exitCode = 1
  if (json) return printJson({ quarantine: view })
  if (view === null) return print('No quarantine.')
  const { orders_waiting: orders, refunds_for_approval: refunds, cases_for_a_person: cases } = view.held
  print(`Quarantine since ${time(view.since)} UTC`)
  print(`  ${view.says}`)
  print(`  held: ${orders} orders waiting to sync, ${refunds} refunds for approval, ${cases} cases for a person`)
  print(`→ ${view.demand.asks} Then run order-sync quarantine release --reason "…".`)
}

async function release({ reason, json = false }: { reason: string; json?: boolean }): Promise<void> {
  const by = cliUser()
  const result = await withDeps(deps => releaseQuarantine(deps, { by, reason: reason.slice(0, MAX_REASON) }))
  if (json) printJson(result)
  else print(result.says)
}

const time = (iso: string) => iso.slice(0, 19).replace('T', ' ')
