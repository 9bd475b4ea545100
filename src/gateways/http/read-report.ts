import { z } from 'zod'
import { parseInstant } from '../../domain/basics/instant.ts'
import type { ListedRefund, RefundsReport } from '../gateway.ts'
import { jsonIn, REFUND, type Answered } from './read-answer.ts'
import { statedAmount } from './stated-amount.ts'

const LISTED = REFUND.extend({
  currency: z.string().nullish().catch(null),
  reference: z.string().max(1_000).nullish(),
  created_at: z.string().nullish().catch(null),
})
/** The list must be whole; what is stated beside it is read member by member. */
const REFUNDS = z.object({
  refunds: z.array(LISTED),
  refundable_amount: z.string().nullish().catch(null),
  currency: z.string().nullish().catch(null),
  settled: z.union([z.boolean(), z.string()]).nullish().catch(null),
})

/** What an answer to `GET /refunds` states. */
export function readRefundsReport({ answer, text }: Answered): RefundsReport {
  if ('failure' in answer) return { read: false, why: answer.failure }
  if (answer.status !== 200) return { read: false, why: `http-${answer.status}` }
  const parsed = REFUNDS.safeParse(jsonIn(text))
  if (!parsed.success) return { read: false, why: 'unreadable' }
  const { refunds, refundable_amount: refundable, settled } = parsed.data
  const currency = currencyOf(parsed.data.currency)
  const listed = refunds.map(one => listedRefund(one, currency))
  if (listed.includes(null)) return { read: false, why: 'unreadable' }
  return {
    read: true,
    refunds: listed.filter(one => one !== null),
    refundableAmount: statedAmount(refundable ?? '', currency),
    currency,
    settled: flagOf(settled),
  }
}

/** Null where its amount cannot be read. */
function listedRefund(one: z.infer<typeof LISTED>, currency: string | null): ListedRefund | null {
  const { refund_id: refundId, status, arn, reference } = one
  const amount = statedAmount(one.amount, currencyOf(one.currency) ?? currency)
  if (amount === null) return null
  return { refundId, status, amount, arn: arn ?? null, reference: reference || null, ...timeOf(one.created_at ?? '') }
}

/** A day alone is that day's end: the refund was made by then. */
function timeOf(text: string): Pick<ListedRefund, 'createdAt' | 'isDayOnly'> {
  const endOfDay = parseInstant(`${text}T23:59:59.999Z`)
  return endOfDay === null ? { createdAt: parseInstant(text) } : { createdAt: endOfDay, isDayOnly: true }
}

const currencyOf = (text: string | null | undefined): string | null =>
  text != null && /^[A-Za-z]{3}$/.test(text) ? text.toUpperCase() : null

const FLAGS: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true], ['true', true], ['1', true], [false, false], ['false', false], ['0', false],
]) // prettier-ignore
const flagOf = (stated: unknown): boolean | null => FLAGS.get(stated) ?? null
