import { z } from 'zod'
import type { EventStore } from '../store/event-store.ts'
import type { OrderStore } from '../store/order-store.ts'
import type { AlertHook } from '../platforms/platform.ts'
import type { AlarmBell } from './alarm-bell.ts'
import { done, type Job } from './job.ts'

export interface WatchSilenceDeps {
  events: Pick<EventStore, 'heardAt'>
  orders: Pick<OrderStore, 'newestChangeAt'>
  alarms: AlarmBell
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
    const doOrdersFlow = changedAt !== null && now - changedAt <= deps.silenceAlarmMs
    let silent = 0
    for (const [platform, { whenSilent }] of deps.alertHooks) {
      const quietMs = whenSilent === null ? 0 : now - (await deps.events.heardAt(platform, now))
      if (quietMs <= deps.silenceAlarmMs) await deps.alarms.clear('alerts-silent', platform, now)
      else if (doOrdersFlow) {
        silent += 1
        const why = `no event of ${platform} came for ${Math.floor(quietMs / HOUR_MS)} hours while orders did; ${whenSilent}`
        await deps.alarms.raise('alerts-silent', platform, why, now)
      }
    }
    return done(silent === 0 ? 'heard' : 'silent')
  },
}

const HOUR_MS = 3_600_000
