import type { Command } from 'commander'
import { AppError } from '../errors.ts'
import { syncOrder } from '../ops/actions.ts'
import { cliUser } from './cli-user.ts'
import { print, printJson } from './print.ts'
import { withDeps } from './with-deps.ts'

/** `sync`: looks at one order now, whatever it waits for. */
export function addSync(program: Command): void {
  program
    .command('sync')
    .description('push one order now: a rejected order is retried, a back-off is cut short')
    .argument('<order-id>')
    .option('--json', 'print JSON')
    .action((orderId: string, flags: { json?: boolean }) => sync(orderId, flags.json === true))
}

async function sync(orderId: string, json: boolean): Promise<void> {
  const result = await withDeps(deps => syncOrder(deps, orderId, cliUser()))
  if (json) printJson({ order_id: orderId, ...result })
  if (result.done !== 'queued')
    throw new AppError(result.done === 'held' ? 'held' : 'order-unknown', `order ${orderId}: ${result.says}`)
  if (!json) print(`Order ${orderId}: ${result.says}${result.waits === null ? '' : `, but waits: ${result.waits}`}`)
}
