import { setTimeout as pause } from 'node:timers/promises'
import type { Config } from '../config.ts'
import type { Deps } from '../deps.ts'
import { REFUSALS, type Refused } from '../redis/refusals.ts'
import { hostsOf, readRedisUrl } from '../redis/address.ts'
import { NEARLY_FULL, unsafeSettings, type RedisHealth, type RedisState } from '../store/redis-state.ts'
import { fault, fine, unwise, warn, type DoctorLine } from './doctor-line.ts'

const ANSWER_WITHIN_MS = 5_000
/** From here on every command the scripts use is there. */
const OLDEST: readonly [number, number] = [6, 2]
/** A signature may be five minutes old, so a clock that is further off refuses good hooks. */
const [CLOCK_OFF_MS, CLOCK_WRONG_MS] = [1_000, 60_000]

/** Redis itself: there, new enough, safe, how much it could lose, and whose clock is right. */
export async function lookAtRedis(
  config: Pick<Config, 'NODE_ENV' | 'REPLICA_WAIT_MS' | 'REDIS_URL'>,
  {
    health,
    writes,
  }: { health: Pick<RedisHealth, 'now' | 'state' | 'forbidden'>; writes: Pick<Deps['writes'], 'look'> },
): Promise<{ answers: boolean; lines: DoctorLine[] }> {
  const production = config.NODE_ENV === 'production'
  const state = await within(health.state())
  if (state === null) {
    const todo = 'check REDIS_URL, the password in it, and that this machine may connect'
    return { answers: false, lines: [fault('redis', `no answer within ${ANSWER_WITHIN_MS / 1_000} s`, todo)] }
  }
  return {
    answers: true,
    lines: [
      topologyLine(config.REDIS_URL),
      writeLine(await writes.look()),
      permissionLine(await within(health.forbidden())),
      ...(state.isVisible
        ? [
            versionLine(state),
            policyLine(state),
            lossWindow(state, production),
            replicaLine(state, config.REPLICA_WAIT_MS),
            memoryLine(state),
          ]
        : [hiddenLine(state)]),
      await clockLine(health.now),
    ],
  }
}

async function within<Value>(work: Promise<Value>): Promise<Value | null> {
  const limit = new AbortController()
  const late = pause(ANSWER_WITHIN_MS, null, { signal: limit.signal }).catch(() => null)
  return Promise.race([work.catch(() => null), late]).finally(() => limit.abort())
}

/** How Redis is reached, and what happens when its primary fails. */
function topologyLine(url = ''): DoctorLine {
  const name = 'redis topology'
  const address = readRedisUrl(url)
  if ('fault' in address) return fault(name, `REDIS_URL: ${address.fault}`, 'correct REDIS_URL')
  const [at, over] = [hostsOf(address), address.tls ? ' over TLS' : '']
  switch (address.topology) {
    case 'standalone':
      return fine(name, `one server at ${at}${over}: while it is down hooks are answered 503 and nothing is pushed`)
    case 'sentinel':
      return fine(
        name,
        `the primary that the Sentinels ${at} name "${address.master}"${over}: another takes over when it fails`,
      )
    case 'cluster':
      return fine(name, `a Cluster found through ${at}${over}: a replica takes over when the node with our keys fails`)
  }
}

function writeLine(refused: Refused | null): DoctorLine {
  if (refused === null) return fine('redis writes', 'a probe was written where our keys are')
  const { says, remedy } = REFUSALS[refused.refusal]
  return fault('redis writes', `refused (${refused.refusal}): ${says}`, remedy)
}

function permissionLine(forbidden: { needed: string[]; useful: string[] } | null): DoctorLine {
  const name = 'redis permissions'
  const todo = 'allow them in the ACL of its user; docs/redis.md has the whole rule'
  if (forbidden === null) return warn(name, 'could not be tried', 'try again')
  const { needed, useful } = forbidden
  if (needed.length > 0) return fault(name, `forbidden and needed: ${needed.join(', ')}`, todo)
  return useful.length > 0
    ? warn(name, `forbidden: ${useful.join(', ')}; it works, and less is noticed and shown`, todo)
    : fine(name, 'every command that is needed is allowed')
}

const hiddenLine = (state: RedisState): DoctorLine =>
  warn(
    'redis settings',
    'INFO is forbidden: version, eviction, persistence, replicas and memory are not known' +
      (state.appendFsync === null ? '' : `; appendfsync is ${state.appendFsync}`),
    'allow INFO, or make sure of maxmemory-policy noeviction and of persistence with who runs Redis',
  )

function versionLine({ version }: RedisState): DoctorLine {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const old = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])
  return old
    ? fault('redis', `version ${version || 'unknown'}`, `use Redis ${OLDEST.join('.')} or later, or Valkey`)
    : fine('redis', `answers, version ${version}`)
}

function policyLine(state: RedisState): DoctorLine {
  return unsafeSettings({ ...state, appendOnly: true }, false).length > 0
    ? fault(
        'redis eviction',
        `maxmemory-policy is ${state.policy || 'unknown'}: Redis may throw orders away`,
        'set maxmemory-policy to noeviction',
      )
    : fine('redis eviction', 'noeviction')
}

/** What an accepted change is worth when the machine of Redis dies. */
export function lossWindow(state: RedisState, production: boolean): DoctorLine {
  const name = 'loss window'
  const always = 'set appendonly yes and appendfsync always'
  if (!state.appendOnly) {
    return state.snapshots
      ? warn(name, 'snapshots only: minutes of accepted changes can be lost when Redis stops', always)
      : unwise(production)(name, 'nothing is written to disk: a restart of Redis loses every order', always)
  }
  switch (state.appendFsync) {
    case 'always':
      return fine(name, 'none: an accepted change is on disk (appendfsync always)')
    case 'everysec':
      return warn(
        name,
        'with appendfsync everysec up to 1 s of accepted changes can be lost if the machine dies',
        'set appendfsync always for none',
      )
    case null:
      return warn(
        name,
        'Redis does not state how often it writes to disk',
        'ask its provider, or try WAIT with a replica',
      )
    default:
      return warn(
        name,
        `with appendfsync ${state.appendFsync} some 30 s of accepted changes can be lost if the machine dies`,
        'set appendfsync always',
      )
  }
}

function replicaLine({ replicas, minReplicas }: RedisState, waitMs: number): DoctorLine {
  if (replicas === 0) return fine('replicas', 'none: what Redis holds, one machine holds')
  const says =
    `${replicas}: a 202, a refund and a push wait until one of them has the write (WAIT, at most ${waitMs} ms), ` +
    'so a failover loses nothing that was promised'
  return minReplicas === 0
    ? warn('replicas', `${says}; a primary that is cut off takes other writes for some seconds, and loses them`, 'set min-replicas-to-write 1') // prettier-ignore
    : fine('replicas', says)
}

function memoryLine({ usedBytes, maxBytes }: RedisState): DoctorLine {
  const used = `${Math.ceil(usedBytes / 1_048_576)} MiB used`
  if (maxBytes === 0) return fine('redis memory', `${used}, no limit set`)
  const share = Math.round((usedBytes / maxBytes) * 100)
  return usedBytes > NEARLY_FULL * maxBytes
    ? warn(
        'redis memory',
        `${used}, ${share} % of maxmemory`,
        'raise maxmemory: when it is full, hooks are answered 503',
      )
    : fine('redis memory', `${used}, ${share} % of maxmemory`)
}

/** Redis' clock is the only one that counts for orders; ours counts for signatures. */
async function clockLine(redisNow: () => Promise<number>): Promise<DoctorLine> {
  const before = Date.now()
  const theirs = await within(redisNow())
  if (theirs === null) return fault('clock', 'Redis does not state its time', 'try again')
  const offMs = Math.abs(theirs - (before + Date.now()) / 2)
  const says = `this machine and Redis differ by ${Math.round(offMs)} ms`
  const todo = 'keep both machines on network time (chrony, systemd-timesyncd)'
  if (offMs > CLOCK_WRONG_MS) return fault('clock', says, todo)
  return offMs > CLOCK_OFF_MS ? warn('clock', says, todo) : fine('clock', says)
}
