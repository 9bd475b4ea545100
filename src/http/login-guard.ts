import { maskCardNumbers } from '../domain/basics/card-data.ts'
import { AppError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Login, LoginJudgement, LoginStore } from '../store/login-store.ts'
import { senderOf } from './sender-address.ts'

export interface LoginGuardDeps {
  logins: LoginStore
  log: Log
  onLoginFailed: (login: string, outcome: 'refused' | 'throttled') => void
}

const MAX_USER = 100

/**
 * Counts a login whose password was checked already. Throws `throttled` where too many wrong ones came from its address, also for the
 * right password, so that guessing shows nothing; `transient` where Redis does not answer.
 */
export async function guardLogin(
  { logins, log, onLoginFailed }: LoginGuardDeps,
  { ip, user, ...login }: Omit<Login, 'address'> & { ip: string; user: string },
): Promise<void> {
  const address = senderOf(ip)
  let judged: LoginJudgement
  try {
    judged = await logins.judge({ ...login, address })
  } catch (cause) {
    throw new AppError('redis-away', 'Redis does not answer; no login was checked, send again', { cause })
  }
  if (judged.waitMs > 0) {
    onLoginFailed(login.name, 'throttled')
    throw new AppError('too-many-logins', 'too many wrong passwords from this address; wait as long as Retry-After states', { retryAfterMs: judged.waitMs }) // prettier-ignore
  }
  if (login.isRight) return
  onLoginFailed(login.name, 'refused')
  const shown = maskCardNumbers(user.toWellFormed()).slice(0, MAX_USER)
  log.warn({ login: login.name, address, user: shown, left: judged.left }, judged.left > 0 ? 'login failed' : 'login failed, further ones from this address wait') // prettier-ignore
}
