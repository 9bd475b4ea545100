import { describe, expect, it } from 'vitest'
import { readFacts } from '../../src/domain/alert/read-facts.ts'
import { codeOf, proseOf, referenceOf } from '../../src/domain/alert/read-field.ts'

const CARD = '4012888888881881'
const FIELDS = { cardFirst6: ['first'], cardLast4: ['last'], caseNumber: ['case'], partner: ['partner'] }
const caseNumber = (body: Record<string, unknown>) => readFacts(body, FIELDS).facts.caseNumber

describe('a reference in the field of a case number', () => {
  it('that is the alert’s own card number is not kept', () => {
    const body = { first: '401288', last: '1881', case: CARD }
    expect(caseNumber(body)).toBeUndefined()
    expect(readFacts(body, FIELDS).faults.map(({ field }) => field)).toEqual(['case'])
    expect(caseNumber({ ...body, case: '4012 8888 8888 1881' })).toBeUndefined()
  })

  it('of many digits that is another number is kept', () => {
    const ends = { first: '401288', last: '1881' }
    expect(caseNumber({ ...ends, case: '4111111111111111' })).toBe('4111111111111111')
    expect(caseNumber({ ...ends, case: '4012888888881882' })).toBe('4012888888881882')
    // It begins and ends as the card does, and passes no checksum.
    expect(caseNumber({ ...ends, case: '4012880000001881' })).toBe('4012880000001881')
    // No brand's numbers are so long; the card's own ends and checksum tell all the same.
    expect(caseNumber({ first: '999999', last: '9995', case: '9999999999999995' })).toBeUndefined()
  })

  it('is the card’s where only one end of it is known, and the number looks like a card’s', () => {
    expect(caseNumber({ first: '401288', case: CARD })).toBeUndefined()
    expect(caseNumber({ last: '1881', case: CARD })).toBeUndefined()
    expect(caseNumber({ first: '555555', case: CARD })).toBe(CARD)
    expect(caseNumber({ last: '1111', case: CARD })).toBe(CARD)
    expect(caseNumber({ first: '401288', case: '4012880000001881' })).toBe('4012880000001881')
    expect(caseNumber({ last: '1881', case: '4012880000001881' })).toBe('4012880000001881')
  })

  it('is kept where nothing of the card is known, whatever it looks like', () => {
    expect(caseNumber({ case: CARD })).toBe(CARD)
  })

  it('is not kept where a whole card number stands in place of its parts', () => {
    expect(caseNumber({ first: ` ${CARD} `, case: CARD })).toBeUndefined()
  })
})

it('facts for which a platform has no field are absent', () => {
  expect(readFacts({ case: '7' }, { caseNumber: ['case'] })).toEqual({ facts: { caseNumber: '7' }, faults: [] })
})

describe('text of nothing but control characters', () => {
  it('states nothing, and no text of other letters is taken for it', () => {
    expect([proseOf('\u0000'), codeOf('\u0000'), proseOf(' ')]).toEqual([null, null, null])
    expect(referenceOf('')).toBeNull()
    expect([proseOf('n/a'), codeOf('n/a'), referenceOf('n/a')]).toEqual([{ ok: 'n/a' }, { ok: 'n/a' }, { ok: 'n/a' }])
  })
})

describe('a text of 255 characters', () => {
  it('is the longest that is kept', () => {
    const [longest, longer] = ['x'.repeat(255), 'x'.repeat(256)]
    expect([codeOf(longest), referenceOf(longest)]).toEqual([{ ok: longest }, { ok: longest }])
    expect([codeOf(longer), referenceOf(longer)].every(one => one !== null && 'expected' in one)).toBe(true)
    expect(proseOf(longest)).toEqual({ ok: longest })
  })
})
