import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import { AppError } from '../errors.ts'
import { forgetOrder } from '../ops/actions.ts'
import { cliUser } from './cli-user.ts'
import { plain, print, printJson } from './print.ts'
import { withDeps } from './with-deps.ts'

interface ForgetFlags {
  yes?: boolean
  json?: boolean
}

/** `forget`: erases one order for good. */
export function addForget(program: Command): void {
  const forget = program
    .command('forget')
    .description('erase one order: its values, history and rejected changes; later changes of it are rejected')
    .argument('<order-id>')
    .option('--yes', 'do not ask')
    .option('--json', 'print JSON')
    .action(async (orderId: string, flags: ForgetFlags) => {
      if (flags.yes !== true && !process.stdin.isTTY)
        forget.error('error: expected --yes, because the command cannot ask without a terminal')
      if (flags.yes === true || (await isMeant(orderId))) return erase(orderId, flags.json === true)
      throw new AppError('not-confirmed', 'nothing was erased')
    })
}

async function isMeant(orderId: string): Promise<boolean> {
  const dialogue = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const typed = await dialogue.question(
      `This cannot be undone. Type the order's id (${plain(orderId)}) to erase it: `,
    )
    return typed.trim() === orderId
  } finally {
    dialogue.close()
  }
}

async function erase(orderId: string, json: boolean): Promise<void> {
  const result = await withDeps(deps => forgetOrder(deps, orderId, cliUser()))
  if (json) return printJson(result)
  const { was_known: wasKnown, rejected_changes_removed: removed } = result
  const also = removed === 0 ? '' : `, and ${removed === 1 ? '1 refused change' : `${removed} refused changes`} of it`
  print(`Order ${orderId} ${wasKnown ? 'is erased' : 'was not stored here'}${also}. Later changes of it are rejected.`)
  print('What the platform received stays there: ask the platform to erase it, too.')
}
