/**
 * Every field an order can have, once. Names and meaning: Midigator Data API 1.1.0, "Order", "Fulfillment", "Shipping",
 * "Proof of Service", "Products", "Product Notes"; the extra fields are ours and never leave for `/order`.
 */

/** How a field is checked and kept. `prose` is free text, `id` a reference that may be a long number. */
export type FieldKind =
  | 'prose'
  | 'id'
  | 'phone'
  | 'money'
  | 'flag'
  | 'time'
  | 'status'
  | 'paymentState'
  | 'currency'
  | 'code'
  | 'cvv'
  | 'first6'
  | 'last4'
  | 'ip'
  | 'list'

export interface FieldSpec {
  kind: FieldKind
  /** Sent to the platform's `/order`; false for our extra fields. */
  sent: boolean
  /** Kept once for each origin; the order shows the maximum or the OR of them (see `origins.ts`). */
  perOrigin?: true
  /** Sent on its own when the platform refused the rest. */
  vital?: true
}

const sent = (kind: FieldKind): FieldSpec => ({ kind, sent: true })
const extra = (kind: FieldKind): FieldSpec => ({ kind, sent: false })
const perOrigin = (kind: FieldKind): FieldSpec => ({ kind, sent: true, perOrigin: true, vital: true })

const specs = {
  order_date: sent('time'),
  order_total: sent('money'),
  sales_tax: sent('prose'),
  sales_tax_amount: sent('money'),
  currency: sent('currency'),
  order_status: { ...sent('status'), vital: true },
  transaction_merchant_id: sent('id'),
  processor_id: sent('id'),
  cc_type: sent('prose'),
  cc_first_6: sent('first6'),
  cc_last_4: sent('last4'),
  cc_exp_month: sent('code'),
  cc_exp_year: sent('code'),
  avs: sent('code'),
  cvv: sent('cvv'),
  eci: sent('code'),
  customer_id: sent('id'),
  ip_address: sent('ip'),
  email_address: sent('prose'),
  customers_telephone: sent('phone'),
  is_refund: perOrigin('flag'),
  refunded_to_date: perOrigin('money'),
  rma_number: sent('id'),
  rma_reason: sent('prose'),
  is_recurring: sent('flag'),
  recurring_date: sent('time'),
  is_chargeback: perOrigin('flag'),
  is_fraud: perOrigin('flag'),
  billing_cycle: sent('code'),
  auth_id: sent('id'),
  transaction_id: sent('id'),
  billing_first_name: sent('prose'),
  billing_last_name: sent('prose'),
  billing_street_address: sent('prose'),
  billing_street_address_2: sent('prose'),
  billing_city: sent('prose'),
  billing_state: sent('prose'),
  billing_postcode: sent('prose'),
  billing_country: sent('prose'),
  affiliate: sent('id'),
  sub_affiliate: sent('id'),
  main_product_id: sent('id'),
  main_product_qty: sent('code'),
  is_test_cc: sent('flag'),
  shipments: sent('list'),
  proof_of_service: sent('list'),
  products: sent('list'),
  payment_state: extra('paymentState'),
  captured_amount: extra('money'),
  captured_at: extra('time'),
  arn: extra('id'),
  descriptor: extra('prose'),
  device_id: extra('id'),
  gateway: extra('prose'),
} satisfies Record<string, FieldSpec>

/** The name of a register of an order: a Data API field, one of the two parts of `fulfillment`, or an extra field. */
export type FieldName = keyof typeof specs

export const FIELDS: Record<FieldName, FieldSpec> = specs
export const FIELD_NAMES = Object.keys(specs) as FieldName[]
/** Fields that `/order` receives; `notes` is not a register and joins them as a field of its own. */
export const SENT_FIELDS: readonly SentField[] = [...FIELD_NAMES.filter(name => specs[name].sent), 'notes']
export type SentField = FieldName | 'notes'
export const VITAL_FIELDS: readonly SentField[] = FIELD_NAMES.filter(name => FIELDS[name].vital === true)

/** An order's status by the Data API: Complete = settled, Refunded, Cancelled = void. */
export const ORDER_STATUSES = ['Complete', 'Cancelled', 'Refunded'] as const
export const PAYMENT_STATES = ['pending', 'authorized', 'declined', 'captured', 'voided'] as const

/** What shops write for a status, in lower case, spaces for dashes and underscores. What could mean two of them is not here. */
export const STATUS_WORDS: Readonly<Record<string, (typeof ORDER_STATUSES)[number]>> = {
  complete: 'Complete', completed: 'Complete', settled: 'Complete', captured: 'Complete', paid: 'Complete',
  cancelled: 'Cancelled', canceled: 'Cancelled', cancel: 'Cancelled', void: 'Cancelled', voided: 'Cancelled',
  refunded: 'Refunded', refund: 'Refunded', 'fully refunded': 'Refunded', 'full refund': 'Refunded',
} // prettier-ignore

/** The same for a payment's state. */
export const PAYMENT_WORDS: Readonly<Record<string, (typeof PAYMENT_STATES)[number]>> = {
  pending: 'pending',
  authorized: 'authorized', authorised: 'authorized', authorization: 'authorized',
  declined: 'declined', failed: 'declined',
  captured: 'captured', settled: 'captured', paid: 'captured',
  voided: 'voided', void: 'voided',
} // prettier-ignore
