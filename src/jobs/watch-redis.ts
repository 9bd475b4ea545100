import { z } from 'zod'
import { SENT_FIELDS } from '../domain/order-fields.ts'
import type { PushStore } from '../store/push-store.ts'
import type { RefundStore } from '../store/refund-store.ts'
import type { AlarmBell } from './alarm-bell.ts'
import { done, type Job } from './job.ts'

export interface WatchRedisDeps {
  /** Raises the counter in Redis by one and answers it. */
  raiseCanary: () => Promise<number>
  /** The highest count this process has seen. */
  canary: { highest: number }
  redisNow: () => Promise<number>
  alarms: Pick<AlarmBell, 'raise'>
  refunds: Pick<RefundStore, 'mode' | 'setMode'>
  pushes: Pick<PushStore, 'doubtChangedSince'>
  wantSync: (orderIds: readonly string[]) => Promise<void>
  pushDoubtMs: number
  rollbackDoubtMs: number
}

/**
 * A counter that only rises. When it runs backwards Redis has lost writes it had confirmed (a failover, a restored backup):
 * that raises the alarm, puts refunds before a person, and every recently changed order is told to the platform again.
 */
export const watchRedis: Job<Record<string, never>, WatchRedisDeps> = {
  name: 'watch-redis',
  payload: z.object({}),
  key: () => 'redis',
  async run(_payload, deps) {
    const count = await deps.raiseCanary()
    const lost = deps.canary.highest - count + 1
    deps.canary.highest = count
    if (lost <= 0) return done()
    const now = await deps.redisNow()
    await deps.alarms.raise(
      'redis-lost-writes',
      'redis',
      `Redis went back by ${lost} of its own counts; writes it had confirmed are gone`,
      now,
    )
    // What was refunded may be among what was lost: a person looks before more money moves.
    if ((await deps.refunds.mode()).mode === 'auto')
      await deps.refunds.setMode('approve', 'order-sync', 'Redis lost writes it had confirmed', now)
    const recent = { sinceMs: now - deps.rollbackDoubtMs, untilMs: now + deps.pushDoubtMs, fields: SENT_FIELDS }
    const doubted = await deps.pushes.doubtChangedSince(recent, deps.wantSync)
    return done(`lost ${lost} counts, ${doubted} orders in doubt`)
  },
}
