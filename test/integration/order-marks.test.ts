import { describe, expect, it } from 'vitest'
import { moneyOf } from '../../src/domain/read-money.ts'
import type { Change } from '../../src/domain/change.ts'
import { planPush } from '../../src/domain/diff-order.ts'
import type { RegisterName } from '../../src/domain/order.ts'
import { GATEWAY, LEDGER } from '../../src/domain/origins.ts'
import type { Origin } from '../../src/domain/register.ts'
import { showOrder } from '../../src/domain/shown-order.ts'
import { describeEvent } from '../../src/ops/describe-event.ts'
import { digestText } from '../../src/store/digest.ts'
import { useStores } from './stores.ts'

const { redis, keys, time, orders, tell, newOrder, newOrderId, begin, end, sets } = useStores()

describe('the status that an order shows', () => {
  const asOrigin = (orderId: string, values: Change['values'], origin: Origin, occurredAt = time.now) =>
    orders.merge({ orderId, occurredAt, values, notes: [] }, origin, 500)

  it('settles it also without a stated status, and by a status later than an open payment', async () => {
    const captured = newOrderId()
    expect(await tell(captured, { payment_state: 'captured' })).toMatchObject({ status: 'changed', wake: true })
    const authorized = newOrderId()
    expect(await tell(authorized, { payment_state: 'authorized', order_total: '25' })).toMatchObject({ status: 'held' })
    expect(await sets(authorized)).toHaveProperty('held')
    const later = { occurredAt: time.now + 1 }
    expect(await tell(authorized, { order_status: 'Complete' }, later)).toMatchObject({ status: 'changed', wake: true })
    expect(await sets(authorized)).not.toHaveProperty('held')
    expect(await sets(authorized)).toHaveProperty('dirty')
  })

  it('turns with the later of status and payment state, also where neither says anything new', async () => {
    const { orderId } = await newOrder()
    const later = (values: Change['values'], ms: number) => tell(orderId, values, { occurredAt: time.now + ms })
    expect(await later({ payment_state: 'authorized' }, 1)).toMatchObject({ status: 'held', rev: 2 })
    expect(await later({ order_status: 'Complete' }, 2)).toMatchObject({ status: 'changed', rev: 3, wake: true })
    expect(await later({ order_status: 'Complete' }, 3)).toMatchObject({ status: 'unchanged', rev: 3 })
    expect(await later({ payment_state: 'authorized' }, 4)).toMatchObject({ status: 'held', rev: 4 })
    expect(await sets(orderId)).toHaveProperty('held')
    expect(await later({ payment_state: 'captured' }, 5)).toMatchObject({ status: 'changed', wake: true })
    expect(await later({ order_status: 'Complete' }, 6)).toMatchObject({ status: 'unchanged' })
  })

  it('wants a push when the captured amount decides whether everything was refunded', async () => {
    const order = await newOrder({ order_total: '30' })
    const { orderId } = order
    await asOrigin(orderId, { refunded_to_date: '20' }, GATEWAY)
    expect(showOrder((await orders.read(orderId))!).values.order_status).toBe('Complete')
    expect(await tell(orderId, { captured_amount: '20' })).toMatchObject({ wake: true })
    expect(showOrder((await orders.read(orderId))!).values.order_status).toBe('Refunded')
  })

  it('stays Refunded after the ledger refunded everything, and the order stays settled', async () => {
    const { orderId } = await newOrder({ order_total: '30' })
    await asOrigin(orderId, { is_refund: true, refunded_to_date: '30' }, LEDGER)
    const late = { occurredAt: time.now + 1 }
    await tell(orderId, { order_status: 'Complete', payment_state: 'authorized', refunded_to_date: '0' }, late)
    const order = (await orders.read(orderId))!
    expect(showOrder(order).values).toMatchObject({ order_status: 'Refunded', refunded_to_date: '30', is_refund: true })
    expect(planPush(order, digestText)).toMatchObject({ do: 'push' })
  })
})

describe('what merging notes beside the values', () => {
  const later = (orderId: string, values: Change['values'], ms: number) =>
    tell(orderId, values, { occurredAt: time.now + ms })
  const marks = async (orderId: string) => {
    const { rev, wasPaid, holds, stated } = (await orders.read(orderId))!
    return { rev, wasPaid, holds: [...holds.keys()], stated: [...stated.values()].map(({ value }) => value) }
  }
  const SWAP = 'swapped card,transaction_merchant_id,transaction_id'

  it('is that an order was once paid, also when that is told late: decisions are made again', async () => {
    const orderId = newOrderId()
    await later(orderId, { order_status: 'Cancelled' }, 5)
    expect(await marks(orderId)).toMatchObject({ rev: 1, wasPaid: false })
    await redis.sadd(keys.orderCases(orderId), 'midigator:1')
    const merged = await later(orderId, { order_status: 'Complete' }, 1)
    expect(merged).toMatchObject({ status: 'stale', rev: 2, wake: false, hasCases: true })
    expect(await later(orderId, { order_status: 'Complete' }, 2)).toMatchObject({ rev: 2, hasCases: false })
    expect(await marks(orderId)).toMatchObject({ rev: 2, wasPaid: true })
  })

  it('is that a source lowered what it states as refunded, in whatever order its changes arrive', async () => {
    for (const amounts of [
      ['20', '10'],
      ['10', '20'],
    ] as const) {
      const { orderId } = await newOrder()
      for (const amount of amounts) await later(orderId, { refunded_to_date: amount }, amount === '20' ? 1 : 2)
      expect(await marks(orderId)).toMatchObject({ holds: ['lowered refunded_to_date@crm'], stated: ['"20"'] })
      const [newest] = await orders.timeline(orderId)
      expect(describeEvent(newest!)).toMatchObject({
        says: 'automatic refunds are on hold: a source lowered or withdrew refunded_to_date',
      })
    }
  })

  it('renews the hold when the source lowers it once more, and not for what is sent again', async () => {
    const { orderId } = await newOrder()
    const heldAt = async () => (await orders.read(orderId))?.holds.get('lowered refunded_to_date@crm')?.at
    await later(orderId, { refunded_to_date: '20' }, 1)
    await later(orderId, { refunded_to_date: '10' }, 2)
    const first = time.now
    expect(await heldAt()).toBe(first)
    time.now += 1_000
    for (const [amount, ms] of [['20', -999], ['10', -998], ['10', 5]] as const)
      expect(await later(orderId, { refunded_to_date: amount }, ms)).toMatchObject({ held: [] })
    expect(await heldAt()).toBe(first)
    expect(await later(orderId, { refunded_to_date: '5' }, 6)).toMatchObject({ held: ['lowered refunded_to_date@crm'] })
    expect(await heldAt()).toBe(time.now)
  }) // prettier-ignore

  it('is that a source no longer says that the order is refunded, in whatever order its changes arrive', async () => {
    for (const [refunded, not, name] of [
      [{ is_refund: true }, { is_refund: false }, 'is_refund@crm'],
      [{ is_refund: true }, { is_refund: null }, 'is_refund@crm'],
      [{ order_status: 'Refunded' }, { order_status: 'Complete' }, 'order_status'],
      [{ order_status: 'Refunded' }, { order_status: 'Cancelled' }, 'order_status'],
      [{ order_status: 'Refunded' }, { order_status: null }, 'order_status'],
    ] as const) {
      for (const isLate of [false, true]) {
        const { orderId } = await newOrder({})
        for (const [values, ms] of isLate
          ? ([
              [not, 2],
              [refunded, 1],
            ] as const)
          : ([
              [refunded, 1],
              [not, 2],
            ] as const))
          // prettier-ignore
          await later(orderId, values, ms)
        expect(await marks(orderId)).toMatchObject({ holds: [`lowered ${name}`] })
        const heldAt = async () => (await orders.read(orderId))?.holds.get(`lowered ${name}`)?.at
        const first = await heldAt()
        time.now += 1_000
        await later(orderId, refunded, -999)
        await later(orderId, not, -998)
        expect(await heldAt()).toBe(first)
        await later(orderId, refunded, 3)
        expect(await later(orderId, not, 4)).toMatchObject({ held: [`lowered ${name}`] })
      }
    }
  })

  it('is not that it no longer says so where it had stated the amount, which is kept', async () => {
    const { orderId } = await newOrder({})
    await later(orderId, { is_refund: true, refunded_to_date: '20', order_status: 'Refunded' }, 1)
    await later(orderId, { is_refund: false, order_status: 'Complete' }, 2)
    expect(await marks(orderId)).toMatchObject({ holds: [], stated: ['"20"'] })
    expect(moneyOf((await orders.read(orderId))!, null).reported).toMatchObject({ amount: '20' })
  })

  it('is that one change replaced card, merchant account and transaction', async () => {
    const shopA = { cc_last_4: '1881', transaction_merchant_id: 'A', transaction_id: 'tx-A' }
    const shopB = { cc_last_4: '4444', transaction_merchant_id: 'B', transaction_id: 'tx-B' }
    const unsent = await newOrder(shopA)
    expect(await later(unsent.orderId, shopB, 1)).toMatchObject({ held: [SWAP] })
    const order = await newOrder(shopA)
    await begin(order, 'a')
    await end(order, 'a', { acknowledged: { order_total: '="25"' }, stands: 'clean' })
    expect(await later(order.orderId, shopB, 1)).toMatchObject({ status: 'changed', held: [SWAP] })
    expect(await later(order.orderId, shopB, 1)).toMatchObject({ status: 'unchanged', held: [] })
    expect(await marks(order.orderId)).toMatchObject({ holds: [SWAP] })
    expect(moneyOf((await orders.read(order.orderId))!, null)).toMatchObject({ acknowledgedTotal: '25' })
  })
})

describe('a rejected change that states money', () => {
  const CRM_REFUND: RegisterName = 'refunded_to_date@crm'
  const lost = (orderId: string, stated: [RegisterName, string | null][], ms: number | null = 5) =>
    orders.hold({
      orderId,
      occurredAt: ms === null ? null : time.now + ms,
      stated: stated.map(([name, text]) => ({ name, text })),
    })
  const holds = async (orderId: string) => [...(await orders.read(orderId))!.holds.keys()]
  const later = (orderId: string, values: Change['values'], ms: number) =>
    tell(orderId, values, { occurredAt: time.now + ms })

  it('holds refunds of a known order, and decisions about it are made again', async () => {
    const { orderId, rev } = await newOrder()
    await redis.sadd(keys.orderCases(orderId), 'midigator:1')
    const stated: [RegisterName, string | null][] = [['order_status', '"Refunded"'], [CRM_REFUND, null]]
    expect(await lost(orderId, stated)).toEqual({
      held: ['unreadable order_status', `unreadable ${CRM_REFUND}`],
      hasCases: true,
    })
    const order = (await orders.read(orderId))!
    expect(order.rev).toBe(rev + 1)
    expect(moneyOf(order, null).holds).toEqual([
      { reason: 'unreadable', detail: `order_status,${CRM_REFUND}`, at: time.now },
    ])
    expect(describeEvent((await orders.timeline(orderId))[0]!).says).toBe(
      'automatic refunds are on hold: a change that states order_status, refunded_to_date was rejected',
    )
  }) // prettier-ignore

  it('leaves nothing of an order that is not known, and nothing where it states nothing new', async () => {
    const unknown = newOrderId()
    expect(await lost(unknown, [['order_status', null]])).toEqual({ held: [], hasCases: false })
    expect(await redis.exists(keys.order(unknown), keys.timeline(unknown))).toBe(0)
    const { orderId, rev } = await newOrder({ order_total: '25', currency: 'USD' })
    expect(await lost(orderId, [['order_status', '"Complete"'], ['order_total', '"25"'], ['currency', '"USD"']])).toMatchObject({ held: [] })
    expect((await orders.read(orderId))?.rev).toBe(rev)
  }) // prettier-ignore

  it('is made good, field by field, by what is stated readably then or later', async () => {
    const { orderId } = await newOrder()
    await lost(orderId, [['order_status', '"Refunded"'], [CRM_REFUND, null]])
    await later(orderId, { order_status: 'Complete', refunded_to_date: '0' }, 4)
    await later(orderId, { refunded_to_date: null, email_address: 'a@example.com' }, 6)
    expect(await holds(orderId)).toEqual(['unreadable order_status', `unreadable ${CRM_REFUND}`])
    await later(orderId, { order_status: 'Refunded' }, 5)
    expect(await holds(orderId)).toEqual([`unreadable ${CRM_REFUND}`])
    const merged = await later(orderId, { refunded_to_date: '25' }, 7)
    expect(merged).toMatchObject({ status: 'changed' })
    expect(await holds(orderId)).toEqual([])
  }) // prettier-ignore

  it('is made good whatever comes first: a later statement that is known already needs no hold', async () => {
    const { orderId } = await newOrder()
    await later(orderId, { refunded_to_date: '25' }, 7)
    expect(await lost(orderId, [[CRM_REFUND, null]])).toMatchObject({ held: [] })
    expect(await lost(orderId, [[CRM_REFUND, null]], 8)).toMatchObject({ held: [`unreadable ${CRM_REFUND}`] })
  })

  it('of an unknown time is made good by any readable value', async () => {
    const { orderId } = await newOrder()
    expect(await lost(orderId, [['order_status', null]], null)).toMatchObject({ held: ['unreadable order_status'] })
    expect(await later(orderId, { order_status: 'Complete' }, -5)).toMatchObject({ rev: 3 })
    expect(await holds(orderId)).toEqual([])
  })

  it('sent again is no news, so that the hold keeps its time', async () => {
    const { orderId } = await newOrder()
    await lost(orderId, [['order_status', null]])
    const since = time.now
    time.now += 1_000
    expect(await lost(orderId, [['order_status', null]], -995)).toMatchObject({ held: [] })
    expect(moneyOf((await orders.read(orderId))!, null).holds).toMatchObject([{ at: since }])
    expect(await lost(orderId, [['order_status', null]], 6)).toMatchObject({ held: ['unreadable order_status'] })
    expect(moneyOf((await orders.read(orderId))!, null).holds).toMatchObject([{ at: time.now }])
  })
})
