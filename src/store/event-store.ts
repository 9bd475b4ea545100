import { createHash } from 'node:crypto'
import type { Redis } from '../redis/connect.ts'
import type { Keys } from './keys.ts'

const UNKNOWN_KEPT = 1_000
/** A list of alerts goes back three days at first, and some hours afterwards. */
const SEEN_KEPT_MS = 30 * 86_400_000
const heard = (platform: string, at: number) => ({ [`at:${platform}`]: String(at) })

/** An event that could not be taken; `at` in milliseconds, the body masked. */
export interface UnreadEvent {
  at: number
  platform: string
  eventType: string
  body: unknown
}

export type EventStore = ReturnType<typeof createEventStore>

/** What a platform sent that belongs to no case, and when it was last heard of at all. */
export function createEventStore(
  redis: Redis,
  keys: Pick<Keys, 'unknownEvents' | 'unreadSeen' | 'eventFigures' | 'caughtUp'>,
) {
  /** Events that cannot be taken, newest first; their bodies are masked. */
  async function listUnread(limit: number): Promise<UnreadEvent[]> {
    const texts = await redis.lrange(keys.unknownEvents, 0, limit - 1)
    return texts.map(text => {
      const { event_type: eventType, ...rest } = JSON.parse(text) as Omit<UnreadEvent, 'eventType'> & {
        event_type: string
      }
      return { ...rest, eventType }
    })
  }

  /** An event of a list is kept once, however often the list is read; true when it is new. */
  async function keepListed(platform: string, raw: unknown, at: number): Promise<boolean> {
    const digest = createHash('sha256')
      .update(`${platform} ${JSON.stringify(raw)}`)
      .digest('base64url')
    await redis.zremrangebyscore(keys.unreadSeen, '-inf', at - SEEN_KEPT_MS)
    if ((await redis.zscore(keys.unreadSeen, digest)) !== null) return false
    const both = redis.multi().zadd(keys.unreadSeen, at, digest)
    await kept(both, { at, platform, eventType: 'list-item', body: raw }).exec()
    return true
  }

  /** What a platform's hook brings and cannot be taken is kept all the same, masked. */
  async function keepUnread(platform: string, eventType: string, raw: unknown, at: number): Promise<void> {
    await kept(redis.multi(), { at, platform, eventType, body: raw })
      .hset(keys.eventFigures, heard(platform, at))
      .hincrby(keys.eventFigures, 'unknown', 1)
      .exec()
  }
  const kept = (multi: ReturnType<Redis['multi']>, { eventType, ...one }: UnreadEvent) =>
    multi
      .lpush(
        keys.unknownEvents,
        JSON.stringify({ at: one.at, platform: one.platform, event_type: eventType, body: one.body }),
      )
      .ltrim(keys.unknownEvents, 0, UNKNOWN_KEPT - 1)

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

  return { keepUnread, keepListed, listUnread, countPing, heardAt, figures, caughtUpTo, keepCaughtUp, forgetOrder }
}
