/** What the demo’s CRM sends about one order, step by step. */
export interface Story {
  orderId: string
  steps: Step[]
}

export interface Step {
  /** What happened, in words. */
  what: string
  /** The change as the CRM sends it. */
  change: Record<string, unknown>
}

type Fields = Record<string, unknown>

const MINUTE_MS = 60_000

/** How many orders a day has. */
export const ORDERS_A_DAY = 13

/**
 * A short day of a shop, made up from first to last: `ORDERS_A_DAY` orders numbered from `firstOrder`, their times counted back
 * from `now` (milliseconds). Every story ends with an order that is settled and on the platform.
 */
export function sampleDay(firstOrder: number, now: number): Story[] {
  const at = (minutesAgo: number) => `${new Date(now - minutesAgo * MINUTE_MS).toISOString().slice(0, 19)}Z`
  let number = firstOrder
  const story = (steps: (sale: Fields) => [what: string, minutesAgo: number, fields: Fields][]): Story => {
    const orderId = String(number++)
    const sale = saleOf(Number(orderId) - firstOrder, orderId)
    return {
      orderId,
      steps: steps(sale).map(([what, minutesAgo, fields]) => ({
        what,
        change: { order_id: orderId, occurred_at: at(minutesAgo), ...fields },
      })),
    }
  }
  const paid: Fields = { order_status: 'Complete', payment_state: 'captured' }

  return [
    story(sale => [
      ['captured and complete', 480, { ...sale, ...paid, order_date: at(480) }],
      ['shipped', 95, { fulfillment: { shipments: [shipment(sale, '8546315789936', at(95))] } }],
    ]),
    story(sale => [
      ['captured and complete', 470, { ...sale, ...paid, order_date: at(471) }],
      ['5.00 refunded for a late parcel', 60, { is_refund: true, refunded_to_date: '5.00', rma_reason: 'Parcel came late' }],
    ]),
    story(sale => [
      ['authorized, nothing captured yet', 455, { ...sale, payment_state: 'authorized', order_date: at(455) }],
      ['captured and complete', 120, { ...paid, captured_amount: sale.order_total, captured_at: at(120) }],
    ]),
    story(sale => [
      ['cancelled before anything was captured', 430, { ...sale, order_status: 'Cancelled', payment_state: 'voided', order_date: at(433) }],
    ]),
    story(sale => [
      ['renewal 3 of a subscription', 415, { ...sale, ...paid, order_date: at(415), is_recurring: true, recurring_date: at(415), billing_cycle: '3' }],
    ]),
    story(sale => [
      ['complete, under the corrected e-mail address', 300, { ...sale, ...paid, order_date: at(390), email_address: 'p.novak@example.com' }],
      ['the older address, arriving late', 390, { email_address: 'p.nowak@example.com' }],
    ]),
    story(sale => [
      ['captured and complete', 360, { ...sale, ...paid, order_date: at(360) }],
      ['the same change once more', 360, { ...sale, ...paid, order_date: at(360) }],
    ]),
    story(sale => [
      ['complete, its tax written "5,99 EUR"', 330, { ...sale, ...paid, order_date: at(330), order_total: '59.90', currency: 'EUR', sales_tax_amount: '5,99 EUR' }],
      ['sent again with the tax "5.99"', 328, { sales_tax_amount: '5.99' }],
    ]),
    story(sale => [
      ['captured and complete', 310, { ...sale, ...paid, order_date: at(310) }],
      ['refunded in full', 20, { order_status: 'Refunded', is_refund: true, refunded_to_date: sale.order_total, rma_number: '567843', rma_reason: 'Did not fit' }],
    ]),
    story(sale => [
      ['a download, with proof that it was used', 240, { ...sale, ...paid, order_date: at(245), fulfillment: { proof_of_service: [{ type: 'download', value: '3 downloads from the customer’s address' }] } }],
    ]),
    story(sale => [
      ['complete, with a whole card number in a note', 150, { ...sale, ...BIG, ...paid, order_date: at(150), notes: [{ timestamp: at(150), note: 'Customer read out 4012 8888 8888 1881 on the phone; asked for express.' }] }],
    ]),
    story(sale => [
      ['captured and complete', 130, { ...sale, ...OWN_CARD(sale), ...paid, order_date: at(130) }],
    ]),
    story(sale => [
      ['captured and complete', 110, { ...sale, ...OWN_CARD(sale), ...paid, order_date: at(110) }],
      ['called Refunded in the CRM, without an amount', 45, { order_status: 'Refunded' }],
    ]),
  ] // prettier-ignore
}

const PEOPLE = [
  ['Jane', 'Doe', 'Detroit', 'MI', '48201'],
  ['Samir', 'Haddad', 'Austin', 'TX', '78701'],
  ['Lena', 'Brandt', 'Portland', 'OR', '97201'],
  ['Tom', 'Okafor', 'Atlanta', 'GA', '30303'],
  ['Mia', 'Rossi', 'Denver', 'CO', '80202'],
  ['Petr', 'Novak', 'Chicago', 'IL', '60601'],
  ['Ana', 'Silva', 'Miami', 'FL', '33101'],
  ['Elke', 'Vogel', 'Boston', 'MA', '02108'],
  ['Noah', 'Kim', 'Seattle', 'WA', '98101'],
  ['Ines', 'Duval', 'Phoenix', 'AZ', '85001'],
  ['Omar', 'Aziz', 'Columbus', 'OH', '43201'],
] as const
const GOODS = [
  ['Facial Toner', '26.85'],
  ['Trail Shoes', '89.00'],
  ['Desk Lamp', '44.50'],
  ['Rain Jacket', '120.00'],
] as const

/** A card that no other order of the demo was paid with. */
const OWN_CARD = (sale: Fields): Fields => ({ cc_last_4: String(sale.transaction_id).slice(3, 7) })

/** What is sold for more than the demo refunds without a person. */
const BIG: Fields = {
  order_total: '349.00',
  products: [{ name: 'Espresso Machine', price: '349.00', product_id: '94', product_qty: '1' }],
}

/** The `index`th sale: who bought what, paid how; names, addresses and cards are made up. */
function saleOf(index: number, orderId: string): Fields {
  const [first, last, city, state, postcode] = PEOPLE[index % PEOPLE.length]!
  const [product, price] = GOODS[index % GOODS.length]!
  return {
    order_total: price,
    currency: 'USD',
    transaction_merchant_id: '242',
    cc_type: 'visa',
    cc_first_6: '401288',
    cc_last_4: '1881',
    cc_exp_month: '04',
    cc_exp_year: '2031',
    avs: 'Y',
    cvv: 'M',
    customer_id: `C-${orderId}`,
    ip_address: `192.0.2.${index + 10}`,
    email_address: `${first}.${last}@example.com`.toLowerCase(),
    customers_telephone: `555-01${String(index).padStart(2, '0')}`,
    auth_id: String(700_000 + index * 37),
    transaction_id: `T${orderId}0${index}`,
    billing_first_name: first,
    billing_last_name: last,
    billing_street_address: `${index + 1} Sample Street`,
    billing_city: city,
    billing_state: state,
    billing_postcode: postcode,
    billing_country: 'US',
    products: [{ name: product, price, product_id: String(90 + index), product_qty: '1' }],
  }
}

function shipment(sale: Fields, trackingNumber: string, shippedAt: string): Fields {
  const parts = ['first_name', 'last_name', 'street_address', 'city', 'state', 'postcode', 'country']
  const address = Object.fromEntries(parts.map(part => [`shipping_${part}`, sale[`billing_${part}`]]))
  return { shipping_method: 'usps', shipping_date: shippedAt, tracking_number: trackingNumber, ...address }
}
