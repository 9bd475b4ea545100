import { setTimeout as pause } from 'node:timers/promises'
import { judgeAnswer, type Answer } from '../../domain/judge-answer.ts'
import type { Token, TokenStore } from '../../store/token-store.ts'
import type { Access, Admission } from '../platform.ts'

const WAIT_STEP_MS = 50

export interface SharedTokenOptions {
  /** One word, as it stands in keys and metrics. */
  name: string
  timeoutMs: number
  throttleMaxMs: number
  tokens: TokenStore
  onRenewal: (name: string, renewed: boolean) => void
  /** One call that asks the platform for a token. */
  ask: () => Promise<{ answer: Answer; text: string }>
  /** The token in the answer's text, or null. */
  read: (text: string) => string | null
  /** Whether a token has to be renewed though nobody refused it. */
  isDue: (token: string) => boolean
  /** Told of a token as soon as it was given to us. */
  onGiven?: (token: string) => void
}

/** A platform's token as its callers see it. */
export interface SharedToken {
  name: string
  access: () => Promise<Access | null>
  renew: (refused: Access | null) => Promise<Admission>
  dropAccess: () => void
}

/**
 * A token kept in Redis for every process. It is renewed by one process at a time: when the platform no longer takes it, or
 * when it is due. Credentials that are refused are a verdict, not an exception.
 */
export function createSharedToken(options: SharedTokenOptions): SharedToken {
  const { name, tokens, timeoutMs, isDue } = options
  let known: Token | null = null
  let renewing: Promise<Admission> | null = null

  async function access(): Promise<Access | null> {
    // Another process may have renewed one that is due.
    if (known === null || isDue(known.token)) known = await tokens.get(name)
    return known !== null && isDue(known.token) ? null : known
  }

  /** Renewals of one process are one call; those of several wait for whoever came first. */
  async function renew(refused: Access | null): Promise<Admission> {
    const generation = refused?.generation ?? 0
    for (;;) {
      const began = renewing === null
      renewing ??= renewOnce(generation).finally(() => (renewing = null))
      const admission = await renewing
      // A renewal that others began may end with the very token that was refused since.
      if (began || !('access' in admission) || admission.access.generation > generation) return admission
    }
  }

  async function renewOnce(refused: number): Promise<Admission> {
    for (
      const giveUpAt = performance.now() + timeoutMs + 1_000;
      performance.now() < giveUpAt;
      await pause(WAIT_STEP_MS)
    ) {
      const newer = newerThan(refused, await tokens.get(name))
      if (newer !== null) return { access: (known = newer) }
      const done = await tokens.alone(name, timeoutMs + 1_000, () => askUnlessRenewed(refused))
      if (done !== null) return done
    }
    return { verdict: { next: 'back-off', code: 'token-wait', doubt: false } }
  }

  /** Whoever held the lock before may have renewed it since we looked. */
  async function askUnlessRenewed(refused: number): Promise<Admission> {
    const stored = await tokens.get(name)
    const newer = newerThan(refused, stored)
    return newer === null ? ask(stored?.generation ?? 0) : { access: (known = newer) }
  }

  const newerThan = (refused: number, stored: Token | null): Token | null =>
    stored !== null && stored.generation > refused && !isDue(stored.token) ? stored : null

  async function ask(generation: number): Promise<Admission> {
    const { answer, text } = await options.ask()
    const verdict = judgeAnswer(answer, options.throttleMaxMs)
    options.onRenewal(name, verdict.next === 'accept')
    if (verdict.next === 'renew-token' || verdict.next === 'reject')
      return { verdict: { next: 'stop', cause: 'credentials-refused' } }
    if (verdict.next !== 'accept') return { verdict }
    const token = options.read(text)
    if (token === null) return { verdict: { next: 'back-off', code: 'no-token', doubt: false } }
    options.onGiven?.(token)
    await tokens.put(name, token, generation)
    known = await tokens.get(name)
    return { access: known ?? { token, generation: generation + 1 } }
  }

  return { name, access, renew, dropAccess: () => void (known = null) }
}
