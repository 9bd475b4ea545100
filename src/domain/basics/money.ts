import { trimEndOf } from './trim-end.ts'

/**
 * Amounts as canonical decimal text: no sign, no leading zeros, no trailing zeros in the fraction. Never a binary float.
 * Minor units exist only where the currency is known (ISO 4217 exponents).
 */

const INTEGER_DIGITS = 15
const FRACTION_DIGITS = 6
const AMOUNT = new RegExp(`^(\\d{1,${INTEGER_DIGITS}})(?:\\.(\\d{1,${FRACTION_DIGITS}}))?$`)

/** ISO 4217 currencies whose exponent is not 2. */
const EXPONENTS: Record<string, number> = {
  BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0, UGX: 0, UYI: 0, VND: 0, VUV: 0, XAF: 0, XOF: 0, XPF: 0,
  BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3,
  CLF: 4, UYW: 4,
} // prettier-ignore

/** Digits after the point in amounts of `currency` (ISO 4217 code); 2 where the currency is unknown. */
export const exponentOf = (currency: string | null | undefined): number =>
  currency !== null && currency !== undefined && Object.hasOwn(EXPONENTS, currency) ? (EXPONENTS[currency] ?? 2) : 2

/** Canonical text of an amount such as `"26.850"` → `"26.85"`; null when the text is no plain decimal amount. */
export function canonicalAmount(text: string): string | null {
  const match = AMOUNT.exec(text)
  if (!match) return null
  const integer = match[1]!.replace(/^0+(?=\d)/, '')
  const fraction = trimEndOf(match[2] ?? '', '0')
  return fraction === '' ? integer : `${integer}.${fraction}`
}

/** The amount written with at least the currency's digits after the point, as the Data API shows it (`"25"` → `"25.00"`). */
export function formatAmount(canonical: string, currency: string | null | undefined): string {
  const digits = exponentOf(currency)
  const [integer = '0', fraction = ''] = canonical.split('.')
  const padded = fraction.padEnd(digits, '0')
  return padded === '' ? integer : `${integer}.${padded}`
}

/** Digits of fixed width whose text order is the order of the amounts, for comparing where only text can be compared. */
export function sortableAmount(canonical: string): string {
  const [integer = '0', fraction = ''] = canonical.split('.')
  return integer.padStart(INTEGER_DIGITS, '0') + fraction.padEnd(FRACTION_DIGITS, '0')
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b` (canonical amounts). */
export function compareAmounts(a: string, b: string): number {
  const [left, right] = [sortableAmount(a), sortableAmount(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

/** Just below one minor unit: a rest that cannot be moved is no rest. */
export function belowMinorUnit(currency: string): string {
  const digits = exponentOf(currency)
  return digits === 0 ? '0.999999' : `0.${'0'.repeat(digits)}${'9'.repeat(6 - digits)}`
}

/** Whole minor units of a canonical amount in a known currency; null when it has more digits than the currency allows. */
export function minorUnits(canonical: string, currency: string): bigint | null {
  const digits = exponentOf(currency)
  const [integer = '0', fraction = ''] = canonical.split('.')
  return fraction.length > digits ? null : BigInt(integer + fraction.padEnd(digits, '0'))
}

const SCALE = 10n ** BigInt(FRACTION_DIGITS)
const scaled = (canonical: string): bigint => {
  const [integer = '0', fraction = ''] = canonical.split('.')
  return BigInt(integer) * SCALE + BigInt(fraction.padEnd(FRACTION_DIGITS, '0'))
}
function unscaled(value: bigint): string {
  const fraction = trimEndOf((value % SCALE).toString().padStart(FRACTION_DIGITS, '0'), '0')
  const integer = (value / SCALE).toString()
  return fraction === '' ? integer : `${integer}.${fraction}`
}

/** Whole millionths of a canonical amount: the same for every currency, and exact. */
export const millionths = (canonical: string): bigint => scaled(canonical)

/** The sum of canonical amounts. */
export const addAmounts = (...amounts: readonly string[]): string =>
  unscaled(amounts.reduce((sum, amount) => sum + scaled(amount), 0n))

/** `a` less all of `rest`, never below 0: what is owed cannot be negative. */
export function subtractAmounts(a: string, ...rest: readonly string[]): string {
  const left = rest.reduce((value, amount) => value - scaled(amount), scaled(a))
  return left <= 0n ? '0' : unscaled(left)
}

/** The greatest of some canonical amounts; `0` of none. */
export const greatestAmount = (...amounts: readonly string[]): string =>
  amounts.reduce((greatest, amount) => (compareAmounts(amount, greatest) > 0 ? amount : greatest), '0')

/** The amount cut to whole minor units of the currency: what is below one of them cannot be moved. */
export function wholeMinorUnits(canonical: string, currency: string): string {
  const digits = exponentOf(currency)
  const [integer = '0', fraction = ''] = canonical.split('.')
  const kept = trimEndOf(fraction.slice(0, digits), '0')
  return kept === '' ? integer : `${integer}.${kept}`
}

/** True when the amount has more digits than its currency can move. */
export const isTooFine = (canonical: string, currency: string): boolean => minorUnits(canonical, currency) === null
