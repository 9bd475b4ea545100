import { z } from 'zod'
import { seeded } from './seeded.ts'

const ms = z.int().min(0).max(3_600_000)
const status = z.int().min(200).max(599)
const failure = z.int().min(400).max(599)

/**
 * One way a platform misbehaves. `slow` waits, then serves as usual, also when the caller has gone; `hold` does so once
 * the rules are replaced; `hang` and `…-hang` never answer; `late-commit` answers `status` (504 unless told) or hangs, and commits `ms` later;
 * `token-revoked` forgets the presented token first. What has nothing to commit (refused anyway) is answered plainly.
 */
const fault = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('status'),
    status,
    body: z.unknown().optional(),
    retryAfterS: z.int().min(0).optional(),
  }),
  z.strictObject({ kind: z.literal('html'), status: failure.optional() }),
  z.strictObject({ kind: z.literal('redirect'), location: z.string().min(1).optional() }),
  z.strictObject({ kind: z.literal('slow'), ms }),
  z.strictObject({ kind: z.literal('hold') }),
  z.strictObject({ kind: z.literal('hang') }),
  z.strictObject({ kind: z.literal('reset') }),
  z.strictObject({ kind: z.literal('commit-then-fail'), status: failure.optional() }),
  z.strictObject({ kind: z.literal('commit-then-hang') }),
  z.strictObject({ kind: z.literal('commit-then-reset') }),
  z.strictObject({
    kind: z.literal('late-commit'),
    ms,
    status: failure.optional(),
    hang: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('token-revoked') }),
])

/** The calls that faults can be drawn for: Midigator's two generations, the refund gateway, Chargebackhit. */
const CALL_NAMES = [
  'auth',
  'order',
  'api-auth',
  'subscribe',
  'ping',
  'read-event',
  'resolution',
  'refund',
  'refund-list',
  'generate-alert',
  'validate-outcome',
  'update-outcome',
  'read-alert',
  'list-alerts',
  'merchants',
  'caids',
  'enrollments',
] as const

const rule = z.strictObject({
  on: z.enum(CALL_NAMES).optional(),
  orderId: z.string().min(1).optional(),
  guid: z.string().min(1).optional(),
  probability: z.number().min(0).max(1).optional(),
  times: z.int().min(0).optional(),
  fault,
})

/** The body of `PUT /_sandbox/faults`. */
export const faultRules = z.strictObject({ rules: z.array(rule).max(1_000) })

export type Fault = z.infer<typeof fault>
/** Which calls meet which fault: the first rule that matches and draws (1 unless told) wins, `times` at most. */
export type FaultRule = z.infer<typeof rule>
/** A call that faults can be drawn for. */
export type CallName = (typeof CALL_NAMES)[number]

/** The faults in force. Draws come from a seeded generator, so the same calls in the same order meet the same faults. */
export class Faults {
  #rules: FaultRule[] = []
  #drawn: number[] = []
  #held: (() => void)[] = []
  readonly #random: () => number

  constructor(seed: number, rules: FaultRule[] = []) {
    this.#random = seeded(seed)
    this.set(rules)
  }

  /** Replaces all rules and their counts, and lets go of what is held; the generator goes on where it is. */
  set(rules: FaultRule[]): void {
    this.#rules = [...rules]
    this.#drawn = rules.map(() => 0)
    for (const letGo of this.#held.splice(0)) letGo()
  }

  /** Does something once the rules are replaced. */
  hold(act: () => void): void {
    this.#held.push(act)
  }

  /** Puts a rule before all others, so that it wins over them. */
  addFirst(rule: FaultRule): void {
    this.#rules.unshift(rule)
    this.#drawn.unshift(0)
  }

  clear(): void {
    this.set([])
  }

  /** The rules as they were set, and how often each has been drawn. */
  snapshot(): { rules: FaultRule[]; drawn: number[] } {
    return { rules: [...this.#rules], drawn: [...this.#drawn] }
  }

  /** The fault this call meets, if any; counts against the rule's `times`. */
  draw(on: CallName, orderId?: string, guid?: string): Fault | undefined {
    for (const [i, rule] of this.#rules.entries()) {
      if (rule.on !== undefined && rule.on !== on) continue
      if (rule.orderId !== undefined && rule.orderId !== orderId) continue
      if (rule.guid !== undefined && rule.guid !== guid) continue
      const drawn = this.#drawn[i] ?? 0
      if (rule.times !== undefined && drawn >= rule.times) continue
      const probability = rule.probability ?? 1
      if (probability < 1 && this.#random() >= probability) continue
      this.#drawn[i] = drawn + 1
      return rule.fault
    }
    return undefined
  }
}
