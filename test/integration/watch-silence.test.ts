import { afterAll, describe, expect, it } from 'vitest'
import { watchSilence } from '../../src/jobs/watch-silence.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { createAlarmStore } from '../../src/store/alarm-store.ts'
import { createCaseStore } from '../../src/store/case-store.ts'
import { createEventStore } from '../../src/store/event-store.ts'
import { keysOf } from '../../src/store/keys.ts'
import { testNamespace } from '../support/no-leftovers.ts'

const HOUR_MS = 3_600_000
const START = Date.UTC(2026, 0, 31)
const BOTH = { midigator: 'sync the subscriptions', chargebackhit: 'check the address' }

describe('silence', () => {
  const { namespace, redisUrl } = testNamespace()
  const redis = connectRedis(redisUrl, namespace, 'patient')
  afterAll(() => closeRedis(redis))
  let opened = 0

  /** Platforms with what to do about their silence (null: not configured), watched every hour while orders change. */
  function watched(platforms: Record<string, string | null>) {
    const keys = keysOf(`${namespace}-${(opened += 1)}`)
    let [now, changedAt] = [START, START as number | null]
    const [events, alarms] = [createEventStore(redis, keys), createAlarmStore(redis, keys)]
    const cases = createCaseStore(redis, { keys, clock: () => now })
    const alertHooks = new Map(Object.entries(platforms).map(([name, whenSilent]) => [name, { whenSilent }]))
    const deps = {
      events, alarms, alertHooks, orders: { newestChangeAt: async () => changedAt }, redisNow: async () => now, silenceAlarmMs: 6 * HOUR_MS,
    } // prettier-ignore
    const look = () => watchSilence.run({}, deps, { attemptsMade: 0, signal: new AbortController().signal })
    return {
      /** Time passes, looked at every hour; `during` happens in each. Answers what rang, if anything did. */
      async hours(count: number, during: () => Promise<unknown> = async () => {}, areOrdersChanged = true) {
        await look()
        for (let hour = 0; hour < count; hour++) {
          now += HOUR_MS
          if (areOrdersChanged) changedAt = now
          await during()
          await look()
        }
        return (await alarms.list(now)).map(({ name, why }) => `${name}: ${why}`)
      },
      ping: (platform: string) => events.countPing(platform, now),
      unknown: (platform: string) => events.keepUnread(platform, 'registration.new', {}, now),
      alert: (platform: string) =>
        cases.addEvent(platform, 'alert', `hook:${now}`, { type: 'alert', guid: 'pre_1', facts: {}, sentAt: now }, {}),
    }
  }

  it.each(['ping', 'unknown', 'alert'] as const)('of one platform is noticed while the other sends (%s)', async what => {
    for (const [quiet, heard] of [['midigator', 'chargebackhit'], ['chargebackhit', 'midigator']] as const) {
      const world = watched(BOTH)
      expect(await world.hours(9, () => world[what](heard))).toEqual([`alerts-silent: no event of ${quiet} came for 9 hours while orders did; ${BOTH[quiet]}`])
    }
  }) // prettier-ignore

  it('of Chargebackhit is noticed where it is the only one, and of both at once', async () => {
    const { chargebackhit } = BOTH
    const alone = 'alerts-silent: no event of chargebackhit came for 7 hours while orders did; check the address'
    expect(await watched({ midigator: null, chargebackhit }).hours(7)).toEqual([alone])
    expect((await watched(BOTH).hours(7))[0]).toMatch(/of midigator .* · no event of chargebackhit /)
  })

  it('is none while every configured platform sends, where none is configured, and while no order changes', async () => {
    const world = watched(BOTH)
    const all = () => Promise.all([world.ping('midigator'), world.alert('chargebackhit')])
    expect(await world.hours(30, all)).toEqual([])
    expect(await watched({ midigator: null, chargebackhit: null }).hours(30)).toEqual([])
    expect(await watched(BOTH).hours(30, undefined, false)).toEqual([])
  })
})
