import { afterAll } from 'vitest'
import { refundKey, shortDigest } from '../../src/deps-alerts.ts'
import type { AlertEvent } from '../../src/domain/alert/event.ts'
import type { AlertFacts } from '../../src/domain/alert/facts.ts'
import { formatInstant } from '../../src/domain/basics/instant.ts'
import type { CaseKind, Decision, Resolution } from '../../src/domain/case/log.ts'
import type { CaseTerms } from '../../src/domain/case/view.ts'
import type { Change } from '../../src/domain/change.ts'
import { platformOrigin } from '../../src/domain/origins.ts'
import type { RefundMode, RefundTerms } from '../../src/domain/account/account.ts'
import type { AlertLink } from '../../src/jobs/call-platform.ts'
import { decideCase, type CaseDecisionDeps } from '../../src/jobs/case-decision.ts'
import { enrichCase } from '../../src/jobs/enrich-case.ts'
import { again, type Outcome } from '../../src/jobs/job.ts'
import { refundOrder, type RefundOrderDeps } from '../../src/jobs/refund-order.ts'
import { resolveCase } from '../../src/jobs/resolve-case.ts'
import { sweepCases } from '../../src/jobs/sweep-cases.ts'
import { watchDeadlines } from '../../src/jobs/watch-deadlines.ts'
import type { Wants } from '../../src/jobs/wants.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { createAlarmOutbox } from '../../src/store/alarm-outbox.ts'
import { createCaseStore, type CaseRecord, type OutgoingAlarm } from '../../src/store/case-store.ts'
import { keysOf } from '../../src/store/keys.ts'
import { createOrderStore } from '../../src/store/order-store.ts'
import { createRefundStore } from '../../src/store/refund-store.ts'
import { createSourceStore } from '../../src/store/source-store.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { TERMS } from '../unit/build-case.ts'
import { createVirtualGateway } from './virtual-gateway.ts'

export const SECOND_MS = 1_000
export const MINUTE_MS = 60 * SECOND_MS
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS
/** When every line begins: a Friday evening. */
export const START = Date.UTC(2026, 4, 8, 18)
const SWEEP_MS = MINUTE_MS
/** How often an unfinished case is decided again at least: seldom, so that days pass quickly. */
const LOOK_MS = HOUR_MS
/** When a job that failed is tried again. */
const AGAIN_MS = MINUTE_MS
const LOOKUPS_MS = [5_000, 30_000, 120_000, 600_000, 3_600_000]
const CRM = { name: 'crm', rank: 10 }
const MAX_JOBS = 5_000
const IDLE = { attemptsMade: 0, signal: new AbortController().signal }

export interface VirtualTerms {
  refunds?: Partial<RefundTerms>
  terms?: Partial<Omit<CaseTerms, 'refunds'>>
  mode?: RefundMode
  /** When the line begins. */
  start?: number
}

/** What Redis held under these keys, without their tag. */
export type StoredKeys = Record<
  string,
  { hash?: Record<string, string>; set?: string[]; zset?: string[]; list?: string[]; string?: string }
>

export type VirtualLine = Awaited<ReturnType<ReturnType<typeof useVirtualLines>>>

/**
 * The alert path on real Redis under a clock that the test turns: every job runs as soon as it is asked for, and nothing waits.
 * Platform and gateway are in memory. `at` goes to a time and has everything happen that is due by then.
 */
export function useVirtualLines() {
  const { namespace, redisUrl } = testNamespace()
  const redis = connectRedis(redisUrl, namespace, 'patient')
  afterAll(() => closeRedis(redis))
  let opened = 0

  return async ({ refunds: refundTerms = {}, terms = {}, mode = 'auto', start = START }: VirtualTerms = {}) => {
    const keys = keysOf(`${namespace}-${(opened += 1)}`)
    let now = start
    const clock = () => now
    /** No two readings are equal, as in life. */
    const redisNow = async () => (now += 1)
    const orders = createOrderStore(redis, { keys, clockAheadMaxMs: 1, sweepMs: SWEEP_MS, clock })
    const cases = createCaseStore(redis, { keys, clock })
    const refunds = createRefundStore(redis, { keys, defaultMode: mode, clock })
    const sources = createSourceStore(redis, { keys, clock })
    await sources.seen(CRM.name)
    await sources.complete(CRM.name, start - 400 * DAY_MS, 'ann')
    const gateway = createVirtualGateway(clock)
    const caseTerms: CaseTerms = {
      ...TERMS,
      lookMs: LOOK_MS,
      ...terms,
      refunds: { ...TERMS.refunds, mode, ...refundTerms },
    }

    const due: (() => Promise<unknown>)[] = []
    const asked = new Set<string>()
    const timers: { key: string; at: number; start: () => Promise<void> }[] = []
    /** A job of one key waits once; one that asks for another time, or failed, has it. */
    const want = async (key: string, run: () => Promise<unknown>) => {
      if (asked.has(key)) return
      asked.add(key)
      due.push(async () => {
        asked.delete(key)
        const outcome = (await run()) as Partial<Outcome> | undefined
        if (outcome?.outcome === 'later') wait(key, outcome.ms!, run)
        if (outcome?.outcome === 'again') wait(key, AGAIN_MS, run)
      })
    }
    /** It waits once here too: a job asked for while it waits has run before its time, and waits anew from then. */
    const wait = (key: string, ms: number, run: () => Promise<unknown>) => {
      const at = timers.findIndex(timer => timer.key === key)
      if (at !== -1) timers.splice(at, 1)
      timers.push({ key, at: now + ms, start: () => want(key, run) })
    }
    const alarms: OutgoingAlarm[] = []
    /** What the platform states of its guids; null: no such record. */
    const records = new Map<string, AlertFacts>()
    /** Guids about which the platform does not answer now. */
    const silent = new Set<string>()
    const answers: { guid: string; orderId: string | null; resolution: Resolution }[] = []

    const wants: Wants = {
      decide: async ids => void (await Promise.all(ids.map(id => want(`decide ${id}`, () => decideCase(deps, id))))),
      enrich: id => want(`enrich ${id}`, () => enrichCase.run({ caseId: id }, { ...deps, ...platformDeps }, IDLE)),
      resolve: id => want(`resolve ${id}`, () => resolveCase.run({ caseId: id }, { ...deps, ...platformDeps }, IDLE)),
      refund: orderId => want(`refund ${orderId}`, () => refundOrder.run({ orderId }, refundDeps, IDLE)),
      alarm: async () => {},
      async othersOf(orderId, caseId, which) {
        const ids = (await redis.smembers(keys.orderCases(orderId))).filter(id => id !== caseId)
        const open = await Promise.all(ids.map(id => redis.zscore(keys.casesOpen, id)))
        await wants.decide(ids.filter((_, i) => which === 'all' || open[i] !== null))
      },
      flag: async ({ orderId, flag, value, platform, at }) =>
        void (await orders.merge({ orderId, occurredAt: at, values: { [flag]: value }, notes: [] }, platformOrigin(platform), 0)), // prettier-ignore
    }
    const deps: CaseDecisionDeps = {
      cases, orders, sources, refunds, wants, caseTerms, shortDigest, redisNow, sweepMs: SWEEP_MS, sendsAlarms: false,
      onAlarm: alarm => void alarms.push(alarm), onAnswered: () => {},
    } // prettier-ignore
    const refundDeps: RefundOrderDeps = {
      orders, cases, sources, refunds, gateway, wants, caseTerms, redisNow, isRedisCurrent: async () => true, refundKey, wantSync: async () => {}, startCommit: () => async () => {},
      monotonicMs: () => 0, newAttemptId: () => `attempt-${(attempts += 1)}`, refundTimeoutMs: 1_000, refundLookupsMs: LOOKUPS_MS, sweepMs: SWEEP_MS,
      onRefundCall: () => {}, onRefunded: () => {}, onRefundStopped: () => {},
    } // prettier-ignore
    let attempts = 0
    let isAway = false
    const access = { token: 't', generation: 1 }
    const gate: AlertLink['asking'] = {
      enter: async () => (isAway ? { outcome: again('platform away') } : { access }),
      renewOrDeny: async () => ({ outcome: again('never') }),
      tell: async () => {},
      outcomeOf: () => again('never'),
    }
    const platform: AlertLink['platform'] = {
      ask: async (_access, { guid }) => {
        if (silent.has(guid)) return { answer: ANSWERED(503) }
        const facts = records.get(guid)
        return facts === undefined ? { answer: ANSWERED(404) } : { answer: ANSWERED(200), value: { guid, facts } } // prettier-ignore
      },
      async answer(_access, about, resolution) {
        answers.push({ ...about, resolution })
        return { answer: ANSWERED(200) }
      },
    }
    const asking = { ...gate, enter: async () => ({ access }) }
    const link = { platform, asking, answering: gate }
    const platformDeps = {
      alertLinks: new Map([['midigator', link], ['chargebackhit', link]]), throttleMaxMs: 60_000, pushTimeoutMs: 1_000, onResolutionCall: () => {},
      isRedisCurrent: async () => true,
    } // prettier-ignore

    /** Runs every job that was asked for, and those that these ask for. */
    async function run(): Promise<void> {
      for (let count = 0; due.length > 0; count++) {
        if (count > MAX_JOBS) throw new Error('the jobs never come to an end')
        await due.shift()!()
      }
    }
    const alarmOutbox = createAlarmOutbox(redis, { keys })
    async function tick(): Promise<void> {
      const rung = timers.filter(timer => timer.at <= now)
      for (const timer of rung) {
        timers.splice(timers.indexOf(timer), 1)
        await timer.start()
      }
      await watchDeadlines.run({}, deps as never, IDLE)
      await sweepCases.run({}, { cases, refunds, alarmOutbox, wants, sweepMs: SWEEP_MS }, IDLE)
      await run()
    }
    const nextDue = async (): Promise<number> => {
      const [[, a], [, b], [, c]] = await Promise.all([keys.casesOpen, keys.refundsDue, keys.casesMarks].map(key => redis.zrange(key, '0', '0', 'WITHSCORES'))) as [string[], string[], string[]] // prettier-ignore
      return Math.min(
        ...timers.map(timer => timer.at),
        ...[a, b, c].map(score => (score === undefined ? Infinity : Number(score))),
      )
    }
    /** Goes on to a time; what is due before happens at its own time. */
    async function at(to: number): Promise<void> {
      await run()
      for (;;) {
        const next = Math.max(await nextDue(), now + SECOND_MS)
        if (next > to) break
        now = next
        await tick()
      }
      now = to
      await tick()
    }

    async function hear(kind: CaseKind, event: AlertEvent, platformName = 'midigator'): Promise<string> {
      const { id } = await cases.addEvent(platformName, kind, `hook:${shortDigest(JSON.stringify(event))}`, event, {})
      await wants.decide([id])
      return id
    }
    const record = async (id: string): Promise<CaseRecord> => (await cases.records([id]))[0]!

    return {
      keys, redis, orders, cases, refunds, gateway, alarms, records, silent, answers, deps, run, at, hear, record,
      /** Puts into Redis what another version had there. */
      async load(stored: StoredKeys) {
        const tag = keys.orders.slice(0, -':orders'.length)
        for (const [name, { hash, set, zset, list, string }] of Object.entries(stored)) {
          const key = `${tag}${name}`
          if (hash !== undefined) await redis.hset(key, hash)
          if (set !== undefined) await redis.sadd(key, ...set)
          for (let i = 0; i < (zset ?? []).length; i += 2) await redis.zadd(key, zset![i + 1]!, zset![i]!)
          if (list !== undefined) await redis.rpush(key, ...list)
          if (string !== undefined) await redis.set(key, string)
        }
      },
      now: () => now,
      after: (ms: number) => at(now + ms),
      /** A change of an order by the CRM. */
      async tell(orderId: string, values: Change['values'], occurredAt = now) {
        await orders.merge({ orderId, occurredAt, values, notes: [] }, CRM, 0)
        await wants.othersOf(orderId, '', 'all')
        await run()
      },
      /** A settled order of 30 dollars, sold ten days ago, which the gateway knows. */
      async sell(orderId: string, values: Change['values'] = {}) {
        const sold = formatInstant(START - 10 * DAY_MS)
        const usual = { order_status: 'Complete', payment_state: 'captured', order_total: '30', currency: 'USD', order_date: sold, transaction_id: `T-${orderId}`, cc_first_6: '401288', cc_last_4: '1881' } // prettier-ignore
        gateway.capture(orderId, typeof values.order_total === 'string' ? values.order_total : '30')
        await orders.merge({ orderId, occurredAt: START - 10 * DAY_MS, values: { ...usual, ...values }, notes: [] }, CRM, 0) // prettier-ignore
      },
      /** An alert of Ethoca over 30 dollars, with the platform's record of it; answers the case's id. */
      async alert(guid: string, facts: AlertFacts = {}, from = 'midigator'): Promise<string> {
        const all = { ...CARD, partner: 'ethoca', amount: '30', currency: 'USD', issuedAt: now, ...facts }
        if (!records.has(guid)) records.set(guid, all)
        return hear('alert', { type: 'alert', guid, facts: all, sentAt: now }, from)
      },
      /** The platform matches what it sent to an order. */
      match: (kind: CaseKind, guid: string, orderId: string): Promise<string> => {
        records.set(guid, { ...records.get(guid), orderId })
        const type = kind === 'alert' ? 'alert-match' : 'chargeback-match'
        return hear(kind, { type, guid, facts: { orderId }, sentAt: now })
      },
      chargeback: (guid: string, facts: AlertFacts = {}): Promise<string> => {
        const all = { ...CARD, amount: '30', currency: 'USD', ...facts }
        if (!records.has(guid)) records.set(guid, all)
        return hear('chargeback', { type: 'chargeback', guid, facts: all, sentAt: now })
      },
      /** An `order.refund`; `stated`: what the platform's record of the order names, null: it has none. */
      request: (guid: string, facts: AlertFacts, stated: AlertFacts | null = { currency: 'USD', ...facts }): Promise<string> => {
        if (stated !== null) records.set(guid, stated)
        return hear('request', { type: 'refund', guid, facts, sentAt: now })
      },
      /** While it is away it takes no answers; it can be asked all the same. */
      platformIsAway: (to: boolean) => void (isAway = to),
      /** A person's decision. */
      async decide(id: string, decision: Decision): Promise<void> {
        await decideCase(deps, id, () => ({ add: [{ what: 'decision', at: now, by: 'ann', reason: null, ...decision }] }))
        await run()
      },
      /** What the platform was told of a case. */
      toldOf: (guid: string) => answers.filter(one => one.guid === guid).map(({ resolution }) => resolution),
    } // prettier-ignore
  }
}

const ANSWERED = (status: number) => ({ status, words: '', retryAfterMs: null })
const CARD = { cardFirst6: '401288', cardLast4: '1881' }
