import { boughtOrder, isAskedAbout, spread } from './buyers.ts'

/** Chargebackhit's inquiries on fraud disputes (Visa's reason 10.4), as its webhook brings them. */

export interface Inquiry {
  body: Record<string, unknown>
  /** The order it is about; null where no order fits. */
  orderId: string | null
}

/** What an inquiry tells of its transaction besides the card, date and amount: the share of each. */
const KINDS = [
  ['transaction-id', 0.45],
  ['arn', 0.2],
  ['auth-code', 0.15],
  ['card', 0.15],
  ['nothing-fits', 0.05],
] as const
type Kind = (typeof KINDS)[number][0]

function kindOf(i: number): Kind {
  let rest = spread(i, 20)
  for (const [kind, share] of KINDS) if ((rest -= share) < 0) return kind
  return 'nothing-fits'
}

/** The inquiry numbered `i`, at `now` (milliseconds), about one of so many stored orders, sold in the last 120 days. */
export function inquiry(i: number, orders: number, now: number): Inquiry {
  const order = boughtOrder(orderNumber(i, orders), orders, now)
  const kind = kindOf(i)
  // Of a card that is stored, so that all there is to be compared is compared.
  const amount = kind === 'nothing-fits' ? '1.00' : order.order_total
  const date = new Date(now).toISOString()
  const sum = { amount, currency: 'USD' }
  const alert = {
    id: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
    card_acceptor_id: '123456789012', date, provider: 'verifi', product: 'oi', type: 'inquiry', outcome: '',
    acquirer_bin: '412345', ...sum, mcc: '5999', descriptor: order.descriptor, reason_code: '10.4', reason_group: 'fraud',
  } // prettier-ignore
  const transaction = {
    date: order.order_date, ...sum, type: 'sale', card_brand: order.cc_type, bin: order.cc_first_6, last_four: order.cc_last_4,
    ...(kind === 'transaction-id' && { transaction_merchant_id: order.transaction_id, transaction_id: `network-${i}` }),
    ...(kind === 'arn' && { arn: order.arn }),
    ...(kind === 'auth-code' && { auth_code: order.auth_id }),
    ...(kind === 'nothing-fits' && { transaction_merchant_id: `unknown-${i}` }),
  } // prettier-ignore
  const merchant = {
    id: '00000000-0000-4000-8000-000000000242',
    internal_id: 'mid_242',
    descriptor: order.descriptor,
    name: 'Sample Shop',
  }
  return { body: { alert, transaction, merchant }, orderId: kind === 'nothing-fits' ? null : order.order_id }
}

function orderNumber(i: number, orders: number): number {
  for (let salt = 21; ; salt++) {
    const n = Math.floor(spread(i, salt) * orders)
    if (isAskedAbout(n, orders)) return n
  }
}
