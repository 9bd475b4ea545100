import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EVENT_TYPES, type EventType } from '../../src/domain/alert/event.ts'
import {
  planSubscriptions,
  type Remembered,
  type Subscription,
  type SubscriptionStep,
} from '../../src/domain/subscription-plan.ts'

const NOW = 1_800_000_000_000
const TERMS = { now: NOW, graceMs: 60_000 }
const WISH = {
  url: 'https://hooks.example.com/hooks/alerts/midigator',
  email: 'ops@example.com',
  username: 'u',
  password: 'p',
}

const sub = (eventType: string, more: Partial<Subscription> & { password?: string } = {}): Subscription => ({
  guid: `evr_${eventType}`,
  email: WISH.email,
  url: WISH.url,
  eventType,
  active: true,
  createdAt: NOW - 3_600_000,
  matchesAuth: (username, password) => username === 'u' && password === (more.password ?? 'p'),
  ...more,
})
const ALL = EVENT_TYPES.map(type => sub(type))
const but = (eventType: EventType, ...instead: Subscription[]) => [
  ...ALL.filter(one => one.eventType !== eventType),
  ...instead,
]
const plan = (actual: readonly Subscription[], remembered: Remembered = {}) =>
  planSubscriptions(WISH, actual, remembered, TERMS)

describe('the plan for subscriptions', () => {
  it('from nothing adds all five', () => {
    expect(plan([])).toEqual(EVENT_TYPES.map(eventType => ({ step: 'add', eventType })))
  })

  it('of what is right is nothing', () => {
    expect(plan(ALL)).toEqual([])
    expect(plan(ALL.map(one => ({ ...one, email: 'OPS@example.com' })))).toEqual([])
  })

  it.each<[string, Parameters<typeof sub>[1], SubscriptionStep]>([
    ['host', { url: 'https://old.example.com/hooks/alerts/midigator' }, { step: 'update', eventType: 'order.refund', guid: 'g', drift: ['url'] }],
    ['prefix', { url: 'http://old.example.com/x/hooks/alerts/midigator/' }, { step: 'update', eventType: 'order.refund', guid: 'g', drift: ['url'] }],
    ['e-mail', { email: 'gone@example.com' }, { step: 'update', eventType: 'order.refund', guid: 'g', drift: ['email'] }],
    ['password', { password: 'old' }, { step: 'update', eventType: 'order.refund', guid: 'g', drift: ['auth'] }],
    ['activity', { active: false }, { step: 'reactivate', eventType: 'order.refund', guid: 'g', drift: ['inactive'] }],
    ['activity and e-mail', { active: false, email: '' }, { step: 'update', eventType: 'order.refund', guid: 'g', drift: ['email', 'inactive'] }],
  ])('mends a drifted %s', (_what, drift, step) => {
    expect(plan(but('order.refund', sub('order.refund', { guid: 'g', ...drift })))).toEqual([step])
  }) // prettier-ignore

  it('waits for the ping of a new one, however the clocks differ a little, and not for ever', () => {
    const inactive = (createdAt: number | null) =>
      plan(but('order.refund', sub('order.refund', { active: false, createdAt })))
    expect(inactive(NOW - 59_999)).toMatchObject([{ step: 'await-ping' }])
    expect(inactive(NOW + 30_000)).toMatchObject([{ step: 'await-ping' }])
    expect(inactive(NOW - 60_000)).toMatchObject([{ step: 'reactivate' }])
    expect(inactive(NOW + 3_600_000)).toMatchObject([{ step: 'reactivate' }])
    expect(inactive(null)).toMatchObject([{ step: 'reactivate' }])
  })

  it('leaves others alone, whatever their type', () => {
    const foreign = [
      ...EVENT_TYPES.map(type =>
        sub(type, { guid: `f_${type}`, url: 'https://crm.example.com/midigator', active: false }),
      ),
      sub('prevention.new', { guid: 'f1', url: 'https://hooks.example.com/hooks/alerts/midigator/other' }),
      sub('rdr.new', { guid: 'f2' }),
      sub('prevention.new', { guid: 'f3', url: 'no address' }),
    ]
    expect(plan([...ALL, ...foreign])).toEqual([])
    expect(plan(foreign)).toEqual(EVENT_TYPES.map(eventType => ({ step: 'add', eventType })))
  })

  it('keeps the best of ours of one type and removes the others', () => {
    const worse = [
      sub('order.refund', { guid: 'a', url: 'https://old.example.com/hooks/alerts/midigator' }),
      sub('order.refund', { guid: 'b', active: false }),
      sub('order.refund', { guid: 'd' }),
    ]
    const actual = but('order.refund', ...worse, sub('order.refund', { guid: 'c' }))
    const removed = (steps: SubscriptionStep[]) => steps.map(one => ('guid' in one ? `${one.step} ${one.guid}` : one.step)).toSorted()
    expect(removed(plan(actual))).toEqual(['remove a', 'remove b', 'remove d'])
    expect(removed(plan(actual, { 'order.refund': 'd' }))).toEqual(['remove a', 'remove b', 'remove c'])
  }) // prettier-ignore

  it('replaces one of ours that shows another type', () => {
    const changed = sub('chargeback.new', { guid: 'mine' })
    const remembered = { 'order.refund': 'mine', 'chargeback.new': 'evr_chargeback.new' }
    expect(plan(but('order.refund', changed), remembered)).toEqual([
      { step: 'replace', eventType: 'order.refund', guid: 'mine' },
    ])
    expect(plan([...ALL, changed], remembered)).toEqual([{ step: 'remove', eventType: 'chargeback.new', guid: 'mine' }])
  })

  it('knows ours again by its guid, though its address became another', () => {
    const moved = sub('order.refund', { guid: 'mine', url: 'https://elsewhere.example.com/x' })
    expect(plan(but('order.refund', moved), { 'order.refund': 'mine' })).toMatchObject([
      { step: 'update', guid: 'mine', drift: ['url'] },
    ])
  })

  it('holds no credentials', () => {
    const drifted = ALL.map(one => ({ ...one, email: 'x@example.com', matchesAuth: () => false }))
    const text = JSON.stringify([...plan(drifted), ...plan([])])
    expect(text).not.toContain('"p"')
    expect(text).not.toContain('example.com')
  })

  it('once carried out leaves nothing to do', () => {
    const any = fc.record({
      guid: fc.uuid(),
      eventType: fc.constantFrom(...EVENT_TYPES, 'rdr.new'),
      url: fc.constantFrom(WISH.url, 'https://old.example.com/hooks/alerts/midigator', 'https://crm.example.com/x'),
      active: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.uniqueArray(any, { selector: ({ guid }) => guid, maxLength: 12 }), fc.nat(11), (given, at) => {
        const actual = given.map(one => sub(one.eventType, one))
        const known = given[at]
        const remembered = known ? { 'prevention.new': known.guid } : {}
        const after = carriedOut(plan(actual, remembered), actual)
        const right = Object.fromEntries(after.filter(one => one.url === WISH.url).map(one => [one.eventType, one.guid]))
        expect(plan(after, right)).toEqual([])
        const foreign = (all: readonly Subscription[]) => all.filter(one => one.url.endsWith('/x') && one.guid !== known?.guid)
        expect(foreign(after)).toEqual(foreign(actual))
      }),
      { numRuns: 300 },
    )
  }) // prettier-ignore
})

function carriedOut(steps: readonly SubscriptionStep[], actual: readonly Subscription[]): Subscription[] {
  let after = [...actual]
  for (const step of steps) {
    if (step.step === 'remove' || step.step === 'replace') after = after.filter(({ guid }) => guid !== step.guid)
    if (step.step === 'add' || step.step === 'replace')
      after.push(sub(step.eventType, { guid: `new_${step.eventType}` }))
    if (step.step === 'update' || step.step === 'reactivate')
      after = after.map(one => (one.guid === step.guid ? sub(one.eventType, { guid: one.guid }) : one))
  }
  return after
}
