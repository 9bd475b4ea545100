import { parseConfig, type ConfigName } from '../../src/config.ts'
import { createDeps, type Deps } from '../../src/deps.ts'
import type { Log } from '../../src/log.ts'
import { startOrderSync, startScheduler, type Running } from '../../src/queue/start-jobs.ts'
import type { Sandbox } from '../../src/sandbox/server.ts'
import { acceptChanges, type ChangeResult } from '../../src/sources/accept-changes.ts'
import { stateDir } from '../support/state-dir.ts'
import { takeSandbox } from '../support/take-sandbox.ts'
import { useScratch } from '../support/use-scratch.ts'

type Settings = Partial<Record<ConfigName, string>>

/** The defaults, shrunk so far that a whole life of failures passes in a second. */
const SHRUNKEN: Settings = {
  ORDER_SYNC_SETTLE_MS: '0',
  PUSH_TIMEOUT_MS: '400',
  PUSH_DOUBT_MS: '250',
  BACKOFF_MIN_MS: '10',
  BACKOFF_MAX_MS: '80',
  ORDER_SYNC_LOCK_MS: '1500',
  ORDER_SYNC_STALLED_MS: '300',
  BREAKER_FAILURES: '1000',
  BREAKER_PROBE_MS: '100',
  DENIED_PROBE_MS: '150',
  SWEEP_MS: '100',
  CANARY_MS: '100',
}

/** A sandbox, and processes that work on one namespace; every one of them with connections of its own. */
export interface Pipeline {
  sandbox: Sandbox
  /** The dependencies of a process that takes hooks; its stores are for looking. */
  deps: Deps
  /** Everything any process logged. */
  logged: { level: string; args: unknown[] }[]
  /** Starts a process that pushes orders (or the scheduler) with the shrunken settings and these. */
  startWorker(settings?: Settings): Promise<{ deps: Deps; running: Running }>
  startScheduler(settings?: Settings): Promise<{ deps: Deps; running: Running }>
  /** Takes changes in as the generic source's hook does. */
  tell(...changes: Record<string, unknown>[]): Promise<ChangeResult[]>
  /** What the platform received for one order: the payloads in the order they came. */
  received(orderId: string): Record<string, unknown>[]
}

/** Opens pipelines for the tests of a file, each until its test or the file has ended, and leaves nothing of them behind. */
export function usePipelines(until: 'test' | 'file' = 'test'): (settings?: Settings) => Promise<Pipeline> {
  const { redisUrl, endings, nextNamespace } = useScratch(until)
  return async (settings = {}) => {
    const sandbox = await takeSandbox()
    endings.push(() => sandbox.close())
    const logged: Pipeline['logged'] = []
    const base: Settings = {
      ...SHRUNKEN,
      REDIS_URL: redisUrl,
      REDIS_NAMESPACE: nextNamespace(),
      STATE_DIR: stateDir(),
      MIDIGATOR_DATA_URL: sandbox.dataUrl,
      MIDIGATOR_DATA_USERNAME: 'sandbox_user',
      MIDIGATOR_DATA_PASSWORD: '4f86fed3605b647f948a69ec6bcf728d',
      ...settings,
    }
    const depsWith = (name: string, more: Settings) => {
      const config = parseConfig({ ...base, ...more }, ['order-sync'])
      const deps = createDeps(config, { name, patience: 'patient', log: logTo(logged) })
      endings.push(() => deps.close())
      return deps
    }
    const start = async (name: string, more: Settings, begin: (deps: Deps) => Promise<Running>) => {
      const deps = depsWith(name, more)
      const running = await begin(deps)
      endings.push(() => running.close(0))
      return { deps, running }
    }
    const deps = depsWith('ingress', {})
    return {
      sandbox,
      deps,
      logged,
      startWorker: (more = {}) => start('order-sync', more, startOrderSync),
      startScheduler: (more = {}) => start('scheduler', more, startScheduler),
      tell: (...changes) => tell(deps, changes),
      received: orderId =>
        sandbox.inbox.order(orderId)?.history.map(call => call.payload as Record<string, unknown>) ?? [],
    }
  }
}

let lastAt = Date.now() - 3_600_000

/** A settled order's change, a second after the one before, wherever nothing else is said. */
export const change = (orderId: string, fields: Record<string, unknown> = {}): Record<string, unknown> => ({
  order_id: orderId,
  occurred_at: new Date((lastAt += 1_000)).toISOString(),
  ...fields,
})

/** The first change of an order: settled, so that it is pushed. */
export const settledChange = (orderId: string, fields: Record<string, unknown> = {}): Record<string, unknown> =>
  change(orderId, { order_status: 'Complete', ...fields })

function tell(deps: Deps, changes: Record<string, unknown>[]): Promise<ChangeResult[]> {
  const source = deps.sources.get('generic')!
  return acceptChanges(source, changes, {
    orders: deps.orders,
    rejected: deps.rejected,
    sourceStore: deps.sourceStore,
    alarms: deps.alarms,
    wantSync: deps.wantSync,
    wantCasesOf: deps.wantCasesOf,
    startCommit: deps.startCommit,
    now: Date.now,
    onResult: () => {},
    settleMs: deps.config.ORDER_SYNC_SETTLE_MS,
    clockAheadAlarmMs: deps.config.CLOCK_AHEAD_ALARM_MS,
  })
}

function logTo(logged: Pipeline['logged']): Log {
  const at =
    (level: string) =>
    (...args: unknown[]) =>
      void logged.push({ level, args })
  return {
    fatal: at('fatal'), error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug'), trace: at('trace'),
  } as Log // prettier-ignore
}
