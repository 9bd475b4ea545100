import { describe, expect, it } from 'vitest'
import { readCase } from '../../src/ops/read-case.ts'
import { few, isLong } from '../support/long.ts'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, START, useVirtualLines, type VirtualLine } from './virtual-line.ts'

const open = useVirtualLines()
const ORDER_REFUND = { refunds: { trigger: 'order.refund' }, terms: { lookMs: 5 * MINUTE_MS } } as const

/** The case as the console shows it. */
const shown = (line: VirtualLine, id: string) =>
  readCase({ cases: line.cases, orders: line.orders, jobDeps: line.deps } as never, id)

describe('an `order.refund` over an amount that the order does not have', () => {
  it.each(few(['500', '1', '5']))(
    '(%s of 30.00) moves no money: a person is asked, and sees both figures',
    async amount => {
      const line = await open(ORDER_REFUND)
      await line.sell('A')
      const id = await line.request('ord_a', { orderId: 'A', amount }, { orderId: 'A', amount: '30', currency: 'USD' })
      await line.after(MINUTE_MS)
      expect(await line.record(id)).toMatchObject({ state: 'awaiting-approval', reason: 'request-amount-differs' })
      const details = await shown(line, id)
      expect(details?.requested).toContainEqual({ amount: `${amount}.00`, currency: 'USD', stated_by: 'request' })
      expect(details?.order).toMatchObject({ captured: '30.00', left: '30.00', currency: 'USD' })
      await line.after(19 * HOUR_MS)
      expect(line.gateway.calls).toEqual([])
    },
  )

  it('and for which an alert waits moves no money either, and the alert asks the person', async () => {
    const line = await open(ORDER_REFUND)
    await line.sell('A')
    const id = await line.alert('pre_a')
    await line.match('alert', 'pre_a', 'A')
    await line.request('ord_a', { orderId: 'A', amount: '5' }, { orderId: 'A', currency: 'USD' })
    await line.after(MINUTE_MS)
    expect(await line.record(id)).toMatchObject({ state: 'awaiting-approval', reason: 'request-amount-differs' })
    expect(line.gateway.calls).toEqual([])
    expect((await shown(line, id))?.may.approve.allowed).toBe(true)
    await line.decide(id, { decision: 'approve', amount: '30', currency: 'USD' })
    expect(line.gateway.calls.map(({ amount }) => amount)).toEqual(['30'])
    expect(line.toldOf('pre_a')).toEqual([{ type: 'issued_full_refund', description: '' }])
  })

  it('in another currency than the order’s moves no money', async () => {
    const line = await open(ORDER_REFUND)
    await line.sell('A')
    const id = await line.request('ord_a', { orderId: 'A', amount: '30' }, { orderId: 'A', amount: '30', currency: 'EUR' })
    await line.after(HOUR_MS)
    expect(await line.record(id)).toMatchObject({ state: 'awaiting-approval', reason: 'request-amount-differs' })
    expect(line.gateway.calls).toEqual([])
  }) // prettier-ignore

  it('but that was captured, or is what is left of a part refunded before, is refunded', async () => {
    const line = await open(ORDER_REFUND)
    await line.sell('part')
    line.gateway.byHand('part', '10', START - DAY_MS)
    await line.sell('captured', { captured_amount: '25' })
    line.gateway.capture('captured', '25')
    await line.request('ord_part', { orderId: 'part', amount: '20' })
    await line.request('ord_captured', { orderId: 'captured', amount: '25' })
    await line.after(MINUTE_MS)
    expect(line.gateway.calls.map(({ amount }) => amount).toSorted()).toEqual(['20', '25'])
  })
})

describe('an `order.refund` that the platform does not bear out', () => {
  it.runIf(isLong)(
    'whose guid it does not know is asked about for ten minutes, and then lies with a person',
    async () => {
      const line = await open(ORDER_REFUND)
      await line.sell('A')
      const id = await line.request('ord_unknown', { orderId: 'A', amount: '30' }, null)
      await line.after(9 * MINUTE_MS)
      expect(await line.record(id)).toMatchObject({ reason: 'not-enriched' })
      await line.after(2 * MINUTE_MS)
      expect(await line.record(id)).toMatchObject({ state: 'awaiting-approval', reason: 'unknown-to-platform' })
      await line.after(DAY_MS)
      expect(line.gateway.calls).toEqual([])
    },
  )

  it('that it learns within the ten minutes is refunded', async () => {
    const line = await open(ORDER_REFUND)
    await line.sell('A')
    await line.request('ord_late', { orderId: 'A', amount: '30' }, null)
    await line.after(8 * MINUTE_MS)
    line.records.set('ord_late', { orderId: 'A', amount: '30', currency: 'USD' })
    await line.after(3 * MINUTE_MS)
    expect(line.gateway.calls.map(({ amount }) => amount)).toEqual(['30'])
  })

  it.runIf(isLong)('whose record names another order refunds neither', async () => {
    const line = await open(ORDER_REFUND)
    await line.sell('A')
    await line.sell('B')
    const id = await line.request('ord_b', { orderId: 'A', amount: '30' }, { orderId: 'B', amount: '30', currency: 'USD' })
    await line.after(HOUR_MS)
    expect(await line.record(id)).toMatchObject({ state: 'awaiting-approval', reason: 'request-names-another-order' })
    await line.after(DAY_MS)
    expect(line.gateway.calls).toEqual([])
  }) // prettier-ignore
})

describe('an `order.refund` and time', () => {
  it('waits for its alert before it moves money, and the alert then carries it: one refund, one answer', async () => {
    const line = await open(ORDER_REFUND)
    await line.sell('A')
    const request = await line.request('ord_a', { orderId: 'A', amount: '30' })
    await line.after(9 * SECOND_MS)
    expect(line.gateway.calls).toEqual([])
    await line.alert('pre_a')
    await line.match('alert', 'pre_a', 'A')
    await line.after(MINUTE_MS)
    expect(line.gateway.calls).toHaveLength(1)
    expect(line.toldOf('pre_a')).toEqual([{ type: 'issued_full_refund', description: '' }])
    expect(await line.record(request)).toMatchObject({ state: 'noted', reason: 'taken-over' })
  })

  it.runIf(isLong)(
    'waits for the record of an alert that may be of its order, and the alert then carries it',
    async () => {
      const line = await open(ORDER_REFUND)
      await line.sell('A')
      line.silent.add('pre_a')
      await line.alert('pre_a')
      const request = await line.request('ord_a', { orderId: 'A', amount: '30' })
      await line.after(3 * HOUR_MS)
      expect(await line.record(request)).toMatchObject({ state: 'matched', reason: 'awaiting-alert' })
      expect(line.gateway.calls).toEqual([])
      line.records.set('pre_a', { ...line.records.get('pre_a'), orderId: 'A' })
      line.silent.clear()
      await line.after(30 * MINUTE_MS)
      expect(line.gateway.calls).toHaveLength(1)
      expect(line.toldOf('pre_a')).toEqual([{ type: 'issued_full_refund', description: '' }])
      expect(await line.record(request)).toMatchObject({ state: 'noted', reason: 'taken-over' })
    },
  )

  it('waits for an alert without an order to be read again, for the platform may name its order by now', async () => {
    const line = await open(ORDER_REFUND)
    await line.sell('A')
    await line.alert('pre_a', { amount: '17' })
    await line.after(2 * MINUTE_MS)
    expect((await line.record('midigator:pre_a'))?.orderId).toBeNull()
    line.records.set('pre_a', { ...line.records.get('pre_a'), orderId: 'A' })
    await line.request('ord_a', { orderId: 'A', amount: '30' })
    await line.after(30 * MINUTE_MS)
    expect(await line.record('midigator:pre_a')).toMatchObject({ state: 'awaiting-approval', reason: 'part-of-order', orderId: 'A' }) // prettier-ignore
    expect(line.gateway.calls).toEqual([])
  })

  it('and is refunded alone where the alert that was read again still names no order', async () => {
    const line = await open(ORDER_REFUND)
    await line.sell('A')
    await line.alert('pre_a', { amount: '17' })
    await line.after(2 * MINUTE_MS)
    const request = await line.request('ord_a', { orderId: 'A', amount: '30' })
    await line.after(30 * MINUTE_MS)
    expect(await line.record(request)).toMatchObject({ state: 'refunded' })
    expect(line.gateway.calls).toHaveLength(1)
  })

  it('goes on as soon as the alert was read again, and not only when it is looked at next', async () => {
    const line = await open({ refunds: { trigger: 'order.refund' } })
    await line.sell('A')
    await line.alert('pre_a', { amount: '17' })
    await line.after(2 * MINUTE_MS)
    const request = await line.request('ord_a', { orderId: 'A', amount: '30' })
    await line.after(57 * MINUTE_MS)
    expect(await line.record(request)).toMatchObject({ state: 'matched', reason: 'awaiting-alert' })
    // Every case is looked at once an hour: the alert now, the request two minutes later.
    await line.after(2 * MINUTE_MS)
    expect(await line.record(request)).toMatchObject({ state: 'refunded' })
  })

  it.runIf(isLong)(
    'waits so for an alert until the target time at most, and not at all for one of another card',
    async () => {
      const line = await open(ORDER_REFUND)
      await line.sell('A')
      await line.sell('B', { cc_last_4: '4242' })
      line.silent.add('pre_a')
      await line.alert('pre_a')
      await line.request('ord_a', { orderId: 'A', amount: '30' })
      await line.request('ord_b', { orderId: 'B', amount: '30' })
      await line.after(10 * MINUTE_MS)
      expect(line.gateway.listOf('B')).toHaveLength(1)
      expect(line.gateway.listOf('A')).toEqual([])
      await line.after(5 * HOUR_MS)
      expect(line.gateway.listOf('A')).toHaveLength(1)
    },
  )

  it('is used up by its refund: an order that grows later is not refunded again for it', async () => {
    const line = await open(ORDER_REFUND)
    await line.sell('A')
    const id = await line.request('ord_a', { orderId: 'A', amount: '30' })
    await line.after(MINUTE_MS)
    expect(line.gateway.calls).toHaveLength(1)
    line.gateway.capture('A', '45')
    await line.tell('A', { order_total: '45' })
    await line.after(DAY_MS)
    expect(line.gateway.calls).toHaveLength(1)
    expect((await line.record(id)).state).toBe('refunded')
  })
})
