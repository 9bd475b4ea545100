import type { Redis } from '../redis/connect.ts'
import { primaryOf } from '../redis/primary.ts'
import type { Keys } from './keys.ts'

/** One key as it is backed up: its name without the namespace, when it ends (ms from now; 0: never), and what Redis' DUMP answers. */
export interface KeyDump {
  key: string
  ttlMs: number
  dump: Buffer
}

const PAGE = 200
/**
 * What no backup holds: secrets, locks, what a process publishes, and what is about this Redis alone. Jobs are keys of orders and cases,
 * and are enqueued again from the sets.
 */
const LEFT_OUT = [
  'epoch', 'rollback', 'token:', 'token-lock:', 'wrong-logins:', 'right-login:', 'subscriptions-lock', 'figures', 'tried', 'gate:', 'push-rate:', 'write-probe:',
  'jobs-due:', 'jobs-taken:', 'job-notes:', 'schedules', 'alarms-out', 'alarms-due',
] // prettier-ignore

/** Every key of a namespace, as bytes. `queues`: names of the queues, whose keys are left out. */
export function createBackupStore(redis: Redis, { keys, queues }: { keys: Keys; queues: readonly string[] }) {
  const tag = `${keys.queuePrefix}:`
  const leftOut = [...LEFT_OUT, ...queues.map(name => `${name}:`)]
  const isKept = (key: string) => !leftOut.some(start => key.startsWith(start))

  /** The names of all keys, a page at a time and without the namespace; one may come twice. A Cluster has them on one node. */
  async function* names(): AsyncGenerator<string[]> {
    const server = primaryOf(redis, keys.orders) ?? redis
    for (let cursor = ''; cursor !== '0';) {
      const [next, found] = await server.scan(cursor === '' ? '0' : cursor, 'MATCH', `${tag}*`, 'COUNT', PAGE)
      cursor = next
      if (found.length > 0) yield found.map(name => name.slice(tag.length))
    }
  }

  async function dumpOf(key: string): Promise<KeyDump | null> {
    const [dump, ttl] = await Promise.all([
      redis.dumpBuffer(tag + key) as Promise<Buffer | null>,
      redis.pttl(tag + key),
    ])
    return dump === null ? null : { key, ttlMs: Math.max(0, ttl), dump }
  }

  /** Everything that is backed up, each key once; what changes meanwhile is as it is at its turn. */
  async function* dumps(): AsyncGenerator<KeyDump[]> {
    const seen = new Set<string>()
    for await (const page of names()) {
      const fresh = page.filter(key => isKept(key) && !seen.has(key))
      for (const key of fresh) seen.add(key)
      const read = await Promise.all(fresh.map(dumpOf))
      yield read.filter(one => one !== null)
    }
  }

  /** How many keys there are at most. */
  const count = (): Promise<number> => (primaryOf(redis, keys.orders) ?? redis).dbsize()

  const put = async (dumps: readonly KeyDump[]): Promise<void> =>
    void (await Promise.all(dumps.map(({ key, ttlMs, dump }) => redis.restore(tag + key, ttlMs, dump, 'REPLACE'))))

  /** True when nothing is stored that a backup would hold. */
  async function isEmpty(): Promise<boolean> {
    for await (const page of names()) if (page.some(isKept)) return false
    return true
  }

  /** Deletes everything of the namespace but its epoch, queues included. */
  async function clear(): Promise<void> {
    for await (const page of names()) {
      const gone = page.filter(key => key !== 'epoch' && key !== 'rollback')
      if (gone.length > 0) await redis.unlink(...gone.map(key => tag + key))
    }
  }

  /** Ids of everything of one kind: orders, cases, or orders that have refunds; each once. */
  async function* ids(kind: 'order' | 'case' | 'refunds'): AsyncGenerator<string> {
    const seen = new Set<string>()
    for await (const page of names())
      for (const key of page) {
        if (!key.startsWith(`${kind}:`) || seen.has(key)) continue
        seen.add(key)
        yield key.slice(kind.length + 1)
      }
  }

  return { dumps, count, put, isEmpty, clear, ids }
}
