import type { Redis } from '../redis.ts'
import type { Keys } from './keys.ts'

/** Every process's own figures, as Prometheus text, where operations can read them; they fade when a process is gone. */
export function createFiguresStore(redis: Redis, keys: Keys, everyMs: number) {
  async function publish(process: string, text: string): Promise<void> {
    await redis
      .multi()
      .set(keys.figures(process), text, 'PX', everyMs * 3)
      .sadd(keys.figuresNames, process)
      .exec()
  }

  /** Process name → its figures. */
  async function all(): Promise<Map<string, string>> {
    const names = await redis.smembers(keys.figuresNames)
    if (names.length === 0) return new Map()
    const texts = await redis.mget(...names.map(keys.figures))
    const gone = names.filter((_, i) => texts[i] === null)
    if (gone.length > 0) await redis.srem(keys.figuresNames, ...gone)
    return new Map(names.flatMap((name, i) => (typeof texts[i] === 'string' ? [[name, texts[i]] as const] : [])))
  }

  async function withdraw(process: string): Promise<void> {
    await redis.multi().del(keys.figures(process)).srem(keys.figuresNames, process).exec()
  }

  return { publish, all, withdraw }
}
