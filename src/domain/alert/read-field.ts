import { maskCardNumbers } from '../basics/card-data.ts'
import { cleanReference, cleanText, cutText } from '../basics/clean-text.ts'
import { readCurrencyCode } from '../basics/currency-codes.ts'
import type { FieldError } from '../basics/field-error.ts'
import { parseInstant } from '../basics/instant.ts'
import { isGiven, isZeroDate } from '../basics/nothing-stated.ts'
import { readAmount } from '../basics/read-amount.ts'
import { shapeOf } from '../field-values.ts'
import type { AlertFacts } from './facts.ts'

export type Body = Readonly<Record<string, unknown>>

/** The value of one or more fields (absent: none is given or readable), and a fault for each given field that cannot be read. */
export interface FieldReading<Value> {
  value: Value | undefined
  faults: FieldError[]
}

/** A value in canonical form, what was expected in its place, or null where it states nothing. */
export type Checked<Value> = { ok: Value } | { expected: string } | null
export type Check<Value> = (value: unknown) => Checked<Value>

/** The first of these fields that can be read. */
export function readField<Value>(body: Body, names: readonly string[], check: Check<Value>): FieldReading<Value> {
  const faults: FieldError[] = []
  for (const name of names) {
    const value = body[name]
    const checked = isGiven(value) ? check(value) : null
    if (checked === null) continue
    if ('ok' in checked) return { value: checked.ok, faults }
    faults.push(fault(name, checked.expected, value))
  }
  return { value: undefined, faults }
}

/** A fault; never the value. */
export const fault = (field: string, expected: string, value: unknown): FieldError => ({
  field,
  message: `expected ${expected}, got ${shapeOf(value)}`,
})

const MAX_TEXT = 255

/** Text for people: cleaned, card numbers in it masked, cut where it is too long. */
export function proseOf(value: unknown): Checked<string> {
  if (typeof value !== 'string') return { expected: 'text' }
  const text = cutText(maskCardNumbers(cleanText(value)), MAX_TEXT)
  return text === '' ? null : { ok: text }
}

/** A word that programs compare: never cut, since what is cut off could change what it means. */
export function codeOf(value: unknown): Checked<string> {
  if (typeof value !== 'string') return { expected: 'text' }
  const text = cleanText(value)
  if (text.length > MAX_TEXT) return { expected: `text of at most ${MAX_TEXT} characters` }
  return text === '' ? null : { ok: text }
}

/** A reference; never altered inside, since it could then name something else. */
export function referenceOf(value: unknown): Checked<string> {
  if (typeof value !== 'string') return { expected: 'a reference as text' }
  const reference = cleanReference(value)
  if (reference === null) return { expected: 'a reference without control characters or broken characters' }
  if (reference.length > MAX_TEXT) return { expected: `a reference of at most ${MAX_TEXT} characters` }
  return reference === '' ? null : { ok: reference }
}

/** An amount in this currency (undefined: unknown). */
export function amountIn(currency: string | undefined): Check<string> {
  return value => {
    const amount = typeof value === 'string' ? readAmount(value, currency) : null
    if (amount !== null) return { ok: amount }
    return { expected: 'a plain decimal amount such as 26.85, not negative and not finer than its currency' }
  }
}

export function currencyOf(value: unknown): Checked<string> {
  const code = typeof value === 'string' ? readCurrencyCode(value) : null
  return code === null ? { expected: 'a currency code of ISO 4217 such as "USD"' } : { ok: code }
}

/** A time; one that is known only to the day is that day's end, UTC. A zero date states nothing. */
export function timeOf(value: unknown): Checked<{ at: number; isOnDay: boolean }> {
  const text = typeof value === 'string' ? value.trim() : ''
  if (isZeroDate(text)) return null
  const isOnDay = DAY.test(text)
  const at = parseInstant(isOnDay ? `${text}T23:59:59.999Z` : text)
  return at === null ? { expected: 'a time such as 2026-01-31T09:20:11Z' } : { ok: { at, isOnDay } }
}

/** The day of a date, or of a date with a time; `YYYY-MM-DD`. */
export function dateOf(value: unknown): Checked<string> {
  const text = typeof value === 'string' ? value.trim() : ''
  if (isZeroDate(text)) return null
  const day = /^\d{4}-\d{2}-\d{2}(?=$|[T ])/.exec(text)?.[0]
  if (day !== undefined && parseInstant(`${day}T00:00:00Z`) !== null) return { ok: day }
  return { expected: 'a date such as 2026-01-31' }
}

const DAY = /^\d{4}-\d{2}-\d{2}$/

export function rdrResolutionOf(value: unknown): Checked<NonNullable<AlertFacts['rdrResolution']>> {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : ''
  return word === 'accepted' || word === 'declined' ? { ok: word } : { expected: 'accepted or declined' }
}
