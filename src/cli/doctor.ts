import type { Command } from 'commander'
import type { Deps } from '../deps.ts'
import type { DoctorLine } from '../ops/doctor.ts'
import { print, printJson } from './print.ts'
import { withDeps } from './with-deps.ts'

interface DoctorFlags {
  json?: boolean
  proveKeys?: string
  amount?: string
  currency?: string
  yes?: boolean
}

/** `doctor`: checks everything an operator would otherwise find out the hard way. */
export function addDoctor(program: Command): void {
  const doctor = program
    .command('doctor')
    .description('check configuration, Redis, platform and clock; each line passes or states what to do')
    .option('--prove-keys <order-id>', 'instead: send a small refund of this order twice under one idempotency key')
    .option('--amount <amount>', 'with --prove-keys: the amount, such as 1.00')
    .option('--currency <code>', 'with --prove-keys: its currency, such as USD')
    .option('--yes', 'with --prove-keys: do not ask')
    .option('--json', 'print JSON')
    .action(async ({ json = false, proveKeys: orderId, amount, currency, yes = false }: DoctorFlags) => {
      if (orderId === undefined) return examine(json)
      if (amount === undefined || currency === undefined)
        return doctor.error('error: expected --amount and --currency beside --prove-keys')
      if (!yes && !process.stdin.isTTY) doctor.error('error: expected --yes, because there is no terminal to ask')
      const { proveKeys } = await import('./prove-keys.ts')
      return proveKeys({ orderId, amount, currency }, { yes, json })
    })
}

async function examine(json: boolean): Promise<void> {
  const lines: DoctorLine[] = []
  const look = async (deps: Deps) => {
    const { diagnose } = await import('../ops/doctor.ts')
    for await (const line of diagnose(deps.config, deps)) {
      lines.push(line)
      if (!json) tell(line)
    }
  }
  await withDeps(look, { redis: 'may be away' })
  const faults = lines.filter(line => line.ok === false).length
  const warnings = lines.filter(line => line.ok === 'warn').length
  if (json) printJson({ ok: faults === 0, lines })
  else {
    print()
    print(`${count(faults, 'fault')}, ${count(warnings, 'warning')}.`)
  }
  if (faults > 0) process.exitCode = 1
}

const MARK = { true: '✓', warn: '!', false: '✗' }
const NAME_WIDTH = 20

function tell({ name, ok, says, todo }: DoctorLine): void {
  print(`${MARK[`${ok}`]} ${name.padEnd(NAME_WIDTH)} ${says}`)
  if (todo !== undefined) print(`${' '.repeat(NAME_WIDTH + 3)}→ ${todo}`)
}

const count = (number: number, what: string) => `${number === 0 ? 'no' : number} ${what}${number === 1 ? '' : 's'}`
