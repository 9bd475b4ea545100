/** What a process remembers of Redis: the epoch, and the highest count of it that was confirmed, raised at `at` (Redis' milliseconds). */
export interface Remembered {
  epoch: string
  count: number
  at: number
}

/** What Redis holds of it now. */
export interface FoundEpoch {
  /** Null: none yet. */
  epoch: string | null
  /** Epochs that this one took over from. */
  before: readonly string[]
  count: number
  /** When the count was last raised, Redis' milliseconds; null: not known. */
  at: number | null
  /** No order and no case is stored. */
  isEmpty: boolean
}

/** Why data counts as restored: older than what was confirmed · of an epoch never seen here · gone · by `order-sync restore`. */
export type RestoreCause = 'older' | 'unknown-epoch' | 'emptied' | 'restored' | 'restore-unfinished'

export type RollbackVerdict =
  /** The first start. */
  | { is: 'new' }
  /** Nothing was lost. */
  | { is: 'same' }
  /** Redis' epoch and count are taken over as they are. */
  | { is: 'adopt' }
  /** Redis has lost what it confirmed after `since` (Redis' milliseconds): a failover, or a machine that went down. */
  | { is: 'lost-tail'; since: number }
  /** A backup was put in place of the data; `until`: up to when it holds everything, null where that is not known. */
  | { is: 'restore'; cause: RestoreCause; until: number | null }

/**
 * Tells a lost tail from a restore; pure. `limitMs`: the longest lost tail.
 *
 * | remembered | Redis' epoch          | Redis' count                       | verdict                  |
 * | ---------- | --------------------- | ---------------------------------- | ------------------------ |
 * | none       | none                  | any                                | new                      |
 * | none       | any                   | any                                | adopt                    |
 * | E, n       | E                     | n or more                          | same                     |
 * | E, n       | E                     | less, raised within the limit      | lost tail                |
 * | E, n       | E                     | less, raised before it, or unknown | restore: older           |
 * | E, n       | F, taken over from E  | any                                | adopt                    |
 * | E, n       | F, any other          | any                                | restore: unknown epoch   |
 * | E, n       | none, nothing stored  | any                                | restore: emptied         |
 * | E, n       | none, something       | any                                | restore: unknown epoch   |
 */
export function judgeRollback(found: FoundEpoch, remembered: Remembered | null, limitMs: number): RollbackVerdict {
  if (remembered === null) return found.epoch === null ? { is: 'new' } : { is: 'adopt' }
  if (found.epoch === null) return { is: 'restore', cause: found.isEmpty ? 'emptied' : 'unknown-epoch', until: null }
  if (found.epoch !== remembered.epoch)
    return found.before.includes(remembered.epoch)
      ? { is: 'adopt' }
      : { is: 'restore', cause: 'unknown-epoch', until: found.at }
  if (found.count >= remembered.count) return { is: 'same' }
  if (found.at === null || remembered.at - found.at > limitMs) return { is: 'restore', cause: 'older', until: found.at }
  return { is: 'lost-tail', since: found.at }
}

/**
 * The same for a process that has nowhere to remember anything: it goes on with whatever Redis has, and takes what it sees going back
 * itself for a lost tail.
 */
export function judgeWithoutState(found: FoundEpoch, remembered: Remembered | null, limitMs: number): RollbackVerdict {
  const verdict = judgeRollback(found, remembered, limitMs)
  if (verdict.is !== 'restore') return verdict
  if (found.epoch === null) return { is: 'new' }
  if (verdict.cause !== 'older') return { is: 'adopt' }
  const earliest = (remembered?.at ?? 0) - limitMs
  return { is: 'lost-tail', since: Math.max(found.at ?? earliest, earliest) }
}

/** A lost tail that is being made good. Times are Redis' milliseconds. */
export interface LostTail {
  at: number
  since: number
  /** How many orders were doubted; null: they are not yet. */
  doubted: number | null
}

/** Restored data that waits for a person. Times are Redis' milliseconds. */
export interface Quarantine {
  at: number
  cause: RestoreCause
  /** Up to when the data holds everything; null: not known. */
  until: number | null
}
