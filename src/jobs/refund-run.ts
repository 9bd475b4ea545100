import {
  isUnrecorded, lookAtOf as claimLookAt, withClaim, type Claim, type GatewayReport, type Ledger, type StoppedClaim,
} from '../domain/refund/ledger.ts' // prettier-ignore
import type { RefundView } from '../domain/refund/plan.ts'
import type { RefundGateway } from '../gateways/gateway.ts'
import type { StartCommit } from '../redis/commits.ts'
import type { OrderStore } from '../store/order-store.ts'
import type { RefundStore } from '../store/refund-store.ts'
import type { Outcome, RunContext } from './job.ts'
import {
  accountsOf,
  looseAlerts,
  NO_ALERTS,
  readOrder,
  stillMatched,
  termsNow,
  type CaseViewDeps,
} from './read-case-view.ts'
import type { Wants } from './wants.ts'

/** What refunding an order needs; durations in milliseconds. */
export interface RefundOrderDeps extends Pick<
  CaseViewDeps,
  'cases' | 'sources' | 'caseTerms' | 'redisNow' | 'rollback'
> {
  orders: CaseViewDeps['orders'] & Pick<OrderStore, 'merge'>
  refunds: Pick<RefundStore, 'read' | 'commit' | 'begin' | 'mode' | 'defaultMode'>
  gateway: RefundGateway | null
  wants: Pick<Wants, 'othersOf' | 'decide'>
  wantSync: (orderIds: readonly string[]) => Promise<void>
  monotonicMs: () => number
  newAttemptId: () => string
  /** The key of a refund, from all that makes it that refund. */
  refundKey: (parts: readonly string[]) => string
  /** Resolves once what was written is as safe as Redis' replicas can make it. */
  startCommit: StartCommit
  /** False when Redis went back since this process last looked: what was read may be old. */
  isRedisCurrent: () => Promise<boolean>
  refundTimeoutMs: number
  refundLookupsMs: readonly number[]
  sweepMs: number
  /** Called with every call for a refund and what it came to, and with every refund that is confirmed. */
  onRefundCall: (outcome: string, tookMs: number, claim: Claim, orderId: string) => void
  onRefunded: (claim: Claim, tookMs: number, orderId: string) => void
  /** Called with every refund that was refused, failed, or needs a person. */
  onRefundStopped: (claim: StoppedClaim, orderId: string) => void
}

/** One run. */
export interface Run {
  deps: RefundOrderDeps
  gateway: RefundGateway
  orderId: string
  context: RunContext
}

/** What a plan was made from, with the count that proves that no notice without an order came since. */
export interface RunView extends RefundView {
  untiedVersion: string
}

/**
 * What a step came to. `next`: plan again; `isFresh`: the gateway was asked for that plan; `wrote`: something was written.
 */
export type Step = { outcome: Outcome; wrote?: true } | { next: true; isFresh: boolean; wrote?: true }

/** Reads everything a plan for one order's refund depends on. */
export async function readView({ deps, orderId }: Run, isReportFresh: boolean): Promise<RunView> {
  const around = await readOrder(deps, orderId)
  // A refund may have waited long for its gateway: what was matched by card alone is matched again.
  const cases = await stillMatched(deps, orderId, around.cases)
  const [terms, now] = await Promise.all([termsNow(deps), deps.redisNow()])
  const { money } = around
  return {
    now,
    order: money,
    ledger: around.ledger,
    cases,
    untied: around.untied,
    untiedVersion: around.untiedVersion,
    ...(money === null || cases.every(({ facts }) => facts.kind !== 'request')
      ? NO_ALERTS
      : await looseAlerts(deps, money, cases)),
    resolve3ds: deps.caseTerms.resolve3ds,
    knownAccounts: await accountsOf(deps, cases.map(({ facts }) => facts)), // prettier-ignore
    terms: terms.refunds,
    isReportFresh,
    mayAsk: true,
    leaseMs: deps.caseTerms.refundLeaseMs,
  }
}

/** What the gateway states about the order's refunds, as of `view`; null when it cannot be read. */
export async function readReport(
  { gateway, orderId, deps, context }: Run,
  view: RefundView,
): Promise<GatewayReport | null> {
  const about = { orderId, transactionId: view.order?.transactionId ?? null }
  const found = await gateway.findRefunds(about, { timeoutMs: deps.refundTimeoutMs, signal: context.signal })
  if (!found.read) return null
  const { now: at, order } = view
  return {
    at,
    rev: order?.rev ?? 0,
    refunds: found.refunds.slice(0, REPORT_MAX),
    refundable: found.refundableAmount,
    currency: found.currency,
    settled: found.settled,
  }
}

const REPORT_MAX = 200

/** A refund's money, as timelines show it. */
export const moneyIn = ({ amount, currency }: Claim) => ({ amount, currency })

/** What the order's timeline shows when a refund comes to something. */
export function eventOf(before: Claim, after: Claim): Record<string, unknown> | null {
  if (after.state === before.state) return null
  const about = moneyIn(after)
  switch (after.state) {
    case 'confirmed':
      return { what: 'refunded', ...about, refund_id: after.refundId, ...(after.arn !== null && { arn: after.arn }) }
    case 'pending':
      return { what: 'refund-pending', ...about, refund_id: after.refundId }
    case 'uncertain':
      return { what: 'refund-uncertain', ...about, code: after.reason.code }
    case 'refused':
    case 'failed':
      return { what: 'refund-refused', ...about, code: after.reason.code, words: after.reason.words }
    case 'parked':
      return { what: 'refund-parked', ...about, code: after.reason.code }
    case 'claimed':
      return after.reason === null ? null : { what: 'refund-refused', ...about, code: after.reason.code, words: after.reason.words } // prettier-ignore
    default:
      return null
  }
}

/** Reports a refund that was confirmed or came to nothing, whether a call or a look-up showed it. */
export function report({ deps, orderId }: Pick<Run, 'deps' | 'orderId'>, before: Claim, after: Claim): void {
  if (after.state === 'confirmed' && before.state !== 'confirmed')
    deps.onRefunded(after, (after.confirmedAt ?? after.claimedAt) - after.claimedAt, orderId)
  const isStopped = after.state === 'refused' || after.state === 'failed' || after.state === 'parked'
  if (isStopped && after.state !== before.state) deps.onRefundStopped(after, orderId)
}

/** Writes one claim as it is now. */
export async function writeClaim(
  run: Run,
  view: RefundView,
  after: Claim,
  isFresh = view.isReportFresh,
): Promise<Step> {
  const before = view.ledger.claims.find(one => one.key === after.key)
  return writeLedger(run, view, withClaim(view.ledger, after), { isFresh, ...(before && { change: [before, after] }) })
}

/** Writes an order's refunds, unless something wrote them since they were read. */
export async function writeLedger(
  run: Run,
  view: RefundView,
  ledger: Ledger,
  { isFresh, change }: { isFresh: boolean; change?: readonly [before: Claim, after: Claim] },
): Promise<Step> {
  const { deps } = run
  const event = change ? eventOf(change[0], change[1]) : null
  const lookAt = nextLookAt(ledger, view.now, deps)
  const written = await deps.refunds.commit({ before: view.ledger, ledger, lookAt, takes: null, event })
  // What the gateway stated is not kept: what is there instead may be older.
  if (written === 'changed') return { next: true, isFresh: false }
  if (change) report(run, change[0], change[1])
  return { next: true, isFresh, wrote: true }
}

/** When the sweep looks after an order's refunds again; null when they are at rest. */
export function nextLookAt({ claims }: Ledger, now: number, { sweepMs, caseTerms }: RefundOrderDeps): number | null {
  const times = claims.flatMap(one => {
    if (one.state === 'sending') return [(one.sendingAt ?? now) + caseTerms.refundLeaseMs]
    if (one.state === 'claimed') return [Math.max(now + 4 * sweepMs, one.notBefore ?? 0)]
    if (isUnrecorded(one)) return [now + 4 * sweepMs]
    return claimLookAt(one) ?? []
  })
  return times.length === 0 ? null : Math.min(...times)
}
