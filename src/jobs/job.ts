import type { z } from 'zod'

/** What a run came to. Only `queue/run-job.ts` turns it into the queue's own terms. */
export type Outcome =
  /** It is finished. */
  | { outcome: 'done'; note?: string }
  /** It failed and is tried again with back-off; an attempt is spent. */
  | { outcome: 'again'; why: string }
  /** Not now: this job comes back after `ms`; no attempt is spent. */
  | { outcome: 'later'; ms: number; why: string }
  /** Not now, and no other job of this queue either: every worker waits `ms`; no attempt is spent. */
  | { outcome: 'all-wait'; ms: number; why: string }
  /** It stops and asks a person. */
  | { outcome: 'park'; why: string }

export const done = (note?: string): Outcome => (note === undefined ? { outcome: 'done' } : { outcome: 'done', note })
export const again = (why: string): Outcome => ({ outcome: 'again', why })
export const later = (ms: number, why: string): Outcome => ({ outcome: 'later', ms, why })
export const allWait = (ms: number, why: string): Outcome => ({ outcome: 'all-wait', ms, why })
export const park = (why: string): Outcome => ({ outcome: 'park', why })

export interface RunContext {
  /** Runs of this job that failed before this one. */
  attemptsMade: number
  /** Aborts when the job's lock is lost or the drain's limit has passed. */
  signal: AbortSignal
}

/** One kind of work: its name (also its queue's), the shape of its payload, and what it does. A payload is a key, never order data. */
export interface Job<Payload, Deps> {
  name: string
  payload: z.ZodType<Payload>
  /** What makes two jobs the same: at most one of them runs, and one more waits. */
  key(payload: Payload): string
  run(payload: Payload, deps: Deps, context: RunContext): Promise<Outcome>
}

/** A payload as the text that stands for its job among the due ones. */
export const textOf = (payload: object): string => JSON.stringify(payload)
