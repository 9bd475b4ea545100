import type { OrderMoney } from '../account/order-money.ts'
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
  /** Who released exactly this amount, and when; null: no release was needed. */
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
  /** Kept when its order was erased and no failure could come any more: the networks of the alerts that the order had. */
  networks?: readonly string[]
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

/** The listed refund of a claim; where a gateway that did not keep its key made several, one that succeeded, else one that may. */
export function listingOf(refunds: readonly ListedRefund[], claim: Claim): ListedRefund | undefined {
  const listed = refunds.filter(refund => isListingOf(refund, claim))
  const of = (status: ListedRefund['status']) => listed.find(one => one.status === status)
  return of('succeeded') ?? of('pending') ?? of('failed')
}

/** The gateway lists more for one of our refunds than it was asked for: it did not keep its key. */
export const isRefundedTwice = ({ claims, report }: Ledger): boolean =>
  claims.some(claim => {
    const listed = report?.refunds.filter(one => one.status === 'succeeded' && isListingOf(one, claim)) ?? []
    return compareAmounts(totalOf(listed), claim.amount) > 0
  })

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

/**
 * An erased order that our own refunds gave back whole, as its ledger knows it: the gateway stated that nothing more was refundable, and
 * none of the refunds could still fail when the order was erased. Null: the ledger alone does not prove that.
 */
export function erasedOrder(ledger: Ledger): (OrderMoney & { networks: readonly string[] }) | null {
  const claims = ledger.claims.filter(({ state }) => state !== 'dropped')
  const [currency, ...others] = new Set(claims.map(claim => claim.currency))
  const last = claims.at(-1)
  const isProven = claims.every(({ state, networks }) => state === 'confirmed' && networks !== undefined)
  if (currency === undefined || others.length > 0 || !isProven || last?.refundableBefore !== last?.amount) return null
  return {
    networks: claims.flatMap(({ networks = [] }) => networks),
    orderId: ledger.orderId,
    rev: 0,
    settled: true,
    neverPaid: null,
    unpaidNow: null,
    captured: confirmedTotal(ledger),
    isCaptureStated: false,
    total: null,
    currency,
    reported: null,
    chargeback: false,
    fraud: false,
    transactionId: null,
    arn: null,
    authCode: null,
    cardFirst6: null,
    cardLast4: null,
    eci: null,
    cardBrand: null,
    merchantAccount: null,
    descriptor: null,
    isWallet: false,
    soldAt: null,
    acknowledgedTotal: null,
    holds: [],
  }
}
