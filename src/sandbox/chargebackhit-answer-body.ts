import { z } from 'zod'
import { DECIMAL } from './decimal.ts'
import { OUTCOMES } from './chargebackhit-wire.ts'
import type { AlertType } from './chargebackhit-wire.ts'

const text = z.string().min(1).max(5_000)
const amount = z.string().regex(DECIMAL, 'expected a plain decimal amount as text')
const currency = z.string().regex(/^[A-Z]{3}$/, 'expected a code of ISO 4217')
const instant = z.iso.datetime({ offset: true })

const order = z.looseObject({
  order_id: text.optional(),
  date: instant.optional(),
  amount: amount.optional(),
  currency: currency.optional(),
  address: z.record(z.string(), text).optional(),
  refund: z.looseObject({ amount, currency }).optional(),
})
/** Device information sits in here too, under names that no source tells. */
const customer = z.record(z.string(), z.union([text, z.record(z.string(), text)]))
const transaction = z.looseObject({
  date: instant.optional(),
  amount: amount.optional(),
  currency: currency.optional(),
})
const product = z.looseObject({ name: text.optional(), quantity: text.optional() })

/** What an alert is answered with; members below the first level are read as leniently as they are known. */
export const answerBody = z.strictObject({
  outcome: z.enum(OUTCOMES),
  order: order.optional(),
  customer: customer.optional(),
  transactions: z.array(transaction).optional(),
  products: z.array(product).optional(),
  merchant: z.record(z.string(), z.unknown()).optional(),
})

/** An answer as it was read. */
export type AnswerBody = z.infer<typeof answerBody>

/** What is wrong with a body, by field. */
export type Constraints = Record<string, string>

/** What is wrong by a schema's words. */
export const constraintsOf = ({ issues }: z.ZodError): Constraints =>
  Object.fromEntries(issues.map(({ path, message }) => [z.core.toDotPath(path) || 'body', message]))

/** Reads an answer; that of an inquiry must have `customer` and `products`, by the reference. */
export function readAnswer(json: unknown, type?: AlertType): AnswerBody | { constraints: Constraints } {
  const read = answerBody.safeParse(json)
  if (!read.success) return { constraints: constraintsOf(read.error) }
  if (type !== 'inquiry') return read.data
  const missing = (['customer', 'products'] as const).filter(name => read.data[name] === undefined)
  if (missing.length === 0) return read.data
  return { constraints: Object.fromEntries(missing.map(name => [name, 'is required with an inquiry'])) }
}
