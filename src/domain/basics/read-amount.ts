import { canonicalAmount, exponentOf } from './money.ts'

/** A decimal as text or as a JSON number: no sign, no thousand separators. */
const NUMBER = /^(\d{1,40})(?:\.(\d{1,80}))?(?:[eE]([+-]?\d{1,2}))?$/
/** Digits beyond the minor unit that noise may reach: a millionth of it. */
const NOISE_DIGITS = 6

/**
 * Canonical text of an amount in whole minor units of its currency (ISO 4217 code; two digits where none is known). What lies within a
 * millionth of a minor unit is the noise of binary floats and is rounded (`49.99999999999999` is `50`); an exponent is exact (`1E+2` is
 * `100`). Null where the text is no such amount: finer than the currency, negative, above 15 digits.
 */
export function readAmount(text: string, currency: string | null | undefined): string | null {
  const match = NUMBER.exec(text.trim())
  if (!match) return null
  const [, whole = '', fraction = '', exponent = '0'] = match
  const digits = exponentOf(currency)
  // The amount in minor units is units / 10^finer.
  const units = BigInt(whole + fraction)
  const finer = fraction.length - Number(exponent) - digits
  if (finer <= 0) return canonicalAmount(decimalOf(units * 10n ** BigInt(-finer), digits))
  const minor = 10n ** BigInt(finer)
  const nearest = (units + minor / 2n) / minor
  const off = units - nearest * minor
  const isNoise = (off < 0n ? -off : off) * 10n ** BigInt(NOISE_DIGITS) <= minor
  return isNoise ? canonicalAmount(decimalOf(nearest, digits)) : null
}

function decimalOf(minorUnits: bigint, digits: number): string {
  const text = String(minorUnits).padStart(digits + 1, '0')
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`
}
