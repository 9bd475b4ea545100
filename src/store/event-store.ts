import type { Redis } from '../redis.ts'
import type { Keys } from './keys.ts'

const UNKNOWN_KEPT = 1_000

export type EventStore = ReturnType<typeof createEventStore>

/** What a platform's hook brought that belongs to no case, and when it was last heard of at all. */
export function createEventStore(redis: Redis, keys: Pick<Keys, 'unknownEvents' | 'eventFigures' | 'caughtUp'>) {
  /** An event whose type is not known is kept all the same, masked. */
  async function keepUnknown(eventType: string, raw: unknown, at: number): Promise<void> {
    await redis
      .multi()
      .lpush(keys.unknownEvents, JSON.stringify({ at, event_type: eventType, body: raw }))
      .ltrim(keys.unknownEvents, 0, UNKNOWN_KEPT - 1)
      .hset(keys.eventFigures, { at: String(at) })
      .hincrby(keys.eventFigures, 'unknown', 1)
      .exec()
  }
  const countPing = async (at: number): Promise<void> => {
    await redis
      .multi()
      .hset(keys.eventFigures, { pingAt: String(at) })
      .hincrby(keys.eventFigures, 'pings', 1)
      .exec()
  }
  /** When somebody first listened for events, which is now if nobody did before. */
  async function watchedSince(now: number): Promise<number> {
    await redis.hsetnx(keys.eventFigures, 'since', String(now))
    return Number(await redis.hget(keys.eventFigures, 'since'))
  }
  /** When an event and a ping last came (`at`, `pingAt`), and how many of each type. */
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

  return { keepUnknown, countPing, watchedSince, figures, caughtUpTo, keepCaughtUp, forgetOrder }
}
