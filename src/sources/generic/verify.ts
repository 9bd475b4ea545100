import { createHmac, timingSafeEqual } from 'node:crypto'
import type { HookRequest, Verification } from '../source.ts'

/** Standard Webhooks 1.0: how far the timestamp may be from now; both count whole seconds. */
const TOLERANCE_SECONDS = 300

/**
 * Standard Webhooks 1.0: `webhook-signature` holds `v1,<base64>` entries, one of which must be the HMAC-SHA256 of
 * `<webhook-id>.<webhook-timestamp>.<raw body>` under one of the secrets; the timestamp is in seconds.
 */
export function verifySignature(keys: readonly Buffer[], request: HookRequest): Verification {
  if (keys.length === 0) return refuse('unconfigured', '', 'no HOOK_SECRET is configured; set it, then send again')
  const [id, timestamp, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(name =>
    header(request, name),
  )
  if (!id)
    return refuse('unverified', 'webhook-id', 'expected the id of this delivery; sign as Standard Webhooks 1.0 says')
  const seconds = /^\d{1,12}$/.test(timestamp ?? '') ? Number(timestamp) : null
  if (seconds === null || Math.abs(Math.floor(request.now / 1_000) - seconds) > TOLERANCE_SECONDS) {
    return refuse(
      'unverified',
      'webhook-timestamp',
      'expected the time of sending in seconds, at most five minutes from now; check the clock',
    )
  }
  const signatures = (signature ?? '')
    .split(' ')
    .flatMap(entry => (entry.startsWith('v1,') ? [Buffer.from(entry.slice(3), 'base64')] : []))
  const expected = keys.map(key =>
    createHmac('sha256', key).update(`${id}.${timestamp}.`).update(request.rawBody).digest(),
  )
  // Every pair is compared, so that the time taken tells nothing of which one was near.
  let matches = 0
  for (const mine of expected) {
    for (const theirs of signatures.slice(0, MAX_SIGNATURES))
      if (theirs.length === mine.length && timingSafeEqual(mine, theirs)) matches++
  }
  return matches > 0
    ? { verified: true }
    : refuse(
        'unverified',
        'webhook-signature',
        'expected v1, and the base64 HMAC-SHA256 of id.timestamp.body; check the secret and that the body is signed as sent',
      )
}

const MAX_SIGNATURES = 10

function header(request: HookRequest, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' ? value : undefined
}

const refuse = (why: 'unconfigured' | 'unverified', field: string, message: string): Verification => ({
  verified: false,
  why,
  field,
  message,
})
