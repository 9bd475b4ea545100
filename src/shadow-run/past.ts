import { parseAlert, readChargeback, readOrder, readPrevention } from '../domain/alert/read-event.ts'
import type { ParsedReport } from '../domain/alert/event.ts'
import { outcomeOf } from '../domain/alert/outcomes.ts'
import type { CaseKind, Resolution } from '../domain/case/log.ts'
import { addAmounts, compareAmounts, formatAmount, subtractAmounts } from '../domain/basics/money.ts'
import type { GatewayRefund, RefundAnswer, RefundGateway, RefundRequest } from '../gateways/gateway.ts'
import { refusalKindOf } from '../gateways/http/read-answer.ts'
import { readAlert, readRecord } from '../platforms/chargebackhit/read-alert.ts'
import type { AlertPlatform, PlatformService, Report } from '../platforms/platform.ts'
import type { History, PastRefund, Payment, Platform } from './history.ts'

/** An answer that would have gone out: its type as the platform names it, and its words where it takes any. */
export interface ShadowAnswer {
  at: number
  type: string
  description: string | null
  orderId: string | null
}

/** A refund that would have been sent, by its idempotency key. */
export interface ShadowRefund {
  at: number
  orderId: string
  transactionId: string
  amount: string
  currency: string
  key: string
  refund: GatewayRefund
  /** Until then it is pending; null: it was settled at once. */
  settledAt: number | null
}

const ACCEPTED = { status: 200, words: '', retryAfterMs: null }
const NOT_FOUND = { status: 404, words: 'no such record in the history', retryAfterMs: null }

/**
 * The platforms as they were: asked about an alert, each answers with the record that the history has of that time, or, where it has none,
 * with what its events had stated by then. Answers are kept in `answers` by `platform:id`, and go nowhere.
 */
export function pastPlatforms(history: History, now: () => number, answers: Map<string, ShadowAnswer>): AlertPlatform[] {
  const learnt = new Learnt(history)
  const past = (name: Platform, read: (kind: CaseKind, body: unknown) => ParsedReport, wireOf: (resolution: Resolution) => Pick<ShadowAnswer, 'type' | 'description'>): AlertPlatform => ({
    name,
    asking: open(name),
    answering: open(name),
    async ask(_access, { kind, guid }) {
      const body = recordAt(history, `${name}:${guid}`, now()) ?? learnt.of(name, kind, guid, now())
      const report = body === null ? null : reportOf(guid, read(kind, body))
      return report === null ? { answer: NOT_FOUND } : { answer: ACCEPTED, value: report }
    },
    async answer(_access, { guid, orderId }, resolution) {
      const answer = wireOf(resolution)
      // It is a promise, and leaves room for an answer.
      if (answer.type !== 'pending') answers.set(`${name}:${guid}`, { at: now(), orderId, ...answer })
      return { answer: ACCEPTED }
    },
  })
  const readers = { alert: readPrevention, chargeback: readChargeback, request: readOrder }
  return [
    past('midigator', (kind, body) => readers[kind](body), ({ type, description }) => ({ type, description })),
    // The outcome in its record is what became of the alert later.
    past('chargebackhit', (_, body) => readRecord(body), ({ type }) => ({ type: outcomeOf(type), description: null })),
  ]
} // prettier-ignore

const reportOf = (guid: string, report: ParsedReport): Report | null =>
  'errors' in report || report.guid !== guid ? null : report

const recordAt = ({ records }: History, id: string, now: number): unknown =>
  records.get(id)?.findLast(({ at }) => at <= now)?.body ?? null

const open = (name: string): PlatformService => ({
  name,
  access: async () => ({ token: '', generation: 1 }),
  renew: async () => ({ access: { token: '', generation: 1 } }),
  dropAccess: () => {},
})

/** What events and changes had stated by a time, in place of a record. */
class Learnt {
  readonly #events = new Map<string, { at: number; body: Record<string, unknown> }[]>()
  readonly #changes = new Map<string, { at: number; body: Record<string, unknown> }[]>()

  constructor({ arrivals }: History) {
    for (const arrival of arrivals) {
      if (arrival.what === 'event') {
        const read = arrival.platform === 'midigator' ? parseAlert(arrival.body) : readAlert(arrival.body)
        if ('kind' in read && read.kind === 'event') push(this.#events, `${arrival.platform}:${read.event.guid}`, arrival)
      } else {
        const body = arrival.body as Record<string, unknown>
        push(this.#changes, String(body.order_id), { at: arrival.at, body })
      }
    }
  } // prettier-ignore

  of(platform: Platform, kind: CaseKind, guid: string, now: number): unknown {
    const bodies = (this.#events.get(`${platform}:${guid}`) ?? []).filter(({ at }) => at <= now).map(one => one.body)
    if (bodies.length === 0) return null
    if (platform === 'chargebackhit') return bodies.at(-1)
    const whole = joined(bodies)
    return kind === 'request' ? this.#order(guid, whole.order_id, now) : whole
  }

  /** The platform's copy of an order is what was pushed to it: all that changes had said. */
  #order(guid: string, orderId: unknown, now: number): unknown {
    const changes = (this.#changes.get(String(orderId)) ?? []).filter(({ at }) => at <= now)
    if (changes.length === 0) return null
    const order = joined(changes.map(({ body }) => body))
    return {
      order_guid: guid,
      crm_order_id: orderId,
      mid: order.transaction_merchant_id,
      card_first_6: order.cc_first_6,
      card_last_4: order.cc_last_4,
      amount: order.order_total,
      currency: order.currency,
      order_date: order.order_date,
    }
  }
}

/** What a later one states takes the place of what an earlier one did. */
const joined = (bodies: readonly Record<string, unknown>[]): Record<string, unknown> =>
  Object.fromEntries(bodies.flatMap(body => Object.entries(body)))

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, [value])
  else known.push(value)
}

/**
 * The gateway as it was: it lists the refunds of the history that others made by that time, and its payments say what is refundable. A
 * refund that was made for an alert is not listed: the run decides it again. What is sent here is kept in `sent` and meets the same
 * end as the history's own attempt for that order, where it has one: refused, pending or failed.
 */
export function pastGateway(history: History, now: () => number, sent: ShadowRefund[], keepsKeysMs: number): RefundGateway {
  const byOrder = new Map<string, PastRefund[]>()
  for (const refund of history.refunds) push(byOrder, refund.order_id, refund)
  const payments = new Map<string, Payment[]>()
  for (const payment of history.payments) push(payments, payment.order_id, payment)
  let count = 0

  const paymentOf = (orderId: string, transactionId: string | null): Payment | null => {
    const all = payments.get(orderId) ?? []
    return all.find(one => transactionId !== null && one.transaction_id === transactionId) ?? all[0] ?? null
  }
  const others = (orderId: string) => (byOrder.get(orderId) ?? []).filter(one => one.alert == null && one.status !== 'refused' && one.at <= now())
  const ours = (orderId: string) => sent.filter(one => one.orderId === orderId)
  /** Of what was captured by now, what no refund took or may still take; null: not known. */
  function leftOf(orderId: string, payment: Payment | null): string | null {
    if (payment === null) return null
    const captured = addAmounts('0', ...payment.captured.filter(({ at }) => at <= now()).map(one => one.amount))
    const held = [
      ...others(orderId).filter(one => statusOf(one, now()) !== 'failed').map(one => one.amount),
      ...ours(orderId).filter(one => shadowStatus(one, now()) !== 'failed').map(one => one.amount),
    ]
    const taken = addAmounts('0', ...held)
    return compareAmounts(taken, captured) >= 0 ? '0' : subtractAmounts(captured, taken)
  }
  const isSettled = (payment: Payment) =>
    payment.captured.some(({ at }) => at <= now()) && (payment.settled_at == null || payment.settled_at <= now())

  function send(request: RefundRequest, key: string): RefundAnswer {
    const { orderId, transactionId, amount, currency } = request
    const payment = paymentOf(orderId, transactionId)
    const attempts = (byOrder.get(orderId) ?? []).filter(one => one.alert != null || one.status === 'refused')
    const attempt = attempts.findLast(({ at }) => at <= now()) ?? attempts[0]
    if (attempt?.status === 'refused') return refused(attempt.code ?? 'refused', 'refused in the history')
    if (payment !== null && payment.currency !== currency) return refused('currency_mismatch', 'the payment is in another currency')
    if (payment !== null && !isSettled(payment)) return refused('transaction_not_settled', 'the payment is not settled yet')
    const left = leftOf(orderId, payment)
    if (left === '0') return refused('already_refunded', 'nothing is left')
    if (left !== null && compareAmounts(amount, left) > 0) return refused('amount_too_large', `${formatAmount(left, currency)} is left`)
    const pendingMs = attempt?.settled_at == null ? null : Math.max(0, attempt.settled_at - attempt.at)
    const status = attempt?.status ?? 'succeeded'
    const refund: GatewayRefund = { refundId: `shadow-${(count += 1)}`, status, amount, arn: attempt?.arn ?? null }
    const one = { at: now(), orderId, transactionId, amount, currency, key, refund, settledAt: pendingMs === null ? null : now() + pendingMs }
    sent.push(one)
    return { said: 'refund', refund: { ...refund, status: shadowStatus(one, now()) } }
  }

  return {
    name: 'http',
    keepsKeysMs,
    async refund({ body, key }) {
      const before = sent.find(one => one.key === key)
      if (before !== undefined) return { said: 'refund', refund: { ...before.refund, status: shadowStatus(before, now()) } }
      return send(JSON.parse(body) as RefundRequest, key)
    },
    async findRefunds({ orderId, transactionId }) {
      const payment = paymentOf(orderId, transactionId)
      return {
        read: true,
        refunds: [
          ...others(orderId).filter(one => (one.listed_at ?? one.at) <= now()).map((one, i) => ({
            refundId: one.refund_id ?? `history-${orderId}-${i + 1}`, status: statusOf(one, now()), amount: one.amount, arn: one.arn ?? null, reference: null, createdAt: one.at,
          })),
          ...ours(orderId).map(one => ({ ...one.refund, status: shadowStatus(one, now()), reference: one.key, createdAt: one.at })),
        ],
        refundableAmount: leftOf(orderId, payment),
        currency: payment?.currency ?? null,
        settled: payment === null ? null : isSettled(payment),
      }
    },
    bodyOf: request => JSON.stringify(request),
  }
} // prettier-ignore

/** A refund with a time of settling is pending until then. */
function statusOf({ status, settled_at: settledAt }: PastRefund, now: number): GatewayRefund['status'] {
  if (settledAt != null && now < settledAt) return 'pending'
  return status === 'refused' ? 'failed' : status
}

const shadowStatus = ({ refund, settledAt }: ShadowRefund, now: number): GatewayRefund['status'] =>
  settledAt !== null && now < settledAt ? 'pending' : refund.status

const refused = (code: string, words: string): RefundAnswer => ({
  said: 'refused',
  kind: refusalKindOf(code),
  code,
  words,
})
