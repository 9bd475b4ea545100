import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { tmpdir, uptime } from 'node:os'
import { join } from 'node:path'
import { isAlive } from './is-alive.ts'

const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_TRUNC, O_WRONLY } = constants
const NAME = /^([a-z-]+)-(\d{1,10})(\.new)?$/

/** The last sign of life of one daemon of this machine's user. */
export interface Beat {
  daemon: string
  pid: number
  ageMs: number
}

/** The folder of this user's heartbeats, which no other user may write to; throws where it is not that. */
export function heartbeatFolder(): string {
  const folder = join(tmpdir(), `order-sync-${process.getuid?.() ?? 'user'}`)
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const { mode, uid } = lstatSync(folder)
  const isOurs = process.getuid === undefined || uid === process.getuid()
  if ((mode & constants.S_IFMT) !== constants.S_IFDIR || !isOurs || (mode & 0o022) !== 0)
    throw new Error(`${folder} is not a folder that only this user can write to; remove it, or set TMPDIR to a folder of your own`)
  return folder
} // prettier-ignore

/**
 * Writes down that a daemon makes progress, in a file of this process's own; `end` removes it. Both throw where they cannot.
 * Each beat replaces the file whole, so that a reader never finds it empty.
 */
export function openHeartbeat(daemon: string): { beat(): void; end(): void } {
  const path = join(heartbeatFolder(), `${daemon}-${process.pid}`)
  const fresh = `${path}.new`
  for (const { file, pid } of files()) if (!isAlive(pid)) rmSync(file, { force: true })
  return {
    beat() {
      const file = openSync(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600)
      try {
        writeSync(file, String(uptime()))
      } finally {
        closeSync(file)
      }
      renameSync(fresh, path)
    },
    end: () => [path, fresh].forEach(file => rmSync(file, { force: true })),
  }
}

/** The heartbeats of all daemons of this user that run on this machine. Ages count the machine's uptime, which no clock's step changes. */
export const readHeartbeats = (): Beat[] =>
  files().flatMap(({ file, daemon, pid, isFresh }) => {
    const beatAt = !isFresh && isAlive(pid) ? numberIn(file) : null
    return beatAt === null ? [] : [{ daemon, pid, ageMs: Math.max(0, Math.round((uptime() - beatAt) * 1_000)) }]
  })

const files = () => {
  const folder = heartbeatFolder()
  return readdirSync(folder).flatMap(name => {
    const [, daemon = '', pid = '', fresh] = NAME.exec(name) ?? []
    return daemon === '' ? [] : [{ file: join(folder, name), daemon, pid: Number(pid), isFresh: fresh !== undefined }]
  })
}

/** Null where there is none: the daemon ended meanwhile. */
function numberIn(path: string): number | null {
  try {
    const file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    try {
      const text = readFileSync(file, 'utf8')
      return text === '' || Number.isNaN(Number(text)) ? null : Number(text)
    } finally {
      closeSync(file)
    }
  } catch {
    return null
  }
}
