import { setTimeout as pause } from 'node:timers/promises'
import { ConfigError, loadConfig, type Config, type Role } from './config.ts'
import { createDeps, VERSION, type Deps } from './deps.ts'
import { openHeartbeat } from './heartbeat.ts'
import type { Patience } from './redis/connect.ts'
import { unsafeSettings } from './store/redis-state.ts'

export interface Running {
  close(ms: number): Promise<void>
}

const [REDIS_WAIT_MS, WRITABLE_EVERY_MS] = [30_000, 500]
/** What closing may take beyond `DRAIN_MS`: with the default a process ends within 30 s of the signal, whatever its connections do. */
const CLOSE_MS = 4_000

/** One daemon as a process: configuration → dependencies → start → `ready` → until a signal → stop in reverse → exit. */
export async function runDaemon(role: Exclude<Role, 'cli'>, start: (deps: Deps) => Promise<Running>): Promise<void> {
  const config = configOrExit(role)
  const deps = createDeps(config, { name: role, patience: patienceOf(role) })
  const stopped = onStopSignal()
  let running: Running & { stopReporting(): void }
  try {
    running = await startChecked(deps, start)
  } catch (err) {
    deps.log.fatal({ err }, err instanceof Error ? err.message : 'start failed')
    await deps.close().catch(() => {})
    return exit(1)
  }
  deps.log.info({ version: VERSION }, 'daemon started')
  process.send?.('ready')
  const signal = await stopped
  deps.log.info({ signal }, 'daemon stops')
  limitStop(deps, config.DRAIN_MS + CLOSE_MS)
  await running.close(config.DRAIN_MS)
  running.stopReporting()
  await deps.close()
  return exit(0)
}

/** Whatever is left behind then, its locks and leases end, and another process takes it up. */
function limitStop({ log }: Deps, ms: number): void {
  setTimeout(() => {
    log.warn({ ms }, 'daemon ends without having closed everything')
    exit(0)
  }, ms).unref()
}

/** Commands of ingress fail fast, so that a hook is answered 503; everybody else waits for Redis. */
export const patienceOf = (role: Role): Patience => (role === 'ingress' ? 'hasty' : 'patient')

/** Refuses an unsafe Redis, then starts, then tells its figures every `METRICS_MS`. */
export async function startChecked(
  deps: Deps,
  start: (deps: Deps) => Promise<Running>,
): Promise<Running & { stopReporting(): void }> {
  if (!(await deps.whenRedisReady(REDIS_WAIT_MS)))
    throw new Error(`Redis does not answer within ${REDIS_WAIT_MS / 1_000} s; check REDIS_URL`)
  await waitUntilWritable(deps)
  const faults = unsafeSettings(await deps.health.state(), deps.config.NODE_ENV === 'production')
  if (faults.length > 0) throw new Error(`Redis is not safe to keep orders in: ${faults.join('; ')}`)
  await deps.clock.measure()
  // Restored data is known as such before anything is done with it.
  await deps.rollback.look().catch((err: unknown) => deps.log.warn({ err }, 'Redis could not be compared with STATE_DIR yet; nothing is sent before it is')) // prettier-ignore
  const stopWatching = deps.rollback.start()
  const running = await start(deps)
  let looking = false
  const look = async () => {
    if (looking) return
    looking = true
    await deps.watch.look().catch(() => {}).finally(() => (looking = false)) // prettier-ignore
  }
  let publishing = false
  const report = async () => {
    void look()
    if (publishing) return
    publishing = true
    try {
      await deps.figures.publish(deps.processName, await deps.metrics.registry.metrics())
    } finally {
      publishing = false
    }
  }
  const heartbeat = startHeartbeat(deps)
  const timer = setInterval(() => {
    heartbeat.beat(looking || publishing)
    void report().catch(() => {})
  }, deps.config.METRICS_MS)
  await report()
  heartbeat.beat(false)
  const stopReporting = () => {
    clearInterval(timer)
    void stopWatching()
    heartbeat.end()
  }
  return { close: ms => running.close(ms), stopReporting }
}

/** A full or read-only Redis may recover; until then nothing could be started that writes. Its alarm goes out meanwhile. */
async function waitUntilWritable({ writes }: Deps): Promise<void> {
  writes.start()
  for (const giveUpAt = performance.now() + REDIS_WAIT_MS; ; await pause(WRITABLE_EVERY_MS)) {
    const refused = await writes.look()
    if (refused === null) return
    if (performance.now() > giveUpAt) throw new Error(refused.why)
  }
}

/**
 * The process's sign of life. There is none while the event loop is held up, nor while the periodic work of the interval before is still
 * under way although Redis is there and takes writes; otherwise that work waits, and a restart would change nothing.
 */
function startHeartbeat({ log, redis, writes, processName }: Deps): { beat(isBehind: boolean): void; end(): void } {
  const warn = (err: unknown) => log.warn({ err }, 'no heartbeat can be written: `order-sync health` will fail')
  try {
    const heartbeat = openHeartbeat(processName.split('@')[0]!)
    let isWarned = false
    const quietly = (act: () => void) => {
      try {
        act()
      } catch (err) {
        if (!isWarned) warn(err)
        isWarned = true
      }
    }
    return {
      beat: isBehind => {
        if (!isBehind || redis.status !== 'ready' || writes.refused() !== null) quietly(() => heartbeat.beat())
      },
      end: () => quietly(() => heartbeat.end()),
    }
  } catch (err) {
    warn(err)
    return { beat: () => {}, end: () => {} }
  }
}

/** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
function onStopSignal(): Promise<NodeJS.Signals> {
  return new Promise(resolve => {
    let seen = false
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (seen) exit(signal === 'SIGINT' ? 130 : 143)
        seen = true
        resolve(signal)
      })
    }
  })
}

function configOrExit(role: Role): Config {
  try {
    return loadConfig(role)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    return exit(1)
  }
}

function exit(code: number): never {
  process.exit(code)
}
