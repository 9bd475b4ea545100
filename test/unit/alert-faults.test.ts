import { describe, expect, it } from 'vitest'
import { decide } from '../../src/domain/case/decide.ts'
import type { CaseEntry } from '../../src/domain/case/log.ts'
import { planRefund } from '../../src/domain/refund/plan.ts'
import {
  alertCase, caseOf, caseView, DAY_MS, found, hook, HOUR_MS, ledgerOf, refundView, reportOf, SEEN_AT, TERMS,
} from './build-case.ts' // prettier-ignore

const WORDED: CaseEntry = {
  what: 'worded',
  at: SEEN_AT,
  by: 'policy',
  wording: { type: 'other', description: 'x' },
  refundKey: null,
}
const answeredAt = (at: number): CaseEntry => ({
  what: 'answered', at, accepted: true, probably: false, status: 200, words: '',
}) // prettier-ignore
const answered = (at: number, ...more: CaseEntry[]) =>
  decide(caseView({ now: at, mine: alertCase('a', {}, [WORDED, answeredAt(at), ...more]) })).alarms

describe('faults that the simulator of cases found', () => {
  it('while a refund by other hands is pending nobody knows the rest: none of ours is decided', () => {
    const by = (status: 'pending' | 'succeeded' | 'failed') =>
      planRefund(refundView({ ledger: ledgerOf([], reportOf([found({ amount: '10', status })])) }))
    expect(by('pending')).toMatchObject({ do: 'wait', why: 'refund-pending' })
    expect(by('succeeded')).toMatchObject({ do: 'claim', amount: '20', target: '30' })
    expect(by('failed')).toMatchObject({ do: 'claim', amount: '30', target: '30' })
  })

  it('an answer that came after its deadline, unseen because its process stood still, is told of once', () => {
    const late = SEEN_AT + DAY_MS + 1
    expect(answered(late)).toEqual(['case-escalated'])
    expect(answered(late, { what: 'mark', at: late, mark: 'stop' })).toEqual([])
    expect(answered(SEEN_AT + DAY_MS - HOUR_MS)).toEqual([])
  })

  it('who sent an alert is asked again while nobody has told it, though its order is known', () => {
    const asked = (partner: string | undefined, now: number) => {
      const facts = { amount: '30', currency: 'USD', orderId: 'A', ...(partner !== undefined && { partner }) }
      const mine = caseOf('a', 'alert', [hook('alert', facts), { what: 'not-found', at: SEEN_AT }])
      return decide(caseView({ now, mine })).effects.includes('enrich')
    }
    expect(asked(undefined, SEEN_AT + TERMS.lookMs)).toBe(true)
    expect(asked(undefined, SEEN_AT + TERMS.lookMs - 1)).toBe(false)
    expect(asked('ethoca', SEEN_AT + TERMS.lookMs)).toBe(false)
  })
})
