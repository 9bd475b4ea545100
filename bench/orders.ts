/** Orders as a CRM sends them: every field of the Data API's order, about two kilobytes of JSON. Numbers make them differ. */

export type OrderBody = Record<string, unknown> & { order_id: string; occurred_at: string }

/** 12:00 on a day long past, so that no clock matters. */
const BEGIN = Date.UTC(2026, 0, 31, 12)
/** How many changes an order goes through in the mixes that change orders. */
export const STEPS = 5

const FIRST = ['Jane', 'Amir', 'Zofia', 'Kenji', 'Lucía', 'Ngozi', 'Olaf', 'Priya']
const LAST = ['Doe', 'Haddad', 'Nowak', 'Sato', 'Fernández', 'Okafor', 'Berg', 'Raman']

/** The order numbered `n` once it is settled. */
export function wholeOrder(n: number, at = BEGIN + n): OrderBody {
  const [first, last] = [FIRST[n % 8]!, LAST[(n >> 3) % 8]!]
  const price = `${10 + (n % 90)}.95`
  return {
    order_id: `7${String(n).padStart(8, '0')}`,
    occurred_at: new Date(at).toISOString(),
    order_date: '2026-01-31 09:20:11',
    order_total: `${12 + (n % 90)}.05`,
    sales_tax: '4.1%',
    sales_tax_amount: '1.10',
    currency: 'USD',
    order_status: 'Complete',
    payment_state: 'captured',
    transaction_merchant_id: '242',
    processor_id: 'NMI0983',
    cc_type: 'visa',
    cc_first_6: '401288',
    cc_last_4: String(n % 10_000).padStart(4, '0'),
    cc_exp_month: '04',
    cc_exp_year: '2029',
    avs: 'Y',
    cvv: 'M',
    eci: '05',
    customer_id: `7458${String(n).padStart(6, '0')}`,
    ip_address: `192.0.2.${n % 256}`,
    email_address: `${first.toLowerCase()}.${n}@example.com`,
    customers_telephone: '555-254-4925',
    is_refund: false,
    refunded_to_date: '0.00',
    is_recurring: true,
    recurring_date: '2026-02-28 09:20:11',
    is_chargeback: false,
    is_fraud: false,
    billing_cycle: '3',
    auth_id: `A${n}`,
    transaction_id: `9856${String(n).padStart(8, '0')}`,
    billing_first_name: first,
    billing_last_name: last,
    billing_street_address: `${n % 900} Sample Address`,
    billing_street_address_2: 'Apt. B',
    billing_city: 'Detroit',
    billing_state: 'MI',
    billing_postcode: '48201',
    billing_country: 'US',
    affiliate: '456',
    sub_affiliate: '23',
    main_product_id: '56',
    main_product_qty: '2',
    is_test_cc: false,
    fulfillment: {
      shipments: [shipment(n, first, last)],
      proof_of_service: [{ type: 'login', value: `198.51.100.${n % 256} at 09:25` }],
    },
    products: [
      { name: 'Facial Toner', price, product_id: '98', product_qty: '1', sku: 'LEV-JN-36-GN' },
      { name: 'Night Cream', price: '13.95', product_id: '99', product_qty: '1', sku: 'LEV-JN-40-GN' },
    ],
    notes: [{ timestamp: '2026-01-31 09:20:11', note: `CRM API - order ${n} was placed.` }],
  }
}

const shipment = (n: number, first: string, last: string) => ({
  shipping_method: 'usps',
  shipping_date: '2026-01-31 11:20:11',
  tracking_number: `9400${String(n).padStart(9, '0')}`,
  shipping_first_name: first,
  shipping_last_name: last,
  shipping_street_address: `${n % 900} Sample Address`,
  shipping_street_address_2: 'Apt. B',
  shipping_city: 'Detroit',
  shipping_state: 'MI',
  shipping_postcode: '48201',
  shipping_country: 'US',
})

/**
 * The order numbered `n` after its change `step` (1 to 5), whole each time as CRMs send it: placed, authorized, captured, shipped,
 * its telephone corrected. With `settled` it is Complete from the first change on.
 */
export function orderAtStep(n: number, step: number, settled: boolean): OrderBody {
  const order = wholeOrder(n, BEGIN + n + step * 300)
  if (step < 5) order.customers_telephone = '555-254-4900'
  if (step < 4) delete order.fulfillment
  if (step < 3 && !settled) {
    delete order.order_status
    delete order.transaction_id
    order.payment_state = step === 1 ? 'pending' : 'authorized'
  }
  if (step < 2) delete order.auth_id
  order.billing_cycle = String(step)
  return order
}

/** What of a platform's record tells that it shows the last change: whatever a step sets anew. */
export const shownStep = (record: Record<string, unknown>): string =>
  JSON.stringify([record.billing_cycle, record.customers_telephone, record.order_status])
