import { setTimeout as pause } from 'node:timers/promises'

/** Undoes one thing that was opened. */
export type Close = () => Promise<void>

/** Closes in reverse what was opened, one after the other; gives up after `limitMs`, and passes over what fails to close. */
export async function closeAll(opened: Close[], limitMs: number): Promise<void> {
  const limit = new AbortController()
  const closing = async () => {
    for (let close = opened.pop(); close !== undefined; close = opened.pop()) await close().catch(() => {})
    limit.abort()
  }
  await Promise.race([closing(), pause(limitMs, undefined, { signal: limit.signal }).catch(() => {})])
}
