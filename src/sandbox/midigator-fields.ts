import { isIP } from 'node:net'

/** One field of the Data API: when a value is in its wire form. */
export interface Field {
  valid: (value: unknown) => boolean
  /** Where whole card numbers are looked for: any card, this order's own card (ids may look like a card by chance). */
  cards?: 'any' | 'own'
}

/** Fields by the name the vendor gives them. */
export type Fields = Record<string, Field>

const isText = (value: unknown): value is string => typeof value === 'string' && value.isWellFormed()
const like =
  (pattern: RegExp) =>
  (value: unknown): boolean =>
    typeof value === 'string' && pattern.test(value)

/** The text asks for `YYYY-MM-DDTHH:MM:SSZ`; the vendor's own examples show `YYYY-MM-DD hh:mm:ss`. Both must exist. */
function isDate(value: unknown): boolean {
  if (typeof value !== 'string') return false
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ| \d\d:\d\d:\d\d)$/.test(value)) return false
  const iso = `${value.slice(0, 10)}T${value.slice(11, 19)}`
  const at = new Date(`${iso}Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(iso)
}

const text: Field = { valid: isText, cards: 'any' }
const id: Field = { valid: isText, cards: 'own' }
const amount: Field = { valid: like(/^\d+(\.\d+)?$/) }
const flag: Field = { valid: value => value === 1 || value === 0 }
const date: Field = { valid: isDate }

const ADDRESS = [
  'first_name',
  'last_name',
  'street_address',
  'street_address_2',
  'city',
  'state',
  'postcode',
  'country',
]
const address = (of: string): Fields => Object.fromEntries(ADDRESS.map(part => [`${of}_${part}`, text]))

/** The plain fields of `POST /order`; lists and `fulfillment` are in `LISTS`. */
export const ORDER: Fields = {
  order_id: { valid: value => isText(value) && value !== '', cards: 'own' },
  order_date: date,
  order_total: amount,
  sales_tax: text,
  sales_tax_amount: amount,
  currency: { valid: like(/^[A-Z]{3}$/) },
  order_status: { valid: like(/^(Complete|Refunded|Cancelled)$/) },
  transaction_merchant_id: id,
  processor_id: id,
  cc_type: text,
  cc_first_6: { valid: like(/^\d{6}$/) },
  cc_last_4: { valid: like(/^\d{4}$/) },
  cc_exp_month: { valid: like(/^(0?[1-9]|1[0-2])$/) },
  cc_exp_year: { valid: like(/^(\d\d|\d{4})$/) },
  avs: text,
  // A response code; three or four digits would be the security code itself.
  cvv: { valid: value => isText(value) && !/^\s*\d{3,4}\s*$/.test(value), cards: 'any' },
  eci: text,
  customer_id: id,
  ip_address: { valid: value => typeof value === 'string' && isIP(value) !== 0 },
  email_address: { valid: value => isText(value) && /^[^\s@]+@[^\s@]+$/.test(value), cards: 'any' },
  customers_telephone: id,
  is_refund: flag,
  refunded_to_date: amount,
  rma_number: id,
  rma_reason: text,
  is_recurring: flag,
  recurring_date: date,
  is_chargeback: flag,
  is_fraud: flag,
  billing_cycle: id,
  auth_id: id,
  transaction_id: id,
  ...address('billing'),
  affiliate: id,
  sub_affiliate: id,
  main_product_id: id,
  main_product_qty: id,
  is_test_cc: flag,
}

const SHIPMENT: Fields = { shipping_method: text, shipping_date: date, tracking_number: id, ...address('shipping') }
const PROOF: Fields = { type: text, value: text }
const PRODUCT: Fields = { name: text, price: amount, product_id: id, product_qty: id, sku: id }
const NOTE: Fields = { timestamp: date, note: text }

/** An array of the order: what its items are made of. */
export interface List {
  fields: Fields
  /** Members that every item must have; any other may be absent or null. */
  required: string[]
}

/** The arrays of `POST /order`, by name or by path inside `fulfillment`. */
export const LISTS: Record<string, List> = {
  products: { fields: PRODUCT, required: [] },
  notes: { fields: NOTE, required: ['timestamp', 'note'] },
  'fulfillment.shipments': { fields: SHIPMENT, required: [] },
  'fulfillment.proof_of_service': { fields: PROOF, required: ['type', 'value'] },
}
