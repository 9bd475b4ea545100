import { createHash } from 'node:crypto'
import type { Config } from './config.ts'
import type { CaseTerms } from './domain/case/view.ts'
import type { AlertEvent } from './domain/alert/event.ts'
import { mayTakeEvidence, namesCdrn } from './domain/alert/kind.ts'
import { deadlinesOf, priorityOf } from './domain/alert/deadlines.ts'
import type { SubscriptionWish } from './domain/subscription-plan.ts'
import { ALERT_HOOK_PATH } from './domain/subscription-plan.ts'
import { platformOrigin } from './domain/origins.ts'
import type { HttpClient } from './http-client.ts'
import { findOrders } from './jobs/search-order.ts'
import { assessMatch } from './domain/match/assess.ts'
import { findEvidence } from './ops/compelling-evidence.ts'
import { isoTime, isoTimeOrNull } from './ops/iso-time.ts'
import type { Wants } from './jobs/wants.ts'
import { JOBS } from './jobs/index.ts'
import type { Queues } from './queue/queues.ts'
import { signBody } from './standard-webhooks.ts'
import type { OutgoingAlarm } from './store/case-store.ts'
import type { Keys } from './store/keys.ts'
import type { GateTerms } from './store/push-store.ts'
import type { OrderStore } from './store/order-store.ts'
import type { Redis } from './redis/connect.ts'

const MINUTE_MS = 60_000

/** What the merchant decided about alerts and refunds, as the configuration has it. */
export const caseTermsOf = (config: Config, hasGateway: boolean): CaseTerms => ({
  refunds: {
    trigger: config.REFUND_TRIGGER,
    mode: config.REFUND_MODE ?? 'off',
    autoLimit: config.REFUND_AUTO_LIMIT ?? null,
    hourlyLimit: config.REFUND_HOURLY_LIMIT ?? null,
    limitCurrency: config.REFUND_LIMIT_CURRENCY ?? null,
    likelyAtStop: config.LIKELY_AT_STOP,
    settleMs: config.REQUEST_SETTLE_MS,
    hasGateway,
    listLagMs: config.REFUND_LIST_LAG_MS,
    deadlines: {
      windowMs: config.CASE_WINDOW_MINUTES * MINUTE_MS,
      cdrnWindowMs: config.CASE_WINDOW_CDRN_MINUTES * MINUTE_MS,
      targetMs: config.CASE_TARGET_MINUTES * MINUTE_MS,
      alarmMs: config.CASE_ALARM_MINUTES * MINUTE_MS,
      stopMs: config.CASE_STOP_MINUTES * MINUTE_MS,
    },
  },
  resolve3ds: config.RESOLVE_3DS,
  defaultCurrency: config.DEFAULT_CURRENCY ?? null,
  lookbackMs: config.MATCH_LOOKBACK_DAYS * DAY_MS,
  graceMs: config.MATCH_GRACE_MS,
  pendingAtStop: config.PENDING_AT_STOP,
  lookMs: config.CASE_LOOK_MS,
  refundLeaseMs: config.REFUND_TIMEOUT_MS + LEASE_MARGIN_MS,
  lateAnswerMs: 60 * MINUTE_MS,
})

const DAY_MS = 86_400_000
/** A send that has not ended by then has lost its process. */
const LEASE_MARGIN_MS = 5_000

export interface WantsDeps {
  queues: Queues
  redis: Redis
  keys: Keys
  orders: Pick<OrderStore, 'merge'>
  wantSync: (orderIds: readonly string[]) => Promise<void>
}

/** Turns what is wanted into jobs; the less time is left, the sooner. */
export function createWants({ queues, redis, keys, orders, wantSync }: WantsDeps): Wants {
  const decide = async (caseIds: readonly string[], priority?: number) => {
    if (caseIds.length === 0) return
    if (priority !== undefined) return queues.enqueue(JOBS.decideCase, caseIds.map(caseId => ({ caseId })), { priority }) // prettier-ignore
    const scores = await redis.zmscore(keys.casesRespondBy, [...caseIds])
    await Promise.all(
      caseIds.map((caseId, i) =>
        queues.enqueue(JOBS.decideCase, [{ caseId }], { priority: priorityOf(Number(scores[i] ?? NEVER)) }),
      ),
    )
  }
  return {
    decide,
    enrich: (caseId, priority) => queues.enqueue(JOBS.enrichCase, [{ caseId }], { priority }),
    refund: (orderId, priority) => queues.enqueue(JOBS.refundOrder, [{ orderId }], { priority }),
    resolve: (caseId, priority) => queues.enqueue(JOBS.resolveCase, [{ caseId }], { priority }),
    alarm: alarmId => queues.enqueue(JOBS.sendAlarm, [{ alarmId }]),
    async othersOf(orderId, caseId, which) {
      const ids = (await redis.smembers(keys.orderCases(orderId))).filter(id => id !== caseId)
      if (ids.length === 0) return
      const open = which === 'all' ? ids : await redis.zmscore(keys.casesOpen, ids)
      await decide(ids.filter((_, i) => open[i] !== null))
    },
    async flag({ orderId, flag, value, platform, at }) {
      const change = { orderId, occurredAt: at, values: { [flag]: value }, notes: [] }
      await orders.merge(change, platformOrigin(platform), 0)
      await wantSync([orderId])
    },
  }
}

/** As far as this one event tells: what else is known of its alert makes little difference. */
export function priorityOfEvent(
  { facts, sentAt }: AlertEvent,
  { refunds: { deadlines } }: CaseTerms,
  now: number,
): number {
  const alert = { seenAt: now, issuedAt: facts.issuedAt ?? sentAt, namesCdrn: namesCdrn(facts) }
  return priorityOf(deadlinesOf(alert, deadlines).respondBy)
}

/** What a platform that wants its answer at once may look up. */
export const createDoor = (orders: OrderStore, terms: CaseTerms, now: () => number) => ({
  /** The one order that an event is certainly about; null: none, or not certain. */
  findOrder: async ({ facts }: AlertEvent) => {
    const alertAt = facts.issuedAt ?? now()
    const { lookbackMs, defaultCurrency } = terms
    const found = await findOrders(orders, facts, { alertAt, lookbackMs, defaultCurrency })
    const match = assessMatch({
      facts,
      alertAt,
      namedOrderIds: facts.orderId === undefined ? [] : [facts.orderId],
      chosenOrderId: null,
      own: null,
      candidates: found.orders,
      isCut: found.isCut,
      // Nothing is concluded from what is not stored: the answer only informs.
      completeSince: 0,
      knowsMerchantAccount: facts.mid !== undefined && (await orders.knowsMerchantAccount(facts.mid)),
      lookbackMs,
    })
    return match.verdict === 'open' ? null : match.orderId
  },
  readEvidence: async (orderId: string, { facts }: AlertEvent) => {
    const order = await orders.read(orderId)
    if (order === null || !mayTakeEvidence(facts)) return { order, earlier: [] }
    const { earlier } = await findEvidence(orders, order, facts.issuedAt ?? now())
    return { order, earlier }
  },
})

/** Behind everything that has a deadline. */
const NEVER = Number.MAX_SAFE_INTEGER

/** What subscriptions shall be, or the names of the settings that are missing for it. */
export function subscriptionWishOf(config: Config): { wish: SubscriptionWish } | { missing: readonly string[] } {
  const { PUBLIC_URL: publicUrl, MIDIGATOR_EMAIL: email } = config
  const [username, password] = [config.MIDIGATOR_HOOK_USERNAME?.[0], config.MIDIGATOR_HOOK_PASSWORD?.[0]]
  const missing = Object.entries({
    PUBLIC_URL: publicUrl,
    MIDIGATOR_EMAIL: email,
    MIDIGATOR_HOOK_USERNAME: username,
    MIDIGATOR_HOOK_PASSWORD: password,
    MIDIGATOR_API_SECRET: config.MIDIGATOR_API_SECRET,
  }).flatMap(([name, value]) => (value === undefined ? [name] : []))
  if (
    publicUrl === undefined ||
    email === undefined ||
    username === undefined ||
    password === undefined ||
    missing.length > 0
  )
    return { missing }
  return { wish: { url: `${publicUrl}${ALERT_HOOK_PATH}`, email, username, password } }
}

/** Sends an alarm as a hook signed after Standard Webhooks; true when it was taken. Nothing where no address is configured. */
export function createAlarmPost(config: Config, http: Pick<HttpClient, 'post'>, now: () => number) {
  const { ALARM_URL: url, ALARM_SECRET: secret } = config
  return async (alarm: OutgoingAlarm, signal: AbortSignal): Promise<boolean> => {
    if (url === undefined || secret === undefined) return true
    const body = JSON.stringify({
      alarm: alarm.name,
      state: alarm.state,
      subject: alarm.subject,
      at: isoTime(alarm.at),
      case: alarm.caseId,
      order_id: alarm.orderId,
      respond_by: isoTimeOrNull(alarm.respondBy),
      says: alarm.says,
      decide: alarm.decide,
    })
    const headers = signBody(secret, `alarm_${shortDigest(alarm.id)}`, Math.floor(now() / 1_000), body)
    const { answer } = await http.post(url, { body, headers, timeoutMs: config.PUSH_TIMEOUT_MS, signal })
    return 'status' in answer && answer.status >= 200 && answer.status < 300
  }
}

/** 128 bits of a text's SHA-256, as hex. */
export const shortDigest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)

/** The same key for the same refund, whoever works it out. */
export const refundKey = (parts: readonly string[]): string => `refund_${shortDigest(JSON.stringify(parts))}`

/** When a service's gate closes, and how often it lets a call through. */
export function gateTerms(config: Config): GateTerms {
  const { MIDIGATOR_RATE_MAX: max, MIDIGATOR_RATE_DURATION_MS: durationMs } = config
  return {
    breakerFailures: config.BREAKER_FAILURES,
    breakerProbeMs: config.BREAKER_PROBE_MS,
    rate: max === undefined ? null : { max, durationMs },
  }
}
