import { z } from 'zod'
import { ALARM_NAMES, alarmKind, DERIVED_ALARMS, type AlarmName } from '../domain/alarms.ts'
import type { AlarmStore } from '../store/alarm-store.ts'
import type { OrderStore } from '../store/order-store.ts'
import type { AlarmBell } from './alarm-bell.ts'
import type { Cause } from './alarm-causes.ts'
import { done, type Job } from './job.ts'

export interface WatchAlarmsDeps {
  alarms: AlarmBell & Pick<AlarmStore, 'subjects' | 'raisedAt'>
  orders: Pick<OrderStore, 'read'>
  /** The alarms that follow from how things are at this moment. */
  alarmCauses: (now: number) => Promise<readonly Cause[]>
  redisNow: () => Promise<number>
}

/** As many subjects of one alarm as are looked at in one sweep, the oldest first. */
const LOOKED_AT = 1_000

/**
 * Has every alarm end with its cause, and tells the beginning of those that follow from a state. Alarms of cases need no watch: they are
 * written with their case.
 */
export const watchAlarms: Job<Record<string, never>, WatchAlarmsDeps> = {
  name: 'watch-alarms',
  payload: z.object({}),
  key: () => 'all',
  async run(_payload, deps) {
    const now = await deps.redisNow()
    const causes = await deps.alarmCauses(now)
    for (const { name, subject, why } of causes) await deps.alarms.raise(name, subject, why, now)
    let ended = 0
    for (const name of ALARM_NAMES) {
      if (alarmKind(name).about === 'case') continue
      for (const subject of await deps.alarms.subjects(name, LOOKED_AT)) {
        if (!(await isOver(deps, causes, { name, subject, now }))) continue
        await deps.alarms.clear(name, subject, now)
        ended += 1
      }
    }
    return done(`${ended} over`)
  },
}

async function isOver(
  { alarms, orders }: WatchAlarmsDeps,
  causes: readonly Cause[],
  { name, subject, now }: { name: AlarmName; subject: string; now: number },
): Promise<boolean> {
  if (DERIVED_ALARMS.some(one => one === name))
    return !causes.some(cause => cause.name === name && cause.subject === subject)
  // What could not be read holds the order's refunds until it is stated again.
  if (name === 'order-unreadable')
    return [...((await orders.read(subject))?.holds.keys() ?? [])].every(one => !one.startsWith('unreadable '))
  const { quietMs } = alarmKind(name)
  return quietMs !== null && now - ((await alarms.raisedAt(name, subject)) ?? 0) >= quietMs
}
