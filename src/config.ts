import { existsSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { contradictions } from './config-contradictions.ts'
import { CONFIG_NAMES, schema, type Config, type ConfigName } from './config-schema.ts'

export type { Config, ConfigName }

/** The only reader of the environment; what each setting may be is in `config-schema.ts`. */

/** Any of these set means that this is no demo: sample data never meets a real account. */
const REAL = /^(REDIS_URL|HOOK_SECRET|(MIDIGATOR|CHARGEBACKHIT|REFUND)_.+)$/
/** Each can come from the file that its `_FILE` names. */
export const SECRETS: readonly ConfigName[] = [
  'REDIS_URL',
  'REDIS_SENTINEL_PASSWORD',
  'HOOK_SECRET',
  'MIDIGATOR_DATA_USERNAME',
  'MIDIGATOR_DATA_PASSWORD',
  'MIDIGATOR_API_SECRET',
  'MIDIGATOR_HOOK_USERNAME',
  'MIDIGATOR_HOOK_PASSWORD',
  'CHARGEBACKHIT_SECRET_KEY',
  'REFUND_HTTP_SECRET',
  'ALARM_SECRET',
  'OPS_USERNAME',
  'OPS_PASSWORD',
]

/** What a process cannot do without. */
export type Role = 'ingress' | 'order-sync' | 'alerts' | 'scheduler' | 'ops' | 'cli'
const ORDERS: readonly ConfigName[] = ['MIDIGATOR_DATA_USERNAME', 'MIDIGATOR_DATA_PASSWORD']
const GATEWAY: readonly ConfigName[] = ['REFUND_HTTP_URL', 'REFUND_HTTP_SECRET']
/** The login of operations. */
export const LOGIN: readonly ConfigName[] = ['OPS_USERNAME', 'OPS_PASSWORD']
/** Settings that ask for alerts. */
const ALERTS: readonly ConfigName[] = ['MIDIGATOR_API_SECRET', 'MIDIGATOR_HOOK_USERNAME', 'MIDIGATOR_HOOK_PASSWORD', 'CHARGEBACKHIT_PUBLIC_KEY', 'CHARGEBACKHIT_SECRET_KEY', ...GATEWAY] // prettier-ignore

/** Which parts are configured. A daemon of another part stays up and does nothing. */
export interface Parts {
  /** Orders are pushed to Midigator. */
  orders: boolean
  midigatorAlerts: boolean
  chargebackhit: boolean
}

export function partsOf(config: Config): Parts {
  const midigatorAlerts = config.MIDIGATOR_API_SECRET !== undefined
  const chargebackhit = config.CHARGEBACKHIT_SECRET_KEY !== undefined
  // A process that was given no secret of a platform may belong to any part.
  const orders = ORDERS.every(name => config[name] !== undefined) || !(midigatorAlerts || chargebackhit)
  return { orders, midigatorAlerts, chargebackhit }
}

/** What a process needs, by what is set: a part of which nothing is set is left out, unless there is no other. */
function needsOf(role: Role, has: (names: readonly ConfigName[]) => boolean, given: Env): readonly ConfigName[] {
  const [wantsOrders, wantsAlerts] = [has(ORDERS), has(ALERTS)]
  switch (role) {
    case 'order-sync':
    case 'scheduler':
      return wantsOrders || !wantsAlerts ? ['REDIS_URL', ...ORDERS] : ['REDIS_URL']
    case 'alerts': {
      if (!wantsAlerts && wantsOrders) return ['REDIS_URL']
      const hasPlatform = has(['MIDIGATOR_API_SECRET', 'CHARGEBACKHIT_PUBLIC_KEY', 'CHARGEBACKHIT_SECRET_KEY'])
      const movesMoney = given.REFUND_MODE !== 'off' && (given.REFUND_GATEWAY ?? 'http') === 'http'
      // Whether refunds are automatic is never a default.
      return ['REDIS_URL', 'REFUND_MODE', ...(movesMoney ? GATEWAY : []), ...(hasPlatform ? [] : (['MIDIGATOR_API_SECRET'] as const))] // prettier-ignore
    }
    case 'ops':
      return has(LOGIN) ? ['REDIS_URL', ...LOGIN] : ['REDIS_URL']
    case 'ingress':
    case 'cli':
      return ['REDIS_URL']
  }
}

/** Every fault of the configuration at once, each line naming the variable, what was expected, and the remedy. */
export class ConfigError extends Error {
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(
      `The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${faults.map(fault => `  ${fault}`).join('\n')}`,
    )
    this.name = 'ConfigError'
    this.faults = faults
  }
}

type Env = Record<string, string | undefined>

/** The environment with the `.env` file of the working folder beneath it, and secrets read from where `NAME_FILE` points. */
export function readEnvironment(given: Env = process.env): Env {
  const env: Env = existsSync('.env') ? { ...parseEnv(readFileSync('.env', 'utf8')), ...given } : { ...given }
  for (const name of SECRETS) {
    const path = env[`${name}_FILE`]
    if (isSet(path) && !isSet(env[name])) env[name] = readSecret(path)
  }
  return env
}

const isSet = (value: string | undefined): value is string => value !== undefined && value !== ''

/** What cannot be read stays unset; `parseConfig` tells of it with all the other faults. */
function readSecret(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

/** True when nothing real is configured: `npm start` may run on embedded defaults. Forbidden in production. */
export const isDemo = (env: Env): boolean =>
  env.NODE_ENV !== 'production' &&
  !Object.entries(env).some(([name, value]) => REAL.test(name.replace(/_FILE$/, '')) && isSet(value))

/** Checks everything at once; throws `ConfigError` with all faults. `roles`: whose needs must be met. */
export function parseConfig(env: Env, roles: readonly Role[]): Config {
  const given = Object.fromEntries(CONFIG_NAMES.flatMap(name => (isSet(env[name]) ? [[name, env[name]]] : []))) as Env
  const parsed = schema.safeParse(given)
  const issues = parsed.error?.issues ?? []
  const wrong = new Set(issues.map(issue => issue.path.join('.')))
  const faults = issues.map(issue => `${issue.path.join('.')}: ${issue.message}`)
  const unread = SECRETS.filter(name => given[name] === undefined && isSet(env[`${name}_FILE`]))
  for (const name of unread)
    faults.push(`${name}_FILE: no secret at ${env[`${name}_FILE`]}; mount it there or set ${name}`)
  const has = (names: readonly ConfigName[]) => names.some(name => given[name] !== undefined || unread.includes(name))
  const needs = roles.flatMap(role => needsOf(role, has, given))
  const needed = new Set(needs.filter(name => given[name] === undefined))
  for (const name of needed) {
    if (!unread.includes(name))
      faults.push(`${name}: is missing; set it in the environment, in .env, or as ${name}_FILE`)
  }
  // Values that contradict each other are told of together with the others; one that is wrong by itself, or whose file cannot
  // be read, contradicts nothing.
  const right = schema.parse(Object.fromEntries(Object.entries(given).filter(([name]) => !wrong.has(name))))
  for (const name of unread) wrong.add(name)
  for (const { between, fault } of contradictions(right)) if (!between.some(name => wrong.has(name))) faults.push(fault)
  if (faults.length > 0) throw new ConfigError(faults)
  return right
}

/** The configuration of this process, read once at its start. */
export const loadConfig = (role: Role, given: Env = process.env): Config => parseConfig(readEnvironment(given), [role])
