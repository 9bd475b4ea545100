import { describe, expect, it } from 'vitest'
import { baseOf, confirmedTotal, emptyLedger, ended, isListingOf, isUnrecorded, lastTriedAt, latestClaim, listedTotal, listingOf, lookAtOf, openClaim, withClaim, type Claim, type ClaimIn } from '../../src/domain/refund/ledger.ts' // prettier-ignore
import {
  foldFound,
  foldSend,
  judgeAbsent,
  lookupAfter,
  watchAt,
  type SendResult,
} from '../../src/domain/refund/fold-claim.ts'
import {
  claimed, confirmed, DAY_MS, HOUR_MS, ledgerOf, listed, MINUTE_MS, NOW, pending, reportOf, SEEN_AT, sending, stopped, uncertain,
} from './build-case.ts' // prettier-ignore

const LOOKUPS = [5_000, 30_000, 120_000]
const folded = (result: SendResult, claim = sending(), now = NOW) => foldSend(claim, result, now, LOOKUPS)
const refund = (status: 'succeeded' | 'pending' | 'failed', amount = '30'): SendResult => ({
  said: 'refund',
  refund: { refundId: 'r1', status, amount, arn: '9' },
})
const refused = (kind: 'final' | 'passing' | 'look-again', code = 'c'): SendResult => ({ said: 'refused', kind, code, words: 'w' }) // prettier-ignore
const codeOf = (claim: Claim) => ('reason' in claim ? (claim.reason?.code ?? null) : null)

describe('what a send of a refund came to', () => {
  it.each<[says: string, result: SendResult, sends: number, state: string, code: string | null]>([
    ['succeeded', refund('succeeded'), 1, 'confirmed', null],
    ['pending', refund('pending'), 1, 'pending', null],
    ['failed', refund('failed'), 1, 'failed', 'failed'],
    ['a refund of another amount', refund('succeeded', '29.99'), 1, 'uncertain', 'other-amount'],
    ['the same amount, written otherwise', refund('succeeded', '30.00'), 1, 'confirmed', null],
    ['a final refusal', refused('final'), 1, 'refused', 'c'],
    ['a refusal that will pass', refused('passing', 'try_later'), 1, 'claimed', 'try_later'],
    ['a refusal that means “look again”', refused('look-again', 'already_refunded'), 1, 'dropped', 'already_refunded'],
    ['a final refusal after silence', refused('final'), 2, 'uncertain', 'refused-after-silence'],
    ['a passing refusal after silence', refused('passing'), 2, 'uncertain', 'refused-after-silence'],
    ['“look again” after silence', refused('look-again'), 2, 'uncertain', 'refused-after-silence'],
    ['the key was used with another body', refused('final', 'key_reused'), 1, 'uncertain', 'key_reused'],
    ['the key was used with another body, after silence', refused('final', 'key_reused'), 2, 'uncertain', 'key_reused'],
    ['no answer', { said: 'nothing', why: 'timeout' }, 1, 'uncertain', 'timeout'],
    ['no answer again', { said: 'nothing', why: 'reset' }, 2, 'uncertain', 'reset'],
    ['surely not taken', { said: 'not-taken', why: 'unsent' }, 1, 'claimed', null],
    ['surely not taken, after silence', { said: 'not-taken', why: 'unsent' }, 2, 'uncertain', 'unsent'],
  ])('%s', (_says, result, sends, state, code) => {
    const after = folded(result, sending({ sends }))
    expect([after.state, codeOf(after)]).toEqual([state, code])
    expect(after).not.toHaveProperty('attempt')
    // Whatever came of it, what was asked for stays as it was stored.
    expect([after.key, after.body, after.amount, after.target]).toEqual(['k1', '{}', '30', '30'])
  }) // prettier-ignore

  it('a call that never left counts as none', () => {
    expect(folded({ said: 'not-taken', why: 'unsent' })).toMatchObject({ state: 'claimed', sends: 0, firstSentAt: null, notBefore: null }) // prettier-ignore
  })

  it('a refusal that will pass is waited out longer each time, and keeps the gateway’s words', () => {
    const waits = [0, 1, 2, 3, 9].map(refusals => folded(refused('passing', 'try_later'), sending({ refusals })))
    expect(waits.map(one => one.state === 'claimed' && (one.notBefore ?? 0) - NOW)).toEqual([1, 5, 15, 30, 30].map(minutes => minutes * MINUTE_MS)) // prettier-ignore
    expect(waits[0]).toMatchObject({ sends: 0, firstSentAt: null, refusals: 1, reason: { code: 'try_later', words: 'w' } }) // prettier-ignore
    expect(waits[4]).toMatchObject({ refusals: 10 })
  })

  it('a refusal after silence is kept: it may be the echo of the first try', () => {
    expect(folded(refused('final'), sending({ sends: 2 }))).toMatchObject({ refusal: { code: 'c', words: 'w' }, absentSince: null }) // prettier-ignore
    expect(folded({ said: 'nothing', why: 't' })).toMatchObject({ refusal: null })
  })

  it('what was sent in vain more often is looked up later', () => {
    const pause = (sends: number) => (lookAtOf(folded({ said: 'nothing', why: 't' }, sending({ sends }))) ?? 0) - NOW
    expect([1, 2, 3, 4, 9].map(pause)).toEqual([5_000, 30_000, 120_000, 120_000, 120_000])
  })

  it('the gateway’s own references are kept', () => {
    expect(folded(refund('succeeded'))).toMatchObject({ refundId: 'r1', arn: '9', confirmedAt: NOW })
  })
})

describe('a refund found by our reference', () => {
  const fold = (claim: Claim, over: Parameters<typeof listed>[0] = {}, now = NOW) =>
    foldFound(claim, listed({ reference: 'k1', ...over }), now, LOOKUPS)

  it('is the echo of a refund that took effect in silence: it is confirmed, whatever the refusal said', () => {
    expect(fold(uncertain({ refusal: { code: 'already_refunded', words: null }, sends: 2 })).state).toBe('confirmed')
    expect(fold(stopped('parked')).state).toBe('confirmed')
  })

  it('is watched for 30 days once it succeeded, for some are taken back', () => {
    const first = fold(uncertain())
    expect(first).toMatchObject({ state: 'confirmed', confirmedAt: NOW, lookAt: NOW + 120_000 })
    const looks: number[] = []
    let claim: Claim = first
    for (let look = 0; look < 9 && lookAtOf(claim) !== null; look++) {
      const at = lookAtOf(claim)!
      looks.push(at - NOW)
      claim = fold(claim, {}, at)
    }
    expect(looks.map(ms => ms / DAY_MS)).toEqual([120_000 / DAY_MS, 1, 3, 7, 14, 30])
    expect(claim).toMatchObject({ state: 'confirmed', confirmedAt: NOW, lookAt: null })
  })

  it('that fails after it succeeded is noticed on the thirtieth day too, and the order’s record is no longer true', () => {
    const late = fold(confirmed({ confirmedAt: NOW - 30 * DAY_MS }), { status: 'failed' })
    expect(late).toMatchObject({ state: 'failed', isRecorded: false, reason: { code: 'failed-after-success' } })
    expect(fold(uncertain(), { status: 'failed' })).toMatchObject({ state: 'failed', reason: { code: 'failed' } })
    expect(watchAt(NOW, NOW + 30 * DAY_MS, 9, LOOKUPS)).toBeNull()
    expect(watchAt(NOW, NOW + 30 * DAY_MS - 1, 9, LOOKUPS)).toBe(NOW + 30 * DAY_MS)
  })

  it('and pending is looked up with longer and longer pauses, without end', () => {
    let claim: Claim = uncertain()
    const pauses = Array.from({ length: 5 }, () => {
      claim = fold(claim, { status: 'pending' })
      return (lookAtOf(claim) ?? 0) - NOW
    })
    expect(pauses).toEqual([5_000, 30_000, 120_000, 120_000, 120_000])
    expect(claim.state).toBe('pending')
  })

  it.each(['succeeded', 'pending'] as const)(
    'and %s with another amount is not what was asked for: a person',
    status => {
      // prettier-ignore
      expect(fold(uncertain(), { status, amount: '10' })).toMatchObject({ state: 'parked', reason: { code: 'other-amount' } }) // prettier-ignore
    },
  )

  it('and failed, or confirmed before, may bear another amount', () => {
    expect(fold(uncertain(), { status: 'failed', amount: '10' })).toMatchObject({ state: 'failed' })
    expect(fold(confirmed(), { amount: '10' })).toMatchObject({ state: 'confirmed', lookups: 1 })
    expect(fold(confirmed({ lookups: 3 }), {}).lookups).toBe(4)
  })

  it('keeps the time of the first confirmation, and the ARN that the list leaves out', () => {
    expect(fold(confirmed({ confirmedAt: 5, arn: '9' }))).toMatchObject({ confirmedAt: 5, arn: '9' })
    expect(fold(uncertain({ arn: '9' }), { arn: '8' }).arn).toBe('8')
  })
})

describe('a refund that the gateway’s list does not show', () => {
  type Terms = { keepsKeysMs?: number; listLagMs?: number; now?: number }
  const judged = (claim: ClaimIn<'uncertain' | 'pending'>, report = reportOf(), { keepsKeysMs = DAY_MS, listLagMs = 2 * MINUTE_MS, now = NOW }: Terms = {}) =>
    judgeAbsent(claim, report, { now, lookupsMs: LOOKUPS, keepsKeysMs, listLagMs }) // prettier-ignore
  const state = (...given: Parameters<typeof judged>) => {
    const one = judged(...given)
    return one.do === 'write' ? `${one.claim.state}: ${codeOf(one.claim) ?? ''}` : one.do
  }

  it('goes out again under the same key while the gateway still replays that key', () => {
    expect(state(uncertain())).toBe('resend')
    const margin = 10 * MINUTE_MS
    expect(state(uncertain(), reportOf(), { now: SEEN_AT + DAY_MS - margin - 1 })).toBe('resend')
    expect(state(uncertain(), reportOf(), { now: SEEN_AT + DAY_MS - margin })).toBe('uncertain: timeout')
    expect(state(uncertain({ lookups: 2 }), reportOf(), { now: SEEN_AT + DAY_MS - margin })).toBe('parked: not-found')
  })

  /** The steps of a claim that the list never shows, each at the time that the last one asked for. */
  function looks(refundable: readonly (string | null)[], listLagMs = 2 * MINUTE_MS, refundableBefore: string | null = '30') {
    let [claim, now]: [ClaimIn<'uncertain'>, number] = [uncertain({ refundableBefore, lookAt: NOW }), NOW]
    const steps: string[] = []
    for (let look = 0; look < 60; look++) {
      const report = reportOf([], { refundable: refundable[Math.min(look, refundable.length - 1)]! })
      const one = judged(claim, report, { keepsKeysMs: 0, listLagMs, now })
      if (one.do === 'resend' || one.claim.state !== 'uncertain') {
        steps.push(one.do === 'resend' ? `resend after ${(now - NOW) / MINUTE_MS} min` : `${one.claim.state}: ${codeOf(one.claim)}`) // prettier-ignore
        break
      }
      steps.push('look')
      claim = one.claim
      now = claim.lookAt
    }
    return steps
  } // prettier-ignore

  it('without keys goes out again once every look for 15 minutes shows it absent and the refundable amount unchanged', () => {
    expect(looks(['30']).at(-1)).toBe('resend after 15 min')
    expect(looks(['30'], 40 * MINUTE_MS).at(-1)).toBe('resend after 40 min')
    expect(looks(['30'], MINUTE_MS).at(-1)).toBe('resend after 15 min')
  })

  it('without keys is never sent again where the refundable amount is not stated, or is another', () => {
    for (const stated of [[null], ['0'], ['29.99']]) expect(looks(stated)).toEqual(['look', 'look', 'parked: not-found']) // prettier-ignore
    expect(looks(['30'], MINUTE_MS, null)).toEqual(['look', 'look', 'parked: not-found'])
  })

  it('without keys is not sent again when the amount changed at any look', () => {
    expect(looks(['30', '30', '30', '0'])).toEqual(['look', 'look', 'look', 'parked: not-found'])
    // It was unchanged for less than 15 minutes since it last differed.
    const [first, ...rest] = looks(['0', '30'])
    expect([first, rest.at(-1)]).toEqual(['look', expect.stringMatching(/^resend after 15\.\d+ min$/)])
  })

  it('and was pending is never sent again, and put before a person in the end', () => {
    expect(state(pending())).toBe('pending: ')
    expect(state(pending({ lookups: 2 }))).toBe('parked: not-found')
    expect(state(pending({ lookups: 2 }), reportOf(), { keepsKeysMs: 0 })).toBe('parked: not-found')
  })

  it('is refused for good when a refusal came after the silence, and all looks found nothing', () => {
    const refusal = { code: 'c', words: 'w' }
    expect(state(uncertain({ sends: 2, refusal }))).toBe('uncertain: timeout')
    expect(state(uncertain({ sends: 2, refusal, lookups: LOOKUPS.length - 1 }))).toBe('refused: c')
  })

  it('after a refusal that followed silence is worth what the refusal’s kind says', () => {
    const after = (kind: 'final' | 'passing' | 'look-again') => judged(uncertain({ sends: 2, lookups: 2, refusals: 1, refusal: { code: 'c', words: 'w', ...(kind !== 'final' && { kind }) } })) // prettier-ignore
    const claimOf = (kind: Parameters<typeof after>[0]) => {
      const one = after(kind)
      return one.do === 'write' ? one.claim : null
    }
    expect(claimOf('final')).toMatchObject({ state: 'refused', reason: { code: 'c', words: 'w' } })
    expect(claimOf('look-again')).toMatchObject({ state: 'dropped', reason: { code: 'c' }, sends: 2 })
    expect(claimOf('passing')).toMatchObject({ state: 'claimed', notBefore: NOW, refusals: 2, held: null, reason: { code: 'c' } }) // prettier-ignore
  })

  it('is looked up at the end of its 15 minutes, when that comes before the next look', () => {
    const before = { refundableBefore: '30', lookups: 1 }
    const lookAt = (absentSince: number | null, keepsKeysMs = 0) => {
      const one = judged(uncertain({ ...before, absentSince }), reportOf(), { keepsKeysMs })
      return one.do === 'write' ? (lookAtOf(one.claim) ?? 0) - NOW : one.do
    }
    expect([lookAt(null), lookAt(NOW - 14 * MINUTE_MS), lookAt(NOW - 15 * MINUTE_MS + 1), lookAt(NOW - 15 * MINUTE_MS)]).toEqual([120_000, 60_000, 1, 'resend']) // prettier-ignore
    const pended = judged(pending({ refundableBefore: '30', lookups: 0 }), reportOf(), { keepsKeysMs: 0 })
    expect(pended).toMatchObject({ do: 'write', claim: { state: 'pending', lookAt: NOW + 30_000 } })
    // A gateway that replays keys for some time only proves nothing by its amounts.
    expect(state(uncertain({ ...before, lookups: 2, absentSince: SEEN_AT - DAY_MS }), reportOf(), { keepsKeysMs: 1, now: NOW + DAY_MS })).toBe('parked: not-found') // prettier-ignore
  })

  it.each([
    ['of the same amount, since, without a reference', {}, true],
    ['whose time is not known', { createdAt: null }, true],
    ['that is pending', { status: 'pending' as const }, true],
    ['a minute before ours was sent', { createdAt: SEEN_AT - MINUTE_MS }, true],
    ['from before', { createdAt: SEEN_AT - MINUTE_MS - 1 }, false],
    ['of another amount', { amount: '29' }, false],
    ['that failed', { status: 'failed' as const }, false],
    ['with another reference', { reference: 'theirs' }, false],
  ])('beside a refund %s may be that one: a person decides', (_says, over, isTwin) => {
    expect(state(uncertain(), reportOf([listed(over)]))).toBe(isTwin ? 'parked: amount-without-reference' : 'resend')
  })
})

describe('a ledger', () => {
  const claims: Claim[] = [
    confirmed({ key: 'k0', target: '10' }),
    confirmed({ key: 'k1', target: '30' }),
    stopped('dropped', 'c', { key: 'k2', target: '99' }),
  ]
  it('counts what is confirmed, by the greatest total, and nothing else', () => {
    expect(confirmedTotal(ledgerOf(claims))).toBe('30')
    expect(confirmedTotal(ledgerOf([pending(), stopped('failed')]))).toBe('0')
    expect(confirmedTotal(emptyLedger('A'))).toBe('0')
  })
  it('knows the newest refund that was not dropped, and the one that is not final', () => {
    expect(latestClaim(ledgerOf(claims))?.key).toBe('k1')
    expect(latestClaim(emptyLedger('A'))).toBeNull()
    expect(openClaim(ledgerOf(claims))).toBeNull()
    for (const open of [claimed, sending, uncertain, pending])
      expect(openClaim(ledgerOf([...claims, open({ key: 'k3' })]))?.key).toBe('k3')
  })
  it('adds up what the gateway lists, but for what failed', () => {
    const refunds = [listed({ amount: '1.5' }), listed({ amount: '2.25', status: 'pending' }), listed({ status: 'failed' })] // prettier-ignore
    expect(listedTotal(reportOf(refunds))).toBe('3.75')
    expect(listedTotal(null)).toBe('0')
  })
  it('has its look-ups’ pauses, the last of them for ever', () => {
    expect([0, 1, 2, 3, 99].map(lookups => lookupAfter(lookups, LOOKUPS))).toEqual([5_000, 30_000, 120_000, 120_000, 120_000]) // prettier-ignore
    expect(lookupAfter(0, [])).toBe(MINUTE_MS)
  })
  it('has a refund to record when it was confirmed, or taken back, and the order does not have that yet', () => {
    const isRecorded = false
    const all = [confirmed({ isRecorded }), confirmed(), pending({ isRecorded }), stopped('failed', 'c', { isRecorded }), stopped('failed', 'c', { isRecorded, confirmedAt: 5 })] // prettier-ignore
    expect(all.map(isUnrecorded)).toEqual([true, false, false, false, true])
  })
  it('knows which listed refund is its own: by reference, or without one by the gateway’s id', () => {
    const mine = uncertain({ refundId: 'r-1' })
    expect([listed({ reference: 'k1', refundId: 'x' }), listed({ reference: null, refundId: 'r-1' }), listed({ reference: 'other', refundId: 'r-1' }), listed({ refundId: 'r-2' })].map(one => isListingOf(one, mine))).toEqual([true, true, false, false]) // prettier-ignore
    expect(isListingOf(listed({ reference: null, refundId: 'null' }), uncertain())).toBe(false)
  })

  it('is one that succeeded where the gateway made several under one key, else one that is pending', () => {
    const made = (['failed', 'pending', 'succeeded'] as const).map(status => listed({ reference: 'k1', refundId: status, status })) // prettier-ignore
    const found = (...refunds: typeof made) => listingOf(refunds, claimed())?.refundId
    expect([found(...made), found(...made.slice(0, 2)), found(made[0]!), found()]).toEqual(['succeeded', 'pending', 'failed', undefined]) // prettier-ignore
    expect(listingOf([listed({ reference: 'other' })], claimed())).toBeUndefined()
  })
  it('knows when a refund was last tried: on the wire, else first sent, else decided', () => {
    expect(lastTriedAt(sending({ sendingAt: 9 }))).toBe(9)
    expect(lastTriedAt(sending({ sendingAt: null }))).toBe(SEEN_AT)
    expect(lastTriedAt(uncertain({ firstSentAt: 7 }))).toBe(7)
    expect(lastTriedAt(claimed({ claimedAt: 5 }))).toBe(5)
    expect([lastTriedAt(claimed({ claimedAt: 5, approvedAt: 8 })), lastTriedAt(claimed({ claimedAt: 9, approvedAt: 8 }))]).toEqual([8, 9]) // prettier-ignore
  })
  it('puts a changed refund in its place, and keeps of one state nothing in another', () => {
    const ledger = withClaim(ledgerOf([claimed({ key: 'k0' }), sending()]), ended(sending(), 'parked', { code: 'x', words: null })) // prettier-ignore
    expect(ledger.claims.map(({ key, state }) => `${key} ${state}`)).toEqual(['k0 claimed', 'k1 parked'])
    expect(Object.keys(baseOf(uncertain())).filter(key => ['state', 'lookAt', 'reason', 'refusal', 'absentSince'].includes(key))).toEqual([]) // prettier-ignore
  })
  it('has a time of looking up only for what is uncertain, pending or watched', () => {
    const at = NOW + HOUR_MS
    expect([uncertain({ lookAt: at }), pending({ lookAt: at }), confirmed({ lookAt: at }), confirmed(), claimed(), sending(), stopped('parked')].map(lookAtOf)).toEqual([at, at, at, null, null, null, null]) // prettier-ignore
  })
})

it('a refusal after silence keeps what it is worth, for when nothing has come of the silent try', () => {
  const kept = (kind: 'final' | 'passing' | 'look-again') => foldSend(sending({ sends: 2 }), { said: 'refused', kind, code: 'c', words: 'w' }, NOW, [5_000]) // prettier-ignore
  expect(kept('final')).toMatchObject({ refusal: { code: 'c', words: 'w' } })
  expect(kept('final')).not.toHaveProperty('refusal.kind')
  expect(kept('passing')).toMatchObject({ refusal: { code: 'c', words: 'w', kind: 'passing' } })
  expect(kept('look-again')).toMatchObject({ refusal: { kind: 'look-again' } })
})
