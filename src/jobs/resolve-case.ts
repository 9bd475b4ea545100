import { z } from 'zod'
import type { CaseEntry, CaseFacts, EntryOf } from '../domain/case/log.ts'
import type { Answer } from '../domain/judge-answer.ts'
import { callPlatform, ownWait, type AlertLink, type Answered } from './call-platform.ts'
import { decideCase, type CaseDecisionDeps, type Decided } from './case-decision.ts'
import { again, done, park, type Job, type Outcome } from './job.ts'

export interface ResolveCaseDeps extends CaseDecisionDeps {
  /** Each platform that sends alerts, by its name. */
  alertLinks: ReadonlyMap<string, AlertLink>
  throttleMaxMs: number
  pushTimeoutMs: number
  /** False when Redis went back since this process last looked: what was decided may be wrong. */
  isRedisCurrent: () => Promise<boolean>
  /** Called with every call and what it came to. */
  onResolutionCall: (outcome: string, caseId: string) => void
}

/** Sends the platform the resolution of an alert: stored first, and sent as stored until it is accepted. */
export const resolveCase: Job<{ caseId: string }, ResolveCaseDeps> = {
  name: 'resolve-case',
  payload: z.object({ caseId: z.string().min(1) }),
  key: payload => payload.caseId,
  async run({ caseId }, deps, { signal }) {
    const link = deps.alertLinks.get(caseId.slice(0, caseId.indexOf(':')))
    if (link === undefined) return park('platform-not-configured')
    // Before the platform is asked for leave, so that a case with nothing to send costs it nothing.
    if (!(await hasResolution(deps, caseId))) return done('nothing to send')
    const limits = { timeoutMs: deps.pushTimeoutMs, signal }
    const called = await callPlatform({ gate: link.answering, throttleMaxMs: deps.throttleMaxMs }, async access => {
      // The last thing before a call: everything is weighed again, and the call is noted.
      const begun = begunCall(await decideCase(deps, caseId, undefined, { call: true }))
      if (begun === null) return null
      const { resolution, sent, record } = begun
      if (!(await deps.isRedisCurrent())) {
        await takeBack(deps, caseId, sent)
        return { answer: { failure: 'unsent' }, value: sent }
      }
      const about = { guid: record.guid, orderId: resolution.orderId }
      const { answer } = await link.platform.answer(access, about, resolution.resolution, limits)
      deps.onResolutionCall('failure' in answer ? answer.failure : String(answer.status), caseId)
      if (isUntaken(answer)) await takeBack(deps, caseId, sent)
      return { answer, value: sent }
    })
    if (called === null) return done('nothing to send')
    return 'outcome' in called ? ownWait(called.outcome, deps.alertLinks) : record(deps, caseId, called)
  },
}

const hasResolution = async (deps: ResolveCaseDeps, caseId: string): Promise<boolean> => {
  const decided = await decideCase(deps, caseId)
  return decided.done === 'decided' && decided.decision.effects.includes('resolve')
}

/** What a decision noted as about to be sent; null: nothing is. */
function begunCall(decided: Decided) {
  if (decided.done !== 'decided') return null
  const sent = decided.added.find(entry => entry.what === 'sent')
  const { resolution } = decided.facts
  return sent === undefined || resolution === null ? null : { resolution, sent, record: decided.record }
}

/** Answers that say that the call surely was not taken: it does not count as one. */
const isUntaken = (answer: Answer) =>
  'failure' in answer
    ? answer.failure === 'unsent'
    : [401, 403, 429].includes(answer.status) || (answer.status >= 300 && answer.status < 400)

async function takeBack(deps: ResolveCaseDeps, caseId: string, sent: EntryOf<'sent'>): Promise<void> {
  const before: CaseEntry = { ...sent, calls: sent.calls - 1, unanswered: sent.calls > 2 && sent.unanswered }
  await decideCase(deps, caseId, ({ facts }) => ({
    add: facts.sent?.of === sent.of && facts.sent.calls === sent.calls ? [before] : [],
  }))
}

async function record(deps: ResolveCaseDeps, caseId: string, called: Answered<EntryOf<'sent'>>): Promise<Outcome> {
  const at = await deps.redisNow()
  const entry = ({ sent }: CaseFacts): CaseEntry => ({
    what: 'answered',
    at: Math.max(at, sent?.at ?? 0),
    accepted: called.accepted,
    probably: !called.accepted && sent?.unanswered === true,
    status: called.accepted ? 200 : called.status,
    words: called.accepted ? '' : called.words,
  })
  const decided = await decideCase(deps, caseId, ({ facts }) => ({
    add: facts.answered?.accepted === true ? [] : [entry(facts)],
  }))
  if (decided.done === 'contended' || decided.done === 'newer') return again(decided.done)
  return done(called.accepted ? 'answered' : `refused-${called.status}`)
}
