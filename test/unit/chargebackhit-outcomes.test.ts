import { describe, expect, it } from 'vitest'
import { ANSWER_TYPES, answerTypesOf, RESOLUTION_TYPES, takesAnswer } from '../../src/domain/alert/resolution-types.ts'
import { outcomeOf, OUTCOMES, outcomeTo } from '../../src/domain/alert/outcomes.ts'

describe('the words of an answer', () => {
  it.each([
    ['issued_full_refund', 'reversed'],
    ['issued_refund_for_remaining_amount', 'reversed'],
    ['previously_refunded_nothing_to_do', 'previously-reversed'],
    ['declined_or_canceled_nothing_to_do', 'decline'],
    ['could_not_find_order', 'not-found'],
    ['unable_to_refund_merchant_account_closed', 'reverse-error'],
    ['other', 'reverse-error'],
    ['shipped', 'shipped'],
  ] as const)('%s is %s to Chargebackhit', (type, outcome) => {
    expect(outcomeOf(type)).toBe(outcome)
  })

  it('reach every outcome but the two that say that there is none yet, or nothing to say', () => {
    const reached = new Set(answerTypesOf('chargebackhit:1').map(outcomeOf))
    expect(OUTCOMES.filter(outcome => !reached.has(outcome))).toEqual(['acknowledged', 'pending'])
  })

  it('are shown beside ours where the platform has its own', () => {
    expect(outcomeTo('chargebackhit', 'issued_full_refund')).toBe('reversed')
    expect(outcomeTo('midigator', 'issued_full_refund')).toBeNull()
  })

  it('are those that their platform has', () => {
    expect(answerTypesOf('midigator:1')).toEqual(RESOLUTION_TYPES)
    expect(ANSWER_TYPES.filter(type => !takesAnswer('chargebackhit:1', type))).toEqual(['3ds_authorized_successfully'])
  })
})

it('the outcomes are those of the vendor’s guide', () => {
  expect([...OUTCOMES].toSorted()).toEqual([
    'acknowledged', 'decline', 'not-found', 'pending', 'previously-reversed', 'reverse-error', 'reversed', 'shipped',
  ]) // prettier-ignore
})

it('a platform without exceptions takes every answer; its name ends at the first colon of a case’s id', () => {
  expect(ANSWER_TYPES.every(type => takesAnswer('elsewhere:1', type))).toBe(true)
  expect(takesAnswer('midigator:a:b', 'shipped')).toBe(false)
})
