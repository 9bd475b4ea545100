import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OrderMoney } from '../../src/domain/account/order-money.ts'
import type { AlertFacts } from '../../src/domain/alert/facts.ts'
import type { CaseTerms } from '../../src/domain/case/view.ts'
import { size } from '../support/sizes.ts'
import { approved, CARD, chose, DAY_MS, declined, event, HOUR_MS, MINUTE_MS, money, NOW, SEEN_AT, STOP_AT, termsWith } from './build-case.ts' // prettier-ignore
import { CaseWorld } from './case-world.ts'

const ALERT = 'midigator:a'
const REQUEST = 'midigator:req'
const FACTS: AlertFacts = { partner: 'ethoca', amount: '30', currency: 'USD', issuedAt: SEEN_AT, ...CARD }
const ARRIVALS = ['alert', 'match', 'request', 'alert', 'match', 'request'] as const
type Arrival = (typeof ARRIVALS)[number]

/** What of the world differs: the order, and what its request and the platform state. */
interface Scene {
  says: string
  order: Partial<OrderMoney>
  alert?: AlertFacts
  request?: AlertFacts
  /** The platform's record of the order; `null`: it knows no such guid. */
  record?: AlertFacts | null
}
const SCENES: readonly Scene[] = [
  { says: 'an order of the alert’s amount', order: {} },
  { says: 'an authenticated order', order: { eci: '05' } },
  { says: 'an alert over part of the order', order: {}, alert: { amount: '10' } },
  { says: 'an alert in another currency', order: {}, alert: { amount: '28', currency: 'EUR' } },
  { says: 'a request over another amount', order: {}, request: { amount: '500' } },
  { says: 'a request of an unknown guid', order: {}, record: null },
  { says: 'an authenticated order with a request of an unknown guid', order: { eci: '05' }, record: null },
  { says: 'an order that is not settled', order: { settled: false, captured: '0' } },
]

interface Order {
  arrivals: readonly Arrival[]
  /** Between two arrivals, ms. */
  gaps: readonly number[]
  /** The platform answers only after everything has come. */
  isSilent: boolean
}
const STRAIGHT: Order = { arrivals: ARRIVALS, gaps: [0, 0, 0, 0, 0, 0], isSilent: false }

function play(terms: CaseTerms, { order, alert = {}, request = {}, record = {} }: Scene, { arrivals, gaps, isSilent }: Order) {
  const world = new CaseWorld(terms)
  const facts = { ...FACTS, ...alert }
  const events = {
    alert: () => world.hear('alert', event('alert', 'a', facts)),
    match: () => world.hear('alert', event('alert-match', 'a', { ...facts, orderId: 'A' })),
    request: () => world.hear('request', event('refund', 'req', { orderId: 'A', amount: '30', ...request })),
  }
  world.orders.set('A', money({ ...CARD, ...order }))
  world.platform = { a: { ...facts, orderId: 'A' }, ...(record !== null && { req: { orderId: 'A', amount: '30', currency: 'USD', ...record } }) } // prettier-ignore
  world.isSilent = isSilent
  for (const [i, arrival] of arrivals.entries()) {
    world.advanceTo(world.now + (gaps[i] ?? 0))
    events[arrival]()
  }
  world.isSilent = false
  world.advanceTo(NOW + (record === null ? 16 : 3) * MINUTE_MS)
  return { world, events }
} // prettier-ignore

const outcomeOf = (world: CaseWorld) => ({
  refunds: world.refunds,
  answers: world.answers,
  states: [world.stateOf(ALERT), world.stateOf(REQUEST)],
  claims: world.ledgerOf('A').claims.map(({ state, amount, wantedBy }) => `${state} ${amount} ${wantedBy}`),
})

const SWITCHES = (['order.refund', 'match', 'either'] as const).flatMap(trigger =>
  [true, false].flatMap(resolve3ds =>
    (['auto', 'approve', 'off'] as const).flatMap(mode =>
      (['person', 'act'] as const).map(likelyAtStop => ({ trigger, resolve3ds, mode, likelyAtStop })),
    ),
  ),
)

/** Any order of arrival, all of it within the time that a request and its alert wait for each other. */
const anyOrder: fc.Arbitrary<Order> = fc.record({
  arrivals: fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6, maxLength: 6 }).map(all => all.map(i => ARRIVALS[i]!)), // prettier-ignore
  gaps: fc.array(fc.constantFrom(0, 1, 400, 1_500, 1_999), { minLength: 6, maxLength: 6 }).map(gaps => [0, ...gaps.slice(1, 6)]), // prettier-ignore
  isSilent: fc.boolean(),
})

describe('alert, match and request, each twice, in whatever order they arrive', () => {
  it.each(SWITCHES)('have one outcome with trigger $trigger, 3-D Secure $resolve3ds, mode $mode, likely at stop $likelyAtStop', ({ resolve3ds, ...refunds }) => {
    const terms = termsWith(refunds, { resolve3ds })
    const expected = new Map<Scene, ReturnType<typeof outcomeOf>>()
    fc.assert(
      fc.property(fc.constantFrom(...SCENES), anyOrder, (scene, order) => {
        const straight = expected.get(scene) ?? outcomeOf(play(terms, scene, STRAIGHT).world)
        expected.set(scene, straight)
        expect(outcomeOf(play(terms, scene, order).world)).toEqual(straight)
      }),
      { numRuns: size(2, 20) },
    )
  }) // prettier-ignore

  it('have a true outcome by every setting', () => {
    const outcome = (trigger: 'order.refund' | 'match' | 'either', says: string, resolve3ds = false, mode: 'auto' | 'approve' | 'off' = 'auto') => {
      const { refunds, answers, states } = outcomeOf(play(termsWith({ trigger, mode }, { resolve3ds }), SCENES.find(one => one.says === says)!, STRAIGHT).world)
      return `${refunds.map(one => one.amount).join()} | ${answers.map(one => one.resolution.type).join()} | ${states[0]}`
    }
    const DONE = '30 | issued_full_refund | resolved: answered'
    for (const trigger of ['order.refund', 'match', 'either'] as const) {
      expect(outcome(trigger, 'an order of the alert’s amount')).toBe(DONE)
      expect(outcome(trigger, 'an order of the alert’s amount', false, 'approve')).toBe(' |  | awaiting-approval: approve-mode')
      expect(outcome(trigger, 'an order of the alert’s amount', false, 'off')).toBe(' |  | refunding: refunds-off')
      expect(outcome(trigger, 'an authenticated order')).toBe(DONE)
      expect(outcome(trigger, 'an authenticated order', true)).toBe(' | 3ds_authorized_successfully | resolved: answered')
      expect(outcome(trigger, 'an alert over part of the order')).toBe(' |  | awaiting-approval: part-of-order')
      expect(outcome(trigger, 'an order that is not settled')).toBe(' |  | matched: not-settled')
    }
    expect(outcome('either', 'an alert in another currency')).toBe(DONE)
    expect(outcome('order.refund', 'a request over another amount')).toBe(' |  | awaiting-approval: request-amount-differs')
    expect(outcome('match', 'a request over another amount')).toBe(DONE)
    expect(outcome('either', 'a request of an unknown guid')).toBe(' |  | awaiting-approval: unknown-to-platform')
    expect(outcome('order.refund', 'an authenticated order with a request of an unknown guid', true)).toBe(' | 3ds_authorized_successfully | resolved: answered')
  }) // prettier-ignore

  it('that come again later cause no second refund, and a later alert gets the true answer', () => {
    const settings = fc.constantFrom(...SWITCHES)
    fc.assert(
      fc.property(settings, fc.constantFrom(SCENES[0]!, SCENES[1]!), anyOrder, fc.shuffledSubarray([...ARRIVALS]), ({ resolve3ds, ...refunds }, scene, order, again) => {
        const { world, events } = play(termsWith(refunds, { resolve3ds }), scene, order)
        const before = outcomeOf(world)
        world.advanceTo(NOW + 2 * HOUR_MS)
        for (const arrival of again) events[arrival]()
        world.advanceTo(NOW + 3 * HOUR_MS)
        expect(outcomeOf(world)).toEqual(before)
        const issuedAt = world.now
        world.platform.b = { ...FACTS, partner: 'verifi', issuedAt, orderId: 'A' }
        world.hear('alert', event('alert', 'b', { ...FACTS, partner: 'verifi', issuedAt }, issuedAt))
        world.advanceTo(NOW + 4 * HOUR_MS)
        const later = world.answers.filter(({ id }) => id === 'midigator:b').map(one => one.resolution.type)
        const is3ds = before.answers[0]?.resolution.type === '3ds_authorized_successfully'
        expect(world.refunds).toEqual(before.refunds)
        const expected = before.refunds.length > 0 ? ['previously_refunded_nothing_to_do'] : is3ds ? ['3ds_authorized_successfully'] : []
        expect(later).toEqual(expected)
      }),
      { numRuns: size(5, 40) },
    )
  }) // prettier-ignore
})

describe('an alert that comes long after its request was refunded', () => {
  it('is answered as refunded for it, without another refund', () => {
    for (const trigger of ['order.refund', 'either'] as const) {
      const { world, events } = play(termsWith({ trigger }), SCENES[0]!, { ...STRAIGHT, arrivals: ['request'] })
      expect([world.stateOf(REQUEST), world.refunds.length]).toEqual(['refunded: refund-done', 1])
      world.advanceTo(NOW + 20 * HOUR_MS)
      world.platform.a = { ...FACTS, issuedAt: world.now, orderId: 'A' }
      events.alert()
      expect(world.answers).toEqual([{ id: ALERT, resolution: { type: 'issued_full_refund', description: '' } }])
      expect([world.refunds.length, world.stateOf(REQUEST)]).toEqual([1, 'noted: taken-over'])
    }
  })
})

describe('cases that tell more as time passes', () => {
  const start = (terms = termsWith({ trigger: 'either' }), order: Partial<OrderMoney> = {}) => {
    const world = new CaseWorld(terms)
    world.orders.set('A', money({ ...CARD, ...order }))
    world.platform = { a: { ...FACTS, orderId: 'A' }, b: { ...FACTS, partner: 'verifi', orderId: 'A' } }
    return world
  }

  it('a chargeback first: no refund and a person; after the refund: the answer stays, and an alarm', () => {
    const first = start()
    first.platform.cb = { orderId: 'A' }
    first.hear('chargeback', event('chargeback', 'cb', { orderId: 'A' }))
    first.hear('alert', event('alert', 'a', FACTS))
    first.advanceTo(NOW + HOUR_MS)
    expect([first.refunds, first.answers, first.stateOf(ALERT)]).toEqual([[], [], 'parked: chargeback'])
    const late = start()
    late.platform.cb = { orderId: 'A' }
    late.hear('alert', event('alert', 'a', FACTS))
    late.advanceTo(NOW + HOUR_MS)
    late.hear('chargeback', event('chargeback', 'cb', { orderId: 'A' }))
    expect([late.stateOf(ALERT), late.stateOf('midigator:cb'), late.answers.length]).toEqual(['resolved: answered', 'parked: paid-twice', 1]) // prettier-ignore
    expect(late.alarms).toEqual(expect.arrayContaining(['paid-twice', 'case-chargeback']))
  })

  it('a chargeback without an order holds the refund it may concern until a person approves', () => {
    const world = start()
    world.hear('chargeback', event('chargeback', 'cb', { ...CARD, amount: '30', currency: 'USD' }))
    world.cases.get('midigator:cb')!.last = { ...world.cases.get('midigator:cb')!.last!, orderId: null, isUntied: true }
    world.hear('alert', event('alert', 'a', FACTS))
    world.advanceTo(NOW + HOUR_MS)
    expect([world.refunds, world.stateOf(ALERT)]).toEqual([[], 'parked: untied-notice'])
    world.add(ALERT, approved('30', world.now))
    expect([world.refunds.length, world.stateOf(ALERT)]).toEqual([1, 'resolved: answered'])
  })

  it('a person approves a part, then the rest for a second alert: two refunds, two true answers', () => {
    const world = start()
    world.platform.a = { ...FACTS, amount: '10', orderId: 'A' }
    world.hear('alert', event('alert', 'a', { ...FACTS, amount: '10' }))
    world.advanceTo(NOW + MINUTE_MS)
    world.add(ALERT, approved('10', world.now))
    expect(world.stateOf(ALERT)).toBe('resolved: answered')
    world.platform.b = { ...FACTS, partner: 'verifi', amount: '20', orderId: 'A' }
    world.hear('alert', event('alert', 'b', { ...FACTS, partner: 'verifi', amount: '20' }))
    world.advanceTo(NOW + HOUR_MS)
    expect(world.refunds.map(({ amount }) => amount)).toEqual(['10', '20'])
    expect(world.answers.map(({ resolution }) => resolution.type)).toEqual(['other', 'issued_full_refund'])
  })

  it('the gateway refused, and a person releases it again: the refund is made and answered', () => {
    const world = start(termsWith({ mode: 'approve' }))
    world.hear('alert', event('alert', 'a', FACTS))
    world.add(ALERT, declined(NOW))
    expect(world.stateOf(ALERT)).toBe('parked: refused-by-person')
    world.add(ALERT, approved('30', NOW + 1))
    expect([world.stateOf(ALERT), world.refunds.length]).toEqual(['resolved: answered', 1])
  })

  it('the platform names another order after ours was only likely: nothing of the hypothesis is left', () => {
    const world = start()
    const facts = { ...FACTS, transactionAt: SEEN_AT - DAY_MS }
    world.orders.set('B', money({ orderId: 'B', transactionId: 'T-B', cardLast4: CARD.cardLast4 }))
    world.platform.a = facts
    world.hear('alert', event('alert', 'a', facts))
    world.advanceTo(NOW + 30 * MINUTE_MS)
    expect([world.stateOf(ALERT), world.refunds]).toEqual(['unmatched: likely-match', []])
    world.hear('alert', event('alert-match', 'a', { ...facts, orderId: 'B' }))
    expect(world.refunds).toEqual([{ orderId: 'B', amount: '30' }])
    expect(world.ledgerOf('A').claims).toEqual([])
  })

  it('the platform names another order after money moved on ours: the second order waits for a person', () => {
    const world = start()
    const facts = { ...FACTS, transactionAt: SEEN_AT - DAY_MS }
    world.orders.set('B', money({ orderId: 'B', transactionId: 'T-B', cardLast4: CARD.cardLast4 }))
    world.platform.a = facts
    world.hear('alert', event('alert', 'a', facts))
    world.advanceTo(NOW + 2 * HOUR_MS)
    expect([world.stateOf(ALERT), world.refunds]).toEqual(['resolved: answered', [{ orderId: 'A', amount: '30' }]])
    world.hear('alert', event('alert-match', 'a', { ...facts, orderId: 'B' }))
    expect([world.stateOf(ALERT), world.refunds.length]).toEqual(['parked: match-conflict', 1])
    expect(world.alarms).toContain('case-parked')
    world.add(ALERT, chose('A', world.now))
    expect(world.stateOf(ALERT)).toBe('resolved: answered')
  })

  it('an alert that no order fits is answered so at the hard stop, and not when its order comes in time', () => {
    const facts = { ...FACTS, cardLast4: '0000' }
    const alone = start()
    alone.platform.a = facts
    alone.hear('alert', event('alert', 'a', facts))
    alone.advanceTo(STOP_AT - 1)
    expect(alone.answers).toEqual([])
    alone.advanceTo(STOP_AT)
    expect(alone.answers.map(({ resolution }) => resolution.type)).toEqual(['could_not_find_order'])
    const late = start()
    late.platform.a = facts
    late.hear('alert', event('alert', 'a', facts))
    late.advanceTo(STOP_AT - 1)
    late.orders.set('B', money({ orderId: 'B', ...CARD, cardLast4: '0000' }))
    late.advanceTo(STOP_AT + HOUR_MS)
    expect([late.answers, late.stateOf(ALERT)]).toEqual([[], 'parked: likely-untimed'])
  })
})
