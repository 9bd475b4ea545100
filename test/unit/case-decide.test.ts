import { describe, expect, it } from 'vitest'
import { decide } from '../../src/domain/case/decide.ts'
import type { CaseEntry, EntryOf } from '../../src/domain/case/log.ts'
import { actionOf } from '../../src/domain/case/reasons.ts'
import {
  alertCase, answered, answeredAt, approved, caseOf, caseView, certain, chargebackCase, chose, chosenAt, claimed, closed, confirmed, DAY_MS,
  declined, event, factsWith, hook, HOUR_MS, ledgerIn, ledgerOf, likely, listed, listedClaim, MINUTE_MS, missing, NOW, openMatch, pending, rdrCase, readBack,
  reportOf, requestCase, resolved, RESPOND_BY, SEEN_AT, sentAt, stated, STOP_AT, stopped, TARGET_AT, TERMS, termsWith, uncertain, unreadAlert,
  type GivenCase,
} from './build-case.ts' // prettier-ignore

const of = (given: GivenCase = {}) => decide(caseView(given))
const words = (given: GivenCase = {}) => `${of(given).state}: ${of(given).reason}`
const mine = (...entries: CaseEntry[]) => alertCase('a', {}, entries)
const types = (given: GivenCase) => of(given).entries.flatMap(entry => (entry.what === 'resolution' ? [entry.resolution.type] : [])) // prettier-ignore
const MATCHED: CaseEntry = { what: 'matched', at: SEEN_AT, orderId: 'Z', by: 'card', isActed: true }
const alarmed = (alarm: string, reason: string, at: number): CaseEntry => ({ what: 'alarmed', at, alarm, reason })
const mark = (...marks: ('target' | 'alarm' | 'stop')[]): CaseEntry[] => marks.map(one => ({ what: 'mark', at: 1, mark: one })) // prettier-ignore

describe('an alert that informs only', () => {
  it.each(['tc40', 'vmpi', 'ethoca safe', 'ethoca prevented', 'fraud-notification', 'inquiry', 'verifi rdr'])('by %s is noted, whatever else is known: never refunded, never answered', partner => {
    const notice = (...entries: CaseEntry[]) => alertCase('a', { partner }, entries)
    for (const given of [
      { mine: notice() },
      { mine: notice(approved('30'), resolved()) },
      { mine: notice(), others: [requestCase(), alertCase('b')] },
      { mine: notice(), now: NOW + 9 * DAY_MS },
      { mine: notice(chosenAt(NOW - 9), sentAt(NOW - 9), answeredAt(NOW, { accepted: false })) },
    ]) {
      const one = of(given)
      expect([one.state, one.effects, one.entries, one.respondBy, one.markAt]).toEqual(['noted', [], [], null, null])
    }
  }) // prettier-ignore
})

describe('an alert of a partner that is not known', () => {
  it('needs a person, whose resolution goes out', () => {
    expect(words({ mine: alertCase('a', { partner: 'nobody' }) })).toBe('parked: unknown-partner')
    expect(of({ mine: alertCase('a', { partner: 'nobody' }, [resolved()]) })).toMatchObject({ state: 'resolving', effects: ['resolve'] }) // prettier-ignore
  })
  it('has its platform asked where the hook names none, again each minute, and a person after ten minutes without a record', () => {
    const alert = (...more: CaseEntry[]) => unreadAlert({ partner: undefined }, more)
    expect(of({ mine: alert() })).toMatchObject({ state: 'matched', reason: 'not-enriched', effects: ['enrich'] })
    const at = (now: number) => words({ mine: alert(missing()), now })
    expect([at(SEEN_AT + 10 * MINUTE_MS - 1), at(SEEN_AT + 10 * MINUTE_MS)]).toEqual(['matched: not-enriched', 'parked: unknown-partner']) // prettier-ignore
    expect(words({ mine: alertCase('a', { partner: undefined }) })).toBe('parked: unknown-partner')
  })
})

it('an alert about an order that was erased asks a person; about one that has not come yet it waits', () => {
  expect(words({ order: null })).toBe('matched: order-unknown')
  expect(words({ order: null, isErased: true })).toBe('parked: order-erased')
  expect(of({ order: null, isErased: true }).effects).not.toContain('refund')
})

describe('the platform is asked for its record', () => {
  const asks = (given: GivenCase) => of(given).effects.includes('enrich')
  const asked: CaseEntry = { what: 'asked', at: NOW, missedSince: null }
  it('once for each case, each minute while it has none, and then only while something is lacking', () => {
    expect([asks({ mine: unreadAlert() }), asks({}), asks({ mine: unreadAlert({}, [asked]) })]).toEqual([true, false, false]) // prettier-ignore
    expect([asks({ mine: unreadAlert({}, [asked]), now: NOW + MINUTE_MS - 1 }), asks({ mine: unreadAlert({}, [asked]), now: NOW + MINUTE_MS })]).toEqual([false, true]) // prettier-ignore
    const untied = { mine: alertCase('a', { orderId: undefined }), assessment: openMatch('several') }
    expect([asks({ ...untied, now: SEEN_AT + TERMS.lookMs - 1 }), asks({ ...untied, now: SEEN_AT + TERMS.lookMs })]).toEqual([false, true]) // prettier-ignore
    expect(asks({ mine: alertCase('a', { partner: undefined }), now: SEEN_AT + TERMS.lookMs })).toBe(true)
  })
  it('not without a guid, not once an answer is on its way or taken', () => {
    const without = caseOf('a', 'alert', [{ ...hook('alert'), event: { ...event('alert', 'g', factsWith({})), hasGuid: false } }]) // prettier-ignore
    expect([asks({ mine: without }), words({ mine: without })]).toEqual([false, 'parked: without-guid'])
    expect(asks({ mine: unreadAlert({}, [chosenAt(1), sentAt(1), answeredAt(1)]) })).toBe(false)
    expect(asks({ mine: unreadAlert({}, [asked, chosenAt(1), sentAt(1)]), now: NOW + HOUR_MS })).toBe(false)
  })
  it('again within the minute that is due, not only at the next look', () => {
    expect(of({ mine: unreadAlert({}, [missing(SEEN_AT, NOW)]) }).lookAt).toBe(NOW + MINUTE_MS)
    expect(of({ mine: unreadAlert({}, [missing(SEEN_AT, NOW + 8 * MINUTE_MS)]), now: NOW + 8 * MINUTE_MS }).lookAt).toBe(NOW + 9 * MINUTE_MS) // prettier-ignore
  })
})

describe('an alert whose record the platform does not have', () => {
  const given = (...more: CaseEntry[]): GivenCase => ({ mine: unreadAlert({}, [missing(), ...more]) })
  it('moves no money and gives no answer; after ten minutes a person is asked', () => {
    const at = (now: number) => words({ ...given(), now })
    expect([at(NOW), at(SEEN_AT + 10 * MINUTE_MS)]).toEqual(['matched: not-enriched', 'parked: unknown-to-platform'])
  })
  it('is refunded once a person approves it', () => {
    const one = of({ ...given(approved('30', SEEN_AT + 10 * MINUTE_MS)), now: SEEN_AT + 11 * MINUTE_MS })
    expect([one.state, one.effects.includes('refund')]).toEqual(['matched', true])
  })
})

describe('a match of our own that the platform has not confirmed', () => {
  const alert = (facts: Parameters<typeof alertCase>[1] = {}, more: CaseEntry[] = []) => alertCase('a', { orderId: undefined, ...facts }, more) // prettier-ignore
  const GRACE = SEEN_AT + HOUR_MS
  const given = (over: GivenCase = {}): GivenCase => ({ mine: alert(), assessment: likely(), ledger: ledgerOf([], reportOf([], { at: over.now ?? NOW })), ...over }) // prettier-ignore
  const trigger = (one: 'order.refund' | 'match' | 'either', likelyAtStop: 'act' | 'person' = 'person') => termsWith({ trigger: one, likelyAtStop }) // prettier-ignore

  it('waits for the platform’s within the grace, at most until the target time, and does nothing meanwhile', () => {
    expect(of(given({ now: GRACE - 1 }))).toMatchObject({ state: 'unmatched', reason: 'likely-match', orderId: null, effects: ['enrich'], entries: [], lookAt: GRACE }) // prettier-ignore
    const terms = termsWith({}, { graceMs: 9 * HOUR_MS })
    expect([words(given({ terms, now: TARGET_AT - 1 })), words(given({ terms, now: TARGET_AT }))]).toEqual(['unmatched: likely-match', 'matched: asking-gateway']) // prettier-ignore
  })
  it('then acts by `match` and `either`, and keeps which order it acted on; by `order.refund` it asks a person', () => {
    const after = (one: 'order.refund' | 'match' | 'either') => words(given({ now: GRACE, terms: trigger(one) }))
    expect(['match', 'either', 'order.refund'].map(one => after(one as 'match'))).toEqual(['matched: asking-gateway', 'matched: asking-gateway', 'parked: likely-match']) // prettier-ignore
    const kept = { what: 'matched', at: GRACE, orderId: 'A', by: 'card', isActed: true }
    expect(of(given({ now: GRACE }))).toMatchObject({ orderId: 'A', effects: ['refund'], entries: [kept] })
    for (const claim of [claimed(), confirmed()])
      expect(of(given({ now: GRACE, ledger: ledgerIn(claim) })).entries).toContainEqual(kept)
    // Nothing may be sent while a person must approve it: no trace is left.
    expect(of(given({ now: GRACE, terms: termsWith({ mode: 'approve' }) })).entries.filter(({ what }) => what === 'matched')).toEqual([]) // prettier-ignore
  })
  it('asks a person at the hard stop, or acts where the merchant wants that', () => {
    const at = (now: number, likelyAtStop: 'act' | 'person') => of(given({ now, terms: trigger('order.refund', likelyAtStop) })) // prettier-ignore
    expect(at(STOP_AT, 'person')).toMatchObject({ state: 'parked', reason: 'likely-match' })
    expect(at(STOP_AT, 'person').alarms).toContain('case-escalated')
    expect(at(STOP_AT - 1, 'act')).toMatchObject({ state: 'parked', orderId: null })
    expect(at(STOP_AT, 'act').orderId).toBe('A')
    expect(at(STOP_AT, 'act').effects).toContain('refund')
  })
  it('without a stated time of sale informs a person, under every trigger, also at the hard stop', () => {
    for (const one of ['order.refund', 'match', 'either'] as const)
      for (const now of [GRACE, STOP_AT, RESPOND_BY + DAY_MS]) {
        const decision = of(given({ now, assessment: likely('A', false), terms: trigger(one, 'act') }))
        expect([decision.state, decision.reason, decision.effects.filter(effect => effect !== 'enrich'), decision.orderId]).toEqual(['parked', 'likely-untimed', [], null]) // prettier-ignore
      }
    expect(words(given({ assessment: likely('A', false) }))).toBe('unmatched: likely-untimed')
  })
  it('gets no grace where the platform never names orders; an alert that asks for the refund is acted on under every trigger', () => {
    const hit = (partner: string) => ({ ...alert({ partner }), id: 'chargebackhit:a' })
    for (const one of ['order.refund', 'match', 'either'] as const) {
      const at = of(given({ mine: hit('ethoca init-refund'), now: SEEN_AT, terms: trigger(one) }))
      expect([at.reason, at.orderId]).toEqual(['asking-gateway', 'A'])
      expect(words(given({ mine: hit('ethoca'), now: SEEN_AT, terms: trigger(one) }))).toBe('parked: likely-match')
    }
  })
  it('leaves no trace when the platform names another order before anything was done', () => {
    const one = of({ mine: alertCase('a', { orderId: 'B' }), assessment: certain('B'), order: { orderId: 'B' } })
    const kept = [{ what: 'matched', orderId: 'B', by: 'platform' }]
    expect(one).toMatchObject({ reason: 'asking-gateway', orderId: 'B', entries: kept, effects: ['refund'] })
  })
  it('that was acted on: an answer that never went out is chosen again for the order that the platform names', () => {
    const done = [{ ...MATCHED, orderId: 'A' }, chosenAt(NOW - 9)] as CaseEntry[]
    const named = alertCase('a', { orderId: 'B' }, done)
    const order = { orderId: 'B', ...stated('30', SEEN_AT - DAY_MS) }
    const ledger = ledgerOf([], reportOf([listed({ createdAt: SEEN_AT - DAY_MS })]))
    expect(of({ mine: named, assessment: certain('B'), order, ledger, former: [ledgerIn(claimed())] }).entries).toEqual([
      expect.objectContaining({ what: 'resolution', orderId: 'B', resolution: { type: 'previously_refunded_nothing_to_do', description: '' } }),
    ])
  }) // prettier-ignore
})

describe('a match conflict', () => {
  const named = (...more: CaseEntry[]) => alertCase('a', { orderId: 'B' }, [MATCHED, ...more])
  const given = (over: GivenCase): GivenCase => ({ mine: named(), assessment: certain('B'), order: { orderId: 'B' }, ...over }) // prettier-ignore
  const former = (claim: Parameters<typeof ledgerIn>[0]) => [{ ...ledgerIn(claim), orderId: 'Z' }]

  it.each([
    ['confirmed', confirmed(), true],
    ['uncertain', uncertain(), true],
    ['pending', pending(), true],
    ['parked after it was sent', stopped('parked'), true],
    ['only claimed', claimed(), false],
    ['refused', stopped('refused'), false],
    ['failed', stopped('failed'), false],
    ['sent for another alert', confirmed({ wantedBy: 'midigator:b' }), false],
  ])('arises when a refund for the order matched before is %s', (_says, claim, isConflict) => {
    const one = of(given({ former: former(claim) }))
    expect(one.reason === 'match-conflict').toBe(isConflict)
    expect([one.state, one.alarms]).toEqual(isConflict ? ['parked', ['case-parked']] : ['matched', []])
  })
  it('rings as a double payment too where the gateway refunded the order matched before twice under one key', () => {
    const claim = confirmed()
    const listedAs = (...ids: string[]) => reportOf(ids.map(refundId => listedClaim(claim, { refundId })))
    const ledgers = (...ids: string[]) => [{ ...ledgerOf([claim], listedAs(...ids)), orderId: 'Z' }]
    expect(of(given({ former: ledgers('r1', 'r2') })).alarms).toEqual(['case-parked', 'paid-twice'])
    expect(of(given({ former: ledgers('r1') })).alarms).toEqual(['case-parked'])
    const own = (...ids: string[]) => of(given({ former: [], ledger: ledgers(...ids)[0]! })).alarms
    expect([own('r1', 'r2').includes('paid-twice'), own('r1').includes('paid-twice')]).toEqual([true, false])
  })
  it('arises when an answer about the order matched before went out, accepted or not', () => {
    const sent = [chosenAt(NOW - 9, { orderId: 'Z' }), sentAt(NOW - 9)]
    expect(words(given({ mine: named(...sent, answeredAt(NOW - 5)) }))).toBe('parked: match-conflict')
    expect(words(given({ mine: named(...answered(NOW - 9, { orderId: 'B' })) }))).toBe('resolved: answered')
  })
  it('is a person’s to end: by choosing the order, or by the resolution', () => {
    expect(words(given({ former: former(confirmed()), mine: named(chose('B')) }))).toBe('matched: asking-gateway')
    expect(of(given({ former: former(confirmed()), mine: named(resolved()) })).effects).toEqual(['resolve'])
  })
})

describe('an alert without a sure order', () => {
  const untied = (...more: CaseEntry[]) => alertCase('a', { orderId: undefined }, more)
  const given = (over: GivenCase): GivenCase => ({ mine: untied(), order: null, ledger: null, ...over })
  it.each([
    ['several', 'several-orders'],
    ['contradicted', 'match-contradicted'],
    ['incomplete', 'store-incomplete'],
  ] as const)('that is open because of “%s” waits for the platform within the grace, then for a person', (reason, code) => {
    const at = (now: number) => words(given({ assessment: openMatch(reason), now }))
    expect([at(NOW), at(SEEN_AT + HOUR_MS)]).toEqual(['unmatched: no-match', `parked: ${code}`])
  }) // prettier-ignore
  it('is not put before a person until the platform was asked for its own match', () => {
    const unread = caseOf('a', 'alert', [hook('alert', factsWith({ orderId: undefined }))])
    for (const now of [NOW, STOP_AT - 1])
      expect(words(given({ mine: unread, assessment: openMatch('several'), now }))).toBe('received: not-enriched')
    expect(words(given({ mine: unread, assessment: openMatch('several'), now: STOP_AT }))).toBe('parked: several-orders') // prettier-ignore
  })
  it('for which the platform names two orders needs a person at once', () => {
    expect(words({ assessment: openMatch('platform-differs') })).toBe('parked: platform-names-two-orders')
  })
  it('whose named order is contradicted needs a person at once, and is not refunded', () => {
    const one = of({ assessment: openMatch('contradicted') })
    expect([one.state, one.reason, one.effects, one.orderId]).toEqual(['parked', 'match-contradicted', [], 'A'])
  })
  it('that certainly fits no stored order is answered so at the hard stop, not before', () => {
    const at = (now: number) => of(given({ assessment: openMatch('none', 'certain'), now }))
    expect([NOW, TARGET_AT, STOP_AT - 1].map(now => [at(now).state, at(now).entries.some(({ what }) => what === 'resolution')])).toEqual([['unmatched', false], ['unmatched', false], ['unmatched', false]]) // prettier-ignore
    expect(at(STOP_AT)).toMatchObject({ state: 'resolving', effects: ['enrich', 'resolve'], orderId: null })
    expect(types(given({ assessment: openMatch('none', 'certain'), now: STOP_AT }))).toEqual(['could_not_find_order'])
  })
  it.each<[says: string, over: GivenCase, reason: string]>([
    ['a stored order may be the sale', { assessment: openMatch('none', 'possible') }, 'may-be-an-order'],
    ['the store is not complete', { assessment: openMatch('none', 'incomplete') }, 'store-incomplete'],
    ['another case of its ARN was matched', { assessment: openMatch('none', 'certain'), isArnMatched: true }, 'may-be-an-order'],
    ['the platform has no record of it', { assessment: openMatch('none', 'certain'), mine: caseOf('a', 'alert', [hook('alert', factsWith({ orderId: undefined })), missing()]) }, 'may-be-an-order'],
  ])('is never answered “not found” where %s: from the target time on it needs a person', (_says, over, reason) => {
    expect(words(given({ ...over, now: TARGET_AT - 1 }))).toMatch(/^unmatched: /)
    for (const now of [TARGET_AT, STOP_AT, RESPOND_BY]) {
      expect(words(given({ ...over, now }))).toBe(`parked: ${reason}`)
      expect(types(given({ ...over, now }))).toEqual([])
    }
  }) // prettier-ignore
  it('that the platform names and no source has sent is waited for, and put before a person at the hard stop', () => {
    const at = (now: number) => words({ order: null, ledger: ledgerOf(), now })
    expect([at(NOW), at(STOP_AT)]).toEqual(['matched: order-unknown', 'parked: order-unknown'])
  })
})

describe('an alert over a known order', () => {
  it.each<[says: string, given: GivenCase, state: string]>([
    ['is refunded', {}, 'matched: asking-gateway'],
    ['has the gateway asked first', { ledger: ledgerOf() }, 'matched: asking-gateway'],
    ['waits for the request', { terms: termsWith({ trigger: 'either' }), now: SEEN_AT }, 'matched: awaiting-request'],
    ['waits for the trigger', { terms: termsWith({ trigger: 'order.refund' }) }, 'matched: no-trigger'],
    ['awaits approval', { terms: termsWith({ mode: 'approve' }) }, 'awaiting-approval: approve-mode'],
    ['awaits a decision about a part', { mine: alertCase('a', { amount: '10' }) }, 'awaiting-approval: part-of-order'],
    ['waits while refunds are off', { terms: termsWith({ mode: 'off' }) }, 'refunding: refunds-off'],
    ['waits for the order to settle', { order: { settled: false, captured: '0' } }, 'matched: not-settled'],
    ['waits for the gateway to settle', { ledger: ledgerOf([], reportOf([], { settled: false })) }, 'refunding: gateway-not-settled'],
    ['waits out a list that lags', { order: stated('10', NOW - 9) }, 'refunding: gateway-list-lags'],
    ['waits out a refusal that will pass', { ledger: ledgerOf([claimed({ notBefore: NOW + 5, refusals: 1 })], reportOf()) }, 'refunding: refund-refused-for-now'],
    ['is refused', { ledger: ledgerOf([stopped('refused')], reportOf()) }, 'parked: refund-refused'],
    ['is on hold', { order: { holds: [{ reason: 'swapped', detail: 'crm', at: NOW }] } }, 'parked: order-on-hold'],
    ['may be charged back', { untied: [chargebackCase({})] }, 'parked: untied-notice'],
    ['was charged back', { others: [chargebackCase()] }, 'parked: chargeback'],
    ['was paid by RDR', { others: [rdrCase()] }, 'parked: rdr-paid'],
    ['was declined', { mine: mine(declined()) }, 'parked: refused-by-person'],
    ['was answered at the platform', { mine: mine(readBack({ ...factsWith({}), answeredAs: 'other' }, NOW)) }, 'parked: answered-elsewhere'],
    ['has its refund confirmed', { ledger: ledgerIn(confirmed()) }, 'resolving: answer-chosen'],
    ['has its refund uncertain', { ledger: ledgerOf([uncertain()], reportOf()) }, 'refunding: refund-uncertain'],
    ['late asks a person', { now: RESPOND_BY, ledger: ledgerOf([], reportOf([], { at: RESPOND_BY })) }, 'awaiting-approval: deadline-passed'],
  ])('%s', (_says, given, state) => {
    expect(words(given)).toBe(state)
  }) // prettier-ignore

  it('asks for the refund exactly where the plan has a next step', () => {
    expect(of().effects).toEqual(['refund'])
    expect(of({ ledger: ledgerOf() }).effects).toEqual(['refund'])
    expect(of({ order: stated('10', NOW - 9) }).effects).toEqual(['refund'])
    for (const given of [
      { terms: termsWith({ mode: 'approve' }) },
      { untied: [chargebackCase({})] },
      { mine: mine(declined()) },
      { order: null, ledger: ledgerOf() },
    ] as GivenCase[])
      // prettier-ignore
      expect(of(given).effects).toEqual([])
  })
  it('is decided again when its wait ends, and at the latest after the usual time', () => {
    expect(of({ terms: termsWith({ trigger: 'either' }), now: SEEN_AT }).lookAt).toBe(SEEN_AT + 10_000)
    expect(of({ ledger: ledgerOf([claimed({ notBefore: NOW + 5, refusals: 1 })], reportOf()) }).lookAt).toBe(NOW + 5)
    expect(of().lookAt).toBe(NOW + TERMS.lookMs)
  })
})

describe('a person', () => {
  it('answers in their own words, also over a resolution that never went out', () => {
    const byPerson = { what: 'resolution', by: 'ann', resolution: { type: 'other', description: 'by hand' } }
    for (const one of [
      mine(resolved()),
      mine(chosenAt(NOW - 9), resolved()),
      mine(chosenAt(NOW), resolved()),
      mine(chosenAt(NOW - 9), sentAt(NOW - 9), answeredAt(NOW - 5, { accepted: false }), resolved()),
    ])
      // prettier-ignore
      expect(of({ mine: one })).toMatchObject({ state: 'resolving', entries: [byPerson], effects: ['resolve'] })
  })
  it('gives each resolution a time of its own', () => {
    const [entry] = of({ mine: mine(chosenAt(NOW + 5), resolved(NOW)) }).entries
    expect(entry?.at).toBe(NOW + 6)
  })
  it('changes nothing that is on its way with their decision already, nor an answer that was taken', () => {
    expect(of({ mine: mine(resolved(NOW - 99), chosenAt(NOW - 9, { by: 'ann' }), sentAt(NOW - 9)) }).entries).toEqual(
      [],
    )
    expect(words({ mine: mine(...answered(NOW - 9), resolved()), ledger: ledgerIn(confirmed()) })).toBe('resolved: answered') // prettier-ignore
  })
  it('declines: the case waits for an answer; approves: the refund goes on', () => {
    const terms = termsWith({ mode: 'approve' })
    expect(words({ terms, mine: mine(declined()) })).toBe('parked: refused-by-person')
    expect(of({ terms, mine: mine(approved('30')) }).effects).toEqual(['refund'])
    expect(of({ terms, others: [alertCase('b', {}, [approved('30')])] }).effects).toEqual(['refund'])
  })
  it('chooses the order: it is refunded though the card contradicts it', () => {
    const given = { order: { cardLast4: '0000' }, assessment: certain('A', 'person') }
    expect(words({ ...given, mine: alertCase('a', { cardLast4: '1881' }, [chose('A')]) })).toBe(
      'matched: asking-gateway',
    )
  })
})

describe('a resolution', () => {
  const ledger = ledgerIn(confirmed())
  const askedAt = (at: number) => ledgerOf([confirmed()], reportOf([listedClaim(confirmed())], { at }))
  const chosen = (at: number, more: CaseEntry[] = [], now = NOW) => words({ mine: mine(chosenAt(at, { refundKey: 'k1' }), ...more), ledger: askedAt(now - 1), now }) // prettier-ignore
  it('is stored with its order and refund before it is sent, and sent again as it was until the platform takes or refuses it', () => {
    expect(of({ ledger }).entries).toEqual([{ what: 'resolution', at: NOW, by: 'policy', resolution: { type: 'issued_full_refund', description: '' }, orderId: 'A', refundKey: 'k1' }]) // prettier-ignore
    const sent = of({ mine: mine(chosenAt(NOW - 9, { resolution: { type: 'other', description: 'x' } }), sentAt(NOW - 9)), ledger }) // prettier-ignore
    expect([sent.state, sent.entries, sent.effects]).toEqual(['resolving', [], ['resolve']])
    const refused = (probably: boolean) => chosen(NOW - 9, [sentAt(NOW - 9), answeredAt(NOW - 5, { accepted: false, probably })]) // prettier-ignore
    expect([refused(false), refused(true)]).toEqual(['parked: answer-refused', 'parked: probably-answered'])
    expect(chosen(NOW - 9, [sentAt(NOW - 9), answeredAt(NOW - 5)])).toBe('resolved: answered')
  })
  it('that never went out is chosen again from what is true now, and stays as it is while that is the same', () => {
    expect(of({ mine: mine(chosenAt(NOW - 9)) })).toMatchObject({
      reason: 'asking-gateway',
      entries: [{ what: 'matched' }],
    })
    expect(of({ mine: mine(chosenAt(NOW - 9, { refundKey: 'k1' })), ledger }).entries).toEqual([])
    expect(of({ mine: mine(chosenAt(NOW - 9)), ledger }).entries).toHaveLength(1)
    expect(of({ mine: mine(chosenAt(NOW + 5)), ledger }).entries[0]?.at).toBe(NOW + 6)
  })
  it('about money rests on what the gateway stated, or our refund came to, within the hour; once sent it stays', () => {
    const at = (now: number, more: CaseEntry[] = [], given: GivenCase = { ledger }) => of({ ...given, mine: mine(chosenAt(NOW - 9, { refundKey: 'k1' }), ...more), now }) // prettier-ignore
    expect(at(NOW - 1 + HOUR_MS - 1).state).toBe('resolving')
    expect(at(NOW - 1 + HOUR_MS)).toMatchObject({ state: 'matched', reason: 'asking-gateway', effects: ['refund'] })
    expect(at(NOW - 1 + HOUR_MS, [sentAt(NOW - 9)]).state).toBe('resolving')
    const old = ledgerOf([confirmed({ confirmedAt: NOW })], reportOf([listedClaim(confirmed())]))
    expect([at(NOW + HOUR_MS - 1, [], { ledger: old }).state, at(NOW + HOUR_MS, [], { ledger: old }).state]).toEqual(['resolving', 'matched']) // prettier-ignore
    const unpaid = { order: { neverPaid: 'declined', settled: false, captured: '0' }, ledger: ledgerOf([], reportOf([], { refundable: '0' })) } as const // prettier-ignore
    expect([types({ ...unpaid, now: NOW + HOUR_MS - 2 }), words({ ...unpaid, now: NOW + HOUR_MS - 1 })]).toEqual([['declined_or_canceled_nothing_to_do'], 'matched: asking-gateway']) // prettier-ignore
  })
  it('past the deadline is tried for an hour after it was chosen, then a person is asked', () => {
    expect([chosen(NOW, [], RESPOND_BY), chosen(NOW, [], RESPOND_BY + 1)]).toEqual(['resolving: answer-chosen', 'parked: deadline-passed']) // prettier-ignore
    expect([chosen(RESPOND_BY, [], RESPOND_BY + HOUR_MS), chosen(RESPOND_BY, [], RESPOND_BY + HOUR_MS + 1)]).toEqual(['resolving: answer-chosen', 'parked: deadline-passed']) // prettier-ignore
  })
  it('is no longer true once its refund is taken back: a person, until the money is refunded otherwise or the case closed', () => {
    const failed = stopped('failed', 'failed-after-success', { confirmedAt: NOW - 8 })
    const told = (...more: CaseEntry[]) => mine(...answered(NOW - 9, { refundKey: 'k1' }), ...more)
    const one = of({ mine: told(), ledger: ledgerOf([failed], reportOf()) })
    expect([one.state, one.reason, one.alarms, one.markAt]).toEqual(['parked', 'refund-taken-back', ['case-parked'], null]) // prettier-ignore
    expect(one.lookAt).not.toBeNull()
    expect(words({ mine: told(closed()), ledger: ledgerOf([failed], reportOf()) })).toBe('resolved: answered')
    expect(words({ mine: told(), ledger: ledgerOf([failed], reportOf([listed({ createdAt: NOW })])), order: stated('30', NOW) })).toBe('resolved: answered') // prettier-ignore
  })
})

describe('a refund that the gateway refused', () => {
  const refused = (at: number) => ledgerOf([stopped('refused', 'too_old')], reportOf([], { at }))
  it('waits for a person until the hard stop, then “other” goes out with what is true', () => {
    expect(words({ ledger: refused(NOW) })).toBe('parked: refund-refused')
    const one = of({ ledger: refused(STOP_AT - 1), now: STOP_AT })
    expect([one.state, types({ ledger: refused(STOP_AT - 1), now: STOP_AT })]).toEqual(['resolving', ['other']])
  })
  it('has the gateway asked once more before that, when it was not asked for an hour', () => {
    const one = of({ ledger: refused(NOW), now: STOP_AT })
    expect([one.state, one.effects, types({ ledger: refused(NOW), now: STOP_AT })]).toEqual(['matched', ['refund'], []])
  })
})

describe('a refund that is pending at the hard stop', () => {
  const given = (now: number, pendingAtStop: 'person' | 'answer', id = 'midigator:a'): GivenCase => ({ now, mine: { ...alertCase(), id }, ledger: ledgerIn(pending({ lookAt: now + HOUR_MS, wantedBy: id })), terms: termsWith({}, { pendingAtStop }) }) // prettier-ignore
  const PREPARED = { type: 'other', description: 'A refund of 30.00 USD was submitted on 2026-01-10 and is not confirmed yet.' } // prettier-ignore

  it('waits until then', () => {
    expect(of(given(STOP_AT - 1, 'answer'))).toMatchObject({ state: 'refunding', reason: 'refund-pending', prepared: null }) // prettier-ignore
  })
  it('has a prepared resolution that a person releases', () => {
    expect(of(given(STOP_AT, 'person'))).toMatchObject({ state: 'parked', reason: 'refund-pending', prepared: PREPARED, effects: ['refund'] }) // prettier-ignore
  })
  it('is answered so by the merchant’s setting', () => {
    expect(of(given(STOP_AT, 'answer'))).toMatchObject({ state: 'resolving', entries: expect.arrayContaining([expect.objectContaining({ resolution: PREPARED })]) }) // prettier-ignore
  })
  it('is answered so, and a person is asked when it fails after that', () => {
    const failed = (code: string, over = {}) => ledgerOf([stopped('failed', code, { wantedBy: 'midigator:a', ...over })], reportOf()) // prettier-ignore
    const released: CaseEntry = { ...resolved(), resolution: PREPARED } as CaseEntry
    for (const one of [given(STOP_AT, 'answer'), { ...given(STOP_AT, 'person'), mine: mine(released) }]) {
      const answer = of(one).entries.find(entry => entry.what === 'resolution') as EntryOf<'resolution'>
      expect(answer).toMatchObject({ resolution: PREPARED, refundKey: 'k1' })
      const told = mine(answer, sentAt(answer.at), answeredAt(answer.at + 1))
      const later = { mine: told, now: RESPOND_BY + 20 * DAY_MS }
      expect(words({ ...later, ledger: ledgerIn(pending({ wantedBy: 'midigator:a' })) })).toBe('resolved: answered')
      expect(words({ ...later, ledger: ledgerIn(confirmed({ wantedBy: 'midigator:a' })) })).toBe('resolved: answered')
      expect(words({ ...later, ledger: failed('failed') })).toBe('parked: refund-taken-back')
      expect(words({ ...later, ledger: failed('failed-after-success', { confirmedAt: NOW }) })).toBe('parked: refund-taken-back') // prettier-ignore
    }
  })
  it('of a refund request has no answer: it waits for its refund', () => {
    for (const pendingAtStop of ['person', 'answer'] as const) {
      const one = { now: STOP_AT, mine: requestCase(), terms: termsWith({}, { pendingAtStop }), ledger: ledgerIn(pending({ lookAt: STOP_AT + HOUR_MS, wantedBy: 'req' })) } // prettier-ignore
      expect(of(one)).toMatchObject({ reason: 'refund-pending', prepared: null, effects: ['refund'] })
      expect(types(one)).toEqual([])
    }
  })
  it('has no prepared resolution for Chargebackhit: a person', () => {
    expect(of(given(STOP_AT, 'answer', 'chargebackhit:a'))).toMatchObject({ state: 'parked', reason: 'refund-pending', prepared: null }) // prettier-ignore
  })
})

describe('the hard stop', () => {
  it.each<[says: string, given: GivenCase, state: string]>([
    ['no trigger came', { terms: termsWith({ trigger: 'order.refund' }) }, 'parked: no-trigger'],
    ['the order is not settled', { order: { settled: false, captured: '0' } }, 'parked: not-settled'],
    ['the order is unknown', { order: null }, 'parked: order-unknown'],
    ['the platform was never reached', { mine: unreadAlert() }, 'parked: not-enriched'],
    ['the refund awaits approval', { terms: termsWith({ mode: 'approve' }) }, 'awaiting-approval: approve-mode'],
    ['the refund is uncertain', { ledger: ledgerOf([uncertain({ lookAt: STOP_AT + HOUR_MS })], reportOf()) }, 'parked: refund-uncertain'],
    ['refunds are off', { terms: termsWith({ mode: 'off' }) }, 'parked: refunds-off'],
    ['the gateway has not settled', { ledger: ledgerOf([], reportOf([], { settled: false, at: STOP_AT - 1_000 })) }, 'parked: gateway-not-settled'],
    ['a request came alone and waits', { mine: requestCase({}, []), terms: termsWith({ trigger: 'either' }) }, 'parked: not-enriched'],
  ])('finds that %s: the case is escalated, with what a person must do', (_says, given, state) => {
    const before = of({ ...given, now: STOP_AT - 1 })
    expect(before.alarms).not.toContain('case-escalated')
    expect(before.markAt).toBe(STOP_AT)
    const one = of({ ...given, now: STOP_AT })
    expect(`${one.state}: ${one.reason}`).toBe(state)
    expect(one.alarms).toContain('case-escalated')
    expect(actionOf(one.reason)).not.toBeNull()
    expect(one.lookAt).not.toBeNull()
  }) // prettier-ignore

  it('leaves alone what is being done, unless it is not done ten minutes later', () => {
    const asking = (now: number, seenAt = SEEN_AT) => words({ now, mine: caseOf('a', 'alert', [hook('alert', factsWith({}), seenAt), readBack(factsWith({}))]) }) // prettier-ignore
    const END = 10 * MINUTE_MS
    expect([asking(STOP_AT), asking(STOP_AT + END - 1), asking(STOP_AT + END)]).toEqual(['matched: asking-gateway', 'matched: asking-gateway', 'parked: asking-gateway']) // prettier-ignore
    expect(of({ now: STOP_AT + END }).effects).toContain('refund')
    // One that came late, or was decided about late, has as long.
    const late = STOP_AT + HOUR_MS
    expect([asking(late + END - 1, late), asking(late + END, late)]).toEqual(['matched: asking-gateway', 'parked: asking-gateway']) // prettier-ignore
    expect(words({ now: late, mine: mine(approved('30', late - 1)) })).toBe('matched: asking-gateway')
  })
})

describe('the marks of time', () => {
  const told = (given: GivenCase) => of(given).entries.flatMap(entry => (entry.what === 'mark' ? [entry.mark] : []))
  it('are noticed once each; of those that are past at once the last rings', () => {
    const late: GivenCase = { order: null, now: SEEN_AT + 3 * DAY_MS }
    expect(told(late)).toEqual(['target', 'alarm', 'stop'])
    expect(of(late).alarms).toEqual(['case-escalated', 'case-parked'])
    expect(told({ ...late, mine: mine(...mark('target', 'alarm', 'stop')) })).toEqual([])
    expect(told({ order: null, now: TARGET_AT })).toEqual(['target'])
  })
  it('name the next one, until all are told', () => {
    expect(of().markAt).toBe(TARGET_AT)
    expect(of({ now: TARGET_AT }).markAt).toBe(SEEN_AT + 12 * HOUR_MS)
    expect(of({ now: STOP_AT, mine: mine(...mark('target', 'alarm')) }).markAt).toBeNull()
  })
  it('do not come for an alert that has its answer, nor for a notice, a chargeback, or a request that an alert carries', () => {
    const now = RESPOND_BY + DAY_MS
    expect(of({ mine: mine(...answered(NOW)), ledger: ledgerIn(confirmed()), now })).toMatchObject({ alarms: [], markAt: null }) // prettier-ignore
    expect(of({ mine: chargebackCase(), now })).toMatchObject({ alarms: [], markAt: null, respondBy: null })
    expect(of({ mine: requestCase(), others: [alertCase('b')], now })).toMatchObject({ alarms: [], markAt: null, respondBy: null }) // prettier-ignore
  })
  it('the latest of them is an alarm of the case until it has its answer', () => {
    const standing = (now: number, ...entries: CaseEntry[]) => of({ order: null, now, mine: mine(...entries) }).standing
    expect([standing(TARGET_AT - 1), standing(TARGET_AT), standing(SEEN_AT + 12 * HOUR_MS)]).toEqual([[], ['case-target'], ['case-alarm']]) // prettier-ignore
    expect(standing(STOP_AT)).toEqual(['case-escalated', 'case-parked'])
    expect(standing(STOP_AT, ...answered(NOW))).toEqual([])
    expect(of({ mine: mine(declined()) }).standing).toEqual(['case-parked'])
  })
  it('notice an answer that came after its deadline while no process was running, once', () => {
    const at = (time: number, ...more: CaseEntry[]) => of({ now: time, ledger: ledgerIn(confirmed()), mine: mine(...answered(time), ...more) }).alarms // prettier-ignore
    expect([at(RESPOND_BY), at(RESPOND_BY + 1), at(RESPOND_BY + 1, ...mark('stop'))]).toEqual([[], ['case-escalated'], []]) // prettier-ignore
  })
})

describe('an alarm', () => {
  const parked = (before: NonNullable<GivenCase['before']> | null, ...entries: CaseEntry[]) => of({ mine: mine(declined(NOW - 3 * HOUR_MS), ...entries), before }).alarms // prettier-ignore
  const RANG = (at: number) => alarmed('case-parked', 'refused-by-person', at)
  const HERE = { state: 'parked', reason: 'refused-by-person' } as const
  const AWAY = { state: 'refunding', reason: 'refunding' } as const

  it('rings when the case comes to a person’s desk, and for another reason', () => {
    expect(parked(null)).toEqual(['case-parked'])
    expect(of({ mine: mine(declined()) }).entries).toContainEqual(alarmed('case-parked', 'refused-by-person', NOW))
    expect(parked(HERE, alarmed('case-parked', 'untied-notice', NOW - 1))).toEqual(['case-parked'])
    expect(of({ terms: termsWith({ mode: 'approve' }) }).alarms).toEqual(['case-approval'])
  })
  it('rings once while the case lies there', () => {
    expect([parked(HERE, RANG(NOW - 1)), parked(HERE, RANG(NOW - 2 * HOUR_MS))]).toEqual([[], []])
  })
  it('rings on each visit, but not within an hour for the same reason', () => {
    expect([parked(AWAY, RANG(NOW - HOUR_MS + 1)), parked(AWAY, RANG(NOW - HOUR_MS))]).toEqual([[], ['case-parked']])
  })
  it('rings again after a person’s decision', () => {
    expect(parked(HERE, RANG(NOW - 9), declined(NOW - 1))).toEqual(['case-parked'])
    expect(parked(HERE, RANG(NOW - 1), declined(NOW - 9))).toEqual([])
  })
  it('tells once that an order is charged back beside a refund that may have moved', () => {
    const given = (...more: CaseEntry[]): GivenCase => ({ mine: mine(...answered(NOW - 9, { refundKey: 'k1' }), ...more), ledger: ledgerIn(confirmed()), others: [chargebackCase()] }) // prettier-ignore
    expect(of(given()).alarms).toEqual(['case-chargeback'])
    expect(of(given(alarmed('case-chargeback', 'answered', 1))).alarms).toEqual([])
    // It stays an alarm until a person closes it, after the last money went out.
    expect(of(given(alarmed('case-chargeback', 'answered', 1))).standing).toEqual(['case-chargeback'])
    expect(of(given(closed(SEEN_AT - 1))).standing).toEqual(['case-chargeback'])
    expect(of(given(closed(NOW))).standing).toEqual([])
    expect(of({ ...given(), ledger: ledgerOf([stopped('refused')], reportOf()) }).alarms).not.toContain('case-chargeback') // prettier-ignore
  })
})

describe('an `order.refund` that no alert carries', () => {
  const terms = termsWith({ trigger: 'order.refund' })
  const alone = (given: GivenCase = {}) => words({ mine: requestCase(), terms, ...given })
  it('is refunded, and finished', () => {
    expect(alone()).toBe('matched: asking-gateway')
    expect(alone({ ledger: ledgerIn(confirmed({ wantedBy: 'midigator:req' })) })).toBe('refunded: refund-done')
    expect(alone({ order: stated('30', SEEN_AT - DAY_MS), ledger: ledgerOf([], reportOf([listed({ createdAt: SEEN_AT - DAY_MS })])) })).toBe('refunded: nothing-left') // prettier-ignore
    expect(alone({ order: { neverPaid: 'voided' }, ledger: ledgerOf([], reportOf([], { refundable: '0' })) })).toBe('noted: never-paid') // prettier-ignore
    expect(alone({ ledger: ledgerOf([uncertain()], reportOf()) })).toBe('refunding: refund-uncertain')
  })
  it('waits a moment for its alert', () => {
    expect(of({ mine: requestCase(), terms, now: SEEN_AT })).toMatchObject({ state: 'matched', reason: 'awaiting-alert', lookAt: SEEN_AT + 10_000 }) // prettier-ignore
  })
  it('asks a person where it is not believed', () => {
    expect(alone({ mine: requestCase({ amount: '500' }) })).toBe('awaiting-approval: request-amount-differs')
    expect(alone({ mine: requestCase({}, [readBack({ orderId: 'B' })]) })).toBe('awaiting-approval: request-names-another-order') // prettier-ignore
    expect(alone({ mine: requestCase({}, [missing(SEEN_AT - HOUR_MS)]) })).toBe('awaiting-approval: unknown-to-platform') // prettier-ignore
  })
  it('is finished once a person declines it: no alert wants an answer', () => {
    const given: GivenCase = { mine: requestCase({ amount: '500' }, [readBack({ orderId: 'A' }), declined()]) }
    expect([alone(given), of({ terms, ...given }).lookAt]).toEqual(['noted: closed', null])
  })
  it('is carried by an alert of the order, but not by a notice', () => {
    expect(alone({ others: [alertCase('b')] })).toBe('noted: taken-over')
    expect(alone({ others: [alertCase('b', { partner: 'tc40' })] })).toBe('matched: asking-gateway')
    expect(alone({ others: [rdrCase()] })).toBe('parked: rdr-paid')
  })
  it('that comes well after the alert was answered otherwise asks a person; one that came with it does not', () => {
    const other = (at: number) => alertCase('b', {}, answered(at, { resolution: { type: '3ds_authorized_successfully', description: '' } })) // prettier-ignore
    expect(alone({ others: [other(SEEN_AT - 10_001)] })).toBe('parked: asked-after-answer')
    expect(alone({ others: [other(SEEN_AT - 10_000)] })).toBe('noted: taken-over')
    expect(alone({ others: [other(SEEN_AT - DAY_MS)], ledger: ledgerIn(confirmed()) })).toBe('noted: taken-over')
    expect(alone({ others: [other(SEEN_AT - DAY_MS)], mine: requestCase({}, [readBack({ orderId: 'A' }), closed()]) })).toBe('noted: taken-over') // prettier-ignore
  })
  it('that names no order has the platform asked for it; without a guid a person', () => {
    expect(of({ mine: caseOf('a', 'request', [hook('refund')]), assessment: openMatch('none'), order: null, ledger: null })).toMatchObject({ reason: 'order-unknown', effects: ['enrich'] }) // prettier-ignore
    const without = caseOf('a', 'request', [{ ...hook('refund'), event: { ...event('refund', 'g', {}), hasGuid: false } }]) // prettier-ignore
    expect(words({ mine: without, assessment: openMatch('none'), order: null, ledger: null })).toBe('parked: without-guid') // prettier-ignore
  })
})

describe('a chargeback', () => {
  const cb: GivenCase = { mine: chargebackCase() }
  it('marks its order once, also one that bears the mark for another reason, and is finished when it has', () => {
    const marked: CaseEntry = { what: 'flag', at: NOW, orderId: 'A', flag: 'is_chargeback', value: true }
    expect(of(cb)).toMatchObject({ state: 'noted', reason: 'chargeback-told', flags: [{ orderId: 'A', flag: 'is_chargeback', value: true }], isUntied: false }) // prettier-ignore
    expect(of(cb).lookAt).not.toBeNull()
    expect(of({ ...cb, order: { chargeback: true } }).flags).toHaveLength(1)
    expect(of({ mine: chargebackCase({ orderId: 'A' }, [marked]), order: { chargeback: true } })).toMatchObject({ state: 'noted', flags: [], lookAt: null }) // prettier-ignore
    expect(of({ ...cb, order: null }).flags).toEqual([])
  })
  it('marks only an order that is certain', () => {
    for (const assessment of [likely(), openMatch('several'), openMatch('none')])
      expect(of({ mine: chargebackCase({}), assessment })).toMatchObject({ state: 'unmatched', flags: [], isUntied: true, orderId: null }) // prettier-ignore
  })
  it('withdraws its mark from an order that it is not about', () => {
    const flag: CaseEntry = { what: 'flag', at: 1, orderId: 'Z', flag: 'is_chargeback', value: true }
    const withdrawn = { orderId: 'Z', flag: 'is_chargeback', value: false }
    expect(of({ mine: chargebackCase({ orderId: 'A' }, [flag]) }).flags).toEqual([withdrawn, { orderId: 'A', flag: 'is_chargeback', value: true }]) // prettier-ignore
    expect(of({ mine: chargebackCase({}, [flag]), assessment: openMatch('none') }).flags).toEqual([withdrawn])
    expect(of({ mine: chargebackCase({}, [flag]), assessment: openMatch('none') }).lookAt).not.toBeNull()
  })
  it('without an order is looked for and holds refunds, and the search ends after three days', () => {
    const untied: GivenCase = { mine: chargebackCase({}), assessment: openMatch('none'), order: null, ledger: null }
    expect(of(untied)).toMatchObject({ state: 'unmatched', isUntied: true, lookAt: NOW + TERMS.lookMs })
    expect(of({ ...untied, now: SEEN_AT + 3 * DAY_MS })).toMatchObject({ state: 'noted', isUntied: true, lookAt: null })
  })
  it('that may concern a sale that was refunded needs a person, until they close it', () => {
    const may = (...more: CaseEntry[]): GivenCase => ({ mine: chargebackCase({}, more), assessment: openMatch('none'), order: null, ledger: null, mayConcernRefunded: true }) // prettier-ignore
    expect(of(may())).toMatchObject({ state: 'parked', reason: 'may-be-paid-twice', isUntied: true, alarms: ['case-parked', 'paid-twice'] }) // prettier-ignore
    expect(of(may(closed()))).toMatchObject({ state: 'unmatched', isUntied: false })
  })
})

describe('a sale that was paid twice', () => {
  const twice = (...more: CaseEntry[]): GivenCase => ({ mine: chargebackCase({ orderId: 'A' }, more), ledger: ledgerIn(confirmed()), order: { chargeback: true } }) // prettier-ignore
  it('is shown with its chargeback or RDR notice, rings once as that, and is closed by a person', () => {
    expect(of(twice())).toMatchObject({ state: 'parked', reason: 'paid-twice', alarms: ['case-parked', 'paid-twice'] })
    expect(of(twice(alarmed('paid-twice', 'paid-twice', NOW - 9), alarmed('case-parked', 'paid-twice', NOW - 9)))).toMatchObject({ state: 'parked', alarms: [] }) // prettier-ignore
    expect(words(twice(closed()))).toBe('noted: chargeback-told')
    expect(words({ mine: rdrCase(), ledger: ledgerIn(confirmed()) })).toBe('parked: paid-twice')
    expect(words({ mine: rdrCase({ rdrResolution: 'declined' }), ledger: ledgerIn(confirmed()) })).toBe('noted: notice') // prettier-ignore
  })
  it('is closed by a person on whichever case of the sale, and comes back with the next chargeback', () => {
    expect(words({ ...twice(), others: [alertCase('b', {}, [closed()])] })).toBe('noted: chargeback-told')
    const later = caseOf('cb2', 'chargeback', [hook('chargeback', { orderId: 'A' }, NOW + 5), readBack({ orderId: 'A' })]) // prettier-ignore
    expect(words({ ...twice(closed()), others: [later], now: NOW + 9 })).toBe('parked: paid-twice')
  })
  it('leaves the alert that was answered truly alone', () => {
    expect(words({ mine: mine(...answered(NOW - 9, { refundKey: 'k1' })), ledger: ledgerIn(confirmed()), others: [chargebackCase()] })).toBe('resolved: answered') // prettier-ignore
  })
})

describe('a notice', () => {
  const notice = (partner: string, more: CaseEntry[] = [], orderId: string | undefined = 'A') => alertCase('a', { partner, orderId }, more) // prettier-ignore
  it('of fraud marks its order; another marks nothing', () => {
    expect(of({ mine: notice('visa fraud-notification') }).flags).toEqual([{ orderId: 'A', flag: 'is_fraud', value: true }]) // prettier-ignore
    const marked: CaseEntry = { what: 'flag', at: NOW, orderId: 'A', flag: 'is_fraud', value: true }
    expect(of({ mine: notice('visa fraud-notification', [marked]) }).flags).toEqual([])
    expect(of({ mine: notice('tc40') }).flags).toEqual([])
    expect(of({ mine: notice('visa fraud-notification'), assessment: likely() }).flags).toEqual([])
  })
  it('withdraws its mark when the order is another, or is not known any more', () => {
    const flag: CaseEntry = { what: 'flag', at: 1, orderId: 'Z', flag: 'is_fraud', value: true }
    expect(of({ mine: notice('visa fraud-notification', [flag]) }).flags.map(one => [one.orderId, one.value])).toEqual([['Z', false], ['A', true]]) // prettier-ignore
    expect(of({ mine: notice('visa fraud-notification', [flag]), assessment: openMatch('several') }).flags).toEqual([{ orderId: 'Z', flag: 'is_fraud', value: false }]) // prettier-ignore
  })
  it('of RDR without an order holds refunds; one that declined, or informs of something else, does not', () => {
    const untied = (partner: string, more: Parameters<typeof alertCase>[1] = {}) => of({ mine: alertCase('a', { partner, orderId: undefined, ...more }), assessment: openMatch('none'), order: null, ledger: null }).isUntied // prettier-ignore
    expect([untied('rdr'), untied('rdr', { rdrResolution: 'declined' }), untied('tc40')]).toEqual([true, false, false])
  })
  it('without its order is looked after for three days', () => {
    const given: GivenCase = { mine: notice('tc40', [], undefined), assessment: openMatch('none'), order: null, ledger: null } // prettier-ignore
    expect([of(given).lookAt, of({ ...given, now: SEEN_AT + 3 * DAY_MS }).lookAt]).toEqual([NOW + TERMS.lookMs, null])
  })
})
