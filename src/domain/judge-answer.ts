/** What came back from a platform, as far as it concerns what to do next. `words` are as the platform wrote them. */
export type Answer =
  | { status: number; words: string; retryAfterMs: number | null }
  /**
   * `unsent`: the connection was never made. `timeout` and `lost`: sent, and no answer. `oversized`: answered with more bytes
   * than any answer needs, of which none were read. `aborted`: we hung up. `withheld`: we were too late to send it.
   */
  | { failure: 'unsent' | 'timeout' | 'lost' | 'oversized' | 'aborted' | 'withheld' }

/** The next move, by rule 6. `doubt`: the call may still take effect. */
export type Verdict =
  | { next: 'accept' }
  | { next: 'renew-token' }
  | { next: 'stop'; cause: DenialCause }
  | { next: 'reject'; status: number; words: string }
  | { next: 'wait'; ms: number }
  | { next: 'back-off'; code: string; doubt: boolean }

export type DenialCause = 'credentials-refused' | 'forbidden' | 'redirected'

const THROTTLE_DEFAULT_MS = 5_000

/** One table for every call to a platform, `/auth` included. `throttleMaxMs` clamps what `Retry-After` may ask for. */
export function judgeAnswer(answer: Answer, throttleMaxMs: number): Verdict {
  if ('failure' in answer)
    return {
      next: 'back-off',
      code: answer.failure,
      doubt: answer.failure !== 'unsent' && answer.failure !== 'withheld',
    }
  const { status, words, retryAfterMs } = answer
  if (status >= 200 && status < 300) return { next: 'accept' }
  if (status >= 300 && status < 400) return { next: 'stop', cause: 'redirected' }
  if (status === 401) return { next: 'renew-token' }
  if (status === 403) return { next: 'stop', cause: 'forbidden' }
  if (status === 429)
    return { next: 'wait', ms: Math.min(Math.max(retryAfterMs ?? THROTTLE_DEFAULT_MS, 1), throttleMaxMs) }
  // A 408 says that the request came too slowly; a proxy may say it of a request that arrived, so it is doubted too.
  if (status >= 500 || status === 408) return { next: 'back-off', code: `http-${status}`, doubt: true }
  return { next: 'reject', status, words }
}

const MAX_SECONDS = 1_000_000_000
/** RFC 9110: `Sun, 06 Nov 1994 08:49:37 GMT` and its two older forms; what else `Date.parse` would take is no date here. */
const HTTP_DATE = /^\s*(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d{2}:\d{2}:\d{2}/

/**
 * Milliseconds of a `Retry-After` header, in seconds or as an HTTP date; null when there is none to be read. A date is counted from the
 * answer's own `Date`, so that no clock of ours matters; `nowMs` is for an answer without one.
 */
export function retryAfterMs(
  { 'retry-after': header, date }: { 'retry-after'?: string | undefined; date?: string | undefined },
  nowMs: number,
): number | null {
  if (header === undefined) return null
  if (/^\s*\d+\s*$/.test(header)) return Math.min(Number(header), MAX_SECONDS) * 1_000
  const at = readDate(header)
  return at === null ? null : Math.max(0, at - (readDate(date ?? '') ?? nowMs))
}

function readDate(text: string): number | null {
  const at = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? null : at
}
