import { Argument, type Command } from 'commander'
import { EVENT_TYPES } from '../domain/alert/event.ts'
import {
  listSubscriptions,
  pingSubscriptions,
  syncSubscriptions,
  type SubscriptionTools,
} from '../ops/subscriptions.ts'
import { print, printJson } from './print.ts'
import { withDeps } from './with-deps.ts'

interface Flags {
  json?: boolean
}

/** `subscriptions`: what the alert platform tells us of, and where to; never a password. */
export function addSubscriptions(program: Command): void {
  const subscriptions = program
    .command('subscriptions')
    .description('list, correct or test the subscriptions by which Midigator sends alerts')
  subscriptions
    .command('list', { isDefault: true })
    .description('every subscription of the account, ours and others')
    .option('--json', 'print JSON')
    .action((flags: Flags) => withTools(tools => list(tools, flags)))
  subscriptions
    .command('sync')
    .description('make ours right: one active subscription an event type, at PUBLIC_URL; others are left alone')
    .option('--json', 'print JSON')
    .action((flags: Flags) => withTools(tools => sync(tools, flags)))
  subscriptions
    .command('ping')
    .description('have Midigator call every address that is subscribed to an event type')
    .addArgument(new Argument('[type]', 'which one; all of them unless told').choices([...EVENT_TYPES]))
    .option('--json', 'print JSON')
    .action((type: string | undefined, flags: Flags) => withTools(tools => ping(tools, type, flags)))
}

const withTools = (use: (tools: SubscriptionTools) => Promise<void>) => withDeps(({ jobDeps }) => use(jobDeps))

const [TYPE_WIDTH, STATE_WIDTH, WHOSE_WIDTH] = [18, 10, 9]

async function list(tools: SubscriptionTools, { json = false }: Flags): Promise<void> {
  const rows = await listSubscriptions(tools)
  if (json) return printJson({ subscriptions: rows })
  if (rows.length === 0) return print('There are no subscriptions. `order-sync subscriptions sync` makes them.')
  for (const { event_type: type, active, ours, guid, url } of rows) {
    const [state, whose] = [active ? 'active' : 'inactive', ours ? 'ours' : 'foreign']
    print(`${type.padEnd(TYPE_WIDTH)}${state.padEnd(STATE_WIDTH)}${whose.padEnd(WHOSE_WIDTH)}${guid}  ${url}`)
  }
}

async function sync(tools: SubscriptionTools, { json = false }: Flags): Promise<void> {
  const report = await syncSubscriptions(tools)
  const { did, refused, awaiting, stuck } = report
  if (refused.length + awaiting.length + stuck.length > 0) process.exitCode = 1
  if (json) return printJson(report)
  for (const { step, eventType, drift } of did)
    print(`${DONE[step]} ${eventType}${drift.length === 0 ? '' : ` (${drift.join(', ')})`}`)
  for (const { step, eventType, status, words } of refused)
    print(`${step} ${eventType} was refused: ${status} ${words}`)
  for (const what of stuck) print(`${what} was accepted and does not show; ask Midigator`)
  for (const type of awaiting) print(`${type} is not active yet: Midigator’s ping has not arrived; check PUBLIC_URL`)
  if (did.length + refused.length + awaiting.length + stuck.length === 0) print('nothing to do')
}

const DONE = { add: 'added', update: 'updated', reactivate: 'reactivated', replace: 'replaced', remove: 'removed' }

async function ping(tools: SubscriptionTools, type: string | undefined, { json = false }: Flags): Promise<void> {
  const pinged = await pingSubscriptions(tools, type === undefined ? EVENT_TYPES : [type])
  if (json) return printJson({ pinged })
  for (const { event_type: eventType, urls } of pinged) {
    if (urls.length === 0) print(`${eventType}: no subscription`)
    for (const url of urls) print(`${eventType}: ${url} is called`)
  }
}
