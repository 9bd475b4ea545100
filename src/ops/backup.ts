import { createReadStream, createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { z } from 'zod'
import type { Deps } from '../deps.ts'
import { describeDemand } from '../domain/describe-rollback.ts'
import { AppError } from '../errors.ts'
import type { KeyDump } from '../store/backup-store.ts'
import { isoTime } from './iso-time.ts'
import { recordAct, type ActDeps } from './record-act.ts'

const FORMAT = 1
const PAGE = 200

/** The first line of a backup: where it is from, and up to when it holds everything (Redis' milliseconds). */
const HEADER = z.object({
  order_sync_backup: z.literal(FORMAT),
  namespace: z.string(),
  version: z.string(),
  epoch: z.string().nullable(),
  before: z.array(z.string()),
  count: z.number(),
  at: z.number(),
})
type Header = z.infer<typeof HEADER>
const KEY = z.object({ k: z.string(), t: z.number(), d: z.string() })
const END = z.object({ end: z.literal(true), keys: z.number() })

/** Called with how many keys were done. */
type OnProgress = (keys: number) => void

export type BackupDeps = ActDeps & Pick<Deps, 'backups' | 'rollbacks' | 'config'>

/**
 * Writes everything of the namespace into a new file, readable for this user alone; answers how many keys. Throws `conflict` where the file
 * exists; what cannot be written to its end is removed.
 */
export async function writeBackup(
  deps: BackupDeps,
  { file, version, by }: { file: string; version: string; by: string },
  onProgress: OnProgress = () => {},
): Promise<{ file: string; keys: number; at: string }> {
  const { epoch, before, count } = await deps.rollbacks.find()
  const at = await deps.health.now()
  const header: Header = { order_sync_backup: FORMAT, namespace: deps.config.REDIS_NAMESPACE, version, epoch, before: [...before], count, at } // prettier-ignore
  let keys = 0
  async function* lines(): AsyncGenerator<string> {
    yield `${JSON.stringify(header)}\n`
    for await (const page of deps.backups.dumps()) {
      keys += page.length
      onProgress(keys)
      yield page.map(({ key, ttlMs, dump }) => `${JSON.stringify({ k: key, t: ttlMs, d: dump.toString('base64') })}\n`).join('') // prettier-ignore
    }
    yield `${JSON.stringify({ end: true, keys })}\n`
  }
  await writeNew(file, Readable.from(lines()), true)
  await recordAct(deps, { by, act: 'backup', subject: null })
  return { file, keys, at: isoTime(at) }
}

/** Writes a new file, mode 0600; throws `conflict` where there is one. */
export async function writeNew(file: string, from: Readable, zipped: boolean): Promise<void> {
  const to = createWriteStream(file, { flags: 'wx', mode: 0o600 })
  try {
    await (zipped ? pipeline(from, createGzip(), to) : pipeline(from, to))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new AppError('file-exists', `${file} exists; name another file`)
    await rm(file, { force: true })
    throw error
  }
}

/** A backup that was read to its end. */
export interface ReadBackup {
  file: string
  header: Header
  keys: number
}

/** Reads a backup to its end, so that nothing is touched for one that is damaged. Throws `invalid`. */
export async function checkBackup(file: string): Promise<ReadBackup> {
  let header: Header | null = null
  for await (const page of pagesOf(file, found => (header = found)))
    if (page.end !== null) return { file, header: header!, keys: page.end }
  throw damaged(file, 'it has no end')
}

/** The keys of a backup, a page at a time; the last page has `end`, how many keys there are. */
async function* pagesOf(
  file: string,
  onHeader: (header: Header) => void = () => {},
): AsyncGenerator<{ dumps: KeyDump[]; end: number | null }> {
  const input = createReadStream(file)
  const unzipped = input.pipe(createGunzip())
  input.once('error', error => unzipped.destroy(error))
  let [count, isFirst, dumps] = [0, true, [] as KeyDump[]]
  try {
    for await (const line of createInterface({ input: unzipped, crlfDelay: Infinity })) {
      const json: unknown = JSON.parse(line)
      if (isFirst) onHeader(HEADER.parse(json))
      else if (END.safeParse(json).success) {
        const { keys } = END.parse(json)
        if (keys !== count) throw damaged(file, `it has ${count} keys of ${keys}`)
        yield { dumps, end: keys }
        return
      } else {
        const { k, t, d } = KEY.parse(json)
        dumps.push({ key: k, ttlMs: t, dump: Buffer.from(d, 'base64') })
        count += 1
        if (dumps.length === PAGE) {
          yield { dumps, end: null }
          dumps = []
        }
      }
      isFirst = false
    }
  } catch (error) {
    if (error instanceof AppError) throw error
    const { code } = error as NodeJS.ErrnoException
    throw damaged(file, code === 'ENOENT' ? 'there is no such file' : 'it is no backup of order-sync, or of a newer version') // prettier-ignore
  }
}

const damaged = (file: string, why: string) => new AppError('backup-unreadable', `${file}: ${why}; use another backup`) // prettier-ignore

export type RestoreDeps = ActDeps & Pick<Deps, 'backups' | 'rollbacks' | 'config' | 'figures' | 'sourceStore' | 'pushes' | 'refunds' | 'cases'> // prettier-ignore

/**
 * Puts a backup in place of the namespace's data and begins the quarantine, first of all. Throws `conflict` while daemons run, and where
 * data is stored and `replaces` does not say that it may go.
 */
export async function restoreBackup(
  deps: RestoreDeps,
  backup: ReadBackup,
  { replaces, by, onProgress = () => {} }: { replaces: boolean; by: string; onProgress?: OnProgress },
): Promise<{ keys: number; says: string }> {
  const running = [...(await deps.figures.all()).values()].map(({ process }) => process)
  if (running.length > 0)
    throw new AppError('daemons-running', `stop the daemons first: ${running.toSorted().join(', ')}`)
  if (!replaces && !(await deps.backups.isEmpty())) throw new AppError('not-empty', `something is stored in ${deps.config.REDIS_NAMESPACE}; --replace deletes it`) // prettier-ignore
  const { header } = backup
  const before = [...(header.epoch === null ? [] : [header.epoch]), ...header.before]
  const what = { kind: 'quarantine', cause: 'restore-unfinished', until: header.at } as const
  if ((await deps.rollbacks.begin(await deps.rollbacks.find(), { remembered: null, what, before })) === null)
    throw new AppError('daemons-running', 'another process began to work; stop all of them')
  await deps.backups.clear()
  let keys = 0
  for await (const { dumps } of pagesOf(backup.file)) {
    await deps.backups.put(dumps)
    onProgress((keys += dumps.length))
  }
  const sources = await deps.sourceStore.list()
  const now = await deps.health.now()
  // Orders may be missing: no search for one is complete any more.
  for (const { name } of sources) await deps.sourceStore.gap(name, now)
  await deps.pushes.retryAllDirty()
  await deps.cases.wakeAll()
  await deps.refunds.wakeAll()
  await deps.rollbacks.keepQuarantine({ at: now, cause: 'restored', until: header.at })
  await recordAct(deps, { by, act: 'restore', subject: null })
  const asks = describeDemand(header.at, sources.map(({ name }) => name)) // prettier-ignore
  return { keys, says: `${keys} keys of ${isoTime(header.at)} are restored. Start the daemons. ${asks} Then run order-sync quarantine release.` } // prettier-ignore
}
