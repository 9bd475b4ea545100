import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { maskWords } from '../../src/domain/mask-words.ts'
import { maskCardNumbers } from '../../src/domain/basics/card-data.ts'
import { cleanReference } from '../../src/domain/basics/clean-text.ts'
import { maskBody } from '../../src/domain/basics/mask-body.ts'
import { unescapeWords } from '../../src/domain/basics/unescape-words.ts'
import { parseJson } from '../../src/parse-json.ts'
import { expressionsIn, hardParts, type Expression } from '../support/expressions.ts'
import { growthOf, LINEAR } from '../support/growth.ts'
import { cpuMs } from './cpu-ms.ts'

/** Characters of a hard text: a scan that takes time in their square takes 8 million steps. */
const LONG = 4_000

const FILES = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.ts'))
  .map(file => `src/${file}`)
const EXPRESSIONS = FILES.flatMap(expressionsIn)

/** The first hard text on which an expression takes more than its length, or null. */
function slowText(expression: Expression): string | null {
  const scan = new RegExp(expression.pattern, `g${expression.flags.replace(/[gy]/g, '')}`)
  for (const [unit, start, end] of hardParts(expression)) {
    const growth = growthOf(size => (start + unit.repeat(size / unit.length) + end).replace(scan, ''), LONG)
    if (growth > LINEAR) return JSON.stringify(`${start}${unit.repeat(4)}…${end}`)
  }
  return null
}

describe('every expression that scans text', () => {
  it('is found in the source', () => {
    expect(EXPRESSIONS.length).toBeGreaterThan(150)
  })

  it('takes time that grows with its text, not with its square', () => {
    const slow = EXPRESSIONS.flatMap(expression => {
      const text = slowText(expression)
      return text === null ? [] : [`${expression.place} /${expression.pattern}/${expression.flags} on ${text}`]
    })
    expect(slow).toEqual([])
  })

  it('would be found slow if it were', () => {
    const slow = String.raw`(\\+)u([0-9a-f]{4})`
    expect(slowText({ place: '', pattern: slow, flags: 'gi' })).not.toBeNull()
    expect(slowText({ place: '', pattern: String.raw`\s+$`, flags: '' })).not.toBeNull()
  })
})

const repeated = (unit: string) => (length: number) => unit.repeat(Math.ceil(length / unit.length)).slice(0, length)
/** A platform's answer and the notes that were sent to it: alike everywhere, never equal. */
const notes = (many: number, note: (i: number) => string) => ({
  notes: Array.from({ length: many }, (_, i) => ({ note: note(i) })),
})
const SCANS: Record<string, { size: number; run: (size: number) => unknown }> = {
  'an order of backslashes, and an answer': { size: 100_000, run: size => maskWords('no', notes(size / 1_000, () => repeated('\\')(1_000))) },
  'notes that nearly stand in an answer': { size: 400, run: size => maskWords(repeated('a')(2_000), notes(size, i => `${repeated('a')(500 + i)}b`)) },
  'notes that stand in an answer': { size: 400, run: size => maskWords(repeated('ab ')(2_000), notes(size, i => repeated('ab ')(500 + i))) },
  'escaped bytes that are no text': { size: 100_000, run: size => unescapeWords(repeated('%ff%fe ')(size)) },
  'backslashes before escapes': { size: 100_000, run: size => unescapeWords(repeated('\\')(size) + 'u0041') },
  'digits in groups': { size: 20_000, run: size => maskCardNumbers(repeated('4 ')(size)) },
  'digits in one run': { size: 100_000, run: size => maskCardNumbers(repeated('4')(size)) },
  'blanks around a reference': { size: 100_000, run: size => cleanReference(`${repeated(' ')(size)}a${repeated(' \u0001')(size)}`) },
  'a body of long numbers': { size: 100_000, run: size => parseJson(Buffer.from(`[${repeated('12345678901234567890,')(size)}1]`)) },
  'a body of quotes that end nowhere': { size: 100_000, run: size => parseJson(Buffer.from(`[12345678901234567890,"${repeated('\\"')(size)}`)) },
  'a body of masked texts': { size: 100_000, run: size => maskBody({ bin: repeated('4 ')(size), last_four: repeated('*4')(size) }) },
} // prettier-ignore

describe('every function that takes text from outside', () => {
  it.each(Object.entries(SCANS))('takes time that grows with %s', (_name, { size, run }) => {
    expect(growthOf(run, size)).toBeLessThan(LINEAR)
  })

  it('masks what 25 notes of backslashes were refused with in less time than a push has', () => {
    const payload = notes(25, i => '\\'.repeat(10_000 - i))
    const start = process.cpuUsage()
    maskWords(`{"message":"${'\\'.repeat(1_900)}"}`, payload)
    expect(cpuMs(start)).toBeLessThan(200)
  })
})
