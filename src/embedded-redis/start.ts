import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { AppError } from '../errors.ts'
import { claimFolder } from './data-folder.ts'
import { findRuntime } from './find-runtime.ts'
import { keep } from './keeper.ts'
import { runServer } from './run-server.ts'
import type { Runtime } from './runtime.ts'

/** A private Redis on this machine's loopback, which ends when this process ends in whatever way. */
export interface EmbeddedRedis {
  url: string
  host: string
  port: number
  /** Process id of the server; of the container's client where Redis runs in a container. */
  pid: number
  /** Ends the server gracefully, its append-only file flushed; resolves when nothing of it is left running. */
  stop(): Promise<void>
  /** Ends the server with SIGKILL, as a crash would; resolves when nothing of it is left running. */
  kill(): Promise<void>
}

/** How to start an embedded Redis; every field may be left out. */
export interface EmbeddedRedisOptions {
  /** Where data persists, append-only. Left out: a temporary folder, nothing persists. */
  dataDir?: string | undefined
  /** When the append-only file reaches the disk; everysec when left out. */
  appendFsync?: 'always' | 'everysec' | undefined
  /** 0 or left out: a free one. */
  port?: number | undefined
  /** Where a fetched Redis is kept; ~/.cache/order-sync when left out. */
  cacheDir?: string | undefined
  /** The PATH on which programs are looked for; the one our children inherit when left out. */
  path?: string | undefined
  /** Gets a line for a person where something takes long. */
  say?: ((line: string) => void) | undefined
}

const HOST = '127.0.0.1'
const PORT_ATTEMPTS = 5

/**
 * Starts a private Redis and resolves when it answers. It alone does not keep this process alive. Throws AppErrors:
 * `redis-missing`, `redis-port-in-use`, `redis-folder-in-use`, `redis-not-started` (with the end of Redis' log).
 */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions = {}): Promise<EmbeddedRedis> {
  const { dataDir, appendFsync = 'everysec', port = 0, path, cacheDir, say = () => {} } = options
  const runtime = await findRuntime({ path, cacheDir, say })
  if (dataDir === undefined) return onSomePort(port, chosen => startThrowAway(runtime, chosen))
  return onSomePort(port, chosen => startPersistent(runtime, chosen, resolve(dataDir), appendFsync))
}

async function startThrowAway(runtime: Runtime, port: number): Promise<EmbeddedRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'order-sync-redis-'))
  const launch = runtime.launch({ port, folder, settings: settings(['--appendonly', 'no']) })
  try {
    const server = await keep(launch.command, folder)
    return embedded(port, await runServer({ server, port, launch, pidIsRedis: runtime.pidIsRedis }))
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

async function startPersistent(runtime: Runtime, port: number, folder: string, fsync: string): Promise<EmbeddedRedis> {
  const claim = await claimFolder(folder)
  const launch = runtime.launch({ port, folder, settings: settings(['--appendonly', 'yes', '--appendfsync', fsync]) })
  try {
    const server = await keep(launch.command)
    claim.record({ pid: server.pid, port })
    void server.ended.then(claim.release)
    return embedded(port, await runServer({ server, port, launch, pidIsRedis: runtime.pidIsRedis }))
  } catch (error) {
    claim.release()
    throw error
  }
}

/** A job store must refuse writes rather than drop keys, and there is no snapshot besides the append-only file. */
function settings(persistence: string[]): string[] {
  return ['--maxmemory-policy', 'noeviction', '--save', '', ...persistence]
}

function embedded(port: number, server: Pick<EmbeddedRedis, 'pid' | 'stop' | 'kill'>): EmbeddedRedis {
  return { url: `redis://${HOST}:${port}`, host: HOST, port, ...server }
}

/** A free port may be taken by another between our look and Redis' own; then the next one is tried. */
async function onSomePort(port: number, start: (port: number) => Promise<EmbeddedRedis>): Promise<EmbeddedRedis> {
  if (port !== 0) {
    await freePort(port)
    return start(port)
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await freePort(0))
    } catch (error) {
      const isTaken = error instanceof AppError && error.code === 'redis-port-in-use'
      if (!isTaken || attempt === PORT_ATTEMPTS) throw error
    }
  }
}

/** The port itself if it can be listened on (0: any that can); throws `redis-port-in-use` otherwise. */
function freePort(port: number): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const probe = createServer()
    probe.once('error', cause =>
      reject(
        new AppError('redis-port-in-use', `Port ${port} of ${HOST} cannot be used: ${cause.message}`, {
          cause,
        }),
      ),
    )
    probe.listen(port, HOST, () => {
      const address = probe.address()
      probe.close(() => resolvePort(typeof address === 'object' && address ? address.port : port))
    })
  })
}
