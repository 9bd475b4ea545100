/** A piece of a text: from the first offset up to, and without, the second. */
export interface Span {
  from: number
  to: number
}

/**
 * Where any of the values occurs in the text, whatever its case and however its spaces are written (blanks or `+`): for every end of an
 * occurrence the longest value that ends there, in the order of their ends. Time grows with the text and with the values, never with
 * their product, however alike they are: the text becomes a suffix automaton, and each value is read through it once.
 */
export function findValues(text: string, values: Iterable<string>): Span[] {
  const { units, starts, ends } = foldWithOffsets(text)
  const { states, prefixes } = automatonOf(units)
  const longest = states.map(() => 0)
  for (const value of values) {
    const form = fold(value).trim()
    const state = /[\p{L}\p{N}]/u.test(form) ? stateAfter(states, form) : undefined
    if (state !== undefined) longest[state] = Math.max(longest[state]!, form.length)
  }
  // What a state lacks, a shorter end of it may have.
  const byLength = states.map((_, i) => i).toSorted((a, b) => states[a]!.length - states[b]!.length)
  for (const state of byLength) longest[state] ||= longest[states[state]!.link] ?? 0
  return prefixes.flatMap((state, last) => {
    const length = longest[state]!
    return length === 0 ? [] : [{ from: starts[last + 1 - length]!, to: ends[last]! }]
  })
}

/** One spelling for all cases of a text, its letters without their marks joined to them, and one space for each run of blanks. */
const fold = (text: string): string =>
  text
    .toUpperCase()
    .toLowerCase()
    .normalize('NFD')
    .replaceAll('ς', 'σ')
    .replace(/[\s+]+/g, ' ')

/** The folded text, and where each unit of it begins and ends in the text. */
function foldWithOffsets(text: string): { units: string; starts: number[]; ends: number[] } {
  let units = ''
  const [starts, ends]: [number[], number[]] = [[], []]
  for (const { 0: part, index } of text.matchAll(/[\s+]+|[^]/gu)) {
    const folded = fold(part)
    units += folded
    for (let i = 0; i < folded.length; i++) {
      starts.push(index)
      ends.push(index + part.length)
    }
  }
  return { units, starts, ends }
}

/** `length`: of the longest piece of text that leads to this state; `link`: the state of the longest end of it that is another state. */
interface State {
  next: Map<number, number>
  link: number
  length: number
}

/** The state that a value leads to; undefined where the text does not hold it. */
function stateAfter(states: readonly State[], value: string): number | undefined {
  let state: number | undefined = 0
  for (let i = 0; i < value.length && state !== undefined; i++) state = states[state]!.next.get(value.charCodeAt(i))
  return state
}

/** The suffix automaton of a text (Blumer et al., 1985), and the state that each beginning of the text leads to. */
function automatonOf(text: string): { states: State[]; prefixes: number[] } {
  const states: State[] = [{ next: new Map(), link: -1, length: 0 }]
  const prefixes: number[] = []
  let last = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    const added = states.push({ next: new Map(), link: 0, length: i + 1 }) - 1
    let at = last
    for (; at !== -1 && !states[at]!.next.has(unit); at = states[at]!.link) states[at]!.next.set(unit, added)
    if (at !== -1) {
      const target = states[at]!.next.get(unit)!
      states[added]!.link = states[target]!.length === states[at]!.length + 1 ? target : split(states, at, unit)
    }
    prefixes.push(added)
    last = added
  }
  return { states, prefixes }
}

/** Parts the state after `at` in two: the shorter pieces of text, which have just been met once more, get a state of their own. */
function split(states: State[], at: number, unit: number): number {
  const target = states[at]!.next.get(unit)!
  const shorter = states.push({
    next: new Map(states[target]!.next),
    link: states[target]!.link,
    length: states[at]!.length + 1,
  })
  const clone = shorter - 1
  for (let from = at; from !== -1 && states[from]!.next.get(unit) === target; from = states[from]!.link)
    states[from]!.next.set(unit, clone)
  states[target]!.link = clone
  return clone
}
