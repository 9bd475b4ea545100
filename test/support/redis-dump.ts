import type { Redis } from '../../src/redis/connect.ts'

/** Everything kept under keys that match a pattern, of whatever type, as one text a key: its name, then all it holds. */
export async function dumpKeys(redis: Redis, pattern: string): Promise<Map<string, string>> {
  const dumped = new Map<string, string>()
  let cursor = '0'
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', 1_000)
    cursor = next
    for (const key of keys) dumped.set(key, `${key} ${JSON.stringify(await contentOf(redis, key))}`)
  } while (cursor !== '0')
  return dumped
}

/** What one key holds, of whatever type; null where it is gone. */
export async function contentOf(redis: Redis, key: string): Promise<unknown> {
  const type = await redis.type(key)
  switch (type) {
    case 'string':
      return redis.get(key)
    case 'hash':
      return Object.fromEntries(Object.entries(await redis.hgetall(key)).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    case 'list':
      return redis.lrange(key, 0, -1)
    case 'set':
      return (await redis.smembers(key)).toSorted()
    case 'zset':
      return redis.zrange(key, '0', '-1', 'WITHSCORES')
    case 'stream':
      return redis.xrange(key, '-', '+')
    case 'none':
      return null // It expired, or was deleted, since it was listed.
    default:
      throw new Error(`a key of the type ${type} cannot be read`)
  }
}
