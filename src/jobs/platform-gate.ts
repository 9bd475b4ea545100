import type { Verdict } from '../domain/judge-answer.ts'
import type { Access, PlatformService } from '../platforms/platform.ts'
import type { GateEvent, GateStore } from '../store/gate-store.ts'
import type { ClosedCause } from '../store/push-store.ts'
import { again, allWait, done, type Outcome } from './job.ts'

/** What it takes to go in and out of a platform's gate; durations in milliseconds. */
export interface PlatformGateDeps {
  gate: Pick<GateStore, 'record' | 'enter'>
  platform: PlatformService
  /** True where nothing else asks the gate before a call (a push of an order does, as it begins). */
  asksFirst?: boolean
  deniedProbeMs: number
  /** Told when calls are let through again, so that waiting workers need not sit out their time. */
  onGateOpened: () => Promise<void>
  /** Told once when calls stop: the platform's denial, or `breaker`. */
  onGateShut: (why: string) => void
}

export type PlatformGate = ReturnType<typeof createPlatformGate>

/** Every call to a platform goes through here: who may call, with which token, and what the answer means for all others. */
export function createPlatformGate({
  gate,
  platform,
  asksFirst = false,
  deniedProbeMs,
  onGateOpened,
  onGateShut,
}: PlatformGateDeps) {
  /** A token: the one at hand, or a new one where the gate allows to ask for it; else what to do instead. */
  async function enter(): Promise<{ access: Access } | { outcome: Outcome }> {
    const access = await platform.access()
    if (access !== null && !asksFirst) return { access }
    const closed = await gate.enter(platform.name)
    if (closed !== null) return { outcome: turnedAway(closed.cause, closed.ms) }
    return access === null ? renew(null) : { access }
  }

  /** A token newer than the refused one. */
  async function renew(refused: Access | null): Promise<{ access: Access } | { outcome: Outcome }> {
    const admission = await platform.renew(refused)
    const verdict: Verdict = 'access' in admission ? { next: 'renew-token' } : admission.verdict
    await tell(verdict)
    return 'access' in admission ? admission : { outcome: outcomeOf(verdict) }
  }

  /** True when a refused token is no longer the newest: somebody renewed it while the call was under way. */
  async function renewedSince(refused: Access): Promise<boolean> {
    platform.dropAccess()
    return ((await platform.access())?.generation ?? 0) > refused.generation
  }

  /**
   * A token for the next call of a run after the platform refused one; `renewals`: how often the run has renewed it before. Refused again
   * while it is still the newest, the token is not at fault: access is denied.
   */
  async function renewOrDeny(
    refused: Access | null,
    renewals: number,
  ): Promise<{ access: Access } | { outcome: Outcome }> {
    if (refused === null || renewals === 0 || (await renewedSince(refused))) return renew(refused)
    const verdict = { next: 'stop', cause: 'credentials-refused' } as const
    await tell(verdict)
    return { outcome: outcomeOf(verdict) }
  }

  async function tell(verdict: Verdict): Promise<void> {
    const { shut, opened } = await gate.record(platform.name, eventOf(verdict))
    if (shut) onGateShut(verdict.next === 'stop' ? verdict.cause : 'breaker')
    if (opened) await onGateOpened()
  }

  /** What a run does that was not let through. */
  function turnedAway(cause: ClosedCause, ms: number): Outcome {
    if (cause !== 'denied') return allWait(ms, cause)
    platform.dropAccess()
    return allWait(deniedProbeMs, cause)
  }

  /** What a run does after its last call. */
  function outcomeOf(verdict: Verdict): Outcome {
    switch (verdict.next) {
      case 'accept':
        return done('pushed')
      case 'reject':
        return done('rejected')
      case 'wait':
        return allWait(verdict.ms, 'throttled')
      case 'stop':
        return turnedAway('denied', deniedProbeMs)
      case 'renew-token':
        return again('unauthorized')
      case 'back-off':
        return again(verdict.code)
    }
  }

  return { enter, renewOrDeny, tell, turnedAway, outcomeOf }
}

/** An answer of any kind closes the breaker; only one that is no refusal of us lifts a denial. */
function eventOf(verdict: Verdict): GateEvent {
  switch (verdict.next) {
    case 'back-off':
      return { what: 'failed' }
    case 'wait':
      return { what: 'throttled', ms: verdict.ms }
    case 'stop':
      return { what: 'denied', cause: verdict.cause }
    case 'renew-token':
      return { what: 'unauthorized' }
    case 'accept':
    case 'reject':
      return { what: 'answered' }
  }
}
