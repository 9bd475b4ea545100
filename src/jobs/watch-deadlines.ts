import { z } from 'zod'
import type { CaseStore } from '../store/case-store.ts'
import { decideCase, type CaseDecisionDeps } from './case-decision.ts'
import { done, type Job } from './job.ts'

export interface WatchDeadlinesDeps extends Omit<CaseDecisionDeps, 'cases'> {
  cases: CaseDecisionDeps['cases'] & Pick<CaseStore, 'withDueMarks'>
}

const PAGE = 200

/** Tells of deadlines whose marks have come. It decides by itself: however long the queues are, nothing passes in silence. */
export const watchDeadlines: Job<Record<string, never>, WatchDeadlinesDeps> = {
  name: 'watch-deadlines',
  payload: z.object({}),
  key: () => 'all',
  async run(_payload, deps, { signal }) {
    let told = 0
    for (;;) {
      const ids = await deps.cases.withDueMarks(await deps.redisNow(), PAGE)
      const decided = await Promise.allSettled(ids.map(id => decideCase(deps, id)))
      told += ids.length
      // What could not be decided about now is found again at the next look.
      if (
        ids.length < PAGE ||
        signal.aborted ||
        decided.every(one => one.status === 'rejected' || one.value.done !== 'decided')
      )
        break
    }
    return done(`${told} cases`)
  },
}
