import { z } from 'zod'
import type { AlarmStore } from '../store/alarm-store.ts'
import type { EventStore } from '../store/event-store.ts'
import type { OrderStore } from '../store/order-store.ts'
import type { AlertHook } from '../platforms/platform.ts'
import { done, type Job } from './job.ts'

export interface WatchSilenceDeps {
  events: Pick<EventStore, 'heardAt'>
  orders: Pick<OrderStore, 'newestChangeAt'>
  alarms: Pick<AlarmStore, 'raise'>
  redisNow: () => Promise<number>
  silenceAlarmMs: number
  /** Each platform that sends alerts, by its name. */
  alertHooks: ReadonlyMap<string, Pick<AlertHook, 'whenSilent'>>
}

/** A platform that sends nothing while orders flow may send it somewhere else: an alarm of its own, also while another platform sends. */
export const watchSilence: Job<Record<string, never>, WatchSilenceDeps> = {
  name: 'watch-silence',
  payload: z.object({}),
  key: () => 'all',
  async run(_payload, deps) {
    const [changedAt, now] = [await deps.orders.newestChangeAt(), await deps.redisNow()]
    const silent: string[] = []
    for (const [platform, { whenSilent }] of deps.alertHooks) {
      if (whenSilent === null) continue
      const quietMs = now - (await deps.events.heardAt(platform, now))
      if (quietMs > deps.silenceAlarmMs)
        silent.push(
          `no event of ${platform} came for ${Math.floor(quietMs / HOUR_MS)} hours while orders did; ${whenSilent}`,
        )
    }
    if (silent.length === 0 || changedAt === null || now - changedAt > deps.silenceAlarmMs) return done('heard')
    await deps.alarms.raise('alerts-silent', silent.join(' · '), now)
    return done('silent')
  },
}

const HOUR_MS = 3_600_000
