import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { startEmbeddedRedis } from '../embedded-redis/start.ts'
import { startSandbox, type Sandbox } from '../sandbox/server.ts'
import { ORDERS_A_DAY } from './samples.ts'
import { demoFolder, makeDemoFolder } from './run-file.ts'

/** The number of the first order of the first day; the days after it go on from there. */
const FIRST_ORDER = 741_258

export interface Demo {
  sandbox: Sandbox
  /** What would be configured, were it real: the private Redis, the sandbox, and secrets made up for this run. */
  env: Record<string, string> & { HOOK_SECRET: string }
}

type Close = () => Promise<void>

export interface OpenDemo {
  config: Pick<Config, 'HOST' | 'SANDBOX_PORT'>
  /** Where programs kept for later starts go, by the XDG base directories; ~/.cache when left out. */
  cacheHome: string | undefined
  say: (line: string) => void
  /** Takes what undoes each thing that was opened, so that nothing is left when a later one fails. */
  opened: Close[]
}

/** Opens what the demo runs on: a private Redis that keeps its orders in the demo's folder, and a sandbox. */
export async function openDemo({ config, cacheHome, say, opened }: OpenDemo): Promise<Demo> {
  makeDemoFolder()
  const redis = await startEmbeddedRedis({
    dataDir: join(demoFolder(), 'redis'),
    say,
    ...(cacheHome && { cacheDir: join(cacheHome, 'order-sync') }),
  })
  opened.push(() => redis.stop())
  const [username, password] = ['sandbox_user', madeUp()]
  const [apiSecret, gatewaySecret] = [madeUp(), signingSecret()]
  const keys = { chargebackhitPublicKey: `ap_${madeUp()}`, chargebackhitSecretKey: `as_${madeUp()}` }
  const credentials = { username, password, apiSecret, gatewaySecret, ...keys }
  const sandbox = await startSandbox({ host: config.HOST, port: config.SANDBOX_PORT, ...credentials })
  opened.push(() => sandbox.close())
  const env = {
    REDIS_URL: redis.url,
    HOOK_SECRET: signingSecret(),
    MIDIGATOR_DATA_URL: sandbox.dataUrl,
    MIDIGATOR_DATA_USERNAME: username,
    MIDIGATOR_DATA_PASSWORD: password,
    ...alertsEnv(sandbox),
    SANDBOX_PORT: new URL(sandbox.url).port,
  }
  return { sandbox, env }
}

/** Alerts come from the sandbox, refunds go to its gateway, and no alarm leaves this machine. */
const alertsEnv = (sandbox: Sandbox) => ({
  MIDIGATOR_AUTH_URL: sandbox.authUrl,
  MIDIGATOR_EVENTS_URL: sandbox.eventsUrl,
  MIDIGATOR_PREVENTION_URL: sandbox.preventionUrl,
  MIDIGATOR_API_SECRET: sandbox.apiSecret,
  MIDIGATOR_HOOK_USERNAME: 'midigator',
  MIDIGATOR_HOOK_PASSWORD: madeUp(),
  MIDIGATOR_EMAIL: 'alerts@example.com',
  CHARGEBACKHIT_URL: sandbox.chargebackhitUrl,
  CHARGEBACKHIT_PUBLIC_KEY: sandbox.chargebackhitKeys.publicKey,
  CHARGEBACKHIT_SECRET_KEY: sandbox.chargebackhitKeys.secretKey,
  REFUND_MODE: 'auto',
  REFUND_AUTO_LIMIT: '200.00',
  REFUND_LIMIT_CURRENCY: 'USD',
  REFUND_HTTP_URL: sandbox.gatewayUrl,
  REFUND_HTTP_SECRET: sandbox.gatewaySecret,
  // The sandbox keeps keys for a day.
  REFUND_HTTP_KEEPS_KEYS_HOURS: '24',
  // A short day: what takes minutes in a shop takes a second here.
  REQUEST_SETTLE_MS: '500',
  MATCH_GRACE_MS: '15000',
  REFUND_LIST_LAG_MS: '1000',
  CASE_LOOK_MS: '5000',
  SWEEP_MS: '2000',
  ALARM_URL: '',
})

const madeUp = () => randomBytes(16).toString('hex')
const signingSecret = () => `whsec_${randomBytes(32).toString('base64')}`

/** The number of the first order of a new day, counted in the demo's folder: each start brings orders of its own. */
export function nextDay(): { firstOrder: number; isFirst: boolean } {
  const file = join(demoFolder(), 'days')
  const before = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
  const days = Number.isSafeInteger(before) ? before : 0
  writeFileSync(file, String(days + 1))
  return { firstOrder: FIRST_ORDER + days * ORDERS_A_DAY, isFirst: days === 0 }
}
