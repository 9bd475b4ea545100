import type { Redis } from './connect.ts'
import { ownerOf, primaryOf } from './primary.ts'

/** How often the server is asked for its replicas, in milliseconds. */
const ROLE_EVERY_MS = 1_000
/**
 * A replica that has gone is waited for so long after it was last seen: it may be the primary that was cut off, and what it takes
 * is lost once another takes its place. Longer than a failover takes.
 */
const GONE_MS = 15_000

/** Resolves when a replica has what was written since the commit was started; rejects when that is not certain. */
export type Commit = () => Promise<void>
export type StartCommit = () => Commit

/**
 * Commits of one connection: writes that are done once a replica has them too, where there is one. WAIT counts what its own
 * socket wrote, so a commit whose socket was lost or whose slot moved in between is not confirmed: its writes may be lost.
 * Call it before the connection is used; `key` is any key that is written to; `waitMs` is how long a replica is waited for.
 */
export function createCommits(redis: Redis, key: string, waitMs: number): StartCommit {
  const replicas = { count: 0, askedAt: Number.NEGATIVE_INFINITY, seenAt: Number.NEGATIVE_INFINITY, socket: '' }
  let closed = 0
  let wait: Promise<void> | null = null
  redis.on('close', () => (closed += 1))
  redis.on('+node', (node: Redis) => void node.on('close', () => (closed += 1)))

  /** Changes with every socket that is lost and whenever the slot moves. */
  const socketNow = () => `${closed} ${ownerOf(redis, key)}`

  async function hasReplicas(node: Redis, socket: string): Promise<boolean> {
    const now = performance.now()
    if (now - replicas.askedAt > ROLE_EVERY_MS || replicas.socket !== socket) {
      const count = await replicasOf(node)
      Object.assign(replicas, { count, askedAt: now, socket, ...(count > 0 && { seenAt: now }) })
    }
    return replicas.count > 0 || now - replicas.seenAt < GONE_MS
  }

  async function confirm(node: Redis, socket: string): Promise<void> {
    const count = await node.wait(1, waitMs)
    if (count < 1) throw new Error('no replica confirmed the write in time')
    if (socketNow() !== socket) throw changed()
  }

  return () => {
    const socket = socketNow()
    return async () => {
      // A Cluster that was not connected when the writes began has found the slot's owner since.
      const isSame = () => socketNow() === socket || (socket.endsWith(' ') && socketNow().startsWith(socket))
      const node = primaryOf(redis, key)
      if (node === undefined) throw changed()
      if (!(await hasReplicas(node, socketNow()))) return
      // Writers that come while one waits share the next wait.
      await wait?.catch(() => {})
      if (!isSame()) throw changed()
      wait ??= confirm(node, socketNow()).finally(() => (wait = null))
      await wait
    }
  }
}

const changed = () => new Error('the connection changed between a write and its confirmation')

/** How many replicas follow. Where an ACL forbids ROLE, the statistics of INFO tell, where it forbids both, none is known. */
async function replicasOf(node: Redis): Promise<number> {
  try {
    const role = await node.call('ROLE')
    if (!Array.isArray(role)) return 0
    if (role[0] !== 'master') throw new Error('the server is a replica')
    return Array.isArray(role[2]) ? role[2].length : 0
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOPERM')) throw error
    const info = await node.info('replication')
    return Number(/^connected_slaves:(\d+)/m.exec(info)?.[1] ?? 0)
  }
}
