import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

const TOLERANCE_S = 300
const PREFIX = 'whsec_'

const keyOf = (secret: string): Buffer =>
  Buffer.from(secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret, 'base64')

function isOneOf(signatures: string, expected: Buffer): boolean {
  return signatures.split(' ').some(signature => {
    if (!signature.startsWith('v1,')) return false
    const given = Buffer.from(signature.slice(3), 'base64')
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}

/**
 * Why a request is not taken for signed, after Standard Webhooks 1.0 over the raw bytes of its body; undefined when it is.
 * `secret` is `whsec_` and base64.
 */
export function signatureFault(headers: IncomingHttpHeaders, body: Buffer, secret: string): string | undefined {
  const id = headers['webhook-id']
  const timestamp = headers['webhook-timestamp']
  const signatures = headers['webhook-signature']
  if (typeof id !== 'string' || id === '') return 'webhook-id is missing'
  if (typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp)) return 'webhook-timestamp is missing or no number'
  if (typeof signatures !== 'string') return 'webhook-signature is missing'
  if (Math.abs(Date.now() / 1_000 - Number(timestamp)) > TOLERANCE_S) return 'webhook-timestamp is too far from now'
  const expected = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.`).update(body).digest()
  return isOneOf(signatures, expected) ? undefined : 'webhook-signature does not fit the body'
}
