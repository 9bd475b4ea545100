import type { Redis } from '../redis/connect.ts'
import type { Keys } from './keys.ts'

/** What Redis itself is set to, as far as promises depend on it. */
export interface RedisState {
  version: string
  policy: string
  appendOnly: boolean
  /** How often the append-only file reaches the disk; null where the server does not say. */
  appendFsync: string | null
  snapshots: boolean
  replicas: number
  usedBytes: number
  maxBytes: number
}

export type RedisHealth = ReturnType<typeof createRedisHealth>

/** Questions to Redis about itself: its clock, its settings, its replicas, and a counter that may only rise. */
export function createRedisHealth(redis: Redis, keys: Keys) {
  /** Redis' clock in milliseconds. */
  async function now(): Promise<number> {
    const [seconds, micros] = await redis.time()
    return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000)
  }

  async function state(): Promise<RedisState> {
    const [info, fsync, save] = await Promise.all([redis.info(), setting('appendfsync'), setting('save')])
    const read = (name: string) => new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1]?.trim() ?? ''
    return {
      version: read('redis_version'),
      policy: read('maxmemory_policy'),
      appendOnly: read('aof_enabled') === '1',
      appendFsync: fsync,
      snapshots: save === null ? Number(read('rdb_last_save_time')) > 0 && Number(read('rdb_saves')) > 0 : save !== '',
      replicas: Number(read('connected_slaves')),
      usedBytes: Number(read('used_memory')),
      maxBytes: Number(read('maxmemory')),
    }
  }

  /** Managed servers forbid CONFIG; what is not told is null. */
  async function setting(name: string): Promise<string | null> {
    try {
      const reply: unknown = await redis.config('GET', name)
      return Array.isArray(reply) && typeof reply[1] === 'string' ? reply[1] : null
    } catch {
      return null
    }
  }

  const raiseCanary = () => redis.incr(keys.canary)

  return { now, state, raiseCanary }
}

/** What makes a Redis unsafe to keep orders in; `production` also asks for persistence. Each line says the remedy. */
export function unsafeSettings(state: RedisState, production: boolean): string[] {
  const faults: string[] = []
  if (state.policy !== 'noeviction') {
    faults.push(`maxmemory-policy is ${state.policy || 'unknown'}: Redis may throw orders away. Set it to noeviction`)
  }
  if (production && !state.appendOnly && !state.snapshots) {
    faults.push(
      'nothing is written to disk: a restart loses every order. Set appendonly yes, and appendfsync always for no loss at all',
    )
  }
  return faults
}
