import { z } from 'zod'
import type { AlertEvent } from '../domain/alert/event.ts'
import { maskBody } from '../domain/basics/mask-body.ts'
import type { Published } from '../platforms/platform.ts'
import type { EventStore } from '../store/event-store.ts'
import type { AlarmBell } from './alarm-bell.ts'
import { callPlatform, type AlertLink, type Answered } from './call-platform.ts'
import { again, done, type Job, type Outcome } from './job.ts'

export interface CatchUpAlertsDeps {
  /** Stores what a hook would have stored; true when it was new. */
  acceptMissed: (platform: string, event: AlertEvent, raw: unknown) => Promise<boolean>
  alertLinks: ReadonlyMap<string, AlertLink>
  events: Pick<EventStore, 'caughtUpTo' | 'keepCaughtUp' | 'keepListed'>
  alarms: Pick<AlarmBell, 'raise'>
  redisNow: () => Promise<number>
  throttleMaxMs: number
  pushTimeoutMs: number
  /** How far before the last look the next one begins: what was published late is seen all the same. */
  catchUpOverlapMs: number
  /** Told of each alert that no hook had brought. */
  onCaughtUp: (platform: string) => void
}

/** Where the first look begins: no alert lives longer than CDRN's three days. */
const FIRST_LOOK_MS = 72 * 3_600_000
const PAGES_MAX = 1_000

/** Lists what platforms published since the last look, so that a missed hook costs minutes and no case. */
export const catchUpAlerts: Job<Record<string, never>, CatchUpAlertsDeps> = {
  name: 'catch-up-alerts',
  payload: z.object({}),
  key: () => 'all',
  async run(_payload, deps, { signal }) {
    const notes: string[] = []
    for (const [name, link] of deps.alertLinks) {
      if (link.platform.list === undefined) continue
      const caught = await catchUp(deps, name, link, signal)
      if (typeof caught !== 'number') return caught
      notes.push(`${name}: ${caught} missed`)
    }
    return done(notes.join('; '))
  },
}

async function catchUp(
  deps: CatchUpAlertsDeps,
  name: string,
  { platform, asking }: AlertLink,
  signal: AbortSignal,
): Promise<number | Outcome> {
  const beganAt = await deps.redisNow()
  const lastLook = await deps.events.caughtUpTo(name)
  const sinceMs = (lastLook ?? beganAt - FIRST_LOOK_MS) - deps.catchUpOverlapMs
  let missed = 0
  let page: string | null = null
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const limits = { timeoutMs: deps.pushTimeoutMs, signal }
    const said: Answered<Published> | { outcome: Outcome } = await callPlatform(
      { gate: asking, throttleMaxMs: deps.throttleMaxMs },
      access => platform.list!(access, { sinceMs, page }, limits),
    )
    if ('outcome' in said) return said.outcome
    if (!said.accepted) return again(`refused-${said.status}`)
    if (said.value === undefined) return again('unreadable')
    await keepPassedOver(deps, name, said.value.passedOver)
    for (const { event, raw } of said.value.events) {
      if (!(await deps.acceptMissed(name, event, raw))) continue
      missed += 1
      deps.onCaughtUp(name)
    }
    page = said.value.next
    if (page === null) {
      await deps.events.keepCaughtUp(name, beganAt)
      return missed
    }
  }
  return again('too-many-pages')
}

const KEPT_CHARS = 65_536

/** Items that cannot be read are kept and named: an alert may be among them. */
async function keepPassedOver(deps: CatchUpAlertsDeps, name: string, items: readonly unknown[]): Promise<void> {
  for (const item of items) {
    const now = await deps.redisNow()
    const { body } = maskBody(item)
    const kept = JSON.stringify(body).length > KEPT_CHARS ? 'left out: over 64 KiB' : body
    if (!(await deps.events.keepListed(name, kept, now))) continue
    await deps.alarms.raise('alert-unreadable', name, `an item of the list of ${name} cannot be read as an alert`, now)
  }
}
