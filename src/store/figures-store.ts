import type { Redis } from '../redis/connect.ts'
import type { Keys } from './keys.ts'
import { loadScript, runScript } from './scripts.ts'

const PUBLISH = loadScript('publish-figures')

/** What one process counts of itself; `text` in Prometheus' format. */
export interface Figures {
  process: string
  text: string
}

/**
 * Every process's own figures, where operations can read them; they fade when a process is gone. Metrics call a process by its label,
 * such as `ingress-1`: the lowest number that no other process of its daemon has, so restarts add no labels.
 */
export function createFiguresStore(redis: Redis, keys: Keys, everyMs: number) {
  const labels = new Map<string, string>()

  /** `process` is `<daemon>@<host>:<pid>`. */
  async function publish(process: string, text: string): Promise<void> {
    const daemon = process.split('@')[0]!
    const args = [keys.figures, daemon, process, text, everyMs * 3]
    labels.set(process, String(await runScript(redis, PUBLISH, [keys.figuresNames], args)))
  }

  /** Label → the figures of the process that has it. */
  async function all(): Promise<Map<string, Figures>> {
    const names = await redis.smembers(keys.figuresNames)
    if (names.length === 0) return new Map()
    const texts = await redis.mget(...names.map(name => `${keys.figures}${name}`))
    return new Map(
      names.flatMap((name, i) => {
        const text = texts[i]
        return typeof text === 'string' ? [[name, { process: processIn(text) ?? name, text }] as const] : []
      }),
    )
  }

  async function withdraw(process: string): Promise<void> {
    const label = labels.get(process)
    if (label === undefined) return
    labels.delete(process)
    await redis.multi().del(`${keys.figures}${label}`).srem(keys.figuresNames, label).exec()
  }

  return { publish, all, withdraw }
}

/** As `publish-figures.lua` writes it; version 0.1.0 did not, and its processes are their own labels. */
const processIn = (text: string): string | undefined => /^# process (.+)/.exec(text)?.[1]
