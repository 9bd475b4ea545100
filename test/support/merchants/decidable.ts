import type { Merchant } from './draw-merchant.ts'
import { capturedOf, DAY, HOUR, MINUTE, refundedOf, sum, type Alert, type Sale } from './truth.ts'

/** What there is to be known about the alerts of one merchant. */
export interface Known {
  merchant: Merchant
  sales: readonly Sale[]
  /** Since when the store is complete, as far as it can know: its first change. */
  completeSince: number | null
  alerts: readonly Alert[]
}

const WINDOW_MS = 24 * HOUR
const CDRN_WINDOW_MS = 72 * HOUR
const STOP_MS = 4 * HOUR
const LOOKBACK_MS = 180 * DAY
const AROUND_SALE_MS = 10 * DAY
const MAY_CONCERN_MS = 120 * DAY

export const respondByOf = ({ issuedAt, isCdrn }: Alert): number => issuedAt + (isCdrn ? CDRN_WINDOW_MS : WINDOW_MS)
const stopOf = (alert: Alert): number => respondByOf(alert) - STOP_MS

/**
 * Why an alert can not be decided automatically by its hard stop; null: it can. Matched by the platform or certain, one currency, whole
 * amount, settled, trigger present, account without contradiction; or no stored order could be the sale and the store is complete.
 */
export function undecidableBecause(alert: Alert, known: Known): string | null {
  const by = stopOf(alert) - 30 * MINUTE
  if (alert.arrivesAt > by) return 'it came too late'
  if (alert.kind === 'unreadable amount') return 'its amount cannot be read'
  const { sale } = alert
  const named = alert.match !== null && alert.match.at <= by ? alert.match.sale : null
  if (sale === null || sale.knownAt === null || sale.knownAt > by) {
    if (named !== null) return 'the platform names an order that the store does not know'
    return mayNotBeMissing(alert, known, by, { orPart: true })
  }
  // What came after the answer cannot have hindered it.
  const until = Math.min(by, alert.answer?.at ?? by)
  return (
    unmatched(alert, sale, { known, by, isNamed: named === sale }) ??
    unlike(alert, sale) ??
    unsettled(sale, by) ??
    contradicted(alert, sale, known.merchant, until) ??
    takenBack(alert, sale, known, until) ??
    untriggered(alert, sale, known.merchant, by)
  )
}

/**
 * Why "not found" may not go out at a time: the store may lack the sale, or has one that could be it. `orPart`: an alert about part of an
 * order whose card cannot be compared is reason enough to ask a person, though the answer would not be called untrue.
 */
export function mayNotBeMissing(alert: Alert, { sales, completeSince, merchant }: Known, by: number, { orPart = false } = {}): string | null {
  const { last4, soldAt } = alert.names
  if (last4 === null) return 'it names no last four digits'
  const [from, to] = soldAt === null ? [alert.issuedAt - LOOKBACK_MS, alert.issuedAt] : [soldAt - AROUND_SALE_MS, soldAt + AROUND_SALE_MS]
  if (completeSince === null || completeSince > from) return 'the store does not reach back to the sale'
  const couldBe = sales.find(sale => sale.knownAt !== null && sale.knownAt <= by && mayBe(alert, sale, { from, to, orPart: orPart || !merchant.crm.statesCaptured }))
  return couldBe === undefined ? null : `a stored order could be the sale: ${couldBe.id}`
} // prettier-ignore

function mayBe(alert: Alert, sale: Sale, { from, to, orPart }: { from: number; to: number; orPart: boolean }): boolean {
  const { arn, merchantTransactionId, first6, last4 } = alert.names
  if (arn !== null && sale.arnKnownAt !== null && sale.arn === arn) return true
  if (merchantTransactionId !== null && sale.stated.transactionId && sale.transactionId === merchantTransactionId) return true
  if (![sale.soldAt, sale.orderedAt].some(at => at >= from && at <= to)) return false
  const isSameCurrency = sale.currency === alert.currency
  const isWorthLess = isSameCurrency && Math.max(sale.total, capturedOf(sale)) < alert.minor
  const isOtherFirst6 = first6 !== null && sale.stated.first6 && sale.crmCard.first6 !== first6
  if (sale.wallet !== 'named' && isOtherFirst6) return false
  // Whose card cannot be compared is told by its amount.
  if (sale.wallet === 'named' || !sale.stated.last4)
    return orPart ? !isWorthLess : !isSameCurrency || [sale.total, capturedOf(sale)].includes(alert.minor)
  if (sale.crmCard.last4 !== last4) return false
  return !isWorthLess
} // prettier-ignore

function unmatched(alert: Alert, sale: Sale, { known, by, isNamed }: { known: Known; by: number; isNamed: boolean }): string | null {
  const { names } = alert
  const has = (value: string | null, given: string) => value !== null && value !== given
  const isOtherCard =
    sale.wallet !== 'named' &&
    ((sale.stated.last4 && has(names.last4, sale.crmCard.last4)) || (sale.stated.first6 && has(names.first6, sale.crmCard.first6)))
  if (isOtherCard) return 'the card is another than the order has'
  if (isNamed) return null
  const isLast4 = names.last4 !== null && sale.stated.last4 && names.last4 === sale.crmCard.last4
  const stored = known.sales.filter(one => one.knownAt !== null && one.knownAt <= by)
  const isOnly = (fits: (one: Sale) => boolean) => stored.filter(fits).length === 1
  if (names.merchantTransactionId === sale.transactionId && sale.stated.transactionId) return null
  if (isLast4 && names.arn === sale.arn && sale.arnKnownAt !== null && sale.arnKnownAt <= by) return null
  const isWhole = [sale.total, capturedOf(sale)].includes(alert.minor) && sale.currency === alert.currency
  if (sale.wallet === 'named' && isWhole && names.arn === sale.arn && sale.arnKnownAt !== null && sale.arnKnownAt <= by) return null
  const isAuth = isLast4 && names.authCode === sale.authCode && sale.stated.authCode
  if (isAuth && isOnly(one => one.stated.authCode && one.authCode === sale.authCode && one.crmCard.last4 === names.last4)) return null
  return 'nothing certain ties it to an order'
} // prettier-ignore

function unlike(alert: Alert, sale: Sale): string | null {
  if (alert.kind === 'other currency') return 'it is in another currency'
  if (!alert.names.currency) return 'its currency is not known'
  const wholes = [sale.total, capturedOf(sale)]
  return wholes.includes(alert.minor) ? null : 'it is about part of the order'
}

function unsettled(sale: Sale, by: number): string | null {
  if (sale.fate === 'authorized') return 'it is not settled'
  if (sale.fate !== 'paid') return null
  if (sale.captures.at(-1)!.at > by || sale.settlesAt > by) return 'it is not settled'
  if (sale.refusal === 'not possible') return 'the gateway refuses it for good'
  return sale.passesAfterMs > 12 * HOUR ? 'the gateway refuses it for now' : null
}

function contradicted(alert: Alert, sale: Sale, { gateway, trigger }: Merchant, by: number): string | null {
  const isWhole = capturedOf(sale) === sale.total
  const quirk = sale.quirks.find(one => one.at <= by && !(one.quirk === 'captured less than stated' && isWhole))
  if (quirk !== undefined) return quirk.quirk
  if (sale.refunds.some(({ status, at }) => at <= by && status !== 'succeeded')) return 'a refund is pending, or has failed'
  if (sale.refunds.some(({ settledAt }) => settledAt !== null && settledAt > by)) return 'a refund is pending, or has failed'
  const others = sum(sale.refunds.filter(({ at, by: who }) => at <= by && who !== 'us').map(({ minor }) => minor))
  const isNothingLeft = sale.fate !== 'paid' || others >= capturedOf(sale)
  const listed = sum(sale.refunds.filter(({ at, by: who }) => at <= by && who === 'hand').map(({ minor }) => minor))
  const isAllListed = sale.fate === 'paid' && listed >= capturedOf(sale)
  if (isNothingLeft && !gateway.tellsRefundable && !isAllListed) return 'the gateway cannot be asked what is left'
  if (trigger !== 'order.refund' && alert.requests.some(({ isGood }) => !isGood)) return 'the refund request is not true'
  return null
} // prettier-ignore

/** A chargeback or RDR took the money, or one without an order may have: from before the alert's stop on. */
function takenBack(alert: Alert, sale: Sale, known: Known, by: number): string | null {
  if (sale.taken.some(({ toldAt }) => toldAt !== null && toldAt <= by)) return 'the bank took the money back'
  const isUntied = known.sales.some(other =>
    other.card.last4 === sale.card.last4 && other.card.first6 === sale.card.first6 &&
    other.taken.some(one => one.namesCard && one.toldAt !== null && one.toldAt <= by && (one.matchedAt === null || one.matchedAt > alert.arrivesAt) && Math.abs(one.at - alert.issuedAt) < MAY_CONCERN_MS),
  )
  if (isUntied) return 'a chargeback without an order may be of it'
  // Of a wallet's order the card cannot be compared: a notice of its amount may be of it.
  const isOfWallet = sale.wallet === 'named' && known.sales.some(other =>
    [sale.total, capturedOf(sale)].includes(other.total) && other.currency === sale.currency &&
    other.taken.some(one => one.namesCard && one.toldAt !== null && one.toldAt <= by && (one.matchedAt === null || one.matchedAt > alert.arrivesAt) && Math.abs(one.at - alert.issuedAt) < MAY_CONCERN_MS),
  )
  if (isOfWallet) return 'a chargeback without an order may be of it'
  // Past the deadline of an alert a chargeback is likely, and a refund for another alert of the sale may pay twice.
  const isOverdue = known.alerts.some(one => one !== alert && one.sale === sale && one.answer === null && respondByOf(one) <= by)
  if (isOverdue) return 'another alert of the sale is past its deadline'
  const isSecond = known.alerts.some(
    one => one !== alert && one.sale === sale && one.network === alert.network && one.arrivesAt <= alert.arrivesAt,
  )
  if (isSecond) return 'a second alert of the same network'
  return null
} // prettier-ignore

function untriggered(alert: Alert, sale: Sale, { trigger }: Merchant, by: number): string | null {
  const isNothingLeft = sale.fate !== 'paid' || (refundedOf(sale) >= capturedOf(sale) && sale.refunds.every(one => one.by !== 'us'))
  if (isNothingLeft || trigger !== 'order.refund' || alert.platform === 'chargebackhit') return null
  return alert.requests.some(({ at, isGood }) => isGood && at <= by) ? null : 'no order to refund came'
} // prettier-ignore
