import { z } from 'zod'
import type { OrderStore } from '../store/order-store.ts'
import type { RejectedStore } from '../store/rejected-store.ts'
import { again, done, type Job } from './job.ts'

export interface ExpireOrdersDeps {
  orders: Pick<OrderStore, 'expire'>
  rejected: Pick<RejectedStore, 'expire'>
  /** Redis' clock, in milliseconds. */
  redisNow: () => Promise<number>
  orderRetentionMs: number
  rejectedRetentionMs: number
}

const PAGE = 500
const MAX_PAGES = 1_000

/** Deletes what has been kept for its time: orders by their last change, tombstones with them, refused changes by theirs. */
export const expireOrders: Job<Record<string, never>, ExpireOrdersDeps> = {
  name: 'expire-orders',
  payload: z.object({}),
  key: () => 'all',
  async run(_payload, deps, { signal }) {
    const now = await deps.redisNow()
    const refused = await deps.rejected.expire(now - deps.rejectedRetentionMs)
    let gone = 0
    for (let page = 0; page < MAX_PAGES; page++) {
      if (signal.aborted) return again('stopping')
      const count = await deps.orders.expire(now - deps.orderRetentionMs, PAGE)
      gone += count
      if (count === 0) break
    }
    return done(`${gone} orders, ${refused} refused changes`)
  },
}
