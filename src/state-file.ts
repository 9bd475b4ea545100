import { closeSync, constants, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs' // prettier-ignore
import { join, resolve } from 'node:path'
import { z } from 'zod'
import type { Remembered } from './domain/rollback.ts'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants
/** What a writer leaves behind that died is another's after so long. */
const LEFT_MS = 10_000

const STATE = z.object({ v: z.literal(1), epoch: z.string(), count: z.number(), at: z.number() })

/** Where the epoch and the count of one namespace are kept outside Redis. Several processes may share it: a count only rises. */
export interface StateFile {
  path: string
  /** Null where nothing was written yet. */
  read(): Remembered | null
  /** Writes it, unless as much of that epoch is written already or another process writes at this moment. Throws where it cannot. */
  write(state: Remembered): void
}

/** Opens the file, making its folder for this user alone; throws where it cannot be written or read. */
export function openStateFile(folder: string, namespace: string): StateFile {
  const path = join(resolve(folder), `${namespace}.state.json`)
  const fresh = `${path}.new`
  mkdirSync(folder, { recursive: true, mode: 0o700 })

  /** The new file is the lock as well: only one process can make it. */
  function create(): number | null {
    try {
      return openSync(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (Date.now() - (statSync(fresh, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) > LEFT_MS) rmSync(fresh, { force: true }) // prettier-ignore
      return null
    }
  }

  function write(state: Remembered): void {
    const file = create()
    if (file === null) return
    try {
      const before = read(path)
      if (before?.epoch === state.epoch && before.count >= state.count) return rmSync(fresh, { force: true })
      writeSync(file, `${JSON.stringify({ v: 1, ...state })}\n`)
      fsyncSync(file)
      renameSync(fresh, path)
      syncFolder(resolve(folder))
    } catch (error) {
      rmSync(fresh, { force: true })
      throw error
    } finally {
      closeSync(file)
    }
  }

  const file = create()
  if (file !== null) {
    closeSync(file)
    rmSync(fresh, { force: true })
  }
  read(path)
  return { path, read: () => read(path), write }
}

function read(path: string): Remembered | null {
  let file: number
  try {
    file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  try {
    const { epoch, count, at } = STATE.parse(JSON.parse(readFileSync(file, 'utf8')))
    return { epoch, count, at }
  } catch (error) {
    throw new Error(`${path} cannot be read; remove it if Redis was not restored since it was written`, {
      cause: error,
    })
  } finally {
    closeSync(file)
  }
}

/** So that the new name is on disk too; not every file system can. */
function syncFolder(folder: string): void {
  try {
    const file = openSync(folder, O_RDONLY)
    fsyncSync(file)
    closeSync(file)
  } catch {
    // The next write tries again.
  }
}
