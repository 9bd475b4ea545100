import { maskCardNumbers } from './basics/card-data.ts'
import { SENT_FIELDS } from './order-fields.ts'
import { unescapeWords } from './basics/unescape-words.ts'

const MAX_WORDS = 500
const MAX_READ = 2_000
const MASK = '•••'

/**
 * A platform's words without any value that was sent to it (rule 7): whole values first, whatever their case or escaping, then
 * single words of them, then card numbers. `sent` is the payload and every secret of the call; names of fields stay readable.
 */
export function maskWords(words: string, sent: unknown): string {
  const plain = unescapeWords(cut(words))
  const { values, names } = textsIn(sent)
  const found = formsIn(plain, values)
  const whole = found.length === 0 ? plain : maskWhole(plain, found, names)
  return maskCardNumbers(maskPieces(whole, values, names).replace(/\d{9,}/g, MASK)).slice(0, MAX_WORDS)
}

/** Cut before masking a value could lose its end and with it its likeness: what the cut went through goes too. */
const cut = (words: string) => (words.length <= MAX_READ ? words : words.slice(0, MAX_READ).replace(/\S*$/, ''))

/** The spellings of values that stand in the text at all, the longest first. */
function formsIn(text: string, values: ReadonlySet<string>): string[] {
  const [lower, upper] = [spaced(text.toLowerCase()), spaced(text.toUpperCase())]
  const found = new Set<string>()
  for (const value of values) {
    const form = spaced(value).trim()
    if (!/[\p{L}\p{N}]/u.test(form)) continue
    if (!lower.includes(form.toLowerCase()) && !upper.includes(form.toUpperCase())) continue
    for (const spelling of [form, form.toLowerCase(), form.toUpperCase()]) found.add(spelling)
  }
  return [...found].toSorted((a, b) => b.length - a.length)
}

const spaced = (text: string) => text.replace(/[\s+]+/g, ' ')

/** One pass, the longest first; a field's name that holds a value ("email" in "email_address") is left alone. */
function maskWhole(text: string, forms: readonly string[], names: ReadonlySet<string>): string {
  const any = new RegExp(forms.map(patternOf).join('|'), 'giu')
  return text.replace(any, (match, offset: number) => {
    const before = /[\p{L}\p{N}_]*$/u.exec(text.slice(0, offset))![0]
    const after = /^[\p{L}\p{N}_]*/u.exec(text.slice(offset + match.length))![0]
    // A state's "MI" must not tear "missing" apart.
    const torn = match.length < 3 && /^[\u0020-\u007e]*$/.test(match) && before + after !== ''
    return torn || names.has((before + match + after).toLowerCase()) ? match : MASK
  })
}

const patternOf = (form: string) =>
  form.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll(' ', String.raw`[\s+]+`)

function maskPieces(text: string, values: ReadonlySet<string>, names: ReadonlySet<string>): string {
  const pieces = new Set<string>()
  for (const value of values)
    for (const piece of value.match(PIECE) ?? []) for (const same of cases(piece)) pieces.add(same)
  const known = (word: string) => cases(word).some(same => pieces.has(same))
  return text.replace(/[\p{L}\p{N}_]{3,}/gu, token =>
    names.has(token.toLowerCase()) ? token : token.replace(PIECE, word => (known(word) ? MASK : word)),
  )
}

const PIECE = /[\p{L}\p{N}]{3,}/gu
const cases = (word: string) => [word.toLowerCase(), word.toUpperCase().toLowerCase()]

/** A name of several words, which no value is likely to be. */
const NAME = /^[a-z0-9]+(_[a-z0-9]+)+$/

/** The texts sent, in every layer of escaping they may come back in, and the names of the fields that they were sent in. */
function textsIn(sent: unknown): { values: Set<string>; names: Set<string> } {
  const values = new Set<string>()
  const names = new Set<string>(['order_id', ...SENT_FIELDS].filter(name => NAME.test(name)))
  const look = (value: unknown): void => {
    if (typeof value === 'string' || typeof value === 'number') {
      const text = String(value).toWellFormed().normalize('NFC')
      values.add(text)
      if (/[\\%&]/.test(text)) values.add(unescapeWords(text))
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        if (NAME.test(name)) names.add(name)
        look(inner)
      }
    }
  }
  look(sent)
  return { values, names }
}
