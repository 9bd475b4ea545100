import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ask } from '../../src/embedded-redis/ask.ts'
import { freePort } from './daemons.ts'
import { endWithTests } from './end-with-tests.ts'

/** One redis-server of a test, with whatever settings it takes. */
export interface RedisServer {
  port: number
  pid(): number
  /** Where it keeps its files. */
  folder: string
  /** Sends one command on a connection of its own; the reply as text. */
  ask(...command: string[]): Promise<string | null>
  signal(signal: NodeJS.Signals): void
  /** Resolves when it has ended without being asked. */
  ended(): Promise<void>
  /** Ends it with SIGKILL and resolves when it has ended. */
  kill(): Promise<void>
  /** Starts it again on the same port and folder after it was killed. */
  restart(): Promise<void>
  /** Ends it and deletes its folder. */
  close(): Promise<void>
}

const SERVER = 'redis-server'
/** Past a limit on the size of files, writing fails as on a full disk; unless it is ignored, a signal ends the process. */
const IGNORING_LIMITS = `trap '' XFSZ; exec "$0" "$@"`
const COMMON = ['--save', '', '--appendonly', 'no', '--bind', '127.0.0.1', '--repl-diskless-sync-delay', '0']
const START_MS = 20_000

/**
 * Starts a redis-server, from PATH or the one that the tests fetched, on a free port and resolves when it answers.
 * `settings` may name its port and folder. A file of settings comes first, as redis-server wants it.
 */
export async function startRedisServer(
  settings: (at: { port: number; folder: string }) => string[] | Promise<string[]> = () => [],
): Promise<RedisServer> {
  const [port, folder] = [await freePort(), await mkdtemp(join(tmpdir(), 'order-sync-server-'))]
  const own = await settings({ port, folder })
  const isSentinel = own.includes('--sentinel')
  const args = isSentinel ? own : ['--port', String(port), '--dir', folder, ...COMMON, ...own]
  let child = launch()

  function launch() {
    const started = spawn('sh', ['-c', IGNORING_LIMITS, SERVER, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    endWithTests(started)
    const ended = new Promise<void>(resolve => started.once('close', () => resolve()))
    started.stdout.resume()
    return { started, ended }
  }

  async function untilItAnswers(): Promise<void> {
    for (const giveUpAt = performance.now() + START_MS; ; await pause(20)) {
      try {
        await ask(port, ['PING'])
        return
      } catch (error) {
        // A server that asks for a password, or for TLS, is there.
        if (error instanceof Error && /NOAUTH|closed/.test(error.message)) return
        if (performance.now() > giveUpAt) throw error
      }
    }
  }

  async function kill(): Promise<void> {
    child.started.kill('SIGKILL')
    await child.ended
  }

  await untilItAnswers()
  return {
    port,
    pid: () => child.started.pid!,
    folder,
    ask: (...command) => ask(port, command, 5_000),
    signal: signal => void child.started.kill(signal),
    ended: () => child.ended,
    kill,
    async restart() {
      child = launch()
      await untilItAnswers()
    },
    async close() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
