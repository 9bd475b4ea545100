import type { OrderMoney } from '../domain/account/order-money.ts'
import { moneyOf } from '../domain/read-money.ts'
import type { AlertFacts } from '../domain/alert/facts.ts'
import { compareAmounts } from '../domain/basics/money.ts'
import { isSwapped } from '../domain/match/assess.ts'
import type { OrderStore } from '../store/order-store.ts'

export type SearchedOrders = Pick<
  OrderStore,
  'read' | 'find' | 'soldBetween' | 'knowsMerchantAccount' | 'forgottenAmong'
>

/** Orders that share a value with an alert, and those that nothing excludes. */
export interface FoundOrders {
  orders: OrderMoney[]
  /** More orders share a value than were read. */
  isCut: boolean
}

/** Of the orders with one value, as many are compared. */
const CANDIDATES = 200
const DAY_MS = 86_400_000
/** Farther from a stated time of sale no order can be the sale. */
const WINDOW_MS = 10 * DAY_MS

export interface SearchTerms {
  /** When the alert was issued; the sale lies before it. */
  alertAt: number
  lookbackMs: number
  defaultCurrency: string | null
}

/**
 * Finds every stored order that an alert may be about: by transaction, ARN and authorization; by last four, whatever their time of
 * sale says; and orders whose card is unknown or hidden by a wallet, within the time the sale may lie in.
 */
export async function findOrders(store: SearchedOrders, facts: AlertFacts, terms: SearchTerms): Promise<FoundOrders> {
  const { transactionAt, cardFirst6, cardLast4 } = facts
  const [from, to] =
    transactionAt === undefined
      ? [terms.alertAt - terms.lookbackMs, terms.alertAt + DAY_MS]
      : [transactionAt - WINDOW_MS, transactionAt + WINDOW_MS]
  const byReference = references(facts).map(async ([by, value]) => cut(await store.find(by, value, CANDIDATES + 1)))
  const sold = { fromMs: transactionAt === undefined ? 0 : from, toMs: to, atMost: CANDIDATES }
  const byCard =
    cardLast4 === undefined
      ? []
      : [
          store.soldBetween({ ...sold, by: 'last_4', value: cardLast4 }),
          store.soldBetween({ ...sold, by: 'cardless', value: '', fromMs: from }),
          // Orders that last changed under version 0.1.0 are found by their whole card alone.
          ...(cardFirst6 === undefined
            ? []
            : [store.soldBetween({ ...sold, by: 'card', value: `${cardFirst6}-${cardLast4}` })]),
        ]
  const found = await Promise.all([...byReference, ...byCard])
  const ids = [...new Set(found.flatMap(one => one.ids))]
  const isCut = found.some(one => one.isCut)
  const records = await Promise.all(ids.map(id => store.read(id)))
  const orders = records.flatMap(record => (record === null ? [] : [moneyOf(record, terms.defaultCurrency)]))
  return { orders: orders.filter(order => mayFit(order, facts)), isCut }
}

const cut = (ids: readonly string[]) => ({ ids: ids.slice(0, CANDIDATES), isCut: ids.length > CANDIDATES })

/**
 * An order without a card, of a wallet, or of another card is a candidate only with the alert's amount, where one side's amount is not
 * known, or where its card is hidden and no source states what was captured of a greater total; an order of the alert's own transaction or ARN always, whatever its card and amount say.
 */
function mayFit(order: OrderMoney, facts: AlertFacts): boolean {
  const { amount, currency, cardLast4 } = facts
  // What two sales were merged into may be either of them.
  if (isSwapped(order) || sharesReference(order, facts)) return true
  if (!order.isWallet && order.cardLast4 !== null && order.cardLast4 === cardLast4) return true
  if (amount === undefined || currency === undefined || order.currency === null || order.currency !== currency)
    return true
  const isHidden = order.isWallet || order.cardLast4 === null
  const mayBePart =
    isHidden && !order.isCaptureStated && order.total !== null && compareAmounts(order.total, amount) > 0
  return mayBePart || [order.captured, order.total].some(one => one === null || one === amount)
}

const sharesReference = (order: OrderMoney, { transactionId, merchantTransactionId, arn }: AlertFacts): boolean =>
  (order.transactionId !== null && [transactionId, merchantTransactionId].includes(order.transactionId)) ||
  (order.arn !== null && order.arn === arn)

/** By which values the orders are found that may share a transaction with the alert. */
function references({ transactionId, merchantTransactionId, arn, authCode }: AlertFacts) {
  const given = [
    ['transaction_id', transactionId],
    ['transaction_id', merchantTransactionId],
    ['arn', arn],
    ['auth_id', authCode],
  ] as const
  return given.flatMap(([by, value]) => (value === undefined ? [] : [[by, value] as const]))
}
