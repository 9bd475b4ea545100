import { withEdit, type Mutant, type Place } from './mutant.ts'
import { parseTypeScript, walk } from './syntax.ts'

interface Spot extends Place {
  mutants: Mutant[]
  inner: Spot[]
}

/**
 * One text that holds a file as it is and all its mutants: where a mutant was made, it asks `__mutant(id)` which of both runs.
 * The file is then transformed and loaded once, and a mutant costs a run of its tests.
 */
export function instrument(file: string, source: string, mutants: readonly Mutant[]): string {
  const spots = new Map<string, Spot>()
  const spotAt = ({ kind, start, end }: Place) => {
    const key = `${start}-${end}-${kind}`
    const spot = spots.get(key) ?? { kind, start, end, mutants: [], inner: [] }
    spots.set(key, spot)
    return spot
  }
  for (const mutant of mutants) spotAt(mutant.place).mutants.push(mutant)
  // What begins with a bracket would go on with the line before it: this code has no semicolons.
  walk(parseTypeScript(file, source), ({ type, start, end }) => {
    if (type === 'ExpressionStatement') spotAt({ kind: 'statement', start, end })
  })
  const body = render(source, 0, source.length, nested([...spots.values()]))
  return `const __mutant = globalThis.__mutant ?? (() => false);${body}`
}

/** Puts each spot into the one around it. */
function nested(spots: Spot[]): Spot[] {
  const sorted = spots.toSorted(
    (a, b) => a.start - b.start || b.end - a.end || Number(b.kind === 'statement') - Number(a.kind === 'statement'),
  )
  const top: Spot[] = []
  const open: Spot[] = []
  for (const spot of sorted) {
    while (open.length > 0 && (open.at(-1)?.end ?? 0) < spot.end) open.pop()
    const around = open.at(-1)?.inner ?? top
    around.push(spot)
    open.push(spot)
  }
  return top
}

function render(source: string, start: number, end: number, spots: readonly Spot[]): string {
  let at = start
  let text = ''
  for (const spot of spots) {
    text += source.slice(at, spot.start) + switched(source, spot)
    at = spot.end
  }
  return text + source.slice(at, end)
}

function switched(source: string, { kind, start, end, mutants, inner }: Spot): string {
  const original = render(source, start, end, inner)
  const choices = mutants.map(({ id, edit }) => ({ id, text: withEdit(source, edit, start, end) }))
  if (kind === 'statement')
    return `{ ${choices.map(({ id, text }) => `if (__mutant(${id})) { ${text} } else `).join('')}{ ${original} } }`
  return `(${choices.map(({ id, text }) => `__mutant(${id}) ? (${text}) : `).join('')}(${original}))`
}
