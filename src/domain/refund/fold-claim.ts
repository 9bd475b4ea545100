import { compareAmounts } from '../basics/money.ts'
import {
  baseOf,
  ended,
  type ClaimIn,
  type Claim,
  type ClaimReason,
  type GatewayReport,
  type ListedRefund,
} from './ledger.ts'

/** What a send came to, as far as the ledger is concerned. */
export type SendResult =
  | { said: 'refund'; refund: { refundId: string; status: 'succeeded' | 'pending' | 'failed'; amount: string; arn: string | null } }
  | { said: 'refused'; kind: 'final' | 'passing' | 'look-again'; code: string; words: string }
  | { said: 'not-taken'; why: string }
  | { said: 'nothing'; why: string } // prettier-ignore

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
/** How long a refusal that will pass is waited out. */
const PASSES_MS = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, 30 * MINUTE_MS]
/** A success is looked at again for 30 days: some are reported failed later. Days after it was confirmed. */
const WATCH_DAYS = [1, 3, 7, 14, 30]

/** Folds what a send came to into its claim; `now` is Redis' milliseconds. Whatever is not certain is looked up. */
export function foldSend(
  claim: ClaimIn<'sending'>,
  result: SendResult,
  now: number,
  lookupsMs: readonly number[],
): Claim {
  const base = baseOf(claim)
  // The more often it was sent in vain, the longer the pause.
  const lookAt = now + lookupAfter(claim.sends - 1, lookupsMs)
  const unsure = (code: string, refusal: ClaimReason | null = null): Claim => ({
    ...base,
    state: 'uncertain',
    lookups: 0,
    lookAt,
    reason: { code, words: null },
    refusal,
    absentSince: null,
  })
  const unsent = (notBefore: number | null, reason: ClaimReason | null): Claim => ({
    ...base,
    state: 'claimed',
    sends: 0,
    firstSentAt: null,
    held: null,
    notBefore,
    reason,
  })
  switch (result.said) {
    case 'refund':
      return compareAmounts(result.refund.amount, claim.amount) === 0
        ? foldFound(claim, { ...result.refund, reference: claim.key, createdAt: null }, now, lookupsMs)
        : unsure('other-amount')
    case 'refused': {
      const reason = { code: result.code, words: result.words }
      // Another body took effect under this key: ours was never asked for, or was and its answer was lost.
      if (result.code === 'key_reused') return unsure(result.code)
      // Refused after an unanswered try may be the echo of that try.
      if (claim.sends > 1)
        return unsure('refused-after-silence', result.kind === 'final' ? reason : { ...reason, kind: result.kind })
      if (result.kind === 'final') return ended(claim, 'refused', reason)
      // The account is read again, and a new plan is made from it.
      if (result.kind === 'look-again') return ended(claim, 'dropped', reason)
      const waitMs = PASSES_MS[Math.min(claim.refusals, PASSES_MS.length - 1)] ?? MINUTE_MS
      return { ...unsent(now + waitMs, reason), refusals: claim.refusals + 1 }
    }
    case 'not-taken':
      // An earlier try of it may still have arrived.
      return claim.sends > 1 ? unsure(result.why) : unsent(null, null)
    case 'nothing':
      return unsure(result.why)
  }
}

/** Folds a refund that bears our reference into its claim; one of another amount is not what was asked for, and a person must look. */
export function foldFound(claim: Claim, found: ListedRefund, now: number, lookupsMs: readonly number[]): Claim {
  const known = { ...baseOf(claim), refundId: found.refundId, arn: found.arn ?? claim.arn }
  if (found.status !== 'failed' && claim.state !== 'confirmed' && compareAmounts(found.amount, claim.amount) !== 0)
    return { ...known, state: 'parked', reason: { code: 'other-amount', words: null } }
  if (found.status === 'succeeded') {
    const confirmedAt = claim.confirmedAt ?? now
    const lookups = claim.state === 'confirmed' ? claim.lookups + 1 : 0
    return { ...known, state: 'confirmed', confirmedAt, lookups, lookAt: watchAt(confirmedAt, now, lookups, lookupsMs) }
  }
  if (found.status === 'pending') {
    const lookups = claim.state === 'pending' ? claim.lookups + 1 : 0
    return { ...known, state: 'pending', lookups, lookAt: now + lookupAfter(lookups, lookupsMs) }
  }
  const code = claim.state === 'confirmed' ? 'failed-after-success' : 'failed'
  // What the order's record has of a refund that is taken back is no longer true.
  return { ...known, state: 'failed', isRecorded: false, reason: { code, words: null } }
}

/** When a confirmed refund is looked at next, for 30 days. */
export function watchAt(
  confirmedAt: number,
  now: number,
  lookups: number,
  lookupsMs: readonly number[],
): number | null {
  if (lookups === 0) return now + (lookupsMs.at(-1) ?? 0)
  const next = WATCH_DAYS.map(days => confirmedAt + days * DAY_MS).find(at => at > now)
  return next ?? null
}

export const lookupAfter = (lookups: number, lookupsMs: readonly number[]): number =>
  lookupsMs[Math.min(lookups, lookupsMs.length - 1)] ?? MINUTE_MS

/** What to do with a claim whose refund the gateway's records did not show. */
export type Absent = { do: 'resend' } | { do: 'write'; claim: Claim }

export interface AbsentTerms {
  now: number
  lookupsMs: readonly number[]
  /** For how long the gateway replays idempotency keys; 0 = not at all. */
  keepsKeysMs: number
  /** How long a refund may be missing from the gateway's list. */
  listLagMs: number
}

/** A key about to be forgotten is no key. */
const KEY_MARGIN_MS = 600_000
const ABSENT_MS = 15 * MINUTE_MS

/**
 * The gateway's list does not show the refund. While the gateway replays the key, the same bytes go out again. Without keys that is
 * done only where the gateway states what is refundable, and every look for the longer of its list's lag and 15 minutes shows the refund
 * absent and that amount unchanged. Otherwise the look-ups go on to their end, and a person is asked.
 */
export function judgeAbsent(
  claim: ClaimIn<'uncertain' | 'pending'>,
  report: GatewayReport,
  terms: AbsentTerms,
): Absent {
  const { now, lookupsMs, keepsKeysMs } = terms
  const end = (state: 'parked' | 'refused' | 'dropped', reason: ClaimReason): Absent => ({
    do: 'write',
    claim: ended(claim, state, reason),
  })
  // A refund of the same amount without our reference may be ours.
  if (report.refunds.some(refund => isTwin(refund, claim)))
    return end('parked', { code: 'amount-without-reference', words: null })
  const lookups = claim.lookups + 1
  const isLast = lookups >= lookupsMs.length
  const isUnchanged = isStillRefundable(report, claim)
  const absentSince = isUnchanged && claim.state === 'uncertain' ? (claim.absentSince ?? now) : null
  const waitMs = Math.max(ABSENT_MS, terms.listLagMs)
  const provenAt = (absentSince ?? now) + waitMs
  const next = now + lookupAfter(lookups, lookupsMs)
  const lookAt = absentSince !== null && provenAt > now ? Math.min(next, provenAt) : next
  const again = { ...baseOf(claim), lookups }
  const lookAgain: Absent = {
    do: 'write',
    claim: claim.state === 'pending' ? { ...again, state: 'pending', lookAt } : { ...again, state: 'uncertain', lookAt, reason: claim.reason, refusal: claim.refusal, absentSince }, // prettier-ignore
  }
  // A refund that the gateway had and no longer lists is unknown too.
  if (claim.state === 'pending') return isLast ? end('parked', { code: 'not-found', words: null }) : lookAgain
  // The try that was not answered may still be on its way: a refusal after it is final only when nothing has come of that try.
  if (claim.refusal !== null) return isLast ? afterRefusal(claim, claim.refusal, now) : lookAgain
  if ((claim.firstSentAt ?? now) + keepsKeysMs > now + KEY_MARGIN_MS) return { do: 'resend' }
  const isProvable = keepsKeysMs === 0 && absentSince !== null
  if (isProvable && provenAt <= now) return { do: 'resend' }
  return isLast && !isProvable ? end('parked', { code: 'not-found', words: null }) : lookAgain
}

/** Nothing has come of the try before the refusal: the refusal is worth what its kind says. */
function afterRefusal(claim: ClaimIn<'uncertain'>, refusal: ClaimReason, now: number): Absent {
  if (refusal.kind === 'look-again') return { do: 'write', claim: ended(claim, 'dropped', refusal) }
  if (refusal.kind !== 'passing') return { do: 'write', claim: ended(claim, 'refused', refusal) }
  const refusals = claim.refusals + 1
  return {
    do: 'write',
    claim: { ...baseOf(claim), refusals, state: 'claimed', held: null, notBefore: now, reason: refusal },
  }
}

const isStillRefundable = ({ refundable }: GatewayReport, { refundableBefore }: Claim) =>
  refundable !== null && refundableBefore !== null && compareAmounts(refundable, refundableBefore) === 0

/** Of the same amount, of about the same time, and without our reference. */
const isTwin = (refund: ListedRefund, claim: Claim) =>
  refund.reference === null &&
  refund.status !== 'failed' &&
  compareAmounts(refund.amount, claim.amount) === 0 &&
  (refund.createdAt === null || claim.firstSentAt === null || refund.createdAt >= claim.firstSentAt - MINUTE_MS)
