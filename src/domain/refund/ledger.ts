import { addAmounts, compareAmounts, greatestAmount } from '../basics/money.ts'

/**
 * Where one refund is. `claimed`: decided and stored, nothing sent · `sending`: on the wire, or its process died · `uncertain`: sent,
 * arrival unknown · `pending`: the gateway has accepted and not confirmed it · `confirmed`, `refused`, `failed`: final · `parked`: a
 * person must look · `dropped`: given up before it was sent.
 */
export type ClaimState = Claim['state']

/** What every refund of an order has: what is asked of the gateway is stored before it is asked, and asked again only in these words. */
interface ClaimBase {
  /** The idempotency key, and the reference by which the gateway's own records are searched. */
  key: string
  generation: number
  gateway: string
  transaction: string
  /** What this refund gives back, and what will have been refunded in all once it has; canonical decimals. */
  amount: string
  target: string
  currency: string
  /** The request's body, byte for byte. */
  body: string
  /** The case that asked for it, and until when it may go out without another look by a person (null: no deadline). */
  wantedBy: string
  respondBy: number | null
  claimedAt: number
  /** Who released exactly this amount, and when; null: nobody had to. */
  approvedBy: string | null
  approvedAt: number | null
  firstSentAt: number | null
  sends: number
  /** Look-ups since it was last sent. */
  lookups: number
  refundId: string | null
  arn: string | null
  confirmedAt: number | null
  /** True once the order's record has it. */
  isRecorded: boolean
  /** How often the gateway refused it for the time being. */
  refusals: number
  /** What the gateway stated as refundable when it was planned; null: not stated. */
  refundableBefore: string | null
}

/** One refund of one order; what a state does not need it does not have. */
export type Claim = ClaimBase &
  (
    | { state: 'claimed'; held: 'hourly-limit' | null; notBefore: number | null; reason: ClaimReason | null }
    | { state: 'sending'; attempt: string; sendingAt: number | null }
    /** `refusal`: a refusal after an unanswered try, which may be the echo of that try. `absentSince`: every look since shows it absent. */
    | {
        state: 'uncertain'
        lookAt: number
        reason: ClaimReason
        refusal: ClaimReason | null
        absentSince: number | null
      }
    | { state: 'pending'; lookAt: number }
    | { state: 'confirmed'; lookAt: number | null }
    | { state: 'refused'; reason: ClaimReason }
    | { state: 'failed'; reason: ClaimReason }
    | { state: 'parked'; reason: ClaimReason }
    | { state: 'dropped'; reason: ClaimReason }
  )

export type ClaimIn<State extends ClaimState> = State extends ClaimState ? Extract<Claim, { state: State }> : never

/** Why a refund is where it is: a code of ours or the gateway's, and the gateway's words, masked. */
export interface ClaimReason {
  code: string
  words: string | null
  /** Of a refusal: what it is worth (see `SendResult`); absent: final. */
  kind?: 'passing' | 'look-again'
}

/** What the gateway last stated about an order's refunds. */
export interface GatewayReport {
  at: number
  /** The order's `rev` when the gateway was asked. */
  rev: number
  refunds: readonly ListedRefund[]
  /** What it would still refund, and in which currency; null where it does not state it. */
  refundable: string | null
  currency: string | null
  /** False: the sale cannot be refunded yet. Null: not stated. */
  settled: boolean | null
}
export interface ListedRefund {
  refundId: string
  status: 'succeeded' | 'pending' | 'failed'
  amount: string
  reference: string | null
  createdAt: number | null
  /** The time is known only to the day: it is that day's end. */
  isDayOnly?: true
  arn: string | null
}

/** Everything that was ever refunded, or tried, for one order. It outlives the order. */
export interface Ledger {
  orderId: string
  /** Count of writes; a write that read an older one is refused. */
  version: number
  /** Count of what became known to the order's cases since; a send that read an older one is refused. */
  cases: number
  claims: readonly Claim[]
  report: GatewayReport | null
}

export const emptyLedger = (orderId: string): Ledger => ({ orderId, version: 0, cases: 0, claims: [], report: null })

const OPEN: readonly ClaimState[] = ['claimed', 'sending', 'uncertain', 'pending']
/** The refund that is not final yet; there is at most one at a time. */
export const openClaim = (ledger: Ledger): Claim | null =>
  ledger.claims.find(({ state }) => OPEN.includes(state)) ?? null
/** The newest refund that was not dropped. */
export const latestClaim = (ledger: Ledger): Claim | null =>
  ledger.claims.findLast(({ state }) => state !== 'dropped') ?? null
export const confirmedClaims = (ledger: Ledger): ClaimIn<'confirmed'>[] =>
  ledger.claims.filter(claim => claim.state === 'confirmed')

const NOT_MOVED: readonly ClaimState[] = ['refused', 'failed', 'dropped']
/** Money may have moved by this claim. */
export const mayHaveMoved = (claim: Claim): boolean => claim.sends > 0 && !NOT_MOVED.includes(claim.state)

/** What had been refunded in all once our last confirmed refund had. */
export const confirmedTotal = (ledger: Ledger): string =>
  greatestAmount(...confirmedClaims(ledger).map(({ target }) => target))

/** The sum of listed refunds. */
export const totalOf = (refunds: readonly ListedRefund[]): string => addAmounts(...refunds.map(({ amount }) => amount))
/** What the gateway lists as refunded or being refunded; `0` while it was never asked. */
export const listedTotal = (report: GatewayReport | null): string =>
  totalOf(report?.refunds.filter(({ status }) => status !== 'failed') ?? [])

/** The listed refund is this claim's: by our reference, or where the list has none by the gateway's own id. */
export const isListingOf = (refund: ListedRefund, { key, refundId }: Claim): boolean =>
  refund.reference === key || (refund.reference === null && refundId !== null && refund.refundId === refundId)

/** The order's record does not have this refund yet, or not that it was taken back. */
export const isUnrecorded = ({ state, isRecorded, confirmedAt }: Claim): boolean =>
  !isRecorded && (state === 'confirmed' || (state === 'failed' && confirmedAt !== null))

/** When a claim was last put on the wire, or decided; what released it last is used up by that. */
export const lastTriedAt = (claim: Claim): number =>
  Math.max(
    (claim.state === 'sending' ? claim.sendingAt : null) ?? claim.firstSentAt ?? claim.claimedAt,
    claim.approvedAt ?? 0,
  )

/** When the claim is looked up next; null: not at all. */
export const lookAtOf = (claim: Claim): number | null =>
  claim.state === 'uncertain' || claim.state === 'pending' || claim.state === 'confirmed' ? claim.lookAt : null

/** Puts a changed claim in the place of the one with its key. */
export const withClaim = (ledger: Ledger, after: Claim): Ledger => ({
  ...ledger,
  claims: ledger.claims.map(claim => (claim.key === after.key ? after : claim)),
})

/** What every state has, without the fields of one state. */
export const baseOf = (claim: Claim): ClaimBase => {
  const { key, generation, gateway, transaction, amount, target, currency, body, wantedBy, respondBy, claimedAt, approvedBy, approvedAt, firstSentAt, sends, lookups, refundId, arn, confirmedAt, isRecorded, refusals, refundableBefore } = claim // prettier-ignore
  return { key, generation, gateway, transaction, amount, target, currency, body, wantedBy, respondBy, claimedAt, approvedBy, approvedAt, firstSentAt, sends, lookups, refundId, arn, confirmedAt, isRecorded, refusals, refundableBefore } // prettier-ignore
}

/** A claim that ends in a state with a reason. */
export const ended = (
  claim: Claim,
  state: 'refused' | 'failed' | 'parked' | 'dropped',
  reason: ClaimReason,
): Claim => ({
  ...baseOf(claim),
  state,
  reason,
})
/** A refund that came to nothing, or whose fate is not known. */
export type StoppedClaim = ClaimIn<'refused' | 'failed' | 'parked'>

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
      // The account is read anew, and the plan is made anew from it.
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
  // What the gateway had, and has no more, nobody can tell either.
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
