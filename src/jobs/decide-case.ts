import { z } from 'zod'
import { decideCase, type CaseDecisionDeps } from './case-decision.ts'
import { again, done, later, type Job } from './job.ts'

export type DecideCaseDeps = CaseDecisionDeps

/** How long a case of a newer version waits for code that knows it. */
const NEWER_WAIT_MS = 60_000

/** Decides one case: folds what came in, decides, stores the decision, and enqueues what follows from it. */
export const decideCaseJob: Job<{ caseId: string }, DecideCaseDeps> = {
  name: 'decide-case',
  payload: z.object({ caseId: z.string().min(1) }),
  key: payload => payload.caseId,
  async run({ caseId }, deps) {
    const decided = await decideCase(deps, caseId)
    switch (decided.done) {
      case 'decided':
        return done(`${decided.record.state}: ${decided.record.reason}`)
      case 'newer':
        return later(NEWER_WAIT_MS, 'of a newer version')
      case 'contended':
        return again('contended')
      default:
        return done(decided.done)
    }
  },
}
