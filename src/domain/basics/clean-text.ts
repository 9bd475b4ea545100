const SPACES = /[\t-\r\u2028\u2029]+/g
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/g // oxlint-disable-line no-control-regex
const LONE_SURROGATES = /\p{Surrogate}/gu

/** Text without what no screen shows: line breaks and tabs become a space, other control characters and halves of emojis go. */
export const cleanText = (text: string): string =>
  text.replace(SPACES, ' ').replace(CONTROLS, '').replace(LONE_SURROGATES, '').trim()

/** At most `max` UTF-16 units of the text, never half a character at the cut. */
export const cutText = (text: string, max: number): string =>
  text.length <= max
    ? text
    : text
        .slice(0, max)
        .replace(/[\ud800-\udbff]$/, '')
        .trimEnd()

/** A reference without spaces and control characters at its ends; null where it has control or broken characters inside. */
export function cleanReference(text: string): string | null {
  let [from, to] = [0, text.length]
  while (from < to && isBlank(text.charCodeAt(from))) from++
  while (from < to && isBlank(text.charCodeAt(to - 1))) to--
  const reference = text.slice(from, to).trim()
  return BROKEN.test(reference) || !reference.isWellFormed() ? null : reference
}

/** Control characters, and the replacement character of what could not be decoded. */
const BROKEN = /[\u0000-\u001f\u007f-\u009f\ufffd]/ // oxlint-disable-line no-control-regex
const isBlank = (code: number): boolean => code <= 0x20 || (code >= 0x7f && code <= 0xa0)
