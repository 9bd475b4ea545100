import { STATUS_CODES } from 'node:http'
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import { ALARM_NAMES } from './domain/alarms.ts'
import type { AlertEvent } from './domain/alert/event.ts'
import { ANSWER_TYPES } from './domain/alert/resolution-types.ts'
import { readCurrencyCode } from './domain/basics/currency-codes.ts'
import type { Answer, Verdict } from './domain/judge-answer.ts'
import type { MergeStatus } from './domain/merge-order.ts'
import type { GatewayRefund, RefundAnswer } from './gateways/gateway.ts'
import { JOBS } from './jobs/index.ts'
import type { Outcome } from './jobs/job.ts'
import { REFUSAL_NAMES } from './redis/refusals.ts'

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15]
const LONG_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800, 7_200, 43_200, 86_400]

/** The values that a label may have. Any other value is counted as `unknown`: nothing that is sent to us can add a series. */
type Closed<Label extends string> = Readonly<Record<Label, { has(value: string): boolean }>>
const UNKNOWN = 'unknown'

/** All values of a type; a value that is missing here or is not one of them does not compile. */
const namesOf = <Name extends string>(all: Readonly<Record<Name, true>>): ReadonlySet<string> =>
  new Set(Object.keys(all))

const CHANGE_STATUS = namesOf<MergeStatus | 'rejected'>({
  changed: true, unchanged: true, stale: true, held: true, rejected: true,
}) // prettier-ignore
const PUSH_OUTCOME = namesOf<Verdict['next']>({
  accept: true, 'renew-token': true, stop: true, reject: true, wait: true, 'back-off': true,
}) // prettier-ignore
const JOB_OUTCOME = namesOf<Outcome['outcome'] | 'bug'>({
  done: true, again: true, later: true, 'all-wait': true, park: true, bug: true,
}) // prettier-ignore
const EVENT_TYPE = namesOf<AlertEvent['type'] | 'ping' | 'unreadable' | 'invalid' | 'unknown' | 'caught-up'>({
  alert: true, 'alert-match': true, chargeback: true, 'chargeback-match': true, refund: true,
  ping: true, unreadable: true, invalid: true, unknown: true, 'caught-up': true,
}) // prettier-ignore
const EVENT_STATUS = namesOf<'new' | 'known' | 'unknown' | 'ping' | 'refused'>({
  new: true, known: true, unknown: true, ping: true, refused: true,
}) // prettier-ignore
const REFUND_OUTCOME = namesOf<GatewayRefund['status'] | Exclude<RefundAnswer['said'], 'refund'>>({
  succeeded: true, pending: true, failed: true, refused: true, 'not-taken': true, nothing: true,
}) // prettier-ignore
const NO_ANSWER = namesOf<Extract<Answer, { failure: string }>['failure']>({
  unsent: true, timeout: true, lost: true, oversized: true, aborted: true, withheld: true,
}) // prettier-ignore
const HTTP_STATUS = new Set(Object.keys(STATUS_CODES))
const CURRENCY = { has: (code: string) => readCurrencyCode(code) === code }
const LOGIN_OUTCOME = namesOf<'refused' | 'throttled'>({ refused: true, throttled: true })
const TOKENS = new Set(['midigator-data', 'midigator-api'])
const RENEWED = new Set(['renewed', 'refused'])

/** Gauges that prom-client names as if they were counters; no rule or page of ours reads them. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

/** Names that come from what is configured. */
export interface MetricNames {
  sources: readonly string[]
  platforms: readonly string[]
}

/** What one process counts of itself. Every process publishes its registry to Redis; operations shows them side by side. */
export function createMetrics(names: MetricNames) {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  for (const name of MISNAMED) registry.removeSingleMetric(name)
  const { counter, histogram } = metricsIn(registry)
  const [source, platform] = [new Set(names.sources), new Set(names.platforms)]
  const metrics = {
    changes: counter('changes_total', 'Changes that came through a hook, by what became of them.', {
      source,
      status: CHANGE_STATUS,
    }),
    hookSeconds: histogram('hook_seconds', 'From a hook to its answer.', { source, status: HTTP_STATUS }),
    pushes: counter('pushes_total', 'Calls that carried an order to a platform, by what came of them.', {
      platform,
      outcome: PUSH_OUTCOME,
    }),
    pushSeconds: histogram('push_seconds', 'From a call to its answer.', { platform }),
    renewals: counter('token_renewals_total', 'Tokens asked for, by whether one was given.', {
      token: TOKENS,
      outcome: RENEWED,
    }),
    runs: counter('job_runs_total', 'Runs of jobs, by what they came to.', {
      job: new Set(Object.values(JOBS).map(job => job.name)),
      outcome: JOB_OUTCOME,
    }),
    events: counter('events_total', 'Events that came through a platform’s hook, by type and whether they were new.', {
      platform,
      type: EVENT_TYPE,
      status: EVENT_STATUS,
    }),
    loginFailures: counter('login_failures_total', 'Logins that failed, by what they were to; throttled: too many came from the address.', {
      login: new Set(['console', ...names.platforms]),
      outcome: LOGIN_OUTCOME,
    }),
    redisRefusals: counter('redis_refusals_total', 'How often Redis began to refuse writes, by why.', {
      refusal: new Set<string>(REFUSAL_NAMES),
    }),
    alarms: counter('alarms_total', 'Alarms about cases, by name.', { alarm: new Set<string>(ALARM_NAMES) }),
    refundCalls: counter('refund_calls_total', 'Calls that asked the gateway for a refund, by what came of them.', {
      outcome: REFUND_OUTCOME,
    }),
    refunded: counter('refunded_total', 'Money refunded, in major units.', { currency: CURRENCY }),
    refundSeconds: histogram('refund_seconds', 'From the decision to refund to its confirmation.', {}, LONG_SECONDS),
    resolutionCalls: counter('resolution_calls_total', 'Calls that carried a resolution, by what came of them.', {
      outcome: new Set([...NO_ANSWER, ...HTTP_STATUS]),
    }),
    answerSeconds: histogram('answer_seconds', 'From an alert’s first event to its accepted resolution.', {
      resolution: new Set<string>(ANSWER_TYPES),
    }, LONG_SECONDS),
  } // prettier-ignore
  new Gauge({ name: 'order_sync_started_at_seconds', help: 'When this process started.', registers: [registry] }).setToCurrentTime() // prettier-ignore
  return { registry, ...metrics }
}

type Labels<Label extends string> = Readonly<Record<Label, string | number>>

/** What makes metrics in this registry, each label with its closed list. */
function metricsIn(registry: Registry) {
  const registers = [registry]
  function counter<Label extends string>(name: string, help: string, closed: Closed<Label>) {
    const labelNames = Object.keys(closed) as Label[]
    const metric = new Counter({ name: `order_sync_${name}`, help, labelNames, registers })
    return { inc: (labels: Labels<Label>, by = 1) => metric.inc(within(closed, labels), by) }
  }
  function histogram<Label extends string>(name: string, help: string, closed: Closed<Label>, buckets = SECONDS) {
    const labelNames = Object.keys(closed) as Label[]
    const metric = new Histogram({ name: `order_sync_${name}`, help, labelNames, buckets, registers })
    return { observe: (labels: Labels<Label>, seconds: number) => metric.observe(within(closed, labels), seconds) }
  }
  return { counter, histogram }
}

function within<Label extends string>(closed: Closed<Label>, labels: Labels<Label>): Record<Label, string> {
  const names = Object.keys(closed) as Label[]
  const values = names.map(name => [name, closed[name].has(`${labels[name]}`) ? `${labels[name]}` : UNKNOWN])
  return Object.fromEntries(values) as Record<Label, string>
}
