import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseSync } from 'oxc-parser'
import { describe, expect, it } from 'vitest'
import { AREAS } from '../mutation/areas.ts'
import { meantBy, readEquivalents } from '../mutation/equivalent.ts'
import { filesBelow } from '../mutation/files.ts'
import { findMutants } from '../mutation/find-mutants.ts'
import { instrument } from '../mutation/instrument.ts'
import type { Measured } from '../mutation/job.ts'
import { describeMutant, numbered, withEdit } from '../mutation/mutant.ts'
import { mutateLua } from '../mutation/mutate-lua.ts'
import { mutateTypeScript } from '../mutation/mutate-typescript.ts'
import { planTrials } from '../mutation/plan-trials.ts'
import { describeScores, scoreOf, type Tried } from '../mutation/report.ts'
import { siblingsIn } from '../mutation/sibling-texts.ts'
import { isLong } from '../support/long.ts'

const root = resolve(import.meta.dirname, '../..')
const noSiblings = () => undefined

/** Every text that a source becomes by one mutation. */
function mutations(source: string, siblings = siblingsIn([['a.ts', source]])): string[] {
  const mutants = numbered('a.ts', source, mutateTypeScript('a.ts', source, siblings), 1)
  return mutants.map(({ edit }) => withEdit(source, edit))
}

const luaMutations = (source: string) =>
  numbered('a.lua', source, mutateLua(source), 1).map(({ edit }) => withEdit(source, edit))

describe('a mutant of TypeScript', () => {
  it.each([
    ['a < b', ['a <= b', 'a >= b']],
    ['a === b', ['a !== b']],
    ['a && b', ['a', 'b', 'a || b']],
    ['a ?? b', ['a', 'b']],
    ['a + b', ['a - b']],
    ['`${a}` + b', []],
    ['!a', ['a']],
    ['true', ['false']],
    ['0', ['1']],
    ['60_000', ['59999', '60001']],
    ['a ? b : c', ['false ? b : c', 'true ? b : c']],
    ['a?.b', ['a.b']],
    ['a.some(b)', ['a.every(b)']],
    ['a.find(b)', ['a.findLast(b)']],
    ['a.filter(b).at(c)', ['a.at(c)']],
    ['Math.min(a, b)', ['Math.max(a, b)']],
    ['a.min(b)', []],
    ["'A sentence for a person.'", []],
    ["f('name')", ["f('')"]],
  ])('of %s changes one thing', (expression, expected) => {
    const [before, after] = ['export const x = (', ')']
    expect(mutations(`${before}${expression}${after}`).toSorted()).toEqual(
      expected.map(one => `${before}${one}${after}`).toSorted(),
    )
  })

  it('leaves types, imports and names of properties alone', () => {
    const source = `import { a } from 'a'\nexport { c } from 'c'\nexport type T = { kind: 'b' | 'c'; n: 1 }\nexport const x = { 'a-b': a as 'b' | 1 }`
    expect(mutations(source)).toEqual([])
  })

  it('drops a statement, but not one that its condition drops already', () => {
    const source = 'export function f(a) {\n  if (a) return b\n  g()\n  return c\n}'
    expect(mutations(source)).toEqual([
      source.replace('if (a)', 'if (false)'),
      source.replace('if (a)', 'if (true)'),
      source.replace('g()', ''),
      source.replace('return c', ''),
    ])
  })

  it('swaps a text for another one of its union', () => {
    const union = "type State = 'open' | 'done'\ntype Next = { do: 'wait' } | { do: 'send' }\n"
    expect(mutations(`${union}export const x = ['open', { do: 'send' }]`)).toEqual([
      `${union}export const x = ['done', { do: 'send' }]`,
      `${union}export const x = ['open', { do: 'wait' }]`,
    ])
  })
})

describe('an instrumented file', () => {
  const source = `
    const seen = []
    const log = value => seen.push(value)
    function f(list, limit) {
      const found = list?.filter(one => one > 0 && one < limit).at(0)
      log(found)
      ;[seen[0], seen[1]] = [seen[1] ?? 'none', seen[0]]
      if (found === undefined) return 'nothing'
      for (const one of list) {
        if (one === 3) continue
        log(one * 2)
      }
      switch (found) {
        case 1:
          return 'one'
        case 2:
          log('two')
          break
        default:
          log(-found)
      }
      let i = 0
      while (i < 2) i += 1
      return [i, seen.length > 3 ? 'many' : 'few', String(seen)]
    }
    return [f(null, 3), f([2, 3], 3), f([1], 5), f([0, 4], 5)]
  `
  const program = `export function run() {${source}}`
  const mutants = numbered('a.ts', program, mutateTypeScript('a.ts', program, noSiblings), 1)

  /** What a program returns or throws; `on`: the mutant that is switched on. */
  function outcome(text: string, on: number): string {
    let passes = 0
    const isOn = (id: number) => {
      if (++passes > 10_000) throw new Error('ran away')
      return id === on
    }
    const body = `${text.replace('export function run', 'function run')}\nreturn run()`
    try {
      // oxlint-disable-next-line no-implied-eval, typescript/no-implied-eval -- what is tested is text that becomes a program
      return JSON.stringify(new Function('globalThis', body)({ __mutant: isOn }))
    } catch (error) {
      return String(error)
    }
  }

  it('does what the file does while no mutant is on', () => {
    expect(outcome(instrument('a.ts', program, mutants), 0)).toBe(outcome(program, 0))
  })

  it('does what a file with that one change does while a mutant is on', () => {
    const instrumented = instrument('a.ts', program, mutants)
    const isEndless = (edit: { text: string }, line: string) => line.includes('while') && edit.text !== 'false'
    const different = mutants.filter(({ id, line, edit }) => {
      if (isEndless(edit, program.split('\n')[line - 1] ?? '')) return false
      return outcome(instrumented, id) !== outcome(withEdit(program, edit), 0)
    })
    expect(mutants.length).toBeGreaterThan(50)
    expect(different.map(mutant => describeMutant(program, mutant))).toEqual([])
  })
})

describe('a mutant of a Lua script', () => {
  it.each([
    [
      'if a == b then c() end',
      ['if a ~= b then c() end', 'if false then c() end', 'if true then c() end', 'if a == b then  end'],
    ],
    ["redis.call('ZADD', KEYS[2], now)", ['', "redis.call('ZREM', KEYS[2], now)", "redis.call('ZADD', KEYS[3], now)"]],
    ['local a = b - 1', ['local a = b + 1', 'local a = b - 0', 'local a = b - 2']],
    ['local a = -b', ['local a = b']],
    ["-- a < b\nreturn 'a < b'", []],
    [
      "if a then return { 'go' } end return { 'off' }",
      [
        "if false then return { 'go' } end return { 'off' }",
        "if true then return { 'go' } end return { 'off' }",
        "if a then return { 'off' } end return { 'off' }",
        "if a then return { 'go' } end return { 'go' }",
      ],
    ],
    ['local a = b\na = f(b,\n  c)\nreturn a', ['local a = b\n\nreturn a']],
  ])('of %s changes one thing', (script, expected) => {
    expect(luaMutations(script).toSorted()).toEqual(expected.toSorted())
  })
})

describe('the tests of a mutant', () => {
  const measured = (file: string, more: Partial<Measured>): Measured => ({
    what: 'measured',
    file,
    ms: 5,
    passes: 10,
    failed: null,
    loading: [],
    around: [],
    scripts: [],
    byTest: {},
    ...more,
  })
  const source = 'export const f = (a) => !a'
  const mutants = numbered('src/a.ts', source, mutateTypeScript('src/a.ts', source, noSiblings), 1)
  const runs = (...files: Measured[]) => planTrials(mutants, files).flatMap(trial => trial.runs)

  const met = (ms: number, ...ids: number[]) => ({ ms, met: ids })

  it('are those that reach it', () => {
    const [a, b] = [{ one: met(5, 1), two: met(5, 2) }, { three: met(5, 2) }]
    expect(runs(measured('a', { byTest: a }), measured('b', { byTest: b }))).toMatchObject([
      { file: 'a', tests: ['one'], reload: false },
    ])
  })

  it('are run one by one where they are slow', () => {
    const byTest = { quick: met(5, 1), slow: met(500, 1), alsoQuick: met(1, 1) }
    expect(runs(measured('a', { byTest })).map(({ tests }) => tests)).toEqual([['quick', 'alsoQuick'], ['slow']])
  })

  it('are all of a file that reaches it in a hook', () => {
    const byTest = { one: met(5, 1), two: met(5) }
    expect(runs(measured('a', { around: [1], byTest }))).toMatchObject([{ tests: ['one', 'two'], reload: false }])
  })

  it('load all files again where it is reached while they load', () => {
    const byTest = { one: met(5) }
    expect(runs(measured('a', { loading: [1], byTest }))).toMatchObject([{ tests: null, reload: true }])
  })

  it('of a script are those of every file that runs it', () => {
    const lua = numbered('src/a.lua', 'return 1', mutateLua('return 1'), 1)
    const byTest = { one: met(5) }
    const trials = planTrials(lua, [measured('a', { scripts: ['src/a.lua'], byTest }), measured('b', { byTest })])
    expect(trials.map(({ id, runs: all }) => [id, all.map(({ file }) => file)])).toEqual([
      [1, ['a']],
      [2, ['a']],
    ])
  })
})

describe('the report', () => {
  const source = 'export const f = (a) => a < 1'
  const [first, ...others] = numbered('a.ts', source, mutateTypeScript('a.ts', source, noSiblings), 1)
  const tried: Tried[] = [
    { mutant: first!, verdict: 'survived', killedBy: null },
    ...others.map(mutant => ({ mutant, verdict: 'killed' as const, killedBy: 'a test' })),
  ]

  it('counts a mutant that no test noticed against the score', () => {
    expect(scoreOf(tried)).toEqual({ mutants: 4, killed: 3, survived: 1, score: 75 })
  })

  it('names each survivor with its place and its change, and each file with its score', () => {
    const text = describeScores(tried, () => source)
    expect(text).toContain('a.ts:1  comparison: a < 1 → a <= 1')
    expect(text).toMatch(/^a\.ts +4 +3 +1 +75\.0 %$/m)
    expect(text).toMatch(/^total +4 +3 +1 +75\.0 %$/m)
  })
})

describe('test/mutation', () => {
  it.each(AREAS)('has files and tests in the area $name', ({ sources, tests }) => {
    expect(filesBelow(root, ['src']).filter(file => sources.test(file))).not.toEqual([])
    expect(filesBelow(root, ['test']).filter(file => tests.test(file))).not.toEqual([])
  })

  it.runIf(isLong)('makes a file that can be parsed of every file that is mutated', () => {
    const files = filesBelow(root, ['src/domain', 'src/jobs']).filter(file => file.endsWith('.ts'))
    const broken = files.filter(file => {
      const source = readFileSync(resolve(root, file), 'utf8')
      const mutants = numbered(file, source, mutateTypeScript(file, source, noSiblings), 1)
      const { errors } = parseSync(file, instrument(file, source, mutants))
      return errors.length > 0
    })
    expect(files.length).toBeGreaterThan(20)
    expect(broken).toEqual([])
  })

  it('lists as equivalent only mutants that still exist, each with a reason', () => {
    const entries = readEquivalents()
    const mutants = findMutants(root, [...new Set(entries.map(({ file }) => file))])
    const stale = entries.filter(entry => meantBy(entry, root, mutants).length !== 1 || entry.reason.length < 20)
    expect(stale).toEqual([])
  })
})
