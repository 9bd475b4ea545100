import { createHmac, timingSafeEqual } from 'node:crypto'

/** The account's one pair, used in both directions. */
export interface ChargebackhitKeys {
  publicKey: string
  secretKey: string
}

/**
 * What the `signature` header says of a body: HMAC-SHA512 by the secret key over public key, body and public key, as base64
 * of the lower-case hex (the vendor's guide, "Integration steps"; its reference's formula is shorthand for this).
 * A request without a body is signed over the empty one.
 */
export function signatureOf({ publicKey, secretKey }: ChargebackhitKeys, body: string | Buffer): string {
  const hex = createHmac('sha512', secretKey).update(publicKey).update(body).update(publicKey).digest('hex')
  return Buffer.from(hex).toString('base64')
}

/** 128 digits of hex as base64. */
export const SIGNATURE_FORM = /^[A-Za-z0-9+/]{171}=$/

/** Whether a signature is the one of these bytes. Takes the same time wherever it differs, and never throws. */
export function isSignatureOf(keys: ChargebackhitKeys, body: string | Buffer, given: string): boolean {
  // Compared as it was written: decoding base64 first would let in what only looks like it, and of any length.
  const expected = Buffer.from(signatureOf(keys, body))
  const actual = Buffer.from(given)
  return actual.length === expected.length && timingSafeEqual(actual, expected)
}
