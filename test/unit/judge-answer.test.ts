import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backoffMs } from '../../src/domain/basics/backoff.ts'
import { judgeAnswer, retryAfterMs, type Answer, type Verdict } from '../../src/domain/judge-answer.ts'

const MAX_MS = 300_000
const answered = (status: number, words = 'words', retryMs: number | null = null): Answer => ({ status, words, retryAfterMs: retryMs }) // prettier-ignore

describe('the next move after an answer', () => {
  it.each<[string, Answer, Verdict]>([
    ['200', answered(200), { next: 'accept' }],
    ['401', answered(401), { next: 'renew-token' }],
    ['403', answered(403), { next: 'stop', cause: 'forbidden' }],
    ['301', answered(301), { next: 'stop', cause: 'redirected' }],
    ['302', answered(302), { next: 'stop', cause: 'redirected' }],
    ['307', answered(307), { next: 'stop', cause: 'redirected' }],
    ['308', answered(308), { next: 'stop', cause: 'redirected' }],
    ['400', answered(400, 'no'), { next: 'reject', status: 400, words: 'no' }],
    ['404', answered(404, 'no'), { next: 'reject', status: 404, words: 'no' }],
    ['409', answered(409, 'no'), { next: 'reject', status: 409, words: 'no' }],
    ['412', answered(412, 'no'), { next: 'reject', status: 412, words: 'no' }],
    ['413', answered(413, 'no'), { next: 'reject', status: 413, words: 'no' }],
    ['422', answered(422, 'no'), { next: 'reject', status: 422, words: 'no' }],
    ['429 with Retry-After', answered(429, '', 7_000), { next: 'wait', ms: 7_000 }],
    ['429 without', answered(429), { next: 'wait', ms: 5_000 }],
    ['429 with too much', answered(429, '', 86_400_000), { next: 'wait', ms: MAX_MS }],
    ['429 with nothing to wait', answered(429, '', 0), { next: 'wait', ms: 1 }],
    ['408', answered(408), { next: 'back-off', code: 'http-408', doubt: true }],
    ['500', answered(500), { next: 'back-off', code: 'http-500', doubt: true }],
    ['502', answered(502), { next: 'back-off', code: 'http-502', doubt: true }],
    ['503', answered(503), { next: 'back-off', code: 'http-503', doubt: true }],
    ['504', answered(504), { next: 'back-off', code: 'http-504', doubt: true }],
    ['a time-out', { failure: 'timeout' }, { next: 'back-off', code: 'timeout', doubt: true }],
    ['a lost connection', { failure: 'lost' }, { next: 'back-off', code: 'lost', doubt: true }],
    ['a call we hung up', { failure: 'aborted' }, { next: 'back-off', code: 'aborted', doubt: true }],
    ['a connection never made', { failure: 'unsent' }, { next: 'back-off', code: 'unsent', doubt: false }],
  ])('%s', (_, answer, verdict) => {
    expect(judgeAnswer(answer, MAX_MS)).toEqual(verdict)
  })

  it('is in doubt for every 5xx and for no other answer but 408, and never waits longer than allowed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), fc.option(fc.nat()), (status, retryMs) => {
        const verdict = judgeAnswer(answered(status, '', retryMs), MAX_MS)
        expect(verdict.next === 'back-off' && verdict.doubt).toBe(status >= 500 || status === 408)
        const waitMs = verdict.next === 'wait' ? verdict.ms : 1
        expect(waitMs).toBeGreaterThan(0)
        expect(waitMs).toBeLessThanOrEqual(MAX_MS)
      }),
      { numRuns: 200 },
    )
  })
})

describe('Retry-After', () => {
  const now = Date.UTC(1994, 10, 6, 8, 49, 30)

  it.each([
    ['7', 7_000],
    [' 120 ', 120_000],
    ['0', 0],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 7_000],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 7_000],
    ['Sun, 06 Nov 1994 08:49:20 GMT', 0],
  ])('%s is read', (header, ms) => {
    expect(retryAfterMs({ 'retry-after': header }, now)).toBe(ms)
  })

  it.each([undefined, '', 'soon', '-5', '0.5', '1e3', '5, 7', 'Sun', '٣', '2026-01-01T00:00:00Z'])(
    '%j says nothing',
    header => {
      expect(retryAfterMs({ 'retry-after': header }, now)).toBeNull()
    },
  )

  it('as a date counts from the answer’s own date, whatever our clock shows', () => {
    const headers = { 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT', date: 'Sun, 06 Nov 1994 08:49:07 GMT' }
    expect(retryAfterMs(headers, now + 86_400_000)).toBe(30_000)
    expect(retryAfterMs({ ...headers, date: 'yesterday' }, now)).toBe(7_000)
  })

  it('however large stays a number that can be clamped', () => {
    for (const header of ['9999999999', '9'.repeat(400)]) {
      expect(judgeAnswer(answered(429, '', retryAfterMs({ 'retry-after': header }, now)), MAX_MS)).toEqual({
        next: 'wait',
        ms: MAX_MS,
      })
    }
  })
})

describe('back-off', () => {
  it('doubles its ceiling from attempt to attempt, up to the cap', () => {
    const ceilings = [1, 2, 3, 4, 10, 1_000].map(attempt => backoffMs(attempt, 1, 500, 300_000))
    expect(ceilings).toEqual([500, 1_000, 2_000, 4_000, 256_000, 300_000])
  })

  it('has full jitter: anything from nothing to the ceiling, in proportion', () => {
    expect(backoffMs(3, 0, 500, 300_000)).toBe(1)
    expect(backoffMs(3, 0.5, 500, 300_000)).toBe(1_000)
  })

  it('is a whole number of milliseconds, never below 1 or above the cap, for any attempt', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    fc.assert(
      fc.property(fc.integer({ min: -5, max: 1_000_000 }), random, fc.integer({ min: 1, max: 400_000 }), (attempt, luck, minMs) => {
        const ms = backoffMs(attempt, luck, minMs, 300_000)
        expect(Number.isInteger(ms)).toBe(true)
        expect(ms).toBeGreaterThanOrEqual(1)
        expect(ms).toBeLessThanOrEqual(300_000)
      }),
      { numRuns: 300 },
    ) // prettier-ignore
  })
})
