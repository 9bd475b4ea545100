import { z } from 'zod'
import type { AlarmStore } from '../store/alarm-store.ts'
import type { EventStore } from '../store/event-store.ts'
import type { OrderStore } from '../store/order-store.ts'
import { done, type Job } from './job.ts'

export interface WatchSilenceDeps {
  events: Pick<EventStore, 'figures' | 'watchedSince'>
  orders: Pick<OrderStore, 'newestChangeAt'>
  alarms: Pick<AlarmStore, 'raise'>
  redisNow: () => Promise<number>
  silenceAlarmMs: number
  /** When nobody ever heard of alerts here nothing is silent. */
  alertsConfigured: boolean
}

/** Missed events cannot be asked for (there is no list), so silence while orders flow is an alarm of its own. */
export const watchSilence: Job<Record<string, never>, WatchSilenceDeps> = {
  name: 'watch-silence',
  payload: z.object({}),
  key: () => 'all',
  async run(_payload, deps) {
    if (!deps.alertsConfigured) return done('not configured')
    const [figures, changedAt, now] = await Promise.all([
      deps.events.figures(),
      deps.orders.newestChangeAt(),
      deps.redisNow(),
    ])
    // Who never heard anything has been listening since the first look.
    const heardAt = Math.max(figures.at ?? 0, figures.pingAt ?? 0, await deps.events.watchedSince(now))
    const isQuiet = now - heardAt > deps.silenceAlarmMs
    if (!isQuiet || changedAt === null || now - changedAt > deps.silenceAlarmMs) return done('heard')
    const hours = Math.floor((now - heardAt) / 3_600_000)
    await deps.alarms.raise(
      'alerts-silent',
      `no event of the platform came for ${hours} hours while orders did; run \`order-sync subscriptions sync\``,
      now,
    )
    return done('silent')
  },
}
