import { z } from 'zod'
import type { AlarmOutbox } from '../store/alarm-outbox.ts'
import type { CaseStore } from '../store/case-store.ts'
import type { RefundStore } from '../store/refund-store.ts'
import { done, type Job } from './job.ts'
import type { Wants } from './wants.ts'

export interface SweepCasesDeps {
  cases: Pick<CaseStore, 'takeDue'>
  refunds: Pick<RefundStore, 'takeDue'>
  alarmOutbox: Pick<AlarmOutbox, 'takeDue'>
  wants: Pick<Wants, 'decide' | 'refund' | 'alarm'>
  sweepMs: number
}

const PAGE = 500
const MAX_PAGES = 200
const AGAIN_AFTER_SWEEPS = 4
/** Behind everything that has a deadline. */
const LAST = 2_097_151

/** Finds cases, refunds and alarms that want something and whose job is lost, or whose time to be looked at has come. */
export const sweepCases: Job<Record<string, never>, SweepCasesDeps> = {
  name: 'sweep-cases',
  payload: z.object({}),
  key: () => 'all',
  async run(_payload, deps) {
    const againMs = AGAIN_AFTER_SWEEPS * deps.sweepMs
    const cases = await take(() => deps.cases.takeDue(againMs, PAGE), ids => deps.wants.decide(ids)) // prettier-ignore
    const refunds = await take(
      () => deps.refunds.takeDue(againMs, PAGE),
      async ids => void (await Promise.all(ids.map(id => deps.wants.refund(id, LAST)))),
    )
    const alarms = await take(
      () => deps.alarmOutbox.takeDue(againMs, PAGE),
      async ids => void (await Promise.all(ids.map(id => deps.wants.alarm(id)))),
    )
    return done(`${cases} cases, ${refunds} refunds, ${alarms} alarms`)
  },
}

async function take(next: () => Promise<string[]>, want: (ids: string[]) => Promise<void>): Promise<number> {
  let found = 0
  for (let page = 0; page < MAX_PAGES; page++) {
    const ids = await next()
    if (ids.length > 0) await want(ids)
    found += ids.length
    if (ids.length < PAGE) break
  }
  return found
}
