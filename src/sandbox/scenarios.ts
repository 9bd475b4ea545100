import type { Alert, Alerts, Chargeback, Dispute } from './alerts.ts'
import type { Deliveries, OutgoingEvent } from './deliveries.ts'
import { chargebackNew, matched, orderRefund, preventionNew } from './event-payloads.ts'
import type { Generation } from './event-types.ts'
import type { Timers } from './exchange.ts'
import type { GatewayRules } from './gateway-rules.ts'
import type { Inbox } from './inbox.ts'
import type { WireOrder } from './midigator-order.ts'
import type { Refunds } from './refunds.ts'
import { disputeOfNobody, disputeOfOrder } from './scenario-dispute.ts'
import { prepareGateway } from './scenario-gateway.ts'
import { CannotPlay, scenarioOptions } from './scenario-options.ts'
import type { ReadOptions, ScenarioOptions } from './scenario-options.ts'
import { findOrder } from './scenario-orders.ts'
import { isScenario, PLANS } from './scenario-plans.ts'
import type { Plan } from './scenario-plans.ts'
import { wireTime } from './wire-time.ts'

/** What a scenario has set going; `order_id` is null where it plays on no order, `when` says what an event waits for. */
export interface ScenarioResult {
  scenario: string
  prevention_guid: string | null
  prevention_guids: string[]
  chargeback_guid?: string
  order_id: string | null
  order_guid: string | null
  events: { event_type: string; guid: string | null; when: 'now' | 'after-chargeback' | 'after-refund' }[]
}

interface ScenarioParts {
  inbox: Inbox
  alerts: Alerts
  refunds: Refunds
  gateway: GatewayRules
  deliveries: Deliveries
  timers: Timers
  generation: Generation
}

interface Order {
  order_id: string
  order_guid: string
}

/** One event of a scenario, and what becomes true as it is sent. */
interface Step {
  event: OutgoingEvent
  fire?: () => void
}

/** The scenarios: each makes its alerts and sends its events, on an order that no other scenario has used. */
export class Scenarios {
  readonly #parts: ScenarioParts
  readonly #used = new Set<string>()

  constructor(parts: ScenarioParts) {
    this.#parts = parts
  }

  /** Every scenario's name and sentence. */
  list(): { name: string; sentence: string }[] {
    return Object.entries(PLANS).map(([name, { sentence }]) => ({ name, sentence }))
  }

  /** Plays a scenario. Throws where there is none of that name, no order that fits, or too little known of the order. */
  trigger(name: string, given: ScenarioOptions = {}): ScenarioResult {
    if (!isScenario(name)) throw new CannotPlay(`expected a scenario, got ${name}; GET /_sandbox/scenarios lists them`)
    const plan: Plan = PLANS[name]
    const read = scenarioOptions.parse(given)
    // The reference's payloads give no reason: theirs have one only where it was asked for.
    const usual = this.#parts.generation === 'later' ? plan.reason_code : undefined
    const options = { ...read, reason_code: read.reason_code ?? usual }
    const { record, order } = this.#orderFor(name, plan, options.order_id)
    const dispute = this.#disputeOf(record, order, options)
    if (order) this.#used.add(order.order_id)
    if (order) prepareGateway(plan, { order_id: order.order_id, record }, this.#parts)
    return this.#play(name, plan, { dispute, order, record, options })
  }

  clear(): void {
    this.#used.clear()
  }

  #orderFor(name: string, { need }: Plan, orderId: string | undefined): { record: WireOrder; order: Order | null } {
    if (need === 'no-order') return { record: {}, order: null }
    const { inbox, refunds, alerts } = this.#parts
    const found =
      orderId === undefined ? findOrder(need, { inbox, refunds, used: this.#used }) : (inbox.record(orderId) ?? {})
    const order_id = orderId ?? found?.['order_id']
    if (!found || typeof order_id !== 'string')
      throw new CannotPlay(
        `expected an order for ${name}, found no unused one that is ${need}; send one, or name an order_id`,
      )
    return { record: found, order: { order_id, order_guid: alerts.nameOrder(order_id) } }
  }

  #disputeOf(record: WireOrder, order: Order | null, options: ReadOptions): Dispute {
    return order ? disputeOfOrder(record, options) : disputeOfNobody(this.#parts.inbox.records(), options)
  }

  #play(
    scenario: string,
    plan: Plan,
    given: { dispute: Dispute; order: Order | null; record: WireOrder; options: ReadOptions },
  ): ScenarioResult {
    const { alerts } = this.#parts
    const { dispute, order, record, options } = given
    const prevention_timestamp = options.prevention_timestamp ?? wireTime(Date.now() - (plan.issuedAgoMs ?? 0))
    const made = plan.alerts.map(alert => alerts.add({ ...dispute, ...alert, prevention_timestamp }))
    const chargeback = plan.chargeback && alerts.addChargeback(dispute)
    const tied = order && options.match !== false ? order : null
    const total = typeof record['order_total'] === 'string' ? record['order_total'] : dispute.amount
    const ordinary = made.flatMap(alert => this.#alertSteps(alert, tied))
    if (order && (options.refund ?? plan.refund))
      ordinary.push({ event: orderRefund(order, total, this.#parts.generation) })
    const disputed = chargeback ? this.#chargebackSteps(chargeback, tied) : []
    this.#send(ordinary, disputed, { plan, order, spreadMs: options.spread_ms ?? 0 })
    const listed = (steps: Step[], when: ScenarioResult['events'][number]['when']): ScenarioResult['events'] =>
      steps.map(({ event: { event_type, guid } }) => ({ event_type, guid, when }))
    const isFirst = plan.chargeback === 'first'
    return {
      scenario,
      prevention_guid: made[0]?.prevention_guid ?? null,
      prevention_guids: made.map(({ prevention_guid }) => prevention_guid),
      ...(chargeback && { chargeback_guid: chargeback.chargeback_guid }),
      order_id: order?.order_id ?? null,
      order_guid: order?.order_guid ?? null,
      events: isFirst
        ? [...listed(disputed, 'now'), ...listed(ordinary, 'after-chargeback')]
        : [...listed(ordinary, 'now'), ...listed(disputed, 'after-refund')],
    }
  }

  #alertSteps(alert: Alert, order: Order | null): Step[] {
    const { alerts, generation } = this.#parts
    const steps: Step[] = [{ event: preventionNew(alert, generation) }]
    if (order) steps.push({ event: matched(alert, order, generation), fire: () => alerts.match(alert, order.order_id) })
    return steps
  }

  #chargebackSteps(chargeback: Chargeback, order: Order | null): Step[] {
    const { alerts, generation } = this.#parts
    const steps: Step[] = [{ event: chargebackNew(chargeback, generation) }]
    if (order)
      steps.push({
        event: matched(chargeback, order, generation),
        fire: () => alerts.match(chargeback, order.order_id),
      })
    return steps
  }

  #send(ordinary: Step[], disputed: Step[], given: { plan: Plan; order: Order | null; spreadMs: number }): void {
    const { plan, order, spreadMs } = given
    if (plan.chargeback === 'first') {
      void Promise.all(this.#sendSpread(disputed, spreadMs)).then(() => this.#sendSpread(ordinary, spreadMs))
      return
    }
    void Promise.all(this.#sendSpread(ordinary, spreadMs))
    if (plan.chargeback === 'after-refund' && order)
      this.#parts.refunds.onceEffective(order.order_id, () => void Promise.all(this.#sendSpread(disputed, spreadMs)))
  }

  /** Sends steps evenly over a time, the first at once; each promise resolves when its event was delivered. */
  #sendSpread(steps: Step[], spreadMs: number): Promise<void>[] {
    const { deliveries, timers } = this.#parts
    return steps.map(({ event, fire }, i) => {
      const afterMs = steps.length > 1 ? (i * spreadMs) / (steps.length - 1) : 0
      const send = (): Promise<void> => {
        fire?.()
        return deliveries.send(event).delivered
      }
      if (afterMs === 0) return send()
      return new Promise(resolve => timers.after(afterMs, () => void send().then(resolve)))
    })
  }
}
