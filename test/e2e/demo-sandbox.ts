/** Every kind of event there is a subscription for. */
export const FIVE_KINDS = ['chargeback.match', 'chargeback.new', 'order.refund', 'prevention.match', 'prevention.new']

/** An alert as Midigator's side has it. */
interface ShownAlert {
  prevention_guid: string
  matched_order_id: string | null
  resolutions: { accepted: { resolution_type: string } | null; attempted: number }
}

/** An alert as Chargebackhit's side has it. */
interface ShownByChargebackhit {
  id: string
  type: string
  answers: { final: { outcome: string; order_id: string | null; by: string } | null; attempts: { text: string }[] }
}

export type DemoSandbox = ReturnType<typeof demoSandbox>

/** What the demo's sandbox on this port has seen: the platforms' sides and the gateway's. */
export function demoSandbox(port: number) {
  async function shown<Value>(path: string): Promise<Value> {
    const response = await fetch(`http://127.0.0.1:${port}/_sandbox/${path}`)
    return (await response.json()) as Value
  }
  const orderIds = async (): Promise<string[]> =>
    (await shown<{ orders: { order_id: string }[] }>('orders')).orders.map(order => order.order_id)
  const alerts = async (): Promise<ShownAlert[]> => (await shown<{ alerts: ShownAlert[] }>('alerts')).alerts
  const chargebackhitAlerts = async (): Promise<ShownByChargebackhit[]> =>
    (await shown<{ alerts: ShownByChargebackhit[] }>('chargebackhit/alerts')).alerts
  /** The kinds of events that an active subscription tells of, sorted. */
  async function activeKinds(): Promise<string[]> {
    const { subscriptions } = await shown<{ subscriptions: { active: boolean; event_type: string }[] }>('subscriptions')
    return subscriptions.flatMap(one => (one.active ? [one.event_type] : [])).toSorted()
  }
  return { shown, orderIds, alerts, chargebackhitAlerts, activeKinds }
}
