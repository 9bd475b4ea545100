/**
 * The members of the answer to an `inquiry`, in this one place, because most of their names are not established.
 *
 * The vendor's reference establishes the six parts (`outcome` … `merchant`), that an inquiry's answer must have `customer` and
 * `products`, that an order bears refund data, and that device information belongs to the customer; its nested objects are
 * folded up. Names inside them come from an unattributed public example that contradicts the reference in places. Names for
 * the IP address and the device stand in no source at all: `device` with `ip_address` and `device_id` are chosen here. A
 * `device_fingerprint` would stand beside them; an order knows one id of a device and does not tell which of the two it is.
 *
 * An absent member is not known. Amounts are decimal text with the currency's digits, times RFC 3339, the rest text.
 */
export interface InquiryAnswer {
  /** Chargebackhit API, "Webhook", responses: the default, and the only outcome an inquiry has. */
  outcome: 'acknowledged'
  order?: AnswerOrder
  customer: AnswerCustomer
  transactions?: AnswerTransaction[]
  products: AnswerProduct[]
  /** What is absent of it the vendor takes from the enrolment (Chargebackhit API, "Webhook"). */
  merchant?: AnswerMerchant
}

export interface AnswerOrder {
  order_id?: string
  date?: string
  amount?: string
  currency?: string
  /** Where it was delivered: the billing address left this answer on 28 February 2024 (Chargebackhit API, changelog). */
  address?: AnswerAddress
  /** All that was given back so far. */
  refund?: { amount: string; currency: string }
}

export interface AnswerAddress {
  line1?: string
  city?: string
  state?: string
  postal_code?: string
  country_code?: string
}

export interface AnswerCustomer {
  customer_id?: string
  first_name?: string
  last_name?: string
  email?: string
  phone?: string
  device?: { ip_address?: string; device_id?: string }
}

export interface AnswerTransaction {
  /** The merchant's id of the payment; not the order field of this name, which names a merchant account. */
  transaction_merchant_id?: string
  date?: string
  amount?: string
  currency?: string
  type?: 'sale'
  bin?: string
  last_four?: string
  /** As the webhook's own `transaction` names it; Visa knows earlier payments by it. */
  arn?: string
}

export interface AnswerProduct {
  name?: string
  sku?: string
  /** A count, as text. */
  quantity?: string
}

export interface AnswerMerchant {
  /** As the webhook's own `merchant` names it. */
  descriptor?: string
}
