/** Why Redis takes no writes: a closed set, with what each means and what a person does about it. Nothing of an address is in it. */
export const REFUSALS = {
  'out-of-memory': {
    says: 'Redis memory is full: maxmemory is reached',
    remedy: 'Raise maxmemory, or give Redis a larger machine.',
  },
  disk: {
    says: 'Redis cannot write to its disk',
    remedy: 'Free disk space for Redis, and read its log.',
  },
  'read-only': {
    says: 'The Redis server is a replica and takes no writes',
    remedy: 'Point REDIS_URL at the primary, or promote this server.',
  },
  'no-permission': {
    says: 'The Redis user may not write',
    remedy: 'Give the user of REDIS_URL the rights that docs/redis.md lists.',
  },
  moved: {
    says: 'The Redis Cluster is down, or does not serve our keys at this address',
    remedy: 'Bring the Cluster back, and reach it with redis-cluster:// in REDIS_URL.',
  },
  'no-replicas': {
    says: 'Too few replicas follow the Redis primary (min-replicas-to-write)',
    remedy: 'Start a replica, or lower min-replicas-to-write.',
  },
  unreachable: {
    says: 'Redis does not answer',
    remedy: 'Start Redis, and check that this machine reaches the address in REDIS_URL.',
  },
} as const satisfies Record<string, { says: string; remedy: string }>

export type Refusal = keyof typeof REFUSALS
export const REFUSAL_NAMES = Object.keys(REFUSALS) as Refusal[]

/**
 * The codes that Redis answers with, to a plain command and inside what a script, a transaction or a Cluster redirection reports. Before
 * Redis 7 a script reports them behind its own name; for a missing permission scripts have sentences of their own.
 */
const CODES: readonly (readonly [RegExp, Refusal])[] = [
  [/\bOOM\b/, 'out-of-memory'],
  [/\bMISCONF\b/, 'disk'],
  [/\bNOREPLICAS\b/, 'no-replicas'],
  [/\b(READONLY|MASTERDOWN)\b/, 'read-only'],
  [/\b(CLUSTERDOWN|MOVED|ASK|TRYAGAIN)\b/, 'moved'],
  [/\b(NOPERM|NOAUTH|WRONGPASS)\b|The user executing the script can't|ACL failure in script/, 'no-permission'],
]

/** Why a write failed. What is no refusal of the server itself counts as `unreachable`: no connection, no answer in time. */
export function refusalOf(error: unknown): Refusal {
  const message = error instanceof Error ? error.message : ''
  return CODES.find(([code]) => code.test(message))?.[1] ?? 'unreachable'
}

/** Writes are refused: why, since when on Redis' clock in milliseconds, and `why` in a sentence with its remedy. */
export interface Refused {
  refusal: Refusal
  since: number
  why: string
}

/** The refusal in a sentence, with its remedy. */
export const describeRefusal = (refusal: Refusal): string => `${REFUSALS[refusal].says}. ${REFUSALS[refusal].remedy}`
