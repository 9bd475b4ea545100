import * as fc from 'fast-check'
import type { AlertFacts } from '../../src/domain/alert/facts.ts'
import type { CaseEntry } from '../../src/domain/case/log.ts'
import type { CaseView } from '../../src/domain/case/view.ts'
import type { Match } from '../../src/domain/match/match-alert.ts'
import type { OrderMoney } from '../../src/domain/account/order-money.ts'
import type { Claim, ClaimState, Ledger } from '../../src/domain/refund/ledger.ts'
import {
  alertCase, approved, caseOf, chargebackCase, claimOf, DAY_MS, ENRICHED, ETHOCA, found, hook, HOUR_MS, ledgerOf, MINUTE_MS, money,
  NOW, rdrCase, REFUND_TERMS, reportOf, requestCase, said, SEEN_AT, TERMS,
} from './build-case.ts' // prettier-ignore

const BEFORE = SEEN_AT - DAY_MS
const when = fc.constantFrom(BEFORE, SEEN_AT + 1)
const STATES: ClaimState[] = ['claimed', 'sending', 'uncertain', 'pending', 'confirmed', 'refused', 'failed', 'parked', 'dropped'] // prettier-ignore

const anyOrder: fc.Arbitrary<OrderMoney> = fc
  .record({
    kind: fc.constantFrom('paid', 'paid', 'paid', 'part', 'unknown', 'unsettled', 'cancelled', 'declined', 'voided'),
    reported: fc.option(
      fc.record({ amount: fc.constantFrom(null, '10', '20', '30'), at: when, byStatus: fc.constant(false) }),
    ),
    chargeback: fc.constantFrom(false, false, false, true),
    eci: fc.constantFrom(null, '05'),
    arn: fc.constantFrom(null, '7'),
  })
  .map(({ kind, ...rest }) => {
    const captured = kind === 'paid' ? '30' : kind === 'part' ? '20' : kind === 'unknown' ? null : '0'
    const neverPaid = kind === 'cancelled' || kind === 'declined' || kind === 'voided' ? kind : null
    return money({ ...rest, captured, neverPaid, settled: kind !== 'unsettled' && kind !== 'declined' })
  })

const anyClaim: fc.Arbitrary<Claim> = fc
  .record({
    state: fc.constantFrom(...STATES),
    money: fc.constantFrom(['30', '30'], ['20', '20'], ['20', '30'], ['10', '30']),
    wantedBy: fc.constantFrom('a', 'b', 'req'),
    answeredBy: fc.constantFrom(null, null, 'a', 'b'),
    code: fc.constantFrom('x1', 'merchant_account_closed', 'failed-after-success', 'transaction-of-another-order'),
    arn: fc.constantFrom(null, '7'),
    sends: fc.integer({ min: 0, max: 2 }),
    lookAt: fc.constantFrom(NOW - 1, NOW + HOUR_MS),
    told: fc.boolean(),
  })
  .map(({ money: [amount, target], code, sends, lookAt, ...rest }) => {
    const isSent = !['claimed', 'dropped'].includes(rest.state) || sends > 0
    const isOpen = ['uncertain', 'pending', 'confirmed'].includes(rest.state)
    return claimOf({
      ...rest, amount, target, lookAt: isOpen ? lookAt : null, sends: isSent ? Math.max(1, sends) : 0,
      firstSentAt: isSent ? SEEN_AT : null, sendingAt: isSent ? SEEN_AT : null,
      confirmedAt: rest.state === 'confirmed' ? SEEN_AT : null,
      why: ['refused', 'failed', 'parked'].includes(rest.state) ? { code, words: null } : null,
    }) // prettier-ignore
  })

const anyReport = fc.option(
  fc
    .record({
      refunds: fc.array(
        fc.record({
          amount: fc.constantFrom('10', '20', '30'),
          status: fc.constantFrom('succeeded' as const, 'succeeded' as const, 'pending' as const, 'failed' as const),
          createdAt: fc.constantFrom(null, BEFORE, SEEN_AT + 1),
          reference: fc.constantFrom(null, null, 'k1'),
        }),
        { maxLength: 2 },
      ),
      refundable: fc.constantFrom(null, null, '0', '10'),
      rev: fc.constantFrom(0, 1),
      at: fc.constantFrom(NOW - 1, NOW - HOUR_MS),
    })
    .map(({ refunds, ...rest }) =>
      reportOf(
        refunds.map((refund, i) => found({ refundId: `r${i}`, ...refund })),
        rest,
      ),
    ),
)

const anyLedger: fc.Arbitrary<Ledger> = fc
  .tuple(fc.option(anyClaim, { freq: 3 }), fc.option(anyClaim, { freq: 1 }), anyReport)
  .map(([last, first, report]) => {
    // At most one refund of an order is open at a time, and it is the last.
    const isFinal = first !== null && !['claimed', 'sending', 'uncertain', 'pending'].includes(first.state)
    const claims = [...(isFinal ? [{ ...first, key: 'k0' }] : []), ...(last === null ? [] : [last])]
    return ledgerOf(claims, report)
  })

const anyFacts: fc.Arbitrary<AlertFacts> = fc
  .record({
    partner: fc.constantFrom(
      'ethoca',
      'ethoca',
      'ethoca',
      'verifi cdrn',
      'verifi rdr',
      'tc40',
      'vmpi',
      'nobody',
      undefined,
    ),
    amount: fc.constantFrom('30', '30', '20', undefined),
    currency: fc.constantFrom('USD', 'USD', undefined, 'EUR'),
    arn: fc.constantFrom(undefined, undefined, '7'),
    reason: fc.constantFrom(undefined, 'fraud', 'service'),
    orderId: fc.constantFrom('A', 'A', 'A', undefined),
  })
  .map(facts => Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as AlertFacts)

const maybe = <T>(entry: T, freq = 4) => fc.option(fc.constant(entry), { freq: 1, nil: undefined }).chain(one => fc.integer({ min: 1, max: freq }).map(n => (n === 1 ? one : undefined))) // prettier-ignore
const WORDED: CaseEntry = { what: 'worded', at: NOW - 5, by: 'policy', wording: { type: 'issued_full_refund', description: '' }, refundKey: 'k1' } // prettier-ignore
const anyMore: fc.Arbitrary<CaseEntry[]> = fc
  .tuple(
    maybe(approved('30', NOW - 2), 2),
    maybe(approved('20', NOW - 1)),
    maybe(said({ word: 'refuse' }, NOW - 3), 2),
    maybe(said({ word: 'resolve', wording: { type: 'other', description: 'by hand' } }, NOW - 4)),
    maybe(WORDED),
    maybe<CaseEntry>({ what: 'sent', at: NOW - 4, calls: 1, unanswered: false }),
    maybe<CaseEntry>({ what: 'answered', at: NOW - 3, accepted: true, probably: false, status: 200, words: '' }),
    maybe<CaseEntry>({ what: 'mark', at: NOW - 2, mark: 'target' }),
  )
  .map(entries => entries.filter(entry => entry !== undefined))
  // Nothing is sent or answered without words.
  .map(entries =>
    entries.includes(WORDED) ? entries : entries.filter(({ what }) => what !== 'sent' && what !== 'answered'),
  )

const anyOthers = fc.subarray([
  alertCase('b'),
  alertCase('b2', { amount: '20', arn: '7' }),
  rdrCase(),
  rdrCase({ rdrResolution: 'declined', amount: '5' }),
  requestCase(),
  chargebackCase(),
])

const anySearch: fc.Arbitrary<Match> = fc.constantFrom<Match>(
  { found: 'none' },
  { found: 'many', orderIds: ['A', 'B'] },
  { found: 'one', orderId: 'A', by: 'arn' },
)

/** Any state of an alert, its order, that order's refunds and its other cases, from just seen to long after its deadline. */
export const anyCase: fc.Arbitrary<CaseView> = fc
  .record({
    facts: anyFacts,
    more: anyMore,
    isTold: fc.constantFrom(true, true, false),
    others: anyOthers,
    order: fc.option(anyOrder, { freq: 9 }),
    ledger: anyLedger,
    search: anySearch,
    resolve3ds: fc.boolean(),
    now: fc.constantFrom(NOW, NOW, NOW + 5 * HOUR_MS, NOW + 19 * HOUR_MS + 59 * MINUTE_MS, NOW + 5 * DAY_MS),
    terms: fc.record({
      trigger: fc.constantFrom('order.refund', 'match', 'either'),
      mode: fc.constantFrom('auto', 'auto', 'approve', 'off'),
      autoLimit: fc.constantFrom(null, null, '25'),
      limitCurrency: fc.constantFrom('USD', 'EUR'),
    }),
  })
  .map(({ facts, more, isTold, others, order, ledger, terms, resolve3ds, now, search }) => {
    const mine = caseOf('a', 'alert', [
      hook('alert', { issuedAt: SEEN_AT, ...facts }),
      ...(isTold ? [ENRICHED] : []),
      ...more,
    ])
    const isTied = facts.orderId !== undefined
    return {
      now,
      id: 'a',
      facts: mine.facts,
      search: isTied ? { found: 'none' } : search,
      order: isTied ? order : null,
      ledger: isTied ? ledger : null,
      cases: isTied ? [...others, mine] : [mine],
      terms: { ...TERMS, resolve3ds, refunds: { ...REFUND_TERMS, ...terms } },
    }
  })

/** The alert whose issuing every time of these tests is counted from. */
export const ISSUED_AT = ETHOCA.issuedAt ?? 0
