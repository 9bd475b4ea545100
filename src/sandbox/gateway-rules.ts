import { z } from 'zod'

const ms = z.int().min(0).max(3_600_000)
const text = z.string().min(1).max(200)

/** One way the gateway deals with a refund; `succeed-then-fail` takes a success back after `ms`. */
const behave = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('succeed') }),
  // oxlint-disable-next-line unicorn/no-thenable -- a member of JSON, never awaited
  z.strictObject({ kind: z.literal('pending'), ms, then: z.enum(['succeeded', 'failed']) }),
  z.strictObject({ kind: z.literal('fail') }),
  z.strictObject({ kind: z.literal('refuse'), code: text, message: text }),
  z.strictObject({ kind: z.literal('close-account') }),
  z.strictObject({ kind: z.literal('succeed-then-fail'), ms }),
])

const rule = z.strictObject({
  order_id: text.optional(),
  probability: z.number().min(0).max(1).optional(),
  times: z.int().min(0).optional(),
  behave,
})

/** A refund that is pending for `ms`, then as told: written here once, for linters take its member for a promise's. */
export const pending = (ms: number, becomes: 'succeeded' | 'failed'): Behaviour =>
  // oxlint-disable-next-line unicorn/no-thenable -- a member of JSON, never awaited
  ({ kind: 'pending', ms, then: becomes })

/** The body of `PUT /_sandbox/gateway`. */
export const gatewayRules = z.strictObject({ rules: z.array(rule).max(1_000) })

export type Behaviour = z.infer<typeof behave>
/** Which refunds meet which behaviour: the first rule that matches and draws (1 unless told) wins, `times` at most. */
export type GatewayRule = z.infer<typeof rule>

/** How the gateway behaves; without a rule that matches, a refund succeeds at once. */
export class GatewayRules {
  #rules: { rule: GatewayRule; drawn: number }[] = []
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  /** Replaces all rules and their counts. */
  setRules(rules: GatewayRule[]): void {
    this.#rules = rules.map(rule => ({ rule, drawn: 0 }))
  }

  /** Puts a rule before all others, so that it wins over them. */
  addFirst(rule: GatewayRule): void {
    this.#rules.unshift({ rule, drawn: 0 })
  }

  /** The rules as they were set, and how often each has been drawn. */
  snapshot(): { rules: GatewayRule[]; drawn: number[] } {
    return { rules: this.#rules.map(({ rule }) => rule), drawn: this.#rules.map(({ drawn }) => drawn) }
  }

  draw(orderId: string): Behaviour {
    const found = this.#rules.find(({ rule, drawn }) => {
      if (rule.order_id !== undefined && rule.order_id !== orderId) return false
      if (rule.times !== undefined && drawn >= rule.times) return false
      return rule.probability === undefined || rule.probability >= 1 || this.#random() < rule.probability
    })
    if (!found) return { kind: 'succeed' }
    found.drawn++
    return found.rule.behave
  }
}
