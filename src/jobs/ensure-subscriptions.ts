import { z } from 'zod'
import type { AlarmBell } from './alarm-bell.ts'
import { done, later, type Job } from './job.ts'
import { mendSubscriptions, type MendReport, type MendSubscriptionsDeps } from './mend-subscriptions.ts'

export interface EnsureSubscriptionsDeps extends MendSubscriptionsDeps {
  alarms: AlarmBell
}

/** As many calls' time limits as the lock on mending outlasts. */
export const LOCK_CALLS = 20
const BUSY_MS = 5_000
const LOOK_AGAIN_MS = 5_000

/**
 * Subscriptions as code: makes the platform tell us of every event type, at our address, with our credentials. A new
 * subscription is looked at again until the platform has called it. Where all is right nothing is written.
 */
export const ensureSubscriptions: Job<Record<string, never>, EnsureSubscriptionsDeps> = {
  name: 'ensure-subscriptions',
  payload: z.object({}),
  key: () => 'midigator',
  async run(_payload, deps, { signal }) {
    const wanted = deps.subscriptionWish()
    if ('missing' in wanted) {
      await deps.alarms.clear(
        'subscriptions-wrong',
        'midigator',
        await deps.redisNow(),
        'Subscriptions are not configured.',
      )
      return done(`not configured: ${wanted.missing.join(', ')}`)
    }
    const lockMs = deps.pushTimeoutMs * LOCK_CALLS
    const report = await deps.subscriptions.alone(lockMs, () => mendSubscriptions(wanted.wish, deps, signal))
    if (report === null) return later(BUSY_MS, 'another process is changing them')
    if ('outcome' in report) return report.outcome
    const isWrong = report.refused.length > 0 || report.stuck.length > 0
    const now = await deps.redisNow()
    if (isWrong) await deps.alarms.raise('subscriptions-wrong', 'midigator', noteOf(report), now)
    else await deps.alarms.clear('subscriptions-wrong', 'midigator', now)
    if (report.awaiting.length > 0 && report.refused.length === 0)
      return later(Math.min(LOOK_AGAIN_MS, Math.ceil(deps.subscriptionPingMs / 4)), `${noteOf(report)}; awaiting ping`)
    return done(noteOf(report))
  },
}

/** What was done, by event type; no address, no credentials. */
function noteOf({ did, refused, stuck }: MendReport): string {
  const said = [
    ...did.map(({ step, eventType }) => `${step} ${eventType}`),
    ...refused.map(({ step, eventType, status }) => `${step} ${eventType} refused with ${status}`),
    ...stuck.map(what => `${what} does not last`),
  ]
  return said.length === 0 ? 'nothing to do' : said.join(', ')
}
