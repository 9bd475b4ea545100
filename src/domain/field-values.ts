import { maskCardNumbers } from './basics/card-data.ts'
import { firstSixOf, lastFourOf, visibleEnds } from './basics/card-parts.ts'
import { cleanReference, cutText } from './basics/clean-text.ts'
import { readCurrencyCode } from './basics/currency-codes.ts'
import { formatInstant, parseInstant } from './basics/instant.ts'
import { canonicalAmount } from './basics/money.ts'
import { isGiven, isZeroDate } from './basics/nothing-stated.ts'
import { publicIp } from './basics/public-ip.ts'
import { readAmount } from './basics/read-amount.ts'
import { PAYMENT_WORDS, STATUS_WORDS, type FieldKind } from './order-fields.ts'

/**
 * What each kind of field accepts and the canonical form it is kept in: text as text, amounts as canonical decimal text,
 * times as `YYYY-MM-DDTHH:MM:SSZ`, flags as booleans. Senders are taken as they are: what states nothing is absent, what is
 * unambiguous is read. A message says the shape expected, the shape met and never the value.
 * Plain functions and no schema library: every hook passes here with some fifty values (measured in bench/README.md).
 */

export type ScalarKind = Exclude<FieldKind, 'list'>
/**
 * A value in its canonical form (null: cleared), what was expected in its place, or null where it states nothing. `cut`: it
 * was longer than what is kept of it.
 */
export type Check = { ok: string | boolean | null; cut?: string } | { expected: string } | null

const MAX_TEXT = 1_000
const MAX_NOTE = 10_000
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g // oxlint-disable-line no-control-regex
const LONE_SURROGATES = /\p{Surrogate}/gu

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

/** Text in place of nothing that is neither a name nor an address; a person may be called Null or None. */
const NOT_STATED = /^\s*n\/a\s*$/i

/** Text for people: control characters and halves of emojis go, card numbers are masked, what is too long is cut. */
function prose(value: unknown, max: number): Check {
  const content = asText(value)
  if (content === null) return expected('text')
  if (NOT_STATED.test(content)) return null
  const clean = maskCardNumbers(content.replace(CONTROL, '').replace(LONE_SURROGATES, ''))
  return clean.length <= max ? ok(clean) : { ok: cutText(clean, max), cut: `text of at most ${max} characters` }
}

/** A reference: never altered inside, since it could then name something else. */
function reference(value: unknown, max: number, what: string): Check {
  const content = asText(value)
  if (content === null) return expected(what)
  if (content === '') return ok('')
  if (!isGiven(content)) return null
  const clean = cleanReference(content)
  if (clean === null) return expected(`${what} without control or broken characters`)
  return clean.length > max ? expected(`${what} of at most ${max} characters`) : ok(clean)
}

/** Of kinds that have a form: empty text and the words for nothing state nothing. */
const formed =
  (check: (text: string) => string | boolean | null, what: string) =>
  (value: unknown): Check => {
    const content = asText(value)
    if (content === null) return expected(what)
    if (!isGiven(content)) return null
    const read = check(content.trim())
    return read === null ? expected(what) : ok(read)
  }

const FLAG_WORDS: Readonly<Record<string, boolean>> = {
  true: true, yes: true, y: true, t: true, on: true, '1': true,
  false: false, no: false, n: false, f: false, off: false, '0': false,
} // prettier-ignore
const wordOf = <Value>(words: Readonly<Record<string, Value>>, text: string): Value | null => {
  const word = text.toLowerCase().replaceAll(/[\s_-]+/g, ' ')
  return Object.hasOwn(words, word) ? words[word]! : null
}

const FLAG = 'true or false'
const flagText = formed(text => wordOf(FLAG_WORDS, text), FLAG)
const flag = (value: unknown): Check => (typeof value === 'boolean' ? ok(value) : flagText(value))

const AMOUNT = 'an amount as decimal text such as "26.85", not negative, at most 6 decimals'
function amount(value: unknown, currency: string | null): Check {
  const content = asText(value)
  if (content === null) return expected(AMOUNT)
  if (!isGiven(content)) return null
  const text = content.trim()
  const read = canonicalAmount(text) ?? readAmount(text, currency)
  return read === null ? expected(AMOUNT) : ok(read)
}

const TIME = 'a time such as "2026-01-31T09:20:11Z"'
/** What states no time clears it. */
function time(value: unknown): Check {
  if (typeof value !== 'string') return value === 0 ? CLEARED : expected(TIME)
  const text = value.trim()
  if (!isGiven(text) || isZeroDate(text)) return CLEARED
  const ms = parseInstant(text)
  return ms === null ? expected(TIME) : ok(formatInstant(ms))
}

/** Three or four digits, however spaced, would be the security code itself, which nobody may keep (PCI DSS 3.3.1). */
function cvv(value: unknown): Check {
  return (asText(value) ?? '').replace(/\P{Nd}/gu, '').length >= 3
    ? expected('the result code of the check (one or two characters), never the security code itself')
    : reference(value, 10, 'a result code as text')
}

/** Digits of a card; null where the sender hides them. */
const digitsOf =
  (check: (text: string) => string | null, end: 'leading' | 'trailing', what: string) =>
  (value: unknown): Check => {
    const content = asText(value)
    if (content === null) return expected(what)
    if (!isGiven(content)) return null
    const digits = check(content)
    if (digits !== null) return ok(digits)
    return visibleEnds(content)?.[end] === '' ? null : expected(what)
  }

/** One address as it is; of several, which proxies add behind the first, the first public one. */
function ipAddress(value: unknown): Check {
  const checked = prose(value, MAX_TEXT)
  if (checked === null || !('ok' in checked)) return checked
  const addresses = (checked.ok as string).split(/[\s,;]+/).filter(one => one !== '')
  if (addresses.length < 2) return checked
  const first = addresses.find(one => publicIp(one) !== null)
  return first === undefined ? expected('a public IP address among several') : ok(first)
}

const words = (table: Readonly<Record<string, string>>) => [...new Set(Object.values(table))].join(', ')

const CHECKS: Record<ScalarKind, (value: unknown, currency: string | null) => Check> = {
  prose: value => prose(value, MAX_TEXT),
  id: value => reference(value, 255, 'a reference as text'),
  phone: value => reference(value, 64, 'a telephone number as text'),
  code: value => reference(value, 20, 'a short code as text'),
  money: amount,
  flag,
  time,
  status: formed(text => wordOf(STATUS_WORDS, text), `one of ${words(STATUS_WORDS)}`),
  paymentState: formed(text => wordOf(PAYMENT_WORDS, text), `one of ${words(PAYMENT_WORDS)}`),
  currency: formed(readCurrencyCode, 'a currency code of ISO 4217 such as "USD"'),
  cvv,
  first6: digitsOf(firstSixOf, 'leading', 'the first six digits of the card, as text'),
  last4: digitsOf(lastFourOf, 'trailing', 'the last four digits of the card, as text'),
  ip: ipAddress,
}

/** One value of one kind; `currency` is that of the body, whose amounts may bear the noise of floats. */
export const checkRequired = (kind: ScalarKind, value: unknown, currency: string | null = null): Check =>
  CHECKS[kind](value, currency)
/** As `checkRequired`, but null is accepted and means: cleared. */
export const checkValue = (kind: ScalarKind, value: unknown, currency: string | null = null): Check =>
  value === null ? CLEARED : CHECKS[kind](value, currency)
/** A note's text: prose, longer than other prose. */
export const checkNote = (value: unknown): Check => prose(value, MAX_NOTE)

const CLEARED: Check = { ok: null }
