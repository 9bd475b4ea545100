import type { Answer } from './domain/judge-answer.ts'

/** Bytes of an answer, packed or not: one that has more is not read, and the call ends as `oversized`. */
export const MAX_ANSWER_BYTES = 1024 * 1024

/** As much of an answer's text as is ever looked at as words. */
export const MAX_WORDS = 4_000

export interface PostOptions {
  /** JSON text of the body. */
  body: string
  headers: Record<string, string>
  /** For the whole call, from its start to the last byte of its answer. */
  timeoutMs: number
  signal?: AbortSignal
}

export interface CallOptions {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: string
  headers: Record<string, string>
  /** JSON text of the body; without one none is sent, nor a content type. */
  body?: string
  /** For the whole call, from its start to the last byte of its answer. */
  timeoutMs: number
  signal?: AbortSignal
}

/** As `Post`, by any method. */
export type Call = (options: CallOptions) => Promise<{ answer: Answer; text: string }>

/** What a POST came to: an answer with its text, or how it failed. Never throws, never follows a redirect, never tries again. */
export type Post = (url: string, options: PostOptions) => Promise<{ answer: Answer; text: string }>

export type Failure = Extract<Answer, { failure: string }>['failure']

/** Errors that say that the connection was never made, so that nothing can have arrived. */
export const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
])
