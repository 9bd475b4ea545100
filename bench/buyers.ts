import { wholeOrder, type OrderBody } from './orders.ts'

/** A shop whose buyers come back: of each hundred orders 40 have a buyer of their own, 24 are three a buyer, 36 are of one buyer. */

const DAY_MS = 86_400_000
const SOLD_WITHIN_DAYS = 400
const [SINGLE, OF_THREE, OF_MANY] = [40, 24, 36]
const BUYERS_A_HUNDRED = SINGLE + OF_THREE / 3 + 1
/** One order in a hundred is of the same reseller: far more orders of one card than are ever compared. */
const ONE_RESELLER_IN = 100
const BINS = 40

interface Purchase {
  /** 0 is the reseller. */
  buyer: number
  /** Which of the buyer's orders it is, 0 the newest, and how many there are. */
  nth: number
  of: number
}

function purchaseOf(n: number, orders: number): Purchase {
  const resold = Math.floor(orders / ONE_RESELLER_IN)
  if (n < resold) return { buyer: 0, nth: n, of: resold }
  const [first, place] = [1 + Math.floor(n / 100) * BUYERS_A_HUNDRED, n % 100]
  if (place < SINGLE) return { buyer: first + place, nth: 0, of: 1 }
  if (place >= SINGLE + OF_THREE)
    return { buyer: first + BUYERS_A_HUNDRED - 1, nth: place - SINGLE - OF_THREE, of: OF_MANY }
  return { buyer: first + SINGLE + Math.floor((place - SINGLE) / 3), nth: (place - SINGLE) % 3, of: 3 }
}

/** A number from 0 to below 1 that two whole numbers decide. */
export function spread(n: number, salt: number): number {
  let mixed = Math.imul(n ^ Math.imul(salt + 1, 0x9e3779b1), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
}

/** How long ago the order numbered `n` was sold, in days: a buyer's orders lie evenly over the 400 days. */
function ageDays(n: number, orders: number): number {
  const { nth, of } = purchaseOf(n, orders)
  return (SOLD_WITHIN_DAYS * (nth + spread(n, 1))) / of
}

/** Cardholders ask about what they bought lately. */
export const isAskedAbout = (n: number, orders: number): boolean => ageDays(n, orders) <= 120

/** A card of the buyer: one in five of them a Mastercard. Every second of the buyers of many orders has had two. */
function cardOf({ buyer, nth, of }: Purchase) {
  const card = buyer * 2 + (of === OF_MANY && spread(buyer, 2) < 0.5 && nth >= of / 2 ? 1 : 0)
  const isVisa = buyer === 0 || spread(buyer, 3) < 0.8
  return {
    cc_type: isVisa ? 'visa' : 'mastercard',
    cc_first_6: `${isVisa ? 4 : 5}${String(12_800 + Math.floor(spread(card, 4) * BINS)).padStart(5, '0')}`,
    cc_last_4: String(Math.floor(spread(card, 5) * 10_000)).padStart(4, '0'),
  }
}

export interface BoughtOrder extends OrderBody {
  order_date: string
  order_total: string
  transaction_id: string
  arn: string
  auth_id: string
  cc_type: string
  cc_first_6: string
  cc_last_4: string
}

/** The order numbered `n` of so many, at `now` (milliseconds). The buyer's own values are the same in all the buyer's orders. */
export function boughtOrder(n: number, orders: number, now: number): BoughtOrder {
  const purchase = purchaseOf(n, orders)
  const sold = now - ageDays(n, orders) * DAY_MS
  const time = (afterMs: number) => `${new Date(sold + afterMs).toISOString().slice(0, 19)}Z`
  const order = wholeOrder(purchase.buyer)
  const [shipment] = (order.fulfillment as { shipments: Record<string, unknown>[] }).shipments
  const number = String(n).padStart(8, '0')
  return {
    ...order,
    ...cardOf(purchase),
    order_id: `7${number}`,
    occurred_at: time(120_000),
    order_date: time(0),
    captured_at: time(60_000),
    order_total: `${12 + Math.floor(spread(n, 6) * 90)}.05`,
    transaction_id: `9856${number}`,
    arn: `24${number.padStart(21, '0')}`,
    auth_id: Math.floor(spread(n, 7) * 36 ** 6).toString(36).toUpperCase().padStart(6, '0'),
    descriptor: 'SAMPLESHOP 555-2544925',
    device_id: `device-${purchase.buyer}`,
    is_chargeback: spread(n, 8) < 0.01,
    fulfillment: { shipments: [{ ...shipment, shipping_date: time(7_200_000), tracking_number: `94001${number}` }] },
    notes: [{ timestamp: time(0), note: `CRM API - order ${n} was placed.` }],
  } // prettier-ignore
}
