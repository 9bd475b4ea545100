import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { hostsOf, readRedisUrl } from '../redis/address.ts'
import { commandConfig } from './command-config.ts'

const REDIS_WAIT_MS = 3_000

/**
 * Does one thing with everything a process may need, and closes it again. Nothing is logged: the output is the command's.
 * Throws `redis-away`, unless the command wants to see for itself.
 */
export async function withDeps<Value>(
  use: (deps: Deps) => Promise<Value>,
  { redis = 'needed' }: { redis?: 'needed' | 'may be away' } = {},
): Promise<Value> {
  const config = commandConfig(['cli'])
  const [{ createDeps }, { createLog }] = await load()
  const deps = createDeps(config, { name: 'cli', patience: 'hasty', log: createLog('silent', 'cli') })
  try {
    const isReady = await deps.whenRedisReady(REDIS_WAIT_MS)
    if (!isReady && redis === 'needed') throw redisAway(config.REDIS_URL)
    // Decisions made here are made as every daemon makes them.
    if (isReady) await deps.rollback.load()
    return await use(deps)
  } finally {
    await deps.close()
  }
}

/** Only when they are needed: help and wrong usage are answered sooner without them. */
const load = () => Promise.all([import('../deps.ts'), import('../log.ts')])

/** Without user and password, which the address may hold. */
function redisAway(url = ''): AppError {
  const address = readRedisUrl(url)
  const at = 'fault' in address ? 'REDIS_URL' : hostsOf(address)
  const message = `Redis does not answer at ${at} within ${REDIS_WAIT_MS / 1_000} s; check REDIS_URL, and that it runs`
  return new AppError('redis-away', message)
}
