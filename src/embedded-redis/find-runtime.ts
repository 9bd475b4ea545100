import { homedir } from 'node:os'
import { join } from 'node:path'
import { AppError } from '../errors.ts'
import { fetchedServer, fetchFromDebian } from './fetch-debian.ts'
import { installCommand, systemRelease } from './install-advice.ts'
import { findTool, inheritedPath } from './run-tool.ts'
import { containerRuntime, programRuntime } from './runtime.ts'
import type { Runtime } from './runtime.ts'

type Where = { path?: string | undefined; cacheDir?: string | undefined; say: (line: string) => void }

/**
 * Finds a way to run Redis: a server on PATH, one fetched earlier, one fetched now, a container, in this order.
 * Throws `redis-missing`, one sentence with the command to type, when there is none; why each failed is its cause.
 */
export async function findRuntime({ path, cacheDir, say }: Where): Promise<Runtime> {
  const release = await systemRelease()
  if (process.platform === 'win32') throw missing(release.family, [])
  const search = path ?? (await inheritedPath())
  const installed = (await findTool('redis-server', search)) ?? (await findTool('valkey-server', search))
  if (installed) return programRuntime(installed)
  const place = cachePlace(cacheDir ?? join(homedir(), '.cache', 'order-sync'), release)
  const cached = await fetchedServer(place)
  if (cached) return programRuntime(cached.binary, cached.libraryFolders)
  const failures: unknown[] = []
  try {
    return await fetchNow(place, search, say)
  } catch (error) {
    failures.push(error)
  }
  try {
    const docker = await findTool('docker', search)
    if (!docker) throw new Error('there is no docker on PATH')
    return await containerRuntime(docker, say)
  } catch (error) {
    failures.push(error)
  }
  throw missing(release.family, failures)
}

async function fetchNow(place: string, search: string, say: (line: string) => void): Promise<Runtime> {
  if (await findTool('apt-get', search)) say(`No Redis here: fetching one into ${place} (nothing is installed).`)
  const fetched = await fetchFromDebian(place, search)
  say('Fetched.')
  return programRuntime(fetched.binary, fetched.libraryFolders)
}

/** One folder for each kind of system: a home folder may be shared by machines whose libraries differ. */
function cachePlace(cacheDir: string, release: { id: string; version: string }): string {
  return join(
    cacheDir,
    ['redis', release.id || process.platform, release.version, process.arch].filter(Boolean).join('-'),
  )
}

function missing(family: string, failures: unknown[]): AppError {
  const command = installCommand(process.platform, family, process.getuid?.() === 0)
  const message = `No Redis was found here and none could be fetched; get one with: ${command}`
  return new AppError('redis-missing', message, {
    cause: new AggregateError(failures, failures.join('; ')),
  })
}
