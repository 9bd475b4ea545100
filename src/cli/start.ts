import { InvalidArgumentError, type Command } from 'commander'
import { ConfigError, isDemo, LOGIN, parseConfig, readEnvironment, type Config } from '../config.ts'
import { closeAll, type Close } from './closing.ts'
import { DAEMONS, type DaemonName } from './daemon-names.ts'
import { print, printError } from './print.ts'
import { stopSignal } from './stop-signal.ts'
import { tellError } from './tell-error.ts'

type Env = ReturnType<typeof readEnvironment>
/** The daemons that were asked for by name; undefined: whatever there is to run. */
type Only = readonly DaemonName[] | undefined

/** Beyond what the daemons get to finish their work. */
const CLOSING_MS = 3_000

/** `start`: every daemon in one process; where nothing real is configured, on embedded defaults, with a sample day. */
export function addStart(program: Command): void {
  program
    .command('start')
    .description(
      'run every daemon in one process; with nothing configured, the demo: private Redis, sandbox, sample orders and alerts',
    )
    .option('--only <names>', `these daemons alone, commas between: ${DAEMONS.join(',')}`, toNames)
    .action(async ({ only }: { only?: readonly DaemonName[] }) => process.exit(await run(only)))
}

/** Answers the exit code, when a signal or a failure has ended it and everything is closed again. */
async function run(only: Only): Promise<number> {
  const stopped = stopSignal()
  const stopping = new AbortController()
  const opened: Close[] = []
  let code = 0
  let limitMs = CLOSING_MS
  try {
    const env = readEnvironment()
    const starting = begin(env, only, opened, stopping.signal)
    // A stop while we start rejects nothing that anybody waits for any more.
    starting.catch(() => {})
    const drainMs = await Promise.race([starting, stopped])
    if (typeof drainMs === 'number') limitMs += drainMs
    process.send?.('ready')
    await stopped
  } catch (error) {
    code = tellError(error)
  }
  stopping.abort()
  await closeAll(opened, limitMs)
  return code
}

/** What a start needs is loaded when one is wanted: other commands answer sooner without it. */
async function begin(env: Env, only: Only, opened: Close[], signal: AbortSignal): Promise<number> {
  if (!isDemo(env)) return startReal(env, only, opened)
  const { startDemo } = await import('./start-demo.ts')
  return startDemo(env, only ?? DAEMONS, opened, signal)
}

/** Runs against what is configured; everything that is missing is told at once. Answers how long a stop may take to drain. */
async function startReal(env: Env, only: Only, opened: Close[]): Promise<number> {
  const names = only ?? (isAlertsConfigured(env) ? DAEMONS : DAEMONS.filter(name => name !== 'alerts'))
  const config = realConfig(env, names)
  if (only === undefined && !names.includes('alerts')) print('alerts: not configured, not started')
  const { startDaemons } = await import('./start-daemons.ts')
  const daemons = await startDaemons(config, names)
  opened.push(() => daemons.close(config.DRAIN_MS))
  return config.DRAIN_MS
}

/** Orders can be kept current without alerts; once anything of them is set, what else they need is demanded. */
const isAlertsConfigured = (env: Env): boolean =>
  Object.entries(env).some(
    ([name, value]) => ALERTS.test(name.replace(/_FILE$/, '')) && value !== undefined && value !== '',
  )

const ALERTS = /^(MIDIGATOR_API_SECRET|MIDIGATOR_HOOK_PASSWORD|CHARGEBACKHIT_(PUBLIC|SECRET)_KEY|REFUND_.+)$/

function realConfig(env: Env, names: readonly DaemonName[]): Config {
  const faults: string[] = []
  let config: Config | undefined
  try {
    config = parseConfig(env, names)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    faults.push(...error.faults)
  }
  // Their daemons stay up without these, for a supervisor; a person who starts them is told. What no file holds is a fault already.
  const needed = [...(names.includes('ops') ? LOGIN : []), ...(names.includes('ingress') ? ['HOOK_SECRET'] : [])]
  for (const name of needed.filter(
    name => !env[name] && !env[`${name}_FILE`] && !faults.some(fault => fault.startsWith(`${name}: `)),
  ))
    faults.push(`${name}: is missing; set it in the environment, in .env, or as ${name}_FILE`)
  if (config !== undefined && faults.length === 0) return config
  for (const line of whyNoDemo(env).split('\n')) printError(line)
  throw new ConfigError(faults)
}

/** A person who expected the demo is told what stands in its way. */
function whyNoDemo(env: Env): string {
  const real = Object.keys(env).filter(name => !isDemo({ [name]: env[name] }))
  return `This is no demo, because ${real.join(', ')} ${real.length === 1 ? 'is' : 'are'} set: no sandbox, no sample data.`
}

function toNames(text: string): DaemonName[] {
  const names = text.split(',').map(name => name.trim())
  const unknown = names.filter(name => !DAEMONS.includes(name as DaemonName))
  if (unknown.length > 0) throw new InvalidArgumentError(`Expected some of ${DAEMONS.join(', ')}, commas between.`)
  return [...new Set(names as DaemonName[])]
}
