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

const peel = (text: string): string =>
  text
    .replace(/(?:%[0-9a-f]{2})+|(?:\\+x[0-9a-f]{2})+/gi, readBytes)
    .replace(
      /(\\+)u(?:([0-9a-f]{4})|\{([0-9a-f]{1,6})\})/gi,
      (_all, slashes: string, four?: string, braced?: string) => escaped(slashes) + character(four ?? braced, 16),
    )
    .replace(/\\+[nrtbf]/g, ' ')
    .replace(/\\+(["'/\\])/g, '$1')
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

/** Bytes written one by one are UTF-8, and Latin-1 where they are not. */
function readBytes(run: string): string {
  const bytes = Uint8Array.from(run.match(/[0-9a-f]{2}(?=%|\\|$)/gi) ?? [], pair => Number.parseInt(pair, 16))
  const before = escaped(/^\\+/.exec(run)?.[0] ?? '\\')
  try {
    return before + new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return before + String.fromCodePoint(...bytes)
  }
}
