import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { startEmbeddedRedis } from '../src/embedded-redis/start.ts'

/** A process of ours or of a baseline, started as an operator would start it. */
export interface Process {
  pid: number
  /** CPU milliseconds it has used so far, all its threads; NaN where the system does not tell. */
  cpuMs(): number
  /** Resident memory in MiB: now, and the most it ever was. */
  memoryMiB(): { now: number; most: number }
  /** Asks something of it; it must answer each message with one. */
  ask<Answer>(message: object): Promise<Answer>
  stop(): Promise<void>
}

const TSX = import.meta.resolve('tsx')
/** No .env of the working folder may reach what is measured. */
const emptyFolder = mkdtempSync(join(tmpdir(), 'order-sync-bench-'))
process.once('exit', () => rmSync(emptyFolder, { recursive: true, force: true }))
const profile = process.argv.indexOf('--profile')
const PROFILE_FLAGS = profile === -1 ? [] : ['--cpu-prof', `--cpu-prof-dir=${process.argv[profile + 1]}`]

/** Starts `file` (relative to this folder) and resolves once it says ready. `measured`: it is profiled with `--profile FOLDER`. */
export async function startProcess(file: string, env: Record<string, string> = {}, measured = false): Promise<Process> {
  const child = fork(new URL(file, import.meta.url), {
    execArgv: [...(measured ? PROFILE_FLAGS : []), '--import', TSX],
    cwd: emptyFolder,
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  let last = ''
  child.stdout?.on('data', (text: Buffer) => (last = (last + text.toString()).slice(-2_000)))
  const [message] = (await Promise.race([once(child, 'message'), once(child, 'exit').then(() => ['exited'])])) as [
    unknown,
  ]
  if (message !== 'ready') throw new Error(`${file} did not start: ${last}`)
  const pid = child.pid ?? 0
  return {
    pid,
    cpuMs: () => cpuMs(pid),
    memoryMiB: () => memoryMiB(pid),
    ask: question => ask(child, question),
    stop: () => stop(child),
  }
}

async function ask<Answer>(child: ChildProcess, question: object): Promise<Answer> {
  const answered = once(child, 'message')
  child.send(question)
  return ((await answered) as [Answer])[0]
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const limit = setTimeout(() => child.kill('SIGKILL'), 10_000)
  await exited
  clearTimeout(limit)
}

const TICK_MS = 10

/** Linux tells the CPU time of a process in ticks of 10 ms. */
function cpuMs(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS
  } catch {
    return Number.NaN
  }
}

function memoryMiB(pid: number): { now: number; most: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const read = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1_024
    return { now: read('VmRSS'), most: read('VmHWM') }
  } catch {
    return { now: Number.NaN, most: Number.NaN }
  }
}

/** A Redis of its own for one measurement: append-only, everysec, in a folder that goes with it. */
export async function startRedis(): Promise<BenchRedis> {
  const dataDir = mkdtempSync(join(tmpdir(), 'order-sync-bench-redis-'))
  const server = await startEmbeddedRedis({ dataDir, appendFsync: 'everysec' })
  const client = new Redis(server.url)
  const info = async (section: string, name: string) =>
    new RegExp(`^${name}:(.*)$`, 'm').exec(await client.info(section))?.[1]?.trim() ?? ''
  return {
    url: server.url,
    client,
    cpuMs: () => cpuMs(server.pid),
    usedBytes: async () => Number(await info('memory', 'used_memory')),
    version: () => info('server', 'redis_version'),
    stop: async () => {
      client.disconnect()
      await server.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

export interface BenchRedis {
  url: string
  client: Redis
  cpuMs(): number
  usedBytes(): Promise<number>
  version(): Promise<string>
  stop(): Promise<void>
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Looks every 50 ms until `look` is true; throws after `withinMs`. */
export async function until(look: () => Promise<boolean>, what: string, withinMs = 600_000): Promise<void> {
  for (const giveUpAt = Date.now() + withinMs; !(await look()); await pause(50)) {
    if (Date.now() > giveUpAt) throw new Error(`${what} did not come within ${withinMs / 1_000} s`)
  }
}

export const cores = availableParallelism()
