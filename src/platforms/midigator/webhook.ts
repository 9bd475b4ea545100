import { createHash, timingSafeEqual } from 'node:crypto'
import { parseAlert } from '../../domain/alert/read-event.ts'
import type { AlertHook, Headers } from '../platform.ts'

export interface MidigatorWebhookOptions {
  /** Pairs by position, several while rotating; one user name serves all passwords. */
  usernames: readonly string[]
  passwords: readonly string[]
}

/** The webhook's two questions, answered without I/O. */
export function createMidigatorWebhook({ usernames, passwords }: MidigatorWebhookOptions) {
  const expected = passwords.flatMap((password, i) => {
    const username = usernames.length === 1 ? usernames[0] : usernames[i]
    return username === undefined ? [] : [digest(`${username}:${password}`)]
  })
  return {
    verify(headers: Headers) {
      if (expected.length === 0) return 'unconfigured'
      const given = credentialsOf(headers.authorization)
      if (given === null) return 'unverified'
      const actual = digest(given)
      // Every pair is compared, so that the time taken tells nothing of which one was near.
      const matches = expected.filter(pair => timingSafeEqual(pair, actual)).length
      return matches > 0 ? 'ok' : 'unverified'
    },
    userOf: (headers: Headers) => credentialsOf(headers.authorization)?.split(':')[0] ?? null,
    signsBody: false,
    normalise: parseAlert,
    answer: () => Promise.resolve({ status: 'ok' }),
    wants: { message: 'expected a user name and a password', challenge: 'Basic realm="order-sync"' },
    whenSilent: expected.length === 0 ? null : 'run `order-sync subscriptions sync`',
  } satisfies AlertHook
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** `user:password` of a Basic Auth header, null when it is none. */
function credentialsOf(header: string | string[] | undefined): string | null {
  const encoded = typeof header === 'string' ? /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header.trim())?.[1] : undefined
  if (encoded === undefined) return null
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  return text.includes(':') ? text : null
}
