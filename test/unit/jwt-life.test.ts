import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTokenClock, renewAtOf } from '../../src/platforms/midigator/jwt-life.ts'

const NOW = 1_800_000_000_000
const jwt = (claims: unknown) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`
const secondsIn = (ms: number) => (NOW + ms) / 1_000

describe('the time from which a token is due', () => {
  it('is a minute before it expires', () => {
    expect(renewAtOf(jwt({ exp: secondsIn(3_600_000) }), NOW, true)).toBe(NOW + 3_540_000)
    expect(renewAtOf(jwt({ exp: secondsIn(3_600_000) }), NOW, false)).toBe(NOW + 3_540_000)
    expect(renewAtOf(jwt({ exp: secondsIn(120_000) }), NOW, true)).toBe(NOW + 60_000)
  })

  it('is the half of a life shorter than two minutes', () => {
    expect(renewAtOf(jwt({ exp: secondsIn(100_000) }), NOW, true)).toBe(NOW + 50_000)
    expect(renewAtOf(jwt({ iat: secondsIn(-40_000), exp: secondsIn(60_000) }), NOW, false)).toBe(NOW + 10_000)
  })

  it.each(['', 'opaque', 'a.b.c', 'e30..', jwt({}), jwt(null), jwt([]), jwt({ exp: 'soon' }), jwt({ exp: -1 })])(
    'is 300 s after %j was got, as no exp can be read',
    token => {
      expect(renewAtOf(token, NOW, true)).toBe(NOW + 300_000)
      expect(renewAtOf(token, NOW, false)).toBe(NOW + 300_000)
    },
  )

  it('has passed for a token found that has expired', () => {
    expect(renewAtOf(jwt({ iat: secondsIn(-7_200_000), exp: secondsIn(-3_600_000) }), NOW, false)).toBeLessThan(NOW)
    expect(renewAtOf(jwt({ exp: secondsIn(-1_000) }), NOW, false)).toBeLessThan(NOW)
  })

  it('is never at once for a token just given, however wrong our clock is', () => {
    const claims = fc.record({
      iat: fc.option(fc.integer({ min: 1, max: 4e9 })),
      exp: fc.integer({ min: 1, max: 4e9 }),
    })
    fc.assert(
      fc.property(claims, given => {
        expect(renewAtOf(jwt(given), NOW, true)).toBeGreaterThan(NOW)
      }),
    )
    // A clock that is two hours ahead: the life counts from the giving.
    const ahead = jwt({ iat: secondsIn(-7_200_000), exp: secondsIn(-3_600_000) })
    expect(renewAtOf(ahead, NOW, true)).toBe(NOW + 3_540_000)
  })
})

describe('a token clock', () => {
  it('counts an unreadable life from the first sight, not from each', () => {
    let now = NOW
    const clock = createTokenClock(() => now)
    expect(clock.isDue('opaque')).toBe(false)
    now += 299_999
    expect(clock.isDue('opaque')).toBe(false)
    now += 1
    expect(clock.isDue('opaque')).toBe(true)
    clock.onGiven('another')
    expect(clock.isDue('another')).toBe(false)
  })
})
