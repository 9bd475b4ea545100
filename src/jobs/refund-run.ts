import { foldLog } from '../domain/case/log.ts'
import type { CaseTerms } from '../domain/case/view.ts'
import { moneyOf } from '../domain/account/order-money.ts'
import { isUntold, withClaim, type Claim, type Ledger, type Report } from '../domain/refund/ledger.ts'
import type { RefundView } from '../domain/refund/plan.ts'
import type { RefundGateway } from '../gateways/gateway.ts'
import type { CaseStore } from '../store/case-store.ts'
import type { OrderStore } from '../store/order-store.ts'
import type { RefundStore } from '../store/refund-store.ts'
import type { Outcome, RunContext } from './job.ts'
import type { Wants } from './wants.ts'

/** What refunding an order needs; durations in milliseconds. */
export interface RefundOrderDeps {
  orders: Pick<OrderStore, 'read' | 'merge'>
  cases: Pick<CaseStore, 'ofOrder'>
  refunds: Pick<RefundStore, 'read' | 'commit' | 'begin' | 'mode' | 'defaultMode'>
  gateway: RefundGateway | null
  caseTerms: CaseTerms
  wants: Pick<Wants, 'othersOf'>
  wantSync: (orderIds: readonly string[]) => Promise<void>
  redisNow: () => Promise<number>
  monotonicMs: () => number
  newAttemptId: () => string
  /** The key of a refund, from all that makes it that refund. */
  refundKey: (parts: readonly string[]) => string
  /** Resolves once what was written is as safe as Redis' replicas can make it. */
  durable: () => Promise<void>
  refundTimeoutMs: number
  refundLookupsMs: readonly number[]
  sweepMs: number
  onRefundCall: (outcome: string, tookMs: number) => void
  onRefunded: (claim: Claim, tookMs: number) => void
}

/** One run, and what it has learnt so far. */
export interface Run {
  deps: RefundOrderDeps
  gateway: RefundGateway
  orderId: string
  context: RunContext
  isReportFresh: boolean
  hasWritten: boolean
  /** A refund that was confirmed has failed since: answered cases open again. */
  hasTakenBack: boolean
}

/** What a step came to; `next`: look again at what follows. */
export type Step = Outcome | 'next'

/** Reads everything a plan for one order's refund depends on. */
export async function readView({ deps, orderId, isReportFresh }: Run): Promise<RefundView> {
  // The ledger's counts are read first: whatever comes later than they do makes the write fail.
  const ledger = await deps.refunds.read(orderId)
  const [order, stored, mode, now] = await Promise.all([
    deps.orders.read(orderId),
    deps.cases.ofOrder(orderId),
    deps.refunds.mode(),
    deps.redisNow(),
  ])
  return {
    now,
    order: order === null ? null : moneyOf(order, 'USD'),
    ledger,
    cases: stored.map(one => ({ id: one.id, facts: foldLog(one.record.kind, one.record.guid, one.log) })),
    terms: { ...deps.caseTerms.refunds, mode: mode.mode ?? 'off' },
    isReportFresh,
    leaseMs: deps.caseTerms.refundLeaseMs,
  }
}

/** What the gateway says it knows of the order's refunds, as of `view`; null when it cannot be read. */
export async function findRefunds({ gateway, orderId, deps, context }: Run, view: RefundView): Promise<Report | null> {
  const about = { orderId, transactionId: view.order?.transactionId ?? null }
  const found = await gateway.findRefunds(about, { timeoutMs: deps.refundTimeoutMs, signal: context.signal })
  if (!found.read) return null
  const { now: at, order } = view
  return { at, rev: order?.rev ?? 0, refunds: found.refunds.slice(0, REPORT_MAX), refundable: found.refundableAmount }
}

const REPORT_MAX = 200

/** A refund's money, as timelines tell it. */
export const moneyIn = ({ amount, currency }: Claim) => ({ amount, currency })

/** What the order's timeline tells when a refund comes to something. */
export function eventOf(before: Claim, after: Claim): Record<string, unknown> | null {
  if (after.state === before.state) return null
  const about = moneyIn(after)
  switch (after.state) {
    case 'confirmed':
      return { what: 'refunded', ...about, refund_id: after.refundId, ...(after.arn !== null && { arn: after.arn }) }
    case 'pending':
      return { what: 'refund-pending', ...about, refund_id: after.refundId }
    case 'uncertain':
      return { what: 'refund-uncertain', ...about, code: after.why?.code }
    case 'refused':
    case 'failed':
      return { what: 'refund-refused', ...about, code: after.why?.code, words: after.why?.words }
    case 'parked':
      return { what: 'refund-parked', ...about, code: after.why?.code }
    default:
      return null
  }
}

/** Counts a refund that has just been confirmed. */
export function tell(deps: RefundOrderDeps, before: Claim, after: Claim): void {
  if (after.state === 'confirmed' && before.state !== 'confirmed')
    deps.onRefunded(after, (after.confirmedAt ?? after.claimedAt) - after.claimedAt)
}

/** Writes one claim as it stands now. */
export const writeClaim = (run: Run, view: RefundView, after: Claim): Promise<Step> =>
  writeLedger(
    run,
    view,
    withClaim(view.ledger, after.key, after),
    view.ledger.claims.find(one => one.key === after.key),
    after,
  )

/** Writes an order's refunds, unless somebody wrote them since they were read. */
export async function writeLedger(
  run: Run,
  view: RefundView,
  ledger: Ledger,
  before?: Claim,
  after?: Claim,
): Promise<Step> {
  const { deps } = run
  const event = before && after ? eventOf(before, after) : null
  const written = await deps.refunds.commit({
    before: view.ledger,
    ledger,
    lookAt: lookAtOf(ledger, view.now, deps),
    takes: null,
    event,
  })
  if (written === 'changed') {
    // What the gateway said is not kept: what stands there instead may be older.
    run.isReportFresh = false
    return 'next'
  }
  if (before && after) tell(deps, before, after)
  run.hasWritten = true
  if (before?.state === 'confirmed' && after?.state === 'failed') run.hasTakenBack = true
  return 'next'
}

/** When the sweep should look after an order's refunds again; null when they are at rest. */
export function lookAtOf({ claims }: Ledger, now: number, { sweepMs, caseTerms }: RefundOrderDeps): number | null {
  const times = claims.flatMap(one => {
    if (one.state === 'sending') return [(one.sendingAt ?? now) + caseTerms.refundLeaseMs]
    if (one.state === 'claimed' || isUntold(one)) return [now + 4 * sweepMs]
    return one.lookAt === null ? [] : [one.lookAt]
  })
  return times.length === 0 ? null : Math.min(...times)
}
