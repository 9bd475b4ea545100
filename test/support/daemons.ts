import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { endWithTests } from './end-with-tests.ts'
import { stateDir } from './state-dir.ts'

const ROOT = join(import.meta.dirname, '../..')
const LOADER = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href

/**
 * What Node.js is given to run a worker: of another version from its sources; else as `build-daemons.ts` compiled it, or where nothing
 * did, from its source.
 */
function programOf(name: DaemonName, sources?: string): string[] {
  const built = process.env.ORDER_SYNC_BUILT
  return built === undefined || sources !== undefined
    ? ['--import', LOADER, join(sources ?? ROOT, 'workers', `${name}.ts`)]
    : [join(built, 'workers', `${name}.js`)]
}

export type DaemonName = 'ingress' | 'order-sync' | 'alerts' | 'scheduler' | 'ops'
export type Env = Record<string, string>

/** How a process ended, and how long that took from the signal, in milliseconds. */
export interface Ending {
  code: number | null
  signal: NodeJS.Signals | null
  tookMs: number
}

/** One worker of the project as a real process. */
export interface Daemon {
  readonly name: DaemonName
  readonly pid: number
  /** Everything it has written so far, standard output and error. */
  output(): string
  hasEnded(): boolean
  signal(signal: NodeJS.Signals): void
  /** Sends a signal and resolves when the process and its output have ended. */
  stop(signal?: NodeJS.Signals): Promise<Ending>
}

type Started = Daemon & { ready: Promise<boolean> }

/** Durations short enough for a test: a lost lock, a sweep, a back-off or a probe is a matter of a second or less. */
export const QUICK: Env = {
  ORDER_SYNC_CONCURRENCY: '20',
  ORDER_SYNC_SETTLE_MS: '50',
  ORDER_SYNC_LOCK_MS: '3000',
  ORDER_SYNC_STALLED_MS: '1000',
  ORDER_SYNC_STUCK_MS: '5000',
  PUSH_TIMEOUT_MS: '1500',
  PUSH_DOUBT_MS: '1500',
  BACKOFF_MIN_MS: '50',
  BACKOFF_MAX_MS: '1000',
  BREAKER_PROBE_MS: '500',
  DENIED_PROBE_MS: '500',
  SWEEP_MS: '500',
  METRICS_MS: '500',
  DRAIN_MS: '5000',
}

/** Starts a worker and resolves when it says `ready`; throws with its output when it ends before that. */
export async function startDaemon(name: DaemonName, env: Env, sources?: string): Promise<Daemon> {
  const daemon = launch(name, env, sources)
  if (await daemon.ready) return daemon
  // Marked, or the runner would take its stack for ours.
  throw new Error(`${name} ended before it was ready:\n${daemon.output().replaceAll(/^/gm, '| ')}`)
}

/** Runs a worker that is expected to refuse: its exit code and all it wrote. One that starts after all is stopped, code null. */
export async function runRefusing(name: DaemonName, env: Env): Promise<{ code: number | null; output: string }> {
  const daemon = launch(name, env)
  const isReady = await daemon.ready
  const { code } = await daemon.stop('SIGKILL')
  return { code: isReady ? null : code, output: daemon.output() }
}

/** Only the given environment, and a working folder without a `.env` file: nothing of the machine reaches a test. */
function launch(name: DaemonName, env: Env, sources?: string): Started {
  const child = spawn(process.execPath, programOf(name, sources), {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH ?? '', NODE_ENV: 'test', LOG_LEVEL: 'debug', STATE_DIR: stateDir(), ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  endWithTests(child)
  const written: string[] = []
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding('utf8').on('data', (text: string) => written.push(text))
  let last: Omit<Ending, 'tookMs'> | undefined
  const ended = new Promise<Omit<Ending, 'tookMs'>>(resolve =>
    child.once('close', (code, signal) => resolve((last = { code, signal }))),
  )
  const ready = new Promise<boolean>(resolve => {
    child.once('message', message => resolve(message === 'ready'))
    void ended.then(() => resolve(false))
  })
  return {
    name,
    pid: child.pid!,
    ready,
    output: () => written.join(''),
    hasEnded: () => last !== undefined,
    signal: signal => void child.kill(signal),
    async stop(signal = 'SIGTERM') {
      const sentAt = performance.now()
      child.kill(signal)
      const ending = await ended
      return { ...ending, tookMs: performance.now() - sentAt }
    },
  }
}

/** A port that can be listened on now. Taken beforehand, so that a process that is started again is found where it was. */
export async function freePort(): Promise<number> {
  const server = createServer()
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
  })
  await new Promise(resolve => server.close(resolve))
  return port
}
