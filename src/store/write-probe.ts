import { setTimeout as pause } from 'node:timers/promises'
import type { Redis } from '../redis/connect.ts'
import { refusalOf, type Refusal } from '../redis/refusals.ts'
import type { Keys } from './keys.ts'
import { loadScript, runScript } from './scripts.ts'

const PROBE = loadScript('write-probe')
/** How long an answer is waited for, and how long what was written stays. */
const [WITHIN_MS, EXPIRES_MS] = [2_500, 30_000]
/** A connection that was just lost is made again by then. */
const AGAIN_MS = 250

/** Writes a key where our keys live, as our scripts do; answers why that was refused, or null. */
export type WriteProbe = () => Promise<Refusal | null>

/** `redis`: a connection of its own (`probing`); `process` is `<daemon>@<host>:<pid>`. */
export function createWriteProbe(redis: Redis, keys: Keys, process: string): WriteProbe {
  const write = () => runScript(redis, PROBE, [keys.writeProbe(process)], [EXPIRES_MS]).then(() => null, refusalOf)
  return async () => {
    const limit = new AbortController()
    const late = pause(WITHIN_MS, UNREACHABLE, { signal: limit.signal }).catch(() => UNREACHABLE)
    const written = async () => {
      for (;;) {
        const refusal = await write()
        if (refusal !== UNREACHABLE || limit.signal.aborted) return refusal
        await pause(AGAIN_MS)
      }
    }
    return Promise.race([written(), late]).finally(() => limit.abort())
  }
}

const UNREACHABLE: Refusal = 'unreachable'
