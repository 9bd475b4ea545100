import type { Config } from '../config.ts'
import { patienceOf, startChecked, type Running } from '../daemon.ts'
import { createDeps, VERSION, type Deps } from '../deps.ts'
import { startIngress } from '../http/start-ingress.ts'
import { startOpenOps, startOps } from '../http/start-ops.ts'
import { createLog, type Log } from '../log.ts'
import { startAlerts, startOrderSync, startScheduler } from '../queue/start-jobs.ts'
import type { DaemonName } from './daemon-names.ts'
import { portError } from './listening.ts'

const START = {
  ingress: startIngress,
  'order-sync': startOrderSync,
  alerts: startAlerts,
  scheduler: startScheduler,
  ops: startOps,
} satisfies Record<DaemonName, (deps: Deps) => Promise<Running>>

export interface RunningDaemons {
  /** Where those that listen do. */
  urls: Partial<Record<DaemonName, string>>
  /** Stops taking work, waits for what is under way at most `ms`, then lets go of everything. */
  close(ms: number): Promise<void>
}

/** Makes the log of the daemon `name`. */
type LogOf = (level: string, name: string) => Log

interface StartTerms {
  logOf: LogOf
  /** Whether operations need no login. */
  isDemo: boolean
}

/** Runs daemons in this process, each with its own connections, as it would have in a process of its own. */
export async function startDaemons(
  config: Config,
  names: readonly DaemonName[],
  { logOf = createLog, isDemo = false }: Partial<StartTerms> = {},
): Promise<RunningDaemons> {
  const urls: RunningDaemons['urls'] = {}
  const starts = await Promise.allSettled(names.map(name => startOne(config, name, urls, { logOf, isDemo })))
  const running = starts.flatMap(start => (start.status === 'fulfilled' ? [start.value] : []))
  const close = async (ms: number) => void (await Promise.all(running.map(daemon => daemon.close(ms))))
  const failed = starts.find(start => start.status === 'rejected')
  if (failed === undefined) return { urls, close }
  await close(0)
  throw failed.reason
}

async function startOne(
  config: Config,
  name: DaemonName,
  urls: RunningDaemons['urls'],
  { logOf, isDemo }: StartTerms,
): Promise<Running> {
  const deps = createDeps(config, { name, patience: patienceOf(name), log: logOf(config.LOG_LEVEL, name) })
  try {
    const running = await startChecked(deps, async given => {
      const start = name === 'ops' && isDemo ? startOpenOps : START[name]
      const started: Running & { url?: string } = await start(given)
      if (started.url !== undefined) urls[name] = started.url
      return started
    })
    deps.log.info({ version: VERSION }, 'daemon started')
    return { close: ms => closeOne(deps, running, ms) }
  } catch (error) {
    await deps.close().catch(() => {})
    throw name === 'ops' ? portError(error, 'OPS_PORT', config.OPS_PORT) : portError(error, 'PORT', config.PORT)
  }
}

async function closeOne(deps: Deps, running: Awaited<ReturnType<typeof startChecked>>, ms: number): Promise<void> {
  deps.log.info('daemon stops')
  await running.close(ms)
  running.stopReporting()
  await deps.close()
}
