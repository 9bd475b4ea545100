import type { List } from './change.ts'
import { textsOf } from './diff-order.ts'
import { formatAmount } from './basics/money.ts'
import { FIELDS, type FieldName, type SentField } from './order-fields.ts'
import type { OrderRecord } from './order.ts'

/** JSON as `POST /order` takes it (Data API 1.1.0): flags 1/0, amounts decimal text, times `YYYY-MM-DDTHH:MM:SSZ`. */
export type OrderPayload = { order_id: string } & Record<string, unknown>

/**
 * The JSON text that carries `fields` of an order as it stands: arrays whole, cleared fields as null. Canonical texts that are
 * wire text already are copied as they are: an order is pushed far more often than looked at.
 */
export function payloadText(
  order: Pick<OrderRecord, 'orderId' | 'registers' | 'notes'>,
  fields: readonly SentField[],
  texts: ReadonlyMap<SentField, string> = textsOf(order),
): string {
  const currency = currencyOf(texts.get('currency'))
  const members = [`"order_id":${JSON.stringify(order.orderId)}`]
  const fulfillment: string[] = []
  for (const field of fields) {
    const part = field === 'shipments' || field === 'proof_of_service'
    const list = part ? fulfillment : members
    list.push(`"${field}":${wireText(field, texts.get(field) ?? 'null', currency)}`)
  }
  if (fulfillment.length > 0) members.push(`"fulfillment":{${fulfillment.join(',')}}`)
  return `{${members.join(',')}}`
}

/** As `payloadText`, for whoever wants to look into it. */
export const orderPayload = (
  order: Pick<OrderRecord, 'orderId' | 'registers' | 'notes'>,
  fields: readonly SentField[],
): OrderPayload => JSON.parse(payloadText(order, fields)) as OrderPayload

/** One canonical text in its wire form. */
function wireText(field: FieldName | 'notes', text: string, currency: string | null): string {
  if (text === 'null' || field === 'notes') return text
  switch (FIELDS[field].kind) {
    case 'flag':
      return text === 'true' ? '1' : '0'
    case 'money':
      return `"${formatAmount(text.slice(1, -1), currency)}"`
    case 'list':
      return field === 'products' ? withPrices(text, currency) : text
    default:
      return text
  }
}

function withPrices(text: string, currency: string | null): string {
  const products = (JSON.parse(text) as List).map(product =>
    typeof product.price === 'string' ? { ...product, price: formatAmount(product.price, currency) } : product,
  )
  return JSON.stringify(products)
}

const currencyOf = (text: string | undefined): string | null =>
  text === undefined || text === 'null' ? null : text.slice(1, -1)
