import { InvalidArgumentError, type Command } from 'commander'
import { parseInstant } from '../domain/basics/instant.ts'
import { readSources, stateComplete } from '../ops/source-completeness.ts'
import { cliUser } from './cli-user.ts'
import { printTable } from './print-table.ts'
import { print, printJson } from './print.ts'
import { withDeps } from './with-deps.ts'

interface CompleteFlags {
  since: number
  by: string
  json?: boolean
}

/** `sources`: since when each source is complete, which decides whether "no order found" can be true. */
export function addSources(program: Command): void {
  const sources = program
    .command('sources')
    .description('show since when every order of a source is known here, or state it')
  sources
    .command('list', { isDefault: true })
    .description('every source whose changes were accepted, and since when it is complete (UTC)')
    .option('--json', 'print JSON')
    .action(list)
  sources
    .command('complete')
    .description(
      'state that every order of a source since a time is known here, for example after its history was sent',
    )
    .argument('<name>', 'the source, as `sources list` shows it')
    .requiredOption('--since <date>', 'ISO 8601 date or time; UTC unless it names a zone', toInstant)
    .option('--by <name>', 'who states it', cliUser())
    .option('--json', 'print JSON')
    .action(complete)
}

async function list({ json = false }: { json?: boolean }): Promise<void> {
  const views = await withDeps(readSources)
  if (json) return printJson({ sources: views })
  if (views.length === 0) return print('No change of any source was accepted yet.')
  const rows = views.map(({ name, complete_since: since, stated_by: by, first_change_at: first }) => [
    name,
    time(since),
    by,
    time(first),
  ])
  printTable(['source', 'complete since (UTC)', 'stated by', 'first change (UTC)'], rows)
}

async function complete(name: string, { since, by, json = false }: CompleteFlags): Promise<void> {
  const view = await withDeps(deps => stateComplete(deps, name, since, by.slice(0, MAX_NAME)))
  if (json) return printJson(view)
  print(`${view.name} is complete since ${time(view.complete_since)} UTC, stated by ${view.stated_by}.`)
}

const MAX_NAME = 100

function toInstant(given: string): number {
  const ms = parseInstant(/^\d{4}-\d{2}-\d{2}$/.test(given) ? `${given}T00:00:00Z` : given)
  if (ms === null)
    throw new InvalidArgumentError('Expected an ISO 8601 date or time such as 2025-10-01 or 2025-10-01T00:00:00Z.')
  return ms
}

const time = (iso: string) => iso.slice(0, 19).replace('T', ' ')
