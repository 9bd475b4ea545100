import type { AlertEvent, AlertFacts, ParsedAlert } from '../domain/alert/event.ts'
import type { FieldError } from '../domain/basics/field-error.ts'
import type { CaseKind, Resolution } from '../domain/case/log.ts'
import type { Answer, Verdict } from '../domain/judge-answer.ts'
import type { Limits, Said } from './api-answer.ts'

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

/** What a platform states about an alert, a chargeback or an order when it is asked. */
export interface Report {
  guid: string
  facts: AlertFacts
  /** Fields that were given and could not be read, each with what was expected; absent: none. */
  faults?: readonly FieldError[]
}

/** What an answer is about. */
export interface AnsweredAlert {
  guid: string
  /** The order it was tied to, null when there is none. */
  orderId: string | null
}

/** A page of what a platform published; `next`: what names the page after it, null at the end. */
export interface Published {
  events: readonly { event: AlertEvent; raw: unknown }[]
  /** Items of a type that is not known, or that cannot be read. */
  passedOver: readonly unknown[]
  next: string | null
}

/** A dispute platform that sends alerts and takes one answer to each. None of its calls throws or tries again. */
export interface AlertPlatform {
  /** One word, as it stands in routes and in the ids of cases. */
  name: string
  /** The service that is asked, and the one that is answered; the same one where the platform has no two. */
  asking: PlatformService
  answering: PlatformService
  /** All that it knows; a hook is only a hint. */
  ask(access: Access, about: { kind: CaseKind; guid: string }, limits: Limits): Promise<Said<Report>>
  /** What it published since then, a page at a time; absent where a platform has no such list. */
  list?(access: Access, wish: { sinceMs: number; page: string | null }, limits: Limits): Promise<Said<Published>>
  /** Tells it what became of an alert: the same bytes for the same words. */
  answer(access: Access, about: AnsweredAlert, resolution: Resolution, limits: Limits): Promise<Said<never>>
}

/** Headers of a request, their names in lower case. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>

/** A platform's door: who calls, what it says, and what it is told once that is stored. */
export interface AlertHook {
  /** `raw`: the body as it came, to the byte; null before it is read: the headers alone are checked. */
  verify(headers: Headers, raw: Buffer | null): 'ok' | 'unconfigured' | 'unverified'
  /** The user name of the password in these headers; null where there is none, or where the caller signs. */
  userOf(headers: Headers): string | null
  /** The body decides whether the caller is verified, and not its headers alone. */
  signsBody: boolean
  normalise(body: unknown): ParsedAlert
  /** The body of the 200; `event` null: of a type that nobody knows. Rejects where the store does not answer. */
  answer(event: AlertEvent | null): Promise<object>
  /** What a caller who cannot be let in is told, and what its client is asked for. */
  wants: { message: string; challenge: string | null }
  /** What to do where nothing comes from it any more; null where it is not configured, and silence is right. */
  whenSilent: string | null
}
