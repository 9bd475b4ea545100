import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { withEdit, type Mutant } from './mutant.ts'

interface Script {
  name: string
  source: string
  sha: string
}

/** The switch of a process: which mutant is on, and which ones are met. */
export interface Switch {
  /** 0: none. */
  active: number
  passes: number
  passesAtMost: number
  /** Mutants met since it was last emptied; null: not noted. */
  met: Set<number> | null
  /** Scripts run since it was last emptied. */
  scripts: Set<string>
  /** How a script is run while the active mutant is in it. */
  script: (script: Script) => Script
}

/** Makes the switch and puts it where instrumented code finds it: `__mutant(id)` is true for the one that is on. */
export function installSwitch(root: string, mutants: readonly Mutant[]): Switch {
  const files = [...new Set(mutants.map(({ file }) => file))].filter(file => file.endsWith('.lua'))
  const scripts = files.map(file => ({ file, source: readFileSync(join(root, file), 'utf8') }))
  const state: Switch = {
    active: 0,
    passes: 0,
    passesAtMost: Number.POSITIVE_INFINITY,
    met: null,
    scripts: new Set(),
    script: original => {
      const parts = scripts.filter(({ source }) => original.source.includes(source))
      for (const { file } of parts) state.scripts.add(file)
      const mutant = mutants[state.active - 1]
      const part = parts.find(({ file }) => file === mutant?.file)
      if (part === undefined || mutant === undefined) return original
      const source = original.source.replace(part.source, () => withEdit(part.source, mutant.edit))
      return { name: original.name, source, sha: createHash('sha1').update(source).digest('hex') }
    },
  }
  const isOn = (id: number): boolean => {
    state.met?.add(id)
    if (++state.passes > state.passesAtMost) throw new Error('the mutant has run away')
    return state.active === id
  }
  Object.assign(globalThis, { __mutant: isOn, __mutantScript: (script: Script) => state.script(script) })
  return state
}
