import { compareDecimals, DECIMAL, isZero } from './decimal.ts'
import type { Inbox } from './inbox.ts'
import type { WireOrder } from './midigator-order.ts'
import type { Refunds } from './refunds.ts'
import type { Need } from './scenario-plans.ts'

interface Known {
  status: unknown
  total: string
  refunded: string
  eci: unknown
  disputed: boolean
  /** The gateway has refunded something of it. */
  moved: boolean
}

const amountOf = (value: unknown): string => (typeof value === 'string' && DECIMAL.test(value) ? value : '0')

const isPaid = ({ status, total, refunded, disputed, moved }: Known): boolean =>
  status === 'Complete' && !isZero(total) && isZero(refunded) && !disputed && !moved

/** ECI of a cardholder who was authenticated: 05 of most brands, 02 of Mastercard. */
const isAuthenticated = ({ eci }: Known): boolean => typeof eci === 'string' && /^0?[25]$/.test(eci)

const FITS: Record<Need, (known: Known) => boolean> = {
  complete: isPaid,
  authenticated: known => isPaid(known) && isAuthenticated(known),
  big: isPaid,
  'partly-refunded': ({ status, total, refunded }) =>
    status === 'Complete' && !isZero(refunded) && compareDecimals(refunded, total) < 0,
  refunded: ({ status, total, refunded }) =>
    status === 'Refunded' || (!isZero(refunded) && compareDecimals(refunded, total) >= 0),
  cancelled: ({ status }) => status === 'Cancelled',
  'no-order': () => false,
}

/** What was refunded of an order by its record, when the record is all there is to go by. */
export function refundedBefore(record: WireOrder): string {
  const said = amountOf(record['refunded_to_date'])
  return isZero(said) && record['order_status'] === 'Refunded' ? amountOf(record['order_total']) : said
}

/** The newest record that fits and is not among the used, or the biggest where that is asked for. */
export function findOrder(
  need: Need,
  { inbox, refunds, used }: { inbox: Inbox; refunds: Refunds; used: ReadonlySet<string> },
): WireOrder | undefined {
  const knownOf = (record: WireOrder): Known => ({
    status: record['order_status'],
    total: amountOf(record['order_total']),
    refunded: refundedBefore(record),
    eci: record['eci'],
    disputed: record['is_chargeback'] === 1,
    moved: refunds.totals(String(record['order_id'])).effective > 0,
  })
  const fitting = inbox
    .records()
    .toReversed()
    .filter(record => !used.has(String(record['order_id'])) && FITS[need](knownOf(record)))
  // Authenticated ones are left to the scenario that needs one, while there are others.
  if (need === 'complete') return fitting.find(record => !isAuthenticated(knownOf(record))) ?? fitting[0]
  if (need !== 'big') return fitting[0]
  const totalOf = (record: WireOrder): string => amountOf(record['order_total'])
  return fitting.reduce<WireOrder | undefined>(
    (best, record) => (best && compareDecimals(totalOf(best), totalOf(record)) >= 0 ? best : record),
    undefined,
  )
}
