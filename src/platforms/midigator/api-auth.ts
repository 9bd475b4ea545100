import { z } from 'zod'
import type { HttpClient } from '../../http-client.ts'
import type { TokenStore } from '../../store/token-store.ts'
import { createTokenClock } from './jwt-life.ts'
import { createSharedToken, type SharedToken } from './shared-token.ts'

/** Nothing but what may stand in a header. */
const ANSWER = z.object({ token: z.string().regex(/^[\u0021-\u007e]{1,10000}$/) })

export interface MidigatorApiAuthOptions {
  url: string
  /** The long-lived API secret; it goes to `/auth` alone and is kept nowhere. */
  secret: string
  timeoutMs: number
  throttleMaxMs: number
  http: Pick<HttpClient, 'call'>
  tokens: TokenStore
  onRenewal: (platform: string, renewed: boolean) => void
  /** Milliseconds since 1970. */
  now: () => number
}

/** The newer APIs' `POST /auth`: a JWT that serves Events and Prevention alike, renewed before it expires and when refused. */
export function createMidigatorApiAuth(options: MidigatorApiAuthOptions): SharedToken {
  const { url, secret, http, timeoutMs, now } = options
  const headers = { authorization: `Bearer ${secret}` }
  return createSharedToken({
    ...options,
    ...createTokenClock(now),
    name: 'midigator-api',
    ask: () => http.call({ method: 'POST', url: `${url}/auth`, headers, timeoutMs }),
    read: readToken,
  })
}

function readToken(text: string): string | null {
  try {
    return ANSWER.parse(JSON.parse(text)).token
  } catch {
    return null
  }
}
