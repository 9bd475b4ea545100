/** A plain decimal amount: digits, with a fraction or without. No sign, no exponent. */
export const DECIMAL = /^\d{1,15}(\.\d{1,6})?$/

const units = (amount: string, scale: number): bigint => {
  const [whole = '0', fraction = ''] = amount.split('.')
  return BigInt(whole + fraction.padEnd(scale, '0'))
}
const scaleOf = (amount: string): number => amount.split('.')[1]?.length ?? 0

function written(value: bigint, scale: number): string {
  if (scale === 0) return String(value)
  const digits = String(value).padStart(scale + 1, '0')
  return `${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export function compareDecimals(a: string, b: string): number {
  const scale = Math.max(scaleOf(a), scaleOf(b))
  const [left, right] = [units(a, scale), units(b, scale)]
  return left < right ? -1 : left > right ? 1 : 0
}

/** The exact sum of plain decimal amounts, with as many digits after the point as the longest of them; `0` of none. */
export function sumOf(amounts: readonly string[]): string {
  const scale = Math.max(0, ...amounts.map(scaleOf))
  return written(
    amounts.reduce((sum, amount) => sum + units(amount, scale), 0n),
    scale,
  )
}

/** What is left of `whole` after `part`, exactly; zero where nothing is. */
export function restOf(whole: string, part: string): string {
  const scale = Math.max(scaleOf(whole), scaleOf(part))
  const rest = units(whole, scale) - units(part, scale)
  return written(rest > 0n ? rest : 0n, scale)
}

/** Whether an amount is nothing at all. */
export const isZero = (amount: string): boolean => compareDecimals(amount, '0') === 0
