import { canonicalAmount, exponentOf } from './money.ts'

/** A number as JSON writes it; an exponent only where it makes the number smaller, as in `1.7e-15`. */
const NUMBER = /^(-?)(\d{1,15})(?:\.(\d{1,40}))?(?:[eE]-(\d{1,3}))?$/
/** Digits beyond the minor unit that count: a millionth of it. */
const NOISE_DIGITS = 6

/**
 * Canonical text of an amount that may carry the noise of binary floats: what lies within a millionth of a minor unit of whole minor
 * units is those (`10.040000000000001` is `10.04`, `-1.7e-15` is `0`), and a plain decimal stays as it is. Null where the text is
 * neither. Where the currency is unknown, two digits are assumed.
 */
export function readNoisyAmount(text: string, currency: string | null): string | null {
  return wholeMinorUnits(text, exponentOf(currency)) ?? canonicalAmount(text)
}

/** The whole minor units that the number is meant to be; null where it is further from all of them than noise is. */
function wholeMinorUnits(text: string, digits: number): string | null {
  const match = NUMBER.exec(text)
  if (!match) return null
  const [, sign, whole = '', fraction = '', smaller = '0'] = match
  // The value is units / 10^scale.
  const scale = fraction.length + Number(smaller)
  const units = BigInt(`${sign}${whole}${fraction}`)
  const minor = 10n ** BigInt(Math.max(0, scale - digits))
  const shifted = units * 10n ** BigInt(Math.max(0, digits - scale))
  const nearest = (shifted + (shifted < 0n ? -minor : minor) / 2n) / minor
  const off = shifted - nearest * minor
  const isNoise = (off < 0n ? -off : off) * 10n ** BigInt(NOISE_DIGITS) <= minor
  return isNoise && nearest >= 0n ? canonicalAmount(decimalOf(nearest, digits)) : null
}

function decimalOf(minorUnits: bigint, digits: number): string {
  const text = String(minorUnits).padStart(digits + 1, '0')
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`
}
