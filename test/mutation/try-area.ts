import { availableParallelism } from 'node:os'
import { seeded } from '../support/seeded.ts'
import type { Area } from './areas.ts'
import { meantBy, readEquivalents } from './equivalent.ts'
import { filesBelow, testsThatImport } from './files.ts'
import { findMutants } from './find-mutants.ts'
import type { Ended, Measured } from './job.ts'
import type { Mutant } from './mutant.ts'
import type { Options } from './options.ts'
import { planTrials } from './plan-trials.ts'
import type { Tried } from './report.ts'
import { measure, tryAll, type Common } from './session.ts'

/** Where `runScript` is: what imports it may run scripts. */
const SCRIPTS = 'src/store/scripts.ts'

/** The mutants of an area that were chosen by the options, and all of its mutants; those known to be equivalent are left out. */
export interface Choice {
  area: Area
  all: Mutant[]
  chosen: Mutant[]
}

/** Chooses mutants: those of `paths`, all or a sample of them. The same options choose the same. */
export function chooseMutants(root: string, area: Area, { paths, sample, seed }: Options): Choice {
  const isMeant = (file: string) =>
    paths.length === 0 || paths.some(path => file === path || file.startsWith(`${path}/`))
  const files = filesBelow(root, ['src']).filter(file => area.sources.test(file) && isMeant(file))
  const all = findMutants(root, files)
  const equivalent = new Set(readEquivalents().flatMap(entry => meantBy(entry, root, all)))
  const others = all.filter(mutant => !equivalent.has(mutant))
  const chosen = sample === null ? others : seeded(seed).shuffled(others).slice(0, sample)
  return { area, all, chosen: chosen.toSorted((a, b) => a.id - b.id) }
}

/** What became of an area; `failing`: test files that fail without a mutant, and were left out. */
export interface AreaResult {
  tried: Tried[]
  failing: string[]
}

/** Tries the chosen mutants on the tests that reach them. */
export async function tryMutants(
  root: string,
  { area, all, chosen }: Choice,
  options: Options,
  print: (text: string) => void,
): Promise<AreaResult> {
  if (chosen.length === 0) return { tried: [], failing: [] }
  const processes = options.processes ?? availableParallelism() * (area.needsRedis ? 2 : 1)
  const common = { mutants: all, needsRedis: area.needsRedis, seed: options.seed }
  const measured = await measureTests(root, common, testFiles(root, area, all, options.tests), processes)
  const usable = measured.filter(({ failed }) => failed === null)
  const trials = planTrials(chosen, usable)
  const seconds = Math.round(usable.reduce((sum, { ms }) => sum + ms, 0) / 1_000)
  print(`${area.name}: ${chosen.length} mutants, ${usable.length} test files of ${seconds} s`)
  const ended = new Map<number, Ended>()
  const note = (one: Ended) => {
    ended.set(one.id, one)
    if (ended.size % 100 === 0) print(`  ${ended.size} of ${trials.length} tried`)
  }
  await Promise.all(shares(trials, processes).map(share => tryAll(root, common, share, note)))
  const failing = measured.flatMap(({ failed }) => failed ?? [])
  return { tried: chosen.map(mutant => triedOf(mutant, ended.get(mutant.id))), failing }
}

function testFiles(root: string, area: Area, mutants: readonly Mutant[], only: RegExp): string[] {
  const targets = new Set(mutants.map(({ file }) => (file.endsWith('.lua') ? SCRIPTS : file)))
  const tests = filesBelow(root, ['test']).filter(file => area.tests.test(file) && only.test(file))
  return testsThatImport(root, tests, targets)
}

/** Measures each test file; one that fails has a second chance, alone on the machine. */
async function measureTests(root: string, common: Common, tests: string[], processes: number): Promise<Measured[]> {
  const parts = await Promise.all(shares(tests, processes).map(share => measure(root, common, share)))
  const first = parts.flat()
  const failed = first.filter(one => one.failed !== null).map(({ file }) => file)
  const again = failed.length === 0 ? [] : await measure(root, common, failed)
  return [...first.filter(one => one.failed === null), ...again].toSorted((a, b) => (a.file < b.file ? -1 : 1))
}

/** Dealt out like cards, so that each share is as heavy as the next. */
const shares = <T>(items: readonly T[], count: number): T[][] =>
  Array.from({ length: count }, (_, i) => items.filter((_item, at) => at % count === i)).filter(
    share => share.length > 0,
  )

function triedOf(mutant: Mutant, ended: Ended | undefined): Tried {
  if (ended === undefined) return { mutant, verdict: 'not reached', killedBy: null }
  return { mutant, verdict: ended.killedBy === null ? 'survived' : 'killed', killedBy: ended.killedBy }
}
