import { z } from 'zod'
import { decideCase, type CaseDecisionDeps } from './case-decision.ts'
import { again, done, type Job } from './job.ts'

export type DecideCaseDeps = CaseDecisionDeps

/** Looks at one case: folds what came in, decides, writes that down, and wants what follows from it. */
export const decideCaseJob: Job<{ caseId: string }, DecideCaseDeps> = {
  name: 'decide-case',
  payload: z.object({ caseId: z.string().min(1) }),
  key: payload => payload.caseId,
  async run({ caseId }, deps) {
    const decided = await decideCase(deps, caseId)
    if (typeof decided === 'object') return done(`${decided.record.state}: ${decided.record.why}`)
    return decided === 'contended' ? again('contended') : done(decided)
  },
}
