import { z } from 'zod'
import type { CaseStore } from '../store/case-store.ts'
import type { OrderStore } from '../store/order-store.ts'
import type { RejectedStore } from '../store/rejected-store.ts'
import { again, done, type Job } from './job.ts'

export interface ExpireOrdersDeps {
  orders: Pick<OrderStore, 'expire'>
  cases: Pick<CaseStore, 'expire'>
  rejected: Pick<RejectedStore, 'expire'>
  /** Redis' clock, in milliseconds. */
  redisNow: () => Promise<number>
  orderRetentionMs: number
  rejectedRetentionMs: number
}

const PAGE = 500
const MAX_PAGES = 1_000

/** Deletes what has been kept for its time: orders by their last change, finished cases by their first event, tombstones with them, refused changes by theirs. */
export const expireOrders: Job<Record<string, never>, ExpireOrdersDeps> = {
  name: 'expire-orders',
  payload: z.object({}),
  key: () => 'all',
  async run(_payload, deps, { signal }) {
    const now = await deps.redisNow()
    const refused = await deps.rejected.expire(now - deps.rejectedRetentionMs)
    const before = now - deps.orderRetentionMs
    const cases = await drain(signal, () => deps.cases.expire(before, PAGE))
    const orders = await drain(signal, () => deps.orders.expire(before, PAGE))
    if (signal.aborted) return again('stopping')
    return done(`${orders} orders, ${cases} cases, ${refused} refused changes`)
  },
}

async function drain(signal: AbortSignal, page: () => Promise<number>): Promise<number> {
  let gone = 0
  for (let pages = 0; pages < MAX_PAGES && !signal.aborted; pages++) {
    const count = await page()
    gone += count
    if (count === 0) break
  }
  return gone
}
