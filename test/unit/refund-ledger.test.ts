import { describe, expect, it } from 'vitest'
import {
  confirmedTotal, emptyLedger, foldFound, foldSend, judgeAbsent, latestClaim, lookupAfter, openClaim, reportedTotal, type Claim,
  type SendResult,
} from '../../src/domain/refund/ledger.ts' // prettier-ignore
import {
  claimOf,
  confirmedClaim,
  DAY_MS,
  found,
  HOUR_MS,
  ledgerOf,
  NOW,
  reportOf,
  SEEN_AT,
  sentClaim,
} from './build-case.ts'

const LOOKUPS = [5_000, 30_000, 120_000]
const sending = (over: Partial<Claim> = {}) => sentClaim({ state: 'sending', attempt: 'x', lookAt: null, ...over })
const folded = (result: SendResult, claim = sending()) => foldSend(claim, result, NOW, LOOKUPS)
const answered = (status: 'succeeded' | 'pending' | 'failed', amount = '30'): SendResult => ({
  said: 'refund',
  refund: { refundId: 'r1', status, amount, arn: '9' },
})

describe('what a send came to', () => {
  it.each<[says: string, result: SendResult, sends: number, state: string, code: string | null]>([
    ['succeeded', answered('succeeded'), 1, 'confirmed', null],
    ['pending', answered('pending'), 1, 'pending', null],
    ['failed', answered('failed'), 1, 'failed', 'failed'],
    ['another amount', answered('succeeded', '29.99'), 1, 'uncertain', 'other-amount'],
    ['the same amount, written otherwise', answered('succeeded', '30.00'), 1, 'confirmed', null],
    ['422', { said: 'refused', code: 'card_expired', words: 'w' }, 1, 'refused', 'card_expired'],
    ['422 after silence', { said: 'refused', code: 'card_expired', words: 'w' }, 2, 'uncertain', 'refused-after-silence'],
    ['409', { said: 'already-refunded' }, 1, 'uncertain', 'already-refunded'],
    ['nothing', { said: 'nothing', why: 'timeout' }, 1, 'uncertain', 'timeout'],
    ['nothing again', { said: 'nothing', why: 'reset' }, 2, 'uncertain', 'reset'],
    ['not taken', { said: 'not-taken', why: 'unsent' }, 1, 'claimed', null],
    ['not taken after silence', { said: 'not-taken', why: 'unsent' }, 2, 'uncertain', 'unsent'],
  ])('%s', (_says, result, sends, state, code) => {
    const after = folded(result, sending({ sends }))
    expect([after.state, after.why?.code ?? null, after.attempt]).toEqual([state, code, null])
    expect(after.lookAt !== null).toBe(['uncertain', 'pending', 'confirmed'].includes(state))
    // Whatever came of it, what was asked for stays as it was written down.
    expect([after.key, after.body, after.amount, after.target]).toEqual(['k1', '{}', '30', '30'])
  }) // prettier-ignore

  it('of a call that never left is as if it had not been', () => {
    expect(folded({ said: 'not-taken', why: 'unsent' })).toMatchObject({ sends: 0, firstSentAt: null, sendingAt: null })
  })
  it('is remembered when it may be the echo of the first try', () => {
    const after = folded({ said: 'refused', code: 'c', words: 'w' }, sending({ sends: 2 }))
    expect(after.refusal).toEqual({ code: 'c', words: 'w' })
  })
  it('is looked up later the more often it was sent in vain', () => {
    const pause = (sends: number) => (folded({ said: 'nothing', why: 't' }, sending({ sends })).lookAt ?? 0) - NOW
    expect([1, 2, 3, 4, 9].map(pause)).toEqual([5_000, 30_000, 120_000, 120_000, 120_000])
  })
  it('keeps what the gateway named it', () => {
    expect(folded(answered('succeeded'))).toMatchObject({ refundId: 'r1', arn: '9', confirmedAt: NOW })
  })
})

describe('a refund found by our reference', () => {
  const fold = (claim: Claim, over: Parameters<typeof found>[0] = {}) =>
    foldFound(claim, found({ reference: 'k1', ...over }), NOW, LOOKUPS)

  it('is looked at twice more once it succeeded, for some are taken back', () => {
    const first = fold(sentClaim())
    expect([first.state, first.lookAt]).toEqual(['confirmed', NOW + 120_000])
    const second = fold(first)
    expect(second.lookAt).toBe(NOW + DAY_MS)
    expect(fold(second).lookAt).toBeNull()
  })
  it('that fails after it succeeded says so', () => {
    expect(fold(confirmedClaim(), { status: 'failed' })).toMatchObject({ state: 'failed', why: { code: 'failed-after-success' } }) // prettier-ignore
    expect(fold(sentClaim(), { status: 'failed' })).toMatchObject({ state: 'failed', why: { code: 'failed' } })
  })
  it('and pending is looked at with longer and longer pauses, without end', () => {
    let claim = sentClaim()
    const pauses = Array.from({ length: 5 }, () => {
      claim = fold(claim, { status: 'pending' })
      return claim.lookAt! - NOW
    })
    expect(pauses).toEqual([5_000, 30_000, 120_000, 120_000, 120_000])
    expect(claim.state).toBe('pending')
  })
  it.each(['succeeded', 'pending'] as const)(
    'that %s with another amount is not what was asked for: a person',
    status => {
      expect(fold(sentClaim(), { status, amount: '10' })).toMatchObject({
        state: 'parked',
        why: { code: 'other-amount' },
      })
    },
  )
  it('keeps the time of the first confirmation', () => {
    expect(fold(confirmedClaim({ confirmedAt: 5 })).confirmedAt).toBe(5)
  })
})

describe('a refund that the records do not show', () => {
  const judged = (over: Partial<Claim> = {}, keepsKeysMs = DAY_MS, report = reportOf(), now = NOW) =>
    judgeAbsent(sentClaim(over), report, { now, lookupsMs: LOOKUPS, keepsKeysMs })
  const state = (...given: Parameters<typeof judged>) => {
    const one = judged(...given)
    return one.do === 'write' ? `${one.claim.state}: ${one.claim.why?.code ?? ''}` : one.do
  }

  it('goes out again under the same key while the gateway still knows that', () => {
    expect(state()).toBe('resend')
    const margin = 600_000
    expect(state({}, DAY_MS, reportOf(), SEEN_AT + DAY_MS - margin - 1)).toBe('resend')
    expect(state({}, DAY_MS, reportOf(), SEEN_AT + DAY_MS - margin)).not.toBe('resend')
  })
  it('is looked up to the end where keys are not kept, and never sent again', () => {
    let claim = sentClaim()
    const steps: string[] = []
    for (let look = 0; look < 3; look++) {
      const one = judgeAbsent(claim, reportOf(), { now: NOW, lookupsMs: LOOKUPS, keepsKeysMs: 0 })
      if (one.do === 'write') claim = one.claim
      steps.push(one.do === 'write' ? `${claim.state} ${(claim.lookAt ?? NOW) - NOW}` : one.do)
    }
    expect(steps).toEqual(['uncertain 30000', 'uncertain 120000', 'parked 0'])
  })
  it('and was pending is never sent again, and put before a person in the end', () => {
    expect(state({ state: 'pending' })).toBe('pending: ')
    expect(state({ state: 'pending', lookups: 2 })).toBe('parked: not-found')
  })
  it('is refused for good when a refusal came after the silence, and all look-ups found nothing', () => {
    const refusal = { code: 'c', words: 'w' }
    expect(state({ sends: 2, refusal })).toMatch(/^uncertain/)
    expect(state({ sends: 2, refusal, lookups: LOOKUPS.length - 1 })).toBe('refused: c')
  })
  it('was given back by somebody else, if their refunds explain the 409; else a person', () => {
    const why = { code: 'already-refunded', words: null }
    const all = reportOf([found({ reference: 'theirs' })])
    expect(state({ why }, DAY_MS, all)).toBe('dropped: already-refunded')
    expect(state({ why }, DAY_MS, reportOf([found({ reference: 'theirs', amount: '20' })]))).toBe(
      'parked: already-refunded',
    )
    // The first of two sends may be the one that gave it back.
    expect(state({ why, sends: 2 }, DAY_MS, all)).toBe('parked: already-refunded')
  })
  it.each([
    ['one of the same amount, since, without a reference', { createdAt: SEEN_AT + 1 }, true],
    ['one whose time nobody knows', { createdAt: null }, true],
    ['one that is pending', { status: 'pending' as const }, true],
    ['one that was there before', { createdAt: SEEN_AT - HOUR_MS }, false],
    ['one of another amount', { amount: '29' }, false],
    ['one that failed', { status: 'failed' as const }, false],
    ['one with another reference', { reference: 'theirs' }, false],
  ])('%s may be ours: a person (%#)', (_says, over, isTwin) => {
    expect(state({}, DAY_MS, reportOf([found(over)]))).toBe(isTwin ? 'parked: amount-without-reference' : 'resend')
  })
})

describe('a ledger', () => {
  const claims = [
    confirmedClaim({ key: 'k0', target: '10' }),
    confirmedClaim({ key: 'k1', target: '30' }),
    claimOf({ key: 'k2', state: 'dropped', target: '99' }),
  ]
  it('counts what is confirmed, by the greatest total, and nothing else', () => {
    expect(confirmedTotal(ledgerOf(claims))).toBe('30')
    expect(confirmedTotal(ledgerOf([sentClaim({ state: 'pending' }), sentClaim({ state: 'failed' })]))).toBe('0')
    expect(confirmedTotal(emptyLedger('A'))).toBe('0')
  })
  it('knows the newest refund that was not dropped, and the one that is not final', () => {
    expect(latestClaim(ledgerOf(claims))?.key).toBe('k1')
    expect(latestClaim(emptyLedger('A'))).toBeNull()
    expect(openClaim(ledgerOf(claims))).toBeNull()
    for (const state of ['claimed', 'sending', 'uncertain', 'pending'] as const)
      expect(openClaim(ledgerOf([...claims, sentClaim({ key: 'k3', state })]))?.key).toBe('k3')
  })
  it('adds up what the gateway reports, but for what failed', () => {
    const refunds = [
      found({ amount: '1.5' }),
      found({ amount: '2.25', status: 'pending' }),
      found({ status: 'failed' }),
    ]
    expect(reportedTotal(reportOf(refunds))).toBe('3.75')
    expect(reportedTotal(null)).toBe('0')
  })
  it('has its look-ups’ pauses, the last of them for ever', () => {
    expect([0, 1, 2, 3, 99].map(lookups => lookupAfter(lookups, LOOKUPS))).toEqual([5_000, 30_000, 120_000, 120_000, 120_000]) // prettier-ignore
    expect(lookupAfter(0, [])).toBe(60_000)
  })
})
