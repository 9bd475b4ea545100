import { describe, expect, it } from 'vitest'
import type { Change } from '../../src/domain/change.ts'
import { searchOrder } from '../../src/jobs/search-order.ts'
import { useStores } from './stores.ts'

const { time, orders, newOrder } = useStores()
const SOLD = '2026-01-20T12:00:00Z'
const CARD = { cardFirst6: '401288', cardLast4: '1881' }

/** So many orders of one card, sold at the same time. */
async function buy(count: number, cc_last_4: string, values: Change['values'] = {}): Promise<void> {
  const sold = { cc_first_6: '401288', cc_last_4, order_date: SOLD, order_total: '25', ...values }
  await Promise.all(Array.from({ length: count }, () => newOrder(sold)))
}

/** What a search comes to, and how many orders it read for that. */
async function search(facts: Parameters<typeof searchOrder>[1]) {
  let reads = 0
  const counted = {
    find: orders.find,
    read: (orderId: string) => {
      reads += 1
      return orders.read(orderId)
    },
  }
  const match = await searchOrder(counted, { ...facts, transactionAt: Date.parse(SOLD) }, time.now)
  return { match, reads }
}

describe('the search for an alert’s order', () => {
  it('reads no other orders of its card once the transaction id leads to it', async () => {
    await buy(30, '1881')
    const { orderId } = await newOrder({ transaction_id: 't-1', cc_first_6: '401288', cc_last_4: '1881' })
    const facts = { ...CARD, merchantTransactionId: 't-1', transactionId: 'of-the-network', amount: '25' }
    expect(await search(facts)).toEqual({ match: { found: 'one', orderId, by: 'transaction_id' }, reads: 1 })
  })

  it('goes on to the weaker values where the stronger ones lead to nothing', async () => {
    const { orderId } = await newOrder({
      auth_id: 'A7', cc_first_6: '401288', cc_last_4: '2222', order_date: SOLD, order_total: '9',
    }) // prettier-ignore
    const facts = { transactionId: 'nowhere', arn: 'nowhere', authCode: 'A7', cardFirst6: '401288', cardLast4: '2222' }
    expect(await search(facts)).toEqual({ match: { found: 'one', orderId, by: 'auth_id' }, reads: 1 })
    const byCard = { ...facts, authCode: 'nowhere', amount: '9' }
    expect(await search(byCard)).toEqual({ match: { found: 'one', orderId, by: 'card' }, reads: 1 })
  })

  it('finds one of very many orders of a card by its ARN, and guesses none of them by the card alone', async () => {
    await buy(220, '3333')
    const { orderId } = await newOrder({ arn: '7411', cc_first_6: '401288', cc_last_4: '3333' })
    const card = { cardFirst6: '401288', cardLast4: '3333', amount: '25' }
    expect(await search({ ...card, arn: '7411' })).toEqual({ match: { found: 'one', orderId, by: 'arn' }, reads: 1 })
    const { match, reads } = await search(card)
    expect(match).toMatchObject({ found: 'many' })
    expect(reads).toBe(200)
    // What was not compared may be the one: nobody is told that there is none.
    expect((await search({ ...card, amount: '777' })).match).toEqual({ found: 'many', orderIds: [] })
  })

  it('takes two orders of one transaction for a person’s matter, though the card fits one alone', async () => {
    const [a, b] = [await newOrder({ transaction_id: 't-2' }), await newOrder({ transaction_id: 't-2' })]
    await buy(1, '4444')
    const { match } = await search({ transactionId: 't-2', cardFirst6: '401288', cardLast4: '4444', amount: '25' })
    expect(match).toEqual({ found: 'many', orderIds: [a.orderId, b.orderId].toSorted() })
  })
})
