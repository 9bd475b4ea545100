import { describe, expect, it } from 'vitest'
import { decide } from '../../src/domain/case/decide.ts'
import type { CaseEntry } from '../../src/domain/case/log.ts'
import { CASE_STATES } from '../../src/domain/case/view.ts'
import {
  alertCase, answered, answeredAt, approved, caseOf, caseView, certain, chargebackCase, chose, chosenAt, claimed, closed, confirmed, DAY_MS,
  declined, event, factsWith, hook, HOUR_MS, ledgerIn, ledgerOf, likely, listed, MINUTE_MS, missing, NOW, openMatch, pending, rdrCase, readBack,
  reportOf, requestCase, resolved, SEEN_AT, sending, sentAt, STOP_AT, stopped, TERMS, termsWith, uncertain, unreadAlert, type GivenCase,
} from './build-case.ts' // prettier-ignore

const of = (given: GivenCase = {}) => decide(caseView(given))
const words = (given: GivenCase = {}) => `${of(given).state}: ${of(given).reason}`
const mine = (...entries: CaseEntry[]) => alertCase('a', {}, entries)
const asks = (given: GivenCase) => of(given).effects.includes('enrich')
const matched = (orderId: string, at = SEEN_AT): CaseEntry => ({
  what: 'matched',
  at,
  orderId,
  by: 'card',
  isActed: true,
})
const keeps = (given: GivenCase) => of(given).entries.flatMap(entry => (entry.what === 'matched' ? [`${entry.orderId} by ${entry.by}`] : [])) // prettier-ignore
const DUE = SEEN_AT + TERMS.lookMs
const UNMATCHED = { mine: alertCase('a', { orderId: undefined }), order: null, ledger: null }

describe('the platform is asked again', () => {
  it('while it names no single order, not once it names one that is contradicted', () => {
    const two = caseOf('a', 'alert', [hook('alert', factsWith({})), hook('alert-match', factsWith({ orderId: 'B' })), readBack({})]) // prettier-ignore
    expect(asks({ mine: two, assessment: openMatch('platform-differs'), now: DUE })).toBe(true)
    expect(of({ mine: two, assessment: openMatch('platform-differs') }).orderId).toBeNull()
    expect(asks({ assessment: openMatch('contradicted'), now: DUE })).toBe(false)
  })
  it('when an event names another order than its record did, also after the answer, and never without a guid', () => {
    const later = hook('alert-match', factsWith({ orderId: 'B' }), NOW - 5)
    expect(asks({ mine: mine(later) })).toBe(true)
    const done: GivenCase = { mine: mine(...answered(NOW - 9, { refundKey: 'k1' })), ledger: ledgerIn(confirmed()) }
    expect(of(done).lookAt).toBeNull()
    const told = of({ ...done, mine: mine(...answered(NOW - 9, { refundKey: 'k1' }), later) })
    expect([told.state, told.lookAt]).toEqual(['resolved', NOW + TERMS.lookMs])
    const without = { ...later, event: { ...later.event, hasGuid: false } } as CaseEntry
    expect(asks({ mine: mine(without) })).toBe(false)
  })
  it('not about who sent a request', () => {
    expect(asks({ mine: requestCase(), now: DUE })).toBe(false)
  })
  it('after ten minutes no longer each minute, and what is overdue at once', () => {
    const at = (askedAt: number, now: number) => of({ mine: unreadAlert({}, [missing(SEEN_AT, askedAt)]), now }).lookAt
    expect(at(NOW, SEEN_AT + 20 * MINUTE_MS)).toBe(SEEN_AT + 20 * MINUTE_MS + TERMS.lookMs)
    expect(at(SEEN_AT, SEEN_AT + 5 * MINUTE_MS)).toBe(SEEN_AT + 5 * MINUTE_MS + 1)
  })
})

describe('a match of our own', () => {
  it('that is likely waits for the platform’s record, unless that is missing or the hard stop has come', () => {
    const unread = (...more: CaseEntry[]) => caseOf('a', 'alert', [hook('alert', factsWith({ orderId: undefined })), ...more]) // prettier-ignore
    const at = (now: number, ...more: CaseEntry[]) => words({ mine: unread(...more), assessment: likely(), now })
    expect([at(NOW), at(STOP_AT - 1)]).toEqual(['received: not-enriched', 'received: not-enriched'])
    expect(at(SEEN_AT + 10 * MINUTE_MS, missing())).toBe('unmatched: likely-match')
    expect(at(STOP_AT)).toBe('parked: not-enriched')
  })
  it('is kept by what it was made, once, before a refund; a person’s choice is kept already', () => {
    const alert = (...more: CaseEntry[]) => alertCase('a', { orderId: undefined }, more)
    expect(keeps({ mine: alert(), assessment: certain('A', 'arn') })).toEqual(['A by arn'])
    expect(keeps({ mine: alert(matched('A')), assessment: certain('A', 'arn') })).toEqual([])
    expect(keeps({ mine: alert(chose('A')), assessment: certain('A', 'person') })).toEqual([])
    expect(keeps({})).toEqual(['A by platform'])
    expect(keeps({ ledger: ledgerIn(confirmed()) })).toEqual([])
  })
  it('is kept when an answer goes out for it too', () => {
    expect(keeps({ mine: alertCase('a', { orderId: undefined }), assessment: certain('A', 'arn'), ledger: ledgerIn(confirmed()) })).toEqual(['A by arn']) // prettier-ignore
    expect(keeps({ ...UNMATCHED, assessment: openMatch('none', 'certain'), now: STOP_AT })).toEqual([])
  })
})

describe('an alert that no order fits', () => {
  it('says so while it waits', () => {
    expect(words({ ...UNMATCHED, assessment: openMatch('none', 'certain') })).toBe('unmatched: no-match')
    expect(words({ ...UNMATCHED, assessment: openMatch('none') })).toBe('unmatched: no-match')
  })
  it('of a partner that is not named yet is received', () => {
    const unread = caseOf('a', 'alert', [hook('alert', factsWith({ orderId: undefined, partner: undefined }))])
    expect(words({ mine: unread, assessment: openMatch('none'), order: null, ledger: null })).toBe('received: not-enriched') // prettier-ignore
  })
})

describe('an answer', () => {
  const ledger = ledgerIn(confirmed())
  it('stays with the order it was about', () => {
    const about = (orderId: string | null) => alertCase('a', { orderId: undefined }, answered(NOW - 9, { orderId }))
    expect(of({ mine: about('A'), assessment: openMatch('none'), ledger }).orderId).toBe('A')
    expect(of({ mine: about(null), assessment: certain('A', 'arn'), ledger })).toMatchObject({ state: 'resolved', orderId: 'A' }) // prettier-ignore
  })
  it('of a person goes out though nothing went out before, in the words of their last decision', () => {
    const own = chosenAt(NOW - 9, { by: 'ann', resolution: { type: 'other', description: 'by hand' } })
    expect(of({ mine: mine(resolved(NOW - 99), own) })).toMatchObject({ state: 'resolving', entries: [], effects: ['resolve'] }) // prettier-ignore
    const first: CaseEntry = { what: 'decision', at: 1, by: 'bo', reason: null, decision: 'resolve', resolution: { type: 'other', description: 'first' } } // prettier-ignore
    expect(of({ mine: mine(first, resolved(2)) }).entries).toMatchObject([{ by: 'ann', resolution: { description: 'by hand' } }]) // prettier-ignore
    expect(of({ mine: mine(first, chosenAt(NOW - 9), resolved(2)) }).entries).toMatchObject([{ by: 'ann' }])
    expect(of({ mine: mine(resolved(NOW + 5)) }).entries).toMatchObject([{ at: NOW + 5 }])
  })
  it('of a person outlasts a choice of the order, and not a later approval', () => {
    expect(words({ mine: mine(resolved(1), chose('A', 2)) })).toBe('resolving: answer-chosen')
    expect(words({ mine: mine(resolved(1), approved('30', 2)) })).not.toBe('resolving: answer-chosen')
  })
  it('that was refused does not hinder the next one', () => {
    const refused = [chosenAt(NOW - 9), sentAt(NOW - 9), answeredAt(NOW - 5, { accepted: false })]
    const next = [chosenAt(NOW - 3, { by: 'ann' }), sentAt(NOW - 3)]
    expect(words({ mine: mine(...refused, resolved(NOW - 4), ...next), ledger })).toBe('resolving: answer-chosen')
    expect(words({ mine: mine(...refused, resolved(NOW - 4), ...next, answeredAt(NOW - 3, { accepted: false })), ledger })).toBe('parked: answer-refused') // prettier-ignore
  })
  it.each([
    ['order', { orderId: 'Z' }],
    ['refund', { refundKey: 'k0' }],
    ['type', { resolution: { type: 'previously_refunded_nothing_to_do' as const, description: '' } }],
    ['description', { resolution: { type: 'issued_full_refund' as const, description: 'x' } }],
  ])('that never went out and is about another %s is chosen again', (_says, over) => {
    const same = { refundKey: 'k1' }
    expect(of({ mine: mine(chosenAt(NOW - 9, { ...same, ...over })), ledger }).entries).toHaveLength(1)
    expect(of({ mine: mine(chosenAt(NOW - 9, same)), ledger }).entries).toHaveLength(0)
  })
  it('is given without the platform’s record only where this alert’s refund is under way', () => {
    expect(words({ mine: unreadAlert(), ledger })).toBe('resolving: answer-chosen')
    expect(words({ mine: unreadAlert(), ledger: ledgerIn(confirmed({ wantedBy: 'midigator:b' })) })).toBe('matched: not-enriched') // prettier-ignore
    expect(words({ mine: unreadAlert(), ledger: ledgerOf([claimed()], reportOf()) })).toBe('matched: not-enriched')
  })
})

describe('a match conflict', () => {
  const given = (...ledgers: NonNullable<GivenCase['former']>): GivenCase => ({ mine: alertCase('a', { orderId: 'B' }, [matched('Z')]), assessment: certain('B'), order: { orderId: 'B' }, former: ledgers }) // prettier-ignore
  it('counts any refund of the orders matched before, not those of the order itself', () => {
    const both = { ...ledgerIn(stopped('refused', 'c', { key: 'k0' }), confirmed()), orderId: 'Z' }
    expect(words(given(both))).toBe('parked: match-conflict')
    expect(words(given({ ...ledgerIn(confirmed()), orderId: 'B' }))).toBe('matched: asking-gateway')
  })
})

describe('refunds beyond what was captured, without a chargeback', () => {
  const twice = ledgerOf([], reportOf([listed(), listed({ refundId: 'r2' })]))
  it('are shown with the alert, or with the request where no alert carries it', () => {
    expect(words({ mine: mine(...answered(NOW - 9)), ledger: twice })).toBe('parked: paid-twice')
    expect(of({ mine: requestCase(), ledger: twice })).toMatchObject({ state: 'parked', reason: 'paid-twice' })
    expect(of({ mine: requestCase(), ledger: twice }).alarms).toContain('paid-twice')
  })
  it('and RDR’s payment are shown with the notice alone', () => {
    expect(words({ mine: mine(...answered(NOW - 9, { refundKey: 'k1' })), ledger: ledgerIn(confirmed()), others: [rdrCase()] })).toBe('resolved: answered') // prettier-ignore
  })
})

describe('closing', () => {
  const twice = (...more: CaseEntry[]): GivenCase => ({ mine: chargebackCase({ orderId: 'A' }, more), ledger: ledgerIn(confirmed()) }) // prettier-ignore
  it('is a decision of its own, from the chargeback on', () => {
    expect(words(twice(approved('30')))).toBe('parked: paid-twice')
    expect([words(twice(closed(SEEN_AT - 1))), words(twice(closed(SEEN_AT)))]).toEqual(['parked: paid-twice', 'noted: chargeback-told']) // prettier-ignore
  })
  it('lasts until the next payment by RDR or chargeback, whatever else comes', () => {
    const later = (kind: 'alert' | 'chargeback', facts: Parameters<typeof factsWith>[0]) => caseOf('x', kind, [hook(kind, factsWith(facts), NOW + 5), readBack(factsWith(facts))]) // prettier-ignore
    const beside = (other: ReturnType<typeof later>) => words({ ...twice(closed()), others: [other], now: NOW + 9 })
    expect(beside(later('alert', {}))).toBe('noted: chargeback-told')
    expect(beside(later('alert', { partner: 'rdr' }))).toBe('parked: paid-twice')
  })
  it('does not close a refund that was taken back after it', () => {
    const failed = stopped('failed', 'failed-after-success', { confirmedAt: NOW - 8 })
    const told = (at: number) => words({ mine: mine(...answered(NOW - 99, { refundKey: 'k1' }), closed(at)), ledger: ledgerOf([failed], reportOf()) }) // prettier-ignore
    expect([told(NOW - 9), told(NOW - 8)]).toEqual(['parked: refund-taken-back', 'resolved: answered'])
  })
})

describe('a refund under way', () => {
  it('keeps the refund job busy in each of its states', () => {
    const now = (ledger: GivenCase['ledger']) => [words({ ledger: ledger! }), of({ ledger: ledger! }).effects]
    expect(now(ledgerOf([sending({ sendingAt: NOW })], reportOf()))).toEqual(['refunding: refund-under-way', ['refund']]) // prettier-ignore
    expect(now(ledgerIn(pending()))).toEqual(['refunding: refund-pending', ['refund']])
    const unrecorded = confirmed({ amount: '10', target: '10', wantedBy: 'midigator:b', isRecorded: false })
    expect(now(ledgerIn(unrecorded))).toEqual(['refunding: refunding', ['refund']])
  })
  it('cannot be planned before the order’s refunds were read', () => {
    expect(words({ ledger: null })).toBe('received: order-unknown')
  })
})

describe('a refund request', () => {
  const terms = termsWith({ trigger: 'order.refund' })
  const alone = (given: GivenCase = {}) => words({ mine: requestCase(), terms, ...given })
  it('asks for its refund, also when the match is contradicted it stays with its order', () => {
    expect(of({ mine: requestCase(), terms }).effects).toEqual(['refund'])
    expect(of({ mine: requestCase({}, []), terms }).effects).toEqual(['enrich'])
    expect(of({ mine: requestCase(), terms, assessment: openMatch('contradicted') }).orderId).toBe('A')
  })
  it('is finished only when no refund of the order is open', () => {
    const first = confirmed({ key: 'k0', wantedBy: 'midigator:req', amount: '10', target: '10' })
    for (const open of [claimed(), sending(), uncertain(), pending()]) {
      expect(alone({ ledger: ledgerIn(first, open) })).not.toMatch(/^refunded/)
      expect(alone({ mine: requestCase({}, [readBack({ orderId: 'A' }), declined()]), ledger: ledgerOf([open], reportOf()) })).not.toMatch(/^noted/) // prettier-ignore
    }
    expect(of({ mine: requestCase(), terms, ledger: ledgerIn(first) })).toMatchObject({ state: 'refunded', lookAt: null }) // prettier-ignore
  })
  it('is carried while one of its alerts is not answered', () => {
    const done = alertCase('b', {}, answered(SEEN_AT - HOUR_MS))
    expect(alone({ others: [done, alertCase('c')] })).toBe('noted: taken-over')
    expect(alone({ others: [done] })).toBe('parked: asked-after-answer')
    expect(alone({ others: [alertCase('c', {}, [chosenAt(1), sentAt(1)])] })).toBe('noted: taken-over')
  })
  it('without a guid is a person’s to release where its order is known', () => {
    const without = caseOf('order:A', 'request', [{ ...hook('refund'), event: { ...event('refund', 'order:A', { orderId: 'A', amount: '30' }), hasGuid: false } }]) // prettier-ignore
    expect(alone({ mine: without })).toBe('awaiting-approval: without-guid')
  })
  it('whose order is known but not its refunds waits', () => {
    expect(alone({ ledger: null })).toBe('received: order-unknown')
  })
})

describe('a chargeback or a notice without an order', () => {
  const rdr = (given: GivenCase = {}, ...more: CaseEntry[]) => words({ ...UNMATCHED, mine: rdrCase({ orderId: undefined }, more), assessment: openMatch('none'), ...given }) // prettier-ignore
  it('is looked for to the end of the third day', () => {
    const cb = (now: number) => words({ ...UNMATCHED, mine: chargebackCase({}), assessment: openMatch('none'), now })
    expect([cb(SEEN_AT + 3 * DAY_MS - 1), cb(SEEN_AT + 3 * DAY_MS)]).toEqual(['unmatched: no-match', 'noted: no-match'])
  })
  it('by RDR that may concern a refunded sale needs a person, until they close it', () => {
    expect([rdr(), rdr({ mayConcernRefunded: true }), rdr({ mayConcernRefunded: true }, closed())]).toEqual(['noted: notice', 'parked: may-be-paid-twice', 'noted: notice']) // prettier-ignore
    expect(words({ ...UNMATCHED, mine: alertCase('a', { partner: 'tc40', orderId: undefined }), assessment: openMatch('none'), mayConcernRefunded: true })).toBe('noted: notice') // prettier-ignore
    expect(words({ mine: rdrCase(), mayConcernRefunded: true })).toBe('noted: notice')
  })
})

describe('a mark on an order', () => {
  const flag = (name: 'is_fraud' | 'is_chargeback', orderId: string): CaseEntry => ({ what: 'flag', at: 1, orderId, flag: name, value: true }) // prettier-ignore
  it('of another kind is neither withdrawn nor taken for this one', () => {
    expect(of({ mine: chargebackCase({ orderId: 'A' }, [flag('is_fraud', 'Z')]) }).flags).toEqual([{ orderId: 'A', flag: 'is_chargeback', value: true }]) // prettier-ignore
    expect(of({ mine: chargebackCase({ orderId: 'A' }, [flag('is_fraud', 'A')]) }).flags).toHaveLength(1)
    expect(of({ mine: chargebackCase({ orderId: 'A' }, [flag('is_chargeback', 'A')]) }).flags).toEqual([])
  })
})

describe('an alarm', () => {
  const alarmed = (alarm: string, reason: string, at: number): CaseEntry => ({ what: 'alarmed', at, alarm, reason })
  it('is compared with the last of its name', () => {
    const parked = (...more: CaseEntry[]) => of({ mine: mine(declined(NOW - HOUR_MS), ...more), before: { state: 'parked', reason: 'refused-by-person' } }).alarms // prettier-ignore
    expect(parked(alarmed('case-parked', 'x', NOW - 9), alarmed('case-parked', 'refused-by-person', NOW - 5))).toEqual([]) // prettier-ignore
    expect(parked(alarmed('case-parked', 'refused-by-person', NOW - 9), alarmed('case-parked', 'x', NOW - 5))).toEqual(['case-parked']) // prettier-ignore
    expect(parked(alarmed('case-approval', 'refused-by-person', NOW - 5))).toEqual(['case-parked'])
  })
  it('does not ring for what is being done while the case lies on a desk', () => {
    const given: GivenCase = { now: STOP_AT + 10 * MINUTE_MS }
    const marks: CaseEntry[] = (['target', 'alarm', 'stop'] as const).map(one => ({ what: 'mark', at: 1, mark: one }))
    const at = (state: 'parked' | 'matched') => of({ ...given, mine: mine(...marks), before: { state, reason: 'no-trigger' } }).alarms // prettier-ignore
    expect([at('parked'), at('matched')]).toEqual([[], ['case-parked']])
  })
  it('of a chargeback beside a refund rings on the alert, not on the chargeback, nor where nothing moved', () => {
    const part = ledgerIn(stopped('refused', 'c', { key: 'k0' }), confirmed({ amount: '10', target: '10' }))
    const cb = chargebackCase({ orderId: 'A', amount: '20' })
    const alert = (ledger: GivenCase['ledger'], others = [cb]) => of({ mine: mine(...answered(NOW - 9)), ledger: ledger!, others }).alarms // prettier-ignore
    expect([alert(part), alert(ledgerOf([stopped('refused')], reportOf())), alert(part, [])]).toEqual([['case-chargeback'], [], []]) // prettier-ignore
    expect(of({ mine: cb, ledger: part }).alarms).toEqual([])
    expect(of({ mine: requestCase(), others: [cb, alertCase('b')], ledger: part }).alarms).toEqual([])
  })
})

describe('a case that is looked at again', () => {
  it('is a notice with its order too, while the platform has still to be asked about it', () => {
    const tc40 = (more: Parameters<typeof caseOf>[2] = []) => caseOf('a', 'alert', [hook('alert', factsWith({ partner: 'tc40' })), ...more])
    expect(of({ mine: tc40() })).toMatchObject({ state: 'noted', effects: ['enrich'], lookAt: NOW + TERMS.lookMs })
    expect(of({ mine: tc40([readBack(factsWith({ partner: 'tc40' }))]) })).toMatchObject({ effects: [], lookAt: null })
  }) // prettier-ignore
})

it('a refund that a person released shortly before, after the hard stop, is not put before a person yet', () => {
  const now = STOP_AT + 12 * MINUTE_MS
  const released = (...times: number[]) => of({ now, mine: alertCase('a', {}, times.map(at => approved('30', at))), ledger: ledgerOf([claimed({ approvedBy: 'ann', approvedAt: times.at(-1)! })], reportOf()) }).state // prettier-ignore
  expect(released(STOP_AT - HOUR_MS, now - MINUTE_MS)).toBe('matched')
  expect(released(STOP_AT - 2 * HOUR_MS, STOP_AT - HOUR_MS)).toBe('parked')
})

it('each state of a case is another', () => {
  expect(new Set(CASE_STATES).size).toBe(10)
})
