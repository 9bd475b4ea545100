import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeMutant, type Mutant } from './mutant.ts'

/** A mutant that behaves as the program does, and why. */
export interface Equivalent {
  file: string
  /** The line that it changes, trimmed: it may move. */
  line: string
  /** As the report prints it. */
  change: string
  reason: string
}

/** Those listed in equivalent.json. */
export const readEquivalents = (): Equivalent[] =>
  JSON.parse(readFileSync(new URL('equivalent.json', import.meta.url), 'utf8')) as Equivalent[]

/** The mutants that an entry means: one, or it is out of date. */
export function meantBy(entry: Equivalent, root: string, mutants: readonly Mutant[]): Mutant[] {
  const own = mutants.filter(({ file }) => file === entry.file)
  if (own.length === 0) return []
  const source = readFileSync(join(root, entry.file), 'utf8')
  return own.filter(mutant => {
    const { line, change } = describeMutant(source, mutant)
    return line === entry.line && change === entry.change
  })
}
