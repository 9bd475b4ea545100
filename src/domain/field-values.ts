import { maskCardNumbers } from './basics/card-data.ts'
import { canonicalAmount } from './basics/money.ts'
import { formatInstant, parseInstant } from './basics/instant.ts'
import { ORDER_STATUSES, PAYMENT_STATES, type FieldKind } from './order-fields.ts'

/**
 * What each kind of field accepts and the canonical form it is kept in: text as text, amounts as canonical decimal text,
 * times as `YYYY-MM-DDTHH:MM:SSZ`, flags as booleans. A message says the shape expected, the shape met and never the value.
 * Plain functions and no schema library: every hook passes here with some fifty values (measured in bench/README.md).
 */

export type ScalarKind = Exclude<FieldKind, 'list'>
/** A value in its canonical form, or what was expected in its place. */
export type Check = { ok: string | boolean | null } | { expected: string }

const MAX_TEXT = 1_000
const MAX_NOTE = 10_000
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/ // oxlint-disable-line no-control-regex

/** The shape of a value in words, for messages: never the value itself. */
export function shapeOf(value: unknown): string {
  if (value === null) return 'null'
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (typeof value === 'string') return value === '' ? 'empty text' : `text of ${value.length} characters`
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

const ok = (value: string | boolean): Check => ({ ok: value })
const expected = (shape: string): Check => ({ expected: shape })

/** Numbers are taken as the text they were written with; whoever parses JSON keeps long ones whole. */
const asText = (value: unknown): string | null =>
  typeof value === 'string' ? value : typeof value === 'number' && Number.isFinite(value) ? String(value) : null

function text(value: unknown, max: number, what: string): Check {
  const content = asText(value)
  if (content === null) return expected(what)
  if (content.length > max) return expected(`${what} of at most ${max} characters`)
  if (!content.isWellFormed() || CONTROL.test(content))
    return expected(`${what} without control characters or lone surrogates`)
  return ok(content)
}

function pattern(value: unknown, shape: RegExp, what: string): Check {
  const content = asText(value)
  return content !== null && shape.test(content) ? ok(content) : expected(what)
}

function flag(value: unknown): Check {
  if (value === true || value === 1) return ok(true)
  if (value === false || value === 0) return ok(false)
  return expected('true or false (1 or 0 is accepted)')
}

function amount(value: unknown): Check {
  const canonical = canonicalAmount(asText(value) ?? '')
  return canonical === null
    ? expected('an amount as decimal text such as "26.85", not negative, at most 6 decimals')
    : ok(canonical)
}

function time(value: unknown): Check {
  const ms = typeof value === 'string' ? parseInstant(value) : null
  return ms === null ? expected('a time such as "2026-01-31T09:20:11Z"') : ok(formatInstant(ms))
}

function oneOf(value: unknown, values: readonly string[]): Check {
  return typeof value === 'string' && values.includes(value) ? ok(value) : expected(`one of ${values.join(', ')}`)
}

function prose(value: unknown, max: number): Check {
  const checked = text(value, max, 'text')
  return 'ok' in checked ? ok(maskCardNumbers(checked.ok as string)) : checked
}

function currency(value: unknown): Check {
  const checked = pattern(value, /^[A-Za-z]{3}$/, 'a currency code of three letters such as "USD"')
  return 'ok' in checked ? ok((checked.ok as string).toUpperCase()) : checked
}

/** Three or four digits, however spaced, would be the security code itself, which nobody may keep (PCI DSS 3.3.1). */
function cvv(value: unknown): Check {
  return (asText(value) ?? '').replace(/\P{Nd}/gu, '').length >= 3
    ? expected('the result code of the check (one or two characters), never the security code itself')
    : text(value, 10, 'a result code as text')
}

const CHECKS: Record<ScalarKind, (value: unknown) => Check> = {
  prose: value => prose(value, MAX_TEXT),
  id: value => text(value, 255, 'a reference as text'),
  phone: value => text(value, 64, 'a telephone number as text'),
  code: value => text(value, 20, 'a short code as text'),
  money: amount,
  flag,
  time,
  status: value => oneOf(value, ORDER_STATUSES),
  paymentState: value => oneOf(value, PAYMENT_STATES),
  currency,
  cvv,
  first6: value => pattern(value, /^\d{6}$/, 'the first six digits of the card, as text, and no more'),
  last4: value => pattern(value, /^\d{4}$/, 'the last four digits of the card, as text, and no more'),
}

/** One value of one kind; nothing is accepted in its place. */
export const checkRequired = (kind: ScalarKind, value: unknown): Check => CHECKS[kind](value)
/** As `checkRequired`, but null is accepted and means: cleared. */
export const checkValue = (kind: ScalarKind, value: unknown): Check => (value === null ? CLEARED : CHECKS[kind](value))
/** A note's text: prose, longer than other prose. */
export const checkNote = (value: unknown): Check => prose(value, MAX_NOTE)

const CLEARED: Check = { ok: null }
