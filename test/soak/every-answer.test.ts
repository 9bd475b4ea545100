import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OUTCOMES } from '../../src/domain/alert/outcomes.ts'
import { RESOLUTION_TYPES, type ResolutionType } from '../../src/domain/alert/resolution-types.ts'
import type { Outcome } from '../../src/domain/alert/outcomes.ts'
import { ALERT_TYPES } from '../../src/platforms/chargebackhit/wire.ts'
import type { ScenarioOptions } from '../../src/sandbox/scenario-options.ts'
import type { ScenarioName } from '../../src/sandbox/scenario-plans.ts'
import { startSandbox, type Sandbox } from '../../src/sandbox/server.ts'
import { wireTime } from '../../src/sandbox/wire-time.ts'
import { sale } from '../support/sale.ts'
import { startAlertFleet, type AlertFleet } from '../support/alert-fleet.ts'
import { eventually } from '../support/eventually.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { runCommand } from '../support/run-command.ts'

const { namespace, redisUrl } = testNamespace()
const NEARLY_OVER = wireTime(Date.now() - 21 * 3_600_000)
const [PARTLY, WHOLLY, NOT_TAKEN] = [
  { is_refund: true, refunded_to_date: '10.00' },
  { is_refund: true, refunded_to_date: '30.00', order_status: 'Refunded' },
  { order_status: 'Cancelled', payment_state: 'voided' },
]

/** A scenario, what its order is like, what the platform is told in the end, and how much is refunded by us. */
interface Played<Name extends string, Answer extends string> {
  name: Name
  order?: Record<string, unknown>
  /** Null: it is played on no order. */
  orderId?: null
  options?: ScenarioOptions
  answer: Answer
  refunded?: string
}

const BY_MIDIGATOR: Played<ScenarioName, ResolutionType>[] = [
  { name: 'ethoca-full-refund', answer: 'issued_full_refund', refunded: '30.00' },
  { name: 'ethoca-remaining-refund', order: PARTLY, answer: 'issued_refund_for_remaining_amount', refunded: '20.00' },
  { name: 'ethoca-refunded-before', order: WHOLLY, answer: 'previously_refunded_nothing_to_do' },
  { name: 'ethoca-declined', order: NOT_TAKEN, answer: 'declined_or_canceled_nothing_to_do' },
  { name: 'ethoca-unmatched', orderId: null, answer: 'could_not_find_order' },
  { name: 'ethoca-3ds', order: { eci: '05' }, options: { refund: false }, answer: '3ds_authorized_successfully' },
  { name: 'merchant-account-closed', answer: 'unable_to_refund_merchant_account_closed' },
  { name: 'refund-refused', options: { prevention_timestamp: NEARLY_OVER }, answer: 'other' },
]

const BY_CHARGEBACKHIT: Played<string, Outcome>[] = [
  { name: 'cbh-init-refund-ethoca', answer: 'reversed', refunded: '30.00' },
  { name: 'cbh-init-refund-cdrn', answer: 'reversed', refunded: '30.00' },
  { name: 'cbh-refunded-before', order: WHOLLY, answer: 'previously-reversed' },
  { name: 'cbh-declined', order: NOT_TAKEN, options: { amount: '30.00', currency: 'USD' }, answer: 'decline' },
  { name: 'cbh-refund-refused', options: { prevention_timestamp: NEARLY_OVER }, answer: 'reverse-error' },
  { name: 'cbh-unmatched', orderId: null, options: { prevention_timestamp: NEARLY_OVER }, answer: 'not-found' },
  { name: 'cbh-inquiry', answer: 'acknowledged' },
  { name: 'cbh-prevented', answer: 'acknowledged' },
  { name: 'cbh-rdr-resolved', answer: 'acknowledged' },
  { name: 'cbh-fraud-notification', answer: 'acknowledged' },
  { name: 'cbh-dispute-notification', answer: 'acknowledged' },
]
/** Above the limit, so that it waits until a person says that the goods are on their way. */
const SHIPPED = 'shipped'

let sandbox: Sandbox
let line: AlertFleet

beforeAll(async () => {
  sandbox = await startSandbox()
  const daemons = ['ingress', 'scheduler', 'order-sync', 'alerts'] as const
  const limit = { REFUND_AUTO_LIMIT: '100', REFUND_LIMIT_CURRENCY: 'USD' }
  line = await startAlertFleet({ redisUrl, namespace, sandbox, daemons, env: { RESOLVE_3DS: 'on', ...limit } })
  const orders = [...BY_MIDIGATOR, ...BY_CHARGEBACKHIT].map(({ name, order }) => ({ ...sale(name), ...order }))
  await line.fleet.hooks.send([...orders, { ...sale(SHIPPED), order_total: '500.00' }])
  await eventually(() => isReady(orders.length + 1), { withinMs: 20_000 })
})

afterAll(async () => {
  await line?.close()
  await sandbox?.close()
})

/** Throws until the platform has every order, and all of Midigator's events come. */
function isReady(orders: number): void {
  if (sandbox.inbox.records().length < orders) throw new Error('the platform does not have every order yet')
  if (sandbox.subscriptions.list().filter(({ active }) => active).length < 5) throw new Error('not subscribed yet')
}

const on = ({ name, orderId, options }: Played<string, string>): ScenarioOptions => ({
  ...(orderId !== null && { order_id: name }),
  ...options,
})
const effective = (orderId: string) => sandbox.refunds.list(orderId).filter(refund => refund.effective && refund.made_by === 'call') // prettier-ignore
const refundsOf = (played: readonly Played<string, string>[]) =>
  played.map(({ name }) => [name, effective(name).map(({ amount }) => amount)])
const dueOf = (played: readonly Played<string, string>[]) =>
  played.map(({ name, refunded }) => [name, refunded === undefined ? [] : [refunded]])
const PATIENTLY = { withinMs: 30_000, everyMs: 50 }

describe('with real processes', () => {
  it('each of Midigator’s eight resolutions is reached by a scenario, and what is due is refunded once', async () => {
    expect(new Set(BY_MIDIGATOR.map(({ answer }) => answer))).toEqual(new Set(RESOLUTION_TYPES))
    const guids = BY_MIDIGATOR.map(one => sandbox.scenarios.trigger(one.name, on(one)).prevention_guid!)
    await eventually(() => {
      const told = guids.map(guid => sandbox.alerts.get(guid)?.resolutions.accepted?.resolution_type)
      expect(told).toEqual(BY_MIDIGATOR.map(({ answer }) => answer))
    }, PATIENTLY)
    expect(refundsOf(BY_MIDIGATOR)).toEqual(dueOf(BY_MIDIGATOR))
  })

  it('each of Chargebackhit’s alert types and outcomes is reached by a scenario, and what is due is refunded once', async () => {
    const { scenarios, alerts } = sandbox.chargebackhit
    const played = BY_CHARGEBACKHIT.map(one => scenarios.get(one.name)!.run(on(one)).alert_id)
    const shipped = scenarios.get('cbh-init-refund-ethoca')!.run({ order_id: SHIPPED }).alert_id
    await eventually(async () => {
      const [record] = await line.cases.records([`chargebackhit:${shipped}`])
      expect(record?.state).toBe('awaiting-approval')
    }, PATIENTLY)
    const words = ['cases', 'resolve', `chargebackhit:${shipped}`, '--type', 'shipped', '--reason', 'sent on Monday']
    expect(await runCommand(words, { env: line.fleet.env })).toMatchObject({ code: 0 })
    await eventually(() => {
      const told = [...played, shipped].map(id => alerts.get(id)?.answers.final?.outcome)
      expect(told).toEqual([...BY_CHARGEBACKHIT.map(({ answer }) => answer), 'shipped'])
    }, PATIENTLY)

    const all = [...played, shipped].map(id => alerts.get(id)!)
    const pending = all.filter(({ type }) => type === 'init-refund')
    expect(pending.map(({ answers }) => [answers.pendingAt !== null, answers.conflicted])).toEqual(pending.map(() => [true, 0])) // prettier-ignore
    expect(new Set(all.map(({ type }) => type))).toEqual(new Set(ALERT_TYPES))
    expect(new Set(['pending', ...all.map(({ answers }) => answers.outcome)])).toEqual(new Set(OUTCOMES))
    expect(refundsOf(BY_CHARGEBACKHIT)).toEqual(dueOf(BY_CHARGEBACKHIT))
    expect(effective(SHIPPED)).toEqual([])
  })
})
