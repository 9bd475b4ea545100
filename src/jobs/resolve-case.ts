import { z } from 'zod'
import type { CaseEntry, CaseFacts, Wording } from '../domain/case/log.ts'
import type { Answer } from '../domain/judge-answer.ts'
import { callPlatform, ownWait, type AlertLink, type Answered } from './call-platform.ts'
import { decideCase, type After, type CaseDecisionDeps } from './case-decision.ts'
import { again, done, park, type Job, type Outcome } from './job.ts'

export interface ResolveCaseDeps extends CaseDecisionDeps {
  /** Each platform that sends alerts, by its name. */
  alertLinks: ReadonlyMap<string, AlertLink>
  throttleMaxMs: number
  pushTimeoutMs: number
  /** Told of every call and of what it came to. */
  onResolutionCall: (outcome: string) => void
}

/** Tells the platform what became of an alert: words that are written down first, sent as written until they are accepted. */
export const resolveCase: Job<{ caseId: string }, ResolveCaseDeps> = {
  name: 'resolve-case',
  payload: z.object({ caseId: z.string().min(1) }),
  key: payload => payload.caseId,
  async run({ caseId }, deps, { signal }) {
    const begun: { wording: Wording | null; sent: Sent | null; last: Answer | null } = {
      wording: null,
      sent: null,
      last: null,
    }
    const link = deps.alertLinks.get(caseId.slice(0, caseId.indexOf(':')))
    if (link === undefined) return park('platform-not-configured')
    const said = await callPlatform({ gate: link.answering, throttleMaxMs: deps.throttleMaxMs }, async access => {
      // The last thing before a call: everything is looked at again, and the call is written down.
      const decided = await decideCase(deps, caseId, { after: beginCall(begun) })
      if (typeof decided !== 'object' || begun.wording === null) return { answer: { failure: 'aborted' as const } }
      const limits = { timeoutMs: deps.pushTimeoutMs, signal }
      const answered = await link.platform.answer(access, decided.record, begun.wording, limits)
      begun.last = answered.answer
      deps.onResolutionCall('failure' in answered.answer ? answered.answer.failure : String(answered.answer.status))
      if (isUntaken(answered.answer)) await takeBack(deps, caseId, begun.sent)
      return answered
    })
    const isSaid = begun.wording !== null
    if ('outcome' in said)
      return isSaid || said.outcome.outcome !== 'again'
        ? ownWait(said.outcome, deps.alertLinks)
        : done('nothing to say')
    return isSaid ? record(deps, caseId, said, begun.sent) : done('nothing to say')
  },
}

type Sent = Extract<CaseEntry, { what: 'sent' }>

/** Writes a call down with the decision that it be made; `begun` then holds what to send. */
function beginCall(begun: { wording: Wording | null; sent: Sent | null }): After {
  return (decision, facts, at) => {
    begun.wording = null
    if (decision.state !== 'resolving' || !decision.effects.includes('resolve')) return []
    const fresh = decision.entries.findLast(entry => entry.what === 'worded')
    const worded = fresh ?? facts.worded
    if (worded === null) return []
    const before = fresh === undefined ? facts.sent : null
    begun.wording = worded.wording
    // Never before the words it carries, whatever the clock does.
    begun.sent = {
      what: 'sent',
      at: Math.max(at, worded.at),
      calls: (before?.calls ?? 0) + 1,
      unanswered: (before?.calls ?? 0) > 0,
    }
    return [begun.sent]
  }
}

/** Answers that say that the call surely was not taken: it was none. */
const isUntaken = (answer: Answer) =>
  'failure' in answer
    ? answer.failure === 'unsent'
    : [401, 403, 429].includes(answer.status) || (answer.status >= 300 && answer.status < 400)

async function takeBack(deps: ResolveCaseDeps, caseId: string, sent: Sent | null): Promise<void> {
  if (sent === null) return
  const before: Sent = { ...sent, calls: sent.calls - 1, unanswered: sent.calls > 2 && sent.unanswered }
  await decideCase(deps, caseId, { before: facts => (facts.sent?.calls === sent.calls ? [before] : []) })
}

async function record(
  deps: ResolveCaseDeps,
  caseId: string,
  said: Answered<never>,
  sent: Sent | null,
): Promise<Outcome> {
  const at = await deps.redisNow()
  const answered: CaseEntry = said.accepted
    ? { what: 'answered', at, accepted: true, probably: false, status: 200, words: '' }
    : {
        what: 'answered',
        at,
        accepted: false,
        probably: sent?.unanswered === true,
        status: said.status,
        words: said.words,
      }
  const isFirst = (facts: CaseFacts) => facts.answered?.accepted !== true
  const decided = await decideCase(deps, caseId, {
    before: facts => (isFirst(facts) ? [{ ...answered, at: Math.max(at, facts.sent?.at ?? 0) }] : []),
  })
  if (decided === 'contended' || decided === 'newer') return again(decided)
  return done(said.accepted ? 'answered' : `refused-${said.status}`)
}
