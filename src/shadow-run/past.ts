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

/** Records that cannot be answered, because they do not name what they are about. */
export function unusableRecords({ records }: History): string[] {
  const readers = { midigator: [readPrevention, readChargeback, readOrder], chargebackhit: [readRecord] }
  return [...records].flatMap(([id, versions]) => {
    const [name, ...rest] = id.split(':')
    const guid = rest.join(':')
    const isUsable = (body: unknown) => readers[name as Platform].some(read => reportOf(guid, read(body)) !== null)
    return versions.every(({ body }) => isUsable(body)) ? [] : [`the record of ${id} does not name it`]
  })
}

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
 * The gateway as it was: it lists the refunds of the history that others made by that time, and its payments state what is refundable. A
 * refund that was made for an alert is not listed: the run decides it again. What is sent here is kept in `sent` and meets the same end as
 * the history's own attempt for that order, where it has one: refused, pending or failed.
 */
export function pastGateway(history: History, now: () => number, sent: SentRefunds, keepsKeysMs: number): RefundGateway {
  const byOrder = new Map<string, PastRefund[]>()
  for (const refund of history.refunds) push(byOrder, refund.order_id, refund)
  const payments = paymentsByOrder(history.payments)

  /** Of the transaction that is asked about, else the order's only one. */
  const paymentOf = (orderId: string, transactionId: string | null): Payment | null => {
    const all = payments.get(orderId) ?? []
    const own = all.find(one => one.transaction_id === transactionId || one.transaction_id == null)
    return own ?? (transactionId === null && all.length === 1 ? all[0]! : null)
  }
  const others = (orderId: string, transactionId: string | null) =>
    (byOrder.get(orderId) ?? []).filter(one =>
      one.alert == null && one.status !== 'refused' && one.at <= now() &&
      (transactionId === null || one.transaction_id == null || one.transaction_id === transactionId))
  /** Of what was captured by now, what no refund took or may still take; null: not known. */
  function leftOf(orderId: string, transactionId: string | null, payment: Payment | null): string | null {
    if (payment === null) return null
    const captured = addAmounts('0', ...payment.captured.filter(({ at }) => at <= now()).map(one => one.amount))
    const held = [
      ...others(orderId, transactionId).filter(one => statusOf(one, now()) !== 'failed').map(one => one.amount),
      ...sent.ofOrder(orderId).filter(one => statusOfSent(one, now()) !== 'failed').map(one => one.amount),
    ]
    const taken = addAmounts('0', ...held)
    return compareAmounts(taken, captured) >= 0 ? '0' : subtractAmounts(captured, taken)
  }
  const isSettled = (payment: Payment) =>
    payment.captured.some(({ at }) => at <= now()) && (payment.settled_at == null || payment.settled_at <= now())

  /** The last attempt of the history by now decides; before the first, the first that was not refused. */
  function attemptOf(orderId: string): PastRefund | undefined {
    const attempts = (byOrder.get(orderId) ?? []).filter(one => one.alert != null || one.status === 'refused')
    return attempts.findLast(({ at }) => at <= now()) ?? attempts.find(one => one.status !== 'refused')
  }

  function send({ orderId, transactionId, amount, currency }: RefundRequest, key: string): RefundAnswer {
    const payment = paymentOf(orderId, transactionId)
    const attempt = attemptOf(orderId)
    if (attempt?.status === 'refused') return refused(attempt.code ?? 'refused', 'refused in the history')
    if (payment !== null && payment.currency !== currency) return refused('currency_mismatch', 'the payment is in another currency')
    if (payment !== null && !isSettled(payment)) return refused('transaction_not_settled', 'the payment is not settled yet')
    const left = leftOf(orderId, transactionId, payment)
    if (left === '0') return refused('already_refunded', 'nothing is left')
    if (left !== null && compareAmounts(amount, left) > 0) return refused('amount_too_large', `${formatAmount(left, currency)} is left`)
    const pendingMs = attempt?.settled_at == null ? null : Math.max(0, attempt.settled_at - attempt.at)
    const one = sent.add({
      at: now(), orderId, transactionId, amount, currency, key,
      refund: { refundId: '', status: endOf(attempt), amount, arn: attempt?.arn ?? null },
      settledAt: pendingMs === null ? null : now() + pendingMs,
    })
    return { said: 'refund', refund: { ...one.refund, status: statusOfSent(one, now()) } }
  }

  return {
    name: 'http',
    keepsKeysMs,
    async refund({ body, key }) {
      const before = sent.byKey(key)
      if (before !== null) return { said: 'refund', refund: { ...before.refund, status: statusOfSent(before, now()) } }
      return send(JSON.parse(body) as RefundRequest, key)
    },
    async findRefunds({ orderId, transactionId }) {
      const payment = paymentOf(orderId, transactionId)
      return {
        read: true,
        refunds: [
          ...others(orderId, null).filter(one => (one.listed_at ?? one.at) <= now()).map((one, i) => ({
            refundId: one.refund_id ?? `history-${orderId}-${i + 1}`, status: statusOf(one, now()), amount: one.amount, arn: one.arn ?? null, reference: null, createdAt: one.at,
          })),
          ...sent.ofOrder(orderId).map(one => ({ ...one.refund, status: statusOfSent(one, now()), reference: one.key, createdAt: one.at })),
        ],
        refundableAmount: leftOf(orderId, transactionId, payment),
        currency: payment?.currency ?? null,
        settled: payment === null ? null : isSettled(payment),
      }
    },
    bodyOf: request => JSON.stringify(request),
  }
} // prettier-ignore

/** Refunds that would have been sent, in their order. */
export class SentRefunds {
  readonly all: ShadowRefund[] = []
  readonly #byOrder = new Map<string, ShadowRefund[]>()
  readonly #byKey = new Map<string, ShadowRefund>()

  add(given: ShadowRefund): ShadowRefund {
    const one = { ...given, refund: { ...given.refund, refundId: `shadow-${this.all.length + 1}` } }
    this.all.push(one)
    push(this.#byOrder, one.orderId, one)
    this.#byKey.set(one.key, one)
    return one
  }

  ofOrder = (orderId: string): readonly ShadowRefund[] => this.#byOrder.get(orderId) ?? []
  byKey = (key: string): ShadowRefund | null => this.#byKey.get(key) ?? null
}

/** Lines of one transaction are one payment. */
function paymentsByOrder(payments: readonly Payment[]): Map<string, Payment[]> {
  const byOrder = new Map<string, Payment[]>()
  for (const payment of payments) {
    const same = byOrder.get(payment.order_id)?.find(one => (one.transaction_id ?? null) === (payment.transaction_id ?? null) && one.currency === payment.currency)
    if (same === undefined) push(byOrder, payment.order_id, { ...payment, captured: [...payment.captured] })
    else {
      same.captured.push(...payment.captured)
      same.settled_at ??= payment.settled_at
    }
  }
  return byOrder
} // prettier-ignore

/** A refund with a time of settling is pending until then. */
function statusOf(refund: PastRefund, now: number): GatewayRefund['status'] {
  return refund.settled_at != null && now < refund.settled_at ? 'pending' : endOf(refund)
}

/** What it came to; one that is pending for good has no time of settling. */
function endOf(refund: PastRefund | undefined): GatewayRefund['status'] {
  if (refund === undefined || (refund.status === 'pending' && refund.settled_at != null)) return 'succeeded'
  return refund.status === 'refused' ? 'failed' : refund.status
}

const statusOfSent = ({ refund, settledAt }: ShadowRefund, now: number): GatewayRefund['status'] =>
  settledAt !== null && now < settledAt ? 'pending' : refund.status

const refused = (code: string, words: string): RefundAnswer => ({
  said: 'refused',
  kind: refusalKindOf(code),
  code,
  words,
})
