import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatInstant, parseInstant } from '../../src/domain/basics/instant.ts'

const at = Date.UTC(2017, 5, 28, 9, 20, 11)

describe('times', () => {
  it.each([
    ['2017-06-28T09:20:11Z', at],
    ['2017-06-28 09:20:11', at],
    ['2017-06-28T09:20:11', at],
    ['2017-06-28T09:20:11z', at],
    ['2017-06-28T09:20:11.25Z', at + 250],
    ['2017-06-28T09:20:11,250Z', at + 250],
    ['2017-06-28T09:20:11.250999999Z', at + 250],
    ['2017-06-28T11:20:11+02:00', at],
    ['2017-06-28T11:20:11+0200', at],
    ['2017-06-28 11:20:11+02', at],
    ['2017-06-28T03:50:11-05:30', at],
    ['2017-06-28T09:20:11-00:00', at],
    ['2017-06-28T09:20Z', at - 11_000],
    ['2016-02-29T00:00:00Z', Date.UTC(2016, 1, 29)],
    ['1970-01-01T00:00:00Z', 0],
    ['2199-12-31T23:59:59Z', Date.UTC(2199, 11, 31, 23, 59, 59)],
  ])('%s is read', (text, ms) => {
    expect(parseInstant(text)).toBe(ms)
  })

  it.each([
    '2017-02-29T00:00:00Z',
    '2017-06-31T00:00:00Z',
    '2017-13-01T00:00:00Z',
    '2017-00-01T00:00:00Z',
    '2017-06-00T00:00:00Z',
    '2017-06-28T24:00:00Z',
    '2017-06-28T23:60:00Z',
    '2016-12-31T23:59:60Z',
    '2017-06-28T09:20:11+24:00',
    '2017-06-28T09:20:11+02:60',
    '2017-06-28T09:20:11 CEST',
    '2017-06-28',
    '20170628T092011Z',
    '2017-6-28 9:20:11',
    '+002017-06-28T09:20:11Z',
    '٢٠١٧-06-28T09:20:11Z',
    '2017-06-28T09:20:11Z\n',
    ' 2017-06-28T09:20:11Z',
    '1969-12-31T23:59:59Z',
    '2200-01-01T00:00:00Z',
    '1498641611',
    '',
  ])('%j is no time', text => {
    expect(parseInstant(text)).toBeNull()
  })

  it('that a zone moves out of the years taken are none either: stamps are never negative', () => {
    expect(parseInstant('1970-01-01T00:00:00+14:00')).toBeNull()
    expect(parseInstant('2199-12-31T23:59:59-14:00')).toBeNull()
  })

  it("are written in the Data API's stated form, which reads back to the same second", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(2199, 11, 31) }), ms => {
        expect(formatInstant(ms)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
        expect(parseInstant(formatInstant(ms))).toBe(ms - (ms % 1_000))
      }),
      { numRuns: 200 },
    )
  })

  it('mean the same wherever on Earth they are told', () => {
    const zone = fc.integer({ min: -14 * 60, max: 14 * 60 })
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(1971, 0), max: Date.UTC(2100, 0) }), zone, (ms, minutes) => {
        const local = new Date(ms + minutes * 60_000).toISOString().slice(0, -1)
        const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
        const offset = `${minutes < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(rest).padStart(2, '0')}`
        expect(parseInstant(local + offset)).toBe(ms)
      }),
      { numRuns: 200 },
    )
  })
})
