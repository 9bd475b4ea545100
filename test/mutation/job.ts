import { readFileSync } from 'node:fs'
import type { Mutant } from './mutant.ts'

/** What one process of test runs is to do; it is handed over as a file, named by `MUTATION_JOB`. */
export interface Job {
  /** `measure`: run each test file once, without a mutant, and record what it reaches. `try`: run the trials. */
  does: 'measure' | 'try'
  /** Every mutant, of all files. */
  mutants: Mutant[]
  /** Test files to measure. */
  tests: string[]
  trials: Trial[]
  needsRedis: boolean
  /** What property tests draw from. */
  seed: number
  /** Where results go, a JSON line each. */
  results: string
}

/** One mutant and the tests that reach it; a file with slow tests is several runs. */
export interface Trial {
  id: number
  runs: TestRun[]
  /** After so many passes of any switch it has run away. */
  passesAtMost: number
}

export interface TestRun {
  file: string
  /** Ids of the tests to run; null: all of them. */
  tests: string[] | null
  /** True when the mutant acts while files are loaded: then all are loaded again. */
  reload: boolean
  /** How long this takes without a mutant. */
  ms: number
}

/** What a test file reaches, measured without a mutant. */
export interface Measured {
  what: 'measured'
  file: string
  ms: number
  passes: number
  /** The first thing that failed; null when all passed. */
  failed: string | null
  /** Mutants met while files were loaded. */
  loading: number[]
  /** Mutants met outside any test: in hooks, or after it. */
  around: number[]
  /** Scripts that were run, by path. */
  scripts: string[]
  /** By the id of a test: how long it took, and what it met. */
  byTest: Record<string, { ms: number; met: number[] }>
}

/** `started` without `ended`: the process died or hung in it. */
export type Progress = { what: 'started'; id: number } | Ended

export interface Ended {
  what: 'ended'
  id: number
  /** The test that failed first; null: none did. */
  killedBy: string | null
}

export type Line = Measured | Progress

/** Reads the job of this process. */
export const readJob = (): Job => JSON.parse(readFileSync(process.env.MUTATION_JOB ?? '', 'utf8')) as Job

/** The lines of a results file that are whole. */
export function readLines(path: string): Line[] {
  const whole = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  return whole.map(line => JSON.parse(line) as Line)
}
