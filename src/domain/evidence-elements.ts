import type { List, Scalar } from './change.ts'
import type { OrderRecord } from './order.ts'
import { publicIp } from './basics/public-ip.ts'
import { shownTexts } from './shown-order.ts'

/** What Visa compares between transactions (Compelling Evidence 3.0, "core data elements"); the login is `customer_id`. */
export const ELEMENTS = ['ip_address', 'device_id', 'customer_id', 'delivery_address'] as const
export type Element = (typeof ELEMENTS)[number]

/** Of each element the values an order has, in one form; none where nothing usable is known. An order may go to several addresses. */
export type Elements = Readonly<Record<Element, readonly string[]>>

/** One of the two that are shared must be one of these. */
const ANCHORS: readonly Element[] = ['ip_address', 'device_id']
const SHARED_AT_LEAST = 2

/** An order's elements. Nothing stands in for what is empty: the billing address is not where anything was delivered. */
export function elementsOf(order: Pick<OrderRecord, 'registers'>): Elements {
  const shown = shownTexts(order.registers)
  const read = (text: string | undefined): unknown => (text === undefined ? null : JSON.parse(text))
  const ip = read(shown.get('ip_address'))
  const address = typeof ip === 'string' ? publicIp(ip) : null
  const shipments = read(shown.get('shipments'))
  return {
    ip_address: address === null ? [] : [address],
    device_id: known(read(shown.get('device_id'))),
    customer_id: known(read(shown.get('customer_id'))).filter(id => !isGuest(id)),
    delivery_address: Array.isArray(shipments) ? [...new Set((shipments as List).flatMap(deliveryAddress))] : [],
  }
}

/** The elements of which some value is the same in all of these orders. */
export const sharedBy = ([first, ...others]: readonly Elements[]): Element[] =>
  ELEMENTS.filter(name => first?.[name].some(value => others.every(other => other[name].includes(value))))

/** At least two, one of them the IP address or the device (Visa, Compelling Evidence 3.0). */
export const isEnough = (shared: readonly Element[]): boolean =>
  shared.length >= SHARED_AT_LEAST && shared.some(name => ANCHORS.includes(name))

/** Shops give everybody without an account the id 0, or none. */
export const isGuest = (customerId: string): boolean => /^0*$/.test(customerId.trim())

const known = (value: unknown): string[] => (typeof value === 'string' && value.trim() !== '' ? [value.trim()] : [])

/** Data API, "Shipping". */
const LINES = ['shipping_street_address', 'shipping_street_address_2', 'shipping_city', 'shipping_state'] as const

/**
 * Where a shipment went, without case, punctuation and needless spaces, names left out; nothing unless a street and a city or
 * postcode are told.
 */
function deliveryAddress(shipment: Readonly<Record<string, Scalar>>): string[] {
  const part = (name: string) => plain(shipment[name])
  const postcode = part('shipping_postcode').replaceAll(' ', '')
  if (part('shipping_street_address') === '' || (part('shipping_city') === '' && postcode === '')) return []
  const lines = [...LINES.map(part), postcode, part('shipping_country')]
  return [lines.filter(line => line !== '').join(' ')]
}

/** Dots and apostrophes stand within words (`P.O. Box`), all else that is no letter or digit stands between them. */
const plain = (value: Scalar | undefined): string =>
  typeof value !== 'string'
    ? ''
    : value
        .normalize('NFKC')
        .toLowerCase()
        .replaceAll(/[.'’]/gu, '')
        .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
        .trim()
