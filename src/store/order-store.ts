import { sha1 } from './digest.ts'
import { cardDigits, passesLuhn } from '../domain/basics/card-data.ts'
import type { Change } from '../domain/change.ts'
import { longReferences } from '../domain/change-references.ts'
import type { MergeStatus } from '../domain/merge-order.ts'
import { FIELDS, FIELD_NAMES } from '../domain/order-fields.ts'
import { MAX_RECORD_BYTES, type HoldName, type OrderRecord, type RegisterName } from '../domain/order.ts'
import { entriesOf, keepNote, type Origin } from '../domain/register.ts'
import type { Redis } from '../redis/connect.ts'
import type { Keys } from './keys.ts'
import { createOrderLookUps } from './order-look-ups.ts'
import { newerOrder, pairs, registersText, toRecord } from './order-record.ts'
import { loadScript, runScript } from './scripts.ts'

const MERGE = loadScript('merge-order')
const READ = loadScript('read-order')
const DELETE = loadScript('delete-order')
const HOLD = loadScript('hold-order')

export interface OrderStoreOptions {
  keys: Keys
  /** The connection of writes that a replica must have before they count. */
  commits?: Redis
  /** How far ahead of Redis' clock a change may be stamped. */
  clockAheadMaxMs: number
  /** How long after its time an order without a job is looked for. */
  sweepMs: number
  /** Redis' clock unless a simulation brings its own, in milliseconds. */
  clock?: () => number
}

/**
 * What merging one change came to; `wake`: a job is wanted; `held`: names of the holds that it set; `isTied`: a value of it lost to
 * another of the same time, and no sequence decided.
 */
export type MergeResult =
  | {
      status: MergeStatus
      rev: number
      wake: boolean
      aheadMs: number
      hasCases: boolean
      held: HoldName[]
      isTied: boolean
    }
  | { refused: 'ahead'; aheadMs: number }
  | { refused: 'forgotten' }
  | { refused: 'card'; field: string }
  /** The record would be larger than it may be; `bytes`: how large. */
  | { refused: 'large'; bytes: number }

/** What a rejected change states of an order's money. */
export interface RejectedMoney {
  orderId: string
  /** Milliseconds of the change; null where it cannot be told. */
  occurredAt: number | null
  /** Each register it states, with its value's canonical text; null where that could not be read. */
  stated: readonly { name: RegisterName; text: string | null }[]
}

export type OrderStore = ReturnType<typeof createOrderStore>

/** Fields of a change that could not be read, and the registers of money among them. */
export interface Unread {
  fields: readonly string[]
  money: readonly RegisterName[]
}
const NOTHING_UNREAD: Unread = { fields: [], money: [] }

/** A change as a source sent it. */
export interface Intake {
  change: Change
  /** For the order's timeline; refunds are held for the money among them. */
  unread: Unread
}

/** One call of the script merges so many changes at most, so that others are served in between. */
const MERGED_AT_ONCE = 100

/** A timeline names so many fields that could not be read. */
const UNREAD_NAMED = 12

/** State of orders in Redis: every write is one script, and Redis' clock is the only clock. */
export function createOrderStore(redis: Redis, options: OrderStoreOptions) {
  const { keys, clock, commits = redis } = options
  const now = () => (clock ? String(clock()) : '')
  const sets = [keys.dirty, keys.due, keys.held, keys.rejected, keys.doubtful]

  /** Merges one change of ours; see `merge-order.lua`. `lookAfterMs` is when the sweep should first look for its job. */
  async function merge(change: Change, origin: Origin, lookAfterMs: number): Promise<MergeResult> {
    const [merged] = await run([{ change, unread: NOTHING_UNREAD }], origin, lookAfterMs, 0)
    return merged!
  }

  /**
   * Merges changes of one source, all of one order: its record is read and written once for a hundred of them, and each is merged as if
   * it came alone. A change is rejected that would make the record larger than `MAX_RECORD_BYTES`. Results in the order given.
   */
  async function mergeAll(changes: readonly Intake[], source: Origin, lookAfterMs: number): Promise<MergeResult[]> {
    const results: MergeResult[] = []
    for (let i = 0; i < changes.length; i += MERGED_AT_ONCE)
      results.push(...(await run(changes.slice(i, i + MERGED_AT_ONCE), source, lookAfterMs, MAX_RECORD_BYTES)))
    return results
  }

  async function run(changes: readonly Intake[], origin: Origin, lookAfterMs: number, maxBytes: number) {
    const { orderId } = changes[0]!.change
    const args: (string | number)[] = [
      now(), orderId, options.clockAheadMaxMs, lookAfterMs + options.sweepMs, origin.name, keys.lookup, NEVER_SENT, maxBytes,
    ] // prettier-ignore
    for (const { change, unread } of changes) {
      args.push(
        String(change.occurredAt).padStart(15, '0'), mayHoldCard(change) ? REFERENCES : '', registersText(entriesOf(change, origin)),
        unread.fields.length === 0 ? '' : JSON.stringify(unread.fields.slice(0, UNREAD_NAMED)), unread.money.map(name => `${name},`).join(''),
        change.notes.length,
      ) // prettier-ignore
      for (const note of change.notes.map(keepNote)) args.push(note.at, note.text)
    }
    const { order, orderNotes, timeline, orders, dirty, due, held, rejected, forgotten, doubtful } = keys
    const all = [
      order(orderId), orderNotes(orderId), timeline(orderId), orders, dirty, due, held, rejected, forgotten, doubtful, keys.orderCases(orderId),
    ] // prettier-ignore
    return ((await runScript(commits, MERGE, all, args)) as MergeReply[]).map(mergeResultOf)
  }

  /**
   * Holds the automatic refunds of a known order until what a rejected change states of its money is stated readably; see
   * `hold-order.lua`. Answers the names of the holds that were set.
   */
  async function hold({
    orderId,
    occurredAt,
    stated,
  }: RejectedMoney): Promise<{ held: HoldName[]; hasCases: boolean }> {
    const { order, timeline, orderCases } = keys
    const args = [now(), String(occurredAt ?? 0).padStart(15, '0'), String(stated.length)]
    for (const { name, text } of stated) args.push(name, text ?? '')
    const reply = await runScript(commits, HOLD, [order(orderId), timeline(orderId), orderCases(orderId)], args)
    if (reply === 'newer') throw newerOrder()
    const [held, cases] = reply as [HoldName[], number]
    return { held, hasCases: cases === 1 }
  }

  /** Everything known of one order, or null. Throws `transient` where a newer version wrote it. */
  async function read(orderId: string): Promise<OrderRecord | null> {
    const [flat, notes] = (await runScript(redis, READ, [keys.order(orderId), keys.orderNotes(orderId)], [])) as [
      string[],
      string[],
    ]
    return flat.length === 0 ? null : toRecord(orderId, Object.fromEntries(pairs(flat)), notes)
  }

  const drop = (orderId: string, how: 'forget' | 'expire', beforeMs: number) =>
    runScript(
      redis,
      DELETE,
      [
        keys.order(orderId), keys.orderNotes(orderId), keys.timeline(orderId), keys.forgotten, keys.orderCases(orderId),
        keys.casesOpen, keys.refundsDue, keys.orders, ...sets,
      ], // prettier-ignore
      [now(), orderId, keys.lookup, how, beforeMs, beforeMs + DAY_MS],
    ) as Promise<number>

  /** Deletes every value of one order and leaves a tombstone that merging refuses; true when there was an order. */
  const forget = async (orderId: string): Promise<boolean> => (await drop(orderId, 'forget', 0)) === 1

  /** Which of these orders were forgotten: nothing of them may be kept by any other door. */
  async function forgottenAmong(orderIds: readonly string[]): Promise<Set<string>> {
    if (orderIds.length === 0) return new Set()
    const scores = await redis.zmscore(keys.forgotten, orderIds.map(sha1))
    return new Set(orderIds.filter((_, i) => scores[i] !== null))
  }

  /** Deletes orders last changed before `beforeMs`, and tombstones older than that; answers how many orders went. */
  async function expire(beforeMs: number, atMost: number): Promise<number> {
    const ids = await redis.zrange(keys.orders, '-inf', `(${beforeMs}`, 'BYSCORE', 'LIMIT', 0, atMost)
    const gone = await Promise.all(ids.map(id => drop(id, 'expire', beforeMs)))
    await redis.zremrangebyscore(keys.forgotten, '-inf', `(${beforeMs}`)
    return gone.filter(count => count === 1).length
  }

  /** The events of one order, newest first. */
  const timeline = async (orderId: string): Promise<Record<string, unknown>[]> =>
    (await redis.lrange(keys.timeline(orderId), 0, -1)).map(text => JSON.parse(text) as Record<string, unknown>)

  const counts = async () => {
    const [dirty, held, rejected, doubtful, orders, oldest] = await Promise.all([
      redis.zcard(keys.dirty),
      redis.zcard(keys.held),
      redis.zcard(keys.rejected),
      redis.zcard(keys.doubtful),
      redis.zcard(keys.orders),
      redis.zrange(keys.dirty, '0', '0', 'WITHSCORES'),
    ])
    return {
      dirty,
      held,
      rejected,
      doubtful,
      orders,
      oldestDirtyAt: oldest[1] === undefined ? null : Number(oldest[1]),
    }
  }

  /** How many orders have been held since before then (ms), and the one held longest. */
  async function heldSince(
    beforeMs: number,
  ): Promise<{ count: number; oldest: string | null; oldestAt: number | null }> {
    const [count, [oldest, at]] = await Promise.all([
      redis.zcount(keys.held, '-inf', `(${beforeMs}`),
      redis.zrange(keys.held, '0', '0', 'WITHSCORES'),
    ])
    return { count, oldest: oldest ?? null, oldestAt: at === undefined ? null : Number(at) }
  }

  /** When an order last changed, in milliseconds; null while there is none. */
  async function newestChangeAt(): Promise<number | null> {
    const newest = await redis.zrange(keys.orders, '-1', '-1', 'WITHSCORES')
    return newest[1] === undefined ? null : Number(newest[1])
  }

  /** Ids in one of the sets an order can stand in, oldest first, with their scores (milliseconds). */
  async function list(set: 'dirty' | 'held' | 'rejected' | 'doubtful', limit: number) {
    const flat = await redis.zrange(keys[set], '0', String(limit - 1), 'WITHSCORES')
    return pairs(flat).map(([orderId, score]) => ({ orderId, at: Number(score) }))
  }

  /** In which of the sets an order stands now, and when it was last acknowledged; milliseconds, null where it does not apply. */
  async function standing(orderId: string) {
    const [dirty, held, rejected, doubtful, acknowledged] = await Promise.all([
      ...[keys.dirty, keys.held, keys.rejected, keys.doubtful].map(key => redis.zscore(key, orderId)),
      redis.hget(keys.order(orderId), 'acknowledged_at'),
    ])
    return {
      dirtySince: ms(dirty),
      heldSince: ms(held),
      retryAt: ms(rejected),
      doubtUntil: ms(doubtful),
      acknowledgedAt: ms(acknowledged),
    }
  }

  return {
    merge,
    mergeAll,
    hold,
    read,
    forget,
    forgottenAmong,
    expire,
    timeline,
    counts,
    newestChangeAt,
    heldSince,
    list,
    standing,
    ...createOrderLookUps(redis, keys),
  }
}

type MergeReply = [string, string | number, number, string, number, HoldName[], number]

function mergeResultOf([what, detail, wake, aheadMs, cases, held, tied]: MergeReply): MergeResult {
  if (what === 'newer') throw newerOrder()
  if (what === 'ahead') return { refused: 'ahead', aheadMs: Number(detail) }
  if (what === 'forgotten') return { refused: 'forgotten' }
  if (what === 'card') return { refused: 'card', field: String(detail) }
  if (what === 'large') return { refused: 'large', bytes: Number(detail) }
  return {
    status: what as MergeStatus,
    rev: Number(detail),
    wake: wake === 1,
    aheadMs: Number(aheadMs),
    hasCases: cases === 1,
    held,
    isTied: tied === 1,
  }
}

const DAY_MS = 86_400_000

/** Commas around each, so that a script finds a whole name. */
const NEVER_SENT = `,${FIELD_NAMES.filter(name => !FIELDS[name].sent).join(',')},`
const REFERENCES = FIELD_NAMES.filter(name => ['id', 'phone', 'code'].includes(FIELDS[name].kind)).join(',')

/** Only a change that names the card, or has a reference that could be one, needs to be compared with what is stored. */
function mayHoldCard(change: Change): boolean {
  const { cc_first_6: first6, cc_last_4: last4 } = change.values
  if (first6 !== undefined || last4 !== undefined) return true
  return longReferences(change).some(([, text]) => {
    const digits = cardDigits(text)
    return digits !== null && passesLuhn(digits)
  })
}

/** As `merge-order.lua` names what was forgotten. */
const ms = (score: string | null | undefined) => (score === null || score === undefined ? null : Number(score))
