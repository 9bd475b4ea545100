import { z } from 'zod'
import { gatewayTraits, GatewayTraits, type GatewayTrait } from './gateway-traits.ts'

/** As long as a timer can be: 24 days. */
const ms = z.int().min(0).max(2_073_600_000)
const text = z.string().min(1).max(200)

/**
 * One way the gateway deals with a refund. `succeed-then-fail` takes a success back after `ms`; `refuse` with `ms` refuses an order for
 * that long from its first refusal, and then the next rule applies.
 */
const behave = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('succeed') }),
  // oxlint-disable-next-line unicorn/no-thenable -- a member of JSON, never awaited
  z.strictObject({ kind: z.literal('pending'), ms, then: z.enum(['succeeded', 'failed']) }),
  z.strictObject({ kind: z.literal('fail') }),
  z.strictObject({ kind: z.literal('refuse'), code: text, message: text, ms: ms.optional() }),
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

/** The body of `PUT /_sandbox/gateway`; what is left out stays as it is. */
export const gatewayRules = z.strictObject({
  rules: z.array(rule).max(1_000).optional(),
  traits: gatewayTraits.optional(),
})

export type Behaviour = z.infer<typeof behave>
/** Which refunds meet which behaviour: the first rule that matches and draws (1 unless told) wins, `times` at most. */
export type GatewayRule = z.infer<typeof rule>

/** How the gateway behaves; without a rule that matches, a refund succeeds at once. */
export class GatewayRules {
  readonly traits = new GatewayTraits()
  #rules: { rule: GatewayRule; drawn: number; firstDrawnAt: Map<string, number> }[] = []
  readonly #random: () => number

  constructor(random: () => number) {
    this.#random = random
  }

  /** Replaces all rules and their counts. */
  setRules(rules: GatewayRule[]): void {
    this.#rules = rules.map(rule => ({ rule, drawn: 0, firstDrawnAt: new Map() }))
  }

  /** Puts a rule before all others, so that it wins over them. */
  addFirst(rule: GatewayRule): void {
    this.#rules.unshift({ rule, drawn: 0, firstDrawnAt: new Map() })
  }

  /** The rules as they were set, how often each has been drawn, and the traits. */
  snapshot(): { rules: GatewayRule[]; drawn: number[]; traits: GatewayTrait[] } {
    return {
      rules: this.#rules.map(({ rule }) => rule),
      drawn: this.#rules.map(({ drawn }) => drawn),
      traits: this.traits.list(),
    }
  }

  draw(orderId: string): Behaviour {
    const found = this.#rules.find(({ rule, drawn, firstDrawnAt }) => {
      if (rule.order_id !== undefined && rule.order_id !== orderId) return false
      if (rule.times !== undefined && drawn >= rule.times) return false
      if (hasPassed(rule.behave, firstDrawnAt.get(orderId))) return false
      return rule.probability === undefined || rule.probability >= 1 || this.#random() < rule.probability
    })
    if (!found) return { kind: 'succeed' }
    found.drawn++
    if (!found.firstDrawnAt.has(orderId)) found.firstDrawnAt.set(orderId, Date.now())
    return found.rule.behave
  }
}

/** Whether a refusal that is to pass has passed. */
const hasPassed = (behave: Behaviour, firstAt: number | undefined): boolean =>
  behave.kind === 'refuse' && behave.ms !== undefined && firstAt !== undefined && firstAt + behave.ms <= Date.now()
