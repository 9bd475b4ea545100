import { expect } from 'vitest'
import { parseConfig, type ConfigName } from '../../src/config.ts'
import { createDeps, type Deps } from '../../src/deps.ts'
import type { Decision } from '../../src/domain/case/log.ts'
import type { Log } from '../../src/log.ts'
import { startIngress } from '../../src/http/start-ingress.ts'
import { decideCase } from '../../src/jobs/case-decision.ts'
import { JOBS } from '../../src/jobs/index.ts'
import { startAlerts, startOrderSync, startScheduler } from '../../src/queue/start-jobs.ts'
import type { Alert, AlertWish, Chargeback } from '../../src/sandbox/alerts.ts'
import { chargebackNew, matched, orderRefund, preventionNew } from '../../src/sandbox/event-payloads.ts'
import type { CallEntry } from '../../src/sandbox/inbox.ts'
import type { ScenarioOptions } from '../../src/sandbox/scenario-options.ts'
import type { ScenarioName } from '../../src/sandbox/scenario-plans.ts'
import type { ScenarioResult } from '../../src/sandbox/scenarios.ts'
import type { Sandbox, SandboxOptions } from '../../src/sandbox/server.ts'
import { wireTime } from '../../src/sandbox/wire-time.ts'
import { writeJson } from '../../src/sandbox/wire-json.ts'
import { acceptChanges } from '../../src/sources/accept-changes.ts'
import type { CaseRecord } from '../../src/store/case-store.ts'
import { eventually } from '../support/eventually.ts'
import { isLong } from '../support/long.ts'
import { sale } from '../support/sale.ts'
import { stateDir } from '../support/state-dir.ts'
import { takeSandbox } from '../support/take-sandbox.ts'
import { useScratch } from '../support/use-scratch.ts'

/** Settings of a line, beside or instead of its own. */
export type Settings = Partial<Record<ConfigName, string>>

/** The defaults, shrunk so far that a whole life of failures passes in a second. */
const SHRUNKEN: Settings = {
  ORDER_SYNC_SETTLE_MS: '0',
  PUSH_TIMEOUT_MS: '500',
  PUSH_DOUBT_MS: '250',
  BACKOFF_MIN_MS: '10',
  BACKOFF_MAX_MS: '80',
  ORDER_SYNC_LOCK_MS: '1500',
  ORDER_SYNC_STALLED_MS: '300',
  ALERTS_LOCK_MS: '1500',
  BREAKER_FAILURES: '1000',
  BREAKER_PROBE_MS: '100',
  DENIED_PROBE_MS: '250',
  SWEEP_MS: '250',
  CANARY_MS: '1000',
  DEADLINES_MS: '200',
  CATCH_UP_MS: '300',
  CASE_LOOK_MS: '400',
  REFUND_TIMEOUT_MS: '500',
  REFUND_LOOKUPS_MS: '50,100,200,300',
  SUBSCRIPTION_PING_MS: '2000',
  LOG_LEVEL: 'silent',
  REFUND_MODE: 'auto',
  REQUEST_SETTLE_MS: '150',
  MATCH_GRACE_MS: '400',
  REFUND_LIST_LAG_MS: '300',
}

const YEAR_MS = 365 * 86_400_000

const DAEMONS = { 'order-sync': startOrderSync, alerts: startAlerts, scheduler: startScheduler }
type DaemonName = keyof typeof DAEMONS
const DAEMON_NAMES = Object.keys(DAEMONS) as DaemonName[]

interface LineOptions extends SandboxOptions {
  /** Daemons that do not run from the start. */
  without?: readonly DaemonName[]
  /**
   * Whether the test needs the scheduler: sweeps, deadlines, alarms, catching up. It is what costs most of a line, so only where long tests
   * run every line has one.
   */
  isScheduled?: boolean
  /** Since when every order is known here, in milliseconds; a year ago unless given. */
  completeSince?: number
  /** Where its daemons log; nowhere unless given. */
  log?: Log
}

/** What Midigator's events come with here. */
export const HOOK = { username: 'midigator', password: 'hook-password-1' }

/** The whole of the alert path in one process, on real Redis and over real HTTP: hooks, every daemon, the sandbox. */
export interface AlertLine {
  sandbox: Sandbox
  deps: Deps
  /** Where Midigator's events are sent. */
  hookUrl: string
  /** Takes changes of orders in, as the generic source's hook does. */
  tell(...changes: Record<string, unknown>[]): Promise<void>
  /** Tells of a settled order; answers its id. */
  sell(orderId: string, fields?: Record<string, unknown>): Promise<string>
  /** The same, once the platform has the order too. */
  sold(orderId: string, fields?: Record<string, unknown>): Promise<string>
  /** Plays a scenario of the sandbox, on an order that the platform has; its events go where Midigator was told to send them. */
  play(name: ScenarioName, options?: ScenarioOptions): Promise<ScenarioResult>
  /** Sends one event to the hook as Midigator does; answers the status. */
  send(event: Record<string, unknown>): Promise<number>
  /** Makes an alert of 30.00 dollars at the platform, and sends `prevention.new`. */
  alert(wish?: Partial<AlertWish>): Promise<Alert>
  /** Ties an alert or a chargeback to an order at the platform, and sends the event of it. */
  match(of: Alert | Chargeback, orderId: string): Promise<void>
  /** Makes a chargeback of the order, and sends both of its events. */
  chargeBack(orderId: string): Promise<Chargeback>
  /** Sends `order.refund`; answers the order's guid. */
  askRefund(orderId: string, amount?: string): Promise<string>
  /** A person's decision about a case. */
  decide(guid: string, decision: Decision): Promise<CaseRecord>
  /** The case of an alert (of Midigator's, by its guid; of anybody's, by the id of its case) once `when` holds of it. */
  caseOf(guid: string, when?: (record: CaseRecord) => boolean): Promise<CaseRecord>
  /** The calls at the gateway that ask for a refund of this order, oldest first; of the newest 1,000 calls. */
  refundCalls(orderId: string): CallEntry[]
  /** Starts a daemon once more, or one that does not run yet; answers how to end it. */
  start(name: DaemonName): Promise<(ms: number) => Promise<void>>
}

/** Gives each test of a file a line of its own, and leaves nothing of it behind. */
export function useAlertLines(): (settings?: Settings, options?: LineOptions) => Promise<AlertLine> {
  const { redisUrl, endings, nextNamespace } = useScratch()
  return async (
    settings = {},
    { without = [], completeSince = Date.now() - YEAR_MS, isScheduled = false, log, ...options } = {},
  ) => {
    const sandbox = await takeSandbox({ redeliverMs: 50, ...options })
    endings.push(() => sandbox.close())
    const config = parseConfig(
      {
        ...SHRUNKEN,
        REDIS_URL: redisUrl,
        REDIS_NAMESPACE: nextNamespace(),
        STATE_DIR: stateDir(),
        PORT: '0',
        MIDIGATOR_DATA_URL: sandbox.dataUrl,
        MIDIGATOR_DATA_USERNAME: 'sandbox_user',
        MIDIGATOR_DATA_PASSWORD: '4f86fed3605b647f948a69ec6bcf728d',
        MIDIGATOR_AUTH_URL: sandbox.authUrl,
        MIDIGATOR_EVENTS_URL: sandbox.eventsUrl,
        MIDIGATOR_PREVENTION_URL: sandbox.preventionUrl,
        MIDIGATOR_API_SECRET: sandbox.apiSecret,
        MIDIGATOR_HOOK_USERNAME: HOOK.username,
        MIDIGATOR_HOOK_PASSWORD: HOOK.password,
        MIDIGATOR_EMAIL: 'ops@example.com',
        CHARGEBACKHIT_URL: sandbox.chargebackhitUrl,
        CHARGEBACKHIT_PUBLIC_KEY: sandbox.chargebackhitKeys.publicKey,
        CHARGEBACKHIT_SECRET_KEY: sandbox.chargebackhitKeys.secretKey,
        REFUND_HTTP_URL: sandbox.gatewayUrl,
        REFUND_HTTP_SECRET: sandbox.gatewaySecret,
        // The sandbox keeps keys for a day.
        REFUND_HTTP_KEEPS_KEYS_HOURS: '24',
        ...settings,
      },
      [],
    )
    const deps = createDeps(config, { name: 'line', patience: 'patient' })
    endings.push(() => deps.close())
    await deps.sourceStore.seen('generic')
    await deps.sourceStore.complete('generic', completeSince, 'ann')
    const ingress = await startIngress(deps)
    endings.push(() => ingress.close(1_000))
    const hookUrl = `${ingress.url}/hooks/alerts/midigator`
    sandbox.chargebackhit.notifyAt(`${ingress.url}/hooks/alerts/chargebackhit`)
    const all = createDeps(
      { ...config, PUBLIC_URL: ingress.url },
      { name: 'worker', patience: 'patient', ...(log && { log }) },
    )
    endings.push(() => all.close())
    const start = async (name: DaemonName) => {
      const running = await DAEMONS[name](all)
      let closed: Promise<void> | undefined
      const close = (ms: number) => (closed ??= running.close(ms))
      endings.push(() => close(1_000))
      return close
    }
    const left = isScheduled || isLong ? without : [...without, 'scheduler']
    for (const name of DAEMON_NAMES) if (!left.includes(name)) await start(name)
    let subscribed: Promise<unknown> | undefined
    const subscribe = () =>
      JOBS.ensureSubscriptions.run({}, all.jobDeps, { attemptsMade: 0, signal: new AbortController().signal })
    const tell = async (...changes: Record<string, unknown>[]) => {
      const results = await acceptChanges(deps.sources.get('generic')!, changes, {
        ...deps,
        startCommit: deps.startCommit,
        now: Date.now,
        onResult: () => {},
        settleMs: 0,
        clockAheadAlarmMs: 60_000,
      })
      const refused = results.find(result => result.errors !== undefined)
      if (refused) throw new Error(`refused: ${JSON.stringify(refused.errors)}`)
    }
    const sell = async (orderId: string, fields: Record<string, unknown> = {}) => {
      await tell({ ...sale(orderId), ...fields })
      return orderId
    }
    const atPlatform = (orderId: string) =>
      eventually(() => expect(sandbox.inbox.record(orderId)).toMatchObject({ order_id: orderId }))
    const post = (event: Record<string, unknown>) => sendEvent(hookUrl, event)
    const match = async (of: Alert | Chargeback, orderId: string) => {
      sandbox.alerts.match(of, orderId)
      const order = { order_id: orderId, order_guid: sandbox.alerts.nameOrder(orderId) }
      await post(matched(of, order, 'v0.6').members)
    }
    return {
      sandbox,
      deps: all,
      hookUrl,
      tell,
      sell,
      async sold(orderId, fields = {}) {
        await sell(orderId, fields)
        await atPlatform(orderId)
        return orderId
      },
      async play(name, scenario = {}) {
        await (subscribed ??= subscribe())
        if (scenario.order_id !== undefined) await atPlatform(scenario.order_id)
        return sandbox.scenarios.trigger(name, scenario)
      },
      send: post,
      async alert(wish = {}) {
        const alert = sandbox.alerts.add({ ...DISPUTE, partner: 'ethoca', ...wish })
        await post(preventionNew(alert, 'v0.6').members)
        return alert
      },
      match,
      async chargeBack(orderId) {
        const chargeback = sandbox.alerts.addChargeback(DISPUTE)
        await post(chargebackNew(chargeback, 'v0.6').members)
        await match(chargeback, orderId)
        return chargeback
      },
      async askRefund(orderId, amount = '30.00') {
        const order = { order_id: orderId, order_guid: sandbox.alerts.nameOrder(orderId) }
        await post(orderRefund(order, amount, 'v0.6').members)
        return order.order_guid
      },
      async decide(guid, decision) {
        const decided = await decideCase(all.jobDeps, caseIdOf(guid), ({ now }) => ({
          add: [{ what: 'decision', at: now, by: 'ann', reason: null, ...decision }],
        }))
        if (decided.done !== 'decided') throw new Error(`case ${guid}: ${decided.done}`)
        return decided.record
      },
      caseOf: (guid, when = () => true) =>
        eventually(async () => {
          const [record] = await deps.cases.records([caseIdOf(guid)])
          if (record === undefined) throw new Error(`no case ${guid}`)
          if (!when(record)) throw new Error(`case ${guid} is ${record.state}: ${record.reason}`)
          return record
        }),
      refundCalls: orderId =>
        sandbox.inbox.requests(1_000).filter(({ call, payload }) => call === 'refund' && orderOf(payload) === orderId),
      start,
    }
  }
}

/** Waits until no job of the alert path waits or runs. */
export async function settled({ deps }: AlertLine): Promise<void> {
  const names = ['decide-case', 'enrich-case', 'refund-order', 'resolve-case']
  await eventually(async () => {
    const counts = await Promise.all(names.map(name => deps.queues.of(name).getJobCounts()))
    const left = counts.map(({ active = 0, waiting = 0, prioritized = 0 }) => active + waiting + prioritized)
    expect(left).toEqual(names.map(() => 0))
  })
}

const caseIdOf = (guid: string) => (guid.includes(':') ? guid : `midigator:${guid}`)
const orderOf = (payload: unknown) => (payload as { order_id?: unknown } | null)?.order_id

/** The card of every sale that a test does not give one: what the alert states of the sale fits each of them alike. */
const DISPUTE = { mid: '242', card_first_6: '401288', card_last_4: '1881', amount: '30.00', currency: 'USD' }

async function sendEvent(url: string, event: Record<string, unknown>): Promise<number> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { authorization: BASIC, 'content-type': 'application/json' },
    body: writeJson({ event_timestamp: wireTime(Date.now()), ...event }),
  })
  await answer.text()
  return answer.status
}

/** The header that lets Midigator in. */
export const BASIC = `Basic ${Buffer.from(`${HOOK.username}:${HOOK.password}`).toString('base64')}`
