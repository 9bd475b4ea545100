import { describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { isSoak } from '../support/sizes.ts'
import { settled, useAlertLines, type AlertLine } from './alert-line.ts'

const open = useAlertLines()
const AT_ONCE = 15
const STEPS = ['new', 'match', 'refund'] as const
type Step = (typeof STEPS)[number]

/** Every distinct order in which the three events can come, each of them twice. */
const ORDERS = distinct([...STEPS, ...STEPS])
/** Spread over all of them. */
const PLAYED = ORDERS.filter((_, i) => i % (isSoak ? 1 : 12) === 0)

describe('the events of one alert, each sent twice', () => {
  it.runIf(isLong)('end in the same case, one refund and one answer, in whatever order they come', async () => {
    expect(ORDERS).toHaveLength(90)
    const line = await open()
    const before: string[] = []
    for (let first = 0; first < PLAYED.length; first += AT_ONCE) {
      const orders = PLAYED.slice(first, first + AT_ONCE)
      const ids = orders.map((_, i) => `P-${first + i}`)
      await Promise.all(ids.map(id => line.sold(id)))
      const guids = await Promise.all(orders.map((order, i) => sendSteps(line, ids[i]!, order)))
      await expectSame(line, ids, guids, before)
      before.push(...guids)
    }
  })
})

describe('an `order.refund` sent a hundred times at once', () => {
  it.runIf(isLong)('refunds once, without any alert', async () => {
    const line = await open()
    await line.sold('R-1')
    await Promise.all(Array.from({ length: 100 }, () => line.askRefund('R-1')))
    const guid = line.sandbox.alerts.nameOrder('R-1')
    const record = await line.caseOf(guid, one => one.state === 'refunded')
    expect(record).toMatchObject({ orderId: 'R-1', kind: 'request', reason: 'refund-done' })
    await settled(line)
    expect(line.refundCalls('R-1')).toHaveLength(1)
    expect(line.sandbox.refunds.totals('R-1')).toMatchObject({ effective: 1, refunded: '30.00' })
    expect((await line.deps.cases.list(null, 10, null)).ids).toEqual([`midigator:${guid}`])
  })

  it('refunds once, with an alert that answers for it and is the only case listed', async () => {
    const line = await open()
    await line.sold('R-2')
    const sent = Array.from({ length: 100 }, () => line.askRefund('R-2'))
    const alert = await line.alert()
    await Promise.all([...sent, line.match(alert, 'R-2')])
    await line.caseOf(alert.prevention_guid, one => one.state === 'resolved')
    await settled(line)
    expect(line.refundCalls('R-2')).toHaveLength(1)
    expect(line.sandbox.alerts.get(alert.prevention_guid)?.resolutions).toMatchObject({ attempted: 1 })
    await eventually(async () =>
      expect((await line.deps.cases.list(null, 10, null)).ids).toEqual([`midigator:${alert.prevention_guid}`]),
    )
  })
})

/** Sends the events of one alert in an order; what is sent before the alert exists names it all the same. */
async function sendSteps(line: AlertLine, orderId: string, order: readonly Step[]) {
  const { alerts } = line.sandbox
  const alert = alerts.add({ ...CARD, partner: 'ethoca' })
  const { prevention_guid: guid, mid, amount } = alert
  const order_guid = alerts.nameOrder(orderId)
  const events: Record<Step, () => Promise<number>> = {
    new: () => line.send({ event_type: 'prevention.new', prevention_guid: guid, partner: 'ethoca', mid, amount: Number(amount), card_last_4: '1881' }),
    match: async () => {
      await line.match(alert, orderId)
      return 200
    },
    refund: () => line.send({ event_type: 'order.refund', order_guid, order_id: orderId, amount: 30 }),
  } // prettier-ignore
  for (const step of order) await events[step]()
  return guid
}

const CARD = { mid: '242', card_last_4: '1881', amount: '30.00', currency: 'USD' }

async function expectSame(
  line: AlertLine,
  ids: readonly string[],
  guids: readonly string[],
  before: readonly string[],
): Promise<void> {
  const same = ids.map(id => [id, 'resolved', 'answered', 'issued_full_refund', { effective: 1, calls: 1, answers: 1 }])
  await eventually(async () => {
    const records = await line.deps.cases.records(guids.map(guid => `midigator:${guid}`))
    const seen = records.map(({ orderId, state, reason, resolution }, i) => {
      const effective = line.sandbox.refunds.totals(orderId ?? '').effective
      const answers = line.sandbox.alerts.get(guids[i]!)?.resolutions.attempted
      const calls = line.refundCalls(orderId ?? '').length
      return [orderId, state, reason, resolution?.type, { effective, calls, answers }]
    })
    expect(seen).toEqual(same)
  })
  await settled(line)
  expect((await line.deps.cases.list(null, 100, null)).ids.toSorted()).toEqual([...before, ...guids].map(guid => `midigator:${guid}`).toSorted()) // prettier-ignore
}

function distinct(items: readonly Step[]): Step[][] {
  if (items.length === 0) return [[]]
  return [...new Set(items)].flatMap(first => {
    const at = items.indexOf(first)
    return distinct([...items.slice(0, at), ...items.slice(at + 1)]).map(rest => [first, ...rest])
  })
}
