import type { Command } from 'commander'
import { ConfigError } from '../config.ts'
import { trimEndOf } from '../domain/basics/trim-end.ts'
import { AppError } from '../errors.ts'
import type { ChangeResult } from '../sources/accept-changes.ts'
import { commandConfig } from './command-config.ts'
import { addressOf } from './listening.ts'
import { print, printJson } from './print.ts'
import { progressBar } from './progress-bar.ts'
import { jsonIn, readInput } from './read-input.ts'

/** The limits of one hook: its count, and its bytes with some to spare. */
const MAX_CHANGES = 1_000
const MAX_BYTES = 4_000_000

interface SendFlags {
  url?: string
  json?: boolean
}

/** `send`: order changes from a file through the hook, as a CRM would send them. */
export function addSend(program: Command): void {
  program
    .command('send')
    .description('send order changes through the generic hook, signed with HOOK_SECRET')
    .argument('<file>', 'JSON: one change, or an array of changes; - reads standard input')
    .option('--url <address>', 'where the ingress is (http://HOST:PORT unless told)')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit code 1 when any change was rejected. Sending the same again changes nothing.')
    .action(send)
}

async function send(file: string, flags: SendFlags): Promise<void> {
  const config = commandConfig([])
  const secret = config.HOOK_SECRET?.[0]
  if (secret === undefined)
    throw new ConfigError(['HOOK_SECRET: is missing; set it to the secret that the ingress checks with'])
  const url = hookAddress(flags.url ?? addressOf(config.HOST, config.PORT))
  const hooks = split(await readChanges(file))
  const total = hooks.reduce((sum, hook) => sum + hook.length, 0)
  const [{ createHttpClient }, { sendChanges }] = await load()
  const http = createHttpClient(1)
  const bar = progressBar(hooks.length > 1, total, 'changes')
  const results: ChangeResult[] = []
  try {
    for (const hook of hooks) {
      for (const result of await sendChanges(hook, { url, secret, http }))
        results.push({
          ...result,
          ...(result.errors && { errors: result.errors.map(withoutPlace) }),
          ...(result.faults && { faults: result.faults.map(withoutPlace) }),
        })
      bar.update(results.length)
    }
  } catch (error) {
    bar.stop()
    tell(results, flags)
    if (results.length > 0) throw stopped(error, results.length, total)
    throw error
  } finally {
    http.close()
  }
  bar.stop()
  tell(results, flags)
  if (results.some(result => result.status === 'rejected')) process.exitCode = 1
}

const load = () => Promise.all([import('../http-client.ts'), import('./send-changes.ts')])

const stopped = (error: unknown, sent: number, total: number) =>
  new AppError(
    'sent-in-part',
    `${sent} of ${total} changes were sent, then: ${error instanceof Error ? error.message : String(error)}`,
  )

async function readChanges(file: string): Promise<unknown[]> {
  const value = jsonIn(await readInput(file), file)
  const changes: unknown[] = Array.isArray(value) ? value : [value]
  if (changes.length === 0) throw new AppError('file-invalid', `${file}: holds no change`)
  return changes
}

/** In as few hooks as the limits allow; a change too long for any hook gets one of its own, and is refused there. */
function split(changes: readonly unknown[]): unknown[][] {
  const hooks: unknown[][] = []
  let bytes = Infinity
  for (const change of changes) {
    const size = Buffer.byteLength(JSON.stringify(change)) + 1
    if (bytes + size > MAX_BYTES || (hooks.at(-1)?.length ?? 0) >= MAX_CHANGES) {
      hooks.push([])
      bytes = 0
    }
    hooks.at(-1)?.push(change)
    bytes += size
  }
  return hooks
}

function hookAddress(address: string): string {
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol))
    throw new AppError('url-invalid', `--url: expected an address such as https://hooks.example.com`)
  const base = trimEndOf(address, '/')
  return base.includes('/hooks/') ? base : `${base}/hooks/orders/generic`
}

/** The place within one hook says nothing of the place in the file; the line has the order. */
const withoutPlace = (error: { field: string; message: string }) => ({
  ...error,
  field: error.field.replace(/^\[\d+\]\.?/, ''),
})

function tell(results: readonly ChangeResult[], { json = false }: SendFlags): void {
  const counts: Partial<Record<ChangeResult['status'], number>> = {}
  for (const { status } of results) counts[status] = (counts[status] ?? 0) + 1
  if (json) return printJson({ results, counts })
  for (const [i, result] of results.entries()) print(line(result, i))
  const sum = Object.entries(counts).map(([status, count]) => `${count} ${status}`)
  if (results.length > 1) print(`${results.length} changes: ${sum.join(', ')}`)
}

function line({ order_id, status, rev, errors = [], faults = [], ignored = [] }: ChangeResult, index: number): string {
  const what = `${order_id ?? `(change ${index + 1})`}  ${status}${rev === null ? '' : ` (rev ${rev})`}`
  const why = [...errors, ...faults].map(({ field, message }) => (field === '' ? message : `${field}: ${message}`))
  const left = ignored.length > 0 ? `  ignored: ${ignored.join(', ')}` : ''
  return `${what}${why.length > 0 ? `  ${why.join('; ')}` : ''}${left}`
}
