import type { Measured, TestRun, Trial } from './job.ts'
import type { Mutant } from './mutant.ts'

const PASSES_AT_LEAST = 1_000_000
/** A slower test is a run of its own, so that a quick one of its file may come first. */
const QUICK_MS = 30

/**
 * Which tests each mutant is tried on: those that reach it. A mutant that is met while files are loaded, or in hooks, is tried on all
 * tests of a file; one that no test reaches has no trial.
 */
export function planTrials(mutants: readonly Mutant[], measured: readonly Measured[]): Trial[] {
  const reaches = measured.map(reachOf)
  return mutants.flatMap(mutant => {
    const reaching = reaches.flatMap(reach => {
      const tests = reach.testsOf(mutant)
      return tests.length === 0
        ? []
        : [{ passes: reach.file.passes, runs: runsOf(reach.file, tests, reach.isLoading(mutant)) }]
    })
    if (reaching.length === 0) return []
    const passes = Math.max(...reaching.map(one => one.passes))
    return { id: mutant.id, runs: reaching.flatMap(({ runs }) => runs), passesAtMost: 20 * passes + PASSES_AT_LEAST }
  })
}

interface TimedTest {
  id: string
  ms: number
}

interface Reach {
  file: Measured
  isLoading(mutant: Mutant): boolean
  /** The tests of the file that reach a mutant. */
  testsOf(mutant: Mutant): TimedTest[]
}

function reachOf(file: Measured): Reach {
  const all = Object.entries(file.byTest).map(([id, { ms, met }]) => ({ id, ms, met: new Set(met) }))
  const [loading, around, scripts] = [file.loading, file.around, file.scripts].map(met => new Set<string | number>(met))
  const isForAll = ({ id, file: source }: Mutant) => loading?.has(id) || around?.has(id) || scripts?.has(source)
  return {
    file,
    isLoading: ({ id }) => loading?.has(id) ?? false,
    testsOf: mutant => (isForAll(mutant) ? all : all.filter(({ met }) => met.has(mutant.id))),
  }
}

function runsOf({ file, ms: wholeMs }: Measured, tests: readonly TimedTest[], isLoading: boolean): TestRun[] {
  // Which tests there are may itself depend on what is loaded.
  if (isLoading) return [{ file, tests: null, reload: true, ms: wholeMs }]
  const quick = tests.filter(({ ms }) => ms <= QUICK_MS)
  const slow = tests.filter(({ ms }) => ms > QUICK_MS)
  const parts = [...(quick.length > 0 ? [quick] : []), ...slow.map(test => [test])]
  return parts.map(part => ({
    file,
    tests: part.map(({ id }) => id),
    reload: false,
    ms: part.reduce((sum, { ms }) => sum + ms, 1),
  }))
}
