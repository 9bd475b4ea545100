import { describe, expect, it } from 'vitest'
import { nearestName } from '../../src/domain/basics/nearest-name.ts'

const KNOWN = ['rdr', 'cdrn', 'descriptor', 'description', 'psp_name']

describe('the nearest name', () => {
  it.each([
    ['a letter wrong', 'descripter', 'descriptor'],
    ['a letter missing', 'pspname', 'psp_name'],
    ['a letter too many', 'cdrrn', 'cdrn'],
    ['two letters swapped', 'cdnr', 'cdrn'],
    ['capitals', 'RDR', 'rdr'],
    ['nothing wrong', 'description', 'description'],
    ['nothing alike, and no letter at all', '', 'rdr'],
  ])('is found for one with %s', (_what, given, nearest) => {
    expect(nearestName(given, KNOWN)).toBe(nearest)
  })

  it('is found at once for a text without end', () => {
    expect(KNOWN).toContain(nearestName('x'.repeat(10_000_000), KNOWN))
  })
})
