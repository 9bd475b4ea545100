import { appendFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { startTests } from '@vitest/runner'
import { configureGlobal } from 'fast-check'
import { TestRunner, type RunnerTask, type RunnerTestFile, type RunnerTestSuite } from 'vitest'
import { isSteady } from './areas.ts'
import { readJob, type Line, type TestRun, type Trial } from './job.ts'
import { firstFailure, testsIn, type Failure } from './results.ts'
import { installSwitch } from './switch.ts'
import { forgetModules, isClosedTo, leftOpen } from './worker-state.ts'

const root = resolve(import.meta.dirname, '../..')
const job = readJob()
const mutation = installSwitch(root, job.mutants)
// The same draws for every mutant, and no search for the smallest counter-example: one is enough.
configureGlobal({ seed: job.seed, endOnFailure: true })

const kills = new Map<string, number>()
const record = (line: Line) => appendFileSync(job.results, `${JSON.stringify(line)}\n`)

/** Runs the whole job once its own start has passed: file after file in one process, each loaded once. */
export default class MutationRunner extends TestRunner {
  private isStarted = false
  private chosen: string[] | null = null
  private around = new Set<number>()
  private readonly byTest = new Map<string, { since: number; ms: number; met: Set<number> }>()
  /** True when modules were loaded while a mutant was on. */
  private isStale = false
  private strayErrors: unknown[] = []

  override async onAfterRunSuite(suite: RunnerTestSuite): Promise<void> {
    await super.onAfterRunSuite(suite)
    if (this.isStarted || !('filepath' in suite)) return
    this.isStarted = true
    process.on('unhandledRejection', error => void this.strayErrors.push(error))
    // Nothing of what follows is a result of vitest's own run.
    Object.assign(this, {
      onTaskUpdate: () => {},
      onCollectStart: (file: RunnerTestFile) => super.onCollectStart(file),
      onCollected: (files: RunnerTestFile[]) => this.choose(files),
    })
    if (job.does === 'measure') for (const test of job.tests) await this.measure(test)
    else for (const trial of job.trials) if (!(await this.try(trial))) return
  }

  override onBeforeTryTask(test: RunnerTask): void {
    super.onBeforeTryTask(test)
    if (!this.isStarted || mutation.met === null) return
    const noted = this.byTest.get(test.id) ?? { since: performance.now(), ms: 0, met: new Set() }
    this.byTest.set(test.id, noted)
    mutation.met = noted.met
  }

  override onAfterRunTask(test: RunnerTask): void {
    super.onAfterRunTask(test)
    if (mutation.met !== null) this.noteTime(test)
    // One test that fails is enough.
    if (this.isStarted && test.result?.state === 'fail') this.stopHere(true)
  }

  private noteTime({ id }: RunnerTask): void {
    mutation.met = this.around
    const noted = this.byTest.get(id)
    if (noted !== undefined) noted.ms = Math.round(performance.now() - noted.since)
  }

  /** Leaves out the tests that do not reach the mutant. */
  private choose(files: RunnerTestFile[]): void {
    if (mutation.met !== null) mutation.met = this.around
    for (const test of files.flatMap(testsIn)) if (this.chosen?.includes(test.id) === false) test.mode = 'skip'
  }

  private async measure(file: string): Promise<void> {
    const loading = (mutation.met = new Set())
    this.around = new Set()
    this.byTest.clear()
    mutation.scripts.clear()
    mutation.passes = 0
    const began = performance.now()
    const failure = await this.run({ file, tests: null, reload: true, ms: 0 })
    mutation.met = null
    record({
      what: 'measured',
      file,
      ms: Math.round(performance.now() - began),
      passes: mutation.passes,
      failed: failure === null ? null : `${file} > ${failure.description}`,
      loading: [...loading],
      around: [...this.around],
      scripts: [...mutation.scripts],
      byTest: Object.fromEntries([...this.byTest].map(([id, { ms, met }]) => [id, { ms, met: [...met] }])),
    })
  }

  /** False when the process is no longer fit for another mutant: this one has left something behind. */
  private async try(trial: Trial): Promise<boolean> {
    record({ what: 'started', id: trial.id })
    const before = leftOpen()
    let killedBy: string | null = null
    for (const run of mostDeadlyFirst(trial.runs)) {
      const failure = await this.runMutated(trial, run)
      if (failure === null || !(await this.isConfirmed(trial, run, failure))) continue
      killedBy = `${run.file} > ${failure.description}`
      kills.set(nameOf(run), (kills.get(nameOf(run)) ?? 0) + 1)
      break
    }
    record({ what: 'ended', id: trial.id, killedBy })
    return killedBy === null || (await isClosedTo(before))
  }

  private async runMutated({ id, passesAtMost }: Trial, run: TestRun): Promise<Failure | null> {
    Object.assign(mutation, { active: id, passes: 0, passesAtMost })
    const failure = await this.run(run)
    Object.assign(mutation, { active: 0, passes: 0, passesAtMost: Number.POSITIVE_INFINITY })
    this.isStale = run.reload
    return failure
  }

  /** What waits for a clock may fail for want of time alone: it must fail again. */
  private async isConfirmed(trial: Trial, run: TestRun, { test, description }: Failure): Promise<boolean> {
    if (isSteady(run.file) && !description.includes('timed out')) return true
    return (await this.runMutated(trial, { ...run, tests: test === null ? run.tests : [test] })) !== null
  }

  /** Runs one test file; answers what failed first. */
  private async run({ file, tests, reload }: TestRun): Promise<Failure | null> {
    const path = resolve(root, file)
    forgetModules(module => reload || this.isStale || module === path)
    this.isStale = false
    this.chosen = tests
    this.strayErrors = []
    this.stopHere(false)
    const [result] = await startTests([path], this)
    if (result === undefined) return { test: null, description: 'no result' }
    const [stray] = this.strayErrors.map(error => ({ test: null, description: `outside any test: ${String(error)}` }))
    return firstFailure(result) ?? stray ?? null
  }

  private stopHere(stop: boolean): void {
    Object.assign(this, { cancelRun: stop })
  }
}

/** The runs by kills a second so far, so that most mutants end early; the verdict does not depend on it. */
function mostDeadlyFirst(runs: readonly TestRun[]): TestRun[] {
  const rate = (run: TestRun) => ((kills.get(nameOf(run)) ?? 0) + 1) / (run.ms + OVERHEAD_MS)
  return runs.toSorted((a, b) => rate(b) - rate(a))
}

/** What loading a test file again takes. */
const OVERHEAD_MS = 20

/** The quick tests of a file are one run, each slow one another. */
const nameOf = ({ file, tests }: TestRun) => `${file} ${tests?.length === 1 ? tests[0] : ''}`
