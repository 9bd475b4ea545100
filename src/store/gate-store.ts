import type { DenialCause } from '../domain/judge-answer.ts'
import type { Redis } from '../redis/connect.ts'
import type { Keys } from './keys.ts'
import type { ClosedCause, GateTerms } from './push-store.ts'
import { loadScript, runScript } from './scripts.ts'

const RECORD = loadScript('record-answer')
const ENTER = loadScript('enter-gate')

/** What a call to a platform came to, for its gate. `granted` lets one probe through a denial for so many milliseconds. */
export type GateEvent =
  | { what: 'answered' | 'unauthorized' | 'failed' }
  | { what: 'throttled' | 'granted'; ms: number }
  | { what: 'denied'; cause: DenialCause }

/** How a platform's gate stands; times in Redis' milliseconds, null where it does not apply. */
export interface GateState {
  breaker: 'closed' | 'open'
  openedAt: number | null
  denied: DenialCause | null
  deniedAt: number | null
  throttledUntil: number | null
}

export type GateStore = ReturnType<typeof createGateStore>

/** Breaker, throttle and denial of one platform, shared by all workers. Entered through `beginPush`, told here. */
export function createGateStore(redis: Redis, options: { keys: Keys; terms: GateTerms; clock?: () => number }) {
  const { keys, terms, clock } = options

  /** Records what a call came to; `shut`: this closed the gate · `opened`: this let calls through again. */
  async function record(platform: string, event: GateEvent): Promise<{ shut: boolean; opened: boolean }> {
    const detail = 'ms' in event ? event.ms : 'cause' in event ? event.cause : ''
    const now = clock ? String(clock()) : ''
    const reply = (await runScript(
      redis,
      RECORD,
      [keys.gate(platform)],
      [now, event.what, detail, terms.breakerFailures, terms.breakerProbeMs],
    )) as [number, number]
    return { shut: reply[0] === 1, opened: reply[1] === 1 }
  }

  /** Leave to call the platform for something that is no push (a token); null, or why not and for how long. */
  async function enter(platform: string): Promise<{ cause: ClosedCause; ms: number } | null> {
    const now = clock ? String(clock()) : ''
    const args = [now, terms.breakerFailures, terms.breakerProbeMs]
    const reply = (await runScript(redis, ENTER, [keys.gate(platform)], args)) as [] | [ClosedCause, string]
    return reply[0] === undefined ? null : { cause: reply[0], ms: Number(reply[1]) }
  }

  async function state(platform: string): Promise<GateState> {
    const hash = await redis.hgetall(keys.gate(platform))
    const ms = (text: string | undefined) => (text === undefined ? null : Number(text))
    return {
      breaker: Number(hash.failures ?? 0) >= terms.breakerFailures ? 'open' : 'closed',
      openedAt: ms(hash.opened_at),
      denied: (hash.denied as DenialCause | undefined) ?? null,
      deniedAt: ms(hash.denied_at),
      throttledUntil: ms(hash.throttled_until),
    }
  }

  return { record, enter, state, terms }
}
