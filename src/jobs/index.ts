import { expireOrders } from './expire-orders.ts'
import type { Job } from './job.ts'
import { probePlatform } from './probe-platform.ts'
import { sweepOrders } from './sweep-orders.ts'
import { syncOrder } from './sync-order.ts'
import { watchRedis } from './watch-redis.ts'

/** Every job there is. A new one is a file of its own and a line here. */
export const JOBS = { syncOrder, sweepOrders, probePlatform, expireOrders, watchRedis }

type DepsOf<One> = One extends Job<infer _Payload, infer Deps> ? Deps : never
type All = typeof JOBS
/** What all jobs together are given. */
export type JobDeps = DepsOf<All['syncOrder']> &
  DepsOf<All['sweepOrders']> &
  DepsOf<All['probePlatform']> &
  DepsOf<All['expireOrders']> &
  DepsOf<All['watchRedis']>
