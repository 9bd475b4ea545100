import { readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ENTRY = 'src/domain/case/decide.ts'
/** What everything may use and nothing has to be read for. */
const BASICS = 'src/domain/basics/'
const FILES_MAX = 20
const LEVELS_MAX = 6

const root = resolve(import.meta.dirname, '../..')

describe('the decision', () => {
  const imports = importsFrom(ENTRY)

  it(`is read in at most ${FILES_MAX} files`, () => {
    expect(imports.size).toBeGreaterThan(5)
    expect([...imports.keys()].slice(FILES_MAX)).toEqual([])
  })

  it('imports nothing that imports it, types included', () => {
    expect(cyclesIn(imports)).toEqual([])
  })

  it(`lies at most ${LEVELS_MAX} levels deep`, () => {
    expect(longestFrom(ENTRY, imports).slice(LEVELS_MAX)).toEqual([])
  })
})

describe('an import graph', () => {
  it('tells of a cycle by the files on it', () => {
    const imports = new Map([
      ['a', ['b', 'd']],
      ['b', ['c']],
      ['c', ['b']],
      ['d', []],
    ])
    expect(cyclesIn(imports)).toEqual(['b > c > b'])
  })

  it('is as deep as its longest path', () => {
    const imports = new Map([
      ['a', ['c', 'b']],
      ['b', ['c']],
      ['c', ['d']],
      ['d', []],
    ])
    expect(longestFrom('a', imports)).toEqual(['a', 'b', 'c', 'd'])
  })

  it('has every form of import', () => {
    const source = [
      `import { a } from './a.ts'`,
      `import type { B } from '../b.ts'`,
      `import {\n  c,\n  type C,\n} from './c.ts'`,
      `export * from './d.ts'`,
      `export type { E } from './e.ts'`,
      `import './f.ts'`,
      `type G = import('./g.ts').G`,
      `import { z } from 'zod'`,
    ].join('\n')
    const found = ['x/a.ts', 'b.ts', 'x/c.ts', 'x/d.ts', 'x/e.ts', 'x/f.ts', 'x/g.ts']
    expect(importedBy('x/y.ts', source)).toEqual(found)
  })
})

/** The files that a file imports, of types too, each once; paths are from the root. */
function importedBy(file: string, source: string): string[] {
  const named = [...source.matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, path = '']) => path)
  return [...new Set(named.map(path => relative(root, resolve(root, dirname(file), path))))]
}

/** Every file that is reached from one, and what it imports; the basics left out. */
function importsFrom(entry: string): Map<string, string[]> {
  const imports = new Map<string, string[]>()
  const unread = [entry]
  for (let file = unread.pop(); file !== undefined; file = unread.pop()) {
    if (imports.has(file)) continue
    const imported = importedBy(file, readFileSync(join(root, file), 'utf8')).filter(one => !one.startsWith(BASICS))
    imports.set(file, imported)
    unread.push(...imported)
  }
  return imports
}

/** One cycle of each knot, written as the files on it. */
function cyclesIn(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const finished = new Set<string>()
  const follow = (file: string, path: readonly string[]): string[] => {
    if (path.includes(file)) return [[...path.slice(path.indexOf(file)), file].join(' > ')]
    if (finished.has(file)) return []
    const found = (imports.get(file) ?? []).flatMap(next => follow(next, [...path, file]))
    finished.add(file)
    return found
  }
  return [...imports.keys()].flatMap(file => follow(file, []))
}

/** The longest path from a file down, itself included; a cycle is followed once. */
function longestFrom(
  file: string,
  imports: ReadonlyMap<string, readonly string[]>,
  above: readonly string[] = [],
): string[] {
  const below = (imports.get(file) ?? []).filter(next => next !== file && !above.includes(next))
  const paths = below.map(next => longestFrom(next, imports, [...above, file]))
  return [file, ...paths.reduce((longest, path) => (path.length > longest.length ? path : longest), [])]
}
