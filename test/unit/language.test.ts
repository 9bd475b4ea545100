import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const { expressions, exceptions } = JSON.parse(readFileSync(join(import.meta.dirname, 'language.json'), 'utf8')) as {
  expressions: string[]
  exceptions: Record<string, string[]>
}
const NOT_USED = new RegExp(expressions.join('|'), 'gi')
const filesIn = (folder: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(path => join(folder, path))
const FILES = [
  ...readdirSync(ROOT).filter(path => path.endsWith('.md')),
  '.env.example',
  'docker-compose.yml',
  ...['docs', 'bench', 'test'].flatMap(filesIn).filter(path => path.endsWith('.md')),
  ...filesIn('src').filter(path => /\.(ts|md)$/.test(path)),
]

/** The sentences of a file: a document whole, of a program its texts of more than one word, without what is computed in them. */
function sentencesOf(path: string): string {
  const text = readFileSync(join(ROOT, path), 'utf8')
  if (!path.endsWith('.ts')) return text
  const code = text.replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '')
  const literals = code.match(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g) ?? []
  return literals.map(literal => literal.replaceAll(/\$\{[^{}]*\}/g, '')).filter(literal => literal.includes(' ')).join('\n') // prettier-ignore
}

describe('texts that people read', () => {
  it('have none of the expressions that docs/language.md replaces, but for the exceptions listed', () => {
    const found = FILES.flatMap(path => {
      const matches = sentencesOf(path).match(NOT_USED) ?? []
      const rest = matches.map(match => match.toLowerCase()).filter(match => !exceptions[path]?.includes(match))
      return rest.map(match => `${path}: ${match}`)
    })
    expect(found).toEqual([])
  })

  it('are read from programs without what is computed in them, and without comments', () => {
    expect(sentencesOf('src/cli/run.ts')).toContain('Settings come from the environment')
    expect(sentencesOf('src/cli/run.ts')).not.toContain('Does what these words ask for')
  })
})
