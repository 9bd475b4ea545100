import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15]
const LONG_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800, 7_200, 43_200, 86_400]

/** What one process counts of itself. Every process publishes its registry to Redis; operations shows them side by side. */
export function createMetrics() {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const changes = new Counter({
    name: 'order_sync_changes_total',
    help: 'Changes that came through a hook, by what became of them.',
    labelNames: ['source', 'status'],
    registers,
  })
  const hookSeconds = new Histogram({
    name: 'order_sync_hook_seconds',
    help: 'From a hook to its answer.',
    labelNames: ['source', 'status'],
    buckets: SECONDS,
    registers,
  })
  const pushes = new Counter({
    name: 'order_sync_pushes_total',
    help: 'Calls that carried an order to a platform, by what came of them.',
    labelNames: ['platform', 'outcome'],
    registers,
  })
  const pushSeconds = new Histogram({
    name: 'order_sync_push_seconds',
    help: 'From a call to its answer.',
    labelNames: ['platform'],
    buckets: SECONDS,
    registers,
  })
  const renewals = new Counter({
    name: 'order_sync_token_renewals_total',
    help: 'Tokens asked for, by whether one was given.',
    labelNames: ['token', 'outcome'],
    registers,
  })
  const runs = new Counter({
    name: 'order_sync_job_runs_total',
    help: 'Runs of jobs, by what they came to.',
    labelNames: ['job', 'outcome'],
    registers,
  })
  const events = new Counter({
    name: 'order_sync_events_total',
    help: 'Events that came through a platform’s hook, by type and whether they were new.',
    labelNames: ['platform', 'type', 'status'],
    registers,
  })
  const alarms = new Counter({
    name: 'order_sync_alarms_total',
    help: 'Alarms about cases, by name.',
    labelNames: ['alarm'],
    registers,
  })
  const refundCalls = new Counter({
    name: 'order_sync_refund_calls_total',
    help: 'Calls that asked the gateway for a refund, by what came of them.',
    labelNames: ['outcome'],
    registers,
  })
  const refunded = new Counter({
    name: 'order_sync_refunded_total',
    help: 'Money given back, in major units.',
    labelNames: ['currency'],
    registers,
  })
  const refundSeconds = new Histogram({
    name: 'order_sync_refund_seconds',
    help: 'From the decision to refund to its confirmation.',
    buckets: LONG_SECONDS,
    registers,
  })
  const resolutionCalls = new Counter({
    name: 'order_sync_resolution_calls_total',
    help: 'Calls that carried a resolution, by what came of them.',
    labelNames: ['outcome'],
    registers,
  })
  const answerSeconds = new Histogram({
    name: 'order_sync_answer_seconds',
    help: 'From an alert’s first event to its accepted resolution.',
    labelNames: ['resolution'],
    buckets: LONG_SECONDS,
    registers,
  })
  const startedAt = new Gauge({ name: 'order_sync_started_at_seconds', help: 'When this process started.', registers })
  startedAt.setToCurrentTime()
  return {
    registry, changes, hookSeconds, pushes, pushSeconds, renewals, runs, events, alarms, refundCalls, refunded, refundSeconds,
    resolutionCalls, answerSeconds,
  } // prettier-ignore
}
