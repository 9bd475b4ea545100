import { z } from 'zod'

const lagMs = z.int().min(0).max(86_400_000)

/**
 * What kind of gateway it is towards one order, or towards all where none is named. `lag_ms`: how long a new refund is missing from the list ·
 * `amount_lag_ms`: how long `refundable_amount` does not count it · `refundable_amount` and `references` false: left out ·
 * `currency`: false leaves it out, a code states that one · `settles_at`: until then `settled` is false and refunds are refused ·
 * `keeps_keys_hours`: 0 keeps no idempotency keys · `guards_captured` false: refunds more than was captured · `dates`: how
 * `created_at` is written.
 */
const trait = z.strictObject({
  order_id: z.string().min(1).max(200).optional(),
  lag_ms: lagMs.optional(),
  amount_lag_ms: lagMs.optional(),
  refundable_amount: z.boolean().optional(),
  currency: z.union([z.literal(false), z.string().regex(/^[A-Z]{3}$/)]).optional(),
  settles_at: z.iso.datetime().optional(),
  keeps_keys_hours: z.number().min(0).max(8_784).optional(),
  guards_captured: z.boolean().optional(),
  references: z.boolean().optional(),
  dates: z.enum(['time', 'day', 'none']).optional(),
})

/** The member `traits` of `PUT /_sandbox/gateway`. */
export const gatewayTraits = z.array(trait).max(1_000)

export type GatewayTrait = z.infer<typeof trait>
type Named = Exclude<keyof GatewayTrait, 'order_id'>

/** The traits in force; of several that name a member for an order, the first one decides. */
export class GatewayTraits {
  #traits: readonly GatewayTrait[] = []

  /** Replaces all traits. */
  set(traits: readonly GatewayTrait[]): void {
    this.#traits = [...traits]
  }

  list(): GatewayTrait[] {
    return [...this.#traits]
  }

  /** What is stated about one member for an order; undefined where nothing is. */
  of<Name extends Named>(orderId: string, name: Name): GatewayTrait[Name] {
    return this.#traits.find(one => one[name] !== undefined && (one.order_id ?? orderId) === orderId)?.[name]
  }

  /** Null where no time was given: the gateway does not state whether the payment is settled. */
  isSettled(orderId: string): boolean | null {
    const at = this.of(orderId, 'settles_at')
    return at === undefined ? null : Date.parse(at) <= Date.now()
  }
}
