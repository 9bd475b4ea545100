import { isUtf8 } from 'node:buffer'
import { parse } from 'lossless-json'

/** Why a body cannot be read as JSON; `field` is the place, '' for the whole. */
export interface JsonFault {
  code: 'not-utf-8' | 'not-json' | 'too-deep' | 'forbidden-key'
  field: string
  message: string
}
/** A body as JSON, or the one thing that is wrong with it. */
export type Parsed = { value: unknown } | { fault: JsonFault }

const MAX_DEPTH = 20
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype'])
/** A number literal long enough to lose digits in a binary float. */
const LONG_NUMBER = /[[,:]\s*-?[\d.eE+-]{16}/

/**
 * Which numbers become the text they were written with: those a binary float would round (`long`), or `all` of them, for
 * bodies whose amounts are JSON numbers.
 */
export type NumbersAsText = 'long' | 'all'

/** Reads a body: UTF-8, JSON, not nested without end, no keys that reach for prototypes. Long numbers stay whole, as text. */
export function parseJson(raw: Buffer, asText: NumbersAsText = 'long'): Parsed {
  if (!isUtf8(raw)) return fault('not-utf-8', '', 'expected UTF-8 text; send the body in that encoding')
  const text = raw.toString('utf8')
  const lossless = asText === 'all' || LONG_NUMBER.test(text)
  const parseNumber = asText === 'all' ? asWritten : keepDigits
  let value: unknown
  try {
    value =
      lossless && nesting(text) <= MAX_DEPTH
        ? parse(text, null, { parseNumber, onDuplicateKey: ({ newValue }) => newValue })
        : (JSON.parse(text) as unknown)
  } catch {
    return fault('not-json', '', 'expected JSON; check the body for what your JSON writer cannot have written')
  }
  return inspect(value, '', 0) ?? { value }
}

/** Numbers that a float holds exactly stay numbers; the others become the text they were written with. */
const keepDigits = (literal: string): number | string => (literal.length < 16 ? Number(literal) : literal)

const asWritten = (literal: string): string => literal

/** How deep brackets are nested, strings left out; cheap, and before any parser that calls itself. */
function nesting(text: string): number {
  let [depth, deepest, inString] = [0, 0, false]
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (inString) {
      if (code === 92) i++
      else if (code === 34) inString = false
    } else if (code === 34) inString = true
    else if (code === 123 || code === 91) deepest = Math.max(deepest, ++depth)
    else if (code === 125 || code === 93) depth--
  }
  return deepest
}

function inspect(value: unknown, place: string, depth: number): { fault: JsonFault } | null {
  if (typeof value !== 'object' || value === null) return null
  if (depth >= MAX_DEPTH)
    return fault('too-deep', place, `expected at most ${MAX_DEPTH} levels of nesting; flatten the body`)
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const found = inspect(value[i], `${place}[${i}]`, depth + 1)
      if (found) return found
    }
    return null
  }
  for (const [key, inner] of Object.entries(value)) {
    if (FORBIDDEN.has(key))
      return fault(
        'forbidden-key',
        place === '' ? key : `${place}.${key}`,
        `expected no key named ${key}; leave it out`,
      )
    if (typeof inner !== 'object' || inner === null) continue
    const found = inspect(
      inner,
      place === '' ? key.slice(0, 100) : `${place.slice(0, 500)}.${key.slice(0, 100)}`,
      depth + 1,
    )
    if (found) return found
  }
  return null
}

const fault = (code: JsonFault['code'], field: string, message: string) => ({
  fault: { code, field: field.toWellFormed(), message },
})
