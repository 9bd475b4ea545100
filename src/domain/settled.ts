import type { Register, RegisterName } from './order.ts'

/** Canonical texts of the statuses that mean: money was moved, given back or released (Data API, `order_status`). */
export const SETTLED_STATUSES: readonly string[] = ['"Complete"', '"Refunded"', '"Cancelled"']
/** Canonical texts of the payment states in which nothing has been collected yet. */
export const UNSETTLED_PAYMENTS: readonly string[] = ['"pending"', '"authorized"', '"declined"']

/** An order may be pushed for the first time once its status is settled and its payment, if known, is not open. */
export function isSettled(registers: ReadonlyMap<RegisterName, Register>): boolean {
  const status = registers.get('order_status')?.value ?? 'null'
  const payment = registers.get('payment_state')?.value ?? 'null'
  return SETTLED_STATUSES.includes(status) && !UNSETTLED_PAYMENTS.includes(payment)
}
