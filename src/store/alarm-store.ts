import {
  ALARM_NAMES,
  alarmKind,
  DERIVED_ALARMS,
  groupAlarm,
  holds,
  type Acknowledgement,
  type Alarm,
  type AlarmName,
  type StandingAlarm,
} from '../domain/alarms.ts'
import { describeReason, REASONS, type ReasonCode } from '../domain/case/reasons.ts'
import type { Redis } from '../redis/connect.ts'
import type { Keys } from './keys.ts'

export type AlarmStore = ReturnType<typeof createAlarmStore>

/** Who has seen what: all of a name, or single subjects of it. */
export interface Acknowledgements {
  of(name: AlarmName): Acknowledgement | null
  subjectsOf(name: AlarmName): ReadonlyMap<string, Acknowledgement>
}

interface Detail {
  why: string
  /** When it was raised last. */
  at: number
}

const NEWEST = 5
const fieldOf = (name: AlarmName, subject: string) => `${name}|${subject}`

/**
 * Which alarms stand, each with its subject: from when it is raised until it is cleared. Those of cases are kept by the scripts that write
 * cases, in the same step; here are all others, and what people have acknowledged. Times are milliseconds.
 */
export function createAlarmStore(redis: Redis, keys: Keys) {
  /** True when it did not stand before; raised again it only counts as newer. */
  async function raise(name: AlarmName, subject: string, why: string, at: number): Promise<boolean> {
    const [added] = await execute(
      redis
        .multi()
        .zadd(keys.alarmsOf(name), 'NX', at, subject)
        .hset(keys.alarmDetails, { [fieldOf(name, subject)]: JSON.stringify({ why, at } satisfies Detail) }),
    )
    return added === 1
  }

  /** True when it was raised. Who has seen it is forgotten with the last of its name. */
  async function clear(name: AlarmName, subject: string): Promise<boolean> {
    const [removed, , , left] = await execute(
      redis
        .multi()
        .zrem(keys.alarmsOf(name), subject)
        .hdel(keys.alarmDetails, fieldOf(name, subject))
        .hdel(keys.alarmsAcknowledged, fieldOf(name, subject))
        .zcard(keys.alarmsOf(name)),
    )
    if (removed === 1 && left === 0) await redis.hdel(keys.alarmsAcknowledged, name)
    return removed === 1
  }

  /** Whether it is raised, and how many of its name are. */
  async function standing(name: AlarmName, subject: string): Promise<{ isRaised: boolean; count: number }> {
    const [score, count] = await Promise.all([
      redis.zscore(keys.alarmsOf(name), subject),
      redis.zcard(keys.alarmsOf(name)),
    ])
    return { isRaised: score !== null, count }
  }

  /** Subjects of one name, the oldest first. */
  const subjects = (name: AlarmName, atMost: number): Promise<string[]> =>
    redis.zrange(keys.alarmsOf(name), '0', String(atMost - 1))

  /** When an alarm was last raised; null: it does not stand. */
  async function raisedAt(name: AlarmName, subject: string): Promise<number | null> {
    return (await details([{ name, subject }]))[0]?.at ?? null
  }

  async function details(of: readonly { name: AlarmName; subject: string }[]): Promise<(Detail | null)[]> {
    if (of.length === 0) return []
    const texts = await redis.hmget(keys.alarmDetails, ...of.map(({ name, subject }) => fieldOf(name, subject)))
    return texts.map(text => (text === null ? null : (JSON.parse(text) as Detail)))
  }

  /** Of one subject, or (null) of all that stand. */
  async function acknowledge(name: AlarmName, subject: string | null, one: Acknowledgement): Promise<void> {
    const field = subject === null ? name : fieldOf(name, subject)
    await redis.hset(keys.alarmsAcknowledged, { [field]: JSON.stringify(one) })
  }

  /** What was acknowledged, by name and subject; those of cases that are over are dropped on the way. */
  async function acknowledged(): Promise<Acknowledgements> {
    const [ofNames, ofSubjects] = [new Map<string, Acknowledgement>(), new Map<string, Map<string, Acknowledgement>>()]
    for (const [field, text] of Object.entries(await redis.hgetall(keys.alarmsAcknowledged))) {
      const [name = '', ...subject] = field.split('|')
      const one = JSON.parse(text) as Acknowledgement
      if (subject.length === 0) ofNames.set(name, one)
      else ofSubjects.set(name, (ofSubjects.get(name) ?? new Map<string, Acknowledgement>()).set(subject.join('|'), one))
    }
    return { of: name => ofNames.get(name) ?? null, subjectsOf: name => ofSubjects.get(name) ?? new Map() }
  } // prettier-ignore

  /** Every alarm that stands, one entry a name. */
  async function list(now: number): Promise<Alarm[]> {
    const seen = await acknowledged()
    const found = await Promise.all(ALARM_NAMES.map(name => read(name, now, seen)))
    return found.filter(one => one !== null)
  }

  /** Those of one name, the newest first. */
  async function page(name: AlarmName, offset: number, limit: number): Promise<StandingAlarm[]> {
    const found = await redis.zrange(
      keys.alarmsOf(name),
      String(offset),
      String(offset + limit - 1),
      'REV',
      'WITHSCORES',
    )
    return standingOf(name, found)
  }

  /** `found`: subjects and their scores. */
  async function standingOf(name: AlarmName, found: readonly string[]): Promise<StandingAlarm[]> {
    const pairs = found.flatMap((subject, i) => (i % 2 === 0 ? [{ subject, since: Number(found[i + 1]) }] : []))
    const whys = await (alarmKind(name).about === 'case' ? caseWhys(pairs) : plainWhys(name, pairs))
    return pairs.map(({ subject, since }, i): StandingAlarm => ({ name, subject, since, why: whys[i] ?? subject }))
  }

  /** For each subject that is acknowledged, by its own acknowledgement or by that of all that were raised before it, that one. */
  async function silencedOf(name: AlarmName, seen: Acknowledgements, now: number): Promise<Acknowledgement[]> {
    const [all, kept] = [seen.of(name), [...seen.subjectsOf(name)]]
    const scores = kept.length === 0 ? [] : await redis.zmscore(keys.alarmsOf(name), kept.map(([subject]) => subject))
    const over = kept.filter((_, i) => scores[i] === null).map(([subject]) => fieldOf(name, subject))
    if (over.length > 0 && !DERIVED_ALARMS.some(one => one === name)) await redis.hdel(keys.alarmsAcknowledged, ...over)
    const isByAll = (score: number) => all !== null && holds(all, score, now)
    const own = kept.flatMap(([, one], i) => (scores[i] != null && holds(one, Number(scores[i]), now) && !isByAll(Number(scores[i])) ? [one] : []))
    if (all === null || !holds(all, all.at, now)) return own
    const before = await redis.zcount(keys.alarmsOf(name), '-inf', all.at)
    return [...Array.from({ length: before }, () => all), ...own]
  } // prettier-ignore

  async function read(name: AlarmName, now: number, seen: Acknowledgements): Promise<Alarm | null> {
    const key = keys.alarmsOf(name)
    const [count, newest, oldest] = await Promise.all([
      redis.zcard(key),
      redis.zrange(key, '0', String(NEWEST - 1), 'REV', 'WITHSCORES'),
      redis.zrange(key, '0', '0', 'WITHSCORES'),
    ])
    if (count === 0) return null
    const [standing, silenced] = await Promise.all([standingOf(name, newest), silencedOf(name, seen, now)])
    return groupAlarm(name, standing, { count, since: Number(oldest[1]), acknowledged: seen.of(name), silenced, now })
  }

  async function caseWhys(of: readonly { subject: string }[]): Promise<string[]> {
    const texts = await Promise.all(of.map(({ subject }) => redis.hget(keys.case(subject), 'record')))
    return texts.map((text, i) => {
      const { reason } = JSON.parse(text ?? '{}') as { reason?: ReasonCode }
      // A newer process may know more reasons.
      const says = reason === undefined ? '' : reason in REASONS ? `: ${describeReason(reason)}` : `: ${reason}`
      return `${of[i]!.subject}${says}`
    })
  }

  const plainWhys = async (name: AlarmName, of: readonly { subject: string }[]) =>
    (await details(of.map(({ subject }) => ({ name, subject })))).map(one => one?.why)

  return { raise, clear, standing, subjects, raisedAt, acknowledge, acknowledged, page, list }
}

async function execute(multi: ReturnType<Redis['multi']>): Promise<unknown[]> {
  const replies = (await multi.exec()) ?? []
  for (const [error] of replies) if (error) throw error
  return replies.map(([, reply]) => reply)
}
