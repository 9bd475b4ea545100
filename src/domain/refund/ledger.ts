import { addAmounts, compareAmounts, greatestAmount } from '../basics/money.ts'

/**
 * Where one refund stands. `claimed`: decided and written down, nothing sent · `sending`: on the wire, or its process died ·
 * `uncertain`: sent, and nobody knows · `pending`: the gateway has it and is not done · `confirmed`, `refused`, `failed`: final ·
 * `parked`: a person must look · `dropped`: given up before anything was sent.
 */
export type ClaimState =
  'claimed' | 'sending' | 'uncertain' | 'pending' | 'confirmed' | 'refused' | 'failed' | 'parked' | 'dropped'

/** One refund of one order: what is asked of the gateway is written down before it is asked, and asked again only in these words. */
export interface Claim {
  /** The idempotency key, and the reference by which the gateway's own records are searched. */
  key: string
  generation: number
  gateway: string
  transaction: string
  /** What this refund gives back, and what will have been given back in all once it has; canonical decimals. */
  amount: string
  target: string
  currency: string
  /** The request's body, byte for byte. */
  body: string
  /** The case that wanted it first. */
  wantedBy: string
  claimedAt: number
  state: ClaimState
  /** A person's word for exactly this amount. */
  approvedBy: string | null
  /** Why it waits for a person though it was claimed. */
  held: 'hourly-limit' | null
  /** The attempt that may write the answer; its time is Redis'. */
  attempt: string | null
  sendingAt: number | null
  firstSentAt: number | null
  sends: number
  /** Look-ups done since it was last sent, and when the next is due. */
  lookups: number
  lookAt: number | null
  refundId: string | null
  arn: string | null
  confirmedAt: number | null
  /** Why it was refused, failed, parked or is uncertain: a code of ours or the gateway's, and the gateway's words, masked. */
  why: Why | null
  /** A refusal that came after an unanswered try, and may be the echo of that try. */
  refusal: Why | null
  /** True once the order knows of it. */
  told: boolean
  /** The case whose resolution tells of this refund; one refund is told once. */
  answeredBy: string | null
}

export interface Why {
  code: string
  words: string | null
}

/** What the gateway last said it knows of an order's refunds. */
export interface Report {
  at: number
  /** The order's `rev` when the gateway was asked. */
  rev: number
  refunds: readonly ReportedRefund[]
  /** What it would still give back; null where it does not say. */
  refundable: string | null
}
export interface ReportedRefund {
  refundId: string
  status: 'succeeded' | 'pending' | 'failed'
  amount: string
  reference: string | null
  createdAt: number | null
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
  report: Report | null
}

export const emptyLedger = (orderId: string): Ledger => ({ orderId, version: 0, cases: 0, claims: [], report: null })

const OPEN: readonly ClaimState[] = ['claimed', 'sending', 'uncertain', 'pending']
/** The refund that is not final yet; there is at most one at a time. */
export const openClaim = (ledger: Ledger): Claim | null =>
  ledger.claims.find(claim => OPEN.includes(claim.state)) ?? null
/** The newest refund that was not dropped. */
export const latestClaim = (ledger: Ledger): Claim | null =>
  ledger.claims.findLast(claim => claim.state !== 'dropped') ?? null

/** What our own refunds have given back in all, confirmed. */
export const confirmedTotal = (ledger: Ledger): string =>
  greatestAmount(...ledger.claims.filter(claim => claim.state === 'confirmed').map(claim => claim.target))

/** What the gateway says it has given back or is giving back; `0` while it was never asked. */
export const reportedTotal = (report: Report | null): string =>
  totalOf(report?.refunds.filter(({ status }) => status !== 'failed') ?? [])

export const totalOf = (refunds: readonly ReportedRefund[]): string =>
  addAmounts(...refunds.map(({ amount }) => amount))

/** The order does not know yet that this refund was made, or that it was taken back. */
export const isUntold = ({ state, told, confirmedAt }: Claim): boolean =>
  !told && (state === 'confirmed' || (state === 'failed' && confirmedAt !== null))

/** Changes one claim of a ledger. */
export const withClaim = (ledger: Ledger, key: string, change: Partial<Claim>): Ledger => ({
  ...ledger,
  claims: ledger.claims.map(claim => (claim.key === key ? { ...claim, ...change } : claim)),
})

/** What a send came to, as far as the ledger is concerned. */
export type SendResult =
  | { said: 'refund'; refund: { refundId: string; status: 'succeeded' | 'pending' | 'failed'; amount: string; arn: string | null } }
  | { said: 'refused'; code: string; words: string }
  | { said: 'already-refunded' }
  | { said: 'not-taken'; why: string }
  | { said: 'nothing'; why: string } // prettier-ignore

/** Folds what a send came to into its claim; `now` is Redis' milliseconds. Whatever is not certain is looked up. */
export function foldSend(claim: Claim, result: SendResult, now: number, lookupsMs: readonly number[]): Claim {
  const unsure = (code: string): Claim => ({
    ...claim,
    attempt: null,
    state: 'uncertain',
    lookups: 0,
    // The more often it was sent in vain, the longer the pause.
    lookAt: now + lookupAfter(claim.sends - 1, lookupsMs),
    why: { code, words: null },
  })
  switch (result.said) {
    case 'refund':
      return compareAmounts(result.refund.amount, claim.amount) === 0
        ? foldFound(claim, { ...result.refund, reference: claim.key, createdAt: null }, now, lookupsMs)
        : unsure('other-amount')
    case 'refused':
      // Another body took effect under this key: ours was never asked for, or was and nobody told.
      if (result.code === 'key_reused') return unsure(result.code)
      // Refused after an unanswered try may be the echo of that try.
      return claim.sends > 1
        ? { ...unsure('refused-after-silence'), refusal: { code: result.code, words: result.words } }
        : { ...claim, attempt: null, state: 'refused', lookAt: null, why: { code: result.code, words: result.words } }
    case 'already-refunded':
      return unsure('already-refunded')
    case 'not-taken':
      // An earlier try of it may still have arrived.
      return claim.sends > 1
        ? unsure(result.why)
        : { ...claim, attempt: null, state: 'claimed', sends: 0, firstSentAt: null, sendingAt: null, lookAt: null }
    case 'nothing':
      return unsure(result.why)
  }
}

/** Folds a refund that bears our reference into its claim; one of another amount is not what was asked for, and a person must look. */
export function foldFound(claim: Claim, found: ReportedRefund, now: number, lookupsMs: readonly number[]): Claim {
  const known = { ...claim, attempt: null, refundId: found.refundId, arn: found.arn ?? claim.arn }
  if (found.status !== 'failed' && claim.state !== 'confirmed' && compareAmounts(found.amount, claim.amount) !== 0)
    return { ...known, state: 'parked', lookAt: null, why: { code: 'other-amount', words: null } }
  if (found.status === 'succeeded') {
    const isNew = claim.state !== 'confirmed'
    const lookups = isNew ? 0 : claim.lookups + 1
    // A success is looked at once more: some are taken back.
    const lookAt = lookups === 0 ? now + (lookupsMs.at(-1) ?? 0) : lookups === 1 ? now + DAY_MS : null
    return { ...known, state: 'confirmed', confirmedAt: claim.confirmedAt ?? now, lookups, lookAt, why: null }
  }
  if (found.status === 'pending') {
    const lookups = claim.state === 'pending' ? claim.lookups + 1 : 0
    return { ...known, state: 'pending', lookups, lookAt: now + lookupAfter(lookups, lookupsMs), why: null }
  }
  const code = claim.state === 'confirmed' ? 'failed-after-success' : 'failed'
  // What the order was told of a refund that is taken back is no longer true.
  return { ...known, state: 'failed', lookAt: null, told: false, why: { code, words: null } }
}

const DAY_MS = 86_400_000
export const lookupAfter = (lookups: number, lookupsMs: readonly number[]): number =>
  lookupsMs[Math.min(lookups, lookupsMs.length - 1)] ?? 60_000

/** What to do with a claim whose refund the gateway's records did not show. */
export type Absent = { do: 'resend' } | { do: 'write'; claim: Claim }

export interface AbsentTerms {
  now: number
  lookupsMs: readonly number[]
  /** For how long the gateway keeps idempotency keys; 0 = not at all. */
  keepsKeysMs: number
}

/**
 * Rule 11: proven absent, and the gateway still knows the key, the same key goes out again; otherwise the look-ups go on to their
 * end and a person is asked. A refund of the same amount without our reference may be ours: a person is asked at once.
 */
export function judgeAbsent(claim: Claim, report: Report, terms: AbsentTerms): Absent {
  const end = (state: ClaimState, why: Why): Absent => ({ do: 'write', claim: { ...claim, state, lookAt: null, why } })
  if (report.refunds.some(refund => isTwin(refund, claim)))
    return end('parked', { code: 'amount-without-reference', words: null })
  const lookups = claim.lookups + 1
  const isLast = lookups >= terms.lookupsMs.length
  const lookAgain: Absent = {
    do: 'write',
    claim: { ...claim, lookups, lookAt: terms.now + lookupAfter(lookups, terms.lookupsMs) },
  }
  // The try that was not answered may still be on its way: a refusal after it is final only when nothing has come of that one.
  if (claim.refusal !== null) return isLast ? end('refused', claim.refusal) : lookAgain
  if (claim.why?.code === 'already-refunded') {
    // Somebody else gave all of it back. Of a second send it could be the first that did.
    const isExplained = claim.sends === 1 && compareAmounts(reportedTotal(report), claim.target) >= 0
    return end(isExplained ? 'dropped' : 'parked', { code: 'already-refunded', words: null })
  }
  const sentForMs = terms.now - (claim.firstSentAt ?? terms.now)
  if (claim.state === 'uncertain' && sentForMs + KEY_MARGIN_MS < terms.keepsKeysMs) return { do: 'resend' }
  // What the gateway had, and has no more, nobody can tell either.
  return isLast ? end('parked', { code: 'not-found', words: null }) : lookAgain
}

/** A key about to be forgotten is no key. */
const KEY_MARGIN_MS = 600_000
/** Of the same amount, of about the same time, and without our reference. */
const isTwin = (refund: ReportedRefund, claim: Claim) =>
  refund.reference === null &&
  refund.status !== 'failed' &&
  compareAmounts(refund.amount, claim.amount) === 0 &&
  isSince(refund, claim)
const isSince = (refund: ReportedRefund, claim: Claim) =>
  refund.createdAt === null || claim.firstSentAt === null || refund.createdAt >= claim.firstSentAt - 60_000
