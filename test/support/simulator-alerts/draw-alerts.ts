import type { AlertEvent } from '../../../src/domain/alert/event.ts'
import type { AlertFacts } from '../../../src/domain/alert/facts.ts'
import type { CaseKind } from '../../../src/domain/case/log.ts'
import type { Random } from '../simulator/random.ts'
import { amountOf } from './cents.ts'
import type { CrmOrder } from './model-crm.ts'

/** Something a platform tells of: the order it is about in truth, and the events of it that may still be sent. */
export interface Matter {
  id: string
  guid: string
  kind: CaseKind
  /** Null: it is about no order of ours. */
  orderId: string | null
  partner: string | null
  isNotice: boolean
  /** What the platform knows from the start, and what it knows once it has matched. */
  facts: AlertFacts
  matched: AlertFacts
  events: AlertEvent[]
}

const CARD = { cardFirst6: '401288' } as const

/** The alerts, refund requests and chargebacks of one schedule. */
export function drawMatters(random: Random, orders: readonly CrmOrder[], now: number): Matter[] {
  const matters: Matter[] = []
  for (let count = 1 + random.int(3); count > 0; count--)
    matters.push(drawAlert(random, `pre_${count}`, random.pick(orders), now))
  for (const order of orders) if (random.chance(0.6)) matters.push(drawRequest(random, order))
  if (random.chance(0.2)) matters.push(drawChargeback(random, random.pick(orders)))
  return matters
}

function drawAlert(random: Random, guid: string, order: CrmOrder, now: number): Matter {
  const partner = random.weighted({ ethoca: 6, verifi: 3, cdrn: 1, 'verifi rdr': 0.7, tc40: 0.5, somebody: 0.4 })
  const by = random.weighted({ platform: 4, transactionId: 4, arn: 1, card: 2, nothing: 0.5 })
  const issuedAt = now - random.pick([0, 60_000, 3_600_000, 12 * 3_600_000])
  const other = random.chance(0.15)
  const facts: AlertFacts = {
    partner,
    amount: amountOf(other ? 1_234 : order.cents),
    currency: order.currency,
    ...(random.chance(0.7) && { issuedAt }),
    ...(random.chance(0.2) && { reason: random.pick(['10.4', '13.1']) }),
    ...(partner === 'verifi rdr' && random.chance(0.5) && { rdrResolution: random.pick(['accepted', 'declined']) }),
    ...(by === 'transactionId' && { transactionId: order.identity.transaction_id }),
    ...(by === 'arn' && { arn: order.identity.arn ?? 'arn-none' }),
    ...(by === 'card' && { ...CARD, cardLast4: order.identity.cc_last_4, transactionAt: order.soldAt }),
  }
  const matched: AlertFacts = by === 'platform' ? { ...facts, orderId: order.id } : facts
  const early = random.chance(0.3) ? dropped(facts, random.pick(['partner', 'issuedAt', 'amount'])) : facts
  const sentAt = random.chance(0.8) ? now : null
  const events: AlertEvent[] = [
    { type: 'alert', guid, facts: early, sentAt },
    { type: 'alert-match', guid, facts: matched, sentAt: sentAt === null ? null : sentAt + 1_000 },
  ]
  const isNotice = partner === 'verifi rdr' || partner === 'tc40'
  const orderId = by === 'nothing' || facts.arn === 'arn-none' ? null : order.id
  return {
    id: `midigator:${guid}`, guid, kind: 'alert', orderId, partner, isNotice, facts, matched,
    events: by === 'platform' || random.chance(0.3) ? events : events.slice(0, 1),
  } // prettier-ignore
}

/** An order whose amount differs is only found by more than its card. */
const dropped = (facts: AlertFacts, name: keyof AlertFacts): AlertFacts =>
  Object.fromEntries(Object.entries(facts).filter(([key]) => key !== name)) as AlertFacts

function drawRequest(random: Random, order: CrmOrder): Matter {
  const guid = `ord_${order.id}`
  const facts: AlertFacts = { orderId: order.id, amount: amountOf(order.cents) }
  const events: AlertEvent[] = [{ type: 'refund', guid, facts, sentAt: null }]
  return {
    id: `midigator:${guid}`, guid, kind: 'request', orderId: order.id, partner: null, isNotice: false, facts, matched: facts,
    events: random.chance(0.9) ? events : [],
  } // prettier-ignore
}

function drawChargeback(random: Random, order: CrmOrder): Matter {
  const guid = 'cbc_1'
  const facts: AlertFacts = {
    ...(random.chance(0.5) ? { orderId: order.id } : { transactionId: order.identity.transaction_id }),
    amount: amountOf(order.cents),
    chargebackDate: '2026-01-20',
  }
  return {
    id: `midigator:${guid}`, guid, kind: 'chargeback', orderId: order.id, partner: null, isNotice: false, facts, matched: facts,
    events: [{ type: 'chargeback', guid, facts, sentAt: null }],
  } // prettier-ignore
}
