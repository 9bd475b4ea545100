/**
 * Where merchants meet the program in virtual time: its real stores, platforms, gateway and jobs. No other file of this folder imports
 * them but `process-driver.ts`, which starts the program's daemons instead.
 */
import type { CaseTerms } from '../../../src/domain/case/view.ts'
import { platformOrigin } from '../../../src/domain/origins.ts'
import { refundKey, shortDigest } from '../../../src/deps-alerts.ts'
import { createHttpGateway } from '../../../src/gateways/http/index.ts'
import { createPlatformGate } from '../../../src/jobs/platform-gate.ts'
import { decideCaseJob } from '../../../src/jobs/decide-case.ts'
import { enrichCase } from '../../../src/jobs/enrich-case.ts'
import type { Outcome } from '../../../src/jobs/job.ts'
import { refundOrder } from '../../../src/jobs/refund-order.ts'
import { resolveCase } from '../../../src/jobs/resolve-case.ts'
import { sweepCases } from '../../../src/jobs/sweep-cases.ts'
import type { Wants } from '../../../src/jobs/wants.ts'
import { watchDeadlines } from '../../../src/jobs/watch-deadlines.ts'
import type { Call } from '../../../src/http-wire.ts'
import { parseJson } from '../../../src/parse-json.ts'
import { acceptEvent, keptOf } from '../../../src/platforms/accept-event.ts'
import { createChargebackhitAlerts } from '../../../src/platforms/chargebackhit/alerts.ts'
import { createChargebackhitApi } from '../../../src/platforms/chargebackhit/api.ts'
import { readAlert } from '../../../src/platforms/chargebackhit/read-alert.ts'
import { parseAlert } from '../../../src/domain/alert/read-event.ts'
import { createMidigatorAlerts } from '../../../src/platforms/midigator/alerts.ts'
import { createMidigatorEventsApi } from '../../../src/platforms/midigator/events-api.ts'
import { createMidigatorPreventionApi } from '../../../src/platforms/midigator/prevention-api.ts'
import type { PlatformService } from '../../../src/platforms/platform.ts'
import type { Redis } from '../../../src/redis.ts'
import { acceptChanges } from '../../../src/sources/accept-changes.ts'
import { createGenericSource } from '../../../src/sources/generic/index.ts'
import { createAlarmOutbox } from '../../../src/store/alarm-outbox.ts'
import { createAlarmStore } from '../../../src/store/alarm-store.ts'
import { createCaseStore, type CaseStore, type OutgoingAlarm } from '../../../src/store/case-store.ts'
import { keysOf } from '../../../src/store/keys.ts'
import { createOrderStore } from '../../../src/store/order-store.ts'
import { createRefundStore } from '../../../src/store/refund-store.ts'
import { createSourceStore } from '../../../src/store/source-store.ts'
import { createRejectedStore } from '../../../src/store/rejected-store.ts'
import { JobQueue } from './job-queue.ts'
import type { Program, ProgramParts, RaisedAlarm } from './program.ts'

const HOUR = 3_600_000
/** Milliseconds between two sweeps. Four times the default: what waits in vain is looked at a quarter as often. */
export const SWEEP_MS = 120_000
/** A case that waits is looked at every twelve hours: the program's default of five minutes costs many times the commands. */
export const LOOK_MS = 12 * HOUR
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const ASKS_PERSON = ['parked', 'awaiting-approval']

const termsOf = ({ trigger, defaultCurrency }: ProgramParts['settings']): CaseTerms => ({
  refunds: {
    trigger,
    mode: 'auto',
    autoLimit: null,
    hourlyLimit: null,
    limitCurrency: null,
    likelyAtStop: 'person',
    settleMs: 10_000,
    hasGateway: true,
    listLagMs: 120_000,
    deadlines: {
      windowMs: 24 * HOUR,
      cdrnWindowMs: 72 * HOUR,
      targetMs: 4 * HOUR,
      alarmMs: 12 * HOUR,
      stopMs: 4 * HOUR,
    },
  },
  resolve3ds: false,
  defaultCurrency,
  lookbackMs: 180 * 24 * HOUR,
  graceMs: HOUR,
  pendingAtStop: 'person',
  lookMs: LOOK_MS,
  refundLeaseMs: 25_000,
  lateAnswerMs: HOUR,
})

/** The program over one namespace of Redis, with the world's servers behind its adapters. */
export function startProgram(redis: Redis, namespace: string, parts: ProgramParts): Program {
  const { now, serve, settings } = parts
  // What merchants ask at the same moment goes out in one write.
  redis.options.enableAutoPipelining = true
  const keys = keysOf(namespace)
  const orders = createOrderStore(redis, { keys, clockAheadMaxMs: 300_000, sweepMs: SWEEP_MS, clock: now })
  const cases = createCaseStore(redis, { keys, clock: now })
  const refunds = createRefundStore(redis, { keys, defaultMode: 'auto', clock: now })
  const alarmOutbox = createAlarmOutbox(redis, { keys, clock: now })
  const alarms = createAlarmStore(redis, keys)
  const sources = createSourceStore(redis, { keys, clock: now })
  const raised: RaisedAlarm[] = []
  const queue = new JobQueue(now)
  let touched = true
  let attempts = 0

  const call: Call = async ({ method, url, headers, body }) => {
    const { status, body: answered } = await serve({ method, url: new URL(url), headers, body: body ?? '' })
    const text = typeof answered === 'string' ? answered : JSON.stringify(answered)
    return { answer: { status, words: text, retryAfterMs: null }, text }
  }
  const alertLinks = new Map(createPlatforms(call).map(platform => {
    const gate = openGate(platform.asking)
    return [platform.name, { platform, asking: gate, answering: gate }] as const
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

  const gateway = createHttpGateway({
    url: 'http://gateway',
    secret: SECRET,
    keepsKeysMs: settings.keepsKeysHours * HOUR,
    http: { call },
    now,
    newId: () => `lookup-${(attempts += 1)}`,
  })
  const deps = {
    cases, orders, sources, refunds, alarmOutbox, gateway, alertLinks, wants, shortDigest, refundKey,
    caseTerms: termsOf(settings),
    wantSync: async () => {},
    redisNow: async () => now(),
    monotonicMs: now,
    newAttemptId: () => `attempt-${(attempts += 1)}`,
    durable: async () => {},
    sendsAlarms: false,
    onAlarm: (alarm: OutgoingAlarm) => {
      if (alarm.state === 'raised' && alarm.caseId !== null) raised.push({ name: alarm.name, caseId: alarm.caseId, orderId: alarm.orderId, at: alarm.at, text: alarm.says })
    },
    onAnswered: () => {},
    onResolutionCall: () => {},
    onRefundCall: () => {},
    onRefunded: () => {},
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

  const source = createGenericSource([], 72)
  const acceptDeps = {
    orders, alarms, sourceStore: sources, wantCasesOf,
    rejected: createRejectedStore(redis, keys),
    wantSync: async () => {},
    durable: async () => {},
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
    raised,
    async change(body) {
      touched = true
      const [result] = await acceptChanges(source, [body], acceptDeps)
      return result!.status === 'rejected' ? JSON.stringify(result!.errors) : null
    },
    async event(platform, json) {
      touched = true
      const parsed = parseJson(Buffer.from(json), 'all')
      if ('fault' in parsed) return 'not JSON'
      const read = platform === 'midigator' ? parseAlert(parsed.value) : readAlert(parsed.value)
      if ('errors' in read) return JSON.stringify(read.errors)
      if (read.kind !== 'event') return null
      const wantCase = async (id: string) => queue.add('decide', id)
      await acceptEvent({ cases, wantCase, durable: async () => {}, shortDigest }, platform, read.event, keptOf(parsed.value, json.length))
      return null
    },
    async work() {
      if (queue.hasWork) touched = true
      await queue.drain(run)
    },
    async nextAt() {
      // What is due is found by the sweep, whose time comes every two minutes.
      if (touched) known = roundUp(await dueAt(), now())
      touched = false
      const times = [known, queue.nextAt].filter(time => time !== null)
      return times.length === 0 ? null : Math.min(...times)
    },
    wake() {
      if (known === null || known > now()) return
      touched = true
      queue.add('sweep', '')
      queue.add('deadlines', '')
    },
    stateOf: (platform, guid) => stateIn(cases, platform, guid),
    close: () => deleteNamespace(redis, namespace),
  }
} // prettier-ignore

/** What became of an alert, as the program keeps it. */
export async function stateIn(cases: Pick<CaseStore, 'read'>, platform: string, guid: string) {
  const stored = await cases.read(`${platform}:${guid}`)
  if (stored === null) return null
  const { state, reason, orderId } = stored.record
  return { state, why: reason, orderId, asksPerson: ASKS_PERSON.includes(state) }
}

/** Deletes every key of a namespace. */
export async function deleteNamespace(redis: Redis, namespace: string): Promise<void> {
  let cursor = '0'
  do {
    const [next, found] = await redis.scan(cursor, 'MATCH', `{${namespace}}*`, 'COUNT', 2_000)
    cursor = next
    if (found.length > 0) await redis.unlink(...found)
  } while (cursor !== '0')
}

const LOOKS_EVERY_MS = SWEEP_MS
const roundUp = (due: number | null, now: number): number | null =>
  due === null ? null : Math.max(now, Math.ceil(due / LOOKS_EVERY_MS) * LOOKS_EVERY_MS)

function createPlatforms(call: Call) {
  const service = (name: string): PlatformService => ({
    name,
    access: async () => ({ token: 'token', generation: 1 }),
    renew: async () => ({ access: { token: 'token', generation: 1 } }),
    dropAccess: () => {},
  })
  const http = { call }
  const api = createChargebackhitApi({ url: 'http://chargebackhit', publicKey: 'pk', secretKey: 'sk', http })
  return [
    createMidigatorAlerts({
      eventsService: service('midigator-events'),
      preventionService: service('midigator-prevention'),
      events: createMidigatorEventsApi({ url: 'http://events', http }),
      prevention: createMidigatorPreventionApi({ url: 'http://prevention', http }),
    }),
    createChargebackhitAlerts(api, service('chargebackhit')),
  ]
}

const openGate = (platform: PlatformService) =>
  createPlatformGate({
    gate: { record: async () => ({ shut: false, opened: false }), enter: async () => null },
    platform,
    deniedProbeMs: 1_000,
    onGateOpened: async () => {},
    onGateShut: () => {},
  })
