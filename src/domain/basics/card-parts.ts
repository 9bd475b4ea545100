/** First six and last four digits of a card as senders write them: bare, as a longer BIN, or as the visible ends of a masked number. */

const MAX_LENGTH = 64
const MASKED = /^(\d*)[*xX#•·●.…]+(\d*)$/
const compact = (text: string): string => (text.length > MAX_LENGTH ? '' : text.replace(/[\s-]/g, ''))

/** Digits before and after the masked ones; null where the text is no masked card number. */
export function visibleEnds(text: string): { leading: string; trailing: string } | null {
  const match = MASKED.exec(compact(text))
  return match ? { leading: match[1] ?? '', trailing: match[2] ?? '' } : null
}

/** Of six digits, of a BIN of eight, or of a masked number that shows as many; else null. Bare numbers of another length are none. */
export function firstSixOf(text: string): string | null {
  const digits = compact(text)
  if (/^(?:\d{6}|\d{8})$/.test(digits)) return digits.slice(0, 6)
  const { leading = '' } = visibleEnds(text) ?? {}
  return leading.length >= 6 ? leading.slice(0, 6) : null
}

/** Of four digits, or of a masked number that shows them at its end; else null. */
export function lastFourOf(text: string): string | null {
  const digits = compact(text)
  if (/^\d{4}$/.test(digits)) return digits
  const { trailing = '' } = visibleEnds(text) ?? {}
  return trailing.length >= 4 ? trailing.slice(-4) : null
}
