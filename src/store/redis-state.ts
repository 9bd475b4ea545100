import type { Redis } from '../redis/connect.ts'
import { primaryOf, serverTime } from '../redis/primary.ts'
import type { Keys } from './keys.ts'
import { loadScript, runScript } from './scripts.ts'

const TRY = loadScript('try-commands')

/** What Redis itself is set to, as far as promises depend on it. */
export interface RedisState {
  /** False where INFO is forbidden: then version, policy, persistence, replicas and memory are not known. */
  isVisible: boolean
  version: string
  policy: string
  appendOnly: boolean
  /** How often the append-only file reaches the disk; null where the server does not show it. */
  appendFsync: string | null
  snapshots: boolean
  replicas: number
  /** `min-replicas-to-write`; null where the server does not show it. */
  minReplicas: number | null
  usedBytes: number
  maxBytes: number
}

export type RedisHealth = ReturnType<typeof createRedisHealth>

/** Questions to Redis about itself: its clock, its settings and its replicas. */
export function createRedisHealth(redis: Redis, keys: Keys) {
  /** Redis' clock in milliseconds. */
  const now = (): Promise<number> => serverTime(redis, keys.epoch)
  /** The server that holds our keys: without a key a Cluster lets any node answer. */
  const server = () => primaryOf(redis, keys.epoch) ?? redis

  async function state(): Promise<RedisState> {
    const [info, fsync, save, minReplicas] = await Promise.all([
      server().info(), setting('appendfsync'), setting('save'), setting('min-replicas-to-write'),
    ]) // prettier-ignore
    const read = (name: string) => new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1]?.trim() ?? ''
    return {
      isVisible: info !== '',
      version: read('redis_version'),
      policy: read('maxmemory_policy'),
      appendOnly: read('aof_enabled') === '1',
      appendFsync: fsync,
      snapshots: save === null ? Number(read('rdb_last_save_time')) > 0 && Number(read('rdb_saves')) > 0 : save !== '',
      replicas: Number(read('connected_slaves')),
      minReplicas: minReplicas === null ? null : Number(minReplicas),
      usedBytes: Number(read('used_memory')),
      maxBytes: Number(read('maxmemory')),
    }
  }

  /** How much memory is used and may be, in bytes; null where there is no limit, or INFO is forbidden. */
  async function memory(): Promise<{ usedBytes: number; maxBytes: number } | null> {
    const info = await server().info('memory')
    const read = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0)
    const maxBytes = read('maxmemory')
    return maxBytes === 0 ? null : { usedBytes: read('used_memory'), maxBytes }
  }

  /** Managed servers forbid CONFIG; what is not told is null. */
  async function setting(name: string): Promise<string | null> {
    try {
      const reply: unknown = await server().config('GET', name)
      return Array.isArray(reply) && typeof reply[1] === 'string' ? reply[1] : null
    } catch {
      return null
    }
  }

  /** Commands that the user of this connection may not run: those that are needed, and those without which less is known. */
  async function forbidden(): Promise<{ needed: string[]; useful: string[] }> {
    const { tried } = keys
    const isForbidden = async (command: string, ...args: string[]) =>
      server().call(command, ...args).then(() => false, (error: unknown) => error instanceof Error && error.message.startsWith('NOPERM')) // prettier-ignore
    const among = async (commands: string[][]) => {
      const names = await Promise.all(
        commands.map(async ([name = '', ...args]) => ((await isForbidden(name, ...args)) ? name : null)),
      )
      return names.filter(name => name !== null)
    }
    const direct = await among([['EVAL', 'return 1', '0'], ['EVALSHA', '0', '0'], ['TIME'], ['WAIT', '0', '1'], ['BZPOPMIN', tried, '0.01']]) // prettier-ignore
    const useful = await among([['ROLE'], ['INFO'], ['CONFIG', 'GET', 'save'], ['CLIENT', 'SETNAME', 'order-sync']])
    const inScripts = direct.includes('EVAL') ? [] : ((await runScript(redis, TRY, [tried], [])) as string[])
    return { needed: [...new Set([...direct, ...inScripts])], useful }
  }

  return { now, state, memory, forbidden }
}

/** Part of `maxmemory` from which on memory is an alarm, and below which it is none again. */
export const NEARLY_FULL = 0.8
export const ROOMY = 0.75

/** What makes a Redis unsafe to keep orders in; `production` also asks for persistence. Each line says the remedy. */
export function unsafeSettings(state: RedisState, production: boolean): string[] {
  const faults: string[] = []
  // What an ACL hides is a warning of the doctor; it stops no start.
  if (!state.isVisible) return faults
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
