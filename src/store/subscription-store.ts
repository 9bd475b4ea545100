import { randomUUID } from 'node:crypto'
import type { Redis } from '../redis/connect.ts'
import type { Keys } from './keys.ts'
import { loadScript, runScript } from './scripts.ts'

const RELEASE = loadScript('release-lock')

export type SubscriptionStore = ReturnType<typeof createSubscriptionStore>

/** Which subscriptions at the platform we made ourselves, and the lock under which one process at a time mends them. */
export function createSubscriptionStore(redis: Redis, keys: Pick<Keys, 'subscriptions' | 'subscriptionsLock'>) {
  /** Event type → guid. */
  const remembered = (): Promise<Record<string, string>> => redis.hgetall(keys.subscriptions)

  const remember = async (eventType: string, guid: string): Promise<void> => {
    await redis.hset(keys.subscriptions, eventType, guid)
  }

  /** Runs `work` while nobody else does, or answers null at once when somebody does. The lock expires after `ms`. */
  async function alone<Value>(ms: number, work: () => Promise<Value>): Promise<Value | null> {
    const word = randomUUID()
    if ((await redis.set(keys.subscriptionsLock, word, 'PX', ms, 'NX')) !== 'OK') return null
    try {
      return await work()
    } finally {
      await runScript(redis, RELEASE, [keys.subscriptionsLock], [word])
    }
  }

  return { remembered, remember, alone }
}
