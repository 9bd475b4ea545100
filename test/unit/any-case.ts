import * as fc from 'fast-check'
import type { OrderMoney } from '../../src/domain/account/order-money.ts'
import { subtractAmounts } from '../../src/domain/basics/money.ts'
import { orderIdOf, type CaseEntry } from '../../src/domain/case/log.ts'
import type { CaseView } from '../../src/domain/case/view.ts'
import type { Assessment } from '../../src/domain/match/assess.ts'
import type { Claim, GatewayReport, Ledger } from '../../src/domain/refund/ledger.ts'
import {
  alertCase, answeredAt, approved, CARD, caseOf, caseView, certain, chargebackCase, chosenAt, claimed, closed, confirmed, DAY_MS, declined,
  factsWith, hook, HOUR_MS, ledgerIn, ledgerOf, likely, listed, MINUTE_MS, missing, money, NOW, openMatch, pending, rdrCase, readBack, reportOf, requestCase,
  resolved, RESPOND_BY, SEEN_AT, sending, sentAt, STOP_AT, stopped, termsWith, uncertain,
} from './build-case.ts' // prettier-ignore

const BEFORE = SEEN_AT - DAY_MS
const when = fc.constantFrom(BEFORE, SEEN_AT + 1)
const pick = <const T>(...values: T[]) => fc.constantFrom(...values)

const anyOrder: fc.Arbitrary<OrderMoney> = fc
  .record({
    kind: pick('paid', 'paid', 'paid', 'paid', 'part', 'unknown', 'unsettled', 'never', 'fine', 'unpaid now'),
    reported: fc.option(fc.record({ amount: pick(null, '10', '20', '30', '29.995'), at: when, byStatus: pick(false, false, true) }), { freq: 2 }),
    chargeback: pick(false, false, false, false, true),
    currency: pick('USD', 'USD', 'USD', 'USD', null),
    eci: pick(null, '05'),
    cardLast4: pick(null, CARD.cardLast4, '0000'),
    holds: pick([], [], [], [{ reason: 'lowered' as const, detail: 'crm', at: NOW - 3 }]),
  })
  .map(({ kind, reported, ...rest }) => ({
    orderId: 'A', rev: 1, settled: kind !== 'unsettled', neverPaid: kind === 'never' ? ('voided' as const) : null,
    unpaidNow: kind === 'never' ? ('voided' as const) : kind === 'unpaid now' ? ('cancelled' as const) : null,
    captured: kind === 'unknown' ? null : kind === 'unsettled' || kind === 'never' ? '0' : kind === 'part' ? '20' : kind === 'fine' ? '30.005' : '30',
    isCaptureStated: true, total: '30', reported: kind === 'never' ? null : reported, fraud: false, transactionId: 'T-A', arn: null, authCode: null, cardFirst6: null,
    cardBrand: 'visa', merchantAccount: null, descriptor: null, isWallet: false, soldAt: BEFORE, acknowledgedTotal: null, ...rest,
  })) // prettier-ignore

const anyClaim: fc.Arbitrary<Claim> = fc
  .record({
    state: pick('claimed', 'sending', 'uncertain', 'pending', 'confirmed', 'confirmed', 'refused', 'failed', 'parked', 'dropped'),
    money: pick(['30', '30'], ['30', '30'], ['20', '20'], ['20', '30'], ['10', '30'], ['10', '10']),
    wantedBy: pick('midigator:a', 'midigator:a', 'midigator:b', 'midigator:req'),
    code: pick('x1', 'merchant_account_closed', 'failed-after-success', 'transaction-of-another-order'),
    sends: fc.integer({ min: 0, max: 2 }),
    lookAt: pick(NOW - 1, NOW + 90 * DAY_MS),
    sentAt: pick(BEFORE, SEEN_AT),
    approvedBy: pick(null, null, 'ann'),
    isRecorded: pick(true, true, false),
    notBefore: pick(null, null, NOW + 1),
    held: pick(null, null, 'hourly-limit' as const),
  })
  .map(({ state, money: [amount, target], code, sends, lookAt, sentAt: at, notBefore, held, approvedBy, ...rest }) => {
    const isSent = sends > 0 || !['claimed', 'dropped'].includes(state)
    const base = {
      ...rest, amount, target, claimedAt: at, approvedBy, approvedAt: approvedBy === null ? null : at,
      sends: isSent ? Math.max(1, sends) : 0, firstSentAt: isSent ? at : null,
    }
    switch (state) {
      case 'claimed': return claimed({ ...base, notBefore, held })
      case 'sending': return sending({ ...base, sendingAt: lookAt < NOW ? at : NOW })
      case 'uncertain': return uncertain({ ...base, lookAt })
      case 'pending': return pending({ ...base, lookAt })
      case 'confirmed': return confirmed({ ...base, confirmedAt: at, lookAt: lookAt < NOW ? lookAt : null })
      case 'dropped': return stopped('dropped', 'rest-changed', base)
      default: return stopped(state, code, { ...base, confirmedAt: code === 'failed-after-success' ? at : null })
    }
  }) // prettier-ignore

interface AnyReport {
  refunds: { amount: string; status: 'succeeded' | 'pending' | 'failed'; createdAt: number | null; reference: string | null }[]
  /** `true`: what the refunds leave. */
  refundable: true | null | '0' | '10'
  at: number
  settled: boolean | null
} // prettier-ignore
const anyReport: fc.Arbitrary<AnyReport | null> = fc.option(
  fc.record({
    refunds: fc.array(fc.record({ amount: pick('10', '20', '30'), status: pick('succeeded' as const, 'succeeded' as const, 'pending' as const, 'failed' as const), createdAt: pick(null, BEFORE, SEEN_AT + 1), reference: pick(null, null, 'k1') }), { maxLength: 2 }),
    refundable: pick<true | null | '0' | '10'>(true, true, true, null, '0', '10'),
    at: pick(NOW - 1, NOW - 1, NOW - 2 * HOUR_MS),
    settled: pick(true, true, null, false),
  }),
  { freq: 5 },
) // prettier-ignore

function ledgerWith(claims: Claim[], given: AnyReport | null): Ledger {
  // Nothing is sent before the gateway was asked.
  const isSent = claims.some(({ sends }) => sends > 0)
  if (given === null && !isSent) return ledgerOf(claims)
  const { refunds, refundable, at, settled } = given ?? { refunds: [], refundable: true, at: NOW - 1, settled: true }
  // What the gateway has confirmed it lists, most of the time.
  const ours = claims.flatMap(one =>
    one.state === 'confirmed' && !refunds.some(({ reference }) => reference === one.key)
      ? [listed({ refundId: 'r-k1', amount: one.amount, reference: one.key, createdAt: one.firstSentAt })]
      : [],
  )
  // What had been refunded before our newest refund was planned is listed too, unless the gateway states what is refundable.
  const rest = claims.findLast(({ state }) => state === 'confirmed')
  const theirs = rest === undefined || refundable === true ? '0' : subtractAmounts(rest.target, rest.amount)
  if (theirs !== '0') ours.push(listed({ refundId: 'theirs', amount: theirs, createdAt: BEFORE }))
  const all = [...ours, ...refunds.map((one, i) => listed({ refundId: `r${i}`, ...one }))]
  const report: GatewayReport = reportOf(all, { at, settled })
  return ledgerOf(claims, refundable === true ? report : { ...report, refundable })
}

const anyLedger: fc.Arbitrary<Ledger> = fc
  .tuple(fc.option(anyClaim, { freq: 2 }), fc.option(anyClaim, { freq: 1 }), anyReport)
  .map(([last, first, report]) => {
    // At most one refund of an order is open at a time, and it is the last.
    const isFinal = first !== null && !['claimed', 'sending', 'uncertain', 'pending'].includes(first.state)
    return ledgerWith([...(isFinal ? [{ ...first, key: 'k0' }] : []), ...(last === null ? [] : [last])], report)
  })

const anyFacts = fc.record({
  partner: pick(
    'ethoca',
    'ethoca',
    'ethoca',
    'ethoca',
    'verifi cdrn',
    'verifi rdr',
    'visa fraud-notification',
    'nobody',
    undefined,
  ),
  amount: pick('30', '30', '30', '20', '31', undefined),
  currency: pick('USD', 'USD', 'USD', undefined, 'EUR'),
  caseNumber: pick(undefined, undefined, '2'),
  reason: pick(undefined, 'fraud', 'service'),
  orderId: pick('A', 'A', 'A', undefined),
})

const maybe = <T>(entry: T, freq: number) => fc.option(fc.constant(entry), { freq, nil: undefined })
const CHOSEN = chosenAt(NOW - 5, { refundKey: 'k1' })
/** The nullable weight counts how often an entry is there against once that it is not; below one it is the other way round. */
const anyMore: fc.Arbitrary<CaseEntry[]> = fc
  .record({
    decisions: pick<CaseEntry[]>([], [], [], [approved('30', NOW - 2)], [approved('20', NOW - 1)], [approved('10', SEEN_AT - 9)], [approved('30', NOW - 2, 'EUR')], [declined(NOW - 3)], [declined(NOW - 3), approved('30', NOW - 2)], [resolved(NOW - 4)], [closed(NOW - 4)]),
    answer: pick<CaseEntry[]>([], [], [], [], [CHOSEN], [CHOSEN, sentAt(CHOSEN.at)], [CHOSEN, sentAt(CHOSEN.at), answeredAt(NOW - 3)], [CHOSEN, sentAt(CHOSEN.at), answeredAt(NOW - 3, { accepted: false })]),
    own: maybe<CaseEntry>({ what: 'matched', at: NOW - 9, orderId: 'A', by: 'card', isActed: true }, 1),
    mark: maybe<CaseEntry>({ what: 'mark', at: NOW - 2, mark: 'target' }, 1),
  })
  .map(({ decisions, answer, own, mark }) => [...decisions, ...answer, ...[own, mark].filter(one => one !== undefined)]) // prettier-ignore

const anyOthers = fc.subarray([
  caseOf('b', 'alert', [hook('alert', factsWith({ caseNumber: '1' }), SEEN_AT - 1), readBack(factsWith({ caseNumber: '1' }))]),
  alertCase('b2', { partner: 'verifi', amount: '20' }, [approved('20', NOW - 1)]),
  rdrCase({ amount: '5' }),
  rdrCase({ rdrResolution: 'declined', amount: '5' }),
  requestCase(),
  requestCase({ amount: '500' }),
  chargebackCase(),
], { maxLength: 2 }) // prettier-ignore

const OPEN: readonly Assessment[] = [
  likely(),
  likely('A', false),
  openMatch('none', 'certain'),
  openMatch('none'),
  openMatch('none', 'incomplete'),
  openMatch('several'),
  openMatch('contradicted'),
  openMatch('incomplete'),
  certain('A', 'arn'),
]

/** When a case of these tests is decided about: just seen, late, at the hard stop, and after the deadline. */
const anyNow = pick(NOW, NOW, NOW, NOW + 5 * HOUR_MS, STOP_AT, STOP_AT + 30 * MINUTE_MS, RESPOND_BY, NOW + 5 * DAY_MS)

const anyTerms = fc
  .record({
    trigger: pick('order.refund' as const, 'match' as const, 'match' as const, 'either' as const),
    mode: pick('auto' as const, 'auto' as const, 'auto' as const, 'approve' as const, 'off' as const),
    autoLimit: pick(null, null, '25'),
    limitCurrency: pick('USD', 'EUR'),
    likelyAtStop: pick('person' as const, 'act' as const),
    hasGateway: pick(true, true, true, true, false),
    resolve3ds: fc.boolean(),
    pendingAtStop: pick('person' as const, 'answer' as const),
  })
  .map(({ resolve3ds, pendingAtStop, ...refunds }) => termsWith(refunds, { resolve3ds, pendingAtStop }))

/** Any state of an alert or a refund request, its order, that order's refunds and its other cases, at any time. */
export const anyCase: fc.Arbitrary<CaseView> = fc
  .record({
    kind: pick('alert' as const, 'alert' as const, 'alert' as const, 'alert' as const, 'request' as const),
    platform: pick('midigator', 'midigator', 'midigator', 'chargebackhit'),
    facts: anyFacts,
    more: anyMore,
    record: pick('read', 'read', 'read', 'read', 'unread', 'missing'),
    others: anyOthers,
    order: fc.option(anyOrder, { freq: 9 }),
    ledger: anyLedger,
    untied: pick([], [], [], [chargebackCase({})]),
    assessment: pick(...OPEN),
    isContradicted: pick(false, false, false, true),
    nudge: pick(null, null, null, null, 'authenticated', 'account closed', 'in parts', 'refused', 'never paid', 'refunded'),
    terms: anyTerms,
    now: anyNow,
  })
  .map(given => {
    const { kind, platform, facts, more, record, others, untied, assessment, isContradicted, terms, now, nudge } = given
    const told = factsWith(kind === 'alert' ? facts : { ...facts, partner: undefined })
    // Only alerts are answered.
    const kept = more.filter(({ what }) => kind === 'alert' || !['resolution', 'sent', 'answered'].includes(what))
    const entries = [hook(kind === 'alert' ? 'alert' : 'refund', told), ...(record === 'read' ? [readBack(told)] : record === 'missing' ? [missing()] : []), ...kept]
    const mine = caseOf(`${platform}:a`, kind, entries)
    const named = facts.orderId
    const weighed = named === undefined ? assessment : isContradicted ? openMatch('contradicted') : certain()
    const orderId = weighed.verdict === 'open' ? orderIdOf(mine.facts) : weighed.orderId
    const order = given.order === null || nudge === null ? given.order : nudge === 'never paid' ? money({ neverPaid: 'declined' }) : { ...given.order, eci: '05', captured: '30', currency: 'USD', settled: true, neverPaid: null, unpaidNow: null, reported: null, holds: [], chargeback: false }
    const ledger = nudge === null ? given.ledger : NUDGED[nudge]
    return caseView({
      mine, now, terms: nudge === 'authenticated' ? { ...terms, resolve3ds: true } : terms, untied: orderId === null ? [] : untied,
      assessment: weighed, others: orderId === null ? [] : others, order: orderId === null ? null : order,
      ledger: orderId === null ? null : renamed(ledger, platform),
    })
  }) // prettier-ignore

/** States from which the rarer answers follow. */
const NUDGED = {
  authenticated: ledgerOf([], reportOf()),
  'account closed': ledgerOf([stopped('refused', 'merchant_account_closed')], reportOf()),
  refunded: ledgerIn(confirmed()),
  'never paid': ledgerOf([], reportOf([], { refundable: '0' })),
  refused: ledgerOf([stopped('refused', 'too_old')], reportOf([], { at: RESPOND_BY })),
  'in parts': ledgerOf([], reportOf([listed({ refundId: 'r1', amount: '10', createdAt: BEFORE }), listed({ refundId: 'r2', amount: '20' })])), // prettier-ignore
}

const renamed = (ledger: Ledger, platform: string): Ledger => ({
  ...ledger,
  claims: ledger.claims.map(one => ({ ...one, wantedBy: one.wantedBy.replace('midigator:a', `${platform}:a`) })),
})
