import { ALERT_EVERY_MS, REFUND_AFTER_MS } from './alert-events.ts'
import type { AlertsReceived } from './alerts-platform.ts'
import type { LoadPlan, LoadResult } from './load.ts'
import { alternate, quantile, type Pair } from './numbers.ts'
import { freePort, startProcess, startRedis, until } from './processes.ts'
import { environment, SECRET, startIngress, type Side } from './settings.ts'

/** (e) Events accepted by one ingress. */
export interface EventFigures extends Record<string, number> {
  perSecond: number
  cpuMicros: number
  redisCpuMicros: number
}

const CONNECTIONS = 50

export const measureEvents = (events: number, rounds: number): Promise<Pair<EventFigures>> =>
  alternate(rounds, () => eventRound('ours', events), () => eventRound('baseline', events)) // prettier-ignore

async function eventRound(side: Side, events: number): Promise<EventFigures> {
  const redis = await startRedis()
  const ingress = await startIngress(side, redis.url)
  const load = await startProcess('./load.ts')
  const plan: Omit<LoadPlan, 'from' | 'orders'> = {
    port: ingress.port,
    secret: SECRET,
    connections: CONNECTIONS,
    mix: 'events',
  }
  try {
    await load.ask({ prepare: { ...plan, from: 1_000_000, orders: events / 5 } })
    await load.ask<LoadResult>({ go: true })
    await load.ask({ prepare: { ...plan, from: 0, orders: events } })
    const before = { ingress: ingress.cpuMs(), redis: redis.cpuMs() }
    const result = await load.ask<LoadResult>({ go: true })
    if (result.refused > 0) throw new Error(`${result.refused} events were refused by the ${side} side`)
    return {
      perSecond: result.accepted / ((result.endedAt - result.startedAt) / 1_000),
      cpuMicros: ((ingress.cpuMs() - before.ingress) * 1_000) / result.accepted,
      redisCpuMicros: ((redis.cpuMs() - before.redis) * 1_000) / result.accepted,
    }
  } finally {
    await Promise.all([load.stop(), ingress.stop()])
    await redis.stop()
  }
}

/** (f) From `order.refund` to the accepted resolution, at fifty alerts a second; milliseconds. */
export interface AnswerFigures {
  alerts: number
  latencyMs: number
  p50: number
  p90: number
  p99: number
  most: number
  /** CPU milliseconds an alert. */
  alertsCpuMs: number
  redisCpuMs: number
}

export async function measureAnswers(alerts: number, latencyMs: number): Promise<AnswerFigures> {
  const redis = await startRedis()
  const port = await freePort()
  const base = `http://127.0.0.1:${port}`
  const env = {
    ...environment(redis.url, `${base}/data`),
    MIDIGATOR_AUTH_URL: `${base}/auth`,
    MIDIGATOR_EVENTS_URL: `${base}/events`,
    MIDIGATOR_PREVENTION_URL: `${base}/prevention`,
    MIDIGATOR_API_SECRET: 'bench',
    REFUND_MODE: 'auto',
    REFUND_HTTP_URL: `${base}/gateway`,
    REFUND_HTTP_SECRET: SECRET,
  }
  const [platform, load, ingress, worker, scheduler, orderSync] = await Promise.all([
    startProcess('./alerts-platform.ts', { PORT: String(port) }),
    startProcess('./load.ts'),
    startIngress('ours', redis.url),
    startProcess('../workers/alerts.ts', env, true),
    startProcess('../workers/scheduler.ts', env),
    startProcess('../workers/order-sync.ts', env),
  ])
  try {
    await platform.ask({ reset: true, latencyMs })
    const plan = { port: ingress.port, secret: SECRET, connections: CONNECTIONS, from: 0, orders: alerts }
    await load.ask({ prepare: { ...plan, mix: 'new' } satisfies LoadPlan })
    await load.ask<LoadResult>({ go: true })
    await until(async () => (await platform.ask<AlertsReceived>({})).orders >= alerts, 'the orders')
    await load.ask({ prepare: { ...plan, mix: 'alerts' } satisfies LoadPlan })
    const before = { worker: worker.cpuMs(), redis: redis.cpuMs() }
    const sent = await load.ask<LoadResult>({ go: true })
    if (sent.refused > 0) throw new Error(`${sent.refused} events were refused`)
    const received = () => platform.ask<AlertsReceived>({})
    await until(async () => Object.keys((await received()).resolvedAt).length >= alerts, 'the answers')
    const { resolvedAt, refunds } = await received()
    if (refunds !== alerts) throw new Error(`${refunds} refunds for ${alerts} alerts`)
    // From when it should have been sent, so that a sender held up by us counts against us.
    const waited = Object.entries(resolvedAt)
      .map(([n, at]) => at - sent.startedAt - Number(n) * ALERT_EVERY_MS - REFUND_AFTER_MS)
      .toSorted((a, b) => a - b)
    return {
      alerts,
      latencyMs,
      p50: quantile(waited, 0.5),
      p90: quantile(waited, 0.9),
      p99: quantile(waited, 0.99),
      most: waited.at(-1) ?? Number.NaN,
      alertsCpuMs: (worker.cpuMs() - before.worker) / alerts,
      redisCpuMs: (redis.cpuMs() - before.redis) / alerts,
    }
  } finally {
    await Promise.all([load.stop(), ingress.stop(), worker.stop(), scheduler.stop(), orderSync.stop()])
    await platform.stop()
    await redis.stop()
  }
}
