import { createHmac, timingSafeEqual } from 'node:crypto'
import type { HookRequest, Verification } from '../source.ts'

/** Standard Webhooks 1.0: how far the timestamp may be ahead of now; both count whole seconds. */
const AHEAD_SECONDS = 300
const HOUR_SECONDS = 3_600

/**
 * Standard Webhooks 1.0: `webhook-signature` holds `v1,<base64>` entries, one of which must be the HMAC-SHA256 of
 * `<webhook-id>.<webhook-timestamp>.<raw body>` under one of the secrets; the timestamp is in seconds. Many senders repeat a
 * delivery as they signed it first, so it may be `maxAgeHours` old: merging makes a replay harmless.
 */
export function verifySignature(
  { keys, maxAgeHours }: { keys: readonly Buffer[]; maxAgeHours: number },
  request: HookRequest,
): Verification {
  if (keys.length === 0) return refuse('unconfigured', '', 'no HOOK_SECRET is configured; set it, then send again')
  const [id, timestamp, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(name =>
    header(request, name),
  )
  if (!id)
    return refuse(
      'unverified',
      'webhook-id',
      'expected the id of this delivery; sign as Standard Webhooks 1.0 requires',
    )
  const seconds = /^\d{1,12}$/.test(timestamp ?? '') ? Number(timestamp) : null
  const age = seconds === null ? null : Math.floor(request.now / 1_000) - seconds
  if (age === null || age < -AHEAD_SECONDS) {
    return refuse(
      'unverified',
      'webhook-timestamp',
      'expected the time of sending in seconds, at most five minutes ahead of now; check the clock',
    )
  }
  const signatures = signaturesIn(signature ?? '')
  const isRight = request.rawBody === null ? signatures.length > 0 : isSigned(keys, `${id}.${timestamp}.`, signatures, request.rawBody) // prettier-ignore
  if (!isRight) {
    return refuse(
      'unverified',
      'webhook-signature',
      'expected v1, and the base64 HMAC-SHA256 of id.timestamp.body; check the secret and that the body is signed as sent',
    )
  }
  if (age > maxAgeHours * HOUR_SECONDS) {
    return refuse(
      'too-old',
      'webhook-timestamp',
      `expected a delivery signed in the last ${maxAgeHours} hours (HOOK_MAX_AGE_HOURS); sign it again`,
    )
  }
  return { verified: true }
}

/** What may be signatures of version 1, by their form. */
const signaturesIn = (header: string): Buffer[] =>
  header
    .split(' ', MAX_ENTRIES)
    .flatMap(entry => (entry.startsWith('v1,') ? [Buffer.from(entry.slice(3), 'base64')] : []))
    .filter(signature => signature.length === SIGNATURE_BYTES)
const [MAX_ENTRIES, SIGNATURE_BYTES] = [50, 32]

function isSigned(keys: readonly Buffer[], head: string, signatures: readonly Buffer[], body: Buffer): boolean {
  const expected = keys.map(key => createHmac('sha256', key).update(head).update(body).digest())
  // Every pair is compared, so that the time taken tells nothing of which one was near.
  let matches = 0
  for (const mine of expected) {
    for (const theirs of signatures.slice(0, MAX_SIGNATURES))
      if (theirs.length === mine.length && timingSafeEqual(mine, theirs)) matches++
  }
  return matches > 0
}

const MAX_SIGNATURES = 10

function header(request: HookRequest, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' ? value : undefined
}

const refuse = (why: 'unconfigured' | 'unverified' | 'too-old', field: string, message: string): Verification => ({
  verified: false,
  why,
  field,
  message,
})
