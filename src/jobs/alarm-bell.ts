import { alarmKind, type AlarmName } from '../domain/alarms.ts'
import type { AlarmOutbox } from '../store/alarm-outbox.ts'
import type { AlarmStore } from '../store/alarm-store.ts'
import type { OutgoingAlarm } from '../store/case-store.ts'
import type { Wants } from './wants.ts'

export interface AlarmBellDeps {
  store: Pick<AlarmStore, 'raise' | 'clear'>
  outbox: Pick<AlarmOutbox, 'put'>
  wants: Pick<Wants, 'alarm'>
  /** True when alarms also go out as hooks. */
  sendsAlarms: boolean
  /** Told of every alarm that begins and of every one that ends. */
  onChange: (alarm: OutgoingAlarm) => void
}

/** Raises and clears alarms of everything but cases; what begins or ends is told once. Times are milliseconds. */
export interface AlarmBell {
  /** True when it begins. */
  raise(name: AlarmName, subject: string, why: string, at: number): Promise<boolean>
  /** True when it ends. */
  clear(name: AlarmName, subject: string, at: number): Promise<boolean>
}

export function createAlarmBell({ store, outbox, wants, sendsAlarms, onChange }: AlarmBellDeps): AlarmBell {
  async function tell(name: AlarmName, state: OutgoingAlarm['state'], subject: string, why: string, at: number) {
    const { about, action } = alarmKind(name)
    const alarm: OutgoingAlarm = {
      id: [name, subject, at, ...(state === 'cleared' ? [state] : [])].join('|'),
      name,
      state,
      subject,
      caseId: null,
      orderId: about === 'order' ? subject : null,
      at,
      says: why,
      decide: state === 'cleared' ? null : action,
      respondBy: null,
    }
    onChange(alarm)
    if (!sendsAlarms) return
    await outbox.put(alarm)
    await wants.alarm(alarm.id)
  }
  return {
    async raise(name, subject, why, at) {
      const isNew = await store.raise(name, subject, why, at)
      if (isNew) await tell(name, 'raised', subject, why, at)
      return isNew
    },
    async clear(name, subject, at) {
      const isOver = await store.clear(name, subject)
      if (isOver) await tell(name, 'cleared', subject, 'The cause is over.', at)
      return isOver
    },
  }
}
