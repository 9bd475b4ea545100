import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestText } from '../../src/store/digest.ts'

describe('the digest of what was acknowledged', () => {
  it('is one text for one value, and two for two, be they short, long, or like a digest themselves', () => {
    const long = fc.string({ minLength: 38, maxLength: 60 })
    const text = fc.oneof(
      fc.string({ maxLength: 45 }),
      long,
      long.map(digestText),
      fc.constantFrom('', '=', '#', 'null'),
    )
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(digestText(a) === digestText(b)).toBe(a === b)
        expect(digestText(a)).toBe(digestText(a.slice(0)))
      }),
      { numRuns: 300 },
    )
  })

  it('never grows with the value, and holds nothing of a long one', () => {
    const address = 'Jane Doe, 123 Sample Address, Apt. B, Detroit'
    expect(digestText(address.repeat(100)).length).toBeLessThan(50)
    expect(digestText(address)).not.toContain('Jane')
  })
})
