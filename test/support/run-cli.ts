import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { endWithTests } from './end-with-tests.ts'
import { eventually } from './eventually.ts'

const COMMAND = join(import.meta.dirname, '../../src/cli/order-sync.js')

export interface CliOptions {
  /** Besides PATH and HOME nothing reaches it. */
  env?: Record<string, string>
  /** Where it runs; a folder without a `.env` file unless told. */
  cwd?: string
  /** What it reads from standard input; nothing unless told. */
  input?: string
  /** Runs the command as it is shipped, also where tests have compiled it: see `build-daemons.ts`. */
  isShipped?: boolean
}

export interface CliResult {
  code: number | null
  out: string
  err: string
}

/** `order-sync` as a real process that goes on until it is told to stop. */
export interface RunningCli {
  pid: number
  /** All it has written so far. */
  out(): string
  err(): string
  signal(signal: NodeJS.Signals): void
  ended: Promise<CliResult>
}

/** Starts `order-sync`, as it is shipped, with these arguments. */
export function startCli(
  args: readonly string[],
  { env = {}, cwd = tmpdir(), input = '', isShipped = true }: CliOptions = {},
): RunningCli {
  const { PATH = '', HOME = '', ORDER_SYNC_BUILT: built } = process.env
  const command = isShipped || built === undefined ? COMMAND : join(built, 'src/cli/main.js')
  const child = spawn(process.execPath, [command, ...args], { cwd, env: { PATH, HOME, ...env } })
  endWithTests(child)
  const texts = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.err += text))
  child.stdin.on('error', () => {}) // It may have ended without reading.
  child.stdin.end(input)
  const ended = new Promise<CliResult>(resolve => child.once('close', code => resolve({ code, ...texts })))
  return {
    pid: child.pid!,
    out: () => texts.out,
    err: () => texts.err,
    signal: signal => void child.kill(signal),
    ended,
  }
}

/** Runs `order-sync` to its end. */
export const runCli = (args: readonly string[], options?: CliOptions): Promise<CliResult> =>
  startCli(args, { isShipped: false, ...options }).ended

/** Waits until it has written what matches, and gives the match; throws with all it wrote when it does not in time. */
export const written = (running: RunningCli, pattern: RegExp, withinMs = 60_000): Promise<RegExpExecArray> =>
  eventually(
    () => {
      const match = pattern.exec(running.out())
      if (match === null) throw new Error(`${pattern} was not written, but:\n${running.out()}${running.err()}`)
      return match
    },
    { withinMs },
  )
