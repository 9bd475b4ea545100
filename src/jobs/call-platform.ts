import { judgeAnswer, type Answer } from '../domain/judge-answer.ts'
import type { Access, AlertPlatform } from '../platforms/platform.ts'
import { again, later, type Outcome } from './job.ts'
import type { PlatformGate } from './platform-gate.ts'

export interface CallPlatformDeps {
  gate: Pick<PlatformGate, 'enter' | 'renewOrDeny' | 'tell' | 'outcomeOf'>
  throttleMaxMs: number
}

/** A platform that sends alerts, with the gates that calls to it go through. */
export interface AlertLink {
  platform: Pick<AlertPlatform, 'ask' | 'answer' | 'list'>
  asking: CallPlatformDeps['gate']
  answering: CallPlatformDeps['gate']
}

/** Where several platforms share a queue, one that is away holds up its own jobs only. */
export const ownWait = (outcome: Outcome, links: ReadonlyMap<string, AlertLink>): Outcome =>
  outcome.outcome === 'all-wait' && links.size > 1 ? later(outcome.ms, outcome.why) : outcome

/** A call that was answered for good: accepted, with its value where it could be read, or refused with the platform's words. */
export type Answered<Value> = { accepted: true; value?: Value } | { accepted: false; status: number; words: string }

/** What came back from one call, as the adapters of platforms answer it. */
export interface Said<Value> {
  answer: Answer
  value?: Value
}

/**
 * Makes one call through a platform's gate: with its token, renewed at most once; 401 with a fresh token, 403 and redirects
 * deny. Whatever is no answer for good is the run's outcome; null: `ask` had nothing to call for.
 */
export async function callPlatform<Value>(
  { gate, throttleMaxMs }: CallPlatformDeps,
  ask: (access: Access) => Promise<Said<Value>>,
): Promise<Answered<Value> | { outcome: Outcome }>
export async function callPlatform<Value>(
  { gate, throttleMaxMs }: CallPlatformDeps,
  ask: (access: Access) => Promise<Said<Value> | null>,
): Promise<Answered<Value> | { outcome: Outcome } | null>
export async function callPlatform<Value>(
  { gate, throttleMaxMs }: CallPlatformDeps,
  ask: (access: Access) => Promise<Said<Value> | null>,
): Promise<Answered<Value> | { outcome: Outcome } | null> {
  let entered = await gate.enter()
  for (let renewals = 0; renewals <= MAX_RENEWALS; renewals++) {
    if ('outcome' in entered) return entered
    const { access } = entered
    const asked = await ask(access)
    if (asked === null) return null
    const { answer, value } = asked
    // What we ended ourselves says nothing about the platform.
    if ('failure' in answer && answer.failure === 'aborted') return { outcome: again('stopping') }
    const verdict = judgeAnswer(answer, throttleMaxMs)
    await gate.tell(verdict)
    if (verdict.next === 'accept') return { accepted: true, ...(value !== undefined && { value }) }
    if (verdict.next === 'reject') return { accepted: false, status: verdict.status, words: verdict.words }
    if (verdict.next !== 'renew-token') return { outcome: gate.outcomeOf(verdict) }
    entered = await gate.renewOrDeny(access, renewals)
  }
  return { outcome: again('unauthorized') }
}

/** One for a token that was revoked, one for a token that another process renewed meanwhile. */
const MAX_RENEWALS = 2
