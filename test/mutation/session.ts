import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readLines, type Ended, type Job, type Line, type Measured, type Trial } from './job.ts'

const VITEST = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/mutation/vitest.config.ts']
const POLL_MS = 100

interface Ran {
  lines: Line[]
  output: string
}

interface Watcher {
  /** How long it may be silent, given the lines so far. */
  silenceMs: (lines: readonly Line[]) => number
  /** Gets each line once. */
  onLine: (line: Line) => void
}

/** Runs one job in a process of its own, and ends that when it was silent for too long. */
async function runJob(root: string, job: Omit<Job, 'results'>, { silenceMs, onLine }: Watcher): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), 'order-sync-mutation-'))
  const [path, results] = [join(folder, 'job.json'), join(folder, 'results')]
  writeFileSync(path, JSON.stringify({ ...job, results }))
  writeFileSync(results, '')
  const env = { ...process.env, MUTATION_JOB: path, NO_COLOR: '1' }
  const child = spawn(process.execPath, VITEST, { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => output.push(String(bytes)))
  // Its workers are of its group, and end with it.
  const end = () => process.kill(-(child.pid ?? 0), 'SIGKILL')
  process.once('exit', end)
  let [size, since, lines] = [0, Date.now(), [] as Line[]]
  const readOn = () => {
    const now = statSync(results).size
    if (now === size) return
    const known = lines.length
    ;[size, since, lines] = [now, Date.now(), readLines(results)]
    for (const line of lines.slice(known)) onLine(line)
  }
  const watch = setInterval(() => {
    readOn()
    if (Date.now() - since > silenceMs(lines)) end()
  }, POLL_MS)
  await new Promise(resolve => child.once('close', resolve))
  clearInterval(watch)
  process.off('exit', end)
  readOn()
  rmSync(folder, { recursive: true })
  return { lines, output: output.join('') }
}

/** What all processes of one area have in common. */
export type Common = Pick<Job, 'mutants' | 'needsRedis' | 'seed'>

const WHILE_MEASURED: Watcher = { silenceMs: () => 300_000, onLine: () => {} }

/** Runs each test file once without a mutant. Rejects when one cannot be run. */
export async function measure(root: string, common: Common, tests: string[]): Promise<Measured[]> {
  const { lines, output } = await runJob(root, { ...common, does: 'measure', tests, trials: [] }, WHILE_MEASURED)
  const measured = lines.filter(line => line.what === 'measured')
  if (measured.length < tests.length) throw new Error(`${tests[measured.length]} was not run\n${output}`)
  return measured
}

/** Tries mutants one after the other, in as many processes as they wear out; hands out each result as it comes. */
export async function tryAll(
  root: string,
  common: Common,
  trials: readonly Trial[],
  onEnded: (ended: Ended) => void,
): Promise<void> {
  let left = [...trials]
  while (left.length > 0) {
    const done = new Set<number>()
    const note = (one: Ended) => {
      done.add(one.id)
      onEnded(one)
    }
    const { lines, output } = await runJob(
      root,
      { ...common, does: 'try', tests: [], trials: left },
      {
        silenceMs: lines => silenceOf(left, lines),
        onLine: line => {
          if (line.what === 'ended') note(line)
        },
      },
    )
    const last = lines.at(-1)
    if (last?.what === 'started') note({ what: 'ended', id: last.id, killedBy: 'the process hung or ended' })
    if (done.size === 0) throw new Error(`no mutant was tried\n${output}`)
    left = left.filter(({ id }) => !done.has(id))
  }
}

/** A mutant's tests may take ten times as long as they do without it, and loading half a minute; starting up, five. */
function silenceOf(trials: readonly Trial[], lines: readonly Line[]): number {
  const last = lines.at(-1)
  if (last === undefined) return 300_000
  const trial = last?.what === 'started' ? trials.find(({ id }) => id === last.id) : undefined
  return 30_000 + 10 * (trial?.runs ?? []).reduce((sum, { ms }) => sum + ms, 0)
}
