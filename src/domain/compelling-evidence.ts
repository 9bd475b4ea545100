import { ELEMENTS, elementsOf, isEnough, isGuest, sharedBy, type Element, type Elements } from './evidence-elements.ts'
import type { OrderMoney } from './account/order-money.ts'
import { moneyOf, type MoneyRecord } from './read-money.ts'
import { compareBytes } from './register.ts'
import { shownTexts } from './shown-order.ts'

/** What an order is judged from. */
export type EvidenceOrder = MoneyRecord

/**
 * Two earlier orders, the newer first, and what they share with the disputed one; or what is missing for that, in sentences
 * for an operator, without values.
 */
export type CompellingEvidence =
  { ready: true; orders: [string, string]; shared: Element[] } | { ready: false; missing: string[] }

const DAY_MS = 86_400_000
const [YOUNGEST_DAYS, OLDEST_DAYS] = [120, 365]

/** When an earlier order must have been sold to count in a dispute of `disputedAt`; milliseconds, both ends included. */
const windowOf = (disputedAt: number) => ({
  fromMs: disputedAt - OLDEST_DAYS * DAY_MS,
  toMs: disputedAt - YOUNGEST_DAYS * DAY_MS,
})

/** Orders sold to the same card (`first6-last4`) or customer, within the time in which they can be evidence (milliseconds). */
export interface EvidenceQuery {
  by: 'card' | 'customer_id'
  value: string
  fromMs: number
  toMs: number
}

/** Where `compellingEvidence` finds its candidates. */
export function evidenceQueries(disputed: EvidenceOrder, disputedAt: number): EvidenceQuery[] {
  const sale = saleOf(disputed)
  const { cardFirst6, cardLast4 } = sale.money
  const queries: EvidenceQuery[] = []
  if (cardFirst6 !== null && cardLast4 !== null)
    queries.push({ by: 'card', value: `${cardFirst6}-${cardLast4}`, ...windowOf(disputedAt) })
  if (sale.customerId !== null) queries.push({ by: 'customer_id', value: sale.customerId, ...windowOf(disputedAt) })
  return queries
}

/**
 * Whether a fraud dispute of an order can be answered with Visa's Compelling Evidence 3.0 (reason 10.4), out of `others`, in
 * whatever order they come: two earlier orders, paid with the same card, collected, neither disputed nor refunded, 120 to 365
 * days old, that share with it and with each other two elements, one of them the IP address or the device. The pair that
 * shares most is taken, then the newest.
 *
 * Days count back from the date of the dispute (`disputedAt`, milliseconds), not from that of the disputed sale: so Visa's
 * rule has it (https://perseuspayments.freshdesk.com/support/solutions/articles/154000138527). Its days are calendar days of
 * a time zone it does not tell; whole days of 24 hours lie within them in every zone without summer time. Where the time of the disputed sale is
 * known, an earlier order is also earlier than that.
 *
 * The customer stands for the card only where one of the two cards is not known: Visa wants the same credential. A refund of
 * an earlier order counts against it whatever it was for, because no field tells.
 */
export function compellingEvidence(
  disputed: EvidenceOrder,
  others: readonly EvidenceOrder[],
  disputedAt: number,
): CompellingEvidence {
  const sale = saleOf(disputed)
  const unique = new Map(others.map(order => [order.orderId, order]))
  unique.delete(disputed.orderId)
  const judged = [...unique.values()].map(saleOf).map(other => ({ other, fault: faultOf(sale, other, disputedAt) }))
  const earlier = judged.flatMap(({ other, fault }) => (fault === null ? [other] : []))
  const pair = isOtherBrand(sale) ? null : bestPair(sale, earlier)
  if (pair !== null) return { ready: true, ...pair }
  const faults = judged.flatMap(({ fault }) => (fault === null ? [] : [fault]))
  return { ready: false, missing: [...missingOf(sale, earlier), ...missingAmong(sale, earlier, faults)] }
}

/** An order as the rule sees it. */
interface Sale {
  id: string
  money: OrderMoney
  elements: Elements
  customerId: string | null
  isTest: boolean
  isFraud: boolean
  isRefunded: boolean
  /** There is an `ip_address`, usable or not. */
  hasIp: boolean
}

function saleOf(order: EvidenceOrder): Sale {
  const shown = shownTexts(order.registers)
  const customerId: unknown = JSON.parse(shown.get('customer_id') ?? 'null')
  return {
    id: order.orderId,
    money: moneyOf(order, null),
    elements: elementsOf(order),
    customerId: typeof customerId === 'string' && !isGuest(customerId) ? customerId : null,
    isTest: shown.get('is_test_cc') === 'true',
    isFraud: shown.get('is_fraud') === 'true',
    isRefunded:
      shown.get('is_refund') === 'true' ||
      GIVEN_BACK.includes(shown.get('order_status') ?? 'null') ||
      !['null', '"0"'].includes(shown.get('refunded_to_date') ?? 'null'),
    hasIp: !['null', '""'].includes(shown.get('ip_address') ?? 'null'),
  }
}

/** Some CRMs call cancelled what they refund. */
const GIVEN_BACK = ['"Refunded"', '"Cancelled"']

type Fault = 'other-buyer' | 'same-payment' | 'age' | 'disputed' | 'refunded' | 'unsettled'

/** Why another order is no evidence for this one; null when it may be. */
function faultOf(sale: Sale, other: Sale, disputedAt: number): Fault | null {
  const { fromMs, toMs } = windowOf(disputedAt)
  const { soldAt, chargeback } = other.money
  if (!isSameBuyer(sale, other)) return 'other-buyer'
  if (soldAt === null || soldAt < fromMs || soldAt > toMs) return 'age'
  if (sale.money.soldAt !== null && soldAt >= sale.money.soldAt) return 'age'
  if (chargeback || other.isFraud) return 'disputed'
  if (other.isRefunded) return 'refunded'
  if (!isCollected(other.money) || other.isTest) return 'unsettled'
  return isOnePayment(sale, other) ? 'same-payment' : null
}

/** `captured` is null where it is settled and no amount was stated. */
const isCollected = ({ settled, unpaidNow, captured }: OrderMoney) => settled && unpaidNow === null && captured !== '0'

const isCardKnown = ({ money: { cardFirst6, cardLast4 } }: Sale) => cardFirst6 !== null && cardLast4 !== null
const differ = (a: string | null, b: string | null) => a !== null && b !== null && a !== b

function isSameBuyer(a: Sale, b: Sale): boolean {
  if (differ(a.money.cardFirst6, b.money.cardFirst6) || differ(a.money.cardLast4, b.money.cardLast4)) return false
  return (isCardKnown(a) && isCardKnown(b)) || (a.customerId !== null && a.customerId === b.customerId)
}

/** Cards of other schemes begin with other digits than Visa's 4 (ISO/IEC 7812). */
const isOtherBrand = ({ money: { cardFirst6 } }: Sale) => cardFirst6 !== null && !cardFirst6.startsWith('4')

/** Newest first; of the same second the lesser id. */
const byAge = (a: Sale, b: Sale) => (b.money.soldAt ?? 0) - (a.money.soldAt ?? 0) || compareBytes(a.id, b.id)

/** Of two records of one payment only one counts. */
const isOnePayment = (a: Sale, b: Sale) =>
  a.money.transactionId !== null && a.money.transactionId === b.money.transactionId

const isAlike = (sale: Sale) => (other: Sale) => isEnough(sharedBy([sale.elements, other.elements]))

function bestPair(sale: Sale, earlier: readonly Sale[]): { orders: [string, string]; shared: Element[] } | null {
  const alike = earlier.filter(isAlike(sale)).toSorted(byAge)
  let best: { orders: [string, string]; shared: Element[] } | null = null
  for (const [i, newer] of alike.entries()) {
    for (const older of alike.slice(i + 1)) {
      const shared = sharedBy([sale.elements, newer.elements, older.elements])
      if (!isEnough(shared) || isOnePayment(newer, older)) continue
      if (shared.length > (best?.shared.length ?? 0)) best = { orders: [newer.id, older.id], shared }
    }
  }
  return best
}

/** What the disputed order itself lacks: elements only where more of them would help. */
function missingOf(sale: Sale, earlier: readonly Sale[]): string[] {
  const missing: string[] = []
  if (isOtherBrand(sale)) missing.push('the card is not a Visa card: the rule is Visa’s')
  if (!isCardKnown(sale) && sale.customerId === null)
    missing.push('neither the card (cc_first_6 and cc_last_4) nor customer_id is known for this order')
  if (earlier.length < 2 && isEnough(sharedBy([sale.elements]))) return missing
  for (const name of ELEMENTS) {
    if (sale.elements[name].length > 0) continue
    if (name === 'ip_address' && sale.hasIp) missing.push('ip_address of this order is no public IP address')
    else if (name === 'delivery_address')
      missing.push('no delivery address (fulfillment.shipments) is known for this order')
    else missing.push(`${name} is not known for this order`)
  }
  return missing
}

/** What the earlier orders lack. */
function missingAmong(sale: Sale, earlier: readonly Sale[], faults: readonly Fault[]): string[] {
  const count = (fault: Fault) => faults.filter(found => found === fault).length
  const [disputed, refunded, unsettled] = [count('disputed'), count('refunded'), count('unsettled')]
  const inTime = earlier.length + disputed + refunded + unsettled
  const days = `between ${YOUNGEST_DAYS} and ${OLDEST_DAYS} days old`
  const missing: string[] = []
  if (inTime === 0) missing.push(`no earlier order ${days}`)
  if (inTime === 1) missing.push(`only one earlier order ${days}: two are needed`)
  if (inTime > 1 && earlier.length === 1) missing.push('only one earlier order counts: two are needed')
  if (disputed > 0) missing.push(`${orders(disputed)} disputed or reported as fraud`)
  if (refunded > 0) missing.push(`${orders(refunded)} refunded or cancelled`)
  if (unsettled > 0) missing.push(`${orders(unsettled)} never settled, or paid with a test card`)
  if (earlier.length > 1 && !isOtherBrand(sale)) missing.push(unlike(earlier.filter(isAlike(sale)).length))
  return missing
}

const orders = (count: number) => (count === 1 ? '1 earlier order was' : `${count} earlier orders were`)

function unlike(alike: number): string {
  const two = 'two of ip_address, device_id, customer_id and delivery address (one of them ip_address or device_id)'
  if (alike === 0) return `no earlier order shares ${two} with this one`
  if (alike === 1) return `only one earlier order shares ${two} with this one: a second is needed`
  return `no two earlier orders, each a payment of its own, share the same ${two} with this one`
}
