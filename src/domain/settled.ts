import { compareAmounts } from './basics/money.ts'
import type { Register, RegisterName } from './order.ts'
import { MONEY_ORIGINS } from './origins.ts'

type Registers = ReadonlyMap<RegisterName, Register>

/** Canonical texts of the statuses that mean: money was moved, refunded or released (Data API, `order_status`). */
export const SETTLED_STATUSES: readonly string[] = ['"Complete"', '"Refunded"', '"Cancelled"']
/** Canonical texts of the payment states in which nothing has been captured yet. */
export const UNSETTLED_PAYMENTS: readonly string[] = ['"pending"', '"authorized"', '"declined"']

/** The status that a payment state stands for where no source states an `order_status`; canonical texts. */
export const STATUS_OF_PAYMENT: Readonly<Record<string, string>> = {
  '"captured"': '"Complete"',
  '"voided"': '"Cancelled"',
}

/**
 * An order may be pushed for the first time once its status is settled and its payment, if known, is not open. A status stated
 * later than an open payment state settles the order: many shops never clear `authorized`. So does a refund of everything,
 * because only captured money can be refunded.
 */
export function isSettled(registers: Registers): boolean {
  if (isRefundedInFull(registers)) return true
  const [status, payment] = [registers.get('order_status'), registers.get('payment_state')]
  const state = payment?.value ?? 'null'
  if (status === undefined || status.value === 'null') return STATUS_OF_PAYMENT[state] !== undefined
  if (!SETTLED_STATUSES.includes(status.value)) return false
  return !UNSETTLED_PAYMENTS.includes(state) || isPaymentOutdated(registers)
}

/** Canonical texts of the payment states that say: not paid. */
export const UNPAID_STATES: readonly string[] = [...UNSETTLED_PAYMENTS, '"voided"']

/** A status was stated later than a payment state that says unpaid: then the status counts. */
export function isPaymentOutdated(registers: Registers): boolean {
  const [status, payment] = [registers.get('order_status'), registers.get('payment_state')]
  if (status === undefined || payment === undefined || status.value === 'null') return false
  return UNPAID_STATES.includes(payment.value) && status.stamp > payment.stamp
}

/** The ledger or the gateway says that everything that was captured (else the total) was refunded. */
export function isRefundedInFull(registers: Registers): boolean {
  const whole = amountOf(registers.get('captured_amount')) ?? amountOf(registers.get('order_total'))
  if (whole === null || whole === '0') return false
  return MONEY_ORIGINS.some(({ name }) => {
    const refunded = amountOf(registers.get(`refunded_to_date@${name}`))
    return refunded !== null && compareAmounts(refunded, whole) >= 0
  })
}

const amountOf = (register: Register | undefined): string | null =>
  register === undefined || register.value === 'null' ? null : (JSON.parse(register.value) as string)
