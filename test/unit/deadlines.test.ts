import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deadlinesOf, dueMarks, MARKS, nextMarkAt, priorityOf, type Mark } from '../../src/domain/alert/deadlines.ts'
import { caseDeadlines } from '../../src/domain/refund/trigger.ts'
import { alertCase, DAY_MS, HOUR_MS, REFUND_TERMS, SEEN_AT } from './build-case.ts'

const of = (issuedAt: number | null, namesCdrn = false) =>
  deadlinesOf({ seenAt: SEEN_AT, issuedAt, namesCdrn }, REFUND_TERMS.deadlines)

describe('an alert must be answered', () => {
  it('within 24 hours, within 72 where CDRN is named', () => {
    expect(of(null).respondBy - SEEN_AT).toBe(DAY_MS)
    expect(of(null, true).respondBy - SEEN_AT).toBe(3 * DAY_MS)
    const respondBy = (partner: string) =>
      caseDeadlines(alertCase('a', { partner }).facts, REFUND_TERMS.deadlines).respondBy
    expect(['ethoca', 'verifi', 'verifi cdrn', 'cdrn'].map(partner => (respondBy(partner) - SEEN_AT) / DAY_MS)).toEqual([1, 1, 3, 3]) // prettier-ignore
  })

  it('counted from the earlier of its own time and first sight; a time in the future is none', () => {
    expect(of(SEEN_AT - HOUR_MS).startedAt).toBe(SEEN_AT - HOUR_MS)
    expect(of(SEEN_AT + HOUR_MS).startedAt).toBe(SEEN_AT)
    expect(of(null).startedAt).toBe(SEEN_AT)
  })

  it('counted from the alert’s time, before that is known from the event’s', () => {
    const { facts } = alertCase('a')
    const started = (issuedAt: number | undefined, eventAt: number | null) =>
      caseDeadlines({ ...facts, eventAt, facts: { partner: 'ethoca', ...(issuedAt !== undefined && { issuedAt }) } }, REFUND_TERMS.deadlines).startedAt // prettier-ignore
    expect(started(SEEN_AT - 9, SEEN_AT - 5)).toBe(SEEN_AT - 9)
    expect(started(undefined, SEEN_AT - 5)).toBe(SEEN_AT - 5)
    expect(started(undefined, null)).toBe(SEEN_AT)
  })

  it('with marks 4 and 12 hours after it, and 4 hours before the end', () => {
    const { marks } = of(null)
    expect(MARKS.map(mark => (marks[mark] - SEEN_AT) / HOUR_MS)).toEqual([4, 12, 20])
    expect((of(null, true).marks.stop - SEEN_AT) / HOUR_MS).toBe(68)
  })
})

describe('marks', () => {
  it('that are past fire at once, together', () => {
    expect(dueMarks(of(SEEN_AT - 2 * DAY_MS), new Set(), SEEN_AT)).toEqual(['target', 'alarm', 'stop'])
    expect(dueMarks(of(SEEN_AT - 13 * HOUR_MS), new Set(), SEEN_AT)).toEqual(['target', 'alarm'])
  })

  it('fire to the millisecond, each once, in time, whenever somebody looks', () => {
    const looks = fc.array(fc.integer({ min: 0, max: 30 * 60 }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(looks, minutes => {
        const told = new Set<Mark>()
        const fired: Mark[] = []
        for (const minute of minutes.toSorted((a, b) => a - b)) {
          const now = SEEN_AT + minute * 60_000
          const due = dueMarks(of(null), told, now)
          fired.push(...due)
          for (const mark of due) told.add(mark)
          const next = nextMarkAt(of(null), told)
          expect(next === null || next > now).toBe(true)
        }
        const last = SEEN_AT + Math.max(...minutes) * 60_000
        expect(fired).toEqual(MARKS.filter(mark => of(null).marks[mark] <= last))
      }),
      { numRuns: 150 },
    )
    expect(dueMarks(of(null), new Set(), SEEN_AT + 4 * HOUR_MS - 1)).toEqual([])
    expect(dueMarks(of(null), new Set(), SEEN_AT + 4 * HOUR_MS)).toEqual(['target'])
  })

  it('have an end', () => {
    expect(nextMarkAt(of(null), new Set(MARKS))).toBeNull()
  })
})

describe('priority', () => {
  it('goes to the least time left, and stays within 1 and what the queue can hold', () => {
    const times = fc.tuple(fc.integer({ min: -1e13, max: 1e15 }), fc.integer({ min: 0, max: 1e12 }))
    fc.assert(
      fc.property(times, ([respondBy, more]) => {
        const [sooner, later] = [priorityOf(respondBy), priorityOf(respondBy + more)]
        expect(sooner).toBeLessThanOrEqual(later)
        expect(sooner).toBeGreaterThanOrEqual(1)
        expect(later).toBeLessThan(2 ** 21)
      }),
      { numRuns: 200 },
    )
    expect(priorityOf(SEEN_AT + 60_000)).toBe(priorityOf(SEEN_AT) + 1)
  })
})

it('the priority of a deadline is its minutes since 2026 began, from 1 on', () => {
  const began = Date.UTC(2026, 0)
  expect([began - 60_000, began, began + 60_000, began + 119_999, began + 120_000].map(priorityOf)).toEqual([
    1, 1, 1, 1, 2,
  ])
  expect(priorityOf(began + 1_000_000 * 60_000)).toBe(1_000_000)
  expect([2_097_150, 2_097_151, 2_097_152].map(minutes => priorityOf(began + minutes * 60_000))).toEqual([
    2_097_150, 2_097_151, 2_097_151,
  ])
})
