import { catchUpAlerts } from './catch-up-alerts.ts'
import { decideCaseJob } from './decide-case.ts'
import { enrichCase } from './enrich-case.ts'
import { ensureSubscriptions } from './ensure-subscriptions.ts'
import { expireOrders } from './expire-orders.ts'
import type { Job } from './job.ts'
import { probePlatform } from './probe-platform.ts'
import { refundOrder } from './refund-order.ts'
import { resolveCase } from './resolve-case.ts'
import { sendAlarm } from './send-alarm.ts'
import { sweepCases } from './sweep-cases.ts'
import { sweepOrders } from './sweep-orders.ts'
import { syncOrder } from './sync-order.ts'
import { watchAlarms } from './watch-alarms.ts'
import { watchDeadlines } from './watch-deadlines.ts'
import { watchRedis } from './watch-redis.ts'
import { watchSilence } from './watch-silence.ts'

/** Every job there is. A new one is a file of its own and a line here. */
export const JOBS = {
  syncOrder,
  decideCase: decideCaseJob,
  enrichCase,
  refundOrder,
  resolveCase,
  sweepOrders,
  sweepCases,
  watchAlarms,
  watchDeadlines,
  watchSilence,
  sendAlarm,
  ensureSubscriptions,
  catchUpAlerts,
  probePlatform,
  expireOrders,
  watchRedis,
}

type DepsOf<One> = One extends Job<infer _Payload, infer Deps> ? Deps : never
type AllDeps = { [Name in keyof typeof JOBS]: DepsOf<(typeof JOBS)[Name]> }
type Together<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never
/** What all jobs together are given. */
export type JobDeps = Together<AllDeps[keyof AllDeps]>
