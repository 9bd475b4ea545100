import { Redis, type RedisOptions } from 'ioredis'

export type { Redis } from 'ioredis'

/**
 * How a connection meets an outage. `patient`: commands wait until Redis is back (workers). `hasty`: they fail within two
 * seconds, so that a hook is answered 503 and sent again (ingress).
 */
export type Patience = 'patient' | 'hasty'

const MODES = {
  patient: { maxRetriesPerRequest: null },
  hasty: {
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    commandTimeout: 2_000,
  },
} satisfies Record<Patience, RedisOptions>

/** Connects to `redis://` or `rediss://`; `name` shows in Redis' client list. Reconnects for ever, at most 2 s apart. */
export function connectRedis(url: string, name: string, patience: Patience): Redis {
  const options = {
    ...MODES[patience],
    connectionName: name,
    retryStrategy: (attempt: number) => Math.min(50 * 2 ** Math.min(attempt, 6), 2_000),
  } satisfies RedisOptions
  const redis = new Redis(url, options)
  // Without a listener a lost connection would end the process; each command reports its own failure.
  redis.on('error', () => {})
  return redis
}

/** Waits until the connection can take commands, at most `ms`; false when it cannot by then. */
export function whenReady(redis: Redis, ms: number): Promise<boolean> {
  if (redis.status === 'ready') return Promise.resolve(true)
  return new Promise(resolve => {
    const onReady = () => {
      clearTimeout(timer)
      resolve(true)
    }
    const timer = setTimeout(() => {
      redis.off('ready', onReady)
      resolve(false)
    }, ms)
    redis.once('ready', onReady)
  })
}

/** Closes a connection whatever its state; waits for commands under way where it is ready. */
export async function closeRedis(redis: Redis): Promise<void> {
  if (redis.status === 'ready') await redis.quit().catch(() => redis.disconnect())
  else redis.disconnect()
}
