import { maskCardNumbers, passesLuhn } from '../../domain/basics/card-data.ts'

/** Reads an order's texts for an answer: bounded, and nothing of the order's card beyond the first six and the last four digits. */
export interface AnswerTexts {
  /** Free text, cut where it is too long; undefined where it is empty or no text. */
  prose: (value: unknown) => string | undefined
  /** A reference, whole or not at all. */
  exact: (value: unknown) => string | undefined
}

/** The vendor's limits are not known; no text of ours needs more. */
const MAX_TEXT = 255

/** Texts of an order whose card begins and ends so, as far as it is known. */
export function answerTexts(first6: string | null, last4: string | null): AnswerTexts {
  const holdsCard = (text: string) => first6 !== null && last4 !== null && holdsThisCard(text, first6, last4)
  return {
    prose(value) {
      const text = cut(maskCardNumbers(textOf(value)))
      return text === '' || holdsCard(text) ? undefined : text
    },
    exact(value) {
      const text = textOf(value)
      return text === '' || text.length > MAX_TEXT || holdsCard(text) ? undefined : text
    },
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value.trim() : '')

/** Never through the middle of a character. */
const cut = (text: string): string =>
  text.length <= MAX_TEXT
    ? text
    : text
        .slice(0, MAX_TEXT)
        .replace(/[\uD800-\uDBFF]$/, '')
        .trim()

/** True when the card's whole number stands anywhere in a text, in groups or not. */
function holdsThisCard(text: string, first6: string, last4: string): boolean {
  const joined = text.replace(/[^\p{L}\p{N}]/gu, '')
  for (let at = joined.indexOf(first6); at >= 0; at = joined.indexOf(first6, at + 1)) {
    for (let length = 13; length <= 19; length++) {
      const digits = joined.slice(at, at + length)
      if (/^\d{13,19}$/.test(digits) && digits.endsWith(last4) && passesLuhn(digits)) return true
    }
  }
  return false
}
