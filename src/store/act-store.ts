import type { Redis } from '../redis/connect.ts'
import type { Keys } from './keys.ts'

const KEPT = 500

/** What a person did to a queue, an order, a rejected change or everything; `by` is `cli:<user of the machine>` or the name of the login. */
export interface Act {
  /** Milliseconds. */
  at: number
  by: string
  act: 'pause' | 'resume' | 'sync' | 'replay' | 'forget' | 'release' | 'backup' | 'restore' | 'export'
  /** A queue's name, an order's id, a rejected change's id; null for an order that was erased, which is not named any more, and for acts on everything. */
  subject: string | null
  /** Why, where that is asked for. */
  reason?: string | null
}

/** Who did what, the newest 500 acts. Decisions about cases and the refund mode have histories of their own. */
export function createActStore(redis: Redis, keys: Pick<Keys, 'acts'>) {
  const record = async (act: Act): Promise<void> =>
    void (await redis
      .multi()
      .lpush(keys.acts, JSON.stringify(act))
      .ltrim(keys.acts, 0, KEPT - 1)
      .exec())

  /** The newest first. */
  const list = async (limit: number): Promise<Act[]> =>
    (await redis.lrange(keys.acts, 0, limit - 1)).map(text => JSON.parse(text) as Act)

  /** Takes out what names an order. */
  async function forgetOrder(orderId: string): Promise<void> {
    for (const text of await redis.lrange(keys.acts, 0, KEPT - 1))
      if ((JSON.parse(text) as Act).subject === orderId) await redis.lrem(keys.acts, 0, text)
  }

  return { record, list, forgetOrder }
}
