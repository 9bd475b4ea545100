/** When a JWT has to be renewed. Its times are read, never trusted: who it belongs to is the platform's business. */

const EARLY_MS = 60_000
const SHORT_LIFE_MS = 120_000
const UNKNOWN_LIFE_MS = 300_000

/**
 * The time (ms) from which a token counts as due: 60 s before its `exp`, or at the half of a life below two minutes; 300 s
 * after `seenAt` where no `exp` can be read. `given`: it was given to us at `seenAt`; where our clock would have it half spent
 * already, the clock is wrong, and its life is counted from then.
 */
export function renewAtOf(token: string, seenAt: number, given: boolean): number {
  const { iat, exp } = claimsOf(token)
  const lifeMs = (exp ?? 0) - (iat ?? seenAt)
  if (exp === null || (given && lifeMs <= 0)) return seenAt + UNKNOWN_LIFE_MS
  const earlyMs = lifeMs < SHORT_LIFE_MS ? Math.max(0, lifeMs) / 2 : EARLY_MS
  if (!given) return exp - earlyMs
  const leftMs = exp - seenAt < lifeMs / 2 ? lifeMs : Math.min(lifeMs, exp - seenAt)
  return seenAt + Math.max(leftMs - earlyMs, leftMs / 4)
}

/** Remembers since when each token is known, for as long as it is the newest; `now`: milliseconds since 1970. */
export function createTokenClock(now: () => number) {
  let last: { token: string; renewAt: number } | null = null
  const note = (token: string, given: boolean) => (last = { token, renewAt: renewAtOf(token, now(), given) })
  return {
    onGiven: (token: string): void => void note(token, true),
    isDue: (token: string): boolean => (last?.token === token ? last : note(token, false)).renewAt <= now(),
  }
}

/** `iat` and `exp` in milliseconds, null where they cannot be read. */
function claimsOf(token: string): { iat: number | null; exp: number | null } {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as unknown
    const { iat, exp } = Object(claims) as { iat?: unknown; exp?: unknown }
    return { iat: msOf(iat), exp: msOf(exp) }
  } catch {
    return { iat: null, exp: null }
  }
}

const msOf = (seconds: unknown): number | null =>
  typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : null
