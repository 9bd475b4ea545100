/**
 * Card numbers in text. At most the first six and the last four digits of a card may be kept (PCI SSC FAQ 1091), so a number
 * that passes brand prefix, length and Luhn is cut down to them wherever a person may have typed it.
 */

/** Prefix → lengths, by the card schemes' published ranges. */
const BRANDS: readonly [prefix: RegExp, lengths: readonly number[]][] = [
  [/^4/, [13, 16, 19]],
  [/^(5[1-5]|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)/, [16]],
  [/^3[47]/, [15]],
  [/^(6011|64[4-9]|65)/, [16, 17, 18, 19]],
  [/^(30[0-5]|3095|36|3[89])/, [14, 15, 16, 17, 18, 19]],
  [/^35(2[89]|[3-8]\d)/, [16, 17, 18, 19]],
  [/^62/, [16, 17, 18, 19]],
  [/^(50|5[6-8]|6[379])/, [13, 14, 15, 16, 17, 18, 19]],
]

export function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48
    const doubled = i % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

/** True for digits that a card scheme could have issued: brand prefix, its length, and Luhn. */
export const looksLikeCard = (digits: string): boolean =>
  BRANDS.some(([prefix, lengths]) => lengths.includes(digits.length) && prefix.test(digits)) && passesLuhn(digits)

/** 13 to 19 digits that pass Luhn and begin and end as the given card does: that card itself, wherever it stands. */
export const isThisCard = (digits: string, first6: string, last4: string): boolean =>
  /^\d{13,19}$/.test(digits) && digits.startsWith(first6) && digits.endsWith(last4) && passesLuhn(digits)

const DIGIT_RUN = /\d(?:[ -]?\d){12,}/g
const shorten = (digits: string) => `${digits.slice(0, 6)}******${digits.slice(-4)}`

/** The text with every card number in it cut to `first6******last4`; the same string when there is none. */
export function maskCardNumbers(text: string): string {
  if (text.length < 13 || !/\d[\d -]{11,}\d/.test(text)) return text
  return text.replace(DIGIT_RUN, maskRun)
}

/** A run of digit groups may hold a card among other numbers ("4012 8888 8888 1881 123"): whole groups are tried together. */
function maskRun(run: string): string {
  const groups = run.split(/([ -])/)
  for (let from = 0; from < groups.length; from += 2) {
    for (let to = groups.length - 1; to >= from; to -= 2) {
      const digits = groups.filter((_, i) => i >= from && i <= to && i % 2 === 0).join('')
      if (digits.length < 13 || !looksLikeCard(digits)) continue
      const rest = groups.slice(to + 1).join('')
      return groups.slice(0, from).join('') + shorten(digits) + maskRun(rest)
    }
  }
  return run
}
