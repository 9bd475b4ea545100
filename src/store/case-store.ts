import type { AlarmName } from '../domain/alarms.ts'
import type { AlertEvent } from '../domain/alert/event.ts'
import type { CaseAlarm } from '../domain/case/clock.ts'
import type { CaseEntry, CaseKind, Resolution } from '../domain/case/log.ts'
import type { CaseState, Effect } from '../domain/case/view.ts'
import type { ReasonCode } from '../domain/case/reasons.ts'
import type { Ledger } from '../domain/refund/ledger.ts'
import type { Redis } from '../redis/connect.ts'
import type { Keys } from './keys.ts'
import { createCaseLists } from './case-lists.ts'
import { upgradeLog, upgradeRecord } from './case-versions.ts'
import { sha1 } from './digest.ts'
import { loadScript, runScript } from './scripts.ts'

const ADD = loadScript('add-case-event')
const COMMIT = loadScript('commit-case')
const READ = loadScript('read-case')
const DELETE = loadScript('delete-case')
const TAKE = loadScript('take-due')

/** Raw events and other facts of one case that are kept at most. */
const LOG_MAX = 100
const DAY_MS = 86_400_000

/** A case as it was last decided: everything a list or a page shows of it. Times are Redis' milliseconds. */
export interface CaseRecord {
  /** The record's own version; what is newer than the code is left alone. */
  v: number
  id: string
  kind: CaseKind
  platform: string
  guid: string
  state: CaseState
  reason: ReasonCode
  orderId: string | null
  respondBy: number | null
  seenAt: number
  partner: string | null
  amount: string | null
  currency: string | null
  arn: string | null
  resolution: Resolution | null
  answeredAt: number | null
  escalated: boolean
  /** What the last decision asked for, and since when that is under way; null: nothing. */
  due: { effects: Effect[]; at: number } | null
  /** The buckets in which refunds look for chargebacks and RDR notices without an order. */
  untiedIn: readonly string[]
  /** A resolution that is true now and waits for a person. */
  prepared: Resolution | null
  /** Its alarms that stand. */
  alarms: readonly CaseAlarm[]
}
export const RECORD_VERSION = 2

/** A case with its log and the count of its writes. */
export interface StoredCase {
  id: string
  version: number
  record: CaseRecord
  /** Written by code newer than this. */
  isNewer: boolean
  log: CaseEntry[]
}

/** An alarm that goes out as a hook, when it is raised and when it is over. */
export interface OutgoingAlarm {
  id: string
  name: AlarmName
  state: 'raised' | 'cleared'
  subject: string
  caseId: string | null
  orderId: string | null
  at: number
  says: string
  decide: string | null
  respondBy: number | null
}

export interface CommitCase {
  before: StoredCase
  record: CaseRecord
  /** Slot and fact. */
  entries: readonly (readonly [slot: string, entry: CaseEntry])[]
  lookAt: number | null
  markAt: number | null
  orderRev: number | null
  ledger: Ledger | null
  mattersToOthers: boolean
  isListed: boolean
  /** Its alarms that ring with this decision, whether they stood before or not. */
  rings: readonly CaseAlarm[]
  /** What goes out as hooks. */
  alarms: readonly OutgoingAlarm[]
  event: Record<string, unknown> | null
}

export type CaseStore = ReturnType<typeof createCaseStore>

/** State of cases in Redis. Every write is one script; a decision is written only if what it was made from still holds. */
export function createCaseStore(redis: Redis, options: { keys: Keys; commits?: Redis; clock?: () => number }) {
  const { keys, clock, commits = redis } = options
  const now = () => (clock ? String(clock()) : '')

  /**
   * Keeps one event and puts its case among the open ones; `isNew` is false for what was known. Of a case that was erased with its order
   * nothing is kept.
   */
  async function addEvent(
    platform: string,
    kind: CaseKind,
    slot: string,
    event: AlertEvent,
    raw: unknown,
  ): Promise<{ id: string; isNew: boolean; isForgotten: boolean }> {
    const id = `${platform}:${event.guid}`
    const { facts } = event
    const record = {
      v: RECORD_VERSION, id, kind, platform, guid: event.guid, state: 'received', reason: 'new', orderId: null, respondBy: null,
      partner: facts.partner ?? null, amount: facts.amount ?? null, currency: facts.currency ?? null, arn: null, resolution: null,
      answeredAt: null, escalated: false, due: null, untiedIn: [], prepared: null, alarms: [],
    } // prettier-ignore
    const args = [
      now(), id, slot, JSON.stringify({ event, raw }).slice(1, -1), event.sentAt ?? '', kind === 'alert' ? '1' : '0',
      JSON.stringify(record).slice(1, -1), event.type, LOG_MAX,
    ] // prettier-ignore
    const all = [
      keys.case(id),
      keys.caseLog(id),
      keys.cases,
      keys.casesIn('received'),
      keys.casesOpen,
      keys.eventFigures,
      keys.casesKept,
      keys.casesForgotten,
    ]
    const [added] = (await runScript(commits, ADD, all, args)) as [number, number]
    return { id, isNew: added === 1, isForgotten: added === -1 }
  }

  /** Everything known of one case, or null. */
  async function read(id: string): Promise<StoredCase | null> {
    const reply = (await runScript(redis, READ, [keys.case(id), keys.caseLog(id)], [])) as string[]
    if (reply.length === 0) return null
    const [version, record, ...parts] = reply
    const log = parts.flatMap((part, i) => (i % 2 === 1 ? [JSON.parse(part) as Record<string, unknown>] : []))
    const stored = JSON.parse(record!) as Record<string, unknown>
    return {
      id,
      version: Number(version),
      record: recordOf(stored),
      isNewer: Number(stored.v) > RECORD_VERSION,
      log: upgradeLog(log),
    }
  }

  /** Writes a decision; false when something it was made from has changed: decide again. */
  async function commit(one: CommitCase): Promise<boolean> {
    const { before, record, ledger } = one
    const { id } = record
    const orderId = record.orderId ?? ''
    const oldOrderId = before.record.orderId ?? orderId
    const buckets = [...new Set([...before.record.untiedIn, ...record.untiedIn])]
    const alarms = [...new Set([...before.record.alarms, ...record.alarms])]
    const standing = alarms.map(name => (!record.alarms.includes(name) ? '0' : one.rings.includes(name) ? '2' : '1'))
    const all = [
      keys.case(id), keys.caseLog(id), keys.cases, keys.casesIn(before.record.state), keys.casesIn(record.state), keys.casesOpen,
      keys.casesMarks, keys.casesRespondBy, keys.orderCases(orderId), keys.orderCases(oldOrderId), keys.order(orderId),
      keys.refunds(orderId), keys.refunds(oldOrderId), keys.alarmsOut, keys.alarmsDue, keys.timeline(orderId),
      keys.casesByArn(record.arn ?? ''), keys.untiedVersion, ...buckets.map(keys.casesUntied), ...alarms.map(keys.alarmsOf),
    ] // prettier-ignore
    const isWaiting = record.respondBy !== null && one.lookAt !== null
    const args: (string | number)[] = [
      now(), id, before.version, JSON.stringify(record), one.lookAt ?? '', one.markAt ?? '', isWaiting ? record.respondBy! : '',
      record.orderId === null ? '0' : '1', one.orderRev ?? '', ledger === null ? '0.0' : `${ledger.version}.${ledger.cases}`,
      one.mattersToOthers ? '1' : '0', one.isListed ? '1' : '0', record.seenAt, record.arn === null ? '0' : '1',
      `${buckets.map(name => (record.untiedIn.includes(name) ? '1' : '0')).join('')},${standing.join('')}`,
      one.event === null ? '' : JSON.stringify(one.event).slice(1, -1), one.entries.length,
    ] // prettier-ignore
    for (const [slot, entry] of one.entries) args.push(slot, JSON.stringify(entry))
    for (const alarm of one.alarms) args.push(alarm.id, JSON.stringify(alarm))
    return (await runScript(redis, COMMIT, all, args)) === 1
  }

  /** The cases of one order, each with its log. */
  async function ofOrder(orderId: string): Promise<StoredCase[]> {
    const ids = await redis.smembers(keys.orderCases(orderId))
    const found = await Promise.all(ids.toSorted().map(id => read(id)))
    return found.filter(one => one !== null)
  }

  const takeDue = (againMs: number, atMost: number): Promise<string[]> =>
    runScript(redis, TAKE, [keys.casesOpen], [now(), againMs, atMost]) as Promise<string[]>

  async function records(ids: readonly string[]): Promise<CaseRecord[]> {
    const texts = await Promise.all(ids.map(id => redis.hget(keys.case(id), 'record')))
    return texts.flatMap(text =>
      typeof text === 'string' ? [recordOf(JSON.parse(text) as Record<string, unknown>)] : [],
    )
  }

  /** Throws the record away, as if only the log had been kept; for `cases rebuild`. */
  const keepOnlyLog = (id: string, record: CaseRecord) => redis.hset(keys.case(id), 'record', JSON.stringify(record))

  /** Deletes one case; one that is not finished only where `force` says so. True when it is gone. */
  async function drop(id: string, force: boolean, againAt = 0): Promise<boolean> {
    const stored = await read(id)
    const { state, orderId, arn, untiedIn, alarms } = stored?.record ?? {
      state: 'received',
      orderId: null,
      arn: null,
      untiedIn: [],
      alarms: [],
    }
    const sets = [keys.cases, keys.casesKept, keys.casesIn(state), keys.casesMarks, keys.casesRespondBy, ...alarms.map(keys.alarmsOf)] // prettier-ignore
    const of = orderId ?? ''
    const members = [keys.orderCases(of), keys.casesByArn(arn ?? ''), ...untiedIn.map(keys.casesUntied)]
    const all = [keys.case(id), keys.caseLog(id), keys.casesOpen, keys.refunds(of), ...members, ...sets]
    return (await runScript(redis, DELETE, all, [id, force ? '0' : '1', againAt, members.length])) === 1
  }

  /** Deletes finished cases first heard of before `beforeMs`; answers how many went. */
  async function expire(beforeMs: number, atMost: number): Promise<number> {
    await redis.zremrangebyscore(keys.casesForgotten, '-inf', `(${beforeMs}`)
    const ids = await redis.zrange(keys.casesKept, '-inf', `(${beforeMs}`, 'BYSCORE', 'LIMIT', 0, atMost)
    const gone = await Promise.all(ids.map(id => drop(id, false, beforeMs + DAY_MS)))
    return gone.filter(Boolean).length
  }

  /** Deletes every case of an order, unfinished ones too, and takes nothing in of them again; answers how many. `at`: now, ms. */
  async function forgetOrder(orderId: string, at: number): Promise<number> {
    const ids = await redis.smembers(keys.orderCases(orderId))
    if (ids.length > 0) await redis.zadd(keys.casesForgotten, ...ids.flatMap(id => [at, sha1(id)]))
    const gone = await Promise.all(ids.map(id => drop(id, true)))
    return gone.filter(Boolean).length
  }

  return {
    ...createCaseLists(redis, keys), addEvent, read, commit, ofOrder, takeDue, records, keepOnlyLog, drop, expire, forgetOrder,
  } // prettier-ignore
}

/** A ledger as it is kept: its counts are beside it. */
export const ledgerText = ({ claims, report }: Ledger): string => JSON.stringify({ v: RECORD_VERSION, claims, report })

/** A stored record of any version, as this version's. */
const recordOf = (stored: Record<string, unknown>) => upgradeRecord(stored) as unknown as CaseRecord
