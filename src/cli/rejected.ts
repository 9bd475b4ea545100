import { InvalidArgumentError, type Command } from 'commander'
import { replayRejected } from '../ops/actions.ts'
import { readRejected } from '../ops/read-model.ts'
import { cliUser } from './cli-user.ts'
import { print, printJson } from './print.ts'
import { withDeps } from './with-deps.ts'

const LISTED = 100

/** `rejected`: what was rejected, on intake and by the platform, and reprocessing it. */
export function addRejected(program: Command): void {
  const rejected = program
    .command('rejected')
    .description('list what was rejected and which field was at fault, or reprocess it')
  rejected
    .command('list', { isDefault: true })
    .description('changes rejected on intake, newest first, and orders rejected by the platform')
    .option('--limit <count>', 'at most so many of each', toCount, LISTED)
    .option('--json', 'print JSON')
    .action(list)
  const replay = rejected
    .command('replay')
    .description('reprocess rejected changes as stored')
    .argument('[ids...]', 'ids as `rejected list` shows them')
    .option('--all', 'all of them, oldest first')
    .option('--json', 'print JSON')
    .action((ids: string[], flags: { all?: boolean; json?: boolean }) => {
      if ((flags.all === true) === ids.length > 0) replay.error('error: expected ids, or --all')
      return replayThem(flags.all === true ? 'all' : ids, flags.json === true)
    })
}

async function list({ limit, json = false }: { limit: number; json?: boolean }): Promise<void> {
  const view = await withDeps(deps => readRejected(deps, limit))
  if (json) return printJson(view)
  if (view.changes.length + view.orders.length + view.events.length === 0) return print('Nothing is rejected.')
  if (view.changes.length > 0) print('Changes rejected on intake, newest first (UTC):')
  for (const { id, at, source, order_id: orderId, errors, replayable } of view.changes) {
    print(
      `  ${time(at)}  order ${orderId ?? 'unknown'}, from ${source}   ${id}${replayable ? '' : ' (cannot be replayed)'}`,
    )
    for (const { field, message } of errors) print(`    ${field === '' ? '' : `${field}: `}${message}`)
  }
  if (view.orders.length > 0) print('Orders rejected by the platform:')
  for (const { order_id: orderId, status, words, retry_at: retryAt } of view.orders)
    print(`  order ${orderId}  ${status ?? ''} ${words ?? ''}  retried ${time(retryAt)} UTC, and on the next change`)
  if (view.events.length > 0)
    print('Events of platforms that could not be taken, newest first (UTC; --json shows their masked bodies):')
  for (const { at, platform, event_type: type } of view.events) print(`  ${time(at)}  ${platform}  ${type}`)
}

async function replayThem(ids: readonly string[] | 'all', json: boolean): Promise<void> {
  const results = await withDeps(deps => replayRejected(deps, ids, cliUser()))
  if (json) printJson({ results })
  else {
    if (results.length === 0) print('Nothing is rejected.')
    for (const result of results) {
      print(`${result.id}  ${result.done}: ${result.says}`)
      if (result.done === 'refused-again')
        for (const { field, message } of result.errors) print(`    ${field === '' ? '' : `${field}: `}${message}`)
    }
  }
  if (results.some(result => result.done !== 'merged')) process.exitCode = 1
}

const time = (iso: string) => iso.slice(0, 19).replace('T', ' ')

function toCount(given: string): number {
  if (!/^[1-9]\d{0,3}$/.test(given)) throw new InvalidArgumentError('Expected a whole number, 1 to 9999.')
  return Number(given)
}
