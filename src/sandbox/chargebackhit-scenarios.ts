import type { Dispute } from './alerts.ts'
import type { ChargebackhitAlerts, PublishedAlert } from './chargebackhit-alerts.ts'
import type { ChargebackhitDeliveries, WebhookDelivery } from './chargebackhit-deliveries.ts'
import { CHARGEBACKHIT_PLANS } from './chargebackhit-plans.ts'
import type { ChargebackhitPlan } from './chargebackhit-plans.ts'
import type { GatewayRules } from './gateway-rules.ts'
import type { Inbox } from './inbox.ts'
import type { WireOrder } from './midigator-order.ts'
import type { Refunds } from './refunds.ts'
import { disputeOfNobody, disputeOfOrder } from './scenario-dispute.ts'
import { prepareGateway } from './scenario-gateway.ts'
import { CannotPlay, scenarioOptions } from './scenario-options.ts'
import type { ReadOptions, ScenarioOptions } from './scenario-options.ts'
import { findOrder } from './scenario-orders.ts'

/** What a scenario has set going; `order_id` is null where it plays on no order. */
export interface ChargebackhitScene {
  scenario: string
  alert_id: string
  order_id: string | null
  /** The first try to deliver it, once it has ended. */
  delivered: Promise<WebhookDelivery>
}

/** A scenario: one sentence, and how it is played. */
export interface ChargebackhitScenario {
  says: string
  run: (options?: ScenarioOptions) => ChargebackhitScene
}

interface ScenarioParts {
  inbox: Inbox
  alerts: ChargebackhitAlerts
  deliveries: ChargebackhitDeliveries
  refunds: Refunds
  gateway: GatewayRules
  /** Orders that a scenario has played on. */
  used: Set<string>
}

/** The scenarios by name; each throws where no order fits, or too little is known of the one that was named. */
export const chargebackhitScenarios = (parts: ScenarioParts): ReadonlyMap<string, ChargebackhitScenario> =>
  new Map(
    Object.entries<ChargebackhitPlan>(CHARGEBACKHIT_PLANS).map(([name, plan]) => [
      name,
      { says: plan.says, run: given => play(parts, name, plan, scenarioOptions.parse(given ?? {})) },
    ]),
  )

function play(parts: ScenarioParts, name: string, plan: ChargebackhitPlan, options: ReadOptions): ChargebackhitScene {
  const { inbox, alerts, deliveries, used } = parts
  const found = orderFor(parts, name, plan, options.order_id)
  const dispute = found ? disputeOfOrder(found.record, options) : disputeOfNobody(inbox.records(), options)
  if (found) {
    used.add(found.order_id)
    prepareGateway(plan, found, parts)
  }
  const alert = publish(alerts, plan, { dispute, record: found?.record ?? {}, options })
  return { scenario: name, alert_id: alert.id, order_id: found?.order_id ?? null, delivered: deliveries.send(alert) }
}

function orderFor(
  { inbox, refunds, used }: ScenarioParts,
  name: string,
  { need }: ChargebackhitPlan,
  orderId: string | undefined,
): { order_id: string; record: WireOrder } | null {
  if (need === 'no-order') return null
  if (orderId !== undefined) return { order_id: orderId, record: inbox.record(orderId) ?? {} }
  const record = findOrder(need, { inbox, refunds, used })
  const order_id = record?.['order_id']
  if (!record || typeof order_id !== 'string')
    throw new CannotPlay(
      `expected an order for ${name}, found no unused one that is ${need}; send one, or name an order_id`,
    )
  return { order_id, record }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

function publish(
  alerts: ChargebackhitAlerts,
  { type, product, issuedAgoMs }: ChargebackhitPlan,
  { dispute, record, options }: { dispute: Dispute; record: WireOrder; options: ReadOptions },
): PublishedAlert {
  const { mid, amount, currency, arn, card_first_6, card_last_4, card_brand, transaction_timestamp } = dispute
  const issuedAt = issuedAgoMs === undefined ? undefined : new Date(Date.now() - issuedAgoMs).toISOString()
  return alerts.add({
    type,
    product,
    date: options.prevention_timestamp ?? issuedAt,
    amount,
    currency,
    ...(options.reason_code !== undefined && { alert: { reason_code: options.reason_code } }),
    transaction: {
      transaction_merchant_id: textOf(record['transaction_id']),
      auth_code: textOf(record['auth_id']),
      arn,
      bin: card_first_6,
      last_four: card_last_4,
      card_brand: card_brand ?? 'visa',
      ...(transaction_timestamp !== undefined && { date: transaction_timestamp }),
    },
    merchant: { internal_id: mid },
  })
}
