import { allKeys } from './all-keys.ts'
import type { World } from './world.ts'

/** Everything that Redis holds of a schedule at one moment, and what the models hold in its stead. */
export interface Snapshot {
  at: number
  restore: () => Promise<void>
}

/** Remembers all of it, so that it can be lost later. */
export async function takeSnapshot(world: World): Promise<Snapshot> {
  const { redis, clock, mode } = world
  const names = allKeys(world)
  const kept = await Promise.all(names.map(name => redis.dumpBuffer(name)))
  const restoreTold = world.keepTold()
  const restoreRules = world.rules.keep()
  return {
    at: clock.now,
    async restore() {
      await Promise.all(
        names.map((name, i) => {
          const bytes = kept[i]
          return bytes ? redis.restore(name, 0, bytes, 'REPLACE') : redis.del(name)
        }),
      )
      world.reads.wrote('')
      restoreTold()
      restoreRules()
      world.mode = mode
    },
  }
}
