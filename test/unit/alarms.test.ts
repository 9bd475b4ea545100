import { describe, expect, it } from 'vitest'
import { groupAlarm, type AlarmName, type StandingAlarm } from '../../src/domain/alarms.ts'
import { createAlarmBell } from '../../src/jobs/alarm-bell.ts'
import type { OutgoingAlarm } from '../../src/store/case-store.ts'
import { NOW } from './build-case.ts'

const at = (subject: string, since: number): StandingAlarm => ({ name: 'order-unreadable', subject, since, why: `why ${subject}` }) // prettier-ignore
const seen = (when: number, until: number | null = null) => ({ by: 'ann', at: when, until, note: null })

describe('alarms of one name', () => {
  it('are one, with the newest five and a sentence: all of up to three, of more the newest', () => {
    const some = (count: number) => Array.from({ length: count }, (_, i) => at(String(count - i), NOW - i))
    const of = (count: number) => groupAlarm('order-unreadable', some(count), { acknowledged: null, now: NOW })
    expect(of(1)).toMatchObject({ count: 1, at: NOW, since: NOW, why: 'why 1' })
    expect(of(3)).toMatchObject({ count: 3, at: NOW, since: NOW - 2, why: 'why 3 · why 2 · why 1' })
    expect(of(4).why).toBe('4 of them, the newest: why 4')
    expect(of(7)).toMatchObject({ count: 7, newest: { length: 5 } })
    expect(groupAlarm('case-parked', some(5), { count: 154, since: 3, acknowledged: null, now: NOW })).toMatchObject({ count: 154, since: 3 }) // prettier-ignore
  })

  it('are acknowledged until the time is over, or another subject comes', () => {
    const is = (one: ReturnType<typeof seen>) => groupAlarm('order-unreadable', [at('a', NOW)], { acknowledged: one, now: NOW + 9 }).acknowledged !== null // prettier-ignore
    expect([is(seen(NOW)), is(seen(NOW - 1))]).toEqual([true, false])
    expect([is(seen(NOW, NOW + 10)), is(seen(NOW, NOW + 9))]).toEqual([true, false])
  })
})

describe('the bell', () => {
  function bell() {
    const raised = new Set<string>()
    const heard: string[] = []
    const sent: string[] = []
    const key = (name: AlarmName, subject: string) => `${name} ${subject}`
    const ring = createAlarmBell({
      store: {
        standing: async (name, subject) => ({ isRaised: raised.has(key(name, subject)), count: raised.size }),
        raise: async (name, subject) => !raised.has(key(name, subject)) && raised.add(key(name, subject)).size > 0,
        clear: async (name, subject) => raised.delete(key(name, subject)),
      },
      outbox: { put: async ({ id }) => void sent.push(id) },
      wants: { alarm: async () => {} },
      sendsAlarms: true,
      onChange: ({ name, subject, state, says }: OutgoingAlarm) =>
        void heard.push(`${name} ${subject} ${state}: ${says}`),
    })
    return { ring, heard, sent }
  }

  it('tells the beginning and the end, once each', async () => {
    const { ring, heard, sent } = bell()
    expect(await ring.raise('alerts-silent', 'midigator', 'quiet', NOW)).toBe(true)
    expect(await ring.raise('alerts-silent', 'midigator', 'quiet still', NOW + 1)).toBe(false)
    expect(await ring.clear('alerts-silent', 'midigator', NOW + 2)).toBe(true)
    expect(await ring.clear('alerts-silent', 'midigator', NOW + 3)).toBe(false)
    expect(heard).toEqual([
      'alerts-silent midigator raised: quiet',
      'alerts-silent midigator cleared: The cause is over.',
    ])
    expect(sent).toEqual([`alerts-silent|midigator|${NOW}`, `alerts-silent|midigator|${NOW + 2}|cleared`])
  })

  it('tells the first twenty of many subjects', async () => {
    const { ring, heard } = bell()
    for (let i = 0; i < 30; i++) await ring.raise('order-unreadable', String(i), 'why', NOW)
    expect(heard).toHaveLength(20)
  })
})
