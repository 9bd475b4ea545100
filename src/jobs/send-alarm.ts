import { z } from 'zod'
import type { AlarmOutbox } from '../store/alarm-outbox.ts'
import type { OutgoingAlarm } from '../store/case-store.ts'
import { again, done, type Job } from './job.ts'

export interface SendAlarmDeps {
  alarmOutbox: Pick<AlarmOutbox, 'read' | 'remove'>
  /** Sends one alarm as a signed hook; true when it was taken. */
  postAlarm: (alarm: OutgoingAlarm, signal: AbortSignal) => Promise<boolean>
  redisNow: () => Promise<number>
}

const OLD_MS = 3 * 86_400_000

/** Sends one alarm to `ALARM_URL`, again and again until it is taken or so old that nobody needs it. */
export const sendAlarm: Job<{ alarmId: string }, SendAlarmDeps> = {
  name: 'send-alarm',
  payload: z.object({ alarmId: z.string().min(1) }),
  key: payload => payload.alarmId,
  async run({ alarmId }, deps, { signal }) {
    const alarm = await deps.alarmOutbox.read(alarmId)
    if (alarm === null) return done('gone')
    const isOld = (await deps.redisNow()) - alarm.at > OLD_MS
    if (!isOld && !(await deps.postAlarm(alarm, signal))) return again('not-taken')
    await deps.alarmOutbox.remove(alarmId)
    return done(isOld ? 'too old' : 'sent')
  },
}
