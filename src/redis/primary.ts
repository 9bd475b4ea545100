import { Cluster, Command } from 'ioredis'
import type { Redis } from './connect.ts'

const asCluster = (redis: Redis): Cluster | null =>
  (redis as unknown) instanceof Cluster ? (redis as unknown as Cluster) : null

/** In a Cluster the node that owns a key's slot, as `host:port`; empty until it is known, and where there is no Cluster. */
export function ownerOf(redis: Redis, key: string): string {
  const cluster = asCluster(redis)
  return cluster === null ? '' : (cluster.slots[new Command('get', [key]).getSlot() ?? 0]?.[0] ?? '')
}

/** The connection to the server that holds a key; in a Cluster undefined while that is not known. */
export function primaryOf(redis: Redis, key: string): Redis | undefined {
  const cluster = asCluster(redis)
  if (cluster === null) return redis
  const owner = ownerOf(redis, key)
  return cluster.nodes('master').find(({ options: { host, port } }) => `${host}:${port}` === owner)
}

/** The clock of the server that holds a key, in milliseconds. Asked without a key, a Cluster answers with any node's clock. */
export async function serverTime(redis: Redis, key: string): Promise<number> {
  const [seconds, micros] = await (primaryOf(redis, key) ?? redis).time()
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000)
}
