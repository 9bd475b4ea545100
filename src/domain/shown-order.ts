import type { FieldValue, Note } from './change.ts'
import { FIELDS, FIELD_NAMES, type FieldName } from './order-fields.ts'
import { compareAmounts } from './basics/money.ts'
import type { OrderRecord, Register, RegisterName } from './order.ts'
import { isRefundedInFull, STATUS_OF_PAYMENT } from './settled.ts'

/** An order's values as they stand: fields kept once for each origin are shown as their maximum or OR. */
export interface ShownOrder {
  values: Partial<Record<FieldName, FieldValue>>
  notes: readonly Note[]
}

export function showOrder(order: Pick<OrderRecord, 'registers' | 'notes'>): ShownOrder {
  const values: Partial<Record<FieldName, FieldValue>> = {}
  for (const [field, text] of shownTexts(order.registers)) values[field] = JSON.parse(text) as FieldValue
  return { values, notes: order.notes.map(note => JSON.parse(note.text) as Note) }
}

/** Each field an order has a register of, in the Data API's order, with the canonical text of its value as shown. */
export function shownTexts(registers: ReadonlyMap<RegisterName, Register>): Map<FieldName, string> {
  const origins = new Map<FieldName, string>()
  for (const [name, register] of registers) {
    const at = name.indexOf('@')
    if (at === -1) continue
    const field = name.slice(0, at) as FieldName
    origins.set(field, greater(origins.get(field), register.value))
  }
  const shown = new Map<FieldName, string>()
  for (const field of FIELD_NAMES) {
    const text =
      field === 'order_status'
        ? shownStatus(registers)
        : FIELDS[field].perOrigin === true
          ? origins.get(field)
          : registers.get(field)?.value
    if (text !== undefined) shown.set(field, text)
  }
  return shown
}

/**
 * The status as it is shown and pushed: Refunded while the ledger or the gateway says that everything was refunded, whatever a
 * later snapshot says; where no source states one, what the payment state stands for.
 */
function shownStatus(registers: ReadonlyMap<RegisterName, Register>): string | undefined {
  if (isRefundedInFull(registers)) return '"Refunded"'
  const stated = registers.get('order_status')?.value
  if (stated !== undefined && stated !== 'null') return stated
  return STATUS_OF_PAYMENT[registers.get('payment_state')?.value ?? 'null'] ?? stated
}

/** Maximum of amounts, OR of flags; a cleared value counts for nothing. No late snapshot can undo what another origin knows. */
function greater(a: string | undefined, b: string): string {
  if (a === undefined || a === 'null') return b
  if (b === 'null' || a === 'true') return a
  if (a === 'false') return b
  return compareAmounts(JSON.parse(a) as string, JSON.parse(b) as string) >= 0 ? a : b
}

/** The fields an order has a register of, in the Data API's order. */
export const fieldsOf = (registers: ReadonlyMap<RegisterName, Register>): FieldName[] => [
  ...shownTexts(registers).keys(),
]
