import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyLedger } from '../../src/domain/refund/ledger.ts'
import { planRefund, restOf } from '../../src/domain/refund/plan.ts'
import type { CaseEntry } from '../../src/domain/case/log.ts'
import { anyCase } from './any-case.ts'
import {
  alertCase, approved, chargebackCase, claimOf, confirmedClaim, found, ledgerOf, NOW, rdrCase, 
  refundView, reportOf, requestCase, said, SEEN_AT, sentClaim,
} from './build-case.ts' // prettier-ignore
import { ANSWERED, plan, words, type Given } from './plan-in-words.ts'

const by = (...entries: CaseEntry[]) => ({ cases: [alertCase('a', {}, entries)] })
const refunds = (...claims: Parameters<typeof claimOf>[0][]) => ledgerOf(claims.map(claimOf), reportOf())

describe('the next step about a refund', () => {
  it.each<[says: string, given: Given, step: string]>([
    ['the gateway is asked first', { isReportFresh: false }, 'ask-gateway'],
    ['then it is written down', {}, 'claim 30 of 30'],
    ['the rest after the CRM’s refund', { order: { reported: { amount: '10', at: SEEN_AT - 9, byStatus: false } }, cases: [requestCase()] }, 'claim 20 of 30'],
    ['the rest after the gateway’s', { ledger: ledgerOf([], reportOf([found({ amount: '10' })])), cases: [requestCase()] }, 'claim 20 of 30'],
    ['the rest after our own', { ledger: ledgerOf([confirmedClaim({ amount: '10', target: '10' })], reportOf()), cases: [requestCase()] }, 'claim 20 of 30'],
    ['the greatest of the three', { order: { reported: { amount: '5', at: 1, byStatus: false } }, ledger: ledgerOf([confirmedClaim({ amount: '10', target: '10' })], reportOf([found({ amount: '12' })])), cases: [requestCase()] }, 'claim 18 of 30'],
    ['nothing is left', { ledger: ledgerOf([confirmedClaim()], reportOf()) }, 'nothing: nothing-left'],
    ['nothing is left, but the gateway was not asked', { isReportFresh: false, order: { reported: { amount: '30', at: 1, byStatus: false } }, ledger: emptyLedger('A') }, 'ask-gateway'],
    ['the CRM’s clock is ahead: asked once a run', { order: { reported: { amount: '30', at: NOW + 99, byStatus: false } }, ledger: ledgerOf([], reportOf([], { rev: 0 })) }, 'nothing: nothing-left'],
    ['the CRM’s clock is ahead: asked once a change', { isReportFresh: false, order: { reported: { amount: '30', at: NOW + 99, byStatus: false } } }, 'nothing: nothing-left'],
    ['unknown order', { order: null }, 'wait: order-unknown'],
    ['not settled', { order: { settled: false, captured: '0' } }, 'wait: not-settled'],
    ['never paid', { order: { neverPaid: 'voided', captured: '0' } }, 'nothing: never-paid'],
    ['captured unknown', { order: { captured: null } }, 'park: captured-unknown'],
    ['charged back', { cases: [alertCase('a'), chargebackCase()] }, 'park: chargeback'],
    ['charged back, by the order', { order: { chargeback: true } }, 'park: chargeback'],
    ['RDR paid', { cases: [alertCase('a'), rdrCase()] }, 'park: rdr-paid'],
    ['RDR paid a part', { cases: [alertCase('a'), rdrCase({ amount: '5' })] }, 'park: rdr-paid'],
    ['RDR declined', { cases: [alertCase('a'), rdrCase({ rdrResolution: 'declined' })] }, 'claim 30 of 30'],
    ['refused by a person', by(said({ word: 'refuse' })), 'park: refused-by-person'],
    ['refused, then approved', by(said({ word: 'refuse' }, 1), approved('30', 2)), 'claim 30 of 30'],
    ['approved, then refused', by(approved('30', 1), said({ word: 'refuse' }, 2)), 'park: refused-by-person'],
    ['something was refunded, and nobody says how much', { order: { reported: { amount: null, at: 1, byStatus: false } } }, 'park: refunded-amount-unknown'],
    ['… before the gateway was asked', { isReportFresh: false, ledger: emptyLedger('A'), order: { reported: { amount: null, at: 1, byStatus: false } } }, 'ask-gateway'],
    ['… once the gateway was asked', { isReportFresh: false, order: { reported: { amount: null, at: 1, byStatus: false } } }, 'park: refunded-amount-unknown'],
    ['off', { terms: { mode: 'off' } }, 'wait: refunds-off'],
    ['off, and released by a person', { ...by(approved('30')), terms: { mode: 'off' } }, 'wait: refunds-off'],
    ['approve', { terms: { mode: 'approve' } }, 'ask-person: approve-mode'],
    ['approve, released', { ...by(approved('30')), terms: { mode: 'approve' } }, 'claim 30 of 30'],
    ['released with another amount', { ...by(approved('29.99')), terms: { mode: 'approve' } }, 'ask-person: approve-mode'],
    ['released in another currency', { ...by(approved('30', NOW, 'EUR')), terms: { mode: 'approve' } }, 'ask-person: approve-mode'],
    ['above the limit', { terms: { autoLimit: '29.99', limitCurrency: 'USD' } }, 'ask-person: above-limit'],
    ['at the limit', { terms: { autoLimit: '30', limitCurrency: 'USD' } }, 'claim 30 of 30'],
    ['above the limit, released', { ...by(approved('30')), terms: { autoLimit: '1', limitCurrency: 'USD' } }, 'claim 30 of 30'],
    ['another currency than the limit’s', { terms: { autoLimit: '99', limitCurrency: 'EUR' } }, 'ask-person: other-currency'],
    ['another currency than the hourly limit’s', { terms: { hourlyLimit: '99', limitCurrency: 'EUR' } }, 'ask-person: other-currency'],
    ['the hour is full', { ledger: refunds({ held: 'hourly-limit' }) }, 'ask-person: hourly-limit'],
    ['the hour is full, released', { ledger: refunds({ held: 'hourly-limit' }), ...by(approved('30')) }, 'send'],
  ])('%s', (_says, given, step) => {
    expect(words(given)).toBe(step)
  }) // prettier-ignore
})

describe('a refund that was written down', () => {
  it.each<[says: string, given: Given, step: string]>([
    ['is sent once the gateway was asked', {}, 'send'],
    ['is not sent before', { isReportFresh: false }, 'ask-gateway'],
    ['is adopted when the gateway has it', { ledger: ledgerOf([claimOf()], reportOf([found({ reference: 'k1' })])) }, 'adopt'],
    ['is dropped when the rest changes', { order: { reported: { amount: '1', at: 1, byStatus: false } } }, 'drop: rest-changed'],
    ['is dropped when nothing is left', { order: { reported: { amount: '30', at: 1, byStatus: false } } }, 'drop: rest-changed'],
    ['is dropped when the order is charged back', { cases: [alertCase('a'), chargebackCase()] }, 'drop: chargeback'],
    ['is dropped when RDR pays', { cases: [alertCase('a'), rdrCase()] }, 'drop: rdr-paid'],
    ['is dropped when a person refuses', by(said({ word: 'refuse' })), 'drop: refused-by-person'],
    ['is dropped when nobody wants it any more', { cases: [alertCase('a', {}, ANSWERED)] }, 'drop: not-wanted'],
    ['is dropped when something was refunded, nobody knows how much', { order: { reported: { amount: null, at: 1, byStatus: false } } }, 'drop: refunded-amount-unknown'],
    ['waits while the order is not settled', { order: { settled: false, captured: '0' } }, 'wait: not-settled'],
    ['waits while refunds are off', { terms: { mode: 'off' } }, 'wait: refunds-off'],
    ['asks when approval has become needed', { terms: { mode: 'approve' } }, 'ask-person: approve-mode'],
  ])('%s', (_says, given, step) => {
    expect(words({ ledger: refunds({}), ...given })).toBe(step)
  }) // prettier-ignore
})

describe('a refund that was sent', () => {
  const one = (claim: Parameters<typeof claimOf>[0], given: Given = {}) =>
    words({ ledger: ledgerOf([sentClaim(claim)], reportOf()), ...given })

  it('is waited for, then lost, then looked up', () => {
    expect(one({ state: 'sending', sendingAt: NOW - 1 })).toBe('wait: refund-under-way')
    expect(one({ state: 'sending', sendingAt: NOW - 20_000 })).toBe('lost')
    expect(one({ state: 'uncertain' })).toBe('wait: refund-uncertain')
    expect(one({ state: 'pending' })).toBe('wait: refund-pending')
    expect(one({ state: 'uncertain', lookAt: NOW })).toBe('look-up')
    expect(one({ state: 'pending', lookAt: NOW })).toBe('look-up')
    expect(one({ state: 'confirmed', lookAt: NOW })).toBe('look-up')
  })

  it('is looked up whatever else forbids refunds, and is told to the order first', () => {
    const given = { cases: [alertCase('a'), chargebackCase()], terms: { mode: 'off' as const } }
    expect(one({ state: 'uncertain', lookAt: NOW }, given)).toBe('look-up')
    expect(one({ state: 'confirmed', told: false, lookAt: NOW }, given)).toBe('tell-order')
  })

  it.each([
    ['refused', null, 'park: refund-refused'],
    ['failed', null, 'park: refund-refused'],
    ['failed', { code: 'failed-after-success', words: null }, 'park: refund-taken-back'],
    ['parked', null, 'park: refund-parked'],
  ] as const)('%s is not tried again by itself, nor by a word that is older than it', (state, why, step) => {
    expect(one({ state, why })).toBe(step)
    expect(one({ state, why, sendingAt: SEEN_AT + 9 }, by(approved('30', SEEN_AT + 9)))).toBe(step)
    expect(one({ state, why }, by(approved('29')))).toBe(step)
  })

  it('and parked goes out again in the same words, once for each word of a person', () => {
    expect(one({ state: 'parked' }, by(approved('30')))).toBe('retry')
    expect(one({ state: 'parked', sendingAt: NOW + 1, sends: 2 }, by(approved('30')))).toBe('park: refund-parked')
  })

  it('and refused is begun anew under another key once a person says so', () => {
    const ledger = ledgerOf([sentClaim({ state: 'refused' })], reportOf())
    expect(plan({ ledger, ...by(approved('30')) })).toMatchObject({ do: 'claim', generation: 1, amount: '30' })
  })

  it('and given up is taken for what it is when the gateway has it after all', () => {
    const ledger = (over: Parameters<typeof found>[0]) =>
      ledgerOf([sentClaim({ state: 'parked' })], reportOf([found({ reference: 'k1', ...over })]))
    expect(words({ ledger: ledger({}) })).toBe('adopt')
    expect(words({ ledger: ledger({ status: 'failed' }) })).toBe('park: refund-parked')
    expect(words({ ledger: ledger({ amount: '10' }) })).not.toBe('adopt')
  })

  it('never by another order’s transaction, whatever a person says; by the right one it is', () => {
    const claim = claimOf({ state: 'parked', why: { code: 'transaction-of-another-order', words: null } })
    const given = { ledger: ledgerOf([claim], reportOf()), ...by(approved('30')) }
    expect(words(given)).toBe('park: transaction-taken')
    expect(words({ ...given, order: { transactionId: 'T-B' } })).toBe('claim 30 of 30')
  })

  it('uses up the word that released it', () => {
    const ledger = ledgerOf([confirmedClaim({ amount: '15', target: '15' })], reportOf())
    const given = { ledger, terms: { mode: 'approve' as const } }
    expect(words({ ...given, cases: [requestCase('req', [approved('15', SEEN_AT - 1)])] })).toBe(
      'ask-person: approve-mode',
    )
    expect(words({ ...given, cases: [requestCase('req', [approved('15', NOW)])] })).toBe('claim 15 of 30')
  })
})

describe('keys', () => {
  const generation = (...claims: Parameters<typeof claimOf>[0][]) => {
    const one = plan({
      ledger: refunds(...claims),
      order: { captured: '99' },
      cases: [requestCase('req', [approved('99'), approved('69')])],
    })
    return one.do === 'claim' ? one.generation : one.do
  }
  it('rise only by a refund that was sent and came to nothing', () => {
    expect(generation()).toBe(0)
    expect(generation({ state: 'dropped' })).toBe(0)
    expect(generation({ state: 'confirmed', sends: 1 })).toBe(0)
    expect(generation({ state: 'dropped', sends: 1 })).toBe(1)
    expect(generation({ state: 'dropped', sends: 1, key: 'k0' }, { state: 'dropped', sends: 1 })).toBe(2)
  })
})

describe('whatever happened', () => {
  const asRefund = (isReportFresh: boolean) =>
    anyCase.map(one => refundView({ now: one.now, order: one.order, ledger: one.ledger ?? emptyLedger('A'), cases: one.cases, terms: one.terms.refunds, isReportFresh })) // prettier-ignore
  const cents = (amount: string | null | undefined) => Math.round(Number(amount ?? 0) * 100)

  it('what is confirmed and what is planned never exceed what was captured', () => {
    fc.assert(
      fc.property(asRefund(true), given => {
        const one = planRefund(given)
        if (one.do !== 'claim' && one.do !== 'send' && one.do !== 'retry') return
        const amount = cents(one.do === 'claim' ? one.amount : one.claim.amount)
        const { order, ledger } = given
        const ours = ledger.claims.filter(({ state }) => state === 'confirmed').map(({ target }) => cents(target))
        const theirs = ledger.report?.refunds.filter(({ status }) => status !== 'failed') ?? []
        const reported = theirs.reduce((sum, refund) => sum + cents(refund.amount), 0)
        expect(Math.max(0, ...ours, cents(order?.reported?.amount), reported) + amount).toBeLessThanOrEqual(cents(order!.captured)) // prettier-ignore
        expect(amount).toBeGreaterThan(0)
        expect(amount).toBe(cents(restOf(given)))
      }),
      { numRuns: 300 },
    )
  })

  it('no money moves when it is charged back, RDR paid, refused, off, unsettled or unknown, nor for what is answered', () => {
    fc.assert(
      fc.property(asRefund(true), given => {
        const one = planRefund(given)
        if (one.do !== 'claim' && one.do !== 'send' && one.do !== 'retry') return
        const { order, cases, terms, ledger } = given
        expect([order?.chargeback, order?.settled, order?.neverPaid]).toEqual([false, true, null])
        expect(order?.captured).not.toBeNull()
        expect(cases.filter(({ facts }) => facts.kind === 'chargeback')).toEqual([])
        expect(cases.filter(({ facts: { facts } }) => facts.partner?.includes('rdr') === true && facts.rdrResolution !== 'declined')).toEqual([]) // prettier-ignore
        expect(terms.mode).not.toBe('off')
        const words = cases.flatMap(({ facts }) => facts.said).filter(({ word }) => word !== 'resolve')
        expect(words.toSorted((x, y) => x.at - y.at).at(-1)?.word).not.toBe('refuse')
        const isSent = ledger.claims.some(({ state }) => ['sending', 'uncertain', 'pending'].includes(state))
        expect(isSent).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  it('what was written down a moment ago is not dropped again: nothing turns in a circle', () => {
    fc.assert(
      fc.property(asRefund(true), given => {
        const one = planRefund(given)
        if (one.do !== 'claim') return
        const { amount, target, currency, wantedBy, approvedBy } = one
        const claims = [...given.ledger.claims, claimOf({ key: 'new', amount, target, currency, wantedBy, approvedBy })]
        expect(planRefund({ ...given, ledger: { ...given.ledger, claims } }).do).toBe('send')
      }),
      { numRuns: 200 },
    )
  })

  it('the gateway is asked at most once for one plan', () => {
    fc.assert(
      fc.property(asRefund(true), given => {
        expect(planRefund(given).do).not.toBe('ask-gateway')
      }),
      { numRuns: 200 },
    )
  })
})
