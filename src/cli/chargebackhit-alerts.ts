import { OUTCOMES } from '../domain/alert/outcomes.ts'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { parseInstant } from '../domain/basics/instant.ts'
import { isoTime } from '../ops/iso-time.ts'
import type { AlertRecord } from '../platforms/chargebackhit/alerts-api.ts'
import {
  ALERT,
  ALERT_FILTERS,
  ALERT_TYPES,
  CREATED_AT,
  PRODUCTS,
  TRANSACTION,
} from '../platforms/chargebackhit/wire.ts'
import { asList, firstOf, type ListFlags } from './chargebackhit-list.ts'
import { printRecord, printTable, textIn, type Cell } from './print-table.ts'
import { print, printJson } from './print.ts'
import { valueOf, withChargebackhit } from './with-chargebackhit.ts'

interface AlertsFlags extends ListFlags {
  type?: string[]
  outcome?: string[]
  product?: string[]
  order?: string[]
  since?: string
  until?: string
}

/** `chargebackhit alerts`: what the platform has published, and how it was answered. */
export function addAlerts(chargebackhit: Command): void {
  const alerts = chargebackhit.command('alerts').description('list the alerts that Chargebackhit has, or show one')
  asList(alerts.command('list', { isDefault: true }).description('alerts, newest first'))
    .addOption(new Option('--type <type...>', 'only of these types').choices([...ALERT_TYPES]))
    .addOption(new Option('--outcome <outcome...>', 'only with these outcomes').choices([...OUTCOMES]))
    .addOption(new Option('--product <product...>', 'only of these products').choices([...PRODUCTS]))
    .option('--order <id...>', 'only those answered with these order ids')
    .option('--since <time>', 'published from then on, such as 2026-11-01 or 2026-11-01T08:00:00Z', toTime)
    .option('--until <time>', 'published up to then; a date alone is its first moment, UTC', toTime)
    .action((flags: AlertsFlags) => list(flags))
  alerts
    .command('show')
    .description('everything that Chargebackhit has about one alert')
    .argument('<alert-id>')
    .option('--json', 'print JSON')
    .action((id: string, flags: { json?: boolean }) => show(id, flags))
}

async function list({ limit, json = false, ...flags }: AlertsFlags): Promise<void> {
  const filter = filterOf(flags)
  const { items, more } = await withChargebackhit(({ api, limits }) =>
    firstOf(query => api.listAlerts(query, limits), {
      limit,
      method: 'token',
      ...(Object.keys(filter).length > 0 && { filter }),
      sort: { field: CREATED_AT, direction: 'desc' },
    }),
  )
  if (json) return printJson({ alerts: items, more })
  if (items.length === 0) return print('No alert was found.')
  printTable(['id', 'date', 'type', 'product', 'outcome', 'amount', 'transaction'], items.map(rowOf))
  if (more) print(`The newest ${limit}; --limit shows more.`)
}

const filterOf = ({ type, outcome, product, order, since, until }: Omit<AlertsFlags, keyof ListFlags>) => ({
  ...(type && { [ALERT_FILTERS.types]: type }),
  ...(outcome && { [ALERT_FILTERS.outcomes]: outcome }),
  ...(product && { [ALERT_FILTERS.products]: product }),
  ...(order && { [ALERT_FILTERS.orderIds]: order }),
  ...(since !== undefined && { [ALERT_FILTERS.alertDateFrom]: since }),
  ...(until !== undefined && { [ALERT_FILTERS.alertDateTo]: until }),
})

function rowOf({ alert, transaction }: AlertRecord): Cell[] {
  const text = (name: string) => textIn(alert, name)
  const amount = [text(ALERT.amount), text(ALERT.currency)].filter(Boolean).join(' ')
  const named = [ALERT.id, ALERT.date, ALERT.type, ALERT.product, ALERT.outcome].map(text)
  return [...named, amount, textIn(transaction, TRANSACTION.merchantId)]
}

async function show(id: string, { json = false }: { json?: boolean }): Promise<void> {
  const record = await withChargebackhit(async ({ api, limits }) => valueOf(await api.getAlert(id, limits)))
  if (json) printJson(record)
  else printRecord({ ...record })
}

function toTime(given: string): string {
  const ms = parseInstant(/^\d{4}-\d{2}-\d{2}$/.test(given) ? `${given}T00:00:00Z` : given)
  if (ms === null) throw new InvalidArgumentError('Expected a time such as 2026-11-01 or 2026-11-01T08:00:00Z.')
  return isoTime(ms)
}
