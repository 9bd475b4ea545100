import { randomBytes } from 'node:crypto'
import type { Redis } from '../redis/connect.ts'
import type { Keys } from './keys.ts'
import { loadScript, runScript } from './scripts.ts'

const JUDGE = loadScript('judge-login')

/** So many wrong passwords of one address in the window; then the address waits until the oldest has left it. */
const [MOST, WINDOW_MS] = [10, 600_000]
const REMEMBERED_MS = 7 * 86_400_000

export interface Login {
  /** What is logged in to: `console`, or the name of a platform. */
  name: string
  address: string
  isRight: boolean
  /** An address that had the right password in the last seven days is never blocked: others may share it behind a proxy. */
  isRemembered: boolean
}

/** `waitMs` above 0: the address is blocked, whatever the password; `left`: how many more wrong passwords it may send. */
export interface LoginJudgement {
  waitMs: number
  left: number
}

export type LoginStore = ReturnType<typeof createLoginStore>

/** Wrong passwords by address, counted by all processes together, on Redis' clock. */
export function createLoginStore(redis: Redis, keys: Keys) {
  async function judge({ name, address, isRight, isRemembered }: Login): Promise<LoginJudgement> {
    const all = [keys.wrongLogins(name, address), keys.rightLogin(name, address)]
    const attempt = randomBytes(8).toString('base64url')
    const args = [attempt, isRight ? 1 : 0, MOST, WINDOW_MS, isRemembered ? REMEMBERED_MS : 0]
    const [waitMs, wrong] = (await runScript(redis, JUDGE, all, args)) as [number, number]
    return { waitMs, left: Math.max(0, MOST - wrong) }
  }

  return { judge }
}
