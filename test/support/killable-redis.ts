import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startEmbeddedRedis } from '../../src/embedded-redis/start.ts'

/** A Redis whose every write is on disk before it is answered, and which can be killed and comes back where it was. */
export interface KillableRedis {
  url: string
  /** When it was away, in milliseconds since 1970. */
  outages: { from: number; to: number }[]
  /** kill -9, and another on the same data and port after `downMs`. */
  killAndRestart(downMs: number): Promise<void>
  close(): Promise<void>
}

export async function startKillableRedis(): Promise<KillableRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'order-sync-e2e-'))
  const dataDir = join(folder, 'redis')
  let redis = await startEmbeddedRedis({ dataDir, appendFsync: 'always' })
  const { url, port } = redis
  const outages: KillableRedis['outages'] = []
  return {
    url,
    outages,
    async killAndRestart(downMs) {
      const outage = { from: Date.now(), to: Number.POSITIVE_INFINITY }
      outages.push(outage)
      await redis.kill()
      await pause(downMs)
      redis = await startEmbeddedRedis({ dataDir, appendFsync: 'always', port })
      outage.to = Date.now()
    },
    async close() {
      await redis.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
