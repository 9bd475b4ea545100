import { z } from 'zod'
import type { CaseEntry } from '../domain/case/log.ts'
import type { CaseView } from '../domain/case/view.ts'
import type { Report } from '../platforms/platform.ts'
import { callPlatform, ownWait, type AlertLink } from './call-platform.ts'
import { decideCase, type CaseDecisionDeps } from './case-decision.ts'
import { again, done, park, type Job } from './job.ts'

export interface EnrichCaseDeps extends CaseDecisionDeps {
  /** Each platform that sends alerts, by its name. */
  alertLinks: ReadonlyMap<string, AlertLink>
  throttleMaxMs: number
  pushTimeoutMs: number
}

/** Reads the platform's own record of an alert, a chargeback or the order of a refund request: a hook is only a hint. */
export const enrichCase: Job<{ caseId: string }, EnrichCaseDeps> = {
  name: 'enrich-case',
  payload: z.object({ caseId: z.string().min(1) }),
  key: payload => payload.caseId,
  async run({ caseId }, deps, { signal }) {
    const stored = await deps.cases.read(caseId)
    if (stored === null) return done('unknown')
    const link = deps.alertLinks.get(stored.record.platform)
    if (link === undefined) return park('platform-not-configured')
    const { throttleMaxMs, pushTimeoutMs: timeoutMs } = deps
    const asked = await callPlatform({ gate: link.asking, throttleMaxMs }, access =>
      link.platform.ask(access, stored.record, { timeoutMs, signal }),
    )
    if ('outcome' in asked) return ownWait(asked.outcome, deps.alertLinks)
    if (!asked.accepted && asked.status !== 404) return park(`refused-${asked.status}`)
    // An answer that cannot be read is asked for again; the case goes on without it meanwhile.
    if (asked.accepted && !asked.value) return again('unreadable')
    const at = await deps.redisNow()
    const read = asked.accepted ? asked.value! : null
    const decided = await decideCase(deps, caseId, view => ({ add: learnt(view, read, at) }))
    if (decided.done === 'contended' || decided.done === 'newer') return again(decided.done)
    return done(read === null ? 'not-found' : 'read')
  },
}

/** The platform's record where it says something new, and in any case that it was asked. */
function learnt({ facts: known }: CaseView, read: Report | null, at: number): CaseEntry[] {
  if (read === null) return [{ what: 'asked', at, missedSince: known.missedSince ?? at }]
  const { facts, faults = [] } = read
  const isNew = known.record === null || JSON.stringify(known.record) !== JSON.stringify(facts)
  const record: CaseEntry = { what: 'read-back', at, facts, ...(faults.length > 0 && { faults }) }
  return isNew ? [record, { what: 'asked', at, missedSince: null }] : [{ what: 'asked', at, missedSince: null }]
}
