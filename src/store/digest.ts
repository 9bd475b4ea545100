import { createHash } from 'node:crypto'
import type { Digest } from '../domain/diff-order.ts'

/** What a tombstone is kept under: an id of a customer's order does not outlive its erasure. */
export const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex')

const SHORT = 40

/** A short text is its own digest, a long one its SHA-256: two texts share a digest only if they are equal. */
export const digestText: Digest = text =>
  text.length <= SHORT ? `=${text}` : `#${createHash('sha256').update(text).digest('base64url')}`
