import { describe, expect, it } from 'vitest'
import { accountOf } from '../../src/domain/account/account.ts'
import type { CaseEntry } from '../../src/domain/case/log.ts'
import { emptyLedger, ended, type Claim } from '../../src/domain/refund/ledger.ts'
import { planRefund, refundableOf, type RefundPlan } from '../../src/domain/refund/plan.ts'
import { stopOf } from '../../src/domain/refund/trigger.ts'
import {
  alertCase, answered, approved, caseOf, chargebackCase, claimed, confirmed, DAY_MS, declined, readBack, hook, HOUR_MS, ledgerIn, ledgerOf, listed, listedClaim,
  MINUTE_MS, missing, NOW, pending, rdrCase, refundView, reportOf, requestCase, RESPOND_BY, SEEN_AT, sending, stated, stopped, uncertain,
  unreadAlert, type Given,
} from './build-case.ts' // prettier-ignore

const plan = (given: Given = {}): RefundPlan => planRefund(refundView(given))
/** The next step in a few words, such as `claim 20 of 30` or `park: chargeback`. */
function words(given: Given = {}): string {
  const one = plan(given)
  if (one.do === 'claim') return `claim ${one.refund.amount} of ${one.refund.target}`
  if (one.do === 'ask-person') return `ask-person: ${one.reason} ${one.amount}`
  return 'reason' in one ? `${one.do}: ${one.reason}` : one.do
}
const by = (...entries: CaseEntry[]) => ({ cases: [alertCase('a', {}, entries)] })
/** An alert over what is left, so that its amount asks nobody. */
const over = (amount: string, ...entries: CaseEntry[]) => ({ cases: [alertCase('a', { amount }, entries)] })
const LONG_AGO = SEEN_AT - 9 * DAY_MS

describe('the next step about an order’s refund', () => {
  it.each<[says: string, given: Given, step: string]>([
    ['the gateway is asked first', { isReportFresh: false }, 'ask-gateway'],
    ['then a claim is stored', {}, 'claim 30 of 30'],
    ['the rest after the CRM’s refund', { ...over('20'), order: stated('10'), ledger: ledgerOf([], reportOf([listed({ amount: '10', createdAt: LONG_AGO })])) }, 'claim 20 of 30'],
    ['the rest after the gateway’s refund', { ...over('20'), ledger: ledgerOf([], reportOf([listed({ amount: '10' })])) }, 'claim 20 of 30'],
    ['the rest after our own', { ...over('20'), ledger: ledgerIn(confirmed({ amount: '10', target: '10' })) }, 'claim 20 of 30'],
    ['nothing is left', { ledger: ledgerIn(confirmed()) }, 'nothing: nothing-left'],
    ['the gateway was never asked', { isReportFresh: false, ledger: emptyLedger('A') }, 'ask-gateway'],
    ['the CRM’s clock is ahead: the gateway is asked once, not for ever', { order: { rev: 2, ...stated('30', NOW + 99) }, ledger: ledgerOf([], reportOf([listed()], { rev: 1, at: NOW - 9 })) }, 'nothing: nothing-left'],
    ['the order is unknown', { order: null }, 'wait: order-unknown'],
    ['the order is not settled', { order: { settled: false, captured: '0' } }, 'wait: not-settled'],
    ['the gateway cannot refund it yet', { ledger: ledgerOf([], reportOf([], { settled: false })) }, 'wait: gateway-not-settled'],
    ['it was never paid', { order: { neverPaid: 'voided' }, ledger: ledgerOf([], reportOf([], { refundable: '0' })) }, 'nothing: never-paid'],
    ['it was never paid, and the gateway was not asked', { order: { neverPaid: 'voided' }, ledger: emptyLedger('A'), isReportFresh: false }, 'ask-gateway'],
    ['it was never paid, and the gateway has money', { order: { neverPaid: 'voided' } }, 'park: cancelled-contradicted'],
    ['captured unknown', { order: { captured: null } }, 'park: captured-unknown'],
    ['currency unknown', { order: { currency: null } }, 'park: currency-unknown'],
    ['charged back', { cases: [alertCase(), chargebackCase()] }, 'park: chargeback'],
    ['charged back, by the order', { order: { chargeback: true } }, 'park: chargeback'],
    ['RDR paid', { cases: [alertCase(), rdrCase()] }, 'park: rdr-paid'],
    ['RDR paid a part', { cases: [alertCase(), rdrCase({ amount: '5' })] }, 'park: rdr-paid'],
    ['RDR declined', { cases: [alertCase(), rdrCase({ rdrResolution: 'declined' })] }, 'claim 30 of 30'],
    ['charged back, and approved', { cases: [alertCase('a', {}, [approved('30')]), chargebackCase()] }, 'park: chargeback'],
    ['declined by a person', by(declined()), 'park: refused-by-person'],
    ['declined, then approved', by(declined(1), approved('30', 2)), 'claim 30 of 30'],
    ['approved, then declined', by(approved('30', 1), declined(2)), 'park: refused-by-person'],
    ['a refund that the list has not', { order: stated('10', LONG_AGO) }, 'park: refund-contradicted'],
    ['a refund that the list has not, and the whole is approved all the same', { ...by(approved('30')), order: stated('10', LONG_AGO) }, 'claim 30 of 30'],
    ['a refund that the list may not have yet', { order: stated('10', NOW - 9) }, 'wait: gateway-list-lags'],
    ['the gateway states another refundable amount', { ledger: ledgerOf([], reportOf([], { refundable: '25' })) }, 'park: refundable-differs'],
    ['refunds are off', { terms: { mode: 'off' } }, 'wait: refunds-off'],
    ['the gateway states another currency, also where a person approved before that was known', { ...by(approved('30')), ledger: ledgerOf([], reportOf([], { currency: 'EUR', refundable: '2940' })) }, 'park: gateway-currency-differs'],
    ['refunds are off, and a person approved', { ...by(approved('30')), terms: { mode: 'off' } }, 'wait: refunds-off'],
    ['no gateway is configured', { terms: { hasGateway: false }, ledger: ledgerOf() }, 'park: no-gateway'],
    ['manual approval', { terms: { mode: 'approve' } }, 'ask-person: approve-mode 30'],
    ['manual approval, approved', { ...by(approved('30')), terms: { mode: 'approve' } }, 'claim 30 of 30'],
    ['above the limit', { terms: { autoLimit: '29.99', limitCurrency: 'USD' } }, 'ask-person: above-limit 30'],
    ['at the limit', { terms: { autoLimit: '30', limitCurrency: 'USD' } }, 'claim 30 of 30'],
    ['above the limit, approved', { ...by(approved('30')), terms: { autoLimit: '1', limitCurrency: 'USD' } }, 'claim 30 of 30'],
    ['in another currency than the limit’s', { terms: { autoLimit: '99', limitCurrency: 'EUR' } }, 'ask-person: other-currency 30'],
    ['the hour is full', { ledger: ledgerOf([claimed({ held: 'hourly-limit' })], reportOf()) }, 'ask-person: hourly-limit 30'],
    ['the hour is full, approved', { ledger: ledgerOf([claimed({ held: 'hourly-limit' })], reportOf()), ...by(approved('30')) }, 'send'],
    ['the same amount again after our own', { ...over('15'), ledger: ledgerIn(confirmed({ amount: '15', target: '15' })) }, 'claim 15 of 30'],
    ['it was never paid nor settled', { order: { neverPaid: 'declined', settled: false }, ledger: ledgerOf([], reportOf([], { refundable: '0' })) }, 'nothing: never-paid'],
    ['it was never paid, and the trigger waits', { order: { neverPaid: 'declined' }, ledger: ledgerOf([], reportOf([], { refundable: '0' })), cases: [unreadAlert()] }, 'nothing: never-paid'],
    ['no trigger', { cases: [] }, 'nothing: no-trigger'],
    ['the trigger waits', { cases: [unreadAlert()] }, 'wait: not-enriched'],
    ['the trigger asks a person', over('10'), 'ask-person: part-of-order 30'],
    ['the alert is answered by 3-D Secure', { order: { eci: '05' }, resolve3ds: true }, 'nothing: answer-chosen'],
    ['the alert is answered by 3-D Secure, once the gateway was asked', { order: { eci: '05' }, resolve3ds: true, ledger: ledgerOf(), isReportFresh: false }, 'ask-gateway'],
    ['the alert is not about fraud', { cases: [alertCase('a', { reason: '13.1' })], order: { eci: '05' }, resolve3ds: true }, 'claim 30 of 30'],
    ['a refund was begun before 3-D Secure was asked for', { order: { eci: '05' }, resolve3ds: true, ledger: ledgerOf([claimed()], reportOf()) }, 'send'],
    ['a request alone over an authenticated order', { cases: [requestCase()], order: { eci: '05' }, resolve3ds: true, terms: { trigger: 'either' } }, 'claim 30 of 30'],
  ])('%s', (_says, given, step) => {
    expect(words(given)).toBe(step)
  }) // prettier-ignore

  it('says of a wait when it ends', () => {
    expect(plan({ order: stated('10', NOW - 9) })).toMatchObject({ until: NOW - 9 + 2 * MINUTE_MS })
    expect(plan({ order: { settled: false, captured: '0' } })).toMatchObject({ until: null })
    expect(plan({ ledger: ledgerOf([], reportOf([], { settled: false, at: NOW - 9 })) })).toMatchObject({ until: NOW - 9 + 10 * MINUTE_MS }) // prettier-ignore
    expect(plan({ ledger: ledgerOf([sending({ sendingAt: NOW - 1 })]) })).toMatchObject({ until: NOW - 1 + 20_000 })
  })

  it('sends what was never sent for the case that asks for it now', () => {
    const stored = (over: Parameters<typeof claimed>[0]) => plan({ ledger: ledgerOf([claimed({ wantedBy: 'midigator:gone', ...over })], reportOf()) }) // prettier-ignore
    expect(stored({})).toMatchObject({ do: 'send', claim: { wantedBy: 'midigator:a' } })
    expect(stored({ sends: 1, firstSentAt: SEEN_AT })).toMatchObject({ do: 'send', claim: { wantedBy: 'midigator:gone' } }) // prettier-ignore
  })

  it('claims for the case that asks, with its deadline and who approved it', () => {
    expect(plan(by(approved('30')))).toEqual({
      do: 'claim',
      refund: { amount: '30', target: '30', currency: 'USD', generation: 0, wantedBy: 'midigator:a', respondBy: RESPOND_BY, approval: { by: 'ann', at: NOW, amount: '30', currency: 'USD' } },
    }) // prettier-ignore
    expect(plan()).toMatchObject({ do: 'claim', refund: { approval: null } })
  })

  it('waits while a refund by other hands is pending: until it is done the rest is not known', () => {
    const of = (status: 'pending' | 'succeeded' | 'failed') =>
      words({ ...over(status === 'failed' ? '30' : '20'), ledger: ledgerOf([], reportOf([listed({ amount: '10', status })])) }) // prettier-ignore
    expect([of('pending'), of('succeeded'), of('failed')]).toEqual(['wait: refund-pending', 'claim 20 of 30', 'claim 30 of 30']) // prettier-ignore
  })
})

describe('after the deadline', () => {
  const late = (at: number, ...entries: CaseEntry[]) => words({ ...by(...entries), now: at, ledger: ledgerOf([], reportOf([], { at })) }) // prettier-ignore
  it('no refund goes out without a person, also after the mode is automatic again', () => {
    expect([late(RESPOND_BY - 1), late(RESPOND_BY)]).toEqual(['claim 30 of 30', 'ask-person: deadline-passed 30'])
    const mode = 'approve' as const
    expect(words({ now: RESPOND_BY, ledger: ledgerOf([], reportOf([], { at: RESPOND_BY })), terms: { mode } })).toBe('ask-person: deadline-passed 30') // prettier-ignore
  })
  it('an approval from before has lapsed, one from after it counts', () => {
    expect(late(RESPOND_BY - 1, approved('30', NOW))).toBe('claim 30 of 30')
    expect(late(RESPOND_BY, approved('30', RESPOND_BY - 1))).toBe('ask-person: deadline-passed 30')
    expect(late(RESPOND_BY + DAY_MS, approved('30', RESPOND_BY))).toBe('claim 30 of 30')
  })
  it('what was claimed and not sent asks a person too, a re-send like a first send', () => {
    const of = (claim: Claim) => words({ now: RESPOND_BY, ledger: ledgerOf([claim], reportOf([], { at: RESPOND_BY })) })
    expect([of(claimed()), of(claimed({ sends: 1, firstSentAt: SEEN_AT }))]).toEqual(['ask-person: deadline-passed 30', 'ask-person: deadline-passed 30']) // prettier-ignore
    const approvedClaim = (approvedAt: number) => of(claimed({ approvedBy: 'ann', approvedAt, sends: 1, firstSentAt: SEEN_AT })) // prettier-ignore
    expect([approvedClaim(NOW), approvedClaim(RESPOND_BY)]).toEqual(['ask-person: deadline-passed 30', 'send'])
  })
})

describe('an approval', () => {
  it('releases exactly its amount, up to what is refundable', () => {
    expect(words(by(approved('20')))).toBe('claim 20 of 20')
    expect(words(by(approved('0.01')))).toBe('claim 0.01 of 0.01')
    expect(words(by(approved('30.01')))).toBe('park: rest-changed')
    expect(words({ ...by(approved('30')), ledger: ledgerOf([], reportOf([listed({ amount: '10' })])) })).toBe('park: rest-changed') // prettier-ignore
    expect(words({ ...by(approved('20')), ledger: ledgerOf([], reportOf([listed({ amount: '10' })])) })).toBe('claim 20 of 30') // prettier-ignore
  })
  it('in another currency than the order’s releases nothing', () => {
    expect(words(by(approved('30', NOW, 'EUR')))).toBe('park: rest-changed')
    expect(words({ ...by(approved('30', NOW, 'EUR')), order: { currency: null } })).toBe('claim 30 of 30')
  })
  it('is used up by the refund that it released', () => {
    const ledger = ledgerIn(confirmed({ amount: '15', target: '15' }))
    const given = (at: number) => words({ ...over('15', approved('15', at)), ledger, terms: { mode: 'approve' } })
    expect([given(SEEN_AT - 1), given(SEEN_AT), given(SEEN_AT + 1)]).toEqual(['ask-person: approve-mode 15', 'ask-person: approve-mode 15', 'claim 15 of 30']) // prettier-ignore
  })
  it('counts for a refund that goes out again as it was, though it is older than the first send', () => {
    const again = (at: number) => words({ ledger: ledgerOf([claimed({ sends: 1, firstSentAt: NOW - 1 })], reportOf()), ...by(approved('30', at)), terms: { mode: 'approve' } }) // prettier-ignore
    expect([again(SEEN_AT), again(SEEN_AT - 1)]).toEqual(['send', 'ask-person: approve-mode 30'])
    const first = confirmed({ key: 'k0', amount: '10', target: '10', firstSentAt: SEEN_AT })
    const next = (at: number) => words({ ledger: ledgerOf([first, claimed({ amount: '20' })], reportOf([listedClaim(first)])), ...over('20', approved('20', at)), terms: { mode: 'approve' } }) // prettier-ignore
    expect([next(SEEN_AT), next(SEEN_AT + 1)]).toEqual(['ask-person: approve-mode 20', 'send'])
  })
  it('is not used up by a refund that was never sent', () => {
    const given = { ...by(approved('30')), terms: { mode: 'approve' as const } }
    const dropped = stopped('dropped', 'rest-changed', { sends: 0, firstSentAt: null, claimedAt: NOW + 5 })
    expect(words({ ...given, ledger: ledgerOf([dropped], reportOf()) })).toBe('claim 30 of 30')
  })
  it('overrules a contradiction, for what the gateway states or else for what its list leaves', () => {
    const of = (refundable: string | null, amount: string) =>
      words({ ...by(approved(amount)), order: stated('10', LONG_AGO), ledger: ledgerOf([], reportOf([], { refundable })) })
    expect([of('25', '25'), of('25', '25.01')]).toEqual(['claim 25 of 25', 'park: rest-changed'])
    expect([of(null, '30'), of(null, '30.01')]).toEqual(['claim 30 of 30', 'park: rest-changed'])
  }) // prettier-ignore
  it('overrules every reason of the trigger to ask a person', () => {
    for (const facts of [{ amount: '10' }, { amount: '99' }, { amount: undefined }, { currency: 'EUR' }])
      expect(words({ cases: [alertCase('a', facts, [approved('30')])] })).toBe('claim 30 of 30')
    expect(words({ cases: [unreadAlert({}, [missing(SEEN_AT - DAY_MS), approved('30')])] })).toBe('claim 30 of 30')
    expect(words({ cases: [alertCase('a', {}, [approved('30')])], terms: { trigger: 'order.refund' } })).toBe('claim 30 of 30') // prettier-ignore
  })
  it('does not overrule a record that is not read yet, nor an order that is not settled', () => {
    expect(words({ cases: [unreadAlert({}, [approved('30')])] })).toBe('wait: not-enriched')
    expect(words({ ...by(approved('30')), order: { settled: false, captured: '0' } })).toBe('wait: not-settled')
  })
})

describe('what a person may release at most', () => {
  const most = (given: Given) => refundableOf(refundView(given), accountOf(refundView(given)))
  it('is what is left, or the gateway’s smaller figure; where the account contradicts itself what the gateway states, else its list leaves', () => {
    expect(most({})).toBe('30')
    expect(most({ ledger: ledgerOf([], reportOf([listed({ amount: '10' })], { refundable: null })) })).toBe('20')
    expect(most({ cases: [rdrCase({ amount: '5' })], ledger: ledgerOf([], reportOf([], { refundable: '25' })) })).toBe('25') // prettier-ignore
    expect(most({ cases: [rdrCase({ amount: '5' })], ledger: ledgerOf([], reportOf([], { refundable: '30' })) })).toBe('25') // prettier-ignore
    expect(most({ ledger: ledgerOf([uncertain()], reportOf([], { refundable: '12' })) })).toBe('12')
    expect(most({ order: stated('10', LONG_AGO), ledger: ledgerOf([], reportOf([], { refundable: '28' })) })).toBe('28')
    expect(most({ order: stated('10', LONG_AGO), ledger: ledgerOf([], reportOf([listed({ amount: '7' })], { refundable: null })) })).toBe('23') // prettier-ignore
    expect(most({ order: { captured: null }, ledger: ledgerOf([], reportOf([], { refundable: null })) })).toBe('0')
  })
})

describe('a chargeback or an RDR notice without an order', () => {
  const untied = [chargebackCase({})]
  it('holds the refund it may concern, until a person approves after it came', () => {
    expect(words({ untied })).toBe('park: untied-notice')
    expect(words({ untied, ...by(approved('30', SEEN_AT - 1)) })).toBe('park: untied-notice')
    expect(words({ untied, ...by(approved('30', SEEN_AT)) })).toBe('claim 30 of 30')
  })
  it('also takes back a claim that was not sent', () => {
    expect(words({ untied, ledger: ledgerOf([claimed()], reportOf()) })).toBe('drop: untied-notice')
  })
})

describe('a claim that is stored and not sent', () => {
  it.each<[says: string, given: Given, step: string]>([
    ['is sent once the gateway was asked', {}, 'send'],
    ['is not sent before', { isReportFresh: false }, 'ask-gateway'],
    ['is adopted when the gateway has it', { ledger: ledgerOf([claimed()], reportOf([listed({ reference: 'k1' })])) }, 'adopt'],
    ['is dropped when the rest changes', { order: stated('1', LONG_AGO), ledger: ledgerOf([claimed()], reportOf([listed({ amount: '1' })])), ...over('29') }, 'drop: rest-changed'],
    ['is dropped when the same amount would now be another total', { ledger: ledgerOf([claimed({ amount: '10', target: '10' })], reportOf([listed({ amount: '5' })])), ...by(approved('10')) }, 'drop: rest-changed'],
    ['is dropped when nothing is left', { order: stated('30', LONG_AGO), ledger: ledgerOf([claimed()], reportOf([listed()])) }, 'drop: nothing-left'],
    ['is dropped when a person released another amount', by(approved('20', SEEN_AT + 1)), 'drop: rest-changed'],
    ['is dropped when the order is charged back', { cases: [alertCase(), chargebackCase()] }, 'drop: chargeback'],
    ['is dropped when RDR pays', { cases: [alertCase(), rdrCase()] }, 'drop: rdr-paid'],
    ['is dropped when a person declines', by(declined()), 'drop: refused-by-person'],
    ['is dropped when its alert was answered', by(...answered(NOW)), 'drop: no-trigger'],
    ['is dropped when the account contradicts itself', { order: stated('10', LONG_AGO) }, 'drop: refund-contradicted'],
    ['is dropped when the order is void in truth', { order: { neverPaid: 'voided' }, ledger: ledgerOf([claimed()], reportOf([], { refundable: '0' })) }, 'drop: never-paid'],
    ['waits while the order is not settled', { order: { settled: false, captured: '0' } }, 'wait: not-settled'],
    ['waits while refunds are off', { terms: { mode: 'off' } }, 'wait: refunds-off'],
    ['asks when approval has become needed', { terms: { mode: 'approve' } }, 'ask-person: approve-mode 30'],
    ['waits out a refusal that will pass', { ledger: ledgerOf([claimed({ notBefore: NOW + 1, refusals: 1 })], reportOf()) }, 'wait: refund-refused-for-now'],
    ['is sent again once that is over', { ledger: ledgerOf([claimed({ notBefore: NOW, refusals: 1 })], reportOf()) }, 'send'],
  ])('%s', (_says, given, step) => {
    expect(words({ ledger: ledgerOf([claimed()], reportOf()), ...given })).toBe(step)
  }) // prettier-ignore

  it('is sent with the approval that released it, and with the deadline of the case that asks now', () => {
    const step = plan({ ledger: ledgerOf([claimed({ held: 'hourly-limit', respondBy: 1 })], reportOf()), ...by(approved('30')) }) // prettier-ignore
    expect(step).toMatchObject({ do: 'send', claim: { approvedBy: 'ann', approvedAt: NOW, held: null, respondBy: RESPOND_BY } }) // prettier-ignore
  })
  it('waits until a match of our own is kept with its case: the platform may still name another order', () => {
    const ledger = ledgerOf([claimed()], reportOf())
    const matched: CaseEntry = { what: 'matched', at: SEEN_AT, orderId: 'A', by: 'card', isActed: true }
    const ours = (...more: CaseEntry[]) => words({ ledger, cases: [alertCase('a', { orderId: undefined }, more)] })
    expect([ours(), ours(matched)]).toEqual(['wait: refunding', 'send'])
    // Another alert of the order that keeps none, and a request that names no order, hinder nothing.
    const other = alertCase('b', { orderId: undefined })
    expect(words({ ledger, cases: [other, alertCase('a')] })).toBe('send')
    const nameless = caseOf('req', 'request', [hook('refund', { amount: '30' }), readBack({ currency: 'USD' })])
    const forRequest = ledgerOf([claimed({ wantedBy: 'midigator:req' })], reportOf())
    expect(words({ ledger: forRequest, cases: [nameless], terms: { trigger: 'either' } })).toBe('send')
  })
  it('is not taken for a twin’s: only the gateway’s list read for this plan counts', () => {
    expect(words({ isReportFresh: false, ledger: ledgerOf([claimed()], reportOf([listed({ reference: 'k1' })])) })).not.toBe('adopt') // prettier-ignore
  })
  it('is worth its whole amount though an older approval was for less', () => {
    const ledger = ledgerOf([claimed({ approvedBy: 'ann', approvedAt: SEEN_AT, amount: '20', target: '20' })], reportOf()) // prettier-ignore
    expect(words({ ledger, ...over('20') })).toBe('send')
  })
})

describe('a refund that was sent', () => {
  const one = (claim: Claim, given: Given = {}) => words({ ledger: ledgerOf([claim], reportOf()), ...given })

  it('is waited for, then lost, then looked up', () => {
    expect(one(sending({ sendingAt: NOW - 1 }))).toBe('wait: refund-under-way')
    expect(one(sending({ sendingAt: NOW - 20_000 }))).toBe('lost')
    expect(one(sending({ sendingAt: null }))).toBe('lost')
    expect(one(uncertain())).toBe('wait: refund-uncertain')
    expect(one(pending())).toBe('wait: refund-pending')
    expect(one(uncertain({ lookAt: NOW }))).toBe('look-up')
    expect(one(pending({ lookAt: NOW }))).toBe('look-up')
    expect(one(confirmed({ lookAt: NOW }))).toBe('look-up')
    expect(one(confirmed({ lookAt: NOW + 1 }), { ledger: ledgerIn(confirmed({ lookAt: NOW + 1 })) })).toBe('nothing: nothing-left') // prettier-ignore
  })

  it('is looked up whatever forbids refunds, and is recorded with its order first', () => {
    const given = { cases: [alertCase(), chargebackCase()], terms: { mode: 'off' as const } }
    expect(one(uncertain({ lookAt: NOW }), given)).toBe('look-up')
    expect(one(confirmed({ isRecorded: false, lookAt: NOW }), given)).toBe('record')
    expect(one(stopped('failed', 'failed-after-success', { isRecorded: false, confirmedAt: 5 }), given)).toBe('record')
  })

  it.each([
    ['refused', 'card_expired', 'park: refund-refused'],
    ['failed', 'failed', 'park: refund-refused'],
    ['failed', 'failed-after-success', 'park: refund-taken-back'],
    ['parked', 'not-found', 'park: refund-parked'],
  ] as const)('and %s (%s) is not tried again automatically, nor by an older approval', (state, code, step) => {
    expect(one(stopped(state, code))).toBe(step)
    expect(one(stopped(state, code, { firstSentAt: SEEN_AT + 9 }), by(approved('30', SEEN_AT + 9)))).toBe(step)
  })

  it('and parked goes out again in the same bytes once a person approves it, once for each approval', () => {
    expect(one(stopped('parked'), by(approved('30')))).toBe('retry')
    expect(one(stopped('parked', 'c', { firstSentAt: NOW + 1 }), by(approved('30')))).toBe('park: refund-parked')
    expect(one(stopped('parked'), by(approved('20')))).toBe('claim 20 of 20')
  })

  it('and parked goes out again also when more was refunded meanwhile, and does not turn in a circle', () => {
    const report = reportOf([listed({ amount: '5', reference: 'x' })])
    const given = by(approved('10'))
    const step = plan({ ...given, ledger: ledgerOf([stopped('parked', 'c', { amount: '10', target: '10' })], report) })
    expect(step).toMatchObject({ do: 'retry', claim: { key: 'k1', body: '{}', amount: '10', target: '15' } })
    const again = claimed({ amount: '10', target: '15', sends: 1, firstSentAt: SEEN_AT, approvedBy: 'ann', approvedAt: NOW }) // prettier-ignore
    expect(words({ ...given, ledger: ledgerOf([again], report) })).toBe('send')
  })

  it('and parked, which the gateway lists as failed, is tried under another key once a person approves it', () => {
    const ledger = ledgerOf([stopped('parked')], reportOf([listed({ reference: 'k1', status: 'failed' })]))
    expect(plan({ ledger, ...by(approved('30')) })).toMatchObject({ do: 'claim', refund: { generation: 1, amount: '30' } }) // prettier-ignore
  })

  it('and refused is tried under another key once a person approves it', () => {
    expect(plan({ ledger: ledgerOf([stopped('refused')], reportOf()), ...by(approved('30')) })).toMatchObject({ do: 'claim', refund: { generation: 1, amount: '30' } }) // prettier-ignore
  })

  it('and given up is taken for what it is when the gateway has it after all', () => {
    const given = (refund: Parameters<typeof listed>[0], at = NOW - 1) => words({ ledger: ledgerOf([stopped('parked')], reportOf([listed({ reference: 'k1', ...refund })], { at })) }) // prettier-ignore
    expect(given({})).toBe('adopt')
    expect(given({ status: 'pending' })).toBe('adopt')
    expect(given({ status: 'failed' })).toBe('park: refund-parked')
    expect(given({ amount: '10' })).not.toBe('adopt')
    expect(given({}, SEEN_AT)).not.toBe('adopt')
    const unsent = stopped('parked', 'c', { sends: 0 })
    expect(words({ ledger: ledgerOf([unsent], reportOf([listed({ reference: 'k1' })])) })).not.toBe('adopt')
    const byId = reportOf([listed({ reference: null, refundId: 'r-1' })])
    expect(words({ ledger: ledgerOf([stopped('parked', 'c', { refundId: 'r-1' })], byId) })).toBe('adopt')
    expect(words({ ledger: ledgerOf([stopped('parked', 'c', { refundId: 'r-2' })], byId) })).not.toBe('adopt')
  })

  it('and refused has the gateway asked once an hour while there is time', () => {
    const at = (now: number, reportAt: number, isReportFresh = false) => words({ now, isReportFresh, ledger: ledgerOf([stopped('refused')], reportOf([], { at: reportAt })) }) // prettier-ignore
    expect([at(NOW, NOW - HOUR_MS), at(NOW, NOW - HOUR_MS + 1), at(NOW, NOW - HOUR_MS, true)]).toEqual(['ask-gateway', 'park: refund-refused', 'park: refund-refused']) // prettier-ignore
    expect([at(RESPOND_BY - 1, NOW), at(RESPOND_BY, NOW)]).toEqual(['ask-gateway', 'park: refund-refused'])
    expect(words({ now: NOW, isReportFresh: false, cases: [], ledger: ledgerOf([stopped('refused')], reportOf([], { at: SEEN_AT - DAY_MS })) })).toBe('park: refund-refused') // prettier-ignore
  })

  it('never goes by another order’s transaction, whatever a person says; by the right one it does', () => {
    const claim = stopped('parked', 'transaction-of-another-order', { sends: 0 })
    expect(one(claim, by(approved('30')))).toBe('park: transaction-taken')
    expect(one(claim, { ...by(approved('30')), order: { transactionId: 'T-B' } })).toBe('claim 30 of 30')
    expect(one(claim, { order: { transactionId: 'T-B' } })).toBe('claim 30 of 30')
    expect(stopOf(refundView({ order: { transactionId: null }, ledger: ledgerOf([{ ...claim, transaction: 'A' }]) }), null)).toBe('transaction-taken') // prettier-ignore
  })
})

describe('a refusal that means “look again”', () => {
  const dropped = (amount: string) => stopped('dropped', 'amount_too_large', { amount, target: amount })
  it('makes the plan anew from the account as it is now', () => {
    const ledger = ledgerOf([dropped('30')], reportOf([listed({ amount: '10' })]))
    expect(plan({ ledger, ...over('20') })).toMatchObject({ do: 'claim', refund: { amount: '20', target: '30', generation: 1 } }) // prettier-ignore
  })
  it('is not repeated for the same amount: a person is asked, and may release it', () => {
    const ledger = ledgerOf([dropped('30')], reportOf())
    expect(words({ ledger })).toBe('park: refund-refused')
    expect(words({ ledger, ...by(approved('30')) })).toBe('claim 30 of 30')
    // One that was never sent asks nobody.
    expect(words({ ledger: ledgerOf([stopped('dropped', 'rest-changed', { sends: 0, firstSentAt: null })], reportOf()) })).toBe('claim 30 of 30') // prettier-ignore
  })
})

describe('keys', () => {
  const generation = (...claims: Claim[]) => {
    const one = plan({ ledger: ledgerOf(claims, reportOf()), order: { captured: '99', total: '99' }, ...over('99', approved('10')) }) // prettier-ignore
    return one.do === 'claim' ? one.refund.generation : one.do
  }
  it('rise only by a refund that was sent and came to nothing', () => {
    expect(generation()).toBe(0)
    expect(generation(ended(claimed(), 'dropped', { code: 'x', words: null }))).toBe(0)
    expect(generation(stopped('dropped', 'c', { sends: 1 }))).toBe(1)
    expect(generation(stopped('refused'))).toBe(1)
    expect(generation(stopped('dropped', 'c', { sends: 0, refusals: 1 }))).toBe(1)
    expect(generation(confirmed({ amount: '10', target: '10', firstSentAt: LONG_AGO, confirmedAt: LONG_AGO }))).toBe(0)
    expect(generation(stopped('dropped', 'c', { key: 'k0' }), stopped('failed'))).toBe(2)
  })
})

describe('a refund request beside others', () => {
  it('is refunded for itself once nothing carries it', () => {
    const step = plan({ cases: [requestCase()], terms: { trigger: 'order.refund' } })
    expect(step).toMatchObject({ do: 'claim', refund: { wantedBy: 'midigator:req', amount: '30' } })
  })
  it('over another amount shows the person what is refundable', () => {
    expect(words({ cases: [requestCase({ amount: '500' })], terms: { trigger: 'order.refund' } })).toBe('ask-person: request-amount-differs 30') // prettier-ignore
  })
  it('does not wait for ever on a list that lags', () => {
    const ours = confirmed({ amount: '10', target: '10', confirmedAt: NOW - HOUR_MS, firstSentAt: NOW - HOUR_MS })
    expect(words({ ledger: ledgerOf([ours], reportOf([listedClaim(ours)], { refundable: '30' })), ...over('20') })).toBe('park: refundable-differs') // prettier-ignore
  })
})
