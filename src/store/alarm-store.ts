import type { Redis } from '../redis.ts'
import type { Keys } from './keys.ts'

/** Alarms a process raises by itself; those that follow from a state (denied, breaker) are read off that state. */
export type AlarmName =
  | 'source-clock-ahead'
  | 'hook-too-old'
  | 'changes-tied'
  | 'order-unreadable'
  | 'order-swapped'
  | 'redis-lost-writes'
  | 'redis-unsafe'
  | 'alerts-silent'
  | 'subscriptions-wrong'
  | 'case-target'
  | 'case-alarm'
  | 'case-escalated'
  | 'case-parked'
  | 'case-approval'
  | 'case-chargeback'
  | 'paid-twice'
export interface Alarm {
  name: AlarmName
  /** Milliseconds since 1970 of its last raising. */
  at: number
  why: string
}

export type AlarmStore = ReturnType<typeof createAlarmStore>

/** Alarms stand until a day has passed without their being raised again. */
export function createAlarmStore(redis: Redis, keys: Keys) {
  const raise = async (name: AlarmName, why: string, at: number): Promise<void> => {
    await redis.hset(keys.alarms, name, JSON.stringify({ name, at, why } satisfies Alarm))
  }
  async function list(now: number): Promise<Alarm[]> {
    const alarms = Object.values(await redis.hgetall(keys.alarms)).map(text => JSON.parse(text) as Alarm)
    const old = alarms.filter(alarm => now - alarm.at > STANDS_MS)
    if (old.length > 0) await redis.hdel(keys.alarms, ...old.map(alarm => alarm.name))
    return alarms.filter(alarm => !old.includes(alarm))
  }
  return { raise, list }
}

const STANDS_MS = 24 * 3_600_000
