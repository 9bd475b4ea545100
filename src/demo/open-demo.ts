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
  env: Record<
    'REDIS_URL' | 'HOOK_SECRET' | 'SANDBOX_PORT' | `MIDIGATOR_DATA_${'URL' | 'USERNAME' | 'PASSWORD'}`,
    string
  >
}

type Close = () => Promise<void>

export interface OpenDemo {
  config: Pick<Config, 'HOST' | 'SANDBOX_PORT'>
  /** Where programs kept for later starts go, by the XDG base directories; ~/.cache when left out. */
  cacheHome: string | undefined
  say: (line: string) => void
  /** Takes what undoes each thing that was opened, so that nothing stays when a later one fails. */
  opened: Close[]
}

/** Opens what the demo stands on: a private Redis that keeps its orders in the demo's folder, and a sandbox. */
export async function openDemo({ config, cacheHome, say, opened }: OpenDemo): Promise<Demo> {
  makeDemoFolder()
  const redis = await startEmbeddedRedis({
    dataDir: join(demoFolder(), 'redis'),
    say,
    ...(cacheHome && { cacheDir: join(cacheHome, 'order-sync') }),
  })
  opened.push(() => redis.stop())
  const [username, password] = ['sandbox_user', randomBytes(16).toString('hex')]
  const sandbox = await startSandbox({ host: config.HOST, port: config.SANDBOX_PORT, username, password })
  opened.push(() => sandbox.close())
  const env = {
    REDIS_URL: redis.url,
    HOOK_SECRET: `whsec_${randomBytes(32).toString('base64')}`,
    MIDIGATOR_DATA_URL: sandbox.dataUrl,
    MIDIGATOR_DATA_USERNAME: username,
    MIDIGATOR_DATA_PASSWORD: password,
    SANDBOX_PORT: new URL(sandbox.url).port,
  }
  return { sandbox, env }
}

/** The number of the first order of a new day, counted in the demo's folder: each start brings orders of its own. */
export function nextDay(): { firstOrder: number; isFirst: boolean } {
  const file = join(demoFolder(), 'days')
  const before = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
  const days = Number.isSafeInteger(before) ? before : 0
  writeFileSync(file, String(days + 1))
  return { firstOrder: FIRST_ORDER + days * ORDERS_A_DAY, isFirst: days === 0 }
}
