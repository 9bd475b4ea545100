import type { World } from './world.ts'

/** Everything that Redis holds of a schedule at one moment, and what the models hold in its stead. */
export interface Snapshot {
  at: number
  restore: () => Promise<void>
}

/** Every key of a schedule: it is the only writer of its namespace. */
export const keysOfWorld = ({ redis, namespace }: World): Promise<string[]> => redis.keys(`{${namespace}}:*`)

/** Remembers all of it, so that it can be lost later. */
export async function takeSnapshot(world: World): Promise<Snapshot> {
  const { redis, clock, mode } = world
  const names = await keysOfWorld(world)
  const kept = new Map<string, Buffer>()
  await Promise.all(
    names.map(async name => {
      const bytes = await redis.dumpBuffer(name)
      if (bytes) kept.set(name, bytes)
    }),
  )
  const restoreTold = world.keepTold()
  const restoreRules = world.rules.keep()
  return {
    at: clock.now,
    async restore() {
      const since = (await keysOfWorld(world)).filter(name => !kept.has(name))
      if (since.length > 0) await redis.unlink(...since)
      await Promise.all([...kept].map(([name, bytes]) => redis.restore(name, 0, bytes, 'REPLACE')))
      world.reads.wrote('')
      restoreTold()
      restoreRules()
      world.mode = mode
    },
  }
}
