import { InvalidArgumentError, type Command } from 'commander'
import { z } from 'zod'
import { canonicalAmount } from '../domain/basics/money.ts'
import { AppError } from '../errors.ts'
import { CHARGEBACKHIT_PLANS, isChargebackhitScenario } from '../sandbox/chargebackhit-plans.ts'
import type { ChargebackhitScenarioName } from '../sandbox/chargebackhit-plans.ts'
import { isScenario, PLANS } from '../sandbox/scenario-plans.ts'
import { askSandbox } from './ask-sandbox.ts'
import { print, printJson } from './print.ts'

interface TriggerFlags {
  order?: string
  amount?: string
  url?: string
  json?: boolean
}

/** `sandbox trigger`: has a sandbox that runs send what a platform would; without a name, what can be sent. */
export function addTrigger(sandbox: Command): void {
  sandbox
    .command('trigger')
    .description(
      'have the running sandbox, or the demo’s, send an alert as its platform does; without a name: list them all',
    )
    .argument('[name]', 'what to send, such as ethoca-full-refund')
    .option('--order <id>', 'about this order; the newest that fits unless told')
    .option('--amount <amount>', 'over this amount, such as 26.85; the order’s total unless told', toAmount)
    .option('--url <url>', 'the sandbox’s address; the one of this folder’s demo, or SANDBOX_PORT, unless told')
    .option('--json', 'print JSON')
    .action(trigger)
}

async function trigger(name: string | undefined, flags: TriggerFlags): Promise<void> {
  if (name === undefined) return list(flags)
  if (isChargebackhitScenario(name)) return triggerChargebackhit(name, flags)
  if (isScenario(name)) return triggerMidigator(name, flags)
  const message = `there is no ${name}; one of these can be sent:\n${lines().join('\n')}`
  throw new AppError('scenario-unknown', message)
}

async function triggerMidigator(name: string, flags: TriggerFlags): Promise<void> {
  const told = await askSandbox(TOLD, { path: `scenarios/${name}`, body: wishOf(flags), url: flags.url })
  if (flags.json === true) return printJson(told)
  const { order_id: orderId, prevention_guids: alerts, events } = told
  print(headOf(name, orderId))
  for (const { event_type: type, guid, when } of events)
    print(`  ${type.padEnd(TYPE_WIDTH)}  ${guid ?? ''}${WHEN[when]}`)
  tellWhereToLook(alerts.map(guid => `midigator:${guid}`), orderId) // prettier-ignore
}

async function triggerChargebackhit(name: ChargebackhitScenarioName, flags: TriggerFlags): Promise<void> {
  const path = `chargebackhit/scenarios/${name}`
  const told = await askSandbox(TOLD_BY_CHARGEBACKHIT, { path, body: wishOf(flags), url: flags.url })
  if (flags.json === true) return printJson(told)
  const { order_id: orderId, alert_id: alertId } = told
  print(headOf(name, orderId))
  print(`  ${CHARGEBACKHIT_PLANS[name].type.padEnd(TYPE_WIDTH)}  ${alertId}`)
  tellWhereToLook([`chargebackhit:${alertId}`], orderId)
}

const wishOf = ({ order, amount }: TriggerFlags) => ({ order_id: order, amount })
const headOf = (name: string, orderId: string | null) =>
  `${name}: ${orderId === null ? 'about no order' : `order ${orderId}`}`

function tellWhereToLook(caseIds: readonly string[], orderId: string | null): void {
  print('See what becomes of it:')
  for (const id of caseIds) print(`  order-sync cases show ${id}`)
  if (orderId !== null) print(`  order-sync trace ${orderId}`)
}

const TYPE_WIDTH = 'prevention.match'.length
const WHEN = { now: '', 'after-chargeback': '  once the chargeback was told', 'after-refund': '  once it is refunded' }

/** All that can be sent, by both platforms: a name, and a sentence. */
const scenarios = (): { name: string; sentence: string }[] => [
  ...Object.entries(PLANS).map(([name, { sentence }]) => ({ name, sentence })),
  ...Object.entries(CHARGEBACKHIT_PLANS).map(([name, { says }]) => ({ name, sentence: says })),
]

function list({ json = false }: TriggerFlags): void {
  if (json) return printJson({ scenarios: scenarios() })
  for (const line of lines()) print(line)
}

function lines(): string[] {
  const width = Math.max(...scenarios().map(({ name }) => name.length))
  return scenarios().map(({ name, sentence }) => `  ${name.padEnd(width)}  ${sentence}`)
}

const TOLD = z.object({
  scenario: z.string(),
  prevention_guids: z.array(z.string()),
  chargeback_guid: z.string().optional(),
  order_id: z.string().nullable(),
  events: z.array(
    z.object({
      event_type: z.string(),
      guid: z.string().nullable(),
      when: z.enum(['now', 'after-chargeback', 'after-refund']),
    }),
  ),
})
const TOLD_BY_CHARGEBACKHIT = z.object({
  scenario: z.string(),
  alert_id: z.string(),
  order_id: z.string().nullable(),
})

function toAmount(text: string): string {
  const amount = canonicalAmount(text)
  if (amount === null) throw new InvalidArgumentError('Expected an amount such as 26.85.')
  return amount
}
