import { parseConfig, type Config, type readEnvironment } from '../config.ts'
import { createDeps, VERSION, type Deps } from '../deps.ts'
import { nextDay, openDemo, type Demo } from '../demo/open-demo.ts'
import { playDay } from '../demo/play-day.ts'
import { removeRunFile, writeRunFile } from '../demo/run-file.ts'
import { sampleDay } from '../demo/samples.ts'
import { SENT_FIELDS } from '../domain/order-fields.ts'
import { createHttpClient } from '../http-client.ts'
import type { ChangeResult } from '../sources/accept-changes.ts'
import type { Close } from './closing.ts'
import { portError } from './listening.ts'
import { print } from './print.ts'
import { sendChanges } from './send-changes.ts'
import type { DaemonName } from './daemon-names.ts'
import { startDaemons, type RunningDaemons } from './start-daemons.ts'

type Env = ReturnType<typeof readEnvironment>

/** Ctrl-C ends the demo within five seconds; this is the daemons' part of it. */
const DRAIN_MS = 1_500

/** The demo: private Redis, sandbox, daemons, then a day of sample orders through the real door. Answers the daemons' drain. */
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
  const daemons = await startDaemons(config, names)
  opened.push(() => daemons.close(DRAIN_MS))
  noteRun(config, demo, daemons, opened)
  tellPlaces(demo, daemons, names)
  if (names.includes('ingress') && names.includes('order-sync')) await playSamples(config, demo, daemons, signal)
  else print('No sample orders are sent: they need the daemons ingress and order-sync.')
  print('Ctrl-C ends it; the orders are kept in .order-sync for the next start.')
  return DRAIN_MS
}

/** So that a second terminal finds this demo. */
function noteRun(config: Config, demo: Demo, daemons: RunningDaemons, opened: Close[]): void {
  const port = (url: string | undefined, otherwise: number) => (url ? new URL(url).port : String(otherwise))
  writeRunFile({
    ...demo.env,
    REDIS_NAMESPACE: config.REDIS_NAMESPACE,
    HOST: config.HOST,
    PORT: port(daemons.urls.ingress, config.PORT),
    OPS_PORT: port(daemons.urls.ops, config.OPS_PORT),
  })
  opened.push(async () => removeRunFile())
}

function tellPlaces(demo: Demo, { urls }: RunningDaemons, names: readonly DaemonName[]): void {
  print(`Running: a private Redis, the sandbox, ${names.join(', ')}.`)
  if (urls.ingress) print(`  hooks      ${urls.ingress}/hooks/orders/generic`)
  if (urls.ops) print(`  dashboard  ${urls.ops}`)
  print(`  sandbox    ${demo.sandbox.url}/_sandbox/orders`)
  print()
}

async function playSamples(config: Config, demo: Demo, daemons: RunningDaemons, signal: AbortSignal): Promise<void> {
  const deps = createDeps(config, { name: 'demo', patience: 'patient' })
  const http = createHttpClient(4)
  try {
    const { firstOrder, isFirst } = nextDay()
    if (!isFirst) await tellAgain(deps)
    const url = `${daemons.urls.ingress}/hooks/orders/generic`
    const to = { url, secret: demo.env.HOOK_SECRET, http }
    print('A short day of a shop’s CRM, sent through the hook:')
    const { acknowledged, of } = await playDay({
      day: sampleDay(firstOrder, Date.now()),
      send: async change => (await sendChanges([change], to))[0] as ChangeResult,
      orders: deps.orders,
      isAcknowledged: orderId => demo.sandbox.inbox.record(orderId) !== undefined,
      say: print,
      signal,
    })
    tellEnd(acknowledged, of, firstOrder, daemons)
  } finally {
    http.close()
    await deps.close()
  }
}

/** The sandbox keeps nothing over a stop, and we know what it was told: all of that is in doubt now. */
async function tellAgain(deps: Deps): Promise<void> {
  const ids = await deps.pushes.doubtChangedSince(0, SENT_FIELDS, await deps.health.now())
  if (ids.length === 0) return
  await deps.wantSync(ids)
  print(`The sandbox begins empty: the ${ids.length} orders of earlier days are told to it again.`)
}

function tellEnd(acknowledged: number, of: number, firstOrder: number, { urls }: RunningDaemons): void {
  print()
  print(
    acknowledged === of
      ? `Every order was acknowledged by the sandbox: ${acknowledged}/${of}.`
      : `Orders acknowledged by the sandbox so far: ${acknowledged}/${of}. The rest is tried again by itself.`,
  )
  if (urls.ops) print(`Dashboard: ${urls.ops}`)
  print()
  print('Try next, in a second terminal in this folder:')
  print(`  npx order-sync trace ${firstOrder + 2}      what happened to one order, from hook to answer`)
  print('  npx order-sync rejected          what was refused, and which field was at fault')
  print('  npx order-sync --help            everything else')
}
