import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findTool, runTool } from './run-tool.ts'
import { withLibraries } from './runtime.ts'

/** A server binary in the cache and the folders of the libraries fetched with it. */
export interface FetchedServer {
  binary: string
  libraryFolders: string[]
}

const PACKAGES = ['redis-server', 'redis-tools']
// Another libc than the system's own loader would not start; every Debian has one that fits its packages.
const NEVER_FETCHED = /^(libc6|libc-bin|libc6-.*|lib.*perl.*)$/
const TEMPORARY = '.fetching-'
const ABANDONED_AFTER_MS = 3_600_000

/** The server fetched into `place` earlier, if it is there and runs on this machine. */
export async function fetchedServer(place: string): Promise<FetchedServer | null> {
  const binary = join(place, 'usr/bin/redis-server')
  const libraryFolders = await foldersWithLibraries(place)
  const [file, ...args] = withLibraries(binary, libraryFolders)
  return runTool(file, [...args, '--version']).then(
    () => ({ binary, libraryFolders }),
    () => null,
  )
}

/**
 * Fetches Debian's Redis and the libraries this system lacks with the package manager's own download, as any user:
 * lists, cache and packages are in a private folder beside `place`. Nothing is installed. `place` appears whole or
 * not at all, also when several processes fetch at once. Throws when there is no apt-get, or when it fails.
 */
export async function fetchFromDebian(place: string, path: string): Promise<FetchedServer> {
  const [aptGet, dpkgDeb] = [await findTool('apt-get', path), await findTool('dpkg-deb', path)]
  if (!aptGet || !dpkgDeb) throw new Error('this system has no apt-get')
  const parent = join(place, '..')
  await mkdir(parent, { recursive: true })
  await removeAbandoned(parent)
  const work = await mkdtemp(join(parent, TEMPORARY))
  try {
    const unpacked = join(work, 'unpacked')
    await download({ aptGet, dpkgDeb, work, unpacked })
    if (!(await fetchedServer(unpacked))) throw new Error('the fetched Redis does not run on this system')
    return await publish(unpacked, place, join(work, 'replaced'))
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

type Fetching = { aptGet: string; dpkgDeb: string; work: string; unpacked: string }

async function download({ aptGet, dpkgDeb, work, unpacked }: Fetching): Promise<void> {
  const packages = join(work, 'packages')
  for (const folder of ['state/lists/partial', 'cache/archives/partial', 'packages', 'unpacked'])
    await mkdir(join(work, folder), { recursive: true })
  const emptyStatus = join(work, 'nothing-installed')
  await writeFile(emptyStatus, '')
  const apt = (...args: string[]) =>
    runTool(aptGet, [...privateFolders(work), ...args], { cwd: packages, timeoutMs: 120_000 })
  // A third-party list that cannot be read fails the update as a whole; whether ours came shows in the download.
  const updated = await apt('update').then(
    () => undefined,
    (error: unknown) => error,
  )
  try {
    await apt('download', ...PACKAGES, ...(await missingLibraries(apt, emptyStatus)))
  } catch (error) {
    throw updated ?? error
  }
  for (const file of await readdir(packages)) await runTool(dpkgDeb, ['-x', join(packages, file), unpacked])
}

/** Leaves the system's record of what is installed where it is: from it apt knows which libraries are missing. */
function privateFolders(work: string): string[] {
  const settings = [
    `Dir::State=${work}/state`,
    'Dir::State::status=/var/lib/dpkg/status',
    `Dir::Cache=${work}/cache`,
    'APT::Sandbox::User=', // As root, apt would drop to a user who cannot write here.
    'Acquire::Languages=none',
    'Acquire::Retries=2',
    'Acquire::http::Timeout=20',
    'Acquire::https::Timeout=20',
  ]
  return settings.flatMap(setting => ['-o', setting])
}

/**
 * The libraries that installing would add or upgrade. A system whose own dependencies are broken gets no such plan;
 * there it is the plan for an empty system, so every library but libc comes along.
 */
async function missingLibraries(apt: (...args: string[]) => Promise<string>, emptyStatus: string): Promise<string[]> {
  const install = ['--simulate', '--no-install-recommends', 'install', ...PACKAGES]
  const plan = await apt(...install).catch(() => apt('-o', `Dir::State::status=${emptyStatus}`, ...install))
  const names = [...plan.matchAll(/^Inst (\S+)/gm)].map(match => match[1] ?? '')
  return names.filter(name => /^(lib|lua-)/.test(name) && !NEVER_FETCHED.test(name))
}

/** Puts the folder in its place at one stroke. Where another process was first, and its copy runs, that one stays. */
async function publish(unpacked: string, place: string, replaced: string): Promise<FetchedServer> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const moved = await rename(unpacked, place).then(
      () => true,
      () => false,
    )
    const server = await fetchedServer(place)
    if (server) return server
    if (!moved) await rename(place, `${replaced}-${attempt}`).catch(() => {})
  }
  throw new Error(`the fetched Redis could not be put into ${place}`)
}

async function foldersWithLibraries(place: string): Promise<string[]> {
  const found: string[] = []
  for (const base of [join(place, 'usr/lib'), join(place, 'lib')]) {
    const below = (await readdir(base).catch(() => [])).map(name => join(base, name))
    for (const folder of [base, ...below]) {
      const files = await readdir(folder).catch(() => [])
      if (files.some(file => file.includes('.so'))) found.push(folder)
    }
  }
  return found
}

/** What a fetch that was killed left behind. */
async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(TEMPORARY)) continue
    const folder = join(parent, name)
    const seen = await stat(folder).catch(() => null)
    if (seen && Date.now() - seen.mtimeMs > ABANDONED_AFTER_MS) await rm(folder, { recursive: true, force: true })
  }
}
