import { compareDecimals, restOf } from './decimal.ts'
import type { Behaviour, GatewayRules } from './gateway-rules.ts'
import type { WireOrder } from './midigator-order.ts'
import type { Refunds } from './refunds.ts'
import { refundedBefore } from './scenario-orders.ts'
import type { Need } from './scenario-plans.ts'

/** The gateway's side of a scenario: its rule for this order, and the refund it must know of where the record tells of one. */
export function prepareGateway(
  { behave, need }: { behave?: Behaviour | undefined; need: Need },
  { order_id, record }: { order_id: string; record: WireOrder },
  { gateway, refunds }: { gateway: GatewayRules; refunds: Refunds },
): void {
  if (behave) gateway.addFirst({ order_id, behave })
  if (need !== 'partly-refunded' && need !== 'refunded') return
  const [said, known] = [refundedBefore(record), refunds.totals(order_id).refunded]
  if (compareDecimals(said, known) > 0) refunds.addByHand(order_id, restOf(said, known), Date.now() - 48 * 3_600_000)
}
