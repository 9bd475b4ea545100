import { randomUUID } from 'node:crypto'
import { Argument, InvalidArgumentError, Option, type Command } from 'commander'
import { canonicalAmount, formatAmount } from '../domain/basics/money.ts'
import { AppError } from '../errors.ts'
import { ALERT_TYPES, PRODUCTS, type AlertType } from '../platforms/chargebackhit/wire.ts'
import { textIn } from './print-table.ts'
import { print, printJson } from './print.ts'
import { jsonIn, readInput } from './read-input.ts'
import { simulatedAlert, type Simulation } from './simulated-alert.ts'
import { accepted, withChargebackhit } from './with-chargebackhit.ts'
import { withDeps } from './with-deps.ts'

type SimulateFlags = Omit<Simulation, 'type'> & { order?: string; json?: boolean }

/** `chargebackhit simulate` and `validate`: the two requests that Chargebackhit has for trying an integration. */
export function addSimulation(chargebackhit: Command): void {
  chargebackhit
    .command('simulate')
    .description('have Chargebackhit send a made-up alert to the notification address of its sandbox')
    .addArgument(new Argument('<type>', 'which kind of alert').choices([...ALERT_TYPES]))
    .option('--order <id>', 'about this order, as it is known here; this alone needs Redis')
    .addOption(new Option('--product <product>', 'of this product; the usual one of the type').choices([...PRODUCTS]))
    .option('--amount <amount>', 'over this amount, such as 26.85', toAmount)
    .addOption(new Option('--currency <code>', 'in this currency, such as USD').argParser(toCurrency))
    .option('--transaction <id>', 'about this transaction: your own id of it')
    .option('--arn <arn>', 'its acquirer reference number')
    .option('--auth-code <code>', 'its authorisation code')
    .option('--bin <digits>', 'first six digits of its card', toDigits(6))
    .option('--last-four <digits>', 'last four digits of its card', toDigits(4))
    .option('--json', 'print JSON')
    .action((type: AlertType, flags: SimulateFlags) => simulate(type, flags))
  chargebackhit
    .command('validate')
    .description('ask whether Chargebackhit would take an answer; nothing is answered by it')
    .argument('<file>', 'JSON: an answer with its outcome; - reads standard input')
    .option('--json', 'print JSON')
    .action(validate)
}

/** A test number's ends: no card that anybody has. */
const NOBODYS_CARD = { bin: '411111', lastFour: '1111' }

async function simulate(type: AlertType, { order, json = false, ...told }: SimulateFlags): Promise<void> {
  const known = order === undefined ? NOBODYS_CARD : await transactionOf(order)
  const alert = simulatedAlert({ ...known, ...told, type }, { now: Date.now(), ids: randomUUID })
  await withChargebackhit(async ({ api, limits }) => accepted(await api.generateAlert(JSON.stringify(alert), limits)))
  if (json) return printJson(alert)
  const { alert: made, transaction } = alert
  const about = order === undefined ? '' : `, about order ${order}`
  print(`${type} (${made.product}) over ${made.amount} ${made.currency}${about}: Chargebackhit sends it.`)
  print(`Its transaction is ${transaction.transaction_merchant_id}.`)
  print('See what has come: order-sync chargebackhit alerts')
}

/** What an alert would say of an order's payment. Throws `order_unknown`. */
async function transactionOf(orderId: string): Promise<Omit<Simulation, 'type'>> {
  const { readOrder } = await import('../ops/read-model.ts')
  const view = await withDeps(deps => readOrder(deps, orderId))
  if (view === null)
    throw new AppError('order-unknown', `order ${orderId} is not known here; --transaction needs no order`)
  const text = (name: string) => textIn(view.order, name) ?? undefined
  const facts = {
    transaction: text('transaction_id') ?? orderId,
    amount: text('captured_amount') ?? text('order_total'),
    currency: text('currency'),
    arn: text('arn'),
    authCode: text('auth_id'),
    bin: text('cc_first_6'),
    lastFour: text('cc_last_4'),
    paidAt: text('captured_at') ?? text('order_date'),
  }
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
}

async function validate(file: string, { json = false }: { json?: boolean }): Promise<void> {
  const bytes = await readInput(file)
  jsonIn(bytes, file)
  // As it stands in the file: the platform shall judge those bytes.
  const said = await withChargebackhit(({ api, limits }) => api.validateOutcome(bytes.toString('utf8'), limits))
  const { value } = accepted(said)
  if (json) printJson({ valid: true, answer: value ?? null })
  else print('Chargebackhit would take this answer.')
}

function toAmount(given: string): string {
  const amount = canonicalAmount(given)
  if (amount === null) throw new InvalidArgumentError('Expected an amount such as 26.85.')
  return formatAmount(amount, null)
}

function toCurrency(given: string): string {
  if (!/^[A-Z]{3}$/.test(given)) throw new InvalidArgumentError('Expected an ISO 4217 code such as USD.')
  return given
}

const toDigits = (many: number) => (given: string): string => {
  if (!new RegExp(`^[0-9]{${many}}$`).test(given)) throw new InvalidArgumentError(`Expected ${many} digits.`)
  return given
} // prettier-ignore
