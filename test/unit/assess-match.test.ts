import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OrderMoney } from '../../src/domain/account/order-money.ts'
import type { AlertFacts } from '../../src/domain/alert/facts.ts'
import { assessMatch, isByReference, type Assessment, type MatchQuestion } from '../../src/domain/match/assess.ts'
import { compareOrder } from '../../src/domain/match/compare.ts'
import { CARD, DAY_MS, HOUR_MS, money, SEEN_AT } from './build-case.ts'

const SOLD_AT = SEEN_AT - 20 * DAY_MS
/** An order of 30 dollars by the card of these tests. */
const order = (orderId: string, over: Partial<OrderMoney> = {}): OrderMoney =>
  money({ orderId, transactionId: null, soldAt: SOLD_AT, ...CARD, ...over })
/** An alert that states card, amount, currency and time of sale. */
const TIMED: AlertFacts = { ...CARD, amount: '30', currency: 'USD', transactionAt: SOLD_AT + HOUR_MS }
const { transactionAt: _none, ...UNTIMED } = TIMED

const question = (facts: AlertFacts, candidates: readonly OrderMoney[], over: Partial<MatchQuestion> = {}) => ({
  facts, alertAt: SEEN_AT, namedOrderIds: [], chosenOrderId: null, own: null, candidates, isCut: false, completeSince: 0,
  knowsMerchantAccount: false, lookbackMs: 180 * DAY_MS, ...over,
}) // prettier-ignore
const assess = (...given: Parameters<typeof question>) => assessMatch(question(...given))

/** An assessment in a few words, such as `certain A by arn` or `open: several`. */
function words(one: Assessment): string {
  if (one.verdict === 'open') return `open: ${one.reason}`
  return `${one.verdict} ${one.orderId} by ${one.by}${one.verdict === 'likely' && !one.isTimed ? ', untimed' : ''}`
}
const verdict = (...given: Parameters<typeof question>) => words(assess(...given))

describe('an order that was paid by a wallet', () => {
  const wallet = (over: Parameters<typeof order>[1] = {}) => order('A', { isWallet: true, cardFirst6: '400000', cardLast4: '0001', ...over }) // prettier-ignore
  it('is certain by its ARN and amount, for its card tells nothing', () => {
    const facts = { ...TIMED, arn: '7' }
    expect(verdict(facts, [wallet({ arn: '7' })])).toBe('certain A by arn')
    expect(verdict(facts, [wallet({ arn: '8' })])).toBe('open: none')
    expect(verdict({ ...facts, amount: '29' }, [wallet({ arn: '7' })])).not.toMatch(/^certain/)
    expect(verdict(facts, [order('A', { arn: '7', cardLast4: null })])).not.toMatch(/^certain/)
  })
  it('is likely by authorization, amount and a stated time of sale, where no other order fits', () => {
    const facts = { ...TIMED, authCode: '123456' }
    const fits = wallet({ authCode: '123456' })
    expect(verdict(facts, [fits])).toBe('likely A by card')
    expect(verdict(facts, [wallet({ authCode: '654321' })])).toBe('open: none')
    expect(verdict(facts, [wallet({ authCode: '123456', captured: '31', total: '31' })])).not.toMatch(/^likely/)
    expect(verdict({ ...UNTIMED, authCode: '123456' }, [fits])).toBe('open: none')
    expect(verdict(facts, [fits, order('B')])).toBe('open: several')
  })
})

describe('who outranks whom in a match', () => {
  const facts = { ...TIMED, arn: '7' }
  const orders = [order('A', { arn: '7' }), order('B', { cardLast4: '0000' })]
  const own = { orderId: 'C', by: 'card' as const, isActedOn: true }
  it('a person outranks the platform, the platform our own match, our own match that was acted on a new search', () => {
    expect(verdict(facts, orders, { chosenOrderId: 'D', namedOrderIds: ['E'], own })).toBe('certain D by person')
    expect(verdict(facts, orders, { namedOrderIds: ['E'], own })).toBe('certain E by platform')
    expect(verdict(facts, orders, { own })).toBe('certain C by card')
    expect(verdict(facts, orders)).toBe('certain A by arn')
  })

  it('our own match that nothing was done for stands while the search finds that order and no other', () => {
    const own = { orderId: 'A', by: 'transaction_id' as const, isActedOn: false }
    expect(verdict(facts, orders, { own })).toBe('certain A by transaction_id')
    expect(verdict(facts, orders, { own: { ...own, orderId: 'C' } })).toBe('open: several')
    expect(verdict(facts, [], { own })).toBe('open: none')
    const byCard = [order('A', { arn: null })]
    expect(verdict(TIMED, byCard, { own: { ...own, by: 'card' } })).toBe('certain A by card')
    expect(verdict(TIMED, byCard, { own: { ...own, by: 'platform' } })).toBe('likely A by card')
    expect(verdict(UNTIMED, byCard, { own: { ...own, by: 'card' } })).toBe('likely A by card, untimed')
    const twins = [order('A', { arn: '7' }), order('B', { arn: '7' })]
    expect(verdict(facts, twins, { own })).toBe('open: several')
  })

  it('a person outranks two orders that the platform names; nothing else does', () => {
    expect(verdict(facts, orders, { namedOrderIds: ['A', 'B'], own })).toBe('open: platform-differs')
    expect(verdict(facts, orders, { namedOrderIds: ['A', 'B'], chosenOrderId: 'B' })).toBe('certain B by person')
  })
})

describe('an order that the platform names', () => {
  const named = (facts: AlertFacts, over: Partial<OrderMoney>, more: Partial<MatchQuestion> = {}) =>
    verdict({ ...TIMED, ...facts }, [order('A', over)], { namedOrderIds: ['A'], ...more })

  it.each<[says: string, facts: AlertFacts, over: Partial<OrderMoney>]>([
    ['first six', {}, { cardFirst6: '400000' }],
    ['last four', {}, { cardLast4: '0000' }],
    ['an amount above all that the order is worth', { amount: '30.01' }, {}],
    ['an amount above total and captured', { amount: '31' }, { captured: '20', total: '30' }],
  ])('is contradicted by %s', (_says, facts, over) => {
    expect(named(facts, over)).toBe('open: contradicted')
  })

  it.each<[says: string, facts: AlertFacts, over: Partial<OrderMoney>]>([
    ['a wallet’s card number', {}, { cardFirst6: '400000', cardLast4: '0000', isWallet: true }],
    ['a card that the order does not know', {}, { cardFirst6: null, cardLast4: null }],
    ['an amount below the order’s: a partial alert', { amount: '10' }, {}],
    ['a greater amount in another currency', { amount: '99', currency: 'EUR' }, {}],
    ['a greater amount where the order has no currency', { amount: '99' }, { currency: null }],
    ['an amount that is the total, with less captured', { amount: '30' }, { captured: '20' }],
    ['another transaction id', { transactionId: 'x' }, { transactionId: 'y' }],
    ['another auth code', { authCode: 'x' }, { authCode: 'y' }],
    ['another ARN', { arn: '1' }, { arn: '2' }],
    ['another time of sale', {}, { soldAt: SOLD_AT - 90 * DAY_MS }],
    ['another descriptor', { descriptor: 'SHOP' }, { descriptor: 'STORE' }],
    ['a cancellation since', {}, { unpaidNow: 'cancelled' }],
  ])('is not contradicted by %s', (_says, facts, over) => {
    expect(named(facts, over)).toBe('certain A by platform')
  })

  it('is contradicted by another merchant account only where accounts are named alike', () => {
    const over = { merchantAccount: 'M-2' }
    expect(named({ mid: 'M-1' }, over, { knowsMerchantAccount: true })).toBe('open: contradicted')
    expect(named({ mid: 'M-1' }, over)).toBe('certain A by platform')
    expect(named({ mid: 'M-2' }, over, { knowsMerchantAccount: true })).toBe('certain A by platform')
    expect(named({}, over, { knowsMerchantAccount: true })).toBe('certain A by platform')
  })

  it('is believed while no source has sent it', () => {
    expect(verdict(TIMED, [], { namedOrderIds: ['A'] })).toBe('certain A by platform')
  })
})

describe('a transaction id', () => {
  const facts = { ...TIMED, transactionId: 't' }
  it('makes a match certain, whatever the amount below the order’s and the time of sale', () => {
    const orders = [order('A', { transactionId: 't', soldAt: null, total: '50', captured: '50' }), order('B')]
    expect(verdict(facts, orders)).toBe('certain A by transaction_id')
    expect(verdict({ merchantTransactionId: 't', transactionId: 'u' }, orders)).toBe('certain A by transaction_id')
  })

  it('with another card asks a person, except for a wallet, whose number differs by design', () => {
    for (const over of [{ cardLast4: '0000' }, { cardFirst6: '400000' }])
      expect(verdict(facts, [order('A', { transactionId: 't', ...over }), order('B')])).toBe('open: contradicted')
    expect(verdict(facts, [order('A', { transactionId: 't', cardLast4: '0000', isWallet: true })])).toBe(
      'certain A by transaction_id',
    )
  })

  it('of several orders lets the amount decide, and a person where that decides nothing', () => {
    const of = (id: string, amount: string) => order(id, { transactionId: 't', total: amount, captured: amount })
    expect(verdict(facts, [of('A', '30'), of('B', '20')])).toBe('certain A by transaction_id')
    expect(verdict(facts, [of('A', '30'), of('B', '30')])).toBe('open: several')
    expect(verdict(facts, [of('A', '31'), of('B', '20')])).toBe('open: several')
  })

  it('is contradicted by an amount above the order’s, and by another known merchant account', () => {
    const orders = [order('A', { transactionId: 't', merchantAccount: 'M-2' })]
    expect(verdict({ ...facts, amount: '40' }, orders)).toBe('open: contradicted')
    expect(verdict({ ...facts, mid: 'M-1' }, orders, { knowsMerchantAccount: true })).toBe('open: contradicted')
  })
})

describe('an ARN or an auth code', () => {
  const byArn = order('A', { arn: '7', total: '50', captured: '50' })
  const byAuth = order('B', { authCode: '00123x', total: '50', captured: '50' })
  it('with equal last four makes a match certain; the stronger of two decides', () => {
    const facts = { ...TIMED, arn: '7', authCode: '123X ' }
    expect(verdict(facts, [byArn])).toBe('certain A by arn')
    expect(verdict(facts, [byAuth])).toBe('certain B by auth_id')
    expect(verdict(facts, [byAuth, byArn])).toBe('certain A by arn')
    expect(verdict({ ...facts, transactionId: 't' }, [byAuth, byArn, order('C', { transactionId: 't' })])).toBe(
      'certain C by transaction_id',
    )
  })

  it('without equal last four is none', () => {
    const facts = { ...TIMED, arn: '7', authCode: '123x' }
    for (const base of [byArn, byAuth]) {
      expect(verdict({ arn: '7', authCode: '123x' }, [base])).toBe('open: none')
      expect(verdict(facts, [{ ...base, cardLast4: null }])).toBe('open: none')
      expect(verdict(facts, [{ ...base, isWallet: true }])).toBe('open: none')
    }
  })

  it('with another last four: the ARN asks a person, the auth code is another sale’s', () => {
    const facts = { ...TIMED, arn: '7', authCode: '123x' }
    expect(verdict(facts, [{ ...byArn, cardLast4: '0000' }, order('C')])).toBe('open: contradicted')
    expect(verdict(facts, [{ ...byAuth, cardLast4: '0000' }])).toBe('open: none')
  })

  it('of several orders of one ARN lets the amount decide', () => {
    const facts = { ...TIMED, arn: '7' }
    expect(verdict(facts, [byArn, order('B', { arn: '7' })])).toBe('certain B by arn')
    expect(verdict(facts, [order('A', { arn: '7' }), order('B', { arn: '7' })])).toBe('open: several')
  })

  it('of nothing but zeros stands for no code at all', () => {
    const facts = { ...CARD, authCode: '000000' }
    expect(verdict(facts, [order('A', { authCode: '000000', total: '9', captured: '9' })])).toBe('open: none')
  })
})

describe('a match by card, amount and currency', () => {
  it('is likely, and timed where the alert states the time of sale', () => {
    expect(verdict(TIMED, [order('A')])).toBe('likely A by card')
    expect(verdict(UNTIMED, [order('A')])).toBe('likely A by card, untimed')
  })

  it('by what was captured or was to be paid', () => {
    const sold = order('A', { captured: '20', total: '30' })
    const of = (amount: string) => verdict({ ...TIMED, amount }, [sold])
    expect([of('20'), of('30'), of('25'), of('10')]).toEqual(['likely A by card', 'likely A by card', 'open: none', 'open: none']) // prettier-ignore
  })

  it.each([
    [3 * DAY_MS, true],
    [-3 * DAY_MS, true],
    [3 * DAY_MS + 1, false],
    [-3 * DAY_MS - 1, false],
  ])('with a stated time lies within three days of it: %i ms', (ms, isFit) => {
    expect(verdict({ ...TIMED, transactionAt: SOLD_AT + ms }, [order('A')])).toBe(isFit ? 'likely A by card' : 'open: none') // prettier-ignore
  })

  it.each([
    [SEEN_AT - 180 * DAY_MS, true],
    [SEEN_AT - 180 * DAY_MS - 1, false],
    [SEEN_AT + DAY_MS, true],
    [SEEN_AT + DAY_MS + 1, false],
  ])('without a stated time is looked for in the days before the alert: sold at %i', (soldAt, isFit) => {
    expect(verdict(UNTIMED, [order('A', { soldAt })])).toBe(isFit ? 'likely A by card, untimed' : 'open: none')
  })

  it.each<[says: string, facts: AlertFacts, over: Partial<OrderMoney>]>([
    ['first six unknown to the alert', { cardFirst6: undefined } as never, {}],
    ['last four unknown to the order', {}, { cardLast4: null }],
    ['another card', {}, { cardFirst6: '400000' }],
    ['a wallet', {}, { isWallet: true }],
    ['another currency', { currency: 'EUR' }, {}],
    ['no currency in the alert', { currency: undefined } as never, {}],
    ['no currency in the order', {}, { currency: null }],
    ['no amount', { amount: undefined } as never, {}],
    ['a declined attempt', {}, { unpaidNow: 'declined' }],
    ['a voided attempt', {}, { unpaidNow: 'voided' }],
  ])('is none with %s', (_says, facts, over) => {
    expect(verdict({ ...TIMED, ...facts }, [order('A', over)])).toBe('open: none')
  })

  it('does not count unpaid attempts beside the paid order, unless the alert may be about one of them', () => {
    const declined = order('B', { unpaidNow: 'declined', soldAt: SOLD_AT + 1 })
    const voided = order('C', { unpaidNow: 'voided' })
    const beside = (facts: AlertFacts, ...others: OrderMoney[]) => verdict({ ...TIMED, ...facts }, [order('A'), ...others]) // prettier-ignore
    expect(beside({ arn: '7' }, declined, voided)).toBe('likely A by card')
    expect([beside({ authCode: '1' }, declined), beside({ authCode: '1' }, voided)]).toEqual(['likely A by card', 'open: several']) // prettier-ignore
    expect([beside({}, declined), beside({}, voided), beside({})]).toEqual(['open: several', 'open: several', 'likely A by card']) // prettier-ignore
    expect(beside({}, order('B', { unpaidNow: 'declined', captured: '31', total: '31' }))).toBe('likely A by card')
  })

  it('asks a person about a cancelled order: it may have been paid and refunded', () => {
    expect(verdict(TIMED, [order('A', { unpaidNow: 'cancelled' })])).toBe('open: contradicted')
    expect(verdict(TIMED, [order('A'), order('B', { unpaidNow: 'cancelled' })])).toBe('open: several')
  })

  it('is open where two orders fit, also a neighbouring rebill, or one whose time of sale is unknown', () => {
    expect(verdict(TIMED, [order('A'), order('B')])).toBe('open: several')
    expect(verdict(TIMED, [order('A'), order('B', { soldAt: SOLD_AT + 30 * DAY_MS })])).toBe('likely A by card')
    expect(verdict(UNTIMED, [order('A'), order('B', { soldAt: SOLD_AT - 30 * DAY_MS })])).toBe('open: several')
    expect(verdict(TIMED, [order('A'), order('B', { soldAt: null })])).toBe('open: several')
    const untold = assess(TIMED, [order('A', { soldAt: null })])
    expect([words(untold), untold.notFound]).toEqual(['open: none', 'possible'])
  })

  it('is open beside an order whose sale was replaced under its id: that may have been the one', () => {
    const other = { cardFirst6: '555555', cardLast4: '4444', total: '80', captured: '80' }
    const replaced = order('B', { ...other, holds: [{ reason: 'swapped', detail: 'crm', at: 1 }] })
    expect(verdict(TIMED, [order('A'), replaced])).toBe('open: several')
    expect(verdict(TIMED, [order('A'), order('B', other)])).toBe('likely A by card')
    expect(verdict({ ...TIMED, arn: '7' }, [order('A', { arn: '7' }), replaced])).toBe('certain A by arn')
  })

  it('is open where not every order could be compared', () => {
    expect(verdict(TIMED, [order('A')], { isCut: true })).toBe('open: several')
  })

  it('is open where a field that both sides know contradicts', () => {
    const over = { merchantAccount: 'M-2' }
    expect(verdict({ ...TIMED, mid: 'M-1' }, [order('A', over)], { knowsMerchantAccount: true })).toBe(
      'open: contradicted',
    )
  })

  it('is open where the search reaches back before the store is complete', () => {
    const since = (completeSince: number | null, facts: AlertFacts) => verdict(facts, [order('A')], { completeSince })
    const from = (TIMED.transactionAt ?? 0) - 3 * DAY_MS
    expect([since(from, TIMED), since(from + 1, TIMED), since(null, TIMED)]).toEqual(['likely A by card', 'open: incomplete', 'open: incomplete']) // prettier-ignore
    const back = SEEN_AT - 180 * DAY_MS
    expect([since(back, UNTIMED), since(back + 1, UNTIMED)]).toEqual(['likely A by card, untimed', 'open: incomplete'])
  })
})

describe('a match by card whose merchant transaction is another', () => {
  it('is left to a person; the network’s own number contradicts nothing, nor does a transaction that one side does not state', () => {
    const of = (facts: Partial<AlertFacts>, transactionId: string | null) =>
      verdict({ ...TIMED, ...facts }, [order('A', { transactionId })])
    expect(of({ merchantTransactionId: '2' }, '1')).toBe('open: contradicted')
    expect(of({ transactionId: '2' }, '1')).toBe('likely A by card')
    expect(of({ merchantTransactionId: '2' }, null)).toBe('likely A by card')
    expect(of({}, '1')).toBe('likely A by card')
  })
})

describe('whether “could not find order” is true', () => {
  const notFound = (...given: Parameters<typeof question>) => assess(...given).notFound
  const other = { cardLast4: '0000' }

  it('is certain only with last four, every order compared, and a complete store', () => {
    expect(notFound(TIMED, [])).toBe('certain')
    expect(notFound({ ...TIMED, cardLast4: undefined } as never, [])).toBe('possible')
    expect(notFound(TIMED, [], { isCut: true })).toBe('possible')
    const from = (TIMED.transactionAt ?? 0) - 10 * DAY_MS
    expect([from, from + 1, null].map(completeSince => notFound(TIMED, [], { completeSince }))).toEqual(['certain', 'incomplete', 'incomplete']) // prettier-ignore
    const back = SEEN_AT - 180 * DAY_MS
    expect([back, back + 1].map(completeSince => notFound(UNTIMED, [], { completeSince }))).toEqual(['certain', 'incomplete']) // prettier-ignore
  })

  it.each<[says: string, facts: AlertFacts, over: Partial<OrderMoney>, result: string]>([
    ['the same ARN, whatever the card', { arn: '7' }, { arn: '7', ...other }, 'possible'],
    ['the same transaction, whatever the card', { transactionId: 't' }, { transactionId: 't', ...other }, 'possible'],
    ['the same card', {}, {}, 'possible'],
    ['the same last four, first six unknown', {}, { cardFirst6: null }, 'possible'],
    ['a card that is not known', {}, { cardFirst6: null, cardLast4: null }, 'possible'],
    ['a wallet with another number', {}, { ...other, isWallet: true }, 'possible'],
    ['more than the alert’s amount', { amount: '20' }, {}, 'possible'],
    ['less than the alert’s amount', { amount: '31' }, {}, 'certain'],
    ['less than the alert’s amount in another currency', { amount: '31', currency: 'EUR' }, {}, 'possible'],
    ['another last four', {}, other, 'certain'],
    ['another first six', {}, { cardFirst6: '400000' }, 'certain'],
    ['ten days from the stated time', { transactionAt: SOLD_AT + 10 * DAY_MS }, {}, 'possible'],
    ['more than ten days after the stated time', { transactionAt: SOLD_AT - 10 * DAY_MS - 1 }, {}, 'certain'],
    ['more than ten days before the stated time', { transactionAt: SOLD_AT + 10 * DAY_MS + 1 }, {}, 'certain'],
    ['an unknown time of sale', { transactionAt: SOLD_AT + 90 * DAY_MS }, { soldAt: null }, 'possible'],
    ['a declined attempt', {}, { unpaidNow: 'declined' }, 'possible'],
    [
      'another card, and two shops under its id',
      {},
      { ...other, holds: [{ reason: 'swapped', detail: 'crm', at: 1 }] },
      'possible',
    ],
    [
      'another card, and a lowered refund',
      {},
      { ...other, holds: [{ reason: 'lowered', detail: 'crm', at: 1 }] },
      'certain',
    ],
  ])('beside an order with %s is %s', (_says, facts, over, result) => {
    expect(notFound({ ...TIMED, ...facts }, [order('A', over)])).toBe(result)
  })
})

describe('an order beside an alert', () => {
  const compared = (facts: AlertFacts, over: Partial<OrderMoney>, knowsMerchantAccount = false) =>
    compareOrder({ facts, knowsMerchantAccount }, order('A', over))

  it('agrees in every field that both state alike', () => {
    const facts: AlertFacts = { ...TIMED, orderId: 'A', transactionId: 't', arn: '7', authCode: '0042', mid: 'M', descriptor: 'My-Shop.com/42' } // prettier-ignore
    const one = compared(facts, { transactionId: 't', arn: '7', authCode: '42', merchantAccount: 'M', descriptor: 'MYSHOPCO' }) // prettier-ignore
    expect(one.agreements).toEqual(['order_id', 'transaction_id', 'arn', 'auth_code', 'first_six', 'last_four', 'amount', 'currency', 'time_of_sale', 'merchant_account', 'descriptor', 'paid']) // prettier-ignore
    expect([one.contradictions, one.unknowns]).toEqual([[], []])
  })

  it('contradicts in what both state differently, and never by transaction id, currency, time or descriptor', () => {
    const facts: AlertFacts = { ...TIMED, orderId: 'B', transactionId: 'u', arn: '8', authCode: '43', mid: 'M', descriptor: 'other', amount: '31' } // prettier-ignore
    const one = compared(facts, { transactionId: 't', arn: '7', authCode: '42', merchantAccount: 'N', descriptor: 'MYSHOPCO', cardFirst6: '4', cardLast4: '0', soldAt: SEEN_AT, unpaidNow: 'voided' }, true) // prettier-ignore
    expect(one.contradictions).toEqual(['order_id', 'arn', 'auth_code', 'first_six', 'last_four', 'amount', 'merchant_account', 'paid']) // prettier-ignore
    expect(one.unknowns).toEqual(['transaction_id', 'time_of_sale', 'descriptor'])
  })

  it('agrees in time within three days, and in descriptor by its first eight letters and digits', () => {
    const time = (ms: number) => compared({ transactionAt: SOLD_AT + ms }, {}).agreements.includes('time_of_sale')
    expect([3 * DAY_MS, 3 * DAY_MS + 1, -3 * DAY_MS, -3 * DAY_MS - 1].map(time)).toEqual([true, false, true, false])
    const text = (mine: string, its: string) => compared({ descriptor: mine }, { descriptor: its }).agreements.includes('descriptor') // prettier-ignore
    expect([text('ABCDEFGHX', 'abcdefgh y'), text('ABCDEFGX', 'ABCDEFGY'), text('ABC', 'ABCD')]).toEqual([true, false, false]) // prettier-ignore
  })

  it('is the alert’s by reference through transaction, ARN with a known last four, or auth code with the same last four', () => {
    const by = (facts: AlertFacts, over: Partial<OrderMoney>) => isByReference(compared(facts, over))
    expect([by({ transactionId: 't' }, { transactionId: 't' }), by({ arn: '7', ...CARD }, { arn: '7' }), by({ authCode: '9', ...CARD }, { authCode: '9' })]).toEqual([true, true, true]) // prettier-ignore
    expect([by({ arn: '7' }, { arn: '7' }), by({ authCode: '9' }, { authCode: '9' }), by({ ...TIMED }, {})]).toEqual([false, false, false]) // prettier-ignore
  })

  it('knows nothing of what either side leaves out', () => {
    const one = compared({}, { cardFirst6: null, cardLast4: null, settled: false, soldAt: null })
    expect([one.agreements, one.contradictions]).toEqual([[], []])
    expect(compared({ ...TIMED, currency: 'EUR' }, {}).unknowns).toEqual(expect.arrayContaining(['amount', 'currency']))
    const silent = { settled: false, soldAt: null, currency: null, captured: null, total: null, cardFirst6: null, cardLast4: null } // prettier-ignore
    expect([compared(TIMED, silent).agreements, compared(TIMED, silent).contradictions]).toEqual([[], []])
    expect(compared({ descriptor: '***' }, { descriptor: '---' }).unknowns).toContain('descriptor')
  })
})

describe('whatever the alert and the orders', () => {
  const pick = <T>(...values: T[]) => fc.constantFrom(...values)
  const anyFacts: fc.Arbitrary<AlertFacts> = fc.record(
    {
      cardFirst6: pick(CARD.cardFirst6, '400000'), cardLast4: pick(CARD.cardLast4, '0000'), amount: pick('30', '20', '40'),
      currency: pick('USD', 'EUR'), transactionAt: pick(SOLD_AT, SOLD_AT + 5 * DAY_MS), transactionId: pick('t', 'u'), arn: pick('7', '8'),
      authCode: pick('1', '2'), mid: pick('M', 'N'),
    },
    { requiredKeys: [] },
  ) // prettier-ignore
  const anyOrder = fc
    .record({
      transactionId: pick(null, null, 't'), arn: pick(null, null, '7'), authCode: pick(null, null, '1'), cardFirst6: pick(CARD.cardFirst6, null),
      cardLast4: pick(CARD.cardLast4, CARD.cardLast4, null, '0000'), captured: pick('30', '20', null), currency: pick('USD', null),
      soldAt: pick(SOLD_AT, SOLD_AT + 30 * DAY_MS, null), merchantAccount: pick(null, 'M'), isWallet: pick(false, false, true),
      unpaidNow: pick(null, null, 'declined' as const, 'cancelled' as const),
    }) // prettier-ignore
  const anyQuestion = fc.record({
    facts: anyFacts,
    orders: fc.array(anyOrder, { maxLength: 4 }).map(all => all.map((over, i) => order(`O${i}`, over))),
    named: fc.subarray(['O0', 'O1'], { maxLength: 2 }),
    completeSince: pick(0, SOLD_AT, null),
    isCut: pick(false, false, true),
    knowsMerchantAccount: fc.boolean(),
  })

  it('the order of the candidates decides nothing', () => {
    fc.assert(
      fc.property(anyQuestion, fc.infiniteStream(fc.nat()), ({ facts, orders, named, ...over }, draws) => {
        const mixed = orders.map(one => ({ one, at: draws.next().value })).toSorted((a, b) => a.at - b.at)
        const given = { ...over, namedOrderIds: named }
        const a = assess(facts, orders, given)
        const b = assess(facts, mixed.map(({ one }) => one), given) // prettier-ignore
        expect([words(b), b.notFound]).toEqual([words(a), a.notFound])
        const byId = ({ candidates }: Assessment) => candidates.toSorted((x, y) => (x.orderId < y.orderId ? -1 : 1))
        expect(byId(b)).toEqual(byId(a))
      }),
      { numRuns: 300 },
    )
  })

  it('a certain match of ours shares a reference, and no match of ours has another card or an order worth less', () => {
    fc.assert(
      fc.property(anyQuestion, ({ facts, orders, named: _named, ...over }) => {
        const one = assess(facts, orders, over)
        if (one.verdict === 'open') return
        const matched = orders.find(({ orderId }) => orderId === one.orderId)!
        const shares = [facts.transactionId === matched.transactionId, facts.arn === matched.arn, facts.authCode === matched.authCode] // prettier-ignore
        expect(one.verdict === 'likely' || shares.includes(true)).toBe(true)
        const isPaidThen = matched.soldAt !== null && matched.unpaidNow === null && !over.isCut
        expect(one.verdict === 'certain' || isPaidThen).toBe(true)
        const differs = (a: string | undefined, b: string | null) => a !== undefined && b !== null && a !== b && !matched.isWallet // prettier-ignore
        expect([differs(facts.cardFirst6, matched.cardFirst6), differs(facts.cardLast4, matched.cardLast4)]).toEqual([false, false]) // prettier-ignore
        expect(facts.currency !== matched.currency || facts.amount !== '40').toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('“could not find order” is never certain beside an order of that card and amount at that time', () => {
    fc.assert(
      fc.property(anyQuestion, ({ facts, orders, named, ...over }) => {
        const one = assess(facts, [...orders, order('Z', { soldAt: facts.transactionAt ?? SOLD_AT })], { ...over, namedOrderIds: named }) // prettier-ignore
        const isOther = facts.cardFirst6 === '400000' || facts.cardLast4 === '0000' || (facts.amount === '40' && facts.currency === 'USD') // prettier-ignore
        expect(isOther || one.notFound === 'possible').toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})
