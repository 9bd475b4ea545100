import { z } from 'zod'
import { compareDecimals, DECIMAL, isZero } from './decimal.ts'
import type { Outcome, Timers } from './exchange.ts'
import type { Behaviour, GatewayRules } from './gateway-rules.ts'
import type { Payments } from './payments.ts'
import type { Refund, Refunds } from './refunds.ts'

const text = z.string().max(255)

const refundBody = z.strictObject({
  order_id: text.min(1),
  transaction_id: text.nullable().default(null),
  amount: z.string().regex(DECIMAL),
  currency: z.string().regex(/^[A-Z]{3}$/),
  reason: text.nullable().default(null),
  reference: text.min(1),
})

type Asked = Pick<z.infer<typeof refundBody>, 'order_id' | 'transaction_id' | 'amount' | 'currency'>

interface Keyed {
  /** The body as it was sent: the same bytes are the same refund. */
  raw: string
  outcome: Pick<Outcome, 'status' | 'body'>
  refund: Refund
  keptAt: number
}

interface RefundDeskParts {
  refunds: Refunds
  payments: Payments
  rules: GatewayRules
  timers: Timers
  /** How long idempotency keys are kept unless the traits state it, in milliseconds; 0 keeps none. */
  keepsKeysMs: number
}

const HOUR_MS = 3_600_000

const refusal = (status: number, code: string, message: string): Outcome => ({ status, body: { code, message } })

const START: Record<Behaviour['kind'], Refund['status']> = {
  succeed: 'succeeded',
  pending: 'pending',
  fail: 'failed',
  refuse: 'failed',
  'close-account': 'failed',
  'succeed-then-fail': 'succeeded',
}

/** Takes refunds: what a key was answered before, what may not be, and what is to happen to the rest. */
export class RefundDesk {
  readonly #parts: RefundDeskParts
  readonly #keys = new Map<string, Keyed>()

  constructor(parts: RefundDeskParts) {
    this.#parts = parts
  }

  /** What a refund would be answered; nothing has happened before its `commit`, which looks again. */
  serve(key: string, raw: string, json: unknown): Outcome {
    const read = refundBody.safeParse(json)
    if (!read.success) {
      const [issue] = read.error.issues
      return refusal(400, 'invalid', `${issue?.path.join('.') || 'the body'}: ${issue?.message ?? 'not valid'}`)
    }
    const kept = this.#kept(key)
    if (kept) return this.#replayed(kept, raw)
    const refused = this.#refusalOf(read.data)
    if (refused) return refused
    const behaviour = this.#parts.rules.draw(read.data.order_id)
    if (behaviour.kind === 'refuse') return refusal(422, behaviour.code, behaviour.message)
    if (behaviour.kind === 'close-account')
      return refusal(422, 'merchant_account_closed', 'the merchant account of this payment is closed')
    const refund = this.#parts.refunds.draft({ ...read.data, key }, START[behaviour.kind])
    const outcome = { status: 201, body: answerOf(refund) }
    return { ...outcome, commit: () => this.#commit({ raw, outcome, refund, keptAt: Date.now() }, behaviour) }
  }

  clear(): void {
    this.#keys.clear()
  }

  #kept(key: string): Keyed | undefined {
    const kept = this.#keys.get(key)
    if (!kept || kept.keptAt + this.#keepsKeysMs(kept.refund.order_id) > Date.now()) return kept
    this.#keys.delete(key)
    return undefined
  }

  #keepsKeysMs(orderId: string): number {
    const { rules, keepsKeysMs } = this.#parts
    const hours = rules.traits.of(orderId, 'keeps_keys_hours')
    return hours === undefined ? keepsKeysMs : hours * HOUR_MS
  }

  #replayed({ raw, outcome, refund }: Keyed, sent: string): Outcome {
    if (raw !== sent) return refusal(422, 'key_reused', 'this Idempotency-Key came with another body before')
    return { ...outcome, commit: () => void refund.replays++ }
  }

  #refusalOf(asked: Asked): Outcome | undefined {
    const { order_id, transaction_id, amount, currency } = asked
    const { payments, refunds, rules } = this.#parts
    const isGuarded = rules.traits.of(order_id, 'guards_captured') ?? true
    const payment = payments.of(order_id)
    const left = refunds.refundable(order_id)
    if (!payment || left === undefined) return refusal(422, 'unknown_order', `order_id "${order_id}" has no payment`)
    if (!payments.by(order_id, transaction_id))
      return refusal(
        422,
        'unknown_transaction',
        `transaction_id "${transaction_id}" did not pay order_id "${order_id}"`,
      )
    if (rules.traits.isSettled(order_id) === false)
      return refusal(422, 'transaction_not_settled', `order_id "${order_id}" is not settled yet; try again later`)
    if (isGuarded && isZero(left))
      return refusal(409, 'already_refunded', `order_id "${order_id}" is already fully refunded`)
    if (currency !== payment.currency)
      return refusal(422, 'currency_mismatch', `currency "${currency}" is not the payment's`)
    if (isZero(amount)) return refusal(422, 'amount_too_low', `amount "${amount}" refunds nothing`)
    if (isGuarded && compareDecimals(amount, left) > 0)
      return refusal(422, 'amount_too_large', `amount "${amount}" is more than the ${left} that is left`)
    return undefined
  }

  /** Looks again, for a late commit may find its key answered or nothing left; then it has no effect. */
  #commit(keyed: Keyed, behaviour: Behaviour): void {
    const { refund } = keyed
    const kept = refund.key === null ? undefined : this.#kept(refund.key)
    if (kept) return void (kept.raw === keyed.raw && kept.refund.replays++)
    if (this.#refusalOf(refund)) return
    refund.booked_at = new Date().toISOString()
    this.#parts.refunds.add(refund)
    if (this.#keepsKeysMs(refund.order_id) > 0 && refund.key !== null)
      this.#keys.set(refund.key, { ...keyed, keptAt: Date.now() })
    this.#later(refund, behaviour)
  }

  #later(refund: Refund, behaviour: Behaviour): void {
    const { refunds, timers } = this.#parts
    if (behaviour.kind === 'pending') timers.after(behaviour.ms, () => refunds.settle(refund, behaviour.then))
    if (behaviour.kind === 'succeed-then-fail') timers.after(behaviour.ms, () => refunds.settle(refund, 'failed'))
  }
}

function answerOf({ refund_id, status, amount, arn }: Refund): Record<string, unknown> {
  return { refund_id, status, amount, ...(arn !== null && { arn }) }
}
