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
  return [...found, ...halfPairs(config)]
}

/** Both directions of Chargebackhit are signed with one pair of keys: half of it signs nothing. */
function halfPairs(config: Config): Contradiction[] {
  const between = ['CHARGEBACKHIT_PUBLIC_KEY', 'CHARGEBACKHIT_SECRET_KEY'] as const
  const missing = between.filter(name => config[name] === undefined)
  if (missing.length !== 1) return []
  const given = between.find(name => config[name] !== undefined)
  return [{ between, fault: `${missing[0]}: is missing; it and ${given} are one pair, set both or neither` }]
}
