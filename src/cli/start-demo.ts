import { parseConfig, type Config, type readEnvironment } from '../config.ts'
import { createDeps, VERSION } from '../deps.ts'
import { openDemo, type Demo } from '../demo/open-demo.ts'
import { putBackAlerts } from '../demo/put-back-alerts.ts'
import { quietLog } from '../demo/quiet-log.ts'
import { CHARGEBACKHIT_HOOK_PATH } from '../platforms/chargebackhit/webhook.ts'
import { removeRunFile, writeRunFile } from '../demo/run-file.ts'
import type { Close } from './closing.ts'
import { portError } from './listening.ts'
import { playSamples } from './play-samples.ts'
import { print } from './print.ts'
import type { DaemonName } from './daemon-names.ts'
import { startDaemons, type RunningDaemons } from './start-daemons.ts'

type Env = ReturnType<typeof readEnvironment>

/** Ctrl-C ends the demo within five seconds; this is the daemons' part of it. */
const DRAIN_MS = 1_500

/** The demo: private Redis, sandbox, daemons, then a day of sample orders and alerts through the real doors. Answers the daemons' drain. */
export async function startDemo(
  env: Env,
  names: readonly DaemonName[],
  opened: Close[],
  signal: AbortSignal,
): Promise<number> {
  const asked = parseConfig(env, [])
  print(`order-sync ${VERSION}`)
  print('This is the sandbox: nothing leaves this machine.')
  print()
  const demo = await openDemo({ config: asked, cacheHome: env.XDG_CACHE_HOME, say: print, opened }).catch(
    (error: unknown) => {
      throw portError(error, 'SANDBOX_PORT', asked.SANDBOX_PORT)
    },
  )
  signal.throwIfAborted()
  const given = { ...env, ...demo.env, LOG_LEVEL: env.LOG_LEVEL || 'warn' }
  // The operations pages are open to this machine alone here, so their user and password are not asked for.
  const config = parseConfig(given, names.filter(name => name !== 'ops')) // prettier-ignore
  const deps = createDeps(config, { name: 'demo', patience: 'patient', log: quietLog(config.LOG_LEVEL, 'demo') })
  try {
    const putBack = await putBackAlerts(demo.sandbox, deps)
    const urls = await startAll(config, names, opened)
    // Midigator learns the address by subscriptions; Chargebackhit's one address is set by hand, in its own pages.
    if (urls.ingress) demo.sandbox.chargebackhit.notifyAt(`${urls.ingress}${CHARGEBACKHIT_HOOK_PATH}`)
    noteRun(config, demo, urls, opened)
    tellPlaces(demo, urls, names)
    if (putBack > 0) print(`The sandbox begins empty: ${putBack === 1 ? 'the open alert of an earlier day is' : `the ${putBack} open alerts of earlier days are`} put back into it.`) // prettier-ignore
    await playSamples({ demo, deps, urls, names, signal })
  } finally {
    await deps.close()
  }
  print('Ctrl-C ends it; orders and alerts are kept in .order-sync for the next start.')
  return DRAIN_MS
}

type Urls = RunningDaemons['urls']

/** The ingress first: where it listens is what the others tell Midigator. */
async function startAll(config: Config, names: readonly DaemonName[], opened: Close[]): Promise<Urls> {
  const running: RunningDaemons[] = []
  opened.push(async () => void (await Promise.all(running.map(daemons => daemons.close(DRAIN_MS)))))
  const start = async (given: Config, some: readonly DaemonName[]) => {
    const daemons = await startDaemons(given, some, { logOf: quietLog, isDemo: true })
    running.push(daemons)
    return daemons.urls
  }
  const doors = await start(config, names.filter(name => name === 'ingress')) // prettier-ignore
  const others = names.filter(name => name !== 'ingress')
  return { ...doors, ...(await start({ ...config, PUBLIC_URL: doors.ingress }, others)) }
}

/** So that a second terminal finds this demo. */
function noteRun(config: Config, demo: Demo, urls: Urls, opened: Close[]): void {
  const port = (url: string | undefined, otherwise: number) => (url ? new URL(url).port : String(otherwise))
  writeRunFile({
    ...demo.env,
    REDIS_NAMESPACE: config.REDIS_NAMESPACE,
    HOST: config.HOST,
    PORT: port(urls.ingress, config.PORT),
    OPS_PORT: port(urls.ops, config.OPS_PORT),
    PUBLIC_URL: urls.ingress,
  })
  opened.push(async () => removeRunFile())
}

function tellPlaces(demo: Demo, urls: Urls, names: readonly DaemonName[]): void {
  print(`Running: a private Redis, the sandbox, ${names.join(', ')}.`)
  if (urls.ingress) print(`  hooks      ${urls.ingress}/hooks/orders/generic`)
  if (urls.ops) print(`  dashboard  ${urls.ops}`)
  print(`  sandbox    ${demo.sandbox.url}/_sandbox/orders`)
  print()
}
