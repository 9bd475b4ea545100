import type { Redis } from '../redis/connect.ts'

const PAGE = 500

/** Makes every member of a sorted set of due times due for the next sweep, a page at a time; answers how many were not due before. */
export async function makeAllDue(redis: Redis, key: string): Promise<number> {
  let count = 0
  // What is put off once more meanwhile waits for its own time: no more pages than there are now.
  for (let pages = Math.ceil((await redis.zcard(key)) / PAGE); pages > 0; pages--) {
    const ids = await redis.zrange(key, '(0', '+inf', 'BYSCORE', 'LIMIT', 0, PAGE)
    if (ids.length > 0) await redis.zadd(key, 'XX', ...ids.flatMap(id => ['0', id]))
    count += ids.length
  }
  return count
}
