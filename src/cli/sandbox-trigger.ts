import { InvalidArgumentError, type Command } from 'commander'
import { z } from 'zod'
import { canonicalAmount } from '../domain/money.ts'
import { AppError } from '../errors.ts'
import { isScenario, PLANS } from '../sandbox/scenario-plans.ts'
import { commandConfig } from './command-config.ts'
import { addressOf } from './listening.ts'
import { print, printJson } from './print.ts'

const TIMEOUT_MS = 10_000

interface TriggerFlags {
  order?: string
  amount?: string
  url?: string
  json?: boolean
}

/** `sandbox trigger`: has a sandbox that runs send what Midigator would; without a name, what it can send. */
export function addTrigger(sandbox: Command): void {
  sandbox
    .command('trigger')
    .description(
      'have the running sandbox, or the demo’s, send an alert as Midigator does; without a name: list them all',
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
  if (!isScenario(name)) {
    const message = `there is no ${name}; one of these can be sent:\n${lines().join('\n')}`
    throw new AppError('invalid', 'scenario_unknown', message)
  }
  const told = await send(name, flags)
  if (flags.json === true) return printJson(told)
  const { order_id: orderId, prevention_guids: alerts, events } = told
  print(`${name}: ${orderId === null ? 'about no order' : `order ${orderId}`}`)
  for (const { event_type: type, guid, when } of events)
    print(`  ${type.padEnd(TYPE_WIDTH)}  ${guid ?? ''}${WHEN[when]}`)
  print('See what becomes of it:')
  for (const guid of alerts) print(`  order-sync cases show midigator:${guid}`)
  if (orderId !== null) print(`  order-sync trace ${orderId}`)
}

const TYPE_WIDTH = 'prevention.match'.length
const WHEN = { now: '', 'after-chargeback': '  once the chargeback was told', 'after-refund': '  once it is refunded' }

function list({ json = false }: TriggerFlags): void {
  if (json) return printJson({ scenarios: Object.entries(PLANS).map(([name, { sentence }]) => ({ name, sentence })) })
  for (const line of lines()) print(line)
}

function lines(): string[] {
  const width = Math.max(...Object.keys(PLANS).map(name => name.length))
  return Object.entries(PLANS).map(([name, { sentence }]) => `  ${name.padEnd(width)}  ${sentence}`)
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
const REFUSAL = z.object({ message: z.string() })

/** Throws `AppError`: `sandbox_unreachable`, `sandbox_refused`. */
async function send(name: string, { order, amount, url }: TriggerFlags): Promise<z.infer<typeof TOLD>> {
  const { createHttpClient } = await import('../http-client.ts')
  const base = url === undefined ? ownAddress() : sandboxAddress(url)
  const http = createHttpClient(1)
  try {
    const body = JSON.stringify({ order_id: order, amount })
    const { answer, text } = await http.post(`${base}/_sandbox/scenarios/${name}`, { body, headers: {}, timeoutMs: TIMEOUT_MS }) // prettier-ignore
    if ('failure' in answer) {
      const message = `no sandbox answers at ${base}; start one with \`order-sync sandbox\`, or the demo with \`order-sync start\`, or name its address with --url`
      throw new AppError('transient', 'sandbox_unreachable', message)
    }
    const told = answer.status === 200 ? read(TOLD, text) : null
    if (told !== null) return told
    const words = read(REFUSAL, text)?.message ?? 'no word of why; is this the address of a sandbox?'
    throw new AppError('rejected', 'sandbox_refused', `${base} answered ${answer.status}: ${words}`)
  } finally {
    http.close()
  }
}

function ownAddress(): string {
  const { HOST: host, SANDBOX_PORT: port } = commandConfig([])
  return addressOf(host, port)
}

function sandboxAddress(address: string): string {
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol))
    throw new AppError('invalid', 'url_invalid', '--url: expected an address such as http://127.0.0.1:3002')
  return new URL(address).origin
}

function read<Value>(schema: z.ZodType<Value>, text: string): Value | null {
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    return null
  }
}

function toAmount(text: string): string {
  const amount = canonicalAmount(text)
  if (amount === null) throw new InvalidArgumentError('Expected an amount such as 26.85.')
  return amount
}
