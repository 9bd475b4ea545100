import type { Merchant } from './draw-merchant.ts'
import type { WireAnswer } from './gateway.ts'
import { decimal, wireTime, type Alert, type Sale, type TakenBack } from './truth.ts'

export type Body = Record<string, unknown>

/** A number on the wire, digit for digit as it is written. */
class Figure {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** JSON with figures as they are written. */
export function wireJson(body: unknown): string {
  const figures: string[] = []
  const text = JSON.stringify(body, (_, value: unknown) =>
    value instanceof Figure ? `@figure${figures.push(value.text) - 1}@` : value,
  )
  return text.replace(/"@figure(\d+)@"/g, (_, index: string) => figures[Number(index)]!)
}

const partnerOf = (alert: Alert, merchant: Merchant): Body => {
  const type = alert.isCdrn ? 'cdrn' : alert.network
  return merchant.generation === 'midigator 1' ? { partner: alert.network } : { prevention_type: type }
}

/** `prevention.new`: the first generation names neither currency nor time of sale. */
export const preventionNew = (alert: Alert, merchant: Merchant, at: number): Body => ({
  prevention_guid: alert.guid,
  event_type: 'prevention.new',
  ...partnerOf(alert, merchant),
  mid: alert.mid,
  ...(alert.names.arn !== null && { arn: alert.names.arn }),
  ...(alert.names.first6 !== null && { card_first_6: alert.names.first6 }),
  ...(alert.names.last4 !== null && { card_last_4: alert.names.last4 }),
  ...(alert.amountText !== null && { amount: new Figure(alert.amountText) }),
  ...(merchant.generation === 'midigator 2' && { event_guid: `evr_${alert.guid.slice(4)}`, prevention_case_number: alert.caseNumber, ...later(alert) }),
  event_timestamp: wireTime(at),
}) // prettier-ignore

const later = ({ names, currency, descriptor }: Alert): Body => ({
  ...(names.currency && { currency }),
  ...(names.soldAt !== null && { transaction_timestamp: wireTime(names.soldAt) }),
  ...(names.authCode !== null && { auth_code: names.authCode }),
  merchant_descriptor: descriptor,
})

export const preventionMatch = (guid: string, sale: Sale, at: number): Body => ({
  event_type: 'prevention.match',
  prevention_guid: guid,
  order_guid: sale.orderGuid,
  order_id: sale.id,
  event_timestamp: wireTime(at),
})

export const orderRefund = (sale: Pick<Sale, 'orderGuid' | 'id'>, amount: string, at: number): Body => ({
  event_type: 'order.refund',
  order_guid: sale.orderGuid,
  order_id: sale.id,
  amount: new Figure(amount),
  event_timestamp: wireTime(at),
})

/** What `GET /prevention/{guid}` answers at a time. */
export const preventionRecord = (alert: Alert, merchant: Merchant, now: number): Body => ({
  prevention_guid: alert.guid,
  prevention_case_number: alert.caseNumber,
  ...partnerOf(alert, merchant),
  mid: alert.mid,
  ...(alert.names.arn !== null && { arn: alert.names.arn }),
  ...(alert.names.first6 !== null && { card_first_6: alert.names.first6 }),
  ...(alert.names.last4 !== null && { card_last_4: alert.names.last4 }),
  card_brand: alert.card.brand,
  ...(alert.amountText !== null && { amount: new Figure(alert.amountText) }),
  ...(alert.names.currency && { currency: alert.currency }),
  ...(merchant.generation === 'midigator 2' && later(alert)),
  prevention_timestamp: wireTime(alert.issuedAt),
  ...matchOf(alert.match !== null && alert.match.at <= now ? alert.match.sale : null),
})

const matchOf = (sale: Sale | null): Body =>
  sale === null ? {} : { matched_order_guid: sale.orderGuid, matched_order_id: sale.id }

/** What `GET /order/{guid}` answers. */
export const orderRecord = (sale: Sale): Body => ({
  order_guid: sale.orderGuid,
  crm_order_id: sale.id,
  mid: sale.mid,
  card_first_6: sale.crmCard.first6,
  card_last_4: sale.crmCard.last4,
  card_brand: sale.crmCard.brand,
  amount: new Figure(decimal(sale.total, sale.currency)),
  currency: sale.currency,
  order_date: wireTime(sale.orderedAt),
})

/** An RDR or a chargeback notice, as an event and as it is read back. */
export function noticeEvent(sale: Sale, taken: TakenBack, at: number): Body {
  const common = noticeFields(sale, taken)
  return taken.what === 'rdr'
    ? { rdr_guid: taken.guid, event_type: 'rdr.new', ...common, rdr_resolution: 'Accepted', event_timestamp: wireTime(at) }
    : { chargeback_guid: taken.guid, event_type: 'chargeback.new', ...common, event_timestamp: wireTime(at) }
} // prettier-ignore

export function noticeMatch(sale: Sale, taken: TakenBack, at: number): Body {
  const [event_type, name] = taken.what === 'rdr' ? ['rdr.match', 'rdr_guid'] : ['chargeback.match', 'chargeback_guid']
  return {
    event_type,
    [name]: taken.guid,
    order_guid: sale.orderGuid,
    order_id: sale.id,
    event_timestamp: wireTime(at),
  }
}

export function noticeRecord(sale: Sale, taken: TakenBack, now: number): Body {
  const tied = matchOf(taken.matchedAt !== null && taken.matchedAt <= now ? sale : null)
  return taken.what === 'rdr'
    ? { prevention_guid: taken.guid, partner: 'verifi', prevention_type: 'rdr', ...noticeFields(sale, taken), prevention_timestamp: wireTime(taken.at), rdr_resolution: 'Accepted', ...tied }
    : { chargeback_guid: taken.guid, ...noticeFields(sale, taken), chargeback_date: wireTime(taken.at).slice(0, 10), ...tied }
} // prettier-ignore

const noticeFields = (sale: Sale, taken: TakenBack): Body => ({
  mid: sale.mid,
  case_number: taken.guid.slice(4, 18),
  ...(taken.namesArn && { arn: sale.arn }),
  ...(taken.namesCard && { card_first_6: sale.card.first6 }),
  card_last_4: sale.card.last4,
  card_brand: sale.card.brand,
  amount: new Figure(decimal(taken.minor, sale.currency)),
  currency: sale.currency,
})

export const ok = (body: unknown): WireAnswer => ({ status: 200, body })
export const missing: WireAnswer = { status: 404, body: { error: 'not found' } }
