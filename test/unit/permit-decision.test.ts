import { assert, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CaseView } from '../../src/domain/case/view.ts'
import { planRefund } from '../../src/domain/refund/plan.ts'
import {
  approvableOf,
  decisionAt,
  describeRecorded,
  permitDecision,
  type WantedDecision,
} from '../../src/ops/permit-decision.ts'
import { DAY_MS,
  alertCase, answered, answeredAt, approved, caseView, chargebackCase, chosenAt, claimed, confirmed, declined, HOUR_MS, ledgerIn, ledgerOf,
  likely, listed, NOW, openMatch, pending, rdrCase, refundView, reportOf, requestCase, RESPOND_BY, SEEN_AT, sending, sentAt, stated, STOP_AT,
  stopped, termsWith, uncertain, type GivenCase,
} from './build-case.ts' // prettier-ignore

const MANUAL = termsWith({ mode: 'approve' })
const AWAITING = { state: 'awaiting-approval', reason: 'approve-mode' } as const
const PARKED = { state: 'parked', reason: 'answer-refused' } as const
const manual = (given: GivenCase = {}): CaseView => caseView({ terms: MANUAL, ...given })
const permit = (view: CaseView, wanted: WantedDecision, status: Parameters<typeof permitDecision>[1] = AWAITING) =>
  permitDecision(view, status, wanted)
const approve = (amount?: string, refundable?: string): WantedDecision => ({
  decision: 'approve',
  ...(amount !== undefined && { amount }),
  ...(refundable !== undefined && { refundable }),
})
const resolve = (type: 'other' | 'issued_full_refund' | 'shipped' | 'could_not_find_order', description = ''): WantedDecision => ({ decision: 'resolve', resolution: { type, description } }) // prettier-ignore
const match = (orderId: string): WantedDecision => ({ decision: 'match', orderId })
const not = (text: string) => ({ not: expect.stringContaining(text) })

describe('approving a refund', () => {
  it('releases all that is refundable unless an amount is given', () => {
    expect(permit(manual(), approve())).toEqual({ decision: { decision: 'approve', amount: '30', currency: 'USD' } })
    expect(permit(manual(), approve('12.5', '30'))).toEqual({
      decision: { decision: 'approve', amount: '12.5', currency: 'USD' },
    })
  })

  it('takes exactly the whole cents above 0 and up to what is refundable', () => {
    assert(
      property(integer({ min: 0, max: 50_000 }), thousandths => {
        const amount = String(thousandths / 1_000)
        const isPermitted = 'decision' in permit(manual(), approve(amount))
        expect(isPermitted).toBe(thousandths > 0 && thousandths <= 30_000 && thousandths % 10 === 0)
      }),
    )
  })

  it('is refused when the refundable amount is not the one that was seen', () => {
    expect(permit(manual(), approve('12', '40'))).toEqual(not('the refundable amount is now 30.00 USD; reload'))
  })

  it('offers the amount of a partial alert beside the whole rest', () => {
    const view = manual({ mine: alertCase('a', { amount: '20' }) })
    expect(approvableOf(view, AWAITING)).toEqual({ currency: 'USD', rest: '30', alertAmount: '20', isLate: false })
    expect(approvableOf(manual(), AWAITING)).toMatchObject({ rest: '30', alertAmount: null })
    const other = manual({ mine: alertCase('a', { amount: '20', currency: 'EUR' }) })
    expect(approvableOf(other, AWAITING)).toMatchObject({ rest: '30', alertAmount: null })
  })

  it('releases at most what the gateway states when the account contradicts itself', () => {
    const view = manual({ order: stated('20'), ledger: ledgerOf([], reportOf([], { refundable: '25' })) })
    expect(permit(view, approve(), { state: 'parked', reason: 'refund-contradicted' })).toEqual({
      decision: { decision: 'approve', amount: '25', currency: 'USD' },
    })
    expect(permit(view, approve('25.01'))).toEqual(not('at most 25.00 USD is refundable now'))
  })

  it('is possible after the deadline, and says so', () => {
    const view = manual({ now: RESPOND_BY + 1 })
    expect(approvableOf(view, AWAITING)).toMatchObject({ rest: '30', isLate: true })
    expect(
      describeRecorded({ decision: 'approve', amount: '30', currency: 'USD' }, { isOff: false, isLate: true }),
    ).toBe(
      'the refund of 30.00 USD is approved; the refund is being sent; the response deadline has passed, so a chargeback is likely',
    )
  })

  it('is refused while no order is matched, however likely one is', () => {
    const mine = alertCase('a', { orderId: undefined })
    expect(permit(manual({ mine, assessment: likely() }), approve())).toEqual(not('no order is matched'))
    expect(permit(manual({ mine, assessment: openMatch('several'), order: null, ledger: null }), approve())).toEqual(not('choose the order first')) // prettier-ignore
    expect(permit(manual({ order: null, ledger: null }), approve())).toEqual(not('have the CRM send the order'))
  })

  it.each([
    ['without a gateway', { terms: termsWith({ mode: 'approve', hasGateway: false }) }, 'no payment gateway is configured'],
    ['without a currency', { order: { currency: null } }, 'Currency unknown'],
    ['when nothing is left', { order: stated('30'), ledger: ledgerOf([], reportOf([listed()])) }, 'nothing is left to refund'],
    ['while the refund is sent automatically', { terms: termsWith({}) }, 'no approval is needed'],
    ['of a charged back order', { others: [chargebackCase()] }, 'Charged back'],
    ['while a refund by other hands is pending', { ledger: ledgerOf([], reportOf([listed({ amount: '10', status: 'pending' })])) }, 'Refund pending'],
    ['while a resolution is being sent', { mine: alertCase('a', {}, [chosenAt(NOW), sentAt(NOW)]) }, 'the resolution is being sent'],
    ['once the resolution was accepted', { mine: alertCase('a', {}, answered(NOW)) }, 'a resolution is final'],
    ['of a notice', { mine: rdrCase() }, 'informs only'],
  ] as const)('is refused %s', (_name, given, text) => {
    expect(permit(manual(given), approve())).toEqual(not(text))
  }) // prettier-ignore

  it.each([sending(), uncertain(), pending()])(
    'and every other decision is refused while the refund is $state',
    claim => {
      const view = manual({ ledger: ledgerIn(claim) })
      for (const wanted of [approve(), { decision: 'decline' } as const, resolve('other', 'x')])
        expect(permit(view, wanted)).toEqual(not(`the refund is under way (${claim.state})`))
    },
  )

  it('releases another amount than was planned, and what a person had declined', () => {
    const planned = manual({ ledger: ledgerOf([claimed({ held: 'hourly-limit' })], reportOf()), terms: termsWith({ hourlyLimit: '1', limitCurrency: 'USD' }) }) // prettier-ignore
    expect(permit(planned, approve())).toMatchObject({ decision: { amount: '30' } })
    expect(permit(planned, approve('10'))).toMatchObject({ decision: { amount: '10' } })
    const before = manual({ mine: alertCase('a', {}, [declined(NOW - 1)]) })
    expect(permit(before, approve())).toMatchObject({ decision: { amount: '30' } })
  })

  it('is used up by the refund that was sent for it', () => {
    const tried = stopped('parked', 'not-found', {
      approvedBy: 'ann',
      approvedAt: NOW - 2,
      firstSentAt: SEEN_AT,
      sends: 2,
    })
    const ledger = ledgerOf([tried], reportOf())
    const mine = alertCase('a', {}, [approved('30', NOW - 2)])
    expect(planRefund(refundView({ ledger, cases: [mine] }))).toMatchObject({ do: 'park', reason: 'refund-parked' })
    expect(permit(caseView({ ledger, mine }), approve(), { state: 'parked', reason: 'refund-parked' })).toMatchObject({ decision: { amount: '30' } }) // prettier-ignore
  })
})

describe('resolving an alert', () => {
  const PREPARED = 'A refund of 30.00 USD was submitted on 2026-01-10 and is not confirmed yet.'

  it('sends the prepared resolution of a pending refund once the hard stop has passed, and nothing else', () => {
    const late = manual({ ledger: ledgerIn(pending()), now: STOP_AT })
    expect(permit(late, resolve('other', PREPARED))).toMatchObject({ decision: { decision: 'resolve' } })
    expect(permit(late, resolve('other', 'we are on it'))).toEqual(not('only the prepared resolution can be sent'))
    expect(permit(late, approve())).toEqual(not(PREPARED))
    const early = manual({ ledger: ledgerIn(pending()), now: STOP_AT - 1 })
    expect(permit(early, resolve('other', PREPARED))).toEqual(not('under way (pending)'))
  })

  it('is held to what is known and to what the platform accepts', () => {
    expect(permit(manual(), resolve('other', 'x'))).toMatchObject({ decision: { resolution: { description: 'x' } } })
    expect(permit(manual(), resolve('issued_full_refund'))).toEqual(not('30 USD of the order is not refunded'))
    expect(permit(manual(), resolve('shipped'))).toEqual(not('the platform does not accept shipped'))
    expect(permit(manual({ mine: requestCase() }), resolve('other', 'x'))).toEqual(
      not('no alert asks for a resolution'),
    )
  })

  it('is possible again once the platform rejected the last resolution, or the deadline passed', () => {
    const rejected = manual({ mine: alertCase('a', {}, [chosenAt(NOW), sentAt(NOW), answeredAt(NOW, { accepted: false, status: 400 })]) }) // prettier-ignore
    expect(permit(rejected, resolve('other', 'x'), PARKED)).toHaveProperty('decision')
    const sent = manual({ mine: alertCase('a', {}, [chosenAt(NOW), sentAt(NOW)]) })
    expect(permit(sent, resolve('other', 'x'))).toEqual(not('is being sent'))
    expect(permit(sent, resolve('other', 'x'), { state: 'parked', reason: 'deadline-passed' })).toHaveProperty(
      'decision',
    )
  })
})

describe('choosing the order', () => {
  it('is possible while nothing was done for another order, for notices and chargebacks too', () => {
    for (const mine of [alertCase(), rdrCase(), chargebackCase(), requestCase()])
      expect(permit(manual({ mine }), match('B'))).toEqual({ decision: { decision: 'match', orderId: 'B' } })
  })

  it.each([sending(), uncertain(), pending(), confirmed(), stopped('parked')])(
    'is refused once money may have moved for another order ($state)',
    claim => {
      const view = manual({ ledger: ledgerOf([claim]) })
      expect(permit(view, match('B'))).toEqual(not('money may have moved for order A because of this case'))
      expect(permit(view, match('A'))).toHaveProperty('decision')
      const former = manual({ former: [{ ...ledgerOf([claim]), orderId: 'former' }] })
      expect(permit(former, match('B'))).toEqual(not('money may have moved for order former'))
    },
  )

  it('is possible after a refund that came to nothing, and beside a refund of another case', () => {
    for (const claim of [
      claimed(),
      stopped('refused'),
      stopped('failed'),
      stopped('dropped'),
      confirmed({ wantedBy: 'midigator:b' }),
    ])
      // prettier-ignore
      expect(permit(manual({ ledger: ledgerOf([claim]) }), match('B'))).toHaveProperty('decision')
  })

  it('is refused once a resolution went out for another order, unless the platform rejected it', () => {
    const sent = [chosenAt(NOW), sentAt(NOW)]
    expect(permit(manual({ mine: alertCase('a', {}, sent) }), match('B'))).toEqual(not('is being sent'))
    expect(permit(manual({ mine: alertCase('a', {}, answered(NOW)) }), match('B'))).toEqual(not('final'))
    expect(permit(manual({ mine: alertCase('a', {}, answered(NOW)) }), match('A'))).toHaveProperty('decision')
    const rejected = alertCase('a', {}, [...sent, answeredAt(NOW, { accepted: false })])
    expect(permit(manual({ mine: rejected }), match('B'), PARKED)).toHaveProperty('decision')
  })

  it('is left to the alert that handles the request', () => {
    const view = manual({ mine: requestCase(), others: [alertCase('b')] })
    for (const wanted of [match('B'), approve()])
      expect(permit(view, wanted, { state: 'noted', reason: 'taken-over' })).toEqual(not('decide about midigator:b'))
  })
})

describe('recording a refund by hand', () => {
  const by = (over: Partial<Extract<WantedDecision, { decision: 'refunded' }>> = {}) => ({ decision: 'refunded', amount: '10', refundedAt: NOW, reference: 'R', ...over }) as const // prettier-ignore
  const noGateway = (given: GivenCase = {}) => caseView({ ledger: ledgerOf(), terms: termsWith({ hasGateway: false }), ...given }) // prettier-ignore
  const parked = { state: 'parked', reason: 'no-gateway' } as const
  const said = (view: CaseView, wanted = by()) => permit(view, wanted, parked)

  it('keeps its amount, and all that was refunded with it', () => {
    const decision = {
      decision: 'refunded',
      amount: '10',
      total: '10',
      currency: 'USD',
      refundedAt: NOW,
      reference: 'R',
    }
    expect(said(noGateway())).toEqual({ decision })
    expect(said(noGateway({ order: stated('5') }))).toEqual({ decision: { ...decision, total: '15' } })
  })

  it('is refused where a gateway lists it, beyond what is left, before the sale or in the future, and while no order is sure', () => {
    expect(said(manual())).toEqual(not('found there'))
    expect(said(noGateway(), by({ amount: '31' }))).toEqual(not('at most 30.00 USD'))
    expect(said(noGateway(), by({ refundedAt: NOW + 1 }))).toEqual(not('has not come yet'))
    expect(said(noGateway(), by({ refundedAt: SEEN_AT - 2 * DAY_MS }))).toEqual(not('before the sale'))
    expect(said(noGateway({ mine: alertCase('a', { orderId: undefined }), assessment: likely() }))).toEqual(not('choose the order first')) // prettier-ignore
    expect(said(noGateway({ mine: alertCase('a', {}, answered(NOW)) }))).toEqual(not('a resolution is final'))
  })
})

describe('closing a case', () => {
  it.each(['paid-twice', 'may-be-paid-twice', 'asked-after-answer', 'refund-taken-back'] as const)('is possible when it is %s', reason => {
    for (const mine of [alertCase('a', {}, answered(NOW)), chargebackCase(), rdrCase()])
      expect(permit(manual({ mine }), { decision: 'close' }, { state: 'parked', reason })).toEqual({ decision: { decision: 'close' } }) // prettier-ignore
  }) // prettier-ignore

  it('is possible while a chargeback beside its refund is an alarm', () => {
    const status = { state: 'resolved', reason: 'answered', alarms: ['case-chargeback'] } as const
    expect(permit(manual(), { decision: 'close' }, status)).toEqual({ decision: { decision: 'close' } })
  })

  it.each(['approve-mode', 'refund-parked', 'chargeback', 'answered', 'no-match'] as const)('is refused when it is %s', reason => {
    expect(permit(manual(), { decision: 'close' }, { state: 'parked', reason })).toEqual(not('approve, decline or resolve'))
  }) // prettier-ignore
})

it('a decision is later than every decision about the order, whatever the clock does', () => {
  const view = manual({ others: [alertCase('b', {}, [approved('30', NOW + HOUR_MS)])] })
  expect(decisionAt(view)).toBe(NOW + HOUR_MS + 1)
  expect(decisionAt(manual())).toBe(NOW)
})
