import type { Deps } from '../deps.ts'
import { unsafeSettings } from '../store/redis-state.ts'
import { createIngress } from './ingress.ts'

/** The daemon `ingress`: hooks in on `HOST`:`PORT`. Answers the address it listens on, and how to end it. */
export async function startIngress(deps: Deps): Promise<{ url: string; close(ms: number): Promise<void> }> {
  const { config, metrics } = deps
  const app = await createIngress(
    {
      sources: deps.sources,
      log: deps.log,
      orders: deps.orders,
      rejected: deps.rejected,
      sourceStore: deps.sourceStore,
      alarms: deps.alarms,
      wantSync: deps.wantSync,
      wantCasesOf: deps.wantCasesOf,
      alertHooks: deps.alertHooks,
      cases: deps.cases,
      events: deps.events,
      wantCase: deps.wantCase,
      shortDigest: deps.jobDeps.shortDigest,
      logins: deps.logins,
      onLoginFailed: (login, outcome) => metrics.loginFailures.inc({ login, outcome }),
      onEvent: (platform, type, status) => metrics.events.inc({ platform, type, status }),
      startCommit: deps.startCommit,
      now: deps.clock.now,
      settleMs: config.ORDER_SYNC_SETTLE_MS,
      clockAheadAlarmMs: config.CLOCK_AHEAD_ALARM_MS,
      unready: () => unready(deps),
      onResult: (source, status) => metrics.changes.inc({ source, status }),
      onHook: (source, status, tookMs) => metrics.hookSeconds.observe({ source, status }, tookMs / 1_000),
    },
    {
      trustProxy: config.TRUST_PROXY,
      rate:
        config.HOOK_RATE_MAX === undefined
          ? null
          : { max: config.HOOK_RATE_MAX, durationMs: config.HOOK_RATE_DURATION_MS },
    },
  )
  const url = await app.listen({ host: config.HOST, port: config.PORT })
  return { url, close: () => app.close() }
}

async function unready(deps: Deps): Promise<string[]> {
  const refused = deps.writes.refused()
  if (refused !== null) return [`${refused.refusal}: ${refused.why}`]
  try {
    return unsafeSettings(await deps.health.state(), deps.config.NODE_ENV === 'production')
  } catch {
    return ['Redis does not answer']
  }
}
