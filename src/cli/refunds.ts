import { Argument, type Command } from 'commander'
import type { RefundMode } from '../domain/account/account.ts'
import {
  describeLate,
  describeMode,
  readRefundMode,
  REFUND_MODES,
  setRefundMode,
  type RefundModeView,
} from '../ops/refund-mode.ts'
import { cliUser } from './cli-user.ts'
import { print, printJson } from './print.ts'
import { withDeps } from './with-deps.ts'

interface Flags {
  json?: boolean
  reason?: string
}

/** `refunds`: the refund mode, which decides for every process at once whether money moves. */
export function addRefunds(program: Command): void {
  program
    .command('refunds')
    .description('show or set the refund mode')
    .addArgument(new Argument('[mode]', 'the mode to set; shown if left out').choices([...REFUND_MODES]))
    .option('--reason <text>', 'reason, kept in the history')
    .option('--json', 'print JSON')
    .action((mode: RefundMode | undefined, flags: Flags) => (mode === undefined ? show(flags) : set(mode, flags)))
}

async function set(mode: RefundMode, { reason, json = false }: Flags): Promise<void> {
  const by = cliUser()
  const view = await withDeps(deps => setRefundMode(deps, mode, { by, reason: reason?.slice(0, MAX_REASON) ?? null }))
  if (json) printJson(view)
  else print(view.says)
}

const MAX_REASON = 500

async function show({ json = false }: Flags): Promise<void> {
  const view = await withDeps(readRefundMode)
  if (json) printJson(view)
  else printMode(view)
}

function printMode({ mode, set_at, set_by, trigger, limits, waiting, history }: RefundModeView): void {
  const who = set_at === null ? 'as configured' : `set by ${set_by} at ${time(set_at)} UTC`
  print(`${describeMode(mode)}${mode === null ? '' : ` (${who})`}`)
  print(`  refunds are started by: ${trigger}`)
  const [auto, hourly] = [limits.auto, limits.hourly].map(limit =>
    limit === null ? 'none' : `${limit} ${limits.currency ?? ''}`.trim(),
  )
  print(`  limit of one automatic refund: ${auto}; of all in an hour: ${hourly}`)
  print(`  waiting: ${waiting.for_approval} for approval, ${waiting.for_switch} because refunds are off`)
  if (waiting.late > 0) print(`  ${describeLate(waiting.late)}`)
  for (const { at, by, from, to, reason } of history.slice(0, SHOWN))
    print(`  ${time(at)} UTC  ${by}: ${from ?? 'unset'} → ${to}${reason === null ? '' : ` (${reason})`}`)
}

const SHOWN = 10

const time = (iso: string) => iso.slice(0, 19).replace('T', ' ')
