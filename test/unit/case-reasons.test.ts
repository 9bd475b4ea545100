import { describe, expect, it } from 'vitest'
import { actionOf, describeReason, REASONS, type ReasonCode } from '../../src/domain/case/reasons.ts'

const CODES = Object.keys(REASONS) as ReasonCode[]
/** A case for one of these is finished, or goes on at once without a person. */
const WITHOUT_ACTION = ['new', 'notice', 'never-paid', 'not-wanted', 'nothing-left', 'answered', 'answered-before', 'refund-done', 'taken-over', 'chargeback-told', 'closed'] // prettier-ignore

describe('every reason', () => {
  it.each(CODES)('%s has a status of at most seven words, a cause in a sentence, and what a person must do', code => {
    const { status, cause } = REASONS[code]
    expect(status).toMatch(/^[A-Z][^.]*$/)
    expect(status.split(' ').length).toBeLessThanOrEqual(7)
    expect(cause).toMatch(/^[A-Z“].*\.$/)
    expect(describeReason(code)).toBe(`${status}. ${cause}`)
    expect(actionOf(code) ?? 'None.').toMatch(/^[A-Z].*\.$/)
    expect(actionOf(code) === null).toBe(WITHOUT_ACTION.includes(code))
  })

  it('says something of its own', () => {
    expect(new Set(CODES.map(describeReason)).size).toBe(CODES.length)
  })

  it('names no code of another reason in its text', () => {
    const texts = CODES.map(code => `${describeReason(code)} ${actionOf(code) ?? ''}`)
    const codes = CODES.filter(code => code.includes('-'))
    expect(texts.filter(text => codes.some(code => text.includes(code)))).toEqual([])
  })
})
