import { describe, expect, it } from 'vitest'
import { decide } from '../../src/domain/case/decide.ts'
import type { CaseEntry } from '../../src/domain/case/log.ts'
import { decisionOf } from '../../src/domain/case/reasons.ts'
import {
  alertCase, approved, caseOf, caseView, chargebackCase, confirmedClaim, DAY_MS, ENRICHED, ETHOCA, hook, HOUR_MS, ledgerOf, money,
  NOW, rdrCase, REFUND_TERMS, reportOf, requestCase, said, SEEN_AT, sentClaim, TERMS,
} from './build-case.ts' // prettier-ignore

const of = (given: Parameters<typeof caseView>[0]) => decide(caseView(given))
const words = (given: Parameters<typeof caseView>[0]) => `${of(given).state}: ${of(given).why}`
const worded = (type: 'issued_full_refund' | 'other', more: Partial<Extract<CaseEntry, { what: 'worded' }>> = {}): CaseEntry => ({ what: 'worded', at: NOW - 9, by: 'policy', wording: { type, description: type === 'other' ? 'x' : '' }, refundKey: null, ...more }) // prettier-ignore
const SENT: CaseEntry = { what: 'sent', at: NOW - 8, calls: 1, unanswered: false }
const answered = (accepted: boolean, probably = false): CaseEntry => ({ what: 'answered', at: NOW - 7, accepted, probably, status: accepted ? 200 : 400, words: '' }) // prettier-ignore
const resolve = (at = NOW) => said({ word: 'resolve', wording: { type: 'other', description: 'by hand' } }, at)
const mine = (...entries: CaseEntry[]) => alertCase('a', {}, entries)

describe('notices', () => {
  const claims = ledgerOf([confirmedClaim()])
  it.each(['verifi rdr', 'rdr', 'tc40', 'vmpi', 'ethoca safe'])('%s are noted, whatever else is known: never refunded, never answered', partner => {
    const notice = (...entries: CaseEntry[]) => alertCase('a', { partner }, entries)
    for (const given of [
      { mine: notice() },
      { mine: notice(approved('30'), resolve()) },
      { mine: notice(), cases: [requestCase(), alertCase('b'), chargebackCase()], ledger: claims },
      { mine: notice(), now: NOW + 9 * DAY_MS },
      { mine: notice(worded('other'), SENT, answered(false)) },
    ]) {
      const one = of(given)
      expect([one.state, one.effects, one.alarms, one.respondBy, one.markAt]).toEqual(['noted', [], [], null, null])
    }
  }) // prettier-ignore
})

describe('a partner nobody knows', () => {
  it('is put before a person, whose answer goes out', () => {
    expect(words({ mine: alertCase('a', { partner: 'nobody' }) })).toBe('parked: unknown-partner')
    const said = of({ mine: alertCase('a', { partner: 'nobody' }, [resolve()]) })
    expect([said.state, said.effects]).toEqual(['resolving', ['resolve']])
  })
  it('is asked for first where the hook names none', () => {
    const { partner: _none, ...facts } = ETHOCA
    const one = of({ mine: caseOf('a', 'alert', [hook('alert', facts)]) })
    expect([one.why, one.effects]).toEqual(['not-enriched', ['enrich']])
  })
})

describe('the order', () => {
  const { orderId: _none, ...UNTIED } = ETHOCA
  const untied = (...more: CaseEntry[]) => caseOf('a', 'alert', [hook('alert', UNTIED), ...more])

  it('that a search found is kept, and decided about before anybody is alarmed', () => {
    const one = of({ mine: untied(ENRICHED), search: { found: 'one', orderId: 'A', by: 'arn' }, order: null, ledger: null, now: NOW + 2 * DAY_MS }) // prettier-ignore
    expect(one).toMatchObject({ orderId: 'A', entries: [{ what: 'matched', orderId: 'A', by: 'arn' }], alarms: [] })
  })
  it('that was just found is no reason to alarm, also where the last moment has passed', () => {
    const told: CaseEntry[] = (['target', 'alarm', 'stop'] as const).map(mark => ({ what: 'mark', at: 1, mark }))
    const one = of({ mine: untied(ENRICHED, ...told), search: { found: 'one', orderId: 'A', by: 'arn' }, order: null, ledger: null, now: NOW + 2 * DAY_MS }) // prettier-ignore
    expect([one.alarms, one.entries.length]).toEqual([[], 1])
  })
  it('is looked for again and again, until it could not be found at the last moment', () => {
    const at = (now: number) => of({ mine: untied(ENRICHED), now, order: null, ledger: null })
    expect([at(NOW).state, at(NOW).effects]).toEqual(['unmatched', []])
    expect(at(SEEN_AT + TERMS.lookMs).effects).toEqual(['enrich'])
    expect(at(SEEN_AT + 20 * HOUR_MS - 1).state).toBe('unmatched')
    expect(at(SEEN_AT + 20 * HOUR_MS).entries).toContainEqual(expect.objectContaining({ what: 'worded', wording: { type: 'could_not_find_order', description: '' } })) // prettier-ignore
  })
  it('that the platform names after we began to refund another is a person’s matter', () => {
    const own: CaseEntry = { what: 'matched', at: 1, orderId: 'Z', by: 'card' }
    expect(words({ mine: mine(own) })).toBe('refunding: refunding')
    expect(words({ mine: mine({ ...own, wanted: true }) })).toBe('parked: match-conflict')
    expect(of({ mine: mine({ ...own, wanted: true }, resolve()) }).effects).toEqual(['resolve'])
  })
  it('that we found ourselves is marked once its refund is wanted', () => {
    const own: CaseEntry = { what: 'matched', at: 1, orderId: 'A', by: 'card' }
    expect(of({ mine: untied(ENRICHED, own) }).entries).toEqual([{ ...own, at: NOW, wanted: true }])
  })
})

describe('at the hard stop', () => {
  const STOP = SEEN_AT + 20 * HOUR_MS
  it.each<[says: string, given: Parameters<typeof caseView>[0], state: string]>([
    ['no trigger came', { terms: { ...TERMS, refunds: { ...REFUND_TERMS, trigger: 'order.refund' } } }, 'parked: no-trigger'],
    ['the order is not settled', { order: money({ settled: false, captured: '0' }) }, 'parked: not-settled'],
    ['the order is unknown', { order: null }, 'parked: order-unknown'],
    ['the platform was never reached', { mine: caseOf('a', 'alert', [hook('alert', { partner: 'ethoca' })]), order: null, ledger: null }, 'parked: not-enriched'],
    ['it waits for approval', { terms: { ...TERMS, refunds: { ...REFUND_TERMS, mode: 'approve' } } }, 'awaiting-approval: approve-mode'],
    ['the refund is uncertain', { ledger: ledgerOf([sentClaim({ lookAt: STOP + HOUR_MS })]) }, 'refunding: refund-uncertain'],
    ['the refund was refused', { ledger: ledgerOf([sentClaim({ state: 'refused' })], reportOf([], { at: STOP - 1 })) }, 'resolving: answer-chosen'],
  ])('%s: it is escalated, with what a person must decide', (_says, given, state) => {
    const before = of({ ...given, now: STOP - 1 })
    expect(before.alarms).not.toContain('case-escalated')
    expect(before.markAt).toBe(SEEN_AT + 4 * HOUR_MS < STOP ? STOP : null)
    const one = of({ ...given, now: STOP })
    expect(`${one.state}: ${one.why}`).toBe(state)
    expect(one.alarms).toContain('case-escalated')
    expect(decisionOf(one.why)).not.toBeNull()
  }) // prettier-ignore

  it('marks are told of once each, those that are past at once', () => {
    const late = { order: null, now: SEEN_AT + 3 * DAY_MS }
    const marks = of(late).entries.filter(({ what }) => what === 'mark')
    expect(marks.map(entry => entry.what === 'mark' && entry.mark)).toEqual(['target', 'alarm', 'stop'])
    expect(of({ ...late, mine: mine(...marks) }).entries.filter(({ what }) => what === 'mark')).toEqual([])
  })
})

describe('a person', () => {
  it('answers in their own words, also over words that never went out', () => {
    const byPerson = { what: 'worded', by: 'ann', wording: { type: 'other', description: 'by hand' } }
    for (const one of [
      mine(resolve()),
      mine(worded('issued_full_refund'), resolve()),
      mine(worded('issued_full_refund', { at: NOW }), resolve()),
      mine(worded('other'), SENT, answered(false), resolve()),
    ])
      // prettier-ignore
      expect(of({ mine: one })).toMatchObject({ state: 'resolving', entries: [byPerson], effects: ['resolve'] })
  })
  it('changes no words that are on their way, nor an answer that was given', () => {
    expect(of({ mine: mine(resolve(NOW - 99), worded('issued_full_refund'), SENT) }).entries).toEqual([])
    expect(words({ mine: mine(worded('other'), SENT, answered(true), resolve()) })).toBe('resolved: answered')
  })
  it('refuses: the case waits for an answer; approves: the refund goes on', () => {
    expect(words({ mine: mine(said({ word: 'refuse' })) })).toBe('parked: refused-by-person')
    const terms = { ...TERMS, refunds: { ...REFUND_TERMS, mode: 'approve' as const } }
    expect(words({ terms })).toBe('awaiting-approval: approve-mode')
    expect(of({ terms, mine: mine(approved('30')) }).effects).toEqual(['refund'])
    expect(words({ terms, mine: mine(approved('29')) })).toBe('awaiting-approval: approve-mode')
  })
})

describe('words', () => {
  const ledger = ledgerOf([confirmedClaim()], reportOf())
  it('that went out are sent again as they were, until the platform takes or refuses them', () => {
    const sent = of({ mine: mine(worded('other'), SENT), ledger })
    expect([sent.state, sent.entries, sent.effects]).toEqual(['resolving', [], ['resolve']])
    expect(words({ mine: mine(worded('other'), SENT, answered(false)), ledger })).toBe('parked: answer-refused')
    expect(words({ mine: mine(worded('other'), SENT, answered(false, true)), ledger })).toBe(
      'parked: probably-answered',
    )
    expect(words({ mine: mine(worded('other'), SENT, answered(true)), ledger })).toBe('resolved: answered')
  })
  it('that never went out are chosen anew from what is true now', () => {
    expect(words({ mine: mine(worded('issued_full_refund', { refundKey: 'k1' })) })).toBe('refunding: refunding')
  })
  it('past the deadline are tried for an hour, then a person is asked', () => {
    const chosen = (at: number, now: number, ...more: CaseEntry[]) => words({ mine: mine(worded('issued_full_refund', { at, refundKey: 'k1' }), ...more), ledger, now }) // prettier-ignore
    const END = SEEN_AT + DAY_MS
    expect([chosen(NOW, END), chosen(NOW, END + 1)]).toEqual(['resolving: answer-chosen', 'parked: deadline-passed'])
    expect([chosen(END, END + HOUR_MS), chosen(END, END + HOUR_MS + 1)]).toEqual(['resolving: answer-chosen', 'parked: deadline-passed']) // prettier-ignore
  })
  it('past the deadline do not hide that something else has become true', () => {
    const stale = mine(worded('other', { at: NOW }))
    expect(words({ mine: stale, now: SEEN_AT + 2 * DAY_MS })).toBe('refunding: refunding')
  })
  it('are untrue once the refund is taken back: a person, until the money is given back otherwise', () => {
    const failed = ledgerOf(
      [sentClaim({ state: 'failed', why: { code: 'failed-after-success', words: null } })],
      reportOf(),
    )
    const told = mine(worded('issued_full_refund', { refundKey: 'k1' }), SENT, answered(true))
    const one = of({ mine: told, ledger: failed })
    expect([one.state, one.why, one.alarms, one.markAt]).toEqual(['parked', 'refund-taken-back', ['case-parked'], null])
    expect(one.lookAt).not.toBeNull()
    const order = money({ reported: { amount: '30', at: NOW, byStatus: false } })
    expect(words({ mine: told, ledger: failed, order })).toBe('resolved: answered')
  })
})

describe('an `order.refund` of which there is no alert', () => {
  const alone = (given: Parameters<typeof caseView>[0] = {}) => words({ mine: requestCase('a'), ...given })
  it('is refunded, and finished', () => {
    expect(alone()).toBe('refunding: refunding')
    expect(alone({ ledger: ledgerOf([confirmedClaim()], reportOf()) })).toBe('refunded: refund-done')
    expect(alone({ order: money({ reported: { amount: '30', at: 1, byStatus: false } }) })).toBe(
      'refunded: nothing-left',
    )
    expect(alone({ order: money({ neverPaid: 'voided', captured: '0' }) })).toBe('noted: never-paid')
  })
  it('is carried on by an alert of the order, but not by a notice', () => {
    expect(alone({ cases: [alertCase('b')] })).toBe('noted: taken-over')
    expect(alone({ cases: [alertCase('b', { partner: 'tc40' })] })).toBe('refunding: refunding')
    expect(alone({ cases: [rdrCase()] })).toBe('parked: rdr-paid')
  })
  it('that names no order has the platform asked for it', () => {
    const one = of({ mine: caseOf('a', 'request', [hook('refund', {})]), order: null, ledger: null })
    expect([one.why, one.effects]).toEqual(['order-unknown', ['enrich']])
  })
})

describe('a chargeback', () => {
  it('tells its order, once', () => {
    const cb = { mine: { ...chargebackCase(), id: 'a' } }
    expect(of(cb)).toMatchObject({ state: 'noted', effects: ['tell-chargeback'] })
    expect(of({ ...cb, order: money({ chargeback: true }) })).toMatchObject({
      state: 'noted',
      effects: [],
      lookAt: null,
    })
  })
  it('without an order is looked for, and let go after three days', () => {
    const cb = { mine: caseOf('a', 'chargeback', [hook('chargeback', {}), ENRICHED]), order: null, ledger: null }
    expect(of(cb)).toMatchObject({ state: 'unmatched', lookAt: NOW + TERMS.lookMs })
    expect(of({ ...cb, now: SEEN_AT + 3 * DAY_MS })).toMatchObject({ state: 'noted', lookAt: null })
  })
})
