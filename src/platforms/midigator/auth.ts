import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { judgeAnswer } from '../../domain/judge-answer.ts'
import type { HttpClient } from '../../http-client.ts'
import type { Token, TokenStore } from '../../store/token-store.ts'
import type { Access, Admission } from '../platform.ts'

const NAME = 'midigator-data'
const ANSWER = z.object({ authorization_key: z.string().min(1) })
const WAIT_STEP_MS = 50

export interface MidigatorAuthOptions {
  url: string
  username: string
  password: string
  timeoutMs: number
  throttleMaxMs: number
  http: HttpClient
  tokens: TokenStore
  onRenewal: (platform: string, renewed: boolean) => void
}

export type MidigatorAuth = ReturnType<typeof createMidigatorAuth>

/**
 * Data API, `POST /auth`: a token that does not expire, kept for re-use in Redis for every process. It is renewed by one
 * process at a time, when the platform no longer takes it.
 */
export function createMidigatorAuth(options: MidigatorAuthOptions) {
  const { url, http, tokens, timeoutMs } = options
  let known: Token | null = null
  let renewing: Promise<Admission> | null = null

  const access = async (): Promise<Access | null> => (known ??= await tokens.get(NAME))
  const dropAccess = () => void (known = null)

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
    for (const giveUpAt = Date.now() + timeoutMs + 1_000; Date.now() < giveUpAt; await pause(WAIT_STEP_MS)) {
      const stored = await tokens.get(NAME)
      if (stored !== null && stored.generation > refused) return { access: (known = stored) }
      const done = await tokens.alone(NAME, timeoutMs + 1_000, () => askUnlessRenewed(refused))
      if (done !== null) return done
    }
    return { verdict: { next: 'back-off', code: 'token-wait', doubt: false } }
  }

  /** Whoever held the lock before may have renewed it since we looked. */
  async function askUnlessRenewed(refused: number): Promise<Admission> {
    const stored = await tokens.get(NAME)
    if (stored === null) return ask(0)
    return stored.generation > refused ? { access: (known = stored) } : ask(stored.generation)
  }

  async function ask(generation: number): Promise<Admission> {
    const body = JSON.stringify({ username: options.username, password: options.password })
    const { answer, text } = await http.post(`${url}/auth`, { body, headers: {}, timeoutMs })
    const verdict = judgeAnswer(answer, options.throttleMaxMs)
    options.onRenewal(NAME, verdict.next === 'accept')
    if (verdict.next === 'renew-token' || verdict.next === 'reject')
      return { verdict: { next: 'stop', cause: 'credentials-refused' } }
    if (verdict.next !== 'accept') return { verdict }
    const token = readToken(text)
    if (token === null) return { verdict: { next: 'back-off', code: 'no-token', doubt: false } }
    await tokens.put(NAME, token, generation)
    known = await tokens.get(NAME)
    return { access: known ?? { token, generation: generation + 1 } }
  }

  return { access, renew, dropAccess }
}

function readToken(text: string): string | null {
  try {
    return ANSWER.parse(JSON.parse(text)).authorization_key
  } catch {
    return null
  }
}
