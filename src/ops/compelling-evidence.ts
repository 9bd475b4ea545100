import { compellingEvidence, evidenceQueries } from '../domain/compelling-evidence.ts'
import type { Element } from '../domain/evidence-elements.ts'
import type { OrderRecord } from '../domain/order.ts'
import type { OrderStore } from '../store/order-store.ts'

/** Whether a dispute could be answered with Visa's Compelling Evidence 3.0, as routes and commands show it. */
export interface EvidenceView {
  ready: boolean
  /** The two earlier orders, the newer first; none unless ready. */
  orders: string[]
  /** What all three orders share; nothing unless ready. */
  shared: Element[]
  /** What is missing, in sentences without values; nothing when ready. */
  missing: string[]
}

/** The verdict, and the records of the two earlier orders where there are such. */
export interface FoundEvidence {
  view: EvidenceView
  earlier: OrderRecord[]
}

/** Of the orders of one card, and of one customer, as many are read: the newest that are old enough. */
const CANDIDATES = 50

/**
 * Looks through the stored orders of the same card and customer. `disputedAt` is when the order was disputed, in milliseconds;
 * of a buyer with more than fifty orders in the time that counts the newest fifty are looked at, so `ready` is never wrong, and
 * `not ready` may be.
 */
export async function findEvidence(
  orders: Pick<OrderStore, 'read' | 'findSold'>,
  order: OrderRecord,
  disputedAt: number,
): Promise<FoundEvidence> {
  const queries = evidenceQueries(order, disputedAt)
  const found = await Promise.all(queries.map(query => orders.findSold({ ...query, atMost: CANDIDATES })))
  const ids = new Set(found.flat())
  ids.delete(order.orderId)
  const records = (await Promise.all([...ids].map(id => orders.read(id)))).filter(record => record !== null)
  const evidence = compellingEvidence(order, records, disputedAt)
  if (!evidence.ready) return { view: { ready: false, orders: [], shared: [], missing: evidence.missing }, earlier: [] }
  return {
    view: { ready: true, orders: evidence.orders, shared: evidence.shared, missing: [] },
    earlier: evidence.orders.flatMap(id => records.filter(record => record.orderId === id)),
  }
}

/** The verdict in one line. */
export const tellEvidence = ({ ready, orders, shared, missing }: EvidenceView): string =>
  ready
    ? `ready: orders ${orders.join(' and ')} share ${shared.join(', ')} with it`
    : `not ready: ${missing.join('; ')}`
