import { describe, expect, it } from 'vitest'
import type { AlertFacts } from '../../src/domain/alert/facts.ts'
import { matchAlert } from '../../src/domain/match/match-alert.ts'
import type { OrderMoney } from '../../src/domain/account/order-money.ts'
import { DAY_MS, money, SEEN_AT } from './build-case.ts'

const CARD = { cardFirst6: '401288', cardLast4: '1881' }
const order = (orderId: string, over: Partial<OrderMoney> = {}) =>
  money({ orderId, transactionId: null, soldAt: SEEN_AT, ...over })
const by = (facts: AlertFacts, ...orders: OrderMoney[]) => matchAlert(facts, SEEN_AT, orders)
const one = (orderId: string, rule: string) => ({ found: 'one', orderId, by: rule })
const NONE = { found: 'none' }

describe('an alert is tied', () => {
  it('by transaction id, and by ARN, whenever the sale was', () => {
    const old = { soldAt: SEEN_AT - 300 * DAY_MS }
    expect(by({ transactionId: 't' }, order('A', { transactionId: 't', ...old }), order('B'))).toEqual(one('A', 'transaction_id')) // prettier-ignore
    expect(by({ arn: '7' }, order('A', { arn: '7', soldAt: null }), order('B'))).toEqual(one('A', 'arn'))
  })

  it.each([
    [2 * DAY_MS, true],
    [-2 * DAY_MS, true],
    [2 * DAY_MS + 1, false],
    [-2 * DAY_MS - 1, false],
  ])('by auth code with the card within two days: %i ms after the sale', (ms, fits) => {
    const facts = { authCode: 'x1', ...CARD }
    const sold = order('A', { authCode: 'x1', ...CARD, soldAt: SEEN_AT + ms })
    expect(by(facts, sold)).toEqual(fits ? one('A', 'auth_id') : NONE)
  })

  it('by no auth code alone, nor with half a card, nor without a time of sale', () => {
    const sold = order('A', { authCode: 'x1', ...CARD })
    expect(by({ authCode: 'x1' }, sold)).toEqual(NONE)
    expect(by({ authCode: 'x1', cardFirst6: CARD.cardFirst6 }, sold)).toEqual(NONE)
    expect(by({ authCode: 'x1', ...CARD, cardLast4: '0000' }, sold)).toEqual(NONE)
    expect(by({ authCode: 'x1', ...CARD }, { ...sold, soldAt: null })).toEqual(NONE)
  })

  it.each([
    [3 * DAY_MS, true],
    [-3 * DAY_MS, true],
    [3 * DAY_MS + 1, false],
    [-3 * DAY_MS - 1, false],
  ])('by card, amount and currency within three days: %i ms after the sale', (ms, fits) => {
    const facts = { ...CARD, amount: '30', currency: 'USD' }
    expect(by(facts, order('A', { ...CARD, soldAt: SEEN_AT + ms }))).toEqual(fits ? one('A', 'card') : NONE)
  })

  it('by card only with the amount, of what was collected or was to be, in the order’s currency', () => {
    const sold = order('A', { ...CARD, captured: '20', total: '30' })
    const facts = (amount: string, currency?: string) => ({ ...CARD, amount, ...(currency && { currency }) })
    expect(by(facts('20', 'USD'), sold)).toEqual(one('A', 'card'))
    expect(by(facts('30', 'USD'), sold)).toEqual(one('A', 'card'))
    expect(by(facts('25', 'USD'), sold)).toEqual(NONE)
    expect(by(facts('30', 'EUR'), sold)).toEqual(NONE)
    expect(by({ ...CARD, currency: 'USD' }, sold)).toEqual(NONE)
  })

  it('where nobody names a currency, in US dollars', () => {
    expect(by({ ...CARD, amount: '30' }, order('A', CARD))).toEqual(one('A', 'card'))
    expect(by({ ...CARD, amount: '30' }, order('A', { ...CARD, currency: 'EUR' }))).toEqual(NONE)
  })

  it('by nothing that neither side has', () => {
    expect(by({}, order('A'))).toEqual(NONE)
  })
})

describe('of several orders', () => {
  const [byArn, byTransaction] = [order('B', { arn: '7' }), order('A', { transactionId: 't' })]

  it('the one by the stronger rule is it', () => {
    const facts = { transactionId: 't', arn: '7', authCode: 'x1', ...CARD, amount: '30' }
    const byAuth = order('C', { authCode: 'x1', ...CARD, total: '1', captured: '1' })
    const byCard = order('D', CARD)
    expect(by(facts, byCard, byAuth, byArn, byTransaction)).toEqual(one('A', 'transaction_id'))
    expect(by(facts, byCard, byAuth, byArn)).toEqual(one('B', 'arn'))
    expect(by(facts, byCard, byAuth)).toEqual(one('C', 'auth_id'))
    expect(by(facts, byCard)).toEqual(one('D', 'card'))
  })

  it('by the same rule none is guessed, also when a weaker rule fits one alone', () => {
    const facts = { arn: '7', ...CARD, amount: '30' }
    const orders = [order('Z', { arn: '7' }), byArn, order('D', CARD)]
    expect(by(facts, ...orders)).toEqual({ found: 'many', orderIds: ['B', 'Z'] })
    expect(by(facts, ...orders.toReversed())).toEqual({ found: 'many', orderIds: ['B', 'Z'] })
  })
})
