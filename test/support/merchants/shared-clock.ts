import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Redis } from '../../../src/redis/connect.ts'

const LOADER = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const PRELOAD = pathToFileURL(join(import.meta.dirname, 'clock-preload.ts')).href

/** A clock that several processes and the scripts of one namespace share; see `clock-preload.ts`. */
export interface SharedClock {
  /** What makes a process read this clock. */
  env: Record<string, string>
  set(now: number): Promise<void>
  close(): void
}

/** Makes a clock; it has no time until the first `set`. */
export function createSharedClock(redis: Redis, namespace: string): SharedClock {
  const path = join(tmpdir(), `${namespace}-${process.pid}.clock`)
  const key = `{${namespace}}:test-clock`
  const file = openSync(path, 'w')
  const bytes = Buffer.alloc(8)
  return {
    env: {
      NODE_OPTIONS: `--import ${LOADER} --import ${PRELOAD}`,
      TEST_CLOCK_FILE: path,
      TEST_CLOCK_KEY: key,
    },
    async set(now) {
      bytes.writeDoubleLE(now)
      writeSync(file, bytes, 0, bytes.length, 0)
      await redis.set(key, String(now))
    },
    close() {
      closeSync(file)
      rmSync(path)
    },
  }
}
