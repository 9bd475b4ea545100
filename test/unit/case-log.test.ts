import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventKey, type AlertEvent } from '../../src/domain/alert/event.ts'
import type { AlertFacts } from '../../src/domain/alert/facts.ts'
import { foldLog, lastRefundDecision, orderIdOf, slotOf, type CaseEntry } from '../../src/domain/case/log.ts'
import {
  answeredAt, approved, chose, chosenAt, closed, declined, event, hook, missing, NOW, readBack, resolved, SEEN_AT, sentAt,
} from './build-case.ts' // prettier-ignore

const NEW = hook('alert', { partner: 'ethoca', amount: '30', arn: '1' }, SEEN_AT + 5)
const MATCH = hook('alert-match', { partner: 'ethoca', orderId: 'A', amount: '31' }, SEEN_AT)
const GET = readBack({ orderId: 'B', reason: 'fraud' }, SEEN_AT + 9)
const fold = (...log: CaseEntry[]) => foldLog('alert', 'g', log)
const own = (orderId: string, at: number): CaseEntry => ({ what: 'matched', at, orderId, by: 'card', isActed: true })
const flag = (orderId: string, value: boolean, at: number): CaseEntry => ({ what: 'flag', at, orderId, flag: 'is_fraud', value }) // prettier-ignore

describe('a case is the fold of its log', () => {
  const log: CaseEntry[] = [
    NEW, MATCH, GET, hook('alert', { partner: 'safe', orderId: 'C' }, SEEN_AT + 5), readBack({ orderId: 'D' }, SEEN_AT + 8),
    declined(7), approved('30', 9), closed(9), missing(SEEN_AT + 3), own('A', 1), own('B', 2), chose('E', 3), resolved(4),
    { what: 'mark', at: 2, mark: 'target' }, { what: 'alarmed', at: 3, alarm: 'case-approval', reason: 'x' },
    chosenAt(4), chosenAt(5, { refundKey: 'k' }), sentAt(5), sentAt(4, 2), answeredAt(6, { accepted: false }), answeredAt(7),
    flag('A', true, 1), flag('A', false, 2), flag('B', true, 2),
  ] // prettier-ignore
  const expected = fold(...log)

  it('the order of its entries does not matter', () => {
    const shuffled = fc.shuffledSubarray(log, { minLength: log.length, maxLength: log.length })
    fc.assert(
      fc.property(shuffled, mixed => {
        expect(fold(...mixed)).toEqual(expected)
      }),
      { numRuns: 150 },
    )
  })

  it('an event that is in it twice counts once', () => {
    const { requested: _once, ...facts } = fold(...log)
    const { requested: _twice, ...again } = fold(...log, NEW, MATCH, GET)
    expect(again).toEqual(facts)
  })

  it('is what its entries say', () => {
    expect(expected).toMatchObject({ chosenOrderId: 'E', namedOrderIds: ['B'], hasGuid: true, seenAt: SEEN_AT, flags: [{ orderId: 'B', flag: 'is_fraud' }] }) // prettier-ignore
    expect([expected.resolution?.at, expected.sent?.of, expected.answered?.accepted]).toEqual([5, 5, true])
    expect(expected.own.map(one => one.orderId)).toEqual(['A', 'B'])
  })
})

describe('the facts of a case', () => {
  it('are what the platform’s record says, then its match, then its first event', () => {
    expect(fold(GET, MATCH, NEW).facts).toMatchObject({ orderId: 'B', amount: '31', arn: '1', reason: 'fraud' })
    expect(fold(MATCH, NEW)).toMatchObject({ namedOrderIds: ['A'], record: null, seenAt: SEEN_AT })
  })

  it('are in whatever order the bytes are: a match before a first event, the later text among equals', () => {
    const told = (type: 'alert' | 'alert-match', amount: string, at: number) => hook(type, { amount }, at)
    const amount = (...log: CaseEntry[]) => fold(...log).facts.amount
    for (const [a, b] of [
      ['1', '9'],
      ['9', '1'],
    ] as const) {
      expect(amount(told('alert', a, 1), told('alert-match', b, 2))).toBe(b)
      expect(amount(told('alert', a, 2), told('alert-match', b, 1))).toBe(b)
      expect([
        amount(told('alert', a, 1), told('alert', b, 2)),
        amount(told('alert-match', a, 1), told('alert-match', b, 2)),
      ]).toEqual(['9', '9'])
    }
    expect(amount(told('alert', '1', 1), told('alert', '5', 2), told('alert', '9', 3))).toBe('9')
    expect(amount(told('alert', '9', 3), told('alert', '1', 1), told('alert', '5', 2))).toBe('9')
  })

  it('are what the platform’s newest record says, not what an older one said', () => {
    const later = readBack({ orderId: 'A' }, SEEN_AT + 10)
    for (const both of [[GET, later], [later, GET]])
      expect(fold(NEW, ...both).facts).toEqual({ ...NEW.event.facts, orderId: 'A' })
  }) // prettier-ignore

  it('keep every name of the partner: a notice stays one, whatever a later answer leaves out', () => {
    expect(fold(hook('alert', { partner: 'verifi rdr' }), readBack({ partner: 'verifi' })).facts.partner).toBe('rdr verifi') // prettier-ignore
    expect(fold(hook('alert', {}), readBack({})).facts.partner).toBeUndefined()
  })

  it('know a time only to the day where the source of that time does', () => {
    const day: AlertFacts = { issuedAt: SEEN_AT, isIssuedOnDay: true }
    expect(fold(hook('alert', day), readBack({})).facts).toEqual(day)
    expect(fold(hook('alert', day), readBack({ issuedAt: SEEN_AT - 1 })).facts).toEqual({ issuedAt: SEEN_AT - 1 })
    expect(fold(hook('alert', { issuedAt: SEEN_AT - 1 }), readBack(day)).facts).toEqual(day)
  })

  it('name the fields that could not be read', () => {
    const faults = [{ field: 'amount', message: 'expected an amount' }]
    const broken = { ...NEW, event: { ...NEW.event, faults } }
    expect(fold(broken, readBack({})).faults).toEqual(faults)
    expect(fold(NEW).faults).toEqual([])
    expect(fold(NEW, { what: 'read-back', at: 1, facts: {}, faults }).faults).toEqual(faults)
  })

  it('have the earliest of the events’ own times, and none where none could be read', () => {
    const at = (sent: number | null): CaseEntry => ({ ...NEW, event: event('alert', 'g', {}, sent) })
    expect(fold(at(9), at(null), at(4)).eventAt).toBe(4)
    expect(fold(at(null)).eventAt).toBeNull()
  })

  it('have a guid unless an event of it had none', () => {
    const without = { ...NEW, event: { ...NEW.event, hasGuid: false } } as CaseEntry
    expect([fold(NEW).hasGuid, fold(without).hasGuid, fold(NEW, without).hasGuid]).toEqual([true, false, false])
  })

  it('keep each order and amount that the events of a refund request named', () => {
    const one = foldLog('request', 'g', [hook('refund', { orderId: 'A', amount: '30' }), hook('refund', { amount: '5' })]) // prettier-ignore
    expect(one.requested).toHaveLength(2)
    expect(one.requested).toEqual(expect.arrayContaining([{ orderId: 'A', amount: '30' }, { orderId: null, amount: '5' }])) // prettier-ignore
  })
})

describe('the platform’s record', () => {
  it('is missing since it was first not there, until it is read', () => {
    expect(fold(NEW)).toMatchObject({ askedAt: null, missedSince: null, record: null })
    expect(fold(NEW, missing(5, 7))).toMatchObject({ askedAt: 7, missedSince: 5, record: null })
    expect(fold(NEW, missing(5, 7), readBack({}, 6))).toMatchObject({ askedAt: 7, missedSince: null, record: {} })
    expect(fold(NEW, readBack({}, 9), missing(5, 7))).toMatchObject({ askedAt: 9, missedSince: null })
  })
})

describe('the platform’s record is old', () => {
  const later = (orderId: string | undefined, at: number) => hook('alert-match', orderId === undefined ? { amount: '1' } : { orderId }, at) // prettier-ignore
  it('when an event that came after it was read names another order, until it is read or asked for again', () => {
    const read = readBack({ orderId: 'A' }, 10)
    const isOld = (...log: CaseEntry[]) => fold(...log).isRecordOld
    expect(isOld(NEW)).toBe(false)
    expect([isOld(read, later('B', 11)), isOld(read, later('B', 10)), isOld(read, later('A', 11)), isOld(read, later(undefined, 11))]).toEqual([true, false, false, false]) // prettier-ignore
    expect(isOld(read, later('B', 11), { what: 'asked', at: 12, missedSince: null })).toBe(false)
    expect(isOld(read, later('B', 13), { what: 'asked', at: 12, missedSince: null })).toBe(true)
    expect(isOld(readBack({}, 10), later('B', 11))).toBe(true)
  })
})

describe('the order of a case', () => {
  const at = (type: AlertEvent['type'], orderId: string, time = SEEN_AT) => hook(type, { orderId }, time)
  it('is the one that the platform’s record names, else those of its events, which may differ', () => {
    expect(fold(at('alert', 'A'), at('alert-match', 'B')).namedOrderIds).toEqual(['A', 'B'])
    expect(fold(at('alert', 'A'), at('alert-match', 'B'), readBack({ orderId: 'C' })).namedOrderIds).toEqual(['C'])
    expect(fold(at('alert', 'A'), readBack({})).namedOrderIds).toEqual(['A'])
  })
  it('is a person’s choice before the platform’s, and the platform’s before our own match', () => {
    expect(orderIdOf(fold(NEW))).toBeNull()
    expect(fold(at('alert', 'B', 1), at('alert-match', 'A', 2)).namedOrderIds).toEqual(['A', 'B'])
    expect(orderIdOf(fold(NEW, own('Y', 1), own('Z', 2)))).toBe('Z')
    expect(orderIdOf(fold(NEW, own('Z', 2), at('alert-match', 'A')))).toBe('A')
    expect(orderIdOf(fold(NEW, own('Z', 2), at('alert-match', 'A'), at('alert', 'B')))).toBeNull()
    expect(orderIdOf(fold(NEW, at('alert-match', 'A'), chose('C', 1), chose('D', 2)))).toBe('D')
  })
})

describe('the calls of a case', () => {
  it('count only for the newest resolution, and not where none was surely taken', () => {
    expect(fold(NEW, chosenAt(4), sentAt(4)).sent).toMatchObject({ calls: 1, of: 4 })
    expect(fold(NEW, chosenAt(4), sentAt(4, 0)).sent).toBeNull()
    expect(fold(NEW, chosenAt(4), sentAt(4), chosenAt(6)).sent).toBeNull()
    expect(fold(NEW, chosenAt(4), sentAt(4, 1, 4), sentAt(4, 2, 9)).sent).toMatchObject({ calls: 2 })
  })
})

describe('the marks of a case on orders', () => {
  it('are those that were set and not withdrawn', () => {
    const set = [flag('A', true, 1), flag('B', true, 2), flag('A', false, 3)]
    expect(fold(NEW, ...set).flags).toEqual([{ orderId: 'B', flag: 'is_fraud' }])
    expect(fold(NEW, ...set, flag('A', true, 4)).flags.map(one => one.orderId)).toEqual(expect.arrayContaining(['A', 'B'])) // prettier-ignore
  })
})

describe('the last decision about refunding', () => {
  it('is the newest approval or refusal, whatever else was decided since', () => {
    const decisions = fold(NEW, approved('30', 1), declined(2), resolved(3), chose('A', 4), closed(5)).decisions
    expect(lastRefundDecision(decisions)).toMatchObject({ decision: 'decline', at: 2 })
    expect(lastRefundDecision([])).toBeNull()
    // By time, not by bytes.
    expect(lastRefundDecision(fold(NEW, approved('20', 10), approved('30', 9)).decisions)).toMatchObject({
      amount: '20',
    })
    const same = [approved('30', 1), approved('20', 1)]
    expect(fold(NEW, ...same).decisions).toEqual(fold(NEW, ...same.toReversed()).decisions)
  })
})

describe('the slots of a log', () => {
  const slot = (entry: CaseEntry) => slotOf(entry, eventKey)
  it('replace only when the platform was last asked, and the calls of one resolution', () => {
    expect(slot(missing(1, 2))).toBe(slot(missing(1, 3)))
    expect(slot(sentAt(4, 1))).toBe(slot(sentAt(4, 2, 9)))
    expect(slot(sentAt(4))).not.toBe(slot(sentAt(5)))
  })
  it('keep everything else: events by content, the rest by its time, and by what it is about', () => {
    const entries: CaseEntry[] = [
      NEW, MATCH, readBack({}, 1), readBack({}, 2), approved('1', 4), approved('1', 5), chosenAt(1), chosenAt(2), answeredAt(1), answeredAt(2),
      own('A', 1), own('A', 2), { what: 'mark', at: 1, mark: 'stop' }, { what: 'mark', at: 1, mark: 'target' },
      { what: 'alarmed', at: 1, alarm: 'x', reason: 'r' }, { what: 'alarmed', at: 2, alarm: 'x', reason: 'r' },
      { what: 'alarmed', at: 1, alarm: 'y', reason: 'r' }, flag('A', true, 1), flag('B', true, 1), flag('A', false, 2),
    ] // prettier-ignore
    expect(new Set(entries.map(slot)).size).toBe(entries.length)
  })
  it('know an event by its content, not by when it came or was sent', () => {
    expect(slot({ ...NEW, at: 1 })).toBe(slot(NEW))
    expect(slot({ ...NEW, event: { ...NEW.event, sentAt: NOW } })).toBe(slot(NEW))
    expect(slot({ ...NEW, event: { ...NEW.event, faults: [{ field: 'mid', message: 'm' }] } })).toBe(slot(NEW))
  })
})
