import { Option, type Command } from 'commander'
import type { Said } from '../platforms/api-answer.ts'
import type { AccountRecord } from '../platforms/chargebackhit/accounts-api.ts'
import {
  CAID,
  CAID_FILTERS,
  ENROLLED,
  ENROLLMENT,
  ENROLLMENT_FILTERS,
  ENROLLMENT_STATUSES,
  MERCHANT,
  MERCHANT_FILTERS,
} from '../platforms/chargebackhit/wire.ts'
import { asList, firstOf, type ListFlags } from './chargebackhit-list.ts'
import { printRecord, printTable, textIn, type Cell } from './print-table.ts'
import { print, printJson } from './print.ts'
import { valueOf, withChargebackhit, type Chargebackhit } from './with-chargebackhit.ts'

interface OneFlags {
  json?: boolean
  activities?: boolean
}

/** `chargebackhit merchants`, `caids` and `enrollments`: the account's parts, and names of our own for them. */
export function addAccounts(chargebackhit: Command): void {
  const merchants = chargebackhit.command('merchants').description('list merchants, show or rename one')
  asList(merchants.command('list', { isDefault: true }).description('merchants of the account'))
    .option('--internal-id <id...>', 'only those with these ids of your own')
    .option('--name <name...>', 'only those of these names')
    .option('--descriptor <text...>', 'only those with these payment descriptors')
    .action(listMerchants)
  one(merchants, 'show', 'everything that Chargebackhit has about one merchant').action((id: string, flags: OneFlags) =>
    tell(flags, ({ api, limits }) => api.getMerchant(id, limits)),
  )
  one(merchants, 'rename', 'give a merchant an id of your own')
    .argument('<internal-id>')
    .action((id: string, internalId: string, flags: OneFlags) =>
      tell(flags, ({ api, limits }) => api.updateMerchant(id, { internal_id: internalId }, limits)),
    )

  const caids = chargebackhit.command('caids').description('list card acceptor ids, show or rename one')
  asList(caids.command('list', { isDefault: true }).description('card acceptor ids, and their products'))
    .option('--merchant <id...>', 'only those of these merchants, by the id that `merchants list` shows')
    .option('--psp <name...>', 'only those at these payment service providers')
    .option('--descriptor <text...>', 'only those with these payment descriptors')
    .action(listCaids)
  withActivities(one(caids, 'show', 'everything that Chargebackhit has about one card acceptor id')).action(
    (id: string, { activities = false, ...flags }: OneFlags) =>
      tell(flags, ({ api, limits }) => api.getCaid(id, { activities }, limits)),
  )
  withActivities(one(caids, 'rename', 'give a card acceptor id an id of your own'))
    .argument('<internal-id>')
    .action((id: string, internalId: string, { activities = false, ...flags }: OneFlags) =>
      tell(flags, ({ api, limits }) => api.updateCaid(id, { internal_id: internalId }, { activities }, limits)),
    )

  asList(chargebackhit.command('enrollments').description('list what was sent for enrolment, and its status'))
    .addOption(new Option('--status <status...>', 'only those with this status').choices([...ENROLLMENT_STATUSES]))
    .action(listEnrollments)
} // prettier-ignore

const one = (parent: Command, name: string, description: string): Command =>
  parent.command(name).description(description).argument('<id>').option('--json', 'print JSON')

const withActivities = (command: Command): Command =>
  command.option('--activities', 'with the activations of its products')

type Filters = Partial<Record<'internalId' | 'name' | 'merchant' | 'psp' | 'descriptor', string[]>>

/** The filter of a list, of those flags that were given; none where there is none. */
function filterOf(named: Readonly<Record<string, string[] | undefined>>): { filter?: Record<string, string[]> } {
  const given = Object.entries(named).flatMap(([name, values]) => (values === undefined ? [] : [[name, values] as const]))
  return given.length === 0 ? {} : { filter: Object.fromEntries(given) }
} // prettier-ignore

async function listMerchants({ limit, json = false, ...flags }: ListFlags & Filters): Promise<void> {
  const filter = filterOf({
    [MERCHANT_FILTERS.internalIds]: flags.internalId,
    [MERCHANT_FILTERS.names]: flags.name,
    [MERCHANT_FILTERS.descriptors]: flags.descriptor,
  })
  const { items, more } = await withChargebackhit(({ api, limits }) =>
    firstOf(query => api.listMerchants(query, limits), { limit, method: 'offset', ...filter }),
  )
  if (json) return printJson({ merchants: items, more })
  if (items.length === 0) return print('No merchant was found.')
  table([MERCHANT.id, MERCHANT.internalId, MERCHANT.name, MERCHANT.descriptor], items)
  tellMore(more, limit)
}

async function listCaids({ limit, json = false, ...flags }: ListFlags & Filters): Promise<void> {
  const filter = filterOf({
    [CAID_FILTERS.merchantIds]: flags.merchant,
    [CAID_FILTERS.pspNames]: flags.psp,
    [CAID_FILTERS.descriptors]: flags.descriptor,
  })
  const { items, more } = await withChargebackhit(({ api, limits }) =>
    firstOf(query => api.listCaids(query, limits), { limit, method: 'offset', ...filter }),
  )
  if (json) return printJson({ caids: items, more })
  if (items.length === 0) return print('No card acceptor id was found.')
  const named = [CAID.id, CAID.internalId, CAID.cardAcceptorId, CAID.acquirerBin, CAID.descriptor]
  table(named, items, [CAID.products, standings])
  tellMore(more, limit)
}

async function listEnrollments({ limit, json = false, status }: ListFlags & { status?: string[] }): Promise<void> {
  const { items, more } = await withChargebackhit(({ api, limits }) =>
    firstOf(query => api.listEnrollments(query, limits), {
      limit,
      method: 'offset',
      ...filterOf({ [ENROLLMENT_FILTERS.statuses]: status }),
    }),
  )
  if (json) return printJson({ enrollments: items, more })
  if (items.length === 0) return print('No enrolment was found.')
  const named = [ENROLLED.id, ENROLLED.status, ENROLLMENT.merchantInternalId, ENROLLMENT.descriptor, ENROLLMENT.cardAcceptorId, ENROLLED.importMessage]
  table(named, items, [ENROLLMENT.requiredProducts, wanted])
  tellMore(more, limit)
} // prettier-ignore

/** Members by their own names, and last one that is made of several. */
function table(
  names: readonly string[],
  items: readonly AccountRecord[],
  made?: [name: string, of: (item: AccountRecord) => Cell],
): void {
  const columns = made ? [...names, made[0]] : names
  printTable(columns, items.map(item => [...names.map(name => textIn(item, name)), made?.[1](item)])) // prettier-ignore
}

/** `rdr success, cdrn error (reason)`: `info.products.{product}` of a CAID. */
function standings(caid: AccountRecord): Cell {
  const products = membersIn(membersIn(caid, CAID.info), CAID.products)
  return Object.keys(products)
    .map(product => {
      const standing = membersIn(products, product)
      const reason = textIn(standing, CAID.failureReason)
      return `${product} ${textIn(standing, CAID.status) ?? '?'}${reason ? ` (${reason})` : ''}`
    })
    .join(', ')
}

function membersIn(members: AccountRecord, name: string): AccountRecord {
  const value = members[name]
  return typeof value === 'object' && value !== null ? (value as AccountRecord) : {}
}

const wanted = (enrollment: AccountRecord): Cell => {
  const products = enrollment[ENROLLMENT.requiredProducts]
  return Array.isArray(products) ? products.join(' ') : null
}

const tellMore = (more: boolean, limit: number) => more && print(`The first ${limit}; --limit shows more.`)

async function tell(
  { json = false }: { json?: boolean },
  ask: (chargebackhit: Chargebackhit) => Promise<Said<AccountRecord>>,
): Promise<void> {
  const record = await withChargebackhit(async chargebackhit => valueOf(await ask(chargebackhit)))
  if (json) printJson(record)
  else printRecord(record)
}
