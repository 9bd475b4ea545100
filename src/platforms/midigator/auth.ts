import { z } from 'zod'
import type { HttpClient } from '../../http-client.ts'
import type { TokenStore } from '../../store/token-store.ts'
import { createSharedToken, type SharedToken } from './shared-token.ts'

const ANSWER = z.object({ authorization_key: z.string().min(1) })

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

/** Data API, `POST /auth`: a token that does not expire; renewed when the platform no longer takes it. */
export function createMidigatorAuth(options: MidigatorAuthOptions): SharedToken {
  const { url, username, password, http, timeoutMs } = options
  const body = JSON.stringify({ username, password })
  return createSharedToken({
    ...options,
    name: 'midigator-data',
    ask: () => http.post(`${url}/auth`, { body, headers: {}, timeoutMs }),
    read: readToken,
    isDue: () => false,
  })
}

function readToken(text: string): string | null {
  try {
    return ANSWER.parse(JSON.parse(text)).authorization_key
  } catch {
    return null
  }
}
