import { setTimeout as pause } from 'node:timers/promises'
import type { Redis } from '../../src/redis/connect.ts'
import { valuesIn } from './person.ts'
import { dumpKeys } from './redis-dump.ts'

const EVERY_MS = 50

export interface QueueWatch {
  /** How many keys were read, and where a value was found in one. */
  seen: number
  found: Set<string>
  /** Reads once more, then stops. */
  stop(): Promise<void>
}

/** Reads all keys of all queues again and again, for a job is gone once it is done, and looks for values in them. */
export function watchQueues(redis: Redis, namespace: string, values: readonly string[]): QueueWatch {
  const stopping = new AbortController()
  const watch: QueueWatch = {
    seen: 0,
    found: new Set(),
    stop() {
      stopping.abort()
      return stopped
    },
  }
  const look = async () => {
    for (const [key, text] of await dumpKeys(redis, `{${namespace}}:*-*:*`)) {
      if (!/:(sync-order|sweep-orders|probe-platform|expire-orders|watch-redis):/.test(key)) continue
      watch.seen += 1
      for (const value of valuesIn(text, values)) watch.found.add(`${key}: ${value}`)
    }
  }
  const stopped = (async () => {
    for (; !stopping.signal.aborted; await pause(EVERY_MS)) await look()
    await look()
  })()
  // A test that fails stops nothing, and its connection closes under the watch; "stop" still reports what went wrong.
  stopped.catch(() => {})
  return watch
}
