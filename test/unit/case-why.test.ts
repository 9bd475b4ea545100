import { describe, expect, it } from 'vitest'
import { decisionOf, saysOf, WHYS, type WhyCode } from '../../src/domain/case/reasons.ts'

const CODES = Object.keys(WHYS) as WhyCode[]
/** A case in one of these wants nothing more, or goes on by itself at once. */
const NOBODY_DECIDES = ['new', 'notice', 'never-paid', 'not-wanted', 'nothing-left', 'rest-changed', 'answered', 'refund-done', 'taken-over', 'chargeback-told'] // prettier-ignore

describe('every reason', () => {
  it.each(CODES)('%s says why in a sentence, and what a person must decide in another', code => {
    expect(saysOf(code)).toMatch(/^[A-Z].*\.$/)
    expect(decisionOf(code) ?? 'None.').toMatch(/^[A-Z].*\.$/)
    expect(decisionOf(code) === null).toBe(NOBODY_DECIDES.includes(code))
  })
  it('says something of its own', () => {
    expect(new Set(CODES.map(saysOf)).size).toBe(CODES.length)
  })
})
