import type { ClusterOptions, Redis } from 'ioredis'
import { readRedisUrl, type NatMap, type RedisAddress } from './address.ts'
import { createSentinelWatch } from './sentinel-watch.ts'
import { ClusterConnection, COMMON, NodeConnection, type NodeOptions } from './connections.ts'

export type { Redis } from 'ioredis'

/**
 * How a connection meets an outage. `patient`: commands wait until Redis is back (workers). `hasty`: they fail within two
 * seconds, so that a hook is answered 503 and sent again (ingress). `probing`: so they do, and what Redis refuses is not sent
 * again but reported. Commands that were sent when it broke fail in all.
 */
export type Patience = 'patient' | 'hasty' | 'probing'

/** How Redis is reached: its address as `REDIS_URL` states it, and what the address does not hold. */
export interface RedisPlace {
  url: string
  /** PEM texts: the certificate authority of the servers, and a certificate of ours. */
  tls?: { ca?: string | undefined; cert?: string | undefined; key?: string | undefined }
  /** Password of the Sentinels themselves. */
  sentinelPassword?: string | undefined
  natMap?: NatMap | undefined
}

const HASTY_MS = 2_000
const MODES = {
  patient: { maxRetriesPerRequest: null },
  hasty: { maxRetriesPerRequest: 0, enableOfflineQueue: false, commandTimeout: HASTY_MS },
  // It waits for a connection that is being made: a server that has become a replica is left again and again.
  probing: { maxRetriesPerRequest: 0, commandTimeout: HASTY_MS, reportsRefusals: true },
} satisfies Record<Patience, NodeOptions>

/**
 * Connects to one server, to the primary that Sentinels name, or to a Cluster; throws when the address cannot be read. `name`
 * shows in Redis' client list. Connects again for ever, at most a second apart.
 */
export function connectRedis(place: string | RedisPlace, name: string, patience: Patience): Redis {
  const { url, tls = {}, sentinelPassword, natMap } = typeof place === 'string' ? { url: place } : place
  const address = readRedisUrl(url)
  if ('fault' in address) throw new Error(`REDIS_URL: ${address.fault}`)
  const options: NodeOptions = {
    ...COMMON,
    ...MODES[patience],
    connectionName: name,
    ...(address.username !== undefined && { username: address.username }),
    ...(address.password !== undefined && { password: address.password }),
    ...(address.tls && { tls }),
  }
  switch (address.topology) {
    case 'standalone':
      return new NodeConnection({ ...options, ...address.server, db: address.db })
    case 'sentinel': {
      const { sentinels, master } = address
      const password = sentinelPassword === undefined ? {} : { password: sentinelPassword }
      const asks = { ...COMMON, ...MODES.hasty, ...password, ...(address.tls && { tls }) }
      const watch = createSentinelWatch(sentinels, master, natMap, at => new NodeConnection({ ...asks, ...at }))
      const more = { ...sentinelOptions(address, tls), ...(sentinelPassword !== undefined && { sentinelPassword }) }
      return new NodeConnection({ ...options, ...more, ...(natMap && { natMap }) }, watch)
    }
    case 'cluster': {
      const more = { ...clusterOptions(patience), ...(natMap && { natMap }), redisOptions: options }
      // A Cluster has every command of one server; what differs is used in this folder alone.
      return new ClusterConnection(address.nodes, more) as unknown as Redis
    }
  }
}

/** `sentinelCommandTimeout`: a Sentinel that accepts connections and never answers is passed over. */
const sentinelOptions = (
  { sentinels, master, db, tls: isSecure }: Extract<RedisAddress, { topology: 'sentinel' }>,
  tls: RedisPlace['tls'],
): NodeOptions => ({
  sentinels,
  name: master,
  db,
  sentinelCommandTimeout: 1_500,
  sentinelRetryStrategy: attempt => Math.min(100 * attempt, 1_000),
  ...(isSecure && { enableTLSForSentinelMode: true, sentinelTLS: tls }),
})

/**
 * What a node refused, because the Cluster is down or moves slots, and what no node was sent yet is sent again, for some
 * twenty seconds where commands wait.
 */
const clusterOptions = (patience: Patience): Omit<ClusterOptions, 'redisOptions'> => ({
  retryDelayOnFailover: patience === 'patient' ? 200 : 0,
  retryDelayOnClusterDown: 300,
  retryDelayOnTryAgain: 300,
  retryDelayOnMoved: 20,
  maxRedirections: patience === 'probing' ? 2 : 100,
  slotsRefreshTimeout: 2_000,
  slotsRefreshInterval: 10_000,
  clusterRetryStrategy: attempt => Math.min(100 * attempt, 1_000),
  enableOfflineQueue: patience === 'patient',
  // Certificates name hosts: an address looked up beforehand would match none.
  dnsLookup: (host, found) => found(null, host),
})

/** Waits until the connection can take commands, at most `ms`; false when it cannot by then. */
export function whenReady(redis: Redis, ms: number): Promise<boolean> {
  if (redis.status === 'ready') return Promise.resolve(true)
  return new Promise(resolve => {
    const onReady = () => {
      clearTimeout(timer)
      resolve(true)
    }
    const timer = setTimeout(() => {
      redis.off('ready', onReady)
      resolve(false)
    }, ms)
    redis.once('ready', onReady)
  })
}

const QUIT_MS = 1_500

/** Closes a connection whatever its state, within two seconds; waits for commands under way where its server answers. */
export async function closeRedis(redis: Redis): Promise<void> {
  if (redis.status === 'ready' && (await within(redis.quit(), QUIT_MS))) return
  redis.disconnect()
}

/** Waits for work at most `ms`; true when it ended well by then. */
export async function within(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>(resolve => (timer = setTimeout(resolve, ms, false)))
  return Promise.race([work.then(() => true, () => false), late]).finally(() => clearTimeout(timer)) // prettier-ignore
}
