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

/**
 * 13 to 19 digits that pass Luhn and begin and end as the given card does: that card itself, wherever it stands, also where it
 * is written in groups.
 */
export function isThisCard(reference: string, first6: string, last4: string): boolean {
  const digits = cardDigits(reference)
  return digits !== null && digits.startsWith(first6) && digits.endsWith(last4) && passesLuhn(digits)
}

/** The 13 to 19 digits of a reference that holds nothing else but spaces and dashes between them, or null. */
export function cardDigits(reference: string): string | null {
  const digits = reference.replace(/[ -]/g, '')
  return /^\d{13,19}$/.test(digits) ? digits : null
}

const [MIN_CARD_DIGITS, MAX_CARD_DIGITS] = [13, 19]
/** What people put between the groups of a number: a space or a dash, also those that a word processor makes of them. */
const GAP = '[ \\-\u00a0\u202f\u2010-\u2013]'
const DIGIT_RUN = new RegExp(`\\d(?:${GAP}?\\d){12,}`, 'g')
const GAPS = new RegExp(`(${GAP})`)
const shorten = (digits: string) => `${digits.slice(0, 6)}******${digits.slice(-4)}`

/** The text with every card number in it cut to `first6******last4`; the same string when there is none. */
export const maskCardNumbers = (text: string): string => (text.length < 13 ? text : text.replace(DIGIT_RUN, maskRun))

/**
 * A run of digit groups may hold a card among other numbers ("4012 8888 8888 1881 123"): whole groups are tried together, the
 * longest first, and never more than a card has digits: the time taken grows with the text, not with its square.
 */
function maskRun(run: string): string {
  const groups = run.split(GAPS)
  let kept = ''
  for (let from = 0; from < groups.length;) {
    const card = cardFrom(groups, from)
    kept +=
      card === null ? groups[from]! + (groups[from + 1] ?? '') : shorten(card.digits) + (groups[card.to + 1] ?? '')
    from = (card?.to ?? from) + 2
  }
  return kept
}

/** The longest card that begins with the group at `from` and ends with the group at `to`. */
function cardFrom(groups: readonly string[], from: number): { digits: string; to: number } | null {
  if (!/^[2-6]/.test(groups[from]!)) return null
  let found: { digits: string; to: number } | null = null
  let digits = ''
  for (let to = from; to < groups.length; to += 2) {
    digits += groups[to]!
    if (digits.length > MAX_CARD_DIGITS) break
    if (digits.length >= MIN_CARD_DIGITS && looksLikeCard(digits)) found = { digits, to }
  }
  return found
}
