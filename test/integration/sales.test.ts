import { describe, expect, it } from 'vitest'
import { showOrder } from '../../src/domain/shown-order.ts'
import { few, isLong } from '../support/long.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, START, useVirtualLines, type VirtualLine } from './virtual-line.ts'

const open = useVirtualLines()
const MATCH = { refunds: { trigger: 'match' } } as const
const ALL = { decision: 'approve', amount: '30', currency: 'USD' } as const
const CLOSE = { decision: 'close' } as const
const SOLD_AT = START - 10 * DAY_MS
const ARN = '74537604221222132710572'
const date = (at: number) => new Date(at).toISOString().replace('.000Z', 'Z')
const ofOrder = async (line: VirtualLine, orderId: string) => (await line.cases.ofOrder(orderId)).map(({ id }) => id)
const shownOf = async (line: VirtualLine, orderId: string) => showOrder((await line.orders.read(orderId))!)
const flagsOf = async (line: VirtualLine, orderId: string) => {
  const { values } = await shownOf(line, orderId)
  return { chargeback: values.is_chargeback ?? false, fraud: values.is_fraud ?? false }
}
const alarmsNamed = (line: VirtualLine, name: string) => line.alarms.filter(one => one.name === name)

/** Two sales of one card and amount, a month apart: the first is a likely match of an alert that states its time. */
async function rebills(line: VirtualLine): Promise<void> {
  await line.sell('A')
  await line.sell('B', { order_date: date(SOLD_AT - 30 * DAY_MS) })
}

describe('a match of our own that the platform corrects', () => {
  it('before anything was done for it leaves no trace: the named order alone is refunded', async () => {
    const line = await open(MATCH)
    await rebills(line)
    const id = await line.alert('pre_a', { transactionAt: SOLD_AT })
    await line.after(30 * MINUTE_MS)
    expect(await line.record(id)).toMatchObject({ state: 'unmatched', reason: 'likely-match' })
    await line.match('alert', 'pre_a', 'B')
    await line.after(2 * HOUR_MS)
    expect(await line.record(id)).toMatchObject({ state: 'resolved', orderId: 'B' })
    expect(line.gateway.listOf('B')).toHaveLength(1)
    expect(line.gateway.listOf('A')).toEqual([])
    expect((await line.refunds.read('A')).claims).toEqual([])
    expect(await ofOrder(line, 'A')).toEqual([])
    expect(alarmsNamed(line, 'case-parked')).toEqual([])
  })

  it.runIf(isLong)('withdraws a resolution that was chosen and did not go out', async () => {
    const line = await open(MATCH)
    await rebills(line)
    line.gateway.byHand('A', '30', START - DAY_MS)
    line.platformIsAway(true)
    const id = await line.alert('pre_a', { transactionAt: SOLD_AT })
    await line.after(2 * HOUR_MS)
    expect(await line.record(id)).toMatchObject({ state: 'resolving', orderId: 'A', resolution: { type: 'previously_refunded_nothing_to_do' } })
    await line.match('alert', 'pre_a', 'B')
    await line.after(MINUTE_MS)
    line.platformIsAway(false)
    await line.after(2 * HOUR_MS)
    expect(line.answers).toEqual([{ guid: 'pre_a', orderId: 'B', resolution: { type: 'issued_full_refund', description: '' } }])
    expect(line.gateway.listOf('B')).toHaveLength(1)
    expect(line.gateway.calls).toHaveLength(1)
    expect(await ofOrder(line, 'A')).toEqual([])
  }) // prettier-ignore

  it.runIf(isLong)('after money moved refunds nothing more: the case lies with a person, and an alarm states why', async () => {
    const line = await open(MATCH)
    await rebills(line)
    const id = await line.alert('pre_a', { transactionAt: SOLD_AT })
    await line.after(2 * HOUR_MS)
    expect(await line.record(id)).toMatchObject({ state: 'resolved', orderId: 'A' })
    await line.match('alert', 'pre_a', 'B')
    await line.after(2 * DAY_MS)
    expect(await line.record(id)).toMatchObject({ state: 'parked', reason: 'match-conflict', orderId: 'B' })
    expect(alarmsNamed(line, 'case-parked')).toMatchObject([{ caseId: id, says: expect.stringContaining('another order') as string }])
    expect(line.gateway.listOf('B')).toEqual([])
    expect(line.gateway.calls).toHaveLength(1)
    expect(line.answers).toHaveLength(1)
  }) // prettier-ignore

  it('also where the platform names the order first, and corrects itself after the answer', async () => {
    const line = await open(MATCH)
    await rebills(line)
    await line.alert('pre_a')
    const id = await line.match('alert', 'pre_a', 'A')
    await line.after(HOUR_MS)
    expect(await line.record(id)).toMatchObject({ state: 'resolved', orderId: 'A' })
    await line.match('alert', 'pre_a', 'B')
    await line.after(HOUR_MS)
    expect(await line.record(id)).toMatchObject({ state: 'parked', reason: 'match-conflict', orderId: 'B' })
    expect(line.gateway.listOf('B')).toEqual([])
    expect(line.answers).toHaveLength(1)
  })

  it('does not keep a later alert of the named order from its own refund', async () => {
    const line = await open(MATCH)
    await rebills(line)
    await line.alert('pre_a', { transactionAt: SOLD_AT })
    await line.after(2 * HOUR_MS)
    await line.match('alert', 'pre_a', 'B')
    await line.after(HOUR_MS)
    await line.alert('pre_b', { partner: 'verifi' })
    const id = await line.match('alert', 'pre_b', 'B')
    await line.after(HOUR_MS)
    const { state } = await line.record(id)
    expect(['resolved', 'parked']).toContain(state)
    expect(line.gateway.listOf('B').length + (state === 'parked' ? 1 : 0)).toBe(1)
  })
})

describe('marks of an order', () => {
  it('by a chargeback that the platform then matches to another order are withdrawn there and set here', async () => {
    const line = await open(MATCH)
    await line.sell('A', { arn: ARN })
    await line.sell('B')
    await line.chargeback('cbc_a', { arn: ARN })
    await line.after(MINUTE_MS)
    expect(await flagsOf(line, 'A')).toMatchObject({ chargeback: true })
    await line.match('chargeback', 'cbc_a', 'B')
    await line.after(HOUR_MS)
    expect(await flagsOf(line, 'A')).toMatchObject({ chargeback: false })
    expect(await flagsOf(line, 'B')).toMatchObject({ chargeback: true })
  })

  it('stay while another chargeback of the order is their reason, and where the CRM states one itself', async () => {
    const line = await open(MATCH)
    await line.sell('A', { arn: ARN })
    await line.sell('B')
    await line.chargeback('cbc_a', { arn: ARN })
    await line.chargeback('cbc_b')
    await line.match('chargeback', 'cbc_b', 'A')
    await line.after(MINUTE_MS)
    await line.match('chargeback', 'cbc_a', 'B')
    await line.after(HOUR_MS)
    expect(await flagsOf(line, 'A')).toMatchObject({ chargeback: true })
    await line.match('chargeback', 'cbc_b', 'B')
    await line.after(HOUR_MS)
    expect(await flagsOf(line, 'A')).toMatchObject({ chargeback: false })
  })

  it('by a report of fraud are withdrawn with it as well', async () => {
    const line = await open(MATCH)
    await line.sell('A', { arn: ARN })
    await line.sell('B')
    await line.alert('n-1', { partner: 'ethoca fraud-notification', arn: ARN })
    await line.after(MINUTE_MS)
    expect(await flagsOf(line, 'A')).toMatchObject({ fraud: true })
    await line.match('alert', 'n-1', 'B')
    await line.after(HOUR_MS)
    expect(await flagsOf(line, 'A')).toMatchObject({ fraud: false })
    expect(await flagsOf(line, 'B')).toMatchObject({ fraud: true })
  })
})

describe('a chargeback or an RDR payment that no order is known of', () => {
  const untied = {
    'a chargeback': (line: VirtualLine) => line.chargeback('cbc_u'),
    'an RDR payment': (line: VirtualLine) => line.alert('pre_rdr', { partner: 'verifi rdr' }),
  }
  for (const [name, come] of Object.entries(untied)) {
    it(`${name} holds the refund that it may concern until a person approves it`, async () => {
      const line = await open(MATCH)
      // Two sales of the card: neither is certain.
      await rebills(line)
      await come(line)
      const id = await line.alert('pre_a')
      await line.match('alert', 'pre_a', 'A')
      await line.after(2 * HOUR_MS)
      expect(await line.record(id)).toMatchObject({ state: 'parked', reason: 'untied-notice' })
      expect(line.gateway.calls).toEqual([])
      await line.decide(id, ALL)
      await line.after(MINUTE_MS)
      expect(line.gateway.calls).toHaveLength(1)
      expect(await line.record(id)).toMatchObject({ state: 'resolved' })
      // Known as soon as the money has moved, and not only when the notice is looked at next.
      expect(alarmsNamed(line, 'paid-twice')).toHaveLength(1)
    })
  }

  it('of another card, or of another amount, holds nothing', async () => {
    const line = await open(MATCH)
    await line.sell('A')
    await line.sell('other', { cc_last_4: '9999', order_total: '31' })
    await line.chargeback('cbc_1', { cardLast4: '4242' })
    await line.chargeback('cbc_2', { amount: '31' })
    await line.alert('pre_a')
    await line.match('alert', 'pre_a', 'A')
    await line.after(MINUTE_MS)
    expect(line.gateway.calls).toHaveLength(1)
  })

  it('that is matched to another order releases the refund without a person', async () => {
    const line = await open(MATCH)
    await rebills(line)
    await line.chargeback('cbc_u')
    const id = await line.alert('pre_a')
    await line.match('alert', 'pre_a', 'A')
    await line.after(HOUR_MS)
    expect(await line.record(id)).toMatchObject({ reason: 'untied-notice' })
    await line.match('chargeback', 'cbc_u', 'B')
    await line.after(2 * HOUR_MS)
    expect(line.gateway.listOf('A')).toHaveLength(1)
    expect(await line.record(id)).toMatchObject({ state: 'resolved' })
  })

  it('that comes after the refund is an alarm: it may be paid twice', async () => {
    const line = await open(MATCH)
    await rebills(line)
    await line.alert('pre_a')
    await line.match('alert', 'pre_a', 'A')
    await line.after(MINUTE_MS)
    expect(line.gateway.calls).toHaveLength(1)
    const id = await line.chargeback('cbc_u')
    await line.after(HOUR_MS)
    expect(await line.record(id)).toMatchObject({ state: 'parked', reason: 'may-be-paid-twice' })
    expect(alarmsNamed(line, 'paid-twice')).toMatchObject([{ caseId: id }])
  })
})

/** What takes 30 dollars of one sale of 30 dollars. */
const TAKINGS = {
  refund: async (line: VirtualLine) => {
    line.gateway.byHand('A', '30')
    await line.tell('A', { refunded_to_date: '30', is_refund: true })
  },
  alert: async (line: VirtualLine) => {
    await line.alert('pre_a')
    await line.match('alert', 'pre_a', 'A')
  },
  chargeback: async (line: VirtualLine) => {
    await line.chargeback('cbc_a')
    await line.match('chargeback', 'cbc_a', 'A')
  },
  rdr: async (line: VirtualLine) => {
    await line.alert('pre_rdr', { partner: 'verifi rdr' })
    await line.match('alert', 'pre_rdr', 'A')
  },
}
type Taking = keyof typeof TAKINGS
const orders = (items: Taking[]): Taking[][] =>
  items.length < 2
    ? [items]
    : items.flatMap((one, i) => orders(items.filter((_, k) => k !== i)).map(rest => [one, ...rest]))

describe('a sale of which more was given away than was captured', () => {
  const ALL_ORDERS = [...orders(['refund', 'chargeback', 'rdr']), ...orders(['alert', 'chargeback', 'rdr'])]

  it.each(few(ALL_ORDERS, 2).map(order => [order.join(', '), order] as const))('raises `paid-twice` as soon as it is so, and a person closes it (%s)', async (_name, order) => {
    const line = await open(MATCH)
    await line.sell('A')
    for (const [i, taking] of order.entries()) {
      await TAKINGS[taking](line)
      await line.after(2 * HOUR_MS)
      // An alert that comes after money was taken refunds nothing.
      const taken = order.slice(0, i + 1).filter((one, k) => one !== 'alert' || k === 0).length
      expect([taking, alarmsNamed(line, 'paid-twice').length > 0]).toEqual([taking, taken > 1])
    }
    const ids = await ofOrder(line, 'A')
    const parked = async () => (await line.cases.records(ids)).filter(({ reason }) => reason === 'paid-twice').map(({ id }) => id)
    expect(await parked()).not.toEqual([])
    for (const id of await parked()) await line.decide(id, CLOSE)
    await line.after(2 * DAY_MS)
    expect(await parked()).toEqual([])
    expect(line.gateway.calls.length).toBeLessThanOrEqual(1)
  }) // prettier-ignore
})

describe('a refund that only the gateway knew of', () => {
  it('reaches the order in the gateway’s own name, and a later snapshot of the CRM does not set the order back', async () => {
    const line = await open(MATCH)
    await line.sell('A')
    line.gateway.byHand('A', '30', START - DAY_MS)
    await line.alert('pre_a')
    await line.match('alert', 'pre_a', 'A')
    await line.after(MINUTE_MS)
    expect(line.gateway.calls).toEqual([])
    expect(line.toldOf('pre_a')).toEqual([{ type: 'previously_refunded_nothing_to_do', description: '' }])
    const { registers } = (await line.orders.read('A'))!
    expect(registers.get('refunded_to_date@gateway')?.value).toBe('"30"')
    expect(registers.get('is_refund@gateway')?.value).toBe('true')
    await line.tell('A', { order_status: 'Complete', payment_state: 'captured', order_total: '30' }, line.now())
    expect((await shownOf(line, 'A')).values).toMatchObject({ refunded_to_date: '30', is_refund: true, order_status: 'Refunded' })
  }) // prettier-ignore

  it('is kept in the gateway’s name when the CRM states it too, for the CRM may come to state less', async () => {
    const line = await open(MATCH)
    await line.sell('A')
    line.gateway.byHand('A', '30', START - DAY_MS)
    await line.tell('A', { is_refund: true, refunded_to_date: '30', order_status: 'Refunded' }, line.now())
    await line.alert('pre_a')
    await line.match('alert', 'pre_a', 'A')
    await line.after(MINUTE_MS)
    expect(line.toldOf('pre_a')).toEqual([{ type: 'previously_refunded_nothing_to_do', description: '' }])
    await line.tell('A', { is_refund: false, refunded_to_date: '0', order_status: 'Complete' }, line.now())
    expect((await shownOf(line, 'A')).values).toMatchObject({ refunded_to_date: '30', is_refund: true, order_status: 'Refunded' })
  }) // prettier-ignore
})
