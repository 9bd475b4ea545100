import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventKey } from '../../src/domain/alert/event.ts'
import { foldLog, isConflict, slotOf, type CaseEntry } from '../../src/domain/case/log.ts'
import { approved, event, hook, said, SEEN_AT } from './build-case.ts'

const NEW = hook('alert', { partner: 'ethoca', amount: '30', arn: '1' }, SEEN_AT + 5)
const MATCH = hook('alert-match', { partner: 'ethoca', orderId: 'A', amount: '31' }, SEEN_AT)
const GET: CaseEntry = { what: 'enriched', at: SEEN_AT + 9, facts: { orderId: 'B', reason: 'fraud' } }

describe('a log', () => {
  const log: CaseEntry[] = [
    NEW, MATCH, GET, said({ word: 'refuse' }, 7), approved('30', 9),
    { what: 'not-found', at: SEEN_AT + 3 },
    { what: 'matched', at: 1, orderId: 'A', by: 'arn' },
    { what: 'mark', at: 2, mark: 'target' },
    { what: 'alarmed', at: 3, alarm: 'case-approval' },
    { what: 'worded', at: 4, by: 'policy', wording: { type: 'other', description: 'x' }, refundKey: null },
    { what: 'sent', at: 5, calls: 1, unanswered: false },
    { what: 'answered', at: 6, accepted: true, probably: false, status: 200, words: '' },
  ] // prettier-ignore

  it('tells the same in whatever order it stands', () => {
    const expected = foldLog('alert', 'g', log)
    const shuffled = fc.shuffledSubarray(log, { minLength: log.length, maxLength: log.length })
    fc.assert(
      fc.property(shuffled, mixed => {
        expect(foldLog('alert', 'g', mixed)).toEqual(expected)
      }),
      { numRuns: 150 },
    )
  })

  it('tells the same when parts of it stand in it twice', () => {
    expect(foldLog('alert', 'g', [...log, NEW, MATCH, GET])).toEqual(foldLog('alert', 'g', log))
  })

  it('believes what the platform answered, then its match, then its first word', () => {
    expect(foldLog('alert', 'g', [GET, MATCH, NEW]).facts).toMatchObject({ orderId: 'B', amount: '31', arn: '1' })
    expect(foldLog('alert', 'g', [MATCH, NEW])).toMatchObject({ platformOrderId: 'A', seenAt: SEEN_AT })
  })

  it('forgets what the platform answered when it answers anew', () => {
    const later: CaseEntry = { what: 'enriched', at: SEEN_AT + 10, facts: { orderId: 'A' } }
    for (const both of [
      [GET, later],
      [later, GET],
    ])
      expect(foldLog('alert', 'g', [NEW, ...both]).facts).toEqual({ ...(NEW as { event: { facts: object } }).event.facts, orderId: 'A' }) // prettier-ignore
  })

  it('has the earliest of its events’ own times, and none when none could be read', () => {
    const at = (sentAt: number | null): CaseEntry => ({ ...NEW, event: event('alert', 'g', {}, sentAt) }) as CaseEntry
    expect(foldLog('alert', 'g', [at(9), at(null), at(4)]).eventAt).toBe(4)
    expect(foldLog('alert', 'g', [at(null)]).eventAt).toBeNull()
  })

  it('counts no call that was surely not taken, and none that carried older words', () => {
    const worded = (at: number): CaseEntry => ({ what: 'worded', at, by: 'ann', wording: { type: 'other', description: 'x' }, refundKey: null }) // prettier-ignore
    const sent = (at: number, calls: number): CaseEntry => ({ what: 'sent', at, calls, unanswered: false })
    expect(foldLog('alert', 'g', [NEW, worded(4), sent(4, 1)]).sent).toMatchObject({ calls: 1 })
    expect(foldLog('alert', 'g', [NEW, worded(4), sent(5, 0)]).sent).toBeNull()
    expect(foldLog('alert', 'g', [NEW, worded(6), sent(5, 2)]).sent).toBeNull()
  })
})

describe('a second order', () => {
  const own = (wanted?: true): CaseEntry => ({
    what: 'matched',
    at: 1,
    orderId: 'A',
    by: 'card',
    ...(wanted && { wanted }),
  })
  const named = (orderId: string) => hook('alert-match', { orderId })

  it('named by the platform is believed while nothing was begun for ours', () => {
    expect(isConflict(foldLog('alert', 'g', [own(), named('B')]))).toBe(false)
  })
  it('is a conflict once a refund of ours was wanted', () => {
    expect(isConflict(foldLog('alert', 'g', [own(true), named('B')]))).toBe(true)
    expect(isConflict(foldLog('alert', 'g', [own(true), named('A')]))).toBe(false)
  })
})

describe('slots', () => {
  it('keep one of each kind, but every event by its content, every word by its time, and each mark and alarm', () => {
    const entries: CaseEntry[] = [NEW, MATCH, approved('1', 4), { what: 'mark', at: 1, mark: 'stop' }, { what: 'alarmed', at: 1, alarm: 'x' }, { what: 'sent', at: 1, calls: 1, unanswered: false }] // prettier-ignore
    const slots = entries.map(entry => slotOf(entry, eventKey))
    expect(new Set(slots).size).toBe(entries.length)
    expect(slots.slice(2)).toEqual(['said:4', 'mark:stop', 'alarmed:x', 'sent'])
  })
})
