import type { OrderMoney, ReportedRefund, Unpaid } from './account/order-money.ts'
import { compareAmounts } from './basics/money.ts'
import type { FieldName } from './order-fields.ts'
import { holdsOf } from './order-marks.ts'
import type { OrderMarks, OrderRecord, Register, RegisterName } from './order.ts'
import { isMoneyTie, sawMoney } from './origins.ts'
import { isPaymentOutdated, isRefundedInFull, isSettled } from './settled.ts'
import { shownTexts } from './shown-order.ts'
import { isWallet } from './wallet.ts'

/** As much of an order as its money depends on. */
export type MoneyRecord = Pick<OrderRecord, 'orderId' | 'rev' | 'registers' | keyof OrderMarks> & {
  push: Pick<OrderRecord['push'], 'acknowledged'>
}

/** Reads an order as money; pure. `defaultCurrency`: the merchant's, for orders that state none; null where there is none. */
export function moneyOf(order: MoneyRecord, defaultCurrency: string | null): OrderMoney {
  const { registers } = order
  const shown = shownTexts(registers)
  const text = (field: FieldName): string | null => textOf(shown.get(field))
  const flag = (field: FieldName): boolean => shown.get(field) === 'true'
  const unpaidNow = unpaidBy(registers, text('order_status'))
  const isPaid =
    order.wasPaid ||
    order.stated.size > 0 ||
    isAboveZero(text('captured_amount')) ||
    isAboveZero(text('refunded_to_date')) ||
    flag('is_refund')
  const neverPaid = isPaid ? null : unpaidNow
  const settled = isSettled(registers)
  return {
    orderId: order.orderId,
    rev: order.rev,
    settled,
    neverPaid,
    unpaidNow,
    captured: neverPaid !== null || !settled ? '0' : (text('captured_amount') ?? text('order_total')),
    isCaptureStated: text('captured_amount') !== null,
    total: text('order_total'),
    currency: text('currency') ?? defaultCurrency,
    reported: reportedBy(order),
    chargeback: flag('is_chargeback'),
    fraud: flag('is_fraud'),
    transactionId: text('transaction_id'),
    arn: text('arn'),
    authCode: text('auth_id'),
    cardFirst6: text('cc_first_6'),
    cardLast4: text('cc_last_4'),
    eci: text('eci'),
    cardBrand: text('cc_type'),
    merchantAccount: text('transaction_merchant_id'),
    descriptor: text('descriptor'),
    isWallet: isWallet(registers),
    soldAt: timeOf(text('captured_at')) ?? timeOf(text('order_date')),
    acknowledgedTotal: acknowledgedText(order.push.acknowledged.order_total),
    holds: holdsOf(order),
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

const isAboveZero = (amount: string | null) => amount !== null && amount !== '0'

/** What was acknowledged is kept as a digest, which is the value itself where that is short (`store/digest.ts`): amounts always are. */
const acknowledgedText = (digest: string | undefined): string | null =>
  digest?.startsWith('=') === true ? textOf(digest.slice(1)) : null

/** A decline or void counts unless a status of paid orders was stated later; Cancelled is the Data API's word for void. */
function unpaidBy(registers: MoneyRecord['registers'], shownStatus: string | null): Unpaid | null {
  if (isRefundedInFull(registers)) return null
  const [status, payment] = [registers.get('order_status'), textOf(registers.get('payment_state')?.value)]
  const isOutdated = isPaymentOutdated(registers) && status?.value !== '"Cancelled"'
  if (!isOutdated && (payment === 'declined' || payment === 'voided')) return payment
  return shownStatus === 'Cancelled' ? 'cancelled' : null
}

function reportedBy({ registers, stated }: MoneyRecord): ReportedRefund | null {
  let amount: string | null = null
  let at: number | null = null
  for (const [name, register] of sourceRegisters(registers, 'refunded_to_date')) {
    for (const { value, stamp } of [stated.get(name) ?? register, register]) {
      const stating = textOf(value)
      if (stating === null || stating === '0') continue
      const difference = amount === null ? 1 : compareAmounts(stating, amount)
      if (difference > 0 || (difference === 0 && stamp < at!)) [amount, at] = [stating, stamp]
    }
  }
  const status = registers.get('order_status')
  const byStatus = status?.value === '"Refunded"' && !isMoneyTie(status.tie)
  if (at === null) {
    const flags = sourceRegisters(registers, 'is_refund').filter(([, { value }]) => value === 'true')
    const stamps = [...flags.map(([, { stamp }]) => stamp), ...(byStatus ? [status.stamp] : [])]
    if (stamps.length > 0) at = Math.min(...stamps)
  }
  return at === null ? null : { amount, at, byStatus }
}

/** A field's registers of every origin but the ledger and the gateway. */
const sourceRegisters = (registers: MoneyRecord['registers'], field: FieldName): [RegisterName, Register][] =>
  [...registers].filter(([name]) => name.startsWith(`${field}@`) && !sawMoney(name.slice(field.length + 1)))
