import type { Redis } from '../redis/connect.ts'
import type { OutgoingAlarm } from './case-store.ts'
import type { Keys } from './keys.ts'
import { loadScript, runScript } from './scripts.ts'

const TAKE = loadScript('take-due')

export type AlarmOutbox = ReturnType<typeof createAlarmOutbox>

/** Alarms on their way out: each stays until somebody has taken it, or it is too old to matter. */
export function createAlarmOutbox(redis: Redis, options: { keys: Keys; clock?: () => number }) {
  const { keys, clock } = options
  const now = () => (clock ? String(clock()) : '')

  const read = async (id: string): Promise<OutgoingAlarm | null> => {
    const text = await redis.hget(keys.alarmsOut, id)
    return text === null || text === undefined ? null : (JSON.parse(text) as OutgoingAlarm)
  }
  const put = async (alarm: OutgoingAlarm): Promise<void> => {
    await redis
      .multi()
      .hset(keys.alarmsOut, { [alarm.id]: JSON.stringify(alarm) })
      .zadd(keys.alarmsDue, alarm.at, alarm.id)
      .exec()
  }
  const remove = async (id: string): Promise<void> => {
    await redis.multi().hdel(keys.alarmsOut, id).zrem(keys.alarmsDue, id).exec()
  }
  const takeDue = (againMs: number, atMost: number): Promise<string[]> =>
    runScript(redis, TAKE, [keys.alarmsDue], [now(), againMs, atMost]) as Promise<string[]>
  const count = (): Promise<number> => redis.hlen(keys.alarmsOut)

  return { read, put, remove, takeDue, count }
}
