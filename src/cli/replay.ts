import { InvalidArgumentError, type Command } from 'commander'
import { parseConfig, readEnvironment, type Config, type ConfigName } from '../config.ts'
import { AppError } from '../errors.ts'
import type { History } from '../shadow-run/history.ts'
import type { ShadowResult } from '../shadow-run/shadow-run.ts'
import { moneyText, type ShadowAlert, type Verdict } from '../shadow-run/verdict.ts'
import { print, printError, printJson } from './print.ts'
import { printTable } from './print-table.ts'
import { progressBar } from './progress-bar.ts'
import { unreadable } from './read-input.ts'

interface ReplayFlags {
  set?: Record<string, string>
  all?: boolean
  json?: boolean
}

const LONG = 200
/** Nothing is lost on the way here that would have to be looked for every few minutes. */
const LOOK_MS = 12 * 3_600_000
/** Lines that are shown of faults and of reasons. */
const SHOWN = 20
/** The settings that decide about alerts, as they are shown. */
const SHOWN_SETTINGS = ['REFUND_MODE', 'REFUND_TRIGGER', 'REFUND_AUTO_LIMIT', 'REFUND_HOURLY_LIMIT', 'REFUND_LIMIT_CURRENCY', 'REFUND_GATEWAY', 'DEFAULT_CURRENCY', 'LIKELY_AT_STOP', 'PENDING_AT_STOP', 'RESOLVE_3DS'] as const satisfies readonly ConfigName[] // prettier-ignore
/** Settings that a run depends on; any other has no effect on it. */
const USED: readonly ConfigName[] = [
  ...SHOWN_SETTINGS, 'REFUND_HTTP_KEEPS_KEYS_HOURS', 'REFUND_LIST_LAG_MS', 'REQUEST_SETTLE_MS', 'MATCH_LOOKBACK_DAYS', 'MATCH_GRACE_MS',
  'CASE_WINDOW_MINUTES', 'CASE_WINDOW_CDRN_MINUTES', 'CASE_TARGET_MINUTES', 'CASE_ALARM_MINUTES', 'CASE_STOP_MINUTES',
] // prettier-ignore

/** `replay`: a shadow run of past orders and alerts, without money and without answers. */
export function addReplay(program: Command): void {
  program
    .command('replay')
    .description('play past orders and alerts under given settings, without money and without answers, and compare')
    .argument('<file>', 'NDJSON: changes, events, records, payments, refunds and outcomes; - reads standard input')
    .option('--set <name=value>', 'a setting for this run, in place of the environment; may be repeated', toSetting)
    .option('--all', 'list every alert, not only those that end otherwise')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nNothing is called and nothing is written: it runs on a Redis of its own that ends with it. Where REFUND_MODE is not set,\n' +
        'the run takes auto. The lines of the file are described in docs/shadow-run.md.\n' +
        'Exit code 1 when an alert would end otherwise than it really did, or a line could not be read.',
    )
    .action(run)
}

function toSetting(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [name = '', ...value] = text.split('=')
  if (value.length === 0) throw new InvalidArgumentError('expected NAME=VALUE, such as REFUND_MODE=auto')
  if (!USED.some(known => known === name))
    throw new InvalidArgumentError(`${name} has no effect on a shadow run; these have: ${USED.join(', ')}`)
  return { ...before, [name]: value.join('=') }
}

async function run(file: string, { set = {}, all = false, json = false }: ReplayFlags): Promise<void> {
  const given = { ...readEnvironment(), ...set }
  const config = parseConfig({ ...given, REFUND_MODE: given.REFUND_MODE || 'auto' }, [])
  const { readHistoryFile } = await import('../shadow-run/history.ts')
  const history = await readHistoryFile(file).catch((error: unknown) => {
    throw unreadable(file, error)
  })
  if (history.arrivals.length === 0 && history.faultCount === 0)
    throw new AppError('history-empty', `${file}: there is no change and no event in it`)
  const result = await play(history, config)
  if (history.faultCount > 0 || result.alerts.some(({ verdict }) => verdict === 'differs')) process.exitCode = 1
  if (json) return printJson({ settings: settingsOf(config), ...jsonOf(history, result) })
  show(history, result, { config, all })
}

async function play(history: History, config: Config): Promise<ShadowResult> {
  const [{ startEmbeddedRedis }, { connectRedis, closeRedis }, { caseTermsOf }, { shadowRun }] = await Promise.all([
    import('../embedded-redis/start.ts'),
    import('../redis/connect.ts'),
    import('../deps-alerts.ts'),
    import('../shadow-run/shadow-run.ts'),
  ])
  const total = history.arrivals.length
  const server = await startEmbeddedRedis({ say: printError })
  const redis = connectRedis(server.url, 'replay', 'patient')
  const bar = progressBar(total > LONG, total, 'changes and events')
  const hasGateway = config.REFUND_GATEWAY !== 'manual'
  // The bar hides the cursor; the private Redis ends with this process.
  process.once('SIGINT', () => {
    bar.stop()
    process.exit(130)
  })
  try {
    return await shadowRun(redis, 'replay', {
      history,
      terms: { ...caseTermsOf(config, hasGateway), lookMs: LOOK_MS },
      keepsKeysMs: config.REFUND_HTTP_KEEPS_KEYS_HOURS * 3_600_000,
      hasGateway,
      onProgress: done => bar.update(done),
    })
  } finally {
    bar.stop()
    await closeRedis(redis)
    await server.stop()
  }
}

/** As every command names its fields; times as text. */
const jsonOf = ({ faults, faultCount }: History, { alerts, unused, refunded, reallyRefunded }: ShadowResult) => ({
  alerts: alerts.map(({ orderId, answeredAt, ...alert }) => ({
    ...alert,
    order_id: orderId,
    answered_at: answeredAt === null ? null : new Date(answeredAt).toISOString(),
  })),
  refunded,
  really_refunded: reallyRefunded,
  unused,
  faults,
  fault_count: faultCount,
})

const settingsOf = (config: Config) =>
  Object.fromEntries(SHOWN_SETTINGS.flatMap(name => (config[name] === undefined ? [] : [[name, config[name]]])))

const TITLES: Record<Verdict, string> = {
  agrees: 'end as they really did',
  differs: 'end otherwise',
  'asks-person': 'ask a person',
  unknown: 'are answered, and it is not known how they really ended',
  unfinished: 'are not finished when the history ends',
  informs: 'need no answer',
}

function show(history: History, result: ShadowResult, { config, all }: { config: Config; all: boolean }): void {
  const { alerts, unused, refunded, reallyRefunded } = result
  const settings = Object.entries(settingsOf(config)).map(([name, value]) => `${name}=${String(value)}`)
  const [changes, events] = (['change', 'event'] as const).map(what => history.arrivals.filter(one => one.what === what).length)
  print(`Played ${counted(changes!, 'change')} and ${counted(events!, 'event')} under ${settings.join(' ')}.`)
  print('Nothing was called, and nothing was written outside this run.')
  print()
  print(counted(alerts.length, 'alert'))
  for (const [verdict, title] of Object.entries(TITLES)) {
    const count = alerts.filter(one => one.verdict === verdict).length
    if (count > 0) print(`${String(count).padStart(6)} ${title}`)
  }
  print()
  print(`Refunded for alerts: ${moneyText(refunded)} here, ${moneyText(reallyRefunded)} really.`)
  showReasons(alerts)
  showAlerts('End otherwise', alerts.filter(({ verdict }) => verdict === 'differs'))
  if (all) showAlerts('All alerts', alerts)
  showFaults('Lines that could not be read', history.faults.map(({ line, message }) => `line ${line}: ${message}`), history.faultCount)
  showFaults('Not used', unused, unused.length)
} // prettier-ignore

function showReasons(alerts: readonly ShadowAlert[]): void {
  const counts = new Map<string, number>()
  for (const { verdict, why } of alerts) if (verdict === 'asks-person') counts.set(why, (counts.get(why) ?? 0) + 1)
  if (counts.size === 0) return
  print()
  print('What a person would be asked:')
  for (const [why, count] of [...counts].toSorted((a, b) => b[1] - a[1])) print(`${String(count).padStart(6)} ${why}`)
}

function showAlerts(title: string, alerts: readonly ShadowAlert[]): void {
  if (alerts.length === 0) return
  print()
  print(`${title}:`)
  printTable(
    ['alert', 'order', 'state', 'answer', 'refunded', 'really', 'difference'],
    alerts.map(({ id, orderId, state, resolution, refunded, real, differences }) => [
      id, orderId, state, resolution, moneyText(refunded), real?.resolution, differences.join('; '),
    ]),
  ) // prettier-ignore
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

function showFaults(title: string, lines: readonly string[], count: number): void {
  if (lines.length === 0) return
  print()
  print(`${title}:`)
  for (const line of lines.slice(0, SHOWN)) print(`  ${line}`)
  if (count > SHOWN) print(`  and ${count - SHOWN} more`)
}
