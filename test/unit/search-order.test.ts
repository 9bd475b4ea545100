import { describe, expect, it } from 'vitest'
import type { AlertFacts } from '../../src/domain/alert/facts.ts'
import { findOrders, type SearchedOrders } from '../../src/jobs/search-order.ts'
import { DAY_MS, NOW } from './build-case.ts'
import { storedOrder } from './job-world.ts'

type Sold = Parameters<SearchedOrders['soldBetween']>[0]

/** A store that answers with these ids, and notes what it was asked. */
function storeOf(ids: { byValue?: Record<string, string[]>; sold?: Partial<Record<Sold['by'], string[]>>; isCut?: Sold['by'] }, fields: Record<string, Record<string, unknown>> = {}) {
  const asked: string[] = []
  const store: SearchedOrders = {
    read: async id => (id === 'gone' ? null : storedOrder(id, fields[id] ?? {})),
    find: async (by, value, atMost) => {
      asked.push(`${by} ${value}`)
      return (ids.byValue?.[value] ?? []).slice(0, atMost)
    },
    soldBetween: async ({ by, value, fromMs, toMs, atMost }) => {
      asked.push(`${by} ${value} ${fromMs} ${toMs} ${atMost}`)
      return { ids: ids.sold?.[by] ?? [], isCut: ids.isCut === by }
    },
    knowsMerchantAccount: async () => false,
    forgottenAmong: async () => new Set(),
  }
  return { store, asked }
} // prettier-ignore

async function search(facts: AlertFacts, given: Parameters<typeof storeOf>[0], fields?: Parameters<typeof storeOf>[1]) {
  const { store, asked } = storeOf(given, fields)
  const found = await findOrders(store, facts, { alertAt: NOW, lookbackMs: 90 * DAY_MS, defaultCurrency: 'EUR' })
  return { ids: found.orders.map(({ orderId }) => orderId), isCut: found.isCut, asked, orders: found.orders }
}

describe('the search for an alert’s order asks', () => {
  it('for every reference that the alert states, and for no card where it states none', async () => {
    const { asked } = await search({ transactionId: 't1', merchantTransactionId: 't2', arn: '74', authCode: 'A7', cardFirst6: '401288' }, {}) // prettier-ignore
    expect(asked).toEqual(['transaction_id t1', 'transaction_id t2', 'arn 74', 'auth_id A7'])
    expect((await search({}, {})).asked).toEqual([])
  })

  it('for the card at any time before the alert, and for orders without a card within the time looked back', async () => {
    const { asked } = await search({ cardFirst6: '401288', cardLast4: '1881' }, {})
    const [from, to] = [NOW - 90 * DAY_MS, NOW + DAY_MS]
    expect(asked).toEqual([`last_4 1881 0 ${to} 200`, `cardless  ${from} ${to} 200`, `card 401288-1881 0 ${to} 200`])
    expect((await search({ cardLast4: '1881' }, {})).asked).toHaveLength(2)
  })

  it('within ten days of a stated time of sale', async () => {
    const { asked } = await search({ cardFirst6: '401288', cardLast4: '1881', transactionAt: NOW }, {})
    const window = `${NOW - 10 * DAY_MS} ${NOW + 10 * DAY_MS} 200`
    expect(asked).toEqual([`last_4 1881 ${window}`, `cardless  ${window}`, `card 401288-1881 ${window}`])
  })
})

describe('what it finds', () => {
  const ALERT = { cardLast4: '1881', amount: '30', currency: 'USD' }
  it('is each order once, and none that is gone', async () => {
    const given = { byValue: { '74': ['A', 'gone'] }, sold: { last_4: ['A', 'B'] } }
    expect(await search({ ...ALERT, arn: '74' }, given)).toMatchObject({ ids: ['A', 'B'], isCut: false })
  })

  it('is cut where more orders share a value than are compared', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => `o${i}`)
    const by = async (count: number) => search({ arn: '74' }, { byValue: { '74': many(count) } })
    expect(await by(200)).toMatchObject({ isCut: false })
    const cut = await by(201)
    expect(cut.isCut).toBe(true)
    expect(cut.ids).toHaveLength(200)
    expect(await search(ALERT, { sold: { last_4: ['A'] }, isCut: 'cardless' })).toMatchObject({
      ids: ['A'],
      isCut: true,
    })
  })

  it('has the merchant’s currency where an order names none', async () => {
    const { orders } = await search(ALERT, { sold: { last_4: ['A'] } }, { A: { currency: null } })
    expect(orders[0]?.currency).toBe('EUR')
  })

  it.each<[says: string, fields: Record<string, unknown>, facts: AlertFacts, isFound: boolean]>([
    ['of the alert’s last four, whatever its amount', { order_total: '99' }, ALERT, true],
    ['of another card with the alert’s amount', { cc_last_4: '0000' }, ALERT, true],
    ['of another card and amount', { cc_last_4: '0000', order_total: '99' }, ALERT, false],
    ['of a wallet, of a greater total whose captured amount no source states', { cc_type: 'Apple Pay', order_total: '99' }, ALERT, true],
    ['of a wallet, of a greater total that was captured in whole', { cc_type: 'Apple Pay', order_total: '99', captured_amount: '99' }, ALERT, false],
    ['of a wallet, of a smaller total', { cc_type: 'Apple Pay', order_total: '29' }, ALERT, false],
    ['of another card, captured with the alert’s amount', { cc_last_4: '0000', order_total: '99', captured_amount: '30' }, ALERT, true],
    ['of another card, where the alert states no amount', { cc_last_4: '0000', order_total: '99' }, { cardLast4: '1881', currency: 'USD' }, true],
    ['of another card, where the alert states no currency', { cc_last_4: '0000', order_total: '99' }, { cardLast4: '1881', amount: '30' }, true],
    ['of another card, where the order states another currency', { cc_last_4: '0000', order_total: '99', currency: 'GBP' }, ALERT, true],
    ['of another card, where the order states no amount', { cc_last_4: '0000', order_total: null }, ALERT, true],
    ['without a card and of another amount', { cc_last_4: null, order_total: '99', captured_amount: '99' }, ALERT, false],
    ['without a card, where the alert has none and the amount differs', { cc_last_4: null, order_total: '99', captured_amount: '99' }, { amount: '30', currency: 'USD', arn: '7' }, false],
    ['of a wallet with the alert’s last four, and of another amount', { order_total: '99', captured_amount: '99', cc_type: 'Apple Pay' }, ALERT, false],
    ['of the alert’s transaction, whatever else differs', { cc_last_4: '0000', order_total: '99' }, { ...ALERT, transactionId: 'T-A' }, true],
    ['of the merchant’s transaction, whatever else differs', { cc_last_4: '0000', order_total: '99' }, { ...ALERT, merchantTransactionId: 'T-A' }, true],
    ['of the alert’s ARN, whatever else differs', { cc_last_4: '0000', order_total: '99', arn: '74' }, { ...ALERT, arn: '74' }, true],
    ['of another ARN and transaction', { cc_last_4: '0000', order_total: '99', arn: '75' }, { ...ALERT, arn: '74', transactionId: 'x' }, false],
    ['without ARN and transaction beside an alert without them', { cc_last_4: '0000', order_total: '99', transaction_id: null }, ALERT, false],
  ])('an order %s', async (_says, fields, facts, isFound) => {
    const given = { byValue: { '74': ['A'], '7': ['A'], 'T-A': ['A'], x: ['A'] }, sold: { last_4: ['A'] } }
    expect((await search(facts, given, { A: fields })).ids).toEqual(isFound ? ['A'] : [])
  }) // prettier-ignore
})
