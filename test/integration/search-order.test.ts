import { describe, expect, it } from 'vitest'
import type { AlertFacts } from '../../src/domain/alert/facts.ts'
import { formatInstant } from '../../src/domain/basics/instant.ts'
import type { Change } from '../../src/domain/change.ts'
import { findOrders } from '../../src/jobs/search-order.ts'
import { useStores } from './stores.ts'

const { time, orders, newOrder, redis, keys } = useStores({ runsTwice: false })
const DAY_MS = 86_400_000
const SOLD_AT = Date.parse('2026-01-10T12:00:00Z')
const timed = (ago: number) => formatInstant(SOLD_AT - ago * DAY_MS)
const SOLD = timed(0)

const buy = (values: Change['values']) => newOrder({ order_total: '25', currency: 'USD', order_date: SOLD, cc_first_6: '401288', ...values }) // prettier-ignore

async function search(facts: AlertFacts) {
  const terms = { alertAt: time.now, lookbackMs: 180 * DAY_MS, defaultCurrency: null }
  const { orders: found, isCut } = await findOrders(orders, facts, terms)
  return { ids: found.map(({ orderId }) => orderId).toSorted(), isCut }
}
const idsOf = (...found: { orderId: string }[]) => found.map(({ orderId }) => orderId).toSorted()

describe('the search for an alert’s order', () => {
  it('finds the orders of every transaction, ARN and authorization that the alert states, whatever else differs', async () => {
    const [a, b] = [
      await buy({ transaction_id: 't-1', cc_last_4: '0000' }),
      await buy({ transaction_id: 't-1', cc_last_4: '0001' }),
    ]
    const c = await buy({ transaction_id: 't-2', cc_last_4: '0002' })
    const d = await buy({ arn: '7411', cc_last_4: '0003' })
    const e = await buy({ auth_id: 'A7', cc_last_4: '0004', order_date: timed(300) })
    const facts = { transactionId: 't-1', merchantTransactionId: 't-2', arn: '7411', authCode: 'A7' }
    expect(await search(facts)).toEqual({ ids: idsOf(a, b, c, d, e), isCut: false })
  })

  it('finds the order of a stated transaction or ARN whose card and amount differ: a part of a wallet sale is not "not found"', async () => {
    const [a, b] = [
      await buy({ transaction_id: 't-3', cc_last_4: '0005' }),
      await buy({ arn: '7412', cc_last_4: '0006', order_total: '80' }),
    ]
    await buy({ auth_id: 'A8', cc_last_4: '0007' })
    const alert = { cardLast4: '6666', amount: '7', currency: 'USD', authCode: 'A8', transactionAt: SOLD_AT }
    expect(await search({ ...alert, merchantTransactionId: 't-3' })).toEqual({ ids: idsOf(a), isCut: false })
    expect(await search({ ...alert, arn: '7412' })).toEqual({ ids: idsOf(b), isCut: false })
  })

  it('finds every order of the last four, also one whose first six or amount differ: nothing is decided here', async () => {
    const a = await buy({ cc_last_4: '1111' })
    const b = await buy({ cc_last_4: '1111', cc_first_6: '555555', order_total: '99' })
    const old = await buy({ cc_last_4: '1111', order_date: timed(200) })
    const facts = { cardFirst6: '401288', cardLast4: '1111', amount: '25', currency: 'USD' }
    expect(await search(facts)).toEqual({ ids: idsOf(a, b, old), isCut: false })
  })

  it('with a stated time of sale leaves out orders that were sold more than ten days from it', async () => {
    const a = await buy({ cc_last_4: '2222' })
    const near = await buy({ cc_last_4: '2222', order_date: timed(10) })
    await buy({ cc_last_4: '2222', order_date: timed(11) })
    const facts = { cardFirst6: '401288', cardLast4: '2222', amount: '25', currency: 'USD', transactionAt: SOLD_AT }
    expect(await search(facts)).toEqual({ ids: idsOf(a, near), isCut: false })
  })

  it('finds orders whose card is not known or hidden by a wallet where the amount is the alert’s, or is not known', async () => {
    const wallet = await buy({ cc_last_4: '9090', cc_type: 'Apple Pay', order_total: '77', captured_amount: '77' })
    const cardless = await newOrder({ order_total: '77', captured_amount: '77', currency: 'USD', order_date: SOLD })
    await buy({ cc_last_4: '9091', cc_type: 'Apple Pay', order_total: '78', captured_amount: '78' })
    const facts = { cardFirst6: '401288', cardLast4: '3333', amount: '77', currency: 'USD', transactionAt: SOLD_AT }
    expect(await search(facts)).toEqual({ ids: idsOf(wallet, cardless), isCut: false })
  })

  it('finds an order that version 0.1.0 stored, which knew whole cards alone', async () => {
    const { orderId } = await buy({ cc_last_4: '5555' })
    await redis.zrem(`${keys.lookup}sold-last_4:5555`, orderId)
    const facts = { cardFirst6: '401288', cardLast4: '5555', amount: '25', currency: 'USD', transactionAt: SOLD_AT }
    expect(await search(facts)).toEqual({ ids: [orderId], isCut: false })
  })

  it('compares no more than 200 orders of a card, and states that there are more', async () => {
    await Promise.all(Array.from({ length: 205 }, () => buy({ cc_last_4: '4444' })))
    const { orderId } = await buy({ cc_last_4: '4444', arn: '7499' })
    const { ids, isCut } = await search({ cardFirst6: '401288', cardLast4: '4444', arn: '7499', amount: '25', currency: 'USD' }) // prettier-ignore
    expect(isCut).toBe(true)
    expect(ids.length).toBeLessThanOrEqual(201)
    expect(ids).toContain(orderId)
  })
})
