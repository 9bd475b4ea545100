import type { FieldValue, List } from '../../domain/change.ts'
import { formatAmount } from '../../domain/basics/money.ts'
import type { FieldName } from '../../domain/order-fields.ts'
import { moneyOf } from '../../domain/read-money.ts'
import type { OrderMoney } from '../../domain/account/order-money.ts'
import type { OrderRecord } from '../../domain/order.ts'
import { formatInstant } from '../../domain/basics/instant.ts'
import { showOrder } from '../../domain/shown-order.ts'
import { answerTexts, type AnswerTexts } from './answer-text.ts'
import type { AnswerAddress, AnswerCustomer, AnswerOrder, AnswerProduct, AnswerTransaction, InquiryAnswer } from './answer-wire.ts' // prettier-ignore

const MAX_PRODUCTS = 50

/** The answer where no order is known, or more than one: nothing is guessed. */
const NOTHING_KNOWN: InquiryAnswer = { outcome: 'acknowledged', customer: {}, products: [] }

/**
 * What is known of the order that a cardholder asks about (null: none was found). Its own payment is the first of the
 * transactions; `earlier` orders, those that make it Compelling Evidence 3.0, follow. What is not known is left out.
 */
export function inquiryAnswer(order: OrderRecord | null, earlier: readonly OrderRecord[] = []): InquiryAnswer {
  if (order === null) return NOTHING_KNOWN
  const of = factsOf(order)
  const descriptor = of.texts.exact(of.values.descriptor)
  return {
    outcome: 'acknowledged',
    order: orderPart(order.orderId, of),
    customer: customerPart(of),
    transactions: [of, ...earlier.map(factsOf)].map(transactionPart),
    products: productsPart(of),
    merchant: { ...(descriptor !== undefined && { descriptor }) },
  }
}

interface Facts {
  values: Partial<Record<FieldName, FieldValue>>
  money: OrderMoney
  texts: AnswerTexts
}

function factsOf(order: OrderRecord): Facts {
  const money = moneyOf(order, 'USD')
  return { values: showOrder(order).values, money, texts: answerTexts(money.cardFirst6, money.cardLast4) }
}

/** The object without the members that are not known. */
const known = <Part extends object>(part: { [Name in keyof Part]: Part[Name] | undefined }): Part =>
  Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined)) as Part

/** The same; nothing at all when nothing of it is known. */
function knownOrNothing<Part extends object>(part: { [Name in keyof Part]: Part[Name] | undefined }): Part | undefined {
  const kept = known<Part>(part)
  return Object.keys(kept).length === 0 ? undefined : kept
}

function orderPart(orderId: string, { values, money, texts }: Facts): AnswerOrder {
  const sum = amountOf(money.total ?? money.captured, money)
  const refunded = refundedOf(values, money)
  return known<Required<AnswerOrder>>({
    order_id: texts.exact(orderId),
    date: timeOf(values.order_date) ?? soldAt(money),
    ...sum,
    address: addressPart(values.shipments, texts),
    refund:
      refunded === null || money.currency === null
        ? undefined
        : { amount: formatAmount(refunded, money.currency), currency: money.currency },
  })
}

/** An amount never goes without its currency, nor a currency without an amount. */
const amountOf = (amount: string | null, { currency }: OrderMoney) =>
  amount === null || currency === null
    ? { amount: undefined, currency: undefined }
    : { amount: formatAmount(amount, currency), currency }

/** What was given back by whoever knows of most; all of it where the order is called Refunded and nobody says how much. */
function refundedOf(values: Facts['values'], { captured }: OrderMoney): string | null {
  const told = values.refunded_to_date
  if (typeof told === 'string' && told !== '0') return told
  return values.order_status === 'Refunded' && captured !== '0' ? captured : null
}

const timeOf = (value: FieldValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
const soldAt = (money: OrderMoney): string | undefined =>
  money.soldAt === null ? undefined : formatInstant(money.soldAt)

/** Of the first parcel that was addressed to a street. */
function addressPart(shipments: FieldValue | undefined, { prose }: AnswerTexts): AnswerAddress | undefined {
  const first = listOf(shipments).find(({ shipping_street_address: street }) => prose(street) !== undefined)
  if (first === undefined) return undefined
  const lines = [prose(first.shipping_street_address), prose(first.shipping_street_address_2)]
  return knownOrNothing<Required<AnswerAddress>>({
    line1: prose(lines.filter(line => line !== undefined).join(', ')),
    city: prose(first.shipping_city),
    state: prose(first.shipping_state),
    postal_code: prose(first.shipping_postcode),
    country_code: prose(first.shipping_country),
  })
}

function customerPart({ values, texts: { prose, exact } }: Facts): AnswerCustomer {
  return known<Required<AnswerCustomer>>({
    customer_id: exact(values.customer_id),
    first_name: prose(values.billing_first_name),
    last_name: prose(values.billing_last_name),
    email: exact(values.email_address),
    phone: exact(values.customers_telephone),
    device: knownOrNothing<{ ip_address: string; device_id: string }>({
      ip_address: exact(values.ip_address),
      device_id: exact(values.device_id),
    }),
  })
}

function transactionPart({ values, money, texts: { exact } }: Facts): AnswerTransaction {
  // Some shops call cancelled what they refund; what is declined or voided by now was no sale.
  const isPaid =
    money.settled && (money.unpaidNow === null || (money.unpaidNow === 'cancelled' && money.neverPaid === null))
  return known<Required<AnswerTransaction>>({
    transaction_merchant_id: exact(values.transaction_id),
    date: soldAt(money),
    ...amountOf(isPaid ? money.captured : money.total, money),
    type: isPaid ? 'sale' : undefined,
    bin: money.cardFirst6 ?? undefined,
    last_four: money.cardLast4 ?? undefined,
    arn: exact(values.arn),
  })
}

/** The order's products; where it lists none, the one it is mainly about. */
function productsPart({ values, texts: { prose, exact } }: Facts): AnswerProduct[] {
  const { products, main_product_id: sku, main_product_qty: product_qty } = values
  const listed = listOf(products)
  const sold = listed.length > 0 ? listed : [{ sku, product_qty } as List[number]]
  return sold
    .flatMap(product => {
      const [named, numbered] = [prose(product.name), exact(product.sku) ?? exact(product.product_id)]
      if (named === undefined && numbered === undefined) return []
      const quantity = exact(product.product_qty)
      return [known<Required<AnswerProduct>>({ name: named, sku: numbered, quantity })]
    })
    .slice(0, MAX_PRODUCTS)
}

const listOf = (value: FieldValue | undefined): List => (Array.isArray(value) ? (value as List) : [])
