/**
 * Text as a person would read it: the escapes of JSON, URLs, HTML and log writers undone, several layers deep. What is one
 * value in many spellings becomes one spelling, so that it can be found.
 */
export function unescapeWords(text: string): string {
  let plain = text
  for (let layer = 0; layer < LAYERS; layer++) {
    const next = peel(plain)
    if (next === plain) break
    plain = next
  }
  return plain.toWellFormed().normalize('NFC')
}

const LAYERS = 3
const NAMED: Record<string, string> = { quot: '"', apos: "'", amp: '&', lt: '<', gt: '>', nbsp: ' ' }

/** A run of backslashes is read from its first one on alone: begun at each of them, the time would grow with the square of the run. */
const peel = (text: string): string =>
  text
    .replace(/(?:%[0-9a-f]{2})+|(?<!\\)(?:\\+x[0-9a-f]{2})+/gi, readBytes)
    .replace(
      /(?<!\\)(\\+)u(?:([0-9a-f]{4})|\{([0-9a-f]{1,6})\})/gi,
      (_all, slashes: string, four?: string, braced?: string) => escaped(slashes) + character(four ?? braced, 16),
    )
    .replace(/(?<!\\)\\+[nrtbf]/g, ' ')
    .replace(/(?<!\\)\\+(["'/\\])/g, '$1')
    .replace(/&#(?:x([0-9a-f]{1,6})(?![0-9a-f])|(\d{1,7})(?!\d));?/gi, (_all, hex?: string, decimal?: string) =>
      hex === undefined ? character(decimal, 10) : character(hex, 16),
    )
    .replace(/&(quot|apos|amp|lt|gt|nbsp);/gi, (_all, name: string) => NAMED[name.toLowerCase()] ?? '')

/** Backslashes that stand before an escape and escape each other. */
const escaped = (slashes: string) => '\\'.repeat((slashes.length - 1) >> 1)

/** Half of a pair of surrogates is left as it is: its other half follows. */
function character(digits: string | undefined, base: 10 | 16): string {
  const code = Number.parseInt(digits ?? '', base)
  return code <= 0x10ffff ? String.fromCodePoint(code) : ' '
}

/** Bytes written one by one are UTF-8, and Latin-1 where they are not. Nothing is thrown: a text may hold thousands of runs. */
function readBytes(run: string): string {
  const bytes = (run.match(/[0-9a-f]{2}(?=%|\\|$)/gi) ?? []).map(pair => Number.parseInt(pair, 16))
  const before = escaped(/^\\+/.exec(run)?.[0] ?? '\\')
  let text = ''
  for (const byte of bytes) text += String.fromCodePoint(byte)
  return before + (bytes.length === 1 ? text : (asUtf8(bytes) ?? text))
}

function asUtf8(bytes: readonly number[]): string | null {
  const text = DECODER.decode(Uint8Array.from(bytes))
  const again = ENCODER.encode(text)
  return again.length === bytes.length && again.every((byte, i) => byte === bytes[i]) ? text : null
}

const [DECODER, ENCODER] = [new TextDecoder('utf-8', { ignoreBOM: true }), new TextEncoder()]
