import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesBelow } from './files.ts'
import { mutateLua } from './mutate-lua.ts'
import { mutateTypeScript } from './mutate-typescript.ts'
import { numbered, type Mutant } from './mutant.ts'
import { siblingsIn } from './sibling-texts.ts'

/** Every mutant of these files, numbered from 1 on; the same for the same files. */
export function findMutants(root: string, files: readonly string[]): Mutant[] {
  const read = (file: string) => readFileSync(join(root, file), 'utf8')
  const typed = filesBelow(root, ['src/domain', 'src/jobs', 'src/store', 'src/platforms', 'src/gateways'])
  const siblings = siblingsIn(typed.filter(file => file.endsWith('.ts')).map(file => [file, read(file)] as const))
  const mutants: Mutant[] = []
  for (const file of files) {
    const source = read(file)
    const found = file.endsWith('.lua') ? mutateLua(source) : mutateTypeScript(file, source, siblings)
    mutants.push(...numbered(file, source, found, mutants.length + 1))
  }
  return mutants
}
