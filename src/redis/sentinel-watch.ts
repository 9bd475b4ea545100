import { isIP } from 'node:net'
import type { Redis } from 'ioredis'
import type { HostPort, NatMap } from './address.ts'

/** How often the Sentinels are asked, in milliseconds. */
const EVERY_MS = 2_000

interface Primary extends HostPort {
  /** Counts the failovers: of two Sentinels the one with the greater is right. */
  epoch: number
}

/** Keeps the connections of one process on the primary that the Sentinels name. */
export interface SentinelWatch {
  /** Watches a connection from each time it connects until it ends. */
  add(redis: Redis): void
}

/**
 * A primary that is cut off from its Sentinels goes on taking writes which are lost once it is a replica. Its connections are
 * destroyed when the Sentinels name another server. `connect` opens a connection to one Sentinel.
 */
export function createSentinelWatch(
  sentinels: readonly HostPort[],
  master: string,
  natMap: NatMap | undefined,
  connect: (sentinel: HostPort) => Redis,
): SentinelWatch {
  const connections = new Set<Redis>()
  let asked: Redis[] = []
  let timer: NodeJS.Timeout | undefined
  let last: Primary | null = null

  const start = () => {
    if (timer !== undefined) return
    asked = sentinels.map(connect)
    timer = setInterval(() => void look(), EVERY_MS).unref()
  }
  const stop = () => {
    clearInterval(timer)
    timer = undefined
    for (const sentinel of asked.splice(0)) sentinel.disconnect()
  }

  async function look(): Promise<void> {
    const answers = await Promise.all(asked.map(sentinel => primaryOf(sentinel).catch(() => null)))
    const named = answers.filter(answer => answer !== null).toSorted((a, b) => b.epoch - a.epoch)[0]
    if (named === undefined || (last !== null && named.epoch < last.epoch)) return
    const hasMoved = last !== null && (last.host !== named.host || last.port !== named.port)
    last = named
    for (const redis of connections)
      if (redis.status === 'ready' && isElsewhere(redis, named, hasMoved)) redis.stream.destroy()
  }

  async function primaryOf(sentinel: Redis): Promise<Primary | null> {
    const reply = await sentinel.call('SENTINEL', 'MASTER', master)
    if (!Array.isArray(reply)) return null
    const valueOf = (name: string) => String(reply[reply.indexOf(name) + 1])
    const announced = { host: valueOf('ip'), port: Number(valueOf('port')) }
    const { host, port } = natMap?.[`${announced.host}:${announced.port}`] ?? announced
    return { host, port, epoch: Number(valueOf('config-epoch')) }
  }

  return {
    add: redis => {
      const onConnecting = () => {
        connections.add(redis)
        start()
      }
      redis.on('connecting', onConnecting).on('end', () => {
        connections.delete(redis)
        if (connections.size === 0) stop()
      })
      if (redis.status === 'connecting') onConnecting()
    },
  }
}

/** Where the primary is named by an address, that is compared; a name alone is only known to have changed. */
function isElsewhere({ stream }: Redis, { host, port }: HostPort, hasMoved: boolean): boolean {
  const { remoteAddress, remotePort } = stream as { remoteAddress?: string; remotePort?: number }
  if (isIP(host) === 0) return hasMoved || remotePort !== port
  return remotePort !== port || remoteAddress?.replace(/^::ffff:/, '') !== host
}
