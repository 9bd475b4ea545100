import type { Answer, Verdict } from '../domain/judge-answer.ts'

/** Leave to call a platform; renewed when the platform no longer takes it. */
export interface Access {
  token: string
  generation: number
}

/** Access, or what to do instead. */
export type Admission =
  { access: Access } | { verdict: Exclude<Verdict, { next: 'accept' | 'renew-token' | 'reject' }> }

/** One of a platform's services, and how we are let in. */
export interface PlatformService {
  /** One word, as it stands in keys, metrics and logs. */
  name: string
  /** The token at hand, or null when one must be asked for. */
  access(): Promise<Access | null>
  /** A token newer than `refused` (null: any): one process asks the platform, the others wait for it. */
  renew(refused: Access | null): Promise<Admission>
  /** Reads the shared token anew at the next call: another process may have renewed it. */
  dropAccess(): void
}

/** A dispute platform that keeps its own copy of each order. */
export interface OrderPlatform extends PlatformService {
  /** Sends one order's payload (JSON text). Never throws; what came back is judged by the caller. */
  pushOrder(access: Access, body: string, options: { timeoutMs: number; signal?: AbortSignal }): Promise<Answer>
}
