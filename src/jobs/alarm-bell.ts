import { alarmKind, type AlarmName } from '../domain/alarms.ts'
import type { AlarmOutbox } from '../store/alarm-outbox.ts'
import type { AlarmStore } from '../store/alarm-store.ts'
import type { OutgoingAlarm } from '../store/case-store.ts'
import type { Wants } from './wants.ts'

export interface AlarmBellDeps {
  store: Pick<AlarmStore, 'raise' | 'clear' | 'standing'>
  outbox: Pick<AlarmOutbox, 'put'>
  wants: Pick<Wants, 'alarm'>
  /** True when alarms also go out as hooks. */
  sendsAlarms: boolean
  /** Called with every alarm that begins, and with every one that ends. */
  onChange: (alarm: OutgoingAlarm) => void
}

/**
 * Raises and clears alarms of everything but cases; each beginning and each end goes out once, and again rather than never where a process
 * dies in between. Of many subjects of one name only the first go out. Times are milliseconds.
 */
export interface AlarmBell {
  /** True when it begins. */
  raise(name: AlarmName, subject: string, why: string, at: number): Promise<boolean>
  /** True when it ends. */
  clear(name: AlarmName, subject: string, at: number, why?: string): Promise<boolean>
}

export function createAlarmBell({ store, outbox, wants, sendsAlarms, onChange }: AlarmBellDeps): AlarmBell {
  async function send(name: AlarmName, state: OutgoingAlarm['state'], subject: string, why: string, at: number) {
    const alarm = outgoingAlarm({ name, state, subject, at, says: why })
    onChange(alarm)
    if (!sendsAlarms) return
    await outbox.put(alarm)
    await wants.alarm(alarm.id)
  }
  return {
    async raise(name, subject, why, at) {
      const { isRaised, count } = await store.standing(name, subject)
      if (!isRaised && count < SENT_AT_MOST) await send(name, 'raised', subject, why, at)
      return store.raise(name, subject, why, at)
    },
    async clear(name, subject, at, why = 'The cause is over.') {
      const { isRaised } = await store.standing(name, subject)
      if (isRaised) await send(name, 'cleared', subject, why, at)
      return store.clear(name, subject)
    },
  }
}
const SENT_AT_MOST = 20

/** An alarm of anything but a case as it goes out; its id follows from what it is about and when. */
export function outgoingAlarm(alarm: Pick<OutgoingAlarm, 'name' | 'state' | 'subject' | 'at' | 'says'>): OutgoingAlarm {
  const { name, state, subject, at } = alarm
  const { about, action } = alarmKind(name)
  return {
    ...alarm,
    id: [name, subject, at, ...(state === 'cleared' ? [state] : [])].join('|'),
    caseId: null,
    orderId: about === 'order' ? subject : null,
    decide: state === 'cleared' ? null : action,
    respondBy: null,
  }
}
