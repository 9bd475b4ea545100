import { z } from 'zod'
import { ALARM_NAMES, alarmKind, DERIVED_ALARMS, type AlarmName } from '../domain/alarms.ts'
import type { AlarmStore } from '../store/alarm-store.ts'
import type { CaseState } from '../domain/case/view.ts'
import type { CaseStore } from '../store/case-store.ts'
import type { OrderStore } from '../store/order-store.ts'
import type { AlarmBell } from './alarm-bell.ts'
import type { Cause } from './alarm-causes.ts'
import { done, type Job } from './job.ts'

export interface WatchAlarmsDeps {
  alarms: AlarmBell & Pick<AlarmStore, 'subjects' | 'raisedAt'>
  orders: Pick<OrderStore, 'read'>
  cases: Pick<CaseStore, 'records' | 'ofOrder'>
  /** The alarms that follow from how things are at this moment. */
  alarmCauses: (now: number) => Promise<readonly Cause[]>
  redisNow: () => Promise<number>
}

/** As many subjects of one alarm as are checked in one sweep, the oldest first. */
const CHECKED = 1_000

/**
 * Has alarms end with their cause, and raises those that follow from a state. Alarms of cases are written with their case; only what an
 * older process left behind is cleared here.
 */
export const watchAlarms: Job<Record<string, never>, WatchAlarmsDeps> = {
  name: 'watch-alarms',
  payload: z.object({}),
  key: () => 'all',
  async run(_payload, deps) {
    const now = await deps.redisNow()
    const causes = await deps.alarmCauses(now)
    for (const { name, subject, why } of causes)
      if (!alarmKind(name).isDirect) await deps.alarms.raise(name, subject, why, now)
    let ended = 0
    for (const name of ALARM_NAMES) {
      const subjects = await deps.alarms.subjects(name, CHECKED)
      const ends = await Promise.all(subjects.map(subject => endOf(deps, causes, { name, subject, now })))
      for (const [i, why] of ends.entries()) {
        if (why === null) continue
        await deps.alarms.clear(name, subjects[i]!, now, why)
        ended += 1
      }
    }
    return done(`${ended} over`)
  },
}

const OVER = 'The cause is over.'
const RELEASED = 'A person has released a refund of the order since.'
/** What holds the refunds of an order: until it is stated again, or until a person releases one of them. */
const HOLDS: Partial<Record<AlarmName, string>> = { 'order-unreadable': 'unreadable ', 'order-swapped': 'swapped ' }

/** When a person last released a refund of an order; 0: never. */
async function releasedAt(cases: WatchAlarmsDeps['cases'], orderId: string): Promise<number> {
  const logs = (await cases.ofOrder(orderId)).flatMap(({ log }) => log)
  return Math.max(0, ...logs.flatMap(one => (one.what === 'decision' && one.decision === 'approve' ? [one.at] : [])))
}

const FINISHED: readonly CaseState[] = ['resolved', 'noted', 'refunded']
/** What a finished case may still be about. */
const ABOUT_MONEY: readonly AlarmName[] = ['paid-twice', 'case-chargeback']

/** Why an alarm is over; null: it is not. */
async function endOf(
  { alarms, orders, cases }: WatchAlarmsDeps,
  causes: readonly Cause[],
  { name, subject, now }: { name: AlarmName; subject: string; now: number },
): Promise<string | null> {
  if (DERIVED_ALARMS.some(one => one === name))
    return causes.some(cause => cause.name === name && cause.subject === subject) ? null : OVER
  const { about, quietMs } = alarmKind(name)
  if (about === 'case') {
    const [record] = await cases.records([subject])
    const isOver = record === undefined || (FINISHED.includes(record.state) && !ABOUT_MONEY.includes(name))
    return isOver ? OVER : null
  }
  const hold = HOLDS[name]
  if (hold !== undefined) {
    const heldAt = [...((await orders.read(subject))?.holds ?? [])].flatMap(([one, { at }]) => (one.startsWith(hold) ? [at] : [])) // prettier-ignore
    if (name === 'order-unreadable' && heldAt.length === 0) return OVER
    if (heldAt.length > 0 && (await releasedAt(cases, subject)) >= Math.max(...heldAt)) return RELEASED
  }
  const isQuiet = quietMs !== null && now - ((await alarms.raisedAt(name, subject)) ?? 0) >= quietMs
  return isQuiet ? `It was not raised again for ${Math.round(quietMs / HOUR_MS)} hours.` : null
}

const HOUR_MS = 3_600_000
