import { randomUUID } from 'node:crypto'
import type { FieldError } from '../domain/change.ts'
import type { Redis } from '../redis/connect.ts'
import type { Keys } from './keys.ts'

const MAX_KEPT = 5_000
const MAX_BODY = 16_384
const PAGE = 500

/** A change that was rejected on intake. */
export interface RejectedChange {
  id: string
  at: number
  source: string
  orderId: string | null
  errors: readonly FieldError[]
  /** False where something was masked or cut away: what is kept is no longer what was sent. */
  replayable: boolean
  /** The change as JSON text, card data masked; null when it was too long to keep. */
  body: string | null
}

export type RejectedStore = ReturnType<typeof createRejectedStore>

/** Refused changes, the newest 5,000, kept for seven days (`REJECTED_RETENTION_DAYS`). */
export function createRejectedStore(redis: Redis, keys: Keys) {
  /** Keeps refused changes; `masked` says that `body` differs from what was sent. Answers their ids. */
  async function add(
    changes: readonly (Omit<RejectedChange, 'id' | 'replayable'> & { masked: boolean })[],
  ): Promise<string[]> {
    const kept = changes.map(({ masked, ...change }): RejectedChange => {
      const fits = change.body !== null && change.body.length <= MAX_BODY
      return { ...change, id: randomUUID(), body: fits ? change.body : null, replayable: fits && !masked }
    })
    const write = redis.multi()
    for (const change of kept) {
      write.zadd(keys.rejectedChanges, change.at, change.id)
      write.hset(keys.rejectedBodies, change.id, JSON.stringify(change))
    }
    write.zcard(keys.rejectedChanges)
    const reply = await write.exec()
    const count = Number(reply?.at(-1)?.[1] ?? 0)
    if (count > MAX_KEPT) await remove(await redis.zrange(keys.rejectedChanges, '0', String(count - MAX_KEPT - 1)))
    return kept.map(change => change.id)
  }

  /** The newest first. */
  const list = (limit: number): Promise<RejectedChange[]> => page(0, limit)

  async function page(offset: number, limit: number): Promise<RejectedChange[]> {
    const ids = await redis.zrange(keys.rejectedChanges, String(offset), String(offset + limit - 1), 'REV')
    return ids.length === 0 ? [] : present(await redis.hmget(keys.rejectedBodies, ...ids))
  }

  const get = async (id: string): Promise<RejectedChange | null> =>
    present([await redis.hget(keys.rejectedBodies, id)])[0] ?? null
  const count = () => redis.zcard(keys.rejectedChanges)

  async function remove(ids: readonly string[]): Promise<void> {
    for (let at = 0; at < ids.length; at += PAGE) {
      const page = ids.slice(at, at + PAGE)
      await redis
        .multi()
        .zrem(keys.rejectedChanges, ...page)
        .hdel(keys.rejectedBodies, ...page)
        .exec()
    }
  }

  /** Removes what is older than `beforeMs`; answers how many. */
  async function expire(beforeMs: number): Promise<number> {
    const ids = await redis.zrange(keys.rejectedChanges, '-inf', `(${beforeMs}`, 'BYSCORE')
    await remove(ids)
    return ids.length
  }

  /** Removes every refused change of one order, also those whose body merely names it. */
  async function forget(orderId: string): Promise<number> {
    const isOf = (change: RejectedChange) =>
      change.orderId === orderId || (change.body !== null && names(change.body, orderId))
    const ids: string[] = []
    for (let offset = 0; offset < MAX_KEPT; offset += PAGE) {
      const read = await page(offset, PAGE)
      ids.push(...read.filter(isOf).map(change => change.id))
      if (read.length < PAGE) break
    }
    await remove(ids)
    return ids.length
  }

  return { add, list, get, count, remove, expire, forget }
}

const present = (texts: readonly (string | null)[]): RejectedChange[] =>
  texts.flatMap(text => (text === null ? [] : [JSON.parse(text) as RejectedChange]))

/** Whether a kept body names an order with no letter or digit beside it: order 1 is not found in every amount. */
function names(body: string, orderId: string): boolean {
  const written = JSON.stringify(orderId).slice(1, -1)
  return [orderId, written].some(name => {
    if (name === '') return false
    for (let at = body.indexOf(name); at !== -1; at = body.indexOf(name, at + 1))
      if (!ENDS_IN_ONE.test(body.slice(Math.max(0, at - 2), at)) && !STARTS_WITH_ONE.test(body.slice(at + name.length, at + name.length + 2)))
        return true
    return false
  })
} // prettier-ignore

/** Of the two units next to a name: a letter or a digit touches it. */
const [ENDS_IN_ONE, STARTS_WITH_ONE] = [/[\p{L}\p{N}]$/u, /^[\p{L}\p{N}]/u]
