import { ConfigError, isDemo, parseConfig, readEnvironment, type Config, type Role } from '../config.ts'
import { runningDemo } from '../demo/run-file.ts'

/** The configuration of a command: the environment, or, where nothing real is configured, the demo that runs in this folder. */
export function commandConfig(roles: readonly Role[]): Config {
  const env = readEnvironment()
  if (!isDemo(env)) return parseConfig(env, roles)
  const demo = runningDemo()
  if (demo === null && roles.length > 0)
    throw new ConfigError([
      'REDIS_URL: is missing, and no demo runs in this folder; set it (see .env.example), or type `order-sync start` first',
    ])
  return parseConfig({ ...env, ...demo }, roles)
}
