import type { Redis } from '../redis/connect.ts'
import { serverTime } from '../redis/primary.ts'
import type { Keys } from './keys.ts'

/** One source, and since when every order of it is known here. Times in Redis' milliseconds. */
export interface SourceRecord {
  name: string
  /** Its first accepted change. */
  firstAt: number
  /** Every order that was sold since then came through the hook, or was sent later. */
  completeSince: number
  /** What says so: its `first-change`, the end of a `gap`, or an operator's name. */
  by: string
}

export type SourceStore = ReturnType<typeof createSourceStore>

/** How long one process trusts that a source is on record: Redis may lose what it confirmed. */
const TRUST_MS = 600_000

/** Which sources create orders, and how far back each is complete: what is older than that may be missing here. */
export function createSourceStore(
  redis: Redis,
  { keys, clock }: { keys: Pick<Keys, 'sources'>; clock?: () => number },
) {
  const seenUntil = new Map<string, number>()

  /** Redis' clock, unless a simulation brings its own. */
  async function now(): Promise<number> {
    return clock === undefined ? serverTime(redis, keys.sources) : clock()
  }

  /** Records the first accepted change of a source: from then on it is complete. Costs nothing once it is on record. */
  async function seen(name: string): Promise<void> {
    if ((seenUntil.get(name) ?? 0) > performance.now()) return
    const at = await now()
    const record: SourceRecord = { name, firstAt: at, completeSince: at, by: 'first-change' }
    await redis.hsetnx(keys.sources, name, JSON.stringify(record))
    seenUntil.set(name, performance.now() + TRUST_MS)
  }

  async function read(name: string): Promise<SourceRecord | null> {
    const text = await redis.hget(keys.sources, name)
    return text === null ? null : (JSON.parse(text) as SourceRecord)
  }

  const write = async (record: SourceRecord): Promise<SourceRecord> => {
    await redis.hset(keys.sources, record.name, JSON.stringify(record))
    return record
  }

  /** An operator states since when a source is complete; null where no change of it was accepted yet. */
  async function complete(name: string, sinceMs: number, by: string): Promise<SourceRecord | null> {
    const record = await read(name)
    return record === null ? null : write({ ...record, completeSince: sinceMs, by })
  }

  /** Changes of a source are missing up to `at`: it is complete from then on only. */
  async function gap(name: string, at: number): Promise<void> {
    const record = await read(name)
    if (record !== null && record.completeSince < at) await write({ ...record, completeSince: at, by: 'gap' })
  }

  /** Every source whose changes were ever accepted, by name. */
  async function list(): Promise<SourceRecord[]> {
    const records = Object.values(await redis.hgetall(keys.sources)).map(text => JSON.parse(text) as SourceRecord)
    return records.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** Since when every source is complete; null where there is none yet. */
  async function completeSince(): Promise<number | null> {
    const records = await list()
    return records.length === 0 ? null : Math.max(...records.map(record => record.completeSince))
  }

  return { seen, complete, gap, list, completeSince }
}
