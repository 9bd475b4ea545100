import type { Dispute } from './alerts.ts'
import { brandOf } from './event-payloads.ts'
import type { WireOrder } from './midigator-order.ts'
import { CannotPlay } from './scenario-options.ts'
import type { ReadOptions } from './scenario-options.ts'

/** The account that the reference's examples name, for orders that name none. */
const SAMPLE_MID = '189250002'

const textOf = (record: WireOrder, field: string): string | undefined => {
  const value = record[field]
  return typeof value === 'string' ? value : undefined
}

/** What an alert says of a transaction: as told, or as the order's record has it. Throws where no amount is known. */
export function disputeOfOrder(record: WireOrder, options: ReadOptions): Dispute {
  const amount = options.amount ?? textOf(record, 'order_total')
  if (amount === undefined)
    throw new CannotPlay('expected an amount, for the sandbox knows nothing of this order; send amount')
  const orderDate = textOf(record, 'order_date')
  return {
    mid: textOf(record, 'transaction_merchant_id') ?? SAMPLE_MID,
    arn: options.arn,
    card_first_6: options.card_first_6 ?? textOf(record, 'cc_first_6'),
    card_last_4: options.card_last_4 ?? textOf(record, 'cc_last_4') ?? '0000',
    card_brand: brandOf(record['cc_type']),
    amount,
    currency: options.currency ?? textOf(record, 'currency') ?? 'USD',
    transaction_timestamp: orderDate && `${orderDate.slice(0, 10)}T${orderDate.slice(11, 19)}Z`,
    reason_code: options.reason_code,
  }
}

/** What an alert says that fits no order: as told, or a card whose last four digits no record has. */
export function disputeOfNobody(records: readonly WireOrder[], options: ReadOptions): Dispute {
  const taken = new Set(records.map(record => textOf(record, 'cc_last_4')))
  const all = Array.from({ length: 10_000 }, (_, i) => String(9_999 - i).padStart(4, '0'))
  return {
    mid: SAMPLE_MID,
    arn: options.arn,
    card_first_6: options.card_first_6 ?? '499999',
    card_last_4: options.card_last_4 ?? all.find(last => !taken.has(last)) ?? '9999',
    card_brand: 'visa',
    amount: options.amount ?? '49.99',
    currency: options.currency ?? 'USD',
    reason_code: options.reason_code,
  }
}
