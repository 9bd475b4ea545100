import { z } from 'zod'
import type { CaseEntry } from '../domain/case/log.ts'
import { callPlatform, ownWait, type AlertLink } from './call-platform.ts'
import { decideCase, type CaseDecisionDeps } from './case-decision.ts'
import { again, done, park, type Job } from './job.ts'

export interface EnrichCaseDeps extends CaseDecisionDeps {
  /** Each platform that sends alerts, by its name. */
  alertLinks: ReadonlyMap<string, AlertLink>
  throttleMaxMs: number
  pushTimeoutMs: number
}

/** Asks the platform for all it knows of an alert, a chargeback or the order of a refund: a hook is only a hint. */
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
    const at = await deps.redisNow()
    const entry: CaseEntry =
      asked.accepted && asked.value ? { what: 'enriched', at, facts: asked.value.facts } : { what: 'not-found', at }
    // An answer that cannot be read is asked for again; the case goes on without it meanwhile.
    if (asked.accepted && !asked.value) return again('unreadable')
    const decided = await decideCase(deps, caseId, { before: () => [entry] })
    return decided === 'contended' || decided === 'newer' ? again(decided) : done(entry.what)
  },
}
