import { describe, expect, it } from 'vitest'
import type { Change } from '../../src/domain/change.ts'
import type { SaleQuery, SoldQuery } from '../../src/store/order-look-ups.ts'
import { useStores } from './stores.ts'

const { redis, keys, time, orders, tell, newOrder } = useStores()

describe('look-up keys', () => {
  it('move with the value in the same script, and go with it', async () => {
    const { orderId } = await newOrder({ transaction_id: 't|1', auth_id: 'a1', arn: '741' })
    expect(await orders.find('transaction_id', 't|1')).toEqual([orderId])
    expect(await orders.find('arn', '741')).toEqual([orderId])
    expect(await orders.find('auth_id', 'a1')).toEqual([orderId])
    await tell(orderId, { transaction_id: 't2', arn: null }, { occurredAt: time.now + 1 })
    expect(await orders.find('transaction_id', 't|1')).toEqual([])
    expect(await orders.find('transaction_id', 't2')).toEqual([orderId])
    expect(await orders.find('arn', '741')).toEqual([])
    await tell(orderId, { transaction_id: 't3' }, { occurredAt: time.now - 1 })
    expect(await orders.find('transaction_id', 't3')).toEqual([])
  })

  it('of the card appear once both six and four are known', async () => {
    const { orderId } = await newOrder({ cc_first_6: '401288' })
    expect(await orders.find('card', '401288-1881')).toEqual([])
    await tell(orderId, { cc_last_4: '1881' })
    expect(await orders.find('card', '401288-1881')).toEqual([orderId])
    await tell(orderId, { cc_first_6: null }, { occurredAt: time.now + 1 })
    expect(await orders.find('card', '401288-1881')).toEqual([])
  })

  it('lead to every order that carries the value', async () => {
    const [one, other] = [await newOrder({ transaction_id: 'shared' }), await newOrder({ transaction_id: 'shared' })]
    expect((await orders.find('transaction_id', 'shared')).toSorted()).toEqual([one.orderId, other.orderId].toSorted())
  })
})

describe('orders sold to a customer or a card', () => {
  const [JAN, FEB, MAR] = ['2026-01-31T09:20:11Z', '2026-02-28T00:00:00Z', '2026-03-31T23:59:59Z'] as const
  const found = (value: string, by: 'customer_id' | 'card' = 'customer_id', more: Partial<SoldQuery> = {}) =>
    orders.findSold({ by, value, fromMs: Date.parse(JAN), toMs: Date.parse(MAR), atMost: 50, ...more })
  const between = (by: SaleQuery['by'], value: string, more: Partial<SaleQuery> = {}) =>
    orders.soldBetween({ by, value, fromMs: Date.parse(JAN), toMs: Date.parse(MAR), atMost: 50, ...more })
  const sold = async (customer_id: string, order_date: string | null, more: Change['values'] = {}) =>
    (await newOrder({ customer_id, order_date, ...more })).orderId

  it('are found newest first, no more than asked for, from the first second to the last', async () => {
    const [jan, mar, feb] = [await sold('c-1', JAN), await sold('c-1', MAR), await sold('c-1', FEB)]
    expect(await found('c-1')).toEqual([mar, feb, jan])
    expect(await found('c-1', 'customer_id', { atMost: 2 })).toEqual([mar, feb])
    expect(
      await found('c-1', 'customer_id', { fromMs: Date.parse(JAN) + 1_000, toMs: Date.parse(MAR) - 1_000 }),
    ).toEqual([feb])
    expect(await found('c-2')).toEqual([])
  })

  it('are found by the time they were collected, once that is known, and by a new customer when that changes', async () => {
    const [first, later] = [await sold('c|3"', JAN), await sold('c|3"', FEB)]
    await tell(first, { captured_at: MAR }, { occurredAt: time.now + 1 })
    expect(await found('c|3"')).toEqual([first, later])
    await tell(first, { captured_at: null }, { occurredAt: time.now + 2 })
    expect(await found('c|3"')).toEqual([later, first])
    await tell(first, { customer_id: 'c-4' }, { occurredAt: time.now + 3 })
    expect([await found('c|3"'), await found('c-4')]).toEqual([[later], [first]])
    await tell(first, { order_date: null }, { occurredAt: time.now + 4 })
    expect(await found('c-4')).toEqual([])
    await tell(first, { order_date: FEB, customer_id: 'c-5' }, { occurredAt: time.now - 1 })
    expect([await found('c-4'), await found('c-5')]).toEqual([[], []])
  })

  it('are found by six and four, and guests are nobody’s', async () => {
    const guest = await sold('0', JAN, { cc_first_6: '401288', cc_last_4: '7777' })
    const nobody = await sold('', FEB, { cc_first_6: '401288' })
    expect([await found('0'), await found('')]).toEqual([[], []])
    expect(await found('401288-7777', 'card')).toEqual([guest])
    await tell(nobody, { cc_last_4: '7777' })
    expect(await found('401288-7777', 'card')).toEqual([nobody, guest])
    expect((await orders.find('card', '401288-7777')).toSorted()).toEqual([guest, nobody].toSorted())
    await tell(nobody, { cc_last_4: '8888' }, { occurredAt: time.now + 1 })
    expect(await found('401288-7777', 'card')).toEqual([guest])
  })

  it('of an older version, which kept no such look-up, are found after their next change', async () => {
    const card = { cc_first_6: '401288', cc_last_4: '6666', transaction_merchant_id: 'old MID' } as const
    const orderId = await sold('c-6', JAN, card)
    const since = ['sold-customer_id:c-6', 'sold-last_4:6666', 'merchant-accounts']
    await redis.del(...since.map(name => `${keys.lookup}${name}`))
    await redis.hdel(keys.order(orderId), 'lookups', 'paid')
    await tell(orderId, { order_total: '30', cc_first_6: '555555' }, { occurredAt: time.now + 1 })
    expect(await found('c-6')).toEqual([orderId])
    expect([await found('401288-6666', 'card'), await found('555555-6666', 'card')]).toEqual([[], [orderId]])
    expect(await between('last_4', '6666')).toEqual({ ids: [orderId], isCut: false })
    expect(await orders.knowsMerchantAccount('old MID')).toBe(true)
    expect((await orders.read(orderId))?.wasPaid).toBe(true)
    await orders.forget(orderId)
    expect(await orders.knowsMerchantAccount('old MID')).toBe(false)
  })

  it('of an older version are found also after a change that says nothing new', async () => {
    const orderId = await sold('c-10', JAN, { cc_last_4: '6668' })
    await redis.del(`${keys.lookup}sold-last_4:6668`)
    await redis.hdel(keys.order(orderId), 'lookups')
    expect(await tell(orderId, { cc_last_4: '6668' })).toMatchObject({ status: 'unchanged' })
    expect(await between('last_4', '6668')).toEqual({ ids: [orderId], isCut: false })
  })

  it('of an older version, and deleted before any change, leave no look-up and no count', async () => {
    const orderId = await sold('c-9', JAN, { cc_last_4: '6667', transaction_merchant_id: 'counted MID' })
    const other = await sold('c-9', JAN, { cc_last_4: '6667', transaction_merchant_id: 'counted MID' })
    await redis.hdel(keys.order(orderId), 'lookups')
    await redis.hincrby(keys.merchantAccounts, '"counted MID"', -1)
    await orders.forget(orderId)
    expect(await between('last_4', '6667')).toEqual({ ids: [other], isCut: false })
    expect(await orders.knowsMerchantAccount('counted MID')).toBe(true)
  })

  it('are found no more once they are forgotten or expired, and leave no key', async () => {
    const card = { cc_first_6: '401288', cc_last_4: '9999' } as const
    const [forgotten, expired] = [await sold('c-7', JAN, card), await sold('c-8', JAN, card)]
    await orders.forget(forgotten)
    expect(await found('401288-9999', 'card')).toEqual([expired])
    time.now += 1_000_000
    await orders.expire(time.now, 1_000)
    const left = [
      'sold-customer_id:c-7', 'sold-customer_id:c-8', 'sold-card:401288-9999', 'card:401288-9999', 'sold-last_4:9999', 'sold-cardless:',
      'merchant-accounts',
    ] // prettier-ignore
    expect(await redis.exists(...left.map(name => `${keys.lookup}${name}`))).toBe(0)
  })
})

describe('orders sold between two times', () => {
  const [JAN, FEB, MAR] = ['2026-01-31T09:20:11Z', '2026-02-28T00:00:00Z', '2026-03-31T23:59:59Z'] as const
  const between = (by: SaleQuery['by'], value: string, more: Partial<SaleQuery> = {}) =>
    orders.soldBetween({ by, value, fromMs: Date.parse(JAN), toMs: Date.parse(MAR), atMost: 50, ...more })
  const sold = async (order_date: string | null, values: Change['values']) =>
    (await newOrder({ order_date, ...values })).orderId
  const later = (orderId: string, values: Change['values'], ms = 1) =>
    tell(orderId, values, { occurredAt: time.now + ms })

  it('are found by last four newest first, then those of no known time, whatever the times asked for', async () => {
    const of = { cc_last_4: '2001' }
    const [timeless, jan, mar] = [await sold(null, of), await sold(JAN, of), await sold(MAR, of)]
    expect(await between('last_4', '2001')).toEqual({ ids: [mar, jan, timeless], isCut: false })
    expect(await between('last_4', '2001', { fromMs: Date.parse(FEB) })).toEqual({ ids: [mar, timeless], isCut: false })
    expect(await between('last_4', '2001', { toMs: Date.parse(JAN) - 1_000 })).toEqual({
      ids: [timeless],
      isCut: false,
    })
    expect(await between('last_4', '2001', { atMost: 2 })).toEqual({ ids: [mar, jan], isCut: true })
    expect(await between('last_4', '2001', { atMost: 3 })).toMatchObject({ isCut: false })
    await later(timeless, { captured_at: FEB })
    expect(await between('last_4', '2001')).toEqual({ ids: [mar, timeless, jan], isCut: false })
    await later(mar, { cc_last_4: '2002' })
    expect([await between('last_4', '2001'), await between('last_4', '2002')]).toMatchObject([
      { ids: [timeless, jan] },
      { ids: [mar] },
    ])
  })

  it('are found by the whole card, also without a known time', async () => {
    const of = { cc_first_6: '401288', cc_last_4: '2003' }
    const [timeless, feb] = [await sold(null, of), await sold(FEB, of)]
    expect(await between('card', '401288-2003')).toEqual({ ids: [feb, timeless], isCut: false })
    await later(feb, { order_date: null })
    expect((await between('card', '401288-2003')).ids.toSorted()).toEqual([timeless, feb].toSorted())
  })

  it('are found among the cardless while their last four is unknown, or where a wallet paid', async () => {
    const [plain, wallet, without] = [
      await sold(JAN, { cc_last_4: '2004', cc_type: 'visa' }),
      await sold(FEB, { cc_last_4: '2004', cc_type: 'Apple Pay' }),
      await sold(MAR, { cc_first_6: '401288' }),
    ]
    const cardless = async () => (await between('cardless', '')).ids.filter(id => [plain, wallet, without].includes(id))
    expect(await cardless()).toEqual([without, wallet])
    expect(await between('last_4', '2004')).toMatchObject({ ids: [wallet, plain] })
    await later(without, { cc_last_4: '2005' })
    await later(plain, { gateway: 'PayPal' })
    expect(await cardless()).toEqual([wallet, plain])
    await later(plain, { gateway: null }, 2)
    expect(await cardless()).toEqual([wallet])
  })

  it('carry merchant accounts that are known as long as some order has them', async () => {
    const known = () => Promise.all(['m "1"', 'm 2'].map(mid => orders.knowsMerchantAccount(mid)))
    expect(await known()).toEqual([false, false])
    const [one, other] = [await sold(JAN, { transaction_merchant_id: 'm "1"' }), await sold(JAN, { transaction_merchant_id: 'm "1"' })]
    expect(await known()).toEqual([true, false])
    await later(one, { transaction_merchant_id: 'm 2' })
    await later(one, { avs: 'Y' }, 2)
    expect(await known()).toEqual([true, true])
    await orders.forget(other)
    expect(await known()).toEqual([false, true])
    await later(one, { transaction_merchant_id: null }, 3)
    expect(await known()).toEqual([false, false])
    expect(await orders.knowsMerchantAccount('m')).toBe(false)
  }) // prettier-ignore
})
