import type { TestProject } from 'vitest/node'
import { startEmbeddedRedis } from '../../src/embedded-redis/start.ts'

declare module 'vitest' {
  interface ProvidedContext {
    redisUrl: string
  }
}

type Shared = { users: number; redis: ReturnType<typeof startEmbeddedRedis> }

// Each project of vitest loads this file for itself, in one process: the global object is what they have in common.
const place = globalThis as { orderSyncTestRedis?: Shared | undefined }

/** Gives the tiers that need one a throw-away Redis, one for the whole run; `TEST_REDIS_URL` names another instead. */
export default async function redisForTests(project: TestProject): Promise<(() => Promise<void>) | void> {
  const given = process.env.TEST_REDIS_URL
  if (given) return project.provide('redisUrl', given)
  const shared = (place.orderSyncTestRedis ??= {
    users: 0,
    redis: startEmbeddedRedis({ say: line => console.log(line) }),
  })
  shared.users += 1
  const redis = await shared.redis
  project.provide('redisUrl', redis.url)
  return async () => {
    shared.users -= 1
    if (shared.users > 0) return
    place.orderSyncTestRedis = undefined
    await redis.stop()
  }
}
