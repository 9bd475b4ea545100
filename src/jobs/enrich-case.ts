import { z } from 'zod'
import type { CaseEntry, CaseKind } from '../domain/case-log.ts'
import type { MidigatorEventsApi } from '../platforms/midigator/events-api.ts'
import type { Access } from '../platforms/platform.ts'
import { callPlatform, type CallPlatformDeps } from './call-platform.ts'
import { decideCase, type CaseDecisionDeps } from './case-decision.ts'
import { again, done, park, type Job } from './job.ts'

export interface EnrichCaseDeps extends CaseDecisionDeps {
  alertPlatform: { events: MidigatorEventsApi }
  alertGate: CallPlatformDeps['gate']
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
    const { kind, guid } = stored.record
    const asked = await callPlatform({ gate: deps.alertGate, throttleMaxMs: deps.throttleMaxMs }, access =>
      ask(deps, kind, guid, access, signal),
    )
    if ('outcome' in asked) return asked.outcome
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

function ask(
  { alertPlatform, pushTimeoutMs }: EnrichCaseDeps,
  kind: CaseKind,
  guid: string,
  access: Access,
  signal: AbortSignal,
) {
  const limits = { timeoutMs: pushTimeoutMs, signal }
  switch (kind) {
    case 'alert':
      return alertPlatform.events.prevention(access, guid, limits)
    case 'chargeback':
      return alertPlatform.events.chargeback(access, guid, limits)
    case 'request':
      return alertPlatform.events.order(access, guid, limits)
  }
}
