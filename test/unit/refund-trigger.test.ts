import type { RefundTerms } from '../../src/domain/account/account.ts'
import { describe, expect, it } from 'vitest'
import { accountOf, type CaseOfOrder } from '../../src/domain/account/account.ts'
import type { AlertFacts } from '../../src/domain/alert/facts.ts'
import type { CaseEntry } from '../../src/domain/case/log.ts'
import { approvalNeeded, approvalOf, caseDeadlines, forbiddenBy, isContradicted, isOtherSale, isRefundableAlert, lastDecision, triggerOf,  type Trigger } from '../../src/domain/refund/trigger.ts' // prettier-ignore
import {
  alertCase, answered, answeredAt, approved, CARD, caseOf, chargebackCase, chose, chosenAt, claimed, confirmed, DAY_MS, declined, ETHOCA,
  event, factsWith, hook, HOUR_MS, ledgerIn, ledgerOf, listed, MINUTE_MS, missing, NOW, rdrCase, readBack, refundView, REFUND_TERMS, reportOf,
  requestCase, resolved, RESPOND_BY, SEEN_AT, sentAt, stated, STOP_AT, TARGET_AT, unreadAlert, type Given,
} from './build-case.ts' // prettier-ignore

const SETTLED = SEEN_AT + REFUND_TERMS.settleMs

/** A trigger in a few words, such as `refund by midigator:a`, `refund by midigator:a, needs part-of-order`, or `wait: awaiting-request`. */
function words(one: Trigger): string {
  if (one.may === 'refund') return `refund by ${one.by.replace('midigator:', '')}${one.needs === null ? '' : `, needs ${one.needs}`}` // prettier-ignore
  return `${one.may}: ${one.reason}`
}
function trigger(given: Given): Trigger {
  const view = refundView(given)
  return triggerOf(view, accountOf(view))
}
const by = (given: Given) => words(trigger(given))
const TRIGGERS: readonly RefundTerms['trigger'][] = ['order.refund', 'match', 'either']
/** What each of the three settings comes to: order.refund, match, either. */
const each = (given: Given) => TRIGGERS.map(one => by({ ...given, terms: { ...given.terms, trigger: one } }))
const all = (one: string) => [one, one, one]

describe('what starts a refund', () => {
  it('is nothing without an alert and without a request', () => {
    for (const cases of [[], [chargebackCase()], [rdrCase()], [alertCase('n', { partner: 'tc40' })], [alertCase('u', { partner: 'nobody' })]])
      expect(each({ cases })).toEqual(all('not: no-trigger'))
  }) // prettier-ignore

  it('is a matched alert alone, by `match` at once, by `either` once no request came with it', () => {
    expect(each({ cases: [alertCase()], now: SETTLED - 1 })).toEqual(['wait: awaiting-request', 'refund by a', 'wait: awaiting-request']) // prettier-ignore
    expect(each({ cases: [alertCase()], now: SETTLED })).toEqual(['not: no-trigger', 'refund by a', 'refund by a'])
    expect(trigger({ cases: [alertCase()], now: SEEN_AT, terms: { trigger: 'either' } })).toMatchObject({ until: SETTLED }) // prettier-ignore
  })

  it('is an alert with its request at once, whichever came first, for the alert', () => {
    for (const cases of [
      [alertCase(), requestCase()],
      [requestCase(), alertCase()],
    ])
      expect(each({ cases, now: SEEN_AT })).toEqual(all('refund by a'))
  })

  it('is a request alone once no alert came with it, except by `match`', () => {
    const cases = [requestCase()]
    expect(each({ cases, now: SETTLED - 1 })).toEqual(['wait: awaiting-alert', 'not: no-trigger', 'wait: awaiting-alert']) // prettier-ignore
    expect(each({ cases, now: SETTLED })).toEqual(['refund by req', 'not: no-trigger', 'refund by req'])
  })

  it('is a person’s approval where the trigger did not come', () => {
    const cases = [alertCase('a', {}, [approved('30')])]
    expect(by({ cases, terms: { trigger: 'order.refund' } })).toBe('refund by a, needs no-trigger')
    expect(by({ cases: [requestCase({}, [readBack({ orderId: 'A' }), approved('30')])], terms: { trigger: 'match' } })).toBe('refund by req, needs no-trigger') // prettier-ignore
    expect(by({ cases: [alertCase('a', {}, [approved('30', 1), declined(2)])], terms: { trigger: 'order.refund' } })).toBe('not: no-trigger') // prettier-ignore
  })

  it('is an alert that itself asks for the refund, under every trigger', () => {
    const alert = caseOf('chargebackhit:a', 'alert', [hook('alert', factsWith({ partner: 'ethoca init-refund' })), readBack(factsWith({}))]) // prettier-ignore
    expect(each({ cases: [alert], now: SEEN_AT })).toEqual(all('refund by chargebackhit:a'))
  })

  it('carries the deadline of the case that asks', () => {
    expect(trigger({ cases: [alertCase('a', { partner: 'verifi cdrn' })] })).toMatchObject({ respondBy: SEEN_AT + 3 * DAY_MS }) // prettier-ignore
    expect(trigger({ cases: [requestCase()], terms: { trigger: 'either' } })).toMatchObject({ respondBy: RESPOND_BY })
  })
})

describe('an alert that may be refunded', () => {
  it('is refundable by who sent it, and neither a request nor a chargeback', () => {
    const partners = ['ethoca', 'verifi', 'verifi cdrn', 'ethoca init-refund', 'verifi rdr', 'tc40', 'nobody']
    expect(partners.map(partner => isRefundableAlert(alertCase('a', { partner })))).toEqual([true, true, true, true, false, false, false]) // prettier-ignore
    expect([requestCase({ partner: 'ethoca' }), chargebackCase({ partner: 'ethoca' })].map(isRefundableAlert)).toEqual([false, false]) // prettier-ignore
  })

  it.each<[says: string, more: Parameters<typeof alertCase>[2], isOpen: boolean]>([
    ['answered', answered(NOW), false],
    ['an answer of ours is on its way', [chosenAt(NOW), sentAt(NOW)], false],
    ['an answer of ours never went out', [chosenAt(NOW)], true],
    ['an answer was surely not taken', [chosenAt(NOW), sentAt(NOW, 0)], true],
    ['a person’s answer is stored', [chosenAt(NOW, { by: 'ann' })], false],
    ['a person has chosen the answer', [resolved()], false],
    ['answered at the platform', [readBack({ answeredAs: 'other' }, NOW)], false],
    ['the platform names another order now', [readBack({ orderId: 'B' }, NOW)], false],
    ['a person chose another order', [chose('B')], false],
    ['a person chose this order', [readBack({ orderId: 'B' }, NOW), chose('A', NOW + 1)], true],
  ])('is one that nobody has answered and that is about this order: %s', (_says, more, isOpen) => {
    expect(by({ cases: [alertCase('a', {}, more)] })).toBe(isOpen ? 'refund by a' : 'not: no-trigger')
    // What was answered is final: the request that came with it refunds nothing for nobody.
    expect(by({ cases: [alertCase('a', {}, more), requestCase()], terms: { trigger: 'either' } })).toBe(isOpen ? 'refund by a' : 'not: no-trigger') // prettier-ignore
  })

  it('is one that we matched ourselves, before that is kept with it too; not one for which the platform names two orders', () => {
    expect(by({ cases: [alertCase('a', { orderId: undefined })] })).toBe('refund by a')
    const two = caseOf('a', 'alert', [hook('alert', factsWith({ orderId: 'A' })), hook('alert-match', factsWith({ orderId: 'B' })), readBack({})]) // prettier-ignore
    expect(by({ cases: [two] })).toBe('not: no-trigger')
  })

  it('is the oldest of several that are open', () => {
    const older = caseOf('b', 'alert', [hook('alert', ETHOCA, SEEN_AT - 1), readBack(ETHOCA)])
    expect(by({ cases: [alertCase(), older] })).toBe('refund by b')
    expect(by({ cases: [alertCase('c'), alertCase('b')] })).toBe('refund by b')
    const done = caseOf('b', 'alert', [hook('alert', ETHOCA, SEEN_AT - 1), readBack(ETHOCA), ...answered(NOW)])
    expect(by({ cases: [alertCase(), done] })).toBe('refund by a')
  })
})

describe('the platform’s own record of an alert', () => {
  it('is read before money moves', () => {
    expect(each({ cases: [unreadAlert()], now: NOW })).toEqual(all('wait: not-enriched'))
    expect(each({ cases: [unreadAlert({}, [{ what: 'asked', at: SEEN_AT, missedSince: null }])], now: RESPOND_BY })).toEqual(all('wait: not-enriched')) // prettier-ignore
  })
  it('that is missing is waited for ten minutes, then a person is asked', () => {
    const at = (now: number) => by({ cases: [unreadAlert({}, [missing()])], now })
    expect([at(SEEN_AT + 10 * MINUTE_MS - 1), at(SEEN_AT + 10 * MINUTE_MS)]).toEqual(['wait: not-enriched', 'refund by a, needs unknown-to-platform']) // prettier-ignore
  })
  it('that cannot be asked for leaves it to a person', () => {
    const alert = caseOf('a', 'alert', [{ ...hook('alert'), event: { ...event('alert', 'g', ETHOCA), hasGuid: false } }]) // prettier-ignore
    expect(by({ cases: [alert] })).toBe('refund by a, needs without-guid')
  })
})

describe('a refund request', () => {
  const REQUESTED = { trigger: 'order.refund' as const }
  /** The request beside a matched alert, and alone; both a while after they came. */
  const both = (request: CaseOfOrder, given: Given = {}) =>
    [[alertCase(), request], [request]].map(cases => by({ ...given, cases, terms: { ...REQUESTED, ...given.terms } })) // prettier-ignore
  const needs = (reason: string) => [`refund by a, needs ${reason}`, `refund by req, needs ${reason}`]
  const FINE = ['refund by a', 'refund by req']
  const RECORD = { orderId: 'A', currency: 'USD' }

  it('is fine when the platform knows its guid, the order is the same, and the amount is the order’s', () => {
    expect(both(requestCase())).toEqual(FINE)
    expect(both(requestCase({ orderId: 'A' }, [readBack({ ...RECORD, amount: '30' })]))).toEqual(FINE)
  })

  it('whose guid the platform does not know moves no money: ten minutes of asking, then a person', () => {
    const at = (now: number) => both(requestCase({}, [missing()]), { now })
    const stop = SEEN_AT + 10 * MINUTE_MS
    expect([at(stop - 1), at(stop)]).toEqual([['wait: not-enriched', 'wait: not-enriched'], needs('unknown-to-platform')]) // prettier-ignore
    expect(both(requestCase({}, []), { now: RESPOND_BY - 1 })).toEqual(['wait: not-enriched', 'wait: not-enriched'])
  })

  it('without a guid asks a person', () => {
    const request = caseOf('req', 'request', [{ ...hook('refund'), event: { ...event('refund', 'order:A', { orderId: 'A', amount: '30' }), hasGuid: false } }]) // prettier-ignore
    expect(both(request)).toEqual(needs('without-guid'))
  })

  it('without a guid is not known by any record', () => {
    const alert = alertCase('a', {}, [readBack({ ...ETHOCA, orderGuid: 'order:A' }, NOW - 1)])
    const request = caseOf('order:A', 'request', [{ ...hook('refund'), event: { ...event('refund', 'order:A', { orderId: 'A', amount: '30' }), hasGuid: false } }]) // prettier-ignore
    expect(by({ cases: [alert, request], terms: REQUESTED })).toBe('refund by a, needs without-guid')
  })

  it('over nothing is no request that an order could meet', () => {
    const ledger = ledgerOf([], reportOf([listed({ createdAt: SEEN_AT - DAY_MS })]))
    expect(by({ cases: [requestCase({ amount: '0' })], ledger, terms: REQUESTED })).toBe('refund by req, needs request-amount-differs') // prettier-ignore
  })

  it('whose guid the alert’s own record names as its order is known, with that order', () => {
    const alert = (record: AlertFacts) => alertCase('a', {}, [readBack({ ...ETHOCA, ...record }, NOW - 1)])
    const request = requestCase({}, [missing()])
    const of = (record: AlertFacts) => by({ cases: [alert(record), request], terms: REQUESTED })
    expect(of({ orderGuid: 'req' })).toBe('refund by a')
    expect(of({ orderGuid: 'other' })).toBe('wait: not-enriched')
  })

  it.each<[says: string, request: CaseOfOrder]>([
    ['by its record', requestCase({}, [readBack({ ...RECORD, orderId: 'B' })])],
    ['by its hook', requestCase({ orderId: 'B' }, [readBack(RECORD)])],
    ['by one of two hooks', requestCase({}, [hook('refund', { orderId: 'B' }, SEEN_AT + 1), readBack(RECORD)])],
  ])('that names another order asks a person: %s', (_says, request) => {
    expect(both(request)).toEqual(needs('request-names-another-order'))
  })

  it.each(['1', '5', '29.99', '30.01', '500'])('over %s instead of 30 asks a person', amount => {
    expect(both(requestCase({ amount }))).toEqual(needs('request-amount-differs'))
    expect(both(requestCase({}, [readBack({ ...RECORD, amount })]))).toEqual(needs('request-amount-differs'))
  })

  it('in another currency, or without any amount, asks a person', () => {
    expect(both(requestCase({}, [readBack({ ...RECORD, currency: 'EUR' })]))).toEqual(needs('request-amount-differs'))
    const silent = caseOf('req', 'request', [hook('refund', { orderId: 'A' }), readBack({ orderId: 'A' })])
    expect(both(silent)).toEqual(needs('request-amount-differs'))
  })

  it('over another card than the order’s asks a person', () => {
    expect(both(requestCase({ ...CARD }), { order: { cardFirst6: '400000', cardLast4: '1881' } })).toEqual(needs('match-contradicted')) // prettier-ignore
  })

  it.each<[says: string, amount: string, order: Given['order'], isFine: boolean]>([
    ['the total, with less captured', '30', { captured: '20' }, true],
    ['what was captured, less than the total', '20', { captured: '20' }, true],
    ['what is left', '20', stated('10'), true],
    ['what was refunded before', '10', stated('10'), false],
    ['a greater total that the platform acknowledged', '45', { acknowledgedTotal: '45' }, true],
    ['a smaller total that the platform acknowledged', '15', { acknowledgedTotal: '15' }, false],
    ['a greater total that it never acknowledged', '45', { acknowledgedTotal: '44' }, false],
  ])('over %s', (_says, amount, order, isFine) => {
    const ledger = order?.reported == null ? undefined : ledgerOf([], reportOf([listed({ amount: '10' })]))
    const alone = by({ cases: [requestCase({ amount })], order: order ?? {}, terms: REQUESTED, ...(ledger && { ledger }) }) // prettier-ignore
    expect(alone).toBe(isFine ? 'refund by req' : 'refund by req, needs request-amount-differs')
  })

  it('is used up by its refund: an order that grows later is not refunded again for it', () => {
    const given = { cases: [requestCase()], order: { captured: '60', total: '60' }, terms: REQUESTED }
    expect(by({ ...given, ledger: ledgerIn(confirmed({ wantedBy: 'midigator:req' })) })).toBe('not: refund-done')
    expect(by({ ...given, cases: [requestCase({ amount: '60' })], ledger: ledgerIn(confirmed({ claimedAt: SEEN_AT - 1 })) })).toBe('refund by req') // prettier-ignore
    expect(by({ ...given, cases: [requestCase({ amount: '60' })], ledger: ledgerOf([claimed()], reportOf()) })).toBe('refund by req') // prettier-ignore
  })

  it('that is used up no longer starts a refund for an alert either', () => {
    const given = { cases: [alertCase(), requestCase()], ledger: ledgerIn(confirmed()), terms: REQUESTED }
    expect(by(given)).toBe('not: no-trigger')
  })

  it('waits for an alert without an order that could be of its order, at most until the target time', () => {
    const given = { cases: [requestCase()], awaited: [unreadAlert({ orderId: undefined })], terms: REQUESTED }
    expect([by({ ...given, now: TARGET_AT - 1 }), by({ ...given, now: TARGET_AT })]).toEqual(['wait: awaiting-alert', 'refund by req']) // prettier-ignore
    expect(trigger(given)).toMatchObject({ until: TARGET_AT })
    expect(by({ ...given, cases: [requestCase({ amount: '1' })] })).toBe('refund by req, needs request-amount-differs')
  })

  it('needs a person once an alert that may be of its order is past its deadline and not answered', () => {
    const loose = (...more: CaseEntry[]) => [caseOf('b', 'alert', [hook('alert', factsWith({ orderId: undefined })), ...more])] // prettier-ignore
    const at = (now: number, alerts = loose()) => by({ cases: [requestCase({}, undefined, SEEN_AT + HOUR_MS)], loose: alerts, terms: REQUESTED, now }) // prettier-ignore
    expect([at(RESPOND_BY - 1), at(RESPOND_BY)]).toEqual(['refund by req', 'refund by req, needs deadline-passed'])
    expect(at(RESPOND_BY, loose(...answered(NOW)))).toBe('refund by req')
    expect(at(RESPOND_BY, [alertCase('b', { orderId: undefined, partner: 'tc40' })])).toBe('refund by req')
  })

  it('beside an alert asks a person when it is wrong, also where a match alone would do, but not by `match`', () => {
    expect(each({ cases: [alertCase(), requestCase({ amount: '1' })] })).toEqual(['refund by a, needs request-amount-differs', 'refund by a', 'refund by a, needs request-amount-differs']) // prettier-ignore
  })

  it('is the newest of several', () => {
    const later = caseOf('req2', 'request', [hook('refund', { orderId: 'A', amount: '30' }, SEEN_AT + 1), readBack(RECORD)]) // prettier-ignore
    for (const cases of [
      [requestCase({ amount: '1' }), later],
      [later, requestCase({ amount: '1' })],
    ])
      expect(by({ cases, terms: REQUESTED })).toBe('refund by req2')
  })
})

describe('the amount of an alert beside its order’s', () => {
  const of = (facts: Parameters<typeof alertCase>[1], order: Given['order'] = {}, more: CaseOfOrder[] = []) =>
    by({ cases: [alertCase('a', facts), ...more], order: order ?? {} })

  it('is what was captured, the total, or what is left: the refund goes ahead', () => {
    expect([of({ amount: '20' }, { captured: '20' }), of({ amount: '30' }, { captured: '20' })]).toEqual(['refund by a', 'refund by a']) // prettier-ignore
    expect(of({ amount: '20' }, stated('10'))).toBe('refund by a')
  })
  it('is less: a partial alert offers both amounts to a person', () => {
    for (const amount of ['0.01', '10', '29.99']) expect(of({ amount })).toBe('refund by a, needs part-of-order')
  })
  it('is more: a person is asked', () => {
    expect(of({ amount: '30.01' })).toBe('refund by a, needs amount-differs')
  })
  it('is not known, or in no known currency: a person, unless a request that agrees names the order', () => {
    for (const facts of [{ amount: undefined }, { currency: undefined }]) {
      expect(of(facts)).toBe('refund by a, needs alert-amount-unknown')
      expect(of(facts, {}, [requestCase()])).toBe('refund by a')
      expect(of(facts, {}, [requestCase({ amount: '1' })])).toBe('refund by a, needs alert-amount-unknown')
    }
  })
  it('is in another currency: a person, unless the platform’s order record names the order’s own amount and currency', () => {
    const eur = { currency: 'EUR', amount: '28' }
    expect(of(eur)).toBe('refund by a, needs alert-in-other-currency')
    const record = (facts: AlertFacts) => requestCase({}, [readBack({ orderId: 'A', ...facts })])
    expect(of(eur, {}, [record({ amount: '30', currency: 'USD' })])).toBe('refund by a')
    for (const facts of [
      { amount: '30' },
      { currency: 'USD' },
      { amount: '28', currency: 'EUR' },
      { amount: '29', currency: 'USD' },
    ])
      // prettier-ignore
      expect(of(eur, {}, [record(facts)])).toBe('refund by a, needs alert-in-other-currency')
  })
  it('is no matter while it is not known what was captured', () => {
    expect(of({ amount: '1' }, { captured: null })).toBe('refund by a')
  })
})

describe('an alert whose fields contradict its order', () => {
  const order = { ...CARD, merchantAccount: 'M-2' }
  const isOne = (facts: Parameters<typeof alertCase>[1], more: Parameters<typeof alertCase>[2] = [], known: string[] = []) => {
    const alert = alertCase('a', facts, more)
    const view = refundView({ cases: [alert], order, knownAccounts: new Set(known) })
    expect(words(triggerOf(view, accountOf(view))) === 'refund by a, needs match-contradicted').toBe(isContradicted(alert.facts, view)) // prettier-ignore
    return isContradicted(alert.facts, view)
  } // prettier-ignore

  it('by card or known merchant account asks a person, until a person has chosen the order', () => {
    expect([isOne({ cardLast4: '0000' }), isOne({ cardFirst6: '400000' }), isOne({ ...CARD })]).toEqual([true, true, false]) // prettier-ignore
    expect([isOne({ mid: 'M-1' }), isOne({ mid: 'M-1' }, [], ['M-1']), isOne({ mid: 'M-1' }, [], ['M-3'])]).toEqual([false, true, false]) // prettier-ignore
    expect(isOne({ cardLast4: '0000' }, [chose('A')])).toBe(false)
  })
})

describe('a second alert of the same network', () => {
  const first = (facts: Parameters<typeof alertCase>[1] = {}, more: Parameters<typeof alertCase>[2] = []) =>
    caseOf('first', 'alert', [hook('alert', factsWith({ caseNumber: '1', arn: '71', ...facts }), SEEN_AT - HOUR_MS), readBack(factsWith({ caseNumber: '1', arn: '71', ...facts })), ...more]) // prettier-ignore
  const second = (facts: Parameters<typeof alertCase>[1] = {}, more: Parameters<typeof alertCase>[2] = []) => alertCase('a', { caseNumber: '2', ...facts }, more) // prettier-ignore
  const isOther = (mine: CaseOfOrder, other: CaseOfOrder = first(), order: Given['order'] = {}) =>
    isOtherSale(mine, refundView({ cases: [other, mine], order: order ?? {} }))

  it('with another case number or ARN is another sale', () => {
    expect(isOther(second())).toBe(true)
    expect(isOther(second({ caseNumber: undefined, arn: '72' }))).toBe(true)
    expect(isOther(second({ caseNumber: '1', arn: '72' }))).toBe(true)
  })
  it('is this sale by case number, ARN, transaction, or a person', () => {
    expect(isOther(second({ caseNumber: '1' }))).toBe(false)
    expect(isOther(second({ arn: '71' }))).toBe(false)
    expect(isOther(second({ arn: '72' }), first(), { arn: '72' })).toBe(false)
    expect(isOther(second({ transactionId: 'T-A' }))).toBe(false)
    expect(isOther(second({ merchantTransactionId: 'T-A' }))).toBe(false)
    expect(isOther(second({}, [chose('A')]))).toBe(false)
    expect(isOther(second({ caseNumber: undefined }))).toBe(false)
  })
  it('of another network is this sale', () => {
    expect(isOther(second({ partner: 'verifi cdrn' }))).toBe(false)
    expect(isOther(second({ partner: 'verifi' }), first({ partner: 'cdrn' }))).toBe(true)
  })
  it('is the later of the two, and a notice is none', () => {
    expect(isOther(first(), second())).toBe(false)
    expect(isOther(second(), first({ partner: 'ethoca safe' }))).toBe(false)
  })
  it('asks a person before any refund', () => {
    expect(by({ cases: [first({}, answered(NOW)), second()] })).toBe('refund by a, needs second-alert-of-network')
  })
})

describe('a match of our own at the hard stop', () => {
  const matched = { what: 'matched', at: SEEN_AT, orderId: 'A', by: 'card', isActed: true } as const
  const own = (facts: Parameters<typeof alertCase>[1] = {}) => alertCase('a', { orderId: undefined, ...facts }, [matched]) // prettier-ignore
  const at = (now: number, likelyAtStop: 'act' | 'person', alert = own()) => by({ now, cases: [alert], terms: { trigger: 'order.refund', likelyAtStop } }) // prettier-ignore

  it('is acted on where the merchant wants that, and never where the platform has named the order', () => {
    expect([at(STOP_AT - 1, 'act'), at(STOP_AT, 'act'), at(STOP_AT, 'person')]).toEqual(['not: no-trigger', 'refund by a', 'not: no-trigger']) // prettier-ignore
    expect(at(STOP_AT, 'act', alertCase('a', { orderId: undefined }))).toBe('refund by a')
    expect(at(STOP_AT, 'act', alertCase('a', {}, [matched]))).toBe('not: no-trigger')
    expect(at(STOP_AT, 'act', alertCase('a', { orderId: undefined }, [chose('A')]))).toBe('not: no-trigger')
    expect(at(STOP_AT, 'act', alertCase())).toBe('not: no-trigger')
  })
  it('is not acted on where a transaction ties it to the order: it is no guess, and still nobody asks for a refund', () => {
    const tied = own({ transactionId: 'T-A' })
    expect(by({ now: STOP_AT, cases: [tied], order: { transactionId: 'T-A' }, terms: { trigger: 'order.refund', likelyAtStop: 'act' } })).toBe('not: no-trigger') // prettier-ignore
  })
})

describe('a decision about refunding', () => {
  const cases = (...entries: Parameters<typeof alertCase>[2][]) => entries.map((more, i) => alertCase(`c${i}`, {}, more)) // prettier-ignore
  it('is the last one on whichever case of the order', () => {
    expect(lastDecision(cases([approved('30', 1)], [declined(2), resolved(9), chose('A', 9)]))).toMatchObject({ decision: 'decline', at: 2 }) // prettier-ignore
    expect(lastDecision(cases([approved('30', 3)], [declined(2)]))).toMatchObject({ decision: 'approve' })
    expect(lastDecision(cases([resolved()]))).toBeNull()
  })

  it('approves what was released since the last refund went out, until the deadline it was given before', () => {
    const of = (at: number, now: number, respondBy: number | null = RESPOND_BY, sinceMs = 0) =>
      approvalOf({ cases: cases([approved('20', at)]), now }, { sinceMs, respondBy })
    expect(of(NOW, RESPOND_BY - 1)).toEqual({ by: 'ann', at: NOW, amount: '20', currency: 'USD' })
    expect(of(NOW, RESPOND_BY)).toBeNull()
    expect(of(RESPOND_BY, RESPOND_BY + DAY_MS)).toMatchObject({ amount: '20' })
    expect(of(NOW, RESPOND_BY, null)).toMatchObject({ amount: '20' })
    expect([of(NOW, NOW, null, NOW), of(NOW, NOW, null, NOW - 1)]).toEqual([null, expect.anything()])
    expect(approvalOf({ cases: cases([approved('20', 1), declined(2)]), now: NOW }, { sinceMs: 0, respondBy: null })).toBeNull() // prettier-ignore
  })
})

describe('an amount needs approval', () => {
  const needed = (terms: Partial<RefundTerms>, amount = '30', currency = 'USD') => approvalNeeded({ ...REFUND_TERMS, ...terms }, amount, currency) // prettier-ignore
  it('in approve mode, above the limit, and in another currency than the limits’', () => {
    expect([needed({}), needed({ mode: 'approve' }), needed({ mode: 'off' })]).toEqual([null, 'approve-mode', null])
    const limit = (autoLimit: string) => needed({ autoLimit, limitCurrency: 'USD' })
    expect([limit('30'), limit('29.99'), limit('9'), limit('100')]).toEqual([null, 'above-limit', 'above-limit', null])
    expect(needed({ autoLimit: '99', limitCurrency: 'EUR' })).toBe('other-currency')
    expect(needed({ hourlyLimit: '99', limitCurrency: 'EUR' })).toBe('other-currency')
    expect(needed({ limitCurrency: 'EUR' })).toBeNull()
    expect([needed({ autoLimit: '99', limitCurrency: null }), needed({ autoLimit: '9', limitCurrency: null })]).toEqual([null, 'above-limit']) // prettier-ignore
  })
})

describe('a refund is forbidden', () => {
  const forbidden = (given: Given) => forbiddenBy(refundView(given))
  it('when the order is charged back or RDR has paid, and by nothing else', () => {
    expect(forbidden({ order: { chargeback: true } })).toBe('chargeback')
    expect(forbidden({ cases: [chargebackCase()] })).toBe('chargeback')
    expect([forbidden({ cases: [rdrCase()] }), forbidden({ cases: [rdrCase({ amount: '1' })] })]).toEqual(['rdr-paid', 'rdr-paid']) // prettier-ignore
    expect([forbidden({}), forbidden({ cases: [rdrCase({ rdrResolution: 'declined' })] })]).toEqual([null, null])
  })
})

describe('a case must be answered', () => {
  it('from its alert’s own time, else its event’s, within its network’s window', () => {
    const of = (facts: Parameters<typeof factsWith>[0]) => caseDeadlines(unreadAlert(facts).facts, REFUND_TERMS.deadlines)
    expect(of({ issuedAt: SEEN_AT - 9 })).toMatchObject({ startedAt: SEEN_AT - 9, respondBy: SEEN_AT - 9 + DAY_MS })
    expect(of({ issuedAt: undefined }).startedAt).toBe(SEEN_AT)
    expect(of({ partner: 'cdrn' }).respondBy).toBe(SEEN_AT + 3 * DAY_MS)
    expect(caseDeadlines(caseOf('r', 'request', [hook('refund', {}, SEEN_AT + 5), answeredAt(1)]).facts, REFUND_TERMS.deadlines).startedAt).toBe(SEEN_AT) // prettier-ignore
  }) // prettier-ignore
})
