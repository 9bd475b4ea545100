import { randomBytes } from 'node:crypto'
import { freePort, QUICK, startDaemon, type Daemon, type DaemonName, type Env } from './daemons.ts'
import { createHookSender, type HookSender } from './hook-sender.ts'
import { patience } from './patience.ts'

export const USERNAME = 'sandbox_user'
export const PASSWORD = '4f86fed3605b647f948a69ec6bcf728d'
export const OPS_USERNAME = 'operator'
export const OPS_PASSWORD = 'ops-password-for-tests'

/** An idle daemon ends within this. */
const IDLE_STOP_MS = 5_000

/** Several workers that share one Redis and one platform, with what a CRM needs to reach them. */
export interface Fleet {
  hooks: HookSender
  hookSecret: string
  opsUrl: string
  env: Env
  /** The daemons of one name that run now. */
  of(name: DaemonName): Daemon[]
  /** Kills one with -9 and starts another in its place. */
  killAndReplace(daemon: Daemon): Promise<Daemon>
  /** Starts another one, with these settings beside the common ones, and from these sources where it is of another version. */
  add(name: DaemonName, env?: Env, sources?: string): Promise<Daemon>
  /** Everything written by all of them, those killed included. */
  output(): string
  /** Ends them all with SIGTERM; throws when one of them, which has nothing to do any more, did not exit with 0 in time. */
  close(): Promise<void>
}

export interface FleetOptions {
  redisUrl: string
  namespace: string
  dataUrl: string
  daemons: readonly DaemonName[]
  env?: Env
}

/** Starts daemons as real processes and resolves when each is ready; when one does not start, all are ended. */
export async function startFleet({ redisUrl, namespace, dataUrl, daemons, env = {} }: FleetOptions): Promise<Fleet> {
  const hookSecret = `whsec_${randomBytes(24).toString('base64')}`
  const [port, opsPort] = [await freePort(), await freePort()]
  const common: Env = {
    ...QUICK,
    REDIS_URL: redisUrl,
    REDIS_NAMESPACE: namespace,
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    OPS_PORT: String(opsPort),
    OPS_USERNAME,
    OPS_PASSWORD,
    HOOK_SECRET: hookSecret,
    MIDIGATOR_DATA_URL: dataUrl,
    MIDIGATOR_DATA_USERNAME: USERNAME,
    MIDIGATOR_DATA_PASSWORD: PASSWORD,
    ...env,
  }
  const started: Daemon[] = []
  const hooks = createHookSender(`http://127.0.0.1:${port}`, hookSecret)
  const add = async (name: DaemonName, own: Env = {}, sources?: string): Promise<Daemon> => {
    const daemon = await startDaemon(name, { ...common, ...own }, sources)
    started.push(daemon)
    return daemon
  }
  const running = () => started.filter(daemon => !daemon.hasEnded())
  const close = async (): Promise<void> => {
    hooks.close()
    const ends = await Promise.all(running().map(async daemon => ({ name: daemon.name, ...(await daemon.stop()) })))
    const bad = ends.filter(({ code, tookMs }) => code !== 0 || tookMs > IDLE_STOP_MS * patience())
    if (bad.length > 0) throw new Error(`not ended as they should: ${JSON.stringify(bad)}`)
  }
  const results = await Promise.allSettled(daemons.map(name => add(name)))
  const failed = results.find(result => result.status === 'rejected')
  if (failed) {
    await close().catch(() => {})
    throw failed.reason
  }
  return {
    hooks,
    hookSecret,
    opsUrl: `http://127.0.0.1:${opsPort}`,
    env: common,
    of: name => running().filter(daemon => daemon.name === name),
    add,
    async killAndReplace(daemon) {
      await daemon.stop('SIGKILL')
      return add(daemon.name)
    },
    output: () => started.map(daemon => daemon.output()).join('\n'),
    close,
  }
}
