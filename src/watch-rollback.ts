import { setTimeout as pause } from 'node:timers/promises'
import type { Config } from './config.ts'
import { describeRestore, describeTail } from './domain/describe-rollback.ts'
import type { RollbackTerms } from './domain/account/account.ts'
import { judgeRollback, judgeWithoutState, type Remembered, type RollbackVerdict } from './domain/rollback.ts' // prettier-ignore
import type { AlarmBell } from './jobs/alarm-bell.ts'
import type { Log } from './log.ts'
import type { StartCommit } from './redis/commits.ts'
import type { RollbackStore } from './store/rollback-store.ts'
import type { SourceStore } from './store/source-store.ts'
import { openStateFile, type StateFile } from './state-file.ts'

/** How many times a look begins again because another process was first. */
const TRIES = 5

export interface RollbackWatchDeps {
  log: Log
  rollbacks: Pick<RollbackStore, 'find' | 'read' | 'begin' | 'raise' | 'holds'>
  sources: Pick<SourceStore, 'list' | 'gap'>
  alarms: Pick<AlarmBell, 'raise'>
  startCommit: StartCommit
  redisNow: () => Promise<number>
  config: Pick<Config, 'STATE_DIR' | 'REDIS_NAMESPACE' | 'ROLLBACK_DOUBT_MS' | 'CANARY_MS'>
}

/** What one process notices of Redis going back, and what follows from it now. */
export interface RollbackWatch {
  /** Looks, and remembers what is confirmed; a rollback is written down in Redis for every process. */
  look(): Promise<void>
  /** Reads what is written down, and judges nothing: for processes that only read. */
  load(): Promise<void>
  /** What the last look found; while that is a quarantine, whether it was released since. Null: nothing was ever lost. */
  now(): Promise<RollbackTerms | null>
  /** What Redis must have for this process to act on what it reads; null before the first look. */
  expected(): Remembered | null
  /** False once Redis is not what this process knew: what was read since then may be old. A look follows at once. */
  isCurrent(): Promise<boolean>
  /** Looks again and again until it is stopped. */
  start(): () => Promise<void>
}

/**
 * Every process that acts keeps a confirmed count of Redis' epoch in memory, and in `STATE_DIR` for its next start. Where the folder cannot
 * be used, it goes on with whatever Redis has and never begins a quarantine.
 */
export function watchRollback(deps: RollbackWatchDeps): RollbackWatch {
  const { rollbacks, log, config } = deps
  const stateDir = config.STATE_DIR
  let state: { file: StateFile | null; remembered: Remembered | null } | null = null
  let terms: RollbackTerms | null = null
  let looking: Promise<void> | null = null

  /** Once, at the first look. */
  function open(): NonNullable<typeof state> {
    try {
      const file = openStateFile(stateDir, config.REDIS_NAMESPACE)
      return { file, remembered: file.read() }
    } catch (err) {
      log.warn({ err, stateDir }, 'STATE_DIR cannot be used: a restore made without order-sync restore would not be noticed') // prettier-ignore
      return { file: null, remembered: null }
    }
  }

  async function lookOnce(): Promise<boolean> {
    const mine = (state ??= open())
    const found = await rollbacks.find()
    const judge = mine.file === null ? judgeWithoutState : judgeRollback
    const verdict = judge(found, mine.remembered, config.ROLLBACK_DOUBT_MS)
    const commit = deps.startCommit()
    let goesOn = mine.remembered
    if (verdict.is === 'adopt') goesOn = { epoch: found.epoch!, count: found.count, at: found.at ?? 0 }
    else if (verdict.is !== 'same') {
      const epoch = await rollbacks.begin(found, { remembered: mine.remembered, what: happened(verdict) })
      if (epoch === null) return false
      goesOn = { epoch, count: 0, at: 0 }
      await raiseAlarm(verdict)
    }
    const raised = await rollbacks.raise(goesOn!)
    if (raised === null) return false
    await load()
    // What no replica has may be gone at the next failover, and would look like a restore.
    await commit()
    mine.remembered = raised
    keep(mine.file, raised)
    return true
  }

  let isWarned = false
  function keep(file: StateFile | null, remembered: Remembered): void {
    try {
      file?.write(remembered)
      isWarned = false
    } catch (err) {
      if (!isWarned) log.warn({ err, stateDir }, 'STATE_DIR cannot be written: a restore made without order-sync restore may not be noticed') // prettier-ignore
      isWarned = true
    }
  }

  /** Orders may be missing: no search for one is complete any more. */
  async function raiseAlarm(verdict: RollbackVerdict): Promise<void> {
    const now = await deps.redisNow()
    if (verdict.is === 'lost-tail') await deps.alarms.raise('redis-lost-writes', 'redis', describeTail(verdict), now)
    if (verdict.is !== 'restore') return
    const sources = await deps.sources.list()
    for (const { name } of sources) await deps.sources.gap(name, now)
    await deps.alarms.raise('data-restored', 'redis', describeRestore(verdict, sources.map(({ name }) => name)), now) // prettier-ignore
  }

  async function load(): Promise<void> {
    terms = (await rollbacks.read()).terms
  }

  async function look(): Promise<void> {
    for (let tries = 0; tries < TRIES; tries++) if (await lookOnce()) return
    throw new Error('the epoch of the data changes all the time')
  }
  const lookNow = (): Promise<void> => (looking ??= look().finally(() => (looking = null)))

  return {
    look: lookNow,
    load,
    async now() {
      if (terms?.isQuarantined === true) await load()
      return terms
    },
    expected: () => state?.remembered ?? null,
    async isCurrent() {
      const remembered = state?.remembered ?? null
      if (remembered === null || (await rollbacks.holds(remembered))) return true
      // Where it cannot look now, it is asked again.
      await lookNow().catch((err: unknown) => log.debug({ err }, 'the count of Redis could not be raised'))
      return false
    },
    start() {
      const stopping = new AbortController()
      const turn = async () => {
        while (!stopping.signal.aborted) {
          await pause(config.CANARY_MS, undefined, { signal: stopping.signal }).catch(() => {})
          if (!stopping.signal.aborted) await lookNow().catch((err: unknown) => log.debug({ err }, 'the count of Redis could not be raised')) // prettier-ignore
        }
      }
      const ended = turn()
      return () => {
        stopping.abort()
        return ended
      }
    },
  }
}

function happened(verdict: RollbackVerdict): Parameters<RollbackStore['begin']>[1]['what'] {
  if (verdict.is === 'lost-tail') return { kind: 'tail', since: verdict.since, doubted: null }
  return verdict.is === 'restore' ? { kind: 'quarantine', cause: verdict.cause, until: verdict.until } : null
}
