import type { FieldValue, Note } from './change.ts'
import { FIELDS, FIELD_NAMES, type FieldName } from './order-fields.ts'
import { compareAmounts } from './money.ts'
import type { OrderRecord, Register, RegisterName } from './order.ts'

/** An order's values as they stand: fields kept once for each origin are shown as their maximum or OR. */
export interface ShownOrder {
  values: Partial<Record<FieldName, FieldValue>>
  notes: readonly Note[]
}

export function showOrder(order: Pick<OrderRecord, 'registers' | 'notes'>): ShownOrder {
  const values: Partial<Record<FieldName, FieldValue>> = {}
  for (const [name, register] of order.registers) {
    const field = fieldOf(name)
    const value = JSON.parse(register.value) as FieldValue
    values[field] = FIELDS[field].perOrigin === true ? greater(values[field], value) : value
  }
  return { values, notes: order.notes.map(note => JSON.parse(note.text) as Note) }
}

/** The canonical text of one field as shown, `null` when it is cleared or was never set. */
export function shownText(registers: ReadonlyMap<RegisterName, Register>, field: FieldName): string {
  if (FIELDS[field].perOrigin !== true) return registers.get(field)?.value ?? 'null'
  let shown: FieldValue | undefined
  for (const [name, register] of registers) {
    if (fieldOf(name) === field) shown = greater(shown, JSON.parse(register.value) as FieldValue)
  }
  return JSON.stringify(shown ?? null)
}

const cut = (name: string) => {
  const at = name.indexOf('@')
  return at === -1 ? name : name.slice(0, at)
}
export const fieldOf = (name: RegisterName): FieldName => cut(name) as FieldName

/** Maximum of amounts, OR of flags; a cleared value counts for nothing. No late snapshot can undo what another origin knows. */
function greater(a: FieldValue | undefined, b: FieldValue): FieldValue {
  if (a === undefined || a === null) return b
  if (b === null) return a
  if (typeof a === 'boolean') return a || b === true
  return compareAmounts(a as string, b as string) >= 0 ? a : b
}

/** Fields of which the order has a register, in the Data API's order. */
export function fieldsOf(registers: ReadonlyMap<RegisterName, Register>): FieldName[] {
  const present = new Set([...registers.keys()].map(fieldOf))
  return FIELD_NAMES.filter(name => present.has(name))
}
