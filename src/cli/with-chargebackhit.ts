import { ConfigError } from '../config.ts'
import { judgeAnswer, type Answer } from '../domain/judge-answer.ts'
import { AppError } from '../errors.ts'
import type { Limits, Said } from '../platforms/api-answer.ts'
import type { ChargebackhitApi } from '../platforms/chargebackhit/api.ts'
import { commandConfig } from './command-config.ts'

/** The client, and the limits of each of its calls. */
export interface Chargebackhit {
  api: ChargebackhitApi
  limits: Limits
}

const KEYS = ['CHARGEBACKHIT_PUBLIC_KEY', 'CHARGEBACKHIT_SECRET_KEY'] as const

/** Does one thing at Chargebackhit, with the configuration alone: no Redis. Throws `ConfigError` where the keys are missing. */
export async function withChargebackhit<Value>(use: (chargebackhit: Chargebackhit) => Promise<Value>): Promise<Value> {
  const config = commandConfig([])
  const [publicKey, secretKey] = KEYS.map(name => config[name])
  if (publicKey === undefined || secretKey === undefined) {
    const todo = 'is missing; set it to the key that the HUB shows in its account settings'
    throw new ConfigError(KEYS.map(name => `${name}: ${todo}`))
  }
  const [{ createChargebackhitApi }, { createHttpClient }] = await load()
  const http = createHttpClient(1)
  try {
    const api = createChargebackhitApi({ url: config.CHARGEBACKHIT_URL, publicKey, secretKey, http })
    return await use({ api, limits: { timeoutMs: config.PUSH_TIMEOUT_MS } })
  } finally {
    http.close()
  }
}

const load = () => Promise.all([import('../platforms/chargebackhit/api.ts'), import('../http-client.ts')])

/** What was said, if it was accepted. Throws an `AppError` with the platform's masked words, and what to do. */
export function accepted<Value>(said: Said<Value>): Said<Value> {
  const error = refusalOf(said.answer)
  if (error !== null) throw error
  return said
}

/** The value of what was accepted. Throws as `accepted` does, and when there is no such value in it. */
export function valueOf<Value>(said: Said<Value>): Value {
  const { value } = accepted(said)
  if (value !== undefined) return value
  throw new AppError('unreadable', 'Chargebackhit accepted it, and what it answered cannot be read')
}

/** Why an answer is no acceptance, for a person; null when it is one. */
export function refusalOf(answer: Answer): AppError | null {
  const verdict = judgeAnswer(answer, Number.POSITIVE_INFINITY)
  const words = 'status' in answer && answer.words !== '' ? `: ${answer.words}` : ''
  const status = 'status' in answer ? `${answer.status}${words}` : ''
  switch (verdict.next) {
    case 'accept':
      return null
    case 'renew-token':
    case 'stop': {
      const todo =
        verdict.next === 'stop' && verdict.cause === 'redirected'
          ? 'check CHARGEBACKHIT_URL'
          : `check ${KEYS.join(' and ')}`
      return new AppError('denied', `Chargebackhit rejected our credentials, ${todo}; it answered ${status}`)
    }
    case 'wait': {
      const message = `Chargebackhit asks to wait ${Math.ceil(verdict.ms / 1_000)} s; try again then`
      return new AppError('throttled', message, { retryAfterMs: verdict.ms })
    }
    case 'back-off': {
      const why = status === '' ? (UNANSWERED[verdict.code] ?? verdict.code) : `it answered ${status}`
      const doubt = verdict.doubt ? '; whether it took effect is not known' : ''
      return new AppError(verdict.doubt ? 'unanswered' : 'not-sent', `Chargebackhit failed, ${why}${doubt}`)
    }
    case 'reject':
      return new AppError('refused', `Chargebackhit refused it with ${status}`)
  }
} // prettier-ignore

const UNANSWERED: Partial<Record<string, string>> = {
  unsent: 'it cannot be reached; check CHARGEBACKHIT_URL and the network',
  timeout: 'it did not answer in time',
  lost: 'the connection broke before it answered',
}
