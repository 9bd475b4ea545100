import { currencyIn, type Change, type FieldError } from '../domain/change.ts'
import { checkValue, type ScalarKind } from '../domain/field-values.ts'
import { parseInstant } from '../domain/basics/instant.ts'
import { FIELDS, type FieldName } from '../domain/order-fields.ts'
import type { RegisterName } from '../domain/order.ts'

/** Fields from which it follows how much may be refunded; what a rejected change states of them is lost. */
const MONEY_FIELDS = [
  'order_status',
  'payment_state',
  'order_total',
  'captured_amount',
  'refunded_to_date',
  'is_refund',
  'is_chargeback',
  'currency',
  'transaction_id',
] as const satisfies readonly FieldName[]

/** What a rejected change states of money: the register, and its canonical text where that can be read (else null). */
export interface StatedMoney {
  name: RegisterName
  text: string | null
}

/**
 * The money that a rejected body in our own field names states, and when (milliseconds; null where that cannot be read, or is still to
 * come).
 */
export function moneyInBody(
  body: unknown,
  source: string,
  now: number,
): { stated: StatedMoney[]; occurredAt: number | null } {
  if (typeof body !== 'object' || body === null) return { stated: [], occurredAt: null }
  const values = body as Readonly<Record<string, unknown>>
  const currency = currencyIn(values)
  const stated = MONEY_FIELDS.flatMap((field): StatedMoney[] => {
    const value = values[field]
    if (value === undefined || value === null) return []
    const checked = checkValue(FIELDS[field].kind as ScalarKind, value, currency)
    return checked === null ? [] : statedOf(field, 'ok' in checked ? JSON.stringify(checked.ok) : null, source)
  })
  const at = values.occurred_at
  const occurredAt = typeof at === 'string' ? parseInstant(at) : null
  return { stated, occurredAt: occurredAt !== null && occurredAt <= now ? occurredAt : null }
}

/** The registers of money that an accepted change states in fields that could not be read. */
export const unreadMoney = (faults: readonly FieldError[], source: string): RegisterName[] =>
  MONEY_FIELDS.filter(field => faults.some(fault => fault.field === field)).map(field => registerOf(field, source))

/** The money that a change states which was readable and rejected all the same. */
export const moneyInChange = ({ values }: Pick<Change, 'values'>, source: string): StatedMoney[] =>
  MONEY_FIELDS.flatMap(field => {
    const value = values[field]
    return value === undefined || value === null ? [] : statedOf(field, JSON.stringify(value), source)
  })

/** That nothing was refunded or charged back takes nothing away from what is known. */
function statedOf(field: FieldName, text: string | null, source: string): StatedMoney[] {
  const perOrigin = FIELDS[field].perOrigin === true
  if (perOrigin && (text === 'false' || text === '"0"')) return []
  return [{ name: registerOf(field, source), text }]
}

const registerOf = (field: FieldName, source: string): RegisterName =>
  FIELDS[field].perOrigin === true ? `${field}@${source}` : field

/** The fields at fault, for an alarm: names and never values. */
export const fieldsAtFault = (errors: readonly FieldError[]): string =>
  [...new Set(errors.map(({ field }) => field || 'the change'))].slice(0, MOST_NAMED).join(', ')

const MOST_NAMED = 5
