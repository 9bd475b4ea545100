import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Vite } from 'vitest/node'
import { instrument } from './instrument.ts'
import type { Mutant } from './mutant.ts'
import { child, children, parseTypeScript, type Node } from './syntax.ts'

/** Where every script of the program is run. */
const RUNNER = 'src/store/scripts.ts'

/** Hands the tests each mutated file with all of its mutants in it, switched off. */
export function mutationPlugin(root: string, mutants: readonly Mutant[]): Vite.Plugin {
  return {
    name: 'mutation',
    enforce: 'pre',
    load(id) {
      const file = relative(root, id.split('?')[0] ?? '')
      if (file === RUNNER) return withScriptSwitch(readFileSync(join(root, file), 'utf8'))
      const own = file.endsWith('.ts') ? mutants.filter(mutant => mutant.file === file) : []
      return own.length === 0 ? null : instrument(file, readFileSync(join(root, file), 'utf8'), own)
    },
  }
}

/** Lets `runScript` run what the switch makes of the script it was handed. */
function withScriptSwitch(source: string): string {
  const declared = children(parseTypeScript(RUNNER, source), 'body').map(one => child(one, 'declaration') ?? one)
  const run = declared.find(one => child(one, 'id')?.name === 'runScript')
  const parameter = run === undefined ? undefined : children(run, 'params')[1]
  const body: Node | null = run === undefined ? null : child(run, 'body')
  if (parameter === undefined || body === null) throw new Error(`${RUNNER} has no runScript(redis, script, …) any more`)
  const name = String(parameter.name)
  const first = body.start + 1
  return `${source.slice(0, first)} ${name} = globalThis.__mutantScript(${name});${source.slice(first)}`
}
