import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide } from '../../src/domain/case/decide.ts'
import { eventKey } from '../../src/domain/alert/event.ts'
import type { AlertFacts } from '../../src/domain/alert/facts.ts'
import { foldLog, slotOf, type CaseEntry } from '../../src/domain/case/log.ts'
import type { CaseView } from '../../src/domain/case/view.ts'
import { decisionOf } from '../../src/domain/case/reasons.ts'
import { withClaim } from '../../src/domain/refund/ledger.ts'
import { anyCase } from './any-case.ts'
import { approved, event, ledgerOf, money, REFUND_TERMS, reportOf, SEEN_AT, sentClaim, TERMS } from './build-case.ts'
import { CaseWorld } from './case-world.ts'

/** Every order of some items, each once though some are alike. */
function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]]
  const firsts = [...new Set(items)]
  return firsts.flatMap(first => {
    const at = items.indexOf(first)
    return permutations([...items.slice(0, at), ...items.slice(at + 1)]).map(rest => [first, ...rest])
  })
}

const ranked = (facts: AlertFacts) => Object.entries(facts).toSorted(([a], [b]) => (a < b ? -1 : 1))

describe('events of one alert, in whatever order and however often', () => {
  const FACTS: AlertFacts = { partner: 'ethoca', amount: '30', currency: 'USD', issuedAt: SEEN_AT }
  const EVENTS = ['alert', 'alert-match', 'refund', 'alert', 'alert-match', 'refund'] as const
  const tell = (world: CaseWorld, type: (typeof EVENTS)[number]) => {
    world.now += 1_000
    if (type === 'refund') world.hear('request', event('refund', 'req', { orderId: 'A', amount: '30' }))
    else world.hear('alert', event(type, 'a', { ...FACTS, ...(type === 'alert-match' && { orderId: 'A' }) }))
  }

  it.each(['order.refund', 'match', 'either'] as const)(
    'end in one refund, one claim, one answer (trigger %s)',
    trigger => {
      const orders = permutations(EVENTS)
      expect(orders).toHaveLength(90)
      const told = new Set<string>()
      for (const [i, order] of orders.entries())
        // The platform is asked at once, or answers only after everything has come.
        for (const isMute of trigger === 'either' ? [false, true] : [i % 2 === 0]) {
          if (trigger === 'either' && i % 3 > 0) continue
          const world = new CaseWorld({ ...TERMS, refunds: { ...REFUND_TERMS, trigger } })
          world.orders.set('A', money())
          world.platform = { a: { ...FACTS, orderId: 'A' }, req: { orderId: 'A' } }
          world.isMute = isMute
          for (const type of order) tell(world, type)
          world.isMute = false
          world.settle()
          expect(world.refunds).toEqual([{ orderId: 'A', amount: '30' }])
          expect(world.answers).toEqual([{ id: 'a', wording: { type: 'issued_full_refund', description: '' } }])
          expect([world.stateOf('a'), world.stateOf('req')]).toEqual(['resolved: answered', 'noted: taken-over'])
          expect(world.ledgerOf('A').claims).toHaveLength(1)
          const log = [...world.cases.get('a')!.log.values()]
          const { facts, platformOrderId, eventAt } = foldLog('alert', 'a', log)
          told.add(JSON.stringify([ranked(facts), platformOrderId, eventAt]))
        }
      expect(told.size).toBe(1)
    },
  )

  it('of two alerts: one refund, the second was refunded before', () => {
    const world = new CaseWorld()
    world.orders.set('A', money())
    world.platform = { a: { ...FACTS, orderId: 'A' }, b: { ...FACTS, orderId: 'A' } }
    for (const id of ['a', 'b', 'a', 'b']) world.hear('alert', event('alert', id, FACTS))
    expect(world.refunds).toHaveLength(1)
    expect(world.answers.map(({ id, wording }) => [id, wording.type])).toEqual([
      ['a', 'issued_full_refund'],
      ['b', 'previously_refunded_nothing_to_do'],
    ])
  })

  it('with a chargeback first: no refund, no answer, a person; after the refund: the answer stands, and an alarm', () => {
    const world = new CaseWorld()
    world.orders.set('A', money())
    world.platform = { a: { ...FACTS, orderId: 'A' }, cb: { orderId: 'A' } }
    world.hear('chargeback', event('chargeback', 'cb', { orderId: 'A' }))
    world.hear('alert', event('alert', 'a', FACTS))
    expect([world.refunds, world.answers, world.stateOf('a')]).toEqual([[], [], 'parked: chargeback'])
    const late = new CaseWorld()
    late.orders.set('A', money())
    late.platform = world.platform
    late.hear('alert', event('alert', 'a', FACTS))
    late.hear('chargeback', event('chargeback', 'cb', { orderId: 'A' }))
    expect([late.stateOf('a'), late.answers.length, late.alarms]).toEqual([
      'resolved: answered',
      1,
      ['case-chargeback'],
    ])
  })

  it('that a person released after the gateway refused: the refund is made, and answered', () => {
    const world = new CaseWorld()
    world.orders.set('A', money())
    world.platform = { a: { ...FACTS, orderId: 'A' } }
    const refused = sentClaim({ state: 'refused', why: { code: 'c', words: null } })
    world.ledgers.set('A', ledgerOf([refused], reportOf()))
    world.hear('alert', event('alert', 'a', FACTS))
    expect([world.stateOf('a'), world.refunds]).toEqual(['parked: refund-refused', []])
    world.say('a', approved('30', world.now))
    expect([world.stateOf('a'), world.refunds.length]).toEqual(['resolved: answered', 1])
  })
})

describe('whatever happened', () => {
  /** The view after what was decided has been written down. */
  function after(view: CaseView): CaseView {
    const decision = decide(view)
    const slots = new Map<string, CaseEntry>()
    const { facts } = view
    const log: CaseEntry[] = [
      { what: 'hook', at: facts.seenAt, event: event('alert', 'a', facts.facts, facts.eventAt), raw: {} },
      ...facts.said,
      ...[...facts.marks].map((mark): CaseEntry => ({ what: 'mark', at: 0, mark })),
      ...[...facts.alarmed].map((alarm): CaseEntry => ({ what: 'alarmed', at: 0, alarm })),
      ...(facts.enrichedAt === null ? [] : [{ what: 'not-found', at: facts.enrichedAt } as const]),
      ...[facts.worded, facts.sent, facts.answered].filter(entry => entry !== null),
      ...(facts.own === null ? [] : [{ what: 'matched', at: 0, orderId: facts.own.orderId, by: facts.own.by, ...(facts.own.wanted && { wanted: true as const }) } as const]),
      ...decision.entries,
    ] // prettier-ignore
    for (const entry of log) slots.set(slotOf(entry, eventKey), entry)
    const folded = foldLog('alert', 'a', [...slots.values()])
    const ledger = view.ledger !== null && decision.takesRefund !== null ? withClaim(view.ledger, decision.takesRefund, { answeredBy: 'a' }) : view.ledger // prettier-ignore
    return { ...view, facts: folded, ledger, cases: [...view.cases.filter(({ id }) => id !== 'a'), { id: 'a', facts: folded }] } // prettier-ignore
  }

  it('what was decided and written down is decided again without a new fact, alarm or other state', () => {
    fc.assert(
      fc.property(anyCase, view => {
        const second = after(view)
        const again = decide(second)
        // One that has just found its order is decided about with that order in view.
        const third = after(second)
        const last = decide(third)
        expect(view.facts.platformOrderId === null ? [] : [...again.entries, ...again.alarms]).toEqual([])
        expect([last.entries, last.alarms]).toEqual([[], []])
        expect([last.state, last.why, last.effects]).toEqual([again.state, again.why, again.effects])
      }),
      { numRuns: 300 },
    )
  })

  it('what is not finished is looked at again, within five minutes, and what is finished is not', () => {
    fc.assert(
      fc.property(anyCase, view => {
        const one = decide(view)
        const looks =
          one.state === 'noted'
            ? [null, view.now + TERMS.lookMs]
            : one.state === 'resolved'
              ? [null]
              : [view.now + TERMS.lookMs]
        expect(looks).toContain(one.lookAt)
      }),
      { numRuns: 200 },
    )
  })

  it('what waits for a person says what they must decide, and nothing is answered or refunded past a refusal', () => {
    fc.assert(
      fc.property(anyCase, view => {
        const one = decide(view)
        const texts = one.entries.flatMap(entry => (entry.what === 'worded' ? [entry.wording] : []))
        expect(texts.length).toBeLessThanOrEqual(1)
        expect(texts).not.toContainEqual({ type: 'other', description: '' })
        if (one.state !== 'parked' && one.state !== 'awaiting-approval') return
        expect(decisionOf(one.why)).not.toBeNull()
        expect(one.effects.filter(effect => effect !== 'enrich')).toEqual([])
      }),
      { numRuns: 200 },
    )
  })
})
