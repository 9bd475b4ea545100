import { maskCardNumbers } from './card-data.ts'

const MAX_WORDS = 500
const MASK = '•••'

/**
 * A platform's words without any value that was sent to it (rule 7): whole values first, whatever their case or escaping, then
 * single words of them, then card numbers. `sent` is the payload and every secret of the call; names of fields stay readable.
 */
export function maskWords(words: string, sent: unknown): string {
  const values = textsIn(sent)
  let masked = words.slice(0, MAX_WORDS * 4).toWellFormed()
  for (const value of [...values].toSorted((a, b) => b.length - a.length)) masked = maskValue(masked, value)
  const pieces = new Set([...values].flatMap(value => value.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? []))
  masked = masked.replace(/[\p{L}\p{N}_]{3,}/gu, word => (pieces.has(word.toLowerCase()) ? MASK : word))
  masked = masked.replace(/\d{9,}/g, MASK)
  return maskCardNumbers(masked).slice(0, MAX_WORDS)
}

/** Short values only where they stand alone: a state's "MI" must not tear "missing" apart. */
function maskValue(text: string, value: string): string {
  let masked = text
  for (const form of new Set([value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value.toWellFormed())])) {
    const literal = form.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    const pattern = form.length < 3 ? String.raw`(?<![\p{L}\p{N}_])${literal}(?![\p{L}\p{N}_])` : literal
    masked = masked.replace(new RegExp(pattern, 'giu'), MASK)
  }
  return masked
}

function textsIn(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value === 'string' && value !== '') found.add(value)
  else if (typeof value === 'number') found.add(String(value))
  else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) textsIn(inner, found)
  return found
}
