import { accessSync, constants } from 'node:fs'
import type { Config, ConfigName } from './config-schema.ts'

type Contradiction = { between: readonly ConfigName[]; fault: string }

/** Settings that are right alone and wrong together: one line each, naming them, the harm and the remedy. */
export function contradictions(config: Config): Contradiction[] {
  const { ORDER_SYNC_LOCK_MS: lockMs, PUSH_TIMEOUT_MS: timeoutMs } = config
  const found: Contradiction[] = []
  if (lockMs <= timeoutMs) {
    const fault =
      `ORDER_SYNC_LOCK_MS: ${lockMs} is not longer than PUSH_TIMEOUT_MS (${timeoutMs}); ` +
      'two workers could push one order at once. Raise the lock or shorten the time limit'
    found.push({ between: ['ORDER_SYNC_LOCK_MS', 'PUSH_TIMEOUT_MS'], fault })
  }
  if (config.BACKOFF_MAX_MS < config.BACKOFF_MIN_MS) {
    found.push({
      between: ['BACKOFF_MIN_MS', 'BACKOFF_MAX_MS'],
      fault: 'BACKOFF_MAX_MS: is below BACKOFF_MIN_MS; raise it',
    })
  }
  const { ALERTS_LOCK_MS: alertsLockMs, REFUND_TIMEOUT_MS: refundMs } = config
  if (alertsLockMs <= Math.max(timeoutMs, refundMs)) {
    const fault =
      `ALERTS_LOCK_MS: ${alertsLockMs} is not longer than REFUND_TIMEOUT_MS (${refundMs}) and PUSH_TIMEOUT_MS (${timeoutMs}); ` +
      'a call under way could lose its job. Raise the lock or shorten the time limits'
    found.push({ between: ['ALERTS_LOCK_MS', 'REFUND_TIMEOUT_MS', 'PUSH_TIMEOUT_MS'], fault })
  }
  if (config.CASE_STOP_MINUTES >= config.CASE_WINDOW_MINUTES) {
    const fault =
      `CASE_STOP_MINUTES: ${config.CASE_STOP_MINUTES} is not less than CASE_WINDOW_MINUTES (${config.CASE_WINDOW_MINUTES}); ` +
      'every alert would be at its hard stop from the first moment. Lower it'
    found.push({ between: ['CASE_STOP_MINUTES', 'CASE_WINDOW_MINUTES'], fault })
  }
  const limits = (['REFUND_AUTO_LIMIT', 'REFUND_HOURLY_LIMIT'] as const).filter(name => config[name] !== undefined)
  if (limits.length > 0 && config.REFUND_LIMIT_CURRENCY === undefined) {
    const fault = `REFUND_LIMIT_CURRENCY: is missing; ${limits.join(' and ')} mean nothing without a currency. Set it, such as USD`
    found.push({ between: [...limits, 'REFUND_LIMIT_CURRENCY'], fault })
  }
  if (config.ALARM_URL !== undefined && config.ALARM_SECRET === undefined) {
    const fault = 'ALARM_SECRET: is missing; alarms are signed, set whsec_ and at least 16 bytes in base64'
    found.push({ between: ['ALARM_URL', 'ALARM_SECRET'], fault })
  }
  return [...found, ...halfPairs(config), ...redisFaults(config)]
}

const TLS_FILES = ['REDIS_TLS_CA_FILE', 'REDIS_TLS_CERT_FILE', 'REDIS_TLS_KEY_FILE'] as const

/** Certificates that no connection would use or that cannot be read, and a Sentinel's password without Sentinels. */
function redisFaults(config: Config): Contradiction[] {
  const found: Contradiction[] = []
  const { REDIS_URL: url = '', REDIS_TLS_CERT_FILE: cert, REDIS_TLS_KEY_FILE: key } = config
  for (const name of TLS_FILES) {
    const path = config[name]
    if (path === undefined) continue
    if (url !== '' && !url.startsWith('rediss'))
      found.push({
        between: ['REDIS_URL', name],
        fault: `${name}: has no use with ${schemeOf(url)}; write rediss in REDIS_URL`,
      })
    if (!isReadable(path))
      found.push({ between: [name], fault: `${name}: the file cannot be read; check its path and rights` })
  }
  if ((cert === undefined) !== (key === undefined)) {
    const [missing, given] = cert === undefined ? [TLS_FILES[1], TLS_FILES[2]] : [TLS_FILES[2], TLS_FILES[1]]
    found.push({
      between: [missing, given],
      fault: `${missing}: is missing; a certificate and its key belong together, set both or neither`,
    })
  }
  if (config.REDIS_SENTINEL_PASSWORD !== undefined && url !== '' && !/^rediss?-sentinel:/.test(url)) {
    const fault = `REDIS_SENTINEL_PASSWORD: has no use with ${schemeOf(url)}; unset it, or name Sentinels in REDIS_URL`
    found.push({ between: ['REDIS_URL', 'REDIS_SENTINEL_PASSWORD'], fault })
  }
  return found
}

const schemeOf = (url: string): string => `${url.split(':')[0]}://`

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
  }
}

/** Both directions of Chargebackhit are signed with one pair of keys: half of it signs nothing. */
function halfPairs(config: Config): Contradiction[] {
  const between = ['CHARGEBACKHIT_PUBLIC_KEY', 'CHARGEBACKHIT_SECRET_KEY'] as const
  const missing = between.filter(name => config[name] === undefined)
  if (missing.length !== 1) return []
  const given = between.find(name => config[name] !== undefined)
  return [{ between, fault: `${missing[0]}: is missing; it and ${given} are one pair, set both or neither` }]
}
