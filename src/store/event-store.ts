import type { Redis } from '../redis.ts'
import type { Keys } from './keys.ts'

const UNKNOWN_KEPT = 1_000
const heard = (platform: string, at: number) => ({ [`at:${platform}`]: String(at) })

export type EventStore = ReturnType<typeof createEventStore>

/** What a platform's hook brought that belongs to no case, and when it was last heard of at all. */
export function createEventStore(redis: Redis, keys: Pick<Keys, 'unknownEvents' | 'eventFigures' | 'caughtUp'>) {
  /** An event whose type is not known is kept all the same, masked. */
  async function keepUnknown(platform: string, eventType: string, raw: unknown, at: number): Promise<void> {
    await redis
      .multi()
      .lpush(keys.unknownEvents, JSON.stringify({ at, platform, event_type: eventType, body: raw }))
      .ltrim(keys.unknownEvents, 0, UNKNOWN_KEPT - 1)
      .hset(keys.eventFigures, heard(platform, at))
      .hincrby(keys.eventFigures, 'unknown', 1)
      .exec()
  }
  const countPing = async (platform: string, at: number): Promise<void> => {
    await redis
      .multi()
      .hset(keys.eventFigures, { ...heard(platform, at), pingAt: String(at) })
      .hincrby(keys.eventFigures, 'pings', 1)
      .exec()
  }
  /** When a platform was last heard of, an event or a ping; where it never was, when this was first asked. */
  async function heardAt(platform: string, now: number): Promise<number> {
    await redis.hsetnx(keys.eventFigures, `since:${platform}`, String(now))
    const times = await redis.hmget(keys.eventFigures, `since:${platform}`, `at:${platform}`)
    return Math.max(...times.map(Number))
  }

  /** When a ping last came (`pingAt`), each platform's times, and how many events of each type. */
  const figures = async (): Promise<Record<string, number>> =>
    Object.fromEntries(
      Object.entries(await redis.hgetall(keys.eventFigures)).map(([name, text]) => [name, Number(text)]),
    )

  /** Up to when a platform's list was read, ms; null: never. */
  async function caughtUpTo(platform: string): Promise<number | null> {
    const at = await redis.hget(keys.caughtUp, platform)
    return at === null ? null : Number(at)
  }
  const keepCaughtUp = async (platform: string, at: number): Promise<void> =>
    void (await redis.hset(keys.caughtUp, platform, String(at)))

  /** Takes out what names an order; answers how many. */
  async function forgetOrder(orderId: string): Promise<number> {
    const kept = await redis.lrange(keys.unknownEvents, 0, -1)
    const named = kept.filter(text => text.includes(JSON.stringify(orderId)))
    await Promise.all(named.map(text => redis.lrem(keys.unknownEvents, 0, text)))
    return named.length
  }

  return { keepUnknown, countPing, heardAt, figures, caughtUpTo, keepCaughtUp, forgetOrder }
}
