import type { Answer } from '../domain/judge-answer.ts'
import { maskWords } from '../domain/mask-words.ts'
import { parseJson } from '../parse-json.ts'

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

/** The value of an accepted answer's JSON, all its numbers kept as text; null when it is none. */
export type Read<Value> = (json: unknown) => Value | null

/**
 * What a platform's answer comes to. The words of an accepted one are dropped (they may hold what nobody should keep), those
 * of a refusal masked of `secret`: what was sent and must not come back.
 */
export function readAnswer<Value>(
  { answer, text }: { answer: Answer; text: string },
  { read, secret }: { read?: Read<Value> | undefined; secret: unknown },
): Said<Value> {
  if ('failure' in answer) return { answer }
  const accepted = answer.status >= 200 && answer.status < 300
  if (!accepted) return { answer: { ...answer, words: maskWords(answer.words, secret) } }
  const value = read && readText(text, read)
  return { answer: { ...answer, words: '' }, ...(value != null && { value }) }
}

function readText<Value>(text: string, read: Read<Value>): Value | null {
  const parsed = parseJson(Buffer.from(text), 'all')
  return 'fault' in parsed ? null : read(parsed.value)
}

/** Parts of a path, escaped; `.` and `..`, which cannot be, become what no id is. */
export const pathOf = (...parts: readonly string[]): string =>
  parts.map(part => `/${/^\.{1,2}$/.test(part) ? '-' : encodeURIComponent(part.toWellFormed())}`).join('')
