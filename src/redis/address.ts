/** One server, by name or address. */
export interface HostPort {
  host: string
  port: number
}

interface Login {
  tls: boolean
  /** An ACL user; without one the password is the default user's. */
  username: string | undefined
  password: string | undefined
}

/** Where Redis is, as `REDIS_URL` states it. A Sentinel's own password is no part of the address. */
export type RedisAddress = Login &
  (
    | { topology: 'standalone'; server: HostPort; db: number }
    | { topology: 'sentinel'; sentinels: HostPort[]; master: string; db: number }
    | { topology: 'cluster'; nodes: HostPort[] }
  )

const SCHEMES = 'redis://, rediss://, redis-sentinel://, rediss-sentinel://, redis-cluster:// or rediss-cluster://'
/** The password may hold an unescaped `@` or `/`, as other clients accept it: the last `@` ends it. */
const URL_PARTS = /^redis(s?)(?:-(sentinel|cluster))?:\/\/(?:(.*)@)?([^@/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/

/** Reads `REDIS_URL`. A fault states what was expected and nothing of the value, which may hold a password. */
export function readRedisUrl(text: string): RedisAddress | { fault: string } {
  const parts = URL_PARTS.exec(text)
  if (!parts) return { fault: `expected an address that begins with ${SCHEMES}` }
  const [, secure, kind = 'standalone', credentials, hosts = '', path = '', query = ''] = parts
  const login = readLogin(credentials, secure === 's')
  if ('fault' in login) return login
  const servers = readHosts(hosts, kind === 'sentinel' ? 26_379 : 6_379)
  if ('fault' in servers) return servers
  const parameters = new URLSearchParams(query)
  if ([...parameters.keys()].some(name => name !== 'db')) return { fault: 'expected no parameter but ?db=<number>' }
  const stated = parameters.get('db')
  switch (kind) {
    case 'sentinel': {
      if (!/^[\w.-]+$/.test(path)) return { fault: 'expected /<name of the monitored primary> after the Sentinels' }
      const db = readDb(stated ?? '')
      return db === null ? BAD_DB : { topology: 'sentinel', sentinels: servers, master: path, db, ...login }
    }
    case 'cluster':
      if (path !== '' || stated !== null)
        return { fault: 'expected no database number: a Cluster has database 0 alone' }
      return { topology: 'cluster', nodes: servers, ...login }
    default: {
      if (servers.length > 1) return { fault: 'expected one host; several need redis-sentinel:// or redis-cluster://' }
      if (path !== '' && stated !== null) return { fault: 'expected the database number once, as /n or ?db=n' }
      const db = readDb(stated ?? path)
      return db === null ? BAD_DB : { topology: 'standalone', server: servers[0]!, db, ...login }
    }
  }
}

const BAD_DB = { fault: 'expected a whole number as the database' }
const readDb = (text: string): number | null => (text === '' ? 0 : /^\d{1,5}$/.test(text) ? Number(text) : null)

function readLogin(text: string | undefined, tls: boolean): Login | { fault: string } {
  if (text === undefined) return { tls, username: undefined, password: undefined }
  const at = text.indexOf(':')
  try {
    const [username, password] = [at < 0 ? text : text.slice(0, at), at < 0 ? '' : text.slice(at + 1)].map(
      decodeURIComponent,
    )
    return { tls, username: username || undefined, password: password || undefined }
  } catch {
    return { fault: 'expected user and password percent-encoded: write a % in them as %25' }
  }
}

function readHosts(text: string, defaultPort: number): HostPort[] | { fault: string } {
  const found = text.split(',').map(host => readHostPort(host, defaultPort))
  const hosts = found.filter(host => host !== null)
  return hosts.length === found.length ? hosts : { fault: 'expected host:port, several separated by commas' }
}

/** `host:port`, an IPv6 address in brackets; null when it is neither. */
function readHostPort(text: string, defaultPort: number | null): HostPort | null {
  const [, host = '', port] = /^(\[[\da-fA-F:.]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/.exec(text) ?? []
  const number = port === undefined ? defaultPort : Number(port)
  if (host === '' || number === null || number < 1 || number > 65_535) return null
  return { host: host.replace(/^\[|\]$/g, ''), port: number }
}

/** Addresses that Sentinels and nodes announce, each with the one to connect to in its place. */
export type NatMap = Record<string, HostPort>

/** Reads `REDIS_NAT_MAP`, `10.0.0.1:6379=127.0.0.1:7001,…`; null when it cannot be read. */
export function readNatMap(text: string): NatMap | null {
  const map: NatMap = {}
  for (const entry of text.split(',')) {
    const [from, to, ...more] = entry.trim().split('=')
    const [announced, reached] = [readHostPort(from ?? '', null), readHostPort(to ?? '', null)]
    if (announced === null || reached === null || more.length > 0) return null
    map[`${announced.host}:${announced.port}`] = reached
  }
  return map
}

/** The hosts of an address, without user and password: what may be shown. */
export function hostsOf(address: RedisAddress): string {
  const servers =
    address.topology === 'standalone'
      ? [address.server]
      : address.topology === 'sentinel'
        ? address.sentinels
        : address.nodes
  return servers.map(({ host, port }) => `${host}:${port}`).join(', ')
}
