import { readFileSync } from 'node:fs'
import type { Config } from './config.ts'
import { readNatMap } from './redis/address.ts'
import { connectRedis, type Patience, type Redis, type RedisPlace } from './redis/connect.ts'

/** The connections of one process, beside those that its workers open. */
export interface RedisConnections {
  redis: Redis
  /** Its own: WAIT keeps what follows waiting, and counts what its own connection wrote. */
  commits: Redis
  /** Its own: what it is refused is reported, where the others try again. */
  probing: Redis
}

/** Opens the connections of the process `name`, as the configuration has it. */
export function openRedis(config: Config, name: string, patience: Patience): RedisConnections {
  const place = redisPlaceOf(config)
  const client = `${config.REDIS_NAMESPACE}:${name}`
  return {
    redis: connectRedis(place, client, patience),
    commits: connectRedis(place, `${client}:commits`, patience),
    probing: connectRedis(place, `${client}:probe`, 'probing'),
  }
}

/** How Redis is reached; the configuration has made sure that the files can be read. */
function redisPlaceOf(config: Config): RedisPlace {
  const read = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path, 'utf8'))
  const tls = { ca: read(config.REDIS_TLS_CA_FILE), cert: read(config.REDIS_TLS_CERT_FILE), key: read(config.REDIS_TLS_KEY_FILE) } // prettier-ignore
  return { url: config.REDIS_URL ?? '', tls, sentinelPassword: config.REDIS_SENTINEL_PASSWORD, natMap: readNatMap(config.REDIS_NAT_MAP ?? '') ?? {} } // prettier-ignore
}
