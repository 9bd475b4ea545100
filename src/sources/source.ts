import type { ParsedChange } from '../domain/change.ts'

export interface HookRequest {
  /** The body's bytes as they came: signatures are made over them. Null before it is read: the headers alone are checked. */
  rawBody: Buffer | null
  headers: Readonly<Record<string, string | string[] | undefined>>
  /** Milliseconds since 1970. */
  now: number
}

/**
 * Whether a hook is who it says it is. `unconfigured`: there is no secret to check against; `too-old`: the right sender, but longer ago
 * than is taken.
 */
export type Verification =
  | { verified: true }
  | { verified: false; why: 'unconfigured' | 'unverified' | 'too-old'; field: string; message: string }

/** A CRM, store or gateway that tells us of order changes. */
export interface Source {
  /** One word; stands in the route, in origins, metrics and logs. */
  name: string
  /** 0 to 99: which source wins between changes of the same instant. */
  rank: number
  verify(request: HookRequest): Verification
  /** One change of this source's shape as a change of ours, or what is wrong with it. */
  normalise(body: unknown): ParsedChange
}
