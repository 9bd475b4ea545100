import type { FieldValue, Note, Scalar } from './change.ts'
import { formatAmount } from './money.ts'
import { FIELDS, type FieldName, type SentField } from './order-fields.ts'
import type { OrderRecord } from './order.ts'
import { showOrder } from './shown-order.ts'

/** JSON as `POST /order` takes it (Data API 1.1.0): flags 1/0, amounts decimal text, times `YYYY-MM-DDTHH:MM:SSZ`. */
export type OrderPayload = { order_id: string } & Record<string, WireValue>
type WireScalar = string | number | null
type WireValue = WireScalar | Record<string, unknown> | Record<string, unknown>[]

/** The payload that carries `fields` of an order as it stands: arrays whole, cleared fields as null. */
export function orderPayload(order: OrderRecord, fields: readonly SentField[]): OrderPayload {
  const { values, notes } = showOrder(order)
  const currency = values.currency as string | null | undefined
  const payload: OrderPayload = { order_id: order.orderId }
  const fulfillment: Record<string, unknown> = {}
  for (const field of fields) {
    if (field === 'notes') payload.notes = notes.map((note: Note) => ({ ...note }))
    else if (field === 'shipments' || field === 'proof_of_service')
      fulfillment[field] = wireValue(field, values[field] ?? null, currency)
    else payload[field] = wireValue(field, values[field] ?? null, currency)
  }
  if (Object.keys(fulfillment).length > 0) payload.fulfillment = fulfillment
  return payload
}

/** One canonical value in its wire form. */
export function wireValue(field: FieldName, value: FieldValue, currency: string | null | undefined): WireValue {
  if (value === null) return null
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'string') return FIELDS[field].kind === 'money' ? formatAmount(value, currency) : value
  return value.map(item => mapEntries(item, (name, inner) => (name === 'price' ? price(inner, currency) : inner)))
}

const price = (value: Scalar, currency: string | null | undefined): Scalar =>
  typeof value === 'string' ? formatAmount(value, currency) : value
const mapEntries = (item: Readonly<Record<string, Scalar>>, change: (name: string, value: Scalar) => Scalar) =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, change(name, value)]))
