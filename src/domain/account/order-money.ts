import { compareAmounts, greatestAmount } from '../basics/money.ts'
import type { FieldName } from '../order-fields.ts'
import type { OrderRecord, Register, RegisterName } from '../order.ts'
import { LEDGER, LEDGER_RANK_DIGITS } from '../origins.ts'
import { isSettled } from '../settled.ts'
import { shownTexts } from '../shown-order.ts'

/** An order as far as money and matching are concerned. Amounts are canonical decimals in `currency`; times are milliseconds. */
export interface OrderMoney {
  orderId: string
  rev: number
  settled: boolean
  /** Why no money was ever collected; null when it was, or may have been. */
  neverPaid: 'cancelled' | 'declined' | 'voided' | null
  /** What was collected; `0` unless settled, null when it is settled and the amount is unknown. */
  captured: string | null
  /** What was to be paid, collected or not; null where nobody said. */
  total: string | null
  currency: string
  /** What the CRM says was given back so far, and since when; `amount` null: something, and nobody said how much. */
  reported: { amount: string | null; at: number } | null
  chargeback: boolean
  fraud: boolean
  transactionId: string | null
  arn: string | null
  authCode: string | null
  cardFirst6: string | null
  cardLast4: string | null
  /** 3-D Secure's indicator and the card's brand, as the CRM told them. */
  eci: string | null
  cardBrand: string | null
  /** When it was sold or collected. */
  soldAt: number | null
}

/** Data API, "currency": US dollars where nobody says otherwise. */
export const DEFAULT_CURRENCY = 'USD'

/** Reads an order's registers as money; pure. */
export function moneyOf(order: Pick<OrderRecord, 'orderId' | 'rev' | 'registers'>): OrderMoney {
  const shown = shownTexts(order.registers)
  const text = (field: FieldName): string | null => textOf(shown.get(field))
  const [status, payment] = [text('order_status'), text('payment_state')]
  const isPaid = ['captured_amount', 'refunded_to_date'].some(field => isMoney(text(field as FieldName)))
  const neverPaid = neverPaidBy(status, payment, isPaid)
  const settled = isSettled(order.registers)
  const captured = neverPaid !== null || !settled ? '0' : (text('captured_amount') ?? text('order_total'))
  return {
    orderId: order.orderId,
    rev: order.rev,
    settled,
    neverPaid,
    captured,
    total: text('order_total'),
    currency: text('currency') ?? DEFAULT_CURRENCY,
    reported: reportedBy(order.registers, status, captured),
    chargeback: shown.get('is_chargeback') === 'true',
    fraud: shown.get('is_fraud') === 'true',
    transactionId: text('transaction_id'),
    arn: text('arn'),
    authCode: text('auth_id'),
    cardFirst6: text('cc_first_6'),
    cardLast4: text('cc_last_4'),
    eci: text('eci'),
    cardBrand: text('cc_type'),
    soldAt: timeOf(text('captured_at')) ?? timeOf(text('order_date')),
  }
}

function textOf(json: string | undefined): string | null {
  if (json === undefined || json === 'null') return null
  const value: unknown = JSON.parse(json)
  return typeof value === 'string' && value !== '' ? value : null
}

const timeOf = (text: string | null): number | null => {
  const ms = text === null ? Number.NaN : Date.parse(text)
  return Number.isNaN(ms) ? null : ms
}

const isMoney = (amount: string | null) => amount !== null && amount !== '0'

/**
 * A stated decline or void, or a cancellation (the Data API's word for void) of what nobody says was captured, or given back:
 * some CRMs call cancelled what they refund.
 */
function neverPaidBy(status: string | null, payment: string | null, isPaid: boolean): OrderMoney['neverPaid'] {
  if (payment === 'declined' || payment === 'voided') return payment
  return status === 'Cancelled' && payment !== 'captured' && !isPaid ? 'cancelled' : null
}

/** Refunds as origins other than our own ledger report them; an order called Refunded gave everything back. */
function reportedBy(
  registers: ReadonlyMap<RegisterName, Register>,
  status: string | null,
  captured: string | null,
): OrderMoney['reported'] {
  let [amount, at, said]: [string | null, number, boolean] = [null, 0, false]
  for (const [name, register] of registers) {
    if (name.endsWith(`@${LEDGER.name}`) || register.value === 'null' || register.value === 'false') continue
    if (name.startsWith('refunded_to_date@')) {
      const value = JSON.parse(register.value) as string
      if (value === '0') continue
      if (amount === null || compareAmounts(value, amount) > 0) [amount, at, said] = [value, register.stamp, true]
    } else if (name.startsWith('is_refund@') && !said) [at, said] = [register.stamp, true]
  }
  const word = registers.get('order_status')
  // Our own refund says Refunded too; it is in the ledger.
  if (status === 'Refunded' && captured !== null && word !== undefined && !word.tie.endsWith(LEDGER_RANK_DIGITS)) {
    return { amount: greatestAmount(amount ?? '0', captured), at: amount === captured ? at : word.stamp }
  }
  return said ? { amount, at } : null
}
