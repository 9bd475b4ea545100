import { describe, expect, it } from 'vitest'
import { decide } from '../../src/domain/case/decide.ts'
import type { CaseEntry } from '../../src/domain/case/log.ts'
import type { Claim } from '../../src/domain/refund/ledger.ts'
import { alertCase, answered, caseOf, caseView, claimed, certain, chargebackCase, closed, DAY_MS, ETHOCA, hook, missing, NOW, openMatch, RESPOND_BY, readBack, requestCase, SEEN_AT, TERMS, termsWith, unreadAlert, ledgerOf, reportOf, uncertain, type GivenCase } from './build-case.ts' // prettier-ignore

const of = (given: GivenCase = {}) => decide(caseView(given))
const alarmed = (alarm: string, reason: string, at: number): CaseEntry => ({ what: 'alarmed', at, alarm, reason })

describe('when a case is decided again', () => {
  const UNREAD = { ...ETHOCA, orderId: undefined }
  const lost = (entries: CaseEntry[], now = NOW) =>
    of({ now, mine: unreadAlert(UNREAD, entries), assessment: openMatch('none'), order: null, ledger: null }).lookAt
  it('is a minute after the platform had no record of it, for ten minutes; else at the usual time', () => {
    expect(lost([missing(SEEN_AT)])).toBe(NOW + 1)
    expect(lost([missing(SEEN_AT, NOW - 10_000)])).toBe(NOW + 50_000)
    expect(lost([missing(SEEN_AT, NOW + 590_000)], SEEN_AT + 600_000)).toBe(SEEN_AT + 600_000 + TERMS.lookMs)
    expect(lost([])).toBe(NOW + TERMS.lookMs)
    expect(lost([{ what: 'asked', at: NOW - 10_000, missedSince: null }])).toBe(NOW + TERMS.lookMs)
  })

  it('is not at all once a chargeback without an order was looked for in vain, nor for a request that an alert carries', () => {
    const gone = { mine: chargebackCase({ amount: '30' }), assessment: openMatch('none'), order: null, ledger: null }
    expect(of({ ...gone, now: SEEN_AT + 3 * DAY_MS - 1 }).lookAt).not.toBeNull()
    expect(of({ ...gone, now: SEEN_AT + 3 * DAY_MS })).toMatchObject({ state: 'noted', lookAt: null })
    const carried = { mine: requestCase(), others: [alertCase()] }
    expect(of(carried)).toMatchObject({ state: 'noted', reason: 'taken-over', lookAt: null })
  })

  it('is not at all once it has its answer, and its marks are passed over', () => {
    expect(of({ mine: alertCase('a', {}, answered(NOW)) })).toMatchObject({ state: 'resolved', lookAt: null, markAt: null, entries: [] }) // prettier-ignore
    expect(of({ now: RESPOND_BY, mine: alertCase('a', {}, answered(NOW)) })).toMatchObject({ alarms: [], markAt: null })
  })
})

describe('a request', () => {
  it('has a deadline of its own, whatever its partner is called', () => {
    const request = caseOf('req', 'request', [hook('refund', { orderId: 'A', amount: '30', partner: 'rdr' }), readBack({ orderId: 'A' })]) // prettier-ignore
    expect(of({ mine: request }).respondBy).not.toBeNull()
    expect(of({ mine: alertCase('a', { partner: 'rdr' }) }).respondBy).toBeNull()
  })
})

describe('a chargeback without an order', () => {
  it('holds refunds of the sales it may concern, until a person closes it', () => {
    const loose = (entries: CaseEntry[] = []) => ({ mine: chargebackCase({ amount: '30' }, entries), assessment: openMatch('none'), order: null, ledger: null }) // prettier-ignore
    expect(of(loose()).isUntied).toBe(true)
    expect(of(loose([closed(NOW)])).isUntied).toBe(false)
    expect(of({ mine: chargebackCase(), assessment: certain() }).isUntied).toBe(false)
  })
})

describe('the alarm of a case on a person’s desk', () => {
  const OFF = {
    terms: termsWith({ mode: 'approve' }),
    before: { state: 'awaiting-approval', reason: 'approve-mode' },
  } as const
  const rings = (entries: CaseEntry[]) => of({ ...OFF, mine: alertCase('a', {}, entries) }).alarms
  it('does not ring again while it stays there for the same reason', () => {
    expect(rings([])).toEqual(['case-approval'])
    expect(rings([alarmed('case-approval', 'approve-mode', NOW - 5)])).toEqual([])
    expect(rings([alarmed('case-approval', 'above-limit', NOW - 5)])).toEqual(['case-approval'])
  })
  it('rings again after a person has decided since', () => {
    const decidedAt = (at: number) => rings([alarmed('case-approval', 'approve-mode', NOW - 5), closed(at)])
    expect([decidedAt(NOW - 6), decidedAt(NOW - 5), decidedAt(NOW - 4)]).toEqual([[], [], ['case-approval']])
  })
})

it('an alert waits for the platform’s record until money may have moved for it', () => {
  const by = (...claims: Claim[]) => of({ mine: unreadAlert(), ledger: ledgerOf(claims, reportOf()) }).reason // prettier-ignore
  expect(by()).toBe('not-enriched')
  expect(by(claimed())).toBe('not-enriched')
  expect(by(uncertain({ wantedBy: 'midigator:b' }))).toBe('not-enriched')
  expect(by(uncertain())).toBe('refund-uncertain')
})
