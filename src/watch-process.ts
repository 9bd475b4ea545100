import { hostname } from 'node:os'
import type { Config } from './config.ts'
import type { AlarmName } from './domain/alarms.ts'
import { outgoingAlarm, type AlarmBell } from './jobs/alarm-bell.ts'
import type { Log } from './log.ts'
import { schedulesOf } from './queue/schedules.ts'
import type { RedisClock } from './redis/clock.ts'
import type { OutgoingAlarm } from './store/case-store.ts'
import type { DueStore } from './store/due-store.ts'
import { NEARLY_FULL, ROOMY, type RedisHealth } from './store/redis-state.ts'

/** A clock this far off is an alarm, in milliseconds. */
const CLOCK_OFF_MS = 1_000
/** Work that comes again and again has stopped after three of its intervals, and never sooner than a minute after one. */
const [INTERVALS, AT_LEAST_MS] = [3, 60_000]

export interface ProcessWatchDeps {
  config: Config
  log: Log
  clock: RedisClock
  alarms: AlarmBell
  due: Pick<DueStore, 'schedulesRan'>
  health: Pick<RedisHealth, 'memory'>
  /** Why Redis takes no writes of this process; null: it takes them. */
  redisRefused: () => object | null
  /** Sends an alarm to `ALARM_URL`; true when it was taken. */
  postAlarm: (alarm: OutgoingAlarm, signal: AbortSignal) => Promise<boolean>
}

/** What one process notices about its machine and its neighbours. */
export interface ProcessWatch {
  /** Measures this machine's clock against Redis', Redis' memory, and looks when periodic work last ran; raises and clears their alarms. */
  look(): Promise<void>
  /** Names of the periodic work that has stopped, as the last look found it. */
  stopped(): readonly string[]
}

/**
 * Every daemon watches what only the scheduler does: that has stopped exactly when nothing of the scheduler's can say so. Its alarm goes to
 * `ALARM_URL` straight from here.
 */
export function watchProcess(deps: ProcessWatchDeps, daemon: string): ProcessWatch {
  const { clock, alarms, due, health, config, log } = deps
  const machine = `${daemon}@${hostname()}`
  const schedules = schedulesOf(config)
  let startedAt: number | null = null
  let wasOff = true
  let mayBeFull = true
  let stopped: string[] = []

  async function lookAtClock(): Promise<void> {
    await clock.measure()
    const aheadMs = Math.round(clock.aheadMs() ?? 0)
    const isOff = Math.abs(aheadMs) > CLOCK_OFF_MS
    if (isOff) {
      const says = `the clock of ${hostname()} is ${(Math.abs(aheadMs) / 1_000).toFixed(1)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} Redis`
      await alarms.raise('clock-off', machine, says, clock.now())
    } else if (wasOff) await alarms.clear('clock-off', machine, clock.now())
    wasOff = isOff
  }

  /** Of one Redis every process says the same. What lies between the two limits changes nothing. */
  async function lookAtMemory(): Promise<void> {
    const memory = await health.memory()
    const share = memory === null ? 0 : memory.usedBytes / memory.maxBytes
    if (share >= NEARLY_FULL) {
      mayBeFull = true
      const says = `Redis uses ${Math.round(share * 100)} % of maxmemory; when it is full, nothing is accepted and nothing is pushed`
      await alarms.raise('redis-memory', 'redis', says, clock.now())
    } else if (share < ROOMY && mayBeFull) {
      await alarms.clear('redis-memory', 'redis', clock.now())
      mayBeFull = false
    }
  }

  async function lookAtSchedules(): Promise<void> {
    const now = clock.now()
    startedAt ??= now
    const ran = await due.schedulesRan()
    const found: string[] = []
    for (const { job, everyMs } of schedules) {
      const ranAt = ran.get(job.name) ?? null
      const limitMs = Math.max(INTERVALS * everyMs, everyMs + AT_LEAST_MS)
      // What has not run since this process began may only be waiting for its first time.
      if (now - Math.max(ranAt ?? 0, startedAt) > limitMs) {
        found.push(job.name)
        await raiseStopped(job.name, ranAt, now)
      } else if (ranAt !== null && now - ranAt <= limitMs) {
        await alarms.clear('schedule-stopped', job.name, now, 'It runs again.')
      }
    }
    stopped = found
  }

  async function raiseStopped(schedule: string, ranAt: number | null, now: number): Promise<void> {
    const since = ranAt === null ? 'has never run' : `has not run for ${Math.round((now - ranAt) / 1_000)} s`
    const says = `${schedule} ${since}: no scheduler runs, or it is stuck`
    if (!(await alarms.raise('schedule-stopped', schedule, says, now))) return
    await sendDirectly('schedule-stopped', schedule, says, now)
  }

  /** Past the queue, which may be what has stopped; the same id from every process. */
  async function sendDirectly(name: AlarmName, subject: string, says: string, at: number): Promise<void> {
    const alarm = outgoingAlarm({ name, state: 'raised', subject, at, says })
    const taken = await deps.postAlarm(alarm, AbortSignal.timeout(config.PUSH_TIMEOUT_MS))
    if (!taken) log.warn({ alarm: name, subject }, 'alarm was not taken by its receiver')
  }

  return {
    async look() {
      // Nothing can run or be raised then, and that has an alarm of its own; afterwards schedules have their time again.
      if (deps.redisRefused() !== null) return void (startedAt = null)
      await lookAtClock()
      await lookAtMemory()
      await lookAtSchedules()
    },
    stopped: () => stopped,
  }
}
