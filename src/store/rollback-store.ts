import { randomUUID } from 'node:crypto'
import type { RollbackTerms } from '../domain/account/account.ts'
import type { FoundEpoch, LostTail, Quarantine, Remembered } from '../domain/rollback.ts'
import type { Redis } from '../redis/connect.ts'
import type { Keys } from './keys.ts'
import { loadScript, runScript, runUntilAnswered } from './scripts.ts'

const BEGIN = loadScript('begin-epoch')
const RAISE = loadScript('raise-count')
/** So many epochs that were taken over from are kept. */
const BEFORE_KEPT = 100

/** What is kept of rollbacks: a lost tail until it is made good, a quarantine until a person releases it. */
export interface Rollbacks {
  tail: LostTail | null
  quarantine: Quarantine | null
  /** Null: nothing was ever lost. */
  terms: RollbackTerms | null
}

export type RollbackStore = ReturnType<typeof createRollbackStore>

/** The epoch of the data, its count, and what happened to it. */
export function createRollbackStore(redis: Redis, { keys, commits = redis }: { keys: Keys; commits?: Redis }) {
  async function find(): Promise<FoundEpoch> {
    const [epoch, orders, cases] = await Promise.all([
      redis.hgetall(keys.epoch),
      redis.exists(keys.orders),
      redis.exists(keys.casesKept),
    ])
    return {
      epoch: epoch.id ?? null,
      before: JSON.parse(epoch.before ?? '[]') as string[],
      count: Number(epoch.count ?? 0),
      at: epoch.at === undefined ? null : Number(epoch.at),
      isEmpty: orders + cases === 0,
    }
  }

  async function read(): Promise<Rollbacks> {
    const { tail, quarantine, at, restored_at: restoredAt } = await redis.hgetall(keys.rollback)
    const kept = {
      tail: tail === undefined ? null : (JSON.parse(tail) as LostTail),
      quarantine: quarantine === undefined ? null : (JSON.parse(quarantine) as Quarantine),
    }
    if (at === undefined) return { ...kept, terms: null }
    const restored = restoredAt === undefined ? null : Number(restoredAt)
    return { ...kept, terms: { at: Number(at), restoredAt: restored, isQuarantined: kept.quarantine !== null } }
  }

  /** Begins the next epoch out of the one that was found; null when another process was first. */
  async function begin(
    found: FoundEpoch,
    {
      remembered,
      what,
      before: also = [],
    }: { remembered: Remembered | null; what: Happened | null; before?: readonly string[] },
  ): Promise<string | null> {
    const epoch = randomUUID()
    const before = [...new Set([found.epoch, remembered?.epoch, ...also, ...found.before].filter(id => id != null))]
    const { kind = '', ...members } = what ?? {}
    const args = [
      '', found.epoch ?? '', epoch, JSON.stringify(before.slice(0, BEFORE_KEPT)), Math.max(found.count, remembered?.count ?? 0) + 1,
      kind, JSON.stringify(members).slice(1, -1),
    ] // prettier-ignore
    return (await runUntilAnswered(commits, BEGIN, [keys.epoch, keys.rollback], args)) === 1 ? epoch : null
  }

  /** Raises the count of an epoch by one; null when Redis has another epoch or less than the count. */
  async function raise({ epoch, count }: Remembered): Promise<Remembered | null> {
    const reply = (await runScript(commits, RAISE, [keys.epoch], ['', epoch, count, randomUUID()])) as string[]
    return reply.length === 0 ? null : { epoch, count: Number(reply[0]), at: Number(reply[1]) }
  }

  /** Whether Redis has that epoch still, and no less than its count. */
  async function holds({ epoch, count }: Remembered): Promise<boolean> {
    const [id, now] = await redis.hmget(keys.epoch, 'id', 'count')
    return id === epoch && Number(now) >= count
  }

  const keepTail = (tail: LostTail) => redis.hset(keys.rollback, 'tail', JSON.stringify(tail))
  const endTail = () => redis.hdel(keys.rollback, 'tail')
  const keepQuarantine = (quarantine: Quarantine) =>
    redis.hset(keys.rollback, { quarantine: JSON.stringify(quarantine), at: quarantine.at, restored_at: quarantine.at })
  const endQuarantine = () => redis.hdel(keys.rollback, 'quarantine')

  return { find, read, begin, raise, holds, keepTail, endTail, keepQuarantine, endQuarantine }
}

type Happened = ({ kind: 'tail' } & Omit<LostTail, 'at'>) | ({ kind: 'quarantine' } & Omit<Quarantine, 'at'>)
