import { parseChange } from '../../domain/change.ts'
import { keyOf } from '../../standard-webhooks.ts'
import type { Source } from '../source.ts'
import { verifySignature } from './verify.ts'

/** The generic source: our own names and shapes, signed after Standard Webhooks 1.0, for whatever can send JSON. */
export function createGenericSource(secrets: readonly string[], maxAgeHours: number): Source {
  const keys = secrets.map(keyOf)
  return {
    name: 'generic',
    rank: 50,
    verify: request => verifySignature({ keys, maxAgeHours }, request),
    normalise: parseChange,
  }
}
