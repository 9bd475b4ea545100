import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { parseSync } from 'oxc-parser'

/** Every file below these folders of the repository, by path, sorted. */
export function filesBelow(root: string, folders: readonly string[]): string[] {
  const entries = folders.flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true }).map(entry => ({ folder, entry })),
  )
  const files = entries.filter(({ entry }) => entry.isFile())
  return files.map(({ entry }) => join(entry.parentPath, entry.name).slice(root.length + 1)).toSorted()
}

/** Which of `tests` import one of `targets`, directly or through other files of the repository. */
export function testsThatImport(root: string, tests: readonly string[], targets: ReadonlySet<string>): string[] {
  const known = new Map<string, string[]>()
  const importsOf = (file: string) => {
    const found = known.get(file) ?? relativeImports(root, file)
    known.set(file, found)
    return found
  }
  const reaches = (file: string, seen: Set<string>): boolean => {
    if (targets.has(file)) return true
    if (seen.has(file)) return false
    seen.add(file)
    return importsOf(file).some(one => reaches(one, seen))
  }
  return tests.filter(test => reaches(test, new Set()))
}

function relativeImports(root: string, file: string): string[] {
  if (!file.endsWith('.ts')) return []
  const { module } = parseSync(file, readFileSync(join(root, file), 'utf8'))
  const exported = module.staticExports.flatMap(({ entries }) => entries.flatMap(one => one.moduleRequest?.value ?? []))
  const names = [...module.staticImports.map(one => one.moduleRequest.value), ...exported]
  return names.filter(name => name.startsWith('.')).map(name => normalize(join(dirname(file), name)))
}
