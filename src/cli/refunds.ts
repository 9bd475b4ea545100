import { userInfo } from 'node:os'
import { Argument, type Command } from 'commander'
import type { RefundMode } from '../domain/refund/plan.ts'
import { MODE_SAYS, readSwitch, REFUND_MODES, turnSwitch, type SwitchView } from '../ops/refund-switch.ts'
import { print, printJson } from './print.ts'
import { withDeps } from './with-deps.ts'

interface Flags {
  json?: boolean
  reason?: string
}

/** `refunds`: the switch that says whether money moves, for every process at once. */
export function addRefunds(program: Command): void {
  program
    .command('refunds')
    .description('show the switch for refunds, or turn it: by themselves, by a person’s approval, or not at all')
    .addArgument(new Argument('[mode]', 'where to turn it; shown unless told').choices([...REFUND_MODES]))
    .option('--reason <text>', 'why, for whoever reads it later')
    .option('--json', 'print JSON')
    .action((mode: RefundMode | undefined, flags: Flags) => (mode === undefined ? show(flags) : turn(mode, flags)))
}

async function turn(mode: RefundMode, { reason, json = false }: Flags): Promise<void> {
  const by = `cli:${userInfo().username}`
  const view = await withDeps(deps => turnSwitch(deps, mode, { by, reason: reason?.slice(0, MAX_REASON) ?? null }))
  if (json) printJson(view)
  else print(`${view.says}.`)
}

const MAX_REASON = 500

async function show({ json = false }: Flags): Promise<void> {
  const view = await withDeps(readSwitch)
  if (json) printJson(view)
  else tell(view)
}

function tell({ mode, set_at, set_by, trigger, limits, waiting, history }: SwitchView): void {
  const who = set_at === null ? ', as configured' : `, set by ${set_by} at ${time(set_at)}`
  print(mode === null ? 'Refunds: never chosen, no money moves' : `Refunds: ${mode}${who}: ${MODE_SAYS[mode]}`)
  print(`  wanted by: ${trigger}`)
  const [auto, hourly] = [limits.auto, limits.hourly].map(limit =>
    limit === null ? 'none' : `${limit} ${limits.currency ?? ''}`.trim(),
  )
  print(`  limit of one refund by itself: ${auto}; of all in an hour: ${hourly}`)
  print(`  waiting: ${waiting.for_approval} for approval, ${waiting.for_switch} for the switch`)
  for (const { at, by, from, to, reason } of history.slice(0, SHOWN))
    print(`  ${time(at)}  ${by}: ${from ?? 'unset'} → ${to}${reason === null ? '' : ` (${reason})`}`)
}

const SHOWN = 10

const time = (iso: string) => iso.slice(0, 19).replace('T', ' ')
