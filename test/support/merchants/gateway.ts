import type { Random } from '../simulator/random.ts'
import type { Agenda } from './agenda.ts'
import type { Merchant } from './draw-merchant.ts'
import { digits } from './draw-sales.ts'
import { decimal, heldOf, HOUR, minorOf, MINUTE, sum, type Sale, type TrueRefund } from './truth.ts'

/** An answer as it stands on the wire. */
export interface WireAnswer {
  status: number
  body: unknown
}

interface RefundBody {
  order_id: string
  transaction_id: string
  amount: string
  currency: string
  reference: string
}

/** Who moves the money, as the generic refund gateway's routes show it. */
export class Gateway {
  readonly #randomOf: (sale: Sale) => Random
  readonly #agenda: Agenda
  readonly #merchant: Merchant
  readonly #byOrder: ReadonlyMap<string, Sale>
  readonly #byTransaction: ReadonlyMap<string, Sale>
  readonly #onRefund: (sale: Sale, refund: TrueRefund) => void
  readonly #onSettled: (sale: Sale, refund: TrueRefund) => void
  readonly #keys = new Map<string, { at: number; answer: WireAnswer }>()
  #count = 0

  constructor(parts: {
    /** Draws that are a sale's own: the same whatever is refunded first. */
    randomOf: (sale: Sale) => Random
    agenda: Agenda
    merchant: Merchant
    sales: readonly Sale[]
    /** A refund of ours was booked; and one became a success or a failure. */
    onRefund: (sale: Sale, refund: TrueRefund) => void
    onSettled: (sale: Sale, refund: TrueRefund) => void
  }) {
    this.#randomOf = parts.randomOf
    this.#agenda = parts.agenda
    this.#merchant = parts.merchant
    this.#byOrder = new Map(parts.sales.map(sale => [sale.id, sale]))
    this.#byTransaction = new Map(parts.sales.map(sale => [sale.transactionId, sale]))
    this.#onRefund = parts.onRefund
    this.#onSettled = parts.onSettled
  }

  /** `POST /refunds`. */
  refund(key: string, raw: string): WireAnswer {
    const { keepsKeysHours } = this.#merchant.gateway
    const known = this.#keys.get(key)
    if (known && this.#agenda.now - known.at < keepsKeysHours * HOUR) return known.answer
    const body = JSON.parse(raw) as RefundBody
    const sale = this.#byTransaction.get(body.transaction_id) ?? this.#byOrder.get(body.order_id)
    if (sale === undefined) return refused('unknown_order', 'no such payment')
    const stop = this.#stopOf(sale, body)
    if (stop !== null) return stop
    const refund = this.#book(sale, minorOf(body.amount, sale.currency)!, 'us', body.reference)
    const answer = { status: 201, body: { refund_id: refund.id, status: refund.status, amount: body.amount } }
    this.#keys.set(key, { at: this.#agenda.now, answer })
    this.#onRefund(sale, refund)
    if (refund.status === 'succeeded') this.#onSettled(sale, refund)
    return answer
  }

  #stopOf(sale: Sale, body: RefundBody): WireAnswer | null {
    const { now } = this.#agenda
    const captured = this.#capturedBy(sale, now)
    if (sale.refusal === 'account closed') return refused('merchant_account_closed', 'the merchant account is closed')
    if (sale.refusal === 'not possible') return refused('card_account_closed', 'the card account is closed')
    if (captured === 0 || sale.settlesAt > now) return refused('transaction_not_settled', 'not settled yet')
    if (sale.passesAfterMs > 0) sale.passesAt ??= now + sale.passesAfterMs
    if (sale.passesAt !== null && now < sale.passesAt) return refused('try_later', 'try again later')
    if (body.currency !== sale.currency) return refused('currency_mismatch', 'not the currency of the payment')
    const minor = minorOf(body.amount, sale.currency)
    if (minor === null || minor === 0) return refused('amount_invalid', 'no such amount')
    const left = captured - heldOf(sale)
    if (!this.#merchant.gateway.guards) return null
    if (left <= 0) return { status: 409, body: { code: 'already_refunded', message: 'nothing is left' } }
    return minor > left ? refused('amount_too_large', 'more than is left') : null
  }

  /** A refund that a person made at the gateway itself; of an amount that is left. */
  byHand(sale: Sale, minor: number): TrueRefund | null {
    const left = this.#capturedBy(sale, this.#agenda.now) - heldOf(sale)
    if (left <= 0) return null
    const refund = this.#book(sale, Math.min(minor, left), 'hand', '')
    if (refund.status === 'succeeded') this.#onSettled(sale, refund)
    return refund
  }

  #book(sale: Sale, minor: number, by: TrueRefund['by'], reference: string): TrueRefund {
    const { now } = this.#agenda
    const random = this.#randomOf(sale)
    const isPending = random.chance(this.#merchant.gateway.pendingShare)
    const refund: TrueRefund = {
      id: `re_${(this.#count += 1)}`,
      minor,
      at: now,
      by,
      status: isPending ? 'pending' : 'succeeded',
      settledAt: null,
      reference,
      arn: random.chance(0.3) ? `7${digits(random, 22)}` : null,
    }
    sale.refunds.push(refund)
    if (isPending) this.#agenda.at(now + random.pick([10 * MINUTE, 2 * HOUR, 9 * HOUR, 30 * HOUR]), () => this.#settle(sale, refund))
    return refund
  } // prettier-ignore

  #settle(sale: Sale, refund: TrueRefund): void {
    refund.status = this.#randomOf(sale).chance(0.92) ? 'succeeded' : 'failed'
    refund.settledAt = this.#agenda.now
    this.#onSettled(sale, refund)
  }

  #capturedBy = ({ captures }: Sale, now: number): number =>
    sum(captures.filter(({ at }) => at <= now).map(({ minor }) => minor))

  /** `GET /refunds?order_id=…&transaction_id=…`: what is newer than the list's lag is not in it. */
  list(query: URLSearchParams): WireAnswer {
    const sale = this.#byTransaction.get(query.get('transaction_id') ?? '') ?? this.#byOrder.get(query.get('order_id') ?? '')
    if (sale === undefined) return { status: 200, body: { refunds: [] } }
    const { now } = this.#agenda
    const { lagMs, refundableLags, tellsRefundable, tellsSettled, listsReferences } = this.#merchant.gateway
    const all = sale.refunds.filter(({ by }) => by !== 'past')
    const shown = all.filter(({ at }) => at + lagMs <= now)
    const held = sum((refundableLags ? shown : all).filter(({ status }) => status !== 'failed').map(({ minor }) => minor))
    const captured = this.#capturedBy(sale, now)
    return {
      status: 200,
      body: {
        refunds: shown.map(refund => ({
          refund_id: refund.id,
          status: refund.status,
          amount: decimal(refund.minor, sale.currency),
          created_at: new Date(refund.at).toISOString(),
          ...(refund.arn !== null && { arn: refund.arn }),
          ...(listsReferences && refund.reference !== '' && { reference: refund.reference }),
        })),
        ...(tellsRefundable && {
          refundable_amount: decimal(Math.max(0, captured - held), sale.currency),
          currency: sale.currency,
        }),
        ...(tellsSettled && { settled: captured > 0 && sale.settlesAt <= now }),
      },
    }
  } // prettier-ignore
}

const refused = (code: string, message: string): WireAnswer => ({ status: 422, body: { code, message } })
