import { describe, expect, it } from 'vitest'
import type { CaseEntry } from '../../src/domain/case/log.ts'
import type { RefundView } from '../../src/domain/refund/plan.ts'
import { wishOf } from '../../src/domain/refund/wish.ts'
import { alertCase, approved, caseOf, ETHOCA, hook, NOW, requestCase, said, SEEN_AT } from './build-case.ts' // prettier-ignore
import { ANSWERED, viewOf, words } from './plan-in-words.ts'

describe('what starts a refund', () => {
  const REQUEST = requestCase()
  const wish = (trigger: RefundView['terms']['trigger'], ...cases: RefundView['cases']) =>
    wishOf(viewOf({ terms: { trigger }, cases }))
  const [a, request] = [
    { by: 'a', needs: null },
    { by: 'req', needs: null },
  ]

  it('is `order.refund`, or a match, or either of them', () => {
    expect(wish('order.refund', alertCase('a'))).toBeNull()
    expect(wish('order.refund', alertCase('a'), REQUEST)).toEqual(a)
    expect(wish('order.refund', REQUEST)).toEqual(request)
    expect(wish('match', alertCase('a'))).toEqual(a)
    expect(wish('match', REQUEST)).toBeNull()
    expect(wish('match', alertCase('a', { amount: '7' }), REQUEST)).toEqual(a)
    expect(wish('either', alertCase('a'))).toEqual(a)
    expect(wish('either', REQUEST)).toEqual(request)
  })

  it('is an amount that is what was captured, or the rest, exactly; else a person is asked', () => {
    const differs = { by: 'a', needs: 'amount-differs' }
    expect(wish('match', alertCase('a', { amount: '29.99' }))).toEqual(differs)
    expect(wish('match', alertCase('a', { currency: 'EUR' }))).toEqual(differs)
    const partly = { order: { reported: { amount: '10', at: 1, byStatus: false } } }
    const of = (amount: string) => wishOf(viewOf({ ...partly, cases: [alertCase('a', { amount })] }))
    expect([of('30'), of('20'), of('10')]).toEqual([a, a, differs])
  })

  it('is nothing while the alert is not told whole, for RDR may hide in it', () => {
    expect(wish('match', caseOf('a', 'alert', [hook('alert', ETHOCA)]))).toBeNull()
    expect(wish('match', caseOf('a', 'alert', [hook('alert', ETHOCA), { what: 'not-found', at: NOW }]))).toEqual(a)
    const { amount: _amount, ...noAmount } = ETHOCA
    expect(wish('match', caseOf('a', 'alert', [hook('alert', noAmount), { what: 'not-found', at: NOW }]))).toBeNull()
  })

  it('is a person’s word where none of these came, for exactly what they saw', () => {
    const cases = [alertCase('a', {}, [approved('30')])]
    expect(words({ cases, terms: { trigger: 'order.refund' } })).toBe('claim 30 of 30')
    expect(words({ cases, terms: { trigger: 'order.refund' }, order: { captured: '40' } })).toBe(
      'ask-person: no-trigger',
    )
    const alone = [requestCase('req', [approved('30')])]
    expect(words({ cases: alone, terms: { trigger: 'match' } })).toBe('claim 30 of 30')
  })

  it('approved for one amount releases no other, also where the switch says auto', () => {
    const cases = [alertCase('a', { amount: '29' }, [approved('30')])]
    expect(words({ cases })).toBe('claim 30 of 30')
    expect(words({ cases, order: { reported: { amount: '5', at: 1, byStatus: false } } })).toBe(
      'ask-person: amount-differs',
    )
  })

  it('is no alert that was answered, nor one that a person answers, nor a notice', () => {
    expect(wish('either', alertCase('a', {}, ANSWERED), REQUEST)).toBeNull()
    expect(wish('either', alertCase('a', {}, [said({ word: 'resolve', wording: { type: 'other', description: 'x' } })]))).toBeNull() // prettier-ignore
    expect(wish('either', alertCase('a', { partner: 'tc40' }))).toBeNull()
    expect(wish('either', alertCase('a', { partner: 'somebody' }))).toBeNull()
    expect(wish('either', alertCase('a', {}, ANSWERED), alertCase('b'))).toEqual({ by: 'b', needs: null })
  })

  it('is no alert of which the platform names another order than the one we were refunding', () => {
    const matched: CaseEntry = { what: 'matched', at: 1, orderId: 'Z', by: 'card', wanted: true }
    expect(wish('either', alertCase('a', {}, [matched]), REQUEST)).toBeNull()
  })

  it('is the oldest of two alerts', () => {
    const older = caseOf('b', 'alert', [hook('alert', ETHOCA, SEEN_AT - 1), { what: 'not-found', at: NOW }])
    expect(wish('match', alertCase('a'), older)).toEqual({ by: 'b', needs: null })
  })
})
