import type { Answer } from '../../domain/judge-answer.ts'
import { maskWords } from '../../domain/mask-words.ts'
import type { Call, CallOptions } from '../../http-wire.ts'
import { parseJson } from '../../parse-json.ts'
import type { Access } from '../platform.ts'

/** Limits of one call: `timeoutMs` for the whole of it. */
export interface Limits {
  timeoutMs: number
  signal?: AbortSignal
}

/** What came back, and its value where it was accepted and could be read. */
export interface Said<Value> {
  answer: Answer
  value?: Value
}

export interface ApiRequest<Value> {
  method: CallOptions['method']
  /** Below the API's base, its parts escaped by `pathOf`. */
  path: string
  /** JSON text. */
  body?: string
  /** What was sent and must not come back in the answer's words. */
  secret?: unknown
  /** The value of an accepted answer's JSON, all its numbers kept as text; null when it is none. */
  read?: (json: unknown) => Value | null
}

export type ApiCall = <Value>(access: Access, request: ApiRequest<Value>, limits: Limits) => Promise<Said<Value>>

/**
 * Calls of one of the newer APIs: a bearer token, JSON both ways, no second try. The words of an accepted answer are dropped
 * (they may hold a password), those of a refusal masked.
 */
export function createApiCall(url: string, http: { call: Call }): ApiCall {
  return async (access, { method, path, body, secret, read }, { timeoutMs, signal }) => {
    const headers = { authorization: `Bearer ${access.token}` }
    const { answer, text } = await http.call({
      method,
      url: url + path,
      headers,
      timeoutMs,
      ...(body !== undefined && { body }),
      ...(signal && { signal }),
    })
    if ('failure' in answer) return { answer }
    const accepted = answer.status >= 200 && answer.status < 300
    if (!accepted) return { answer: { ...answer, words: maskWords(answer.words, [secret, access.token]) } }
    const value = read && readText(text, read)
    return { answer: { ...answer, words: '' }, ...(value != null && { value }) }
  }
}

function readText<Value>(text: string, read: (json: unknown) => Value | null): Value | null {
  const parsed = parseJson(Buffer.from(text), 'all')
  return 'fault' in parsed ? null : read(parsed.value)
}

/** Parts of a path, escaped; `.` and `..`, which cannot be, become what no guid is. */
export const pathOf = (...parts: readonly string[]): string =>
  parts.map(part => `/${/^\.{1,2}$/.test(part) ? '-' : encodeURIComponent(part.toWellFormed())}`).join('')
