import type { Change } from '../../src/domain/change.ts'
import type { Origin } from '../../src/domain/register.ts'
import type { Claim, GatewayReport } from '../../src/domain/refund/ledger.ts'
import type { RefundAnswer, RefundGateway, RefundsReport } from '../../src/gateways/gateway.ts'
import { done } from '../../src/jobs/job.ts'
import { refundOrder, type RefundOrderDeps } from '../../src/jobs/refund-order.ts'
import type { BeginRefund, BegunRefund } from '../../src/store/refund-store.ts'
import { ETHOCA, hook, listed, readBack, reportOf } from './build-case.ts'
import { JobWorld, storedOrder } from './job-world.ts'

export const ID = 'midigator:a'
export const ALERT = [hook('alert', ETHOCA), readBack(ETHOCA)]
const SUCCEEDED: RefundAnswer = { said: 'refund', refund: { refundId: 'r1', status: 'succeeded', amount: '30', arn: '74' } } // prettier-ignore

/** An order of 30 dollars with an alert, a gateway that answers as given, and the job that refunds it. */
export class RefundWorld extends JobWorld {
  answers: RefundAnswer[] = []
  report: RefundsReport = { read: true, refunds: [], refundableAmount: '30', currency: 'USD', settled: true }
  keepsKeysMs = 0
  sent: string[] = []
  queries: string[] = []
  begun: BeginRefund[] = []
  /** What the next sends are told instead of leave to go. */
  refusals: BegunRefund[] = []
  merged: { change: Change; origin: Origin; settleMs: number }[] = []
  isMergeRefused = false
  called: string[] = []
  commit: () => Promise<void> = async () => {}
  monotonic: number[] = []
  owned = false
  /** How many of the next claims find that the order's refunds have changed. */
  changedClaims = 0
  onSent: () => void = () => {}
  signal: AbortSignal = new AbortController().signal

  constructor(over: Parameters<JobWorld['put']>[3] = {}) {
    super()
    this.orders.set('A', storedOrder())
    this.put(ID, 'alert', ALERT, { orderId: 'A', ...over })
  }

  private readonly gateway: RefundGateway = {
    name: 'http',
    keepsKeysMs: 0,
    bodyOf: request => JSON.stringify(request),
    refund: async ({ body, key }, { timeoutMs }) => {
      this.sent.push(`${key} ${body} ${timeoutMs}`)
      this.onSent()
      const answer = this.answers.shift() ?? SUCCEEDED
      // What took effect is in its list from now on.
      if (answer.said === 'refund')
        this.report = found({ refunds: [listed({ ...answer.refund, reference: key })], refundableAmount: '0' })
      return answer
    },
    findRefunds: async ({ orderId, transactionId }, { timeoutMs }) => {
      this.queries.push(`${orderId} ${transactionId} ${timeoutMs}`)
      return this.report
    },
  }

  refundDeps(over: Partial<RefundOrderDeps> = {}): RefundOrderDeps {
    const { refundStore } = this
    return {
      cases: this.caseStore, sources: this.deps.sources, caseTerms: this.terms, redisNow: async () => this.now, isRedisCurrent: async () => true, wants: this.wants,
      orders: {
        ...this.searched,
        merge: async (change, origin, settleMs) => {
          this.merged.push({ change, origin, settleMs })
          return (this.isMergeRefused ? { refused: 'x' } : { rev: 99 }) as never
        },
      },
      refunds: {
        ...refundStore, defaultMode: 'auto',
        commit: async one => {
          if (one.takes !== null && this.changedClaims-- > 0) return 'changed'
          return one.takes !== null && this.owned ? 'owned' : refundStore.commit(one)
        },
        begin: async one => {
          this.begun.push(one)
          const refusal = this.refusals.shift()
          if (refusal !== undefined) return refusal
          const claims = one.ledger.claims.map(claim => (claim.state === 'sending' ? { ...claim, sendingAt: this.now, firstSentAt: claim.firstSentAt ?? this.now } : claim))
          this.ledgers.set('A', { ...one.ledger, claims })
          return { go: true, at: this.now }
        },
      },
      gateway: { ...this.gateway, keepsKeysMs: this.keepsKeysMs },
      wantSync: async ids => void this.called.push(`sync ${ids.join(' ')}`),
      monotonicMs: () => this.monotonic.shift() ?? 0,
      newAttemptId: () => 'try', refundKey: parts => parts.join('|'), startCommit: () => () => this.commit(), refundTimeoutMs: 500,
      refundLookupsMs: [5_000, 30_000, 120_000], sweepMs: 1_000,
      onRefundCall: (outcome, tookMs) => void this.called.push(`call ${outcome} ${tookMs}`),
      onRefunded: ({ key }, tookMs) => void this.called.push(`refunded ${key} ${tookMs}`),
      onRefundStopped: ({ state }) => void this.called.push(`stopped ${state}`),
      ...over,
    } // prettier-ignore
  }
  run = (over?: Partial<RefundOrderDeps>) =>
    refundOrder.run({ orderId: 'A' }, this.refundDeps(over), { attemptsMade: 0, signal: this.signal })
  claims = (): readonly Claim[] => this.ledgerOf('A').claims
  /** What the timeline shows, in its order. */
  shown = () => this.refundWrites.flatMap(({ event }) => (event === null ? [] : [event]))
  /** When the sweep looks after it again. */
  lookAt = () => this.refundWrites.at(-1)?.lookAt
}

export const KEY = 'http|T-A|30|0'
export const OTHERS = 'others A  all'
/** It went through; the gateway is asked again once its list has had time to show it. */
export const SENT = done('gateway-list-lags')
export const found = (over: Partial<Extract<RefundsReport, { read: true }>> = {}): RefundsReport => ({ read: true, refunds: [], refundableAmount: '30', currency: 'USD', settled: true, ...over }) // prettier-ignore
export const stated = (report: Partial<GatewayReport> = {}) => reportOf([], { rev: storedOrder().rev, ...report })
