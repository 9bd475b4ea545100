import { randomUUID } from 'node:crypto'
import type { Redis } from '../redis/connect.ts'
import type { Keys } from './keys.ts'
import { loadScript, runScript } from './scripts.ts'

const PUT = loadScript('put-token')
const RELEASE = loadScript('release-lock')

/** A platform's token; each renewal is a generation of its own. */
export interface Token {
  token: string
  generation: number
}

export type TokenStore = ReturnType<typeof createTokenStore>

/** Tokens that all processes share, and the lock under which one of them renews. */
export function createTokenStore(redis: Redis, keys: Keys) {
  async function get(name: string): Promise<Token | null> {
    const { token, generation } = await redis.hgetall(keys.token(name))
    return token === undefined ? null : { token, generation: Number(generation) }
  }

  /** Stores a token that replaces `generation`; whoever comes second gets nothing stored and should read again. */
  const put = async (name: string, token: string, generation: number): Promise<boolean> =>
    (await runScript(redis, PUT, [keys.token(name)], [generation, token])) === generation + 1

  /** Runs `work` while nobody else does, or answers null at once when somebody does. The lock expires after `ms`. */
  async function alone<Value>(name: string, ms: number, work: () => Promise<Value>): Promise<Value | null> {
    const word = randomUUID()
    if ((await redis.set(keys.tokenLock(name), word, 'PX', ms, 'NX')) !== 'OK') return null
    try {
      return await work()
    } finally {
      await runScript(redis, RELEASE, [keys.tokenLock(name)], [word])
    }
  }

  return { get, put, alone }
}
