import { outgoingAlarm } from './jobs/alarm-bell.ts'
import type { Log } from './log.ts'
import { describeRefusal, REFUSALS, type Refusal, type Refused } from './redis/refusals.ts'
import type { OutgoingAlarm } from './store/case-store.ts'
import type { WriteProbe } from './store/write-probe.ts'

const NAME = 'redis-not-writable'
const SUBJECT = 'redis'
/** Between two probes, in milliseconds, and how long writes are refused before it is an alarm: a planned failover is shorter. */
const TIMES = { everyMs: 2_000, alarmAfterMs: 3_000 }
/** A process sends the alarm of one refusal at most once in this time; ids of alarms that begin within it are the same. */
const ONCE_MS = 60_000
/** Until an alarm that was not taken is sent again. */
const AGAIN_MS = 5_000

export interface WriteWatchDeps {
  probe: WriteProbe
  log: Log
  /** Redis' time in milliseconds, as far as this process knows it. */
  now: () => number
  /** Called when a refusal begins. */
  onRefusal: (refusal: Refusal) => void
  /** Called with the alarm when it begins and when it ends. */
  onAlarm: (alarm: OutgoingAlarm) => void
  /** Sends an alarm to `ALARM_URL`; true when it was taken. Redis, where other alarms wait to be sent, is what fails. */
  postAlarm: (alarm: OutgoingAlarm, signal: AbortSignal) => Promise<boolean>
  postTimeoutMs: number
}

/**
 * Whether Redis takes what this process writes: writes a probe every few seconds; logs and counts each refusal when it begins, logs its
 * end, and sends the alarm straight to `ALARM_URL`.
 * Every process that is refused sends it, each with the same id, since none can learn that another one has.
 */
export function watchWrites({ probe, log, now, onRefusal, onAlarm, postAlarm, postTimeoutMs }: WriteWatchDeps) {
  let refused: Refused | null = null
  /** Since when writes are refused, whatever the refusal; milliseconds of a monotonic clock. */
  let refusedAt = 0
  let looking: Promise<Refused | null> | null = null
  /** What the receiver of alarms took, and has not seen cleared. */
  let raised: OutgoingAlarm | null = null
  let isPosting = false
  let tried = { id: '', at: 0 }
  const takenAt = new Map<Refusal, number>()
  let timer: NodeJS.Timeout | undefined

  async function probeOnce(): Promise<Refused | null> {
    const refusal = await probe()
    if (refusal === (refused?.refusal ?? null)) return refused
    if (refused !== null) log.info({ refusal: refused.refusal, ms: now() - refused.since }, 'Redis refusal of writes ended')
    if (refusal === null) return (refused = null)
    const { says: why, remedy: decide } = REFUSALS[refusal]
    log.error({ refusal, why, decide }, 'Redis refuses writes')
    onRefusal(refusal)
    if (refused === null) refusedAt = performance.now()
    return (refused = { refusal, since: now(), why: describeRefusal(refusal) })
  } // prettier-ignore

  /** Writes the probe now and answers why that was refused; callers at the same time share one probe. */
  function look(): Promise<Refused | null> {
    looking ??= probeOnce().finally(() => (looking = null))
    return looking
  }

  /** The alarm that is due: its end once writes are taken, its beginning once they were refused for so long. */
  function dueAlarm(alarmAfterMs: number): OutgoingAlarm | null {
    const at = performance.now()
    if (refused === null)
      return raised && { ...raised, id: `${raised.id}|cleared`, state: 'cleared', at: now(), says: 'Redis takes writes again.', decide: null } // prettier-ignore
    const { refusal, since } = refused
    const isTaken = at - (takenAt.get(refusal) ?? Number.NEGATIVE_INFINITY) < ONCE_MS
    if (raised !== null || isTaken || at - refusedAt < alarmAfterMs) return null
    const { says, remedy } = REFUSALS[refusal]
    const alarm = outgoingAlarm({ name: NAME, state: 'raised', subject: SUBJECT, at: since, says })
    return { ...alarm, id: [NAME, SUBJECT, refusal, Math.floor(since / ONCE_MS)].join('|'), decide: remedy }
  }

  async function post(alarm: OutgoingAlarm): Promise<void> {
    const at = performance.now()
    if (tried.id === alarm.id && at - tried.at < AGAIN_MS) return
    if (tried.id !== alarm.id) onAlarm(alarm)
    tried = { id: alarm.id, at }
    const isTaken = await postAlarm(alarm, AbortSignal.timeout(postTimeoutMs)).catch(() => false)
    if (!isTaken) return log.warn({ alarm: NAME, state: alarm.state }, 'alarm was not taken by its receiver')
    if (alarm.state === 'raised' && refused !== null) takenAt.set(refused.refusal, at)
    raised = alarm.state === 'raised' ? alarm : null
  }

  async function turn(alarmAfterMs: number): Promise<void> {
    await look()
    const alarm = isPosting ? null : dueAlarm(alarmAfterMs)
    if (alarm === null) return
    isPosting = true
    await post(alarm).finally(() => (isPosting = false))
  }

  return {
    look,
    /** What the last look found: why writes are refused, or null. */
    refused: (): Refused | null => refused,
    /** Looks again and again until `stop`. */
    start({ everyMs, alarmAfterMs } = TIMES): void {
      timer ??= setInterval(() => void turn(alarmAfterMs).catch(() => {}), everyMs).unref()
    },
    stop: (): void => clearInterval(timer),
  }
}
