import { z } from 'zod'
import { SENT_FIELDS } from '../domain/order-fields.ts'
import type { CaseStore } from '../store/case-store.ts'
import type { PushStore } from '../store/push-store.ts'
import type { RefundStore } from '../store/refund-store.ts'
import type { RollbackStore } from '../store/rollback-store.ts'
import type { AlarmBell } from './alarm-bell.ts'
import { done, type Job } from './job.ts'

export interface WatchRedisDeps {
  rollbacks: Pick<RollbackStore, 'read' | 'keepTail' | 'endTail'>
  redisNow: () => Promise<number>
  alarms: Pick<AlarmBell, 'clear'>
  pushes: Pick<PushStore, 'doubtChangedSince'>
  cases: Pick<CaseStore, 'wakeAll'>
  refunds: Pick<RefundStore, 'wakeAll'>
  wantSync: (orderIds: readonly string[]) => Promise<void>
  pushDoubtMs: number
  refundListLagMs: number
}

/**
 * Makes a lost tail good: orders changed since are doubted, so that they are pushed again; every open case is decided again, which has its
 * record read before it is answered; refunds wait until the gateway's list must show whatever was sent (`planRefund`). Then it is
 * over, without a person.
 */
export const watchRedis: Job<Record<string, never>, WatchRedisDeps> = {
  name: 'watch-redis',
  payload: z.object({}),
  key: () => 'redis',
  async run(_payload, deps) {
    const { tail } = await deps.rollbacks.read()
    if (tail === null) return done()
    const now = await deps.redisNow()
    if (tail.doubted === null) {
      const recent = { sinceMs: tail.since, untilMs: now + deps.pushDoubtMs, fields: SENT_FIELDS }
      const doubted = await deps.pushes.doubtChangedSince(recent, deps.wantSync)
      const cases = await deps.cases.wakeAll()
      await deps.refunds.wakeAll()
      // Last: what fails halfway is begun again.
      await deps.rollbacks.keepTail({ ...tail, doubted })
      return done(`${doubted} orders in doubt, ${cases} cases decided again`)
    }
    if (now < tail.at + deps.refundListLagMs) return done('refunds wait for the list of the gateway')
    await deps.rollbacks.endTail()
    await deps.alarms.clear('redis-lost-writes', 'redis', now, `${tail.doubted} orders were pushed again; refunds and alerts go on.`) // prettier-ignore
    return done('made good')
  },
}
