/**
 * The alert core in virtual time: its real stores and jobs over one namespace of a Redis of its own, one job after the other. Time passes
 * only as `now` says, and nothing is called but the platforms and the gateway that are passed in.
 */
import { refundKey, shortDigest } from '../deps-alerts.ts'
import { parseAlert } from '../domain/alert/read-event.ts'
import type { CaseTerms } from '../domain/case/view.ts'
import { platformOrigin } from '../domain/origins.ts'
import { openClaim } from '../domain/refund/ledger.ts'
import type { RefundGateway } from '../gateways/gateway.ts'
import { decideCaseJob } from '../jobs/decide-case.ts'
import { enrichCase } from '../jobs/enrich-case.ts'
import type { Outcome } from '../jobs/job.ts'
import { createPlatformGate } from '../jobs/platform-gate.ts'
import { refundOrder } from '../jobs/refund-order.ts'
import { resolveCase } from '../jobs/resolve-case.ts'
import { sweepCases } from '../jobs/sweep-cases.ts'
import type { Wants } from '../jobs/wants.ts'
import { watchDeadlines } from '../jobs/watch-deadlines.ts'
import { acceptEvent, keptOf } from '../platforms/accept-event.ts'
import { readAlert } from '../platforms/chargebackhit/read-alert.ts'
import type { AlertPlatform, PlatformService } from '../platforms/platform.ts'
import type { Redis } from '../redis/connect.ts'
import { acceptChanges, type ChangeResult } from '../sources/accept-changes.ts'
import { createGenericSource } from '../sources/generic/index.ts'
import { createAlarmOutbox } from '../store/alarm-outbox.ts'
import { createAlarmStore } from '../store/alarm-store.ts'
import { createCaseStore, type CaseRecord, type OutgoingAlarm, type StoredCase } from '../store/case-store.ts'
import { keysOf } from '../store/keys.ts'
import { createOrderStore } from '../store/order-store.ts'
import { createRefundStore } from '../store/refund-store.ts'
import { createRejectedStore } from '../store/rejected-store.ts'
import { createSourceStore } from '../store/source-store.ts'
import { JobQueue } from './job-queue.ts'

/** Milliseconds between two sweeps. Four times the default: what waits in vain is looked at a quarter as often. */
export const SWEEP_MS = 120_000

export interface MachineParts {
  /** Milliseconds since 1970; never goes back. */
  now: () => number
  platforms: readonly AlertPlatform[]
  /** Null: people refund by hand. */
  gateway: RefundGateway | null
  terms: CaseTerms
  onAlarm?: (alarm: OutgoingAlarm) => void
  /** A refund was sent for a case: its key, and what came back. */
  onRefundCall?: (sent: { key: string; caseId: string; outcome: string }) => void
}

/** Starts with whatever the namespace holds. */
export function startMachine(redis: Redis, namespace: string, parts: MachineParts) {
  const { now, gateway, terms: caseTerms, onAlarm = () => {}, onRefundCall = () => {} } = parts
  const keys = keysOf(namespace)
  const orders = createOrderStore(redis, { keys, clockAheadMaxMs: 300_000, sweepMs: SWEEP_MS, clock: now })
  const cases = createCaseStore(redis, { keys, clock: now })
  const refunds = createRefundStore(redis, { keys, defaultMode: caseTerms.refunds.mode, clock: now })
  const alarmOutbox = createAlarmOutbox(redis, { keys, clock: now })
  const alarms = createAlarmStore(redis, keys)
  const sources = createSourceStore(redis, { keys, clock: now })
  const queue = new JobQueue(now)
  const source = createGenericSource([], 72)
  let touched = true
  let attempts = 0

  const alertLinks = new Map(parts.platforms.map(platform => {
    const asking = openGate(platform.asking)
    const answering = platform.answering === platform.asking ? asking : openGate(platform.answering)
    return [platform.name, { platform, asking, answering }] as const
  })) // prettier-ignore

  const wants: Wants = {
    decide: async ids => ids.forEach(id => queue.add('decide', id)),
    enrich: async id => queue.add('enrich', id),
    refund: async id => queue.add('refund', id),
    resolve: async id => queue.add('resolve', id),
    alarm: async () => {},
    othersOf: async (orderId, caseId, which) => {
      const ids = (await redis.smembers(keys.orderCases(orderId))).filter(id => id !== caseId)
      if (ids.length === 0) return
      const open = which === 'all' ? ids : await redis.zmscore(keys.casesOpen, ...ids)
      ids.forEach((id, i) => {
        if (open[i] !== null) queue.add('decide', id)
      })
    },
    flag: async ({ orderId, flag, value, platform, at }) =>
      void (await orders.merge({ orderId, occurredAt: at, values: { [flag]: value }, notes: [] }, platformOrigin(platform), 0)),
  } // prettier-ignore
  const wantCasesOf = async (orderIds: readonly string[]) =>
    void (await Promise.all(orderIds.map(orderId => wants.othersOf(orderId, '', 'all'))))

  const deps = {
    cases, orders, sources, refunds, alarmOutbox, gateway, alertLinks, wants, shortDigest, refundKey, caseTerms, onAlarm,
    wantSync: async () => {},
    redisNow: async () => now(),
    monotonicMs: now,
    newAttemptId: () => `attempt-${(attempts += 1)}`,
    startCommit: () => async () => {},
    isRedisCurrent: async () => true,
    sendsAlarms: false,
    onAnswered: () => {},
    onResolutionCall: () => {},
    onRefundCall: (outcome: string, _tookMs: number, { key, wantedBy }: { key: string; wantedBy: string }) => onRefundCall({ key, caseId: wantedBy, outcome }),
    onRefunded: () => {},
    onRefundStopped: () => {},
    sweepMs: SWEEP_MS,
    throttleMaxMs: 300_000,
    pushTimeoutMs: 15_000,
    refundTimeoutMs: 20_000,
    refundLookupsMs: [5_000, 30_000, 120_000, 600_000, 3_600_000],
  } // prettier-ignore

  const run = (kind: string, id: string, attemptsMade: number): Promise<Outcome> => {
    const context = { attemptsMade, signal: new AbortController().signal }
    switch (kind) {
      case 'decide':
        return decideCaseJob.run({ caseId: id }, deps, context)
      case 'enrich':
        return enrichCase.run({ caseId: id }, deps, context)
      case 'refund':
        return refundOrder.run({ orderId: id }, deps, context)
      case 'resolve':
        return resolveCase.run({ caseId: id }, deps, context)
      case 'sweep':
        return sweepCases.run({}, deps, context)
      default:
        return watchDeadlines.run({}, deps, context)
    }
  }

  const acceptDeps = {
    orders, alarms, sourceStore: sources, wantCasesOf,
    rejected: createRejectedStore(redis, keys),
    wantSync: async () => {},
    startCommit: () => async () => {},
    now,
    onResult: () => {},
    settleMs: 0,
    clockAheadAlarmMs: 300_000,
  } // prettier-ignore

  /** The sets by whose scores something is due. */
  const dueSets = [keys.casesOpen, keys.refundsDue, keys.casesMarks]
  async function dueAt(): Promise<number | null> {
    const firsts = await Promise.all(dueSets.map(key => redis.zrange(key, '0', '0', 'WITHSCORES')))
    const times = firsts.flatMap(([, score]) => (score === undefined ? [] : [Number(score)]))
    return times.length === 0 ? null : Math.min(...times)
  }
  let known: number | null = null

  return {
    /** Takes what an order hook would take; a result a change. */
    async change(body: unknown): Promise<ChangeResult[]> {
      touched = true
      return acceptChanges(source, Array.isArray(body) ? body : [body], acceptDeps)
    },
    /** Takes what a platform's hook would take; numbers of `body` as text, `bytes`: the length it came with. */
    async event(platform: 'midigator' | 'chargebackhit', body: unknown, bytes = 0): Promise<{ caseId: string } | { rejected: string } | null> {
      touched = true
      const read = READERS[platform](body)
      if ('errors' in read) return { rejected: read.errors.map(({ field, message }) => `${field}: ${message}`).join('; ') }
      if (read.kind !== 'event') return null
      const wantCase = async (id: string) => queue.add('decide', id)
      await acceptEvent({ cases, wantCase, startCommit: () => async () => {}, shortDigest }, platform, read.event, keptOf(body, bytes))
      return { caseId: `${platform}:${read.event.guid}` }
    },
    /** Runs every job that can run now. */
    async work(): Promise<void> {
      if (queue.hasWork) touched = true
      await queue.drain(run)
    },
    /** When it has something to do next; null: never. */
    async nextAt(): Promise<number | null> {
      // What is due is found by the sweep, whose time comes every two minutes.
      if (touched) known = roundUp(await dueAt(), now())
      touched = false
      const times = [known, queue.nextAt].filter(time => time !== null)
      return times.length === 0 ? null : Math.min(...times)
    },
    /** Its time has come. */
    wake(): void {
      if (known === null || known > now()) return
      touched = true
      queue.add('sweep', '')
      queue.add('deadlines', '')
    },
    readCase: (caseId: string): Promise<StoredCase | null> => cases.read(caseId),
    /** A case that waits for a person is not decided again before something new comes; nor is its refund, unless one is under way. */
    async rest({ id, orderId }: Pick<CaseRecord, 'id' | 'orderId'>): Promise<void> {
      touched = true
      await redis.zrem(keys.casesOpen, id)
      await redis.zrem(keys.casesMarks, id)
      if (orderId === null) return
      const others = (await redis.smembers(keys.orderCases(orderId))).filter(one => one !== id)
      const open = others.length === 0 ? [] : await redis.zmscore(keys.casesOpen, ...others)
      const claim = openClaim(await refunds.read(orderId))
      if (open.every(score => score === null) && (claim === null || claim.state === 'claimed'))
        await redis.zrem(keys.refundsDue, orderId)
    },
  }
} // prettier-ignore

const READERS = { midigator: parseAlert, chargebackhit: readAlert }

const roundUp = (due: number | null, now: number): number | null =>
  due === null ? null : Math.max(now, Math.ceil(due / SWEEP_MS) * SWEEP_MS)

const openGate = (platform: PlatformService) =>
  createPlatformGate({
    gate: { record: async () => ({ shut: false, opened: false }), enter: async () => null },
    platform,
    deniedProbeMs: 1_000,
    onGateOpened: async () => {},
    onGateShut: () => {},
  })
