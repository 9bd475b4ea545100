import { maskCardNumbers } from './basics/card-data.ts'
import { findValues, type Span } from './basics/find-values.ts'
import { SENT_FIELDS } from './order-fields.ts'
import { unescapeWords } from './basics/unescape-words.ts'

const MAX_WORDS = 500
const MAX_READ = 2_000
const MASK = '•••'
/** Characters: no name of a field is longer. */
const LONGEST_NAME = 100

/**
 * A platform's words without any value that was sent to it (rule 7): whole values first, whatever their case or escaping, then
 * single words of them, then card numbers. `sent` is the payload and every secret of the call; names of fields stay readable.
 */
export function maskWords(words: string, sent: unknown): string {
  const plain = unescapeWords(cut(words))
  const { values, names } = textsIn(sent)
  return maskCardNumbers(maskPieces(maskWhole(plain, values, names), values, names).replace(/\d{9,}/g, MASK)).slice(
    0,
    MAX_WORDS,
  )
}

/** Cut before masking a value could lose its end and with it its likeness: what the cut went through goes too. */
function cut(words: string): string {
  let end = Math.min(words.length, MAX_READ)
  if (end < words.length) while (end > 0 && !/\s/.test(words[end - 1]!)) end--
  return words.slice(0, end)
}

/** Masks the values wherever they occur; a field's name that holds a value ("email" in "email_address") is left alone. */
function maskWhole(text: string, values: ReadonlySet<string>, names: ReadonlySet<string>): string {
  const wordAt = wordsOf(text)
  const isValue = ({ from, to }: Span) => {
    const [start, end] = [wordAt.start[from] ?? from, wordAt.end[to] ?? to]
    // A state's "MI" must not tear "missing" apart.
    const torn = to - from < 3 && /^[\u0020-\u007e]*$/.test(text.slice(from, to)) && end - start > to - from
    return !torn && !(end - start <= LONGEST_NAME && names.has(text.slice(start, end).toLowerCase()))
  }
  let masked = ''
  let at = 0
  for (const { from, to } of joined(findValues(text, values).filter(isValue))) {
    masked += text.slice(at, from) + MASK
    at = to
  }
  return masked + text.slice(at)
}

/** Spans in the order of their ends, those that overlap or touch each other as one. */
function joined(spans: readonly Span[]): Span[] {
  const apart: Span[] = []
  for (const span of spans) {
    let from = span.from
    for (let before = apart.at(-1); before !== undefined && before.to >= from; before = apart.at(-1)) {
      from = Math.min(from, before.from)
      apart.pop()
    }
    apart.push({ from, to: span.to })
  }
  return apart
}

/** For an offset at the end of a part of a word where that word starts, and for one at the start of a part where it ends. */
function wordsOf(text: string): { start: number[]; end: number[] } {
  const [start, end]: [number[], number[]] = [[], []]
  for (const { 0: word, index } of text.matchAll(/[\p{L}\p{N}_]+/gu))
    for (let i = 0; i < word.length; i++) {
      start[index + i + 1] = index
      end[index + i] = index + word.length
    }
  return { start, end }
}

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
