import { z } from 'zod'
import type { PushStore } from '../store/push-store.ts'
import { done, type Job } from './job.ts'

export interface SweepOrdersDeps {
  pushes: Pick<PushStore, 'takeDue' | 'retryAllRejected' | 'retriedBy' | 'keepRetriedBy'>
  /** Wants a job for each of these orders. */
  wantSync: (orderIds: readonly string[]) => Promise<void>
  sweepMs: number
  version: string
  /** False where orders are pushed nowhere. */
  pushesOrders: boolean
}

const PAGE = 500
const MAX_PAGES = 200

/**
 * Finds dirty orders whose job is lost and refused ones whose next try has come (daily, and when our version is new): a crash
 * between merging and queueing costs a delay, never a change.
 */
export const sweepOrders: Job<Record<string, never>, SweepOrdersDeps> = {
  name: 'sweep-orders',
  payload: z.object({}),
  key: () => 'all',
  async run(_payload, deps) {
    if (!deps.pushesOrders) return done('orders are not pushed')
    if ((await deps.pushes.retriedBy()) !== deps.version) {
      await deps.pushes.retryAllRejected()
      // Last: what fails halfway is begun again by the next sweep.
      await deps.pushes.keepRetriedBy(deps.version)
    }
    let found = 0
    for (let page = 0; page < MAX_PAGES; page++) {
      const ids = await deps.pushes.takeDue(AGAIN_AFTER_SWEEPS * deps.sweepMs, PAGE)
      if (ids.length > 0) await deps.wantSync(ids)
      found += ids.length
      if (ids.length < PAGE) break
    }
    return done(`${found} orders`)
  },
}

/** An order found once is left in peace for a while: its job may only be waiting in a long queue. */
const AGAIN_AFTER_SWEEPS = 4
