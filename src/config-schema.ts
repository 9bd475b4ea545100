import { isIP } from 'node:net'
import { z } from 'zod'
import { readCurrencyCode } from './domain/basics/currency-codes.ts'
import { canonicalAmount } from './domain/basics/money.ts'
import { readNatMap, readRedisUrl } from './redis/address.ts'
import { trimEndOf } from './domain/basics/trim-end.ts'

/**
 * Every setting, once. Vendor first, unit last. `.env.example` and the table in the README
 * are held against this schema by a test.
 */

const whole = (fallback: number, min = 0) =>
  z
    .string()
    .regex(/^\d{1,12}$/, 'expected a whole number')
    .transform(Number)
    .refine(value => value >= min, `expected at least ${min}`)
    .default(fallback)
const optionalWhole = () =>
  z
    .string()
    .regex(/^[1-9]\d{0,11}$/, 'expected a whole number above 0')
    .transform(Number)
    .optional()
const port = (fallback: number) => whole(fallback).refine(value => value < 65_536, 'expected a port, 0 to 65535')
const onOff = () =>
  z
    .enum(['on', 'off', 'true', 'false', '1', '0'], 'expected on or off')
    .transform(value => value === 'on' || value === 'true' || value === '1')
    .default(false)
const isNetwork = (text: string): boolean => {
  const [, address = '', bits = '32'] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  // A network of all addresses would believe any sender.
  return isIP(address) !== 0 && Number(bits) > 0 && Number(bits) <= (isIP(address) === 4 ? 32 : 128)
}
/** How many proxies are in front, or which: false for none. `on` of 0.1.0 believed whatever any sender wrote. */
const proxies = () =>
  z
    .string()
    .transform((value, context): false | number | string[] => {
      const text = value.trim()
      if (/^(off|false|0)$/.test(text)) return false
      if (/^[1-9]\d?$/.test(text)) return Number(text)
      const networks = text.split(',').map(part => part.trim())
      if (networks.every(isNetwork)) return networks
      context.addIssue(
        'expected off, the number of proxies in front (such as 1), or their addresses (such as 10.0.0.0/8, comma between)',
      )
      return false
    })
    .default(false)
const url = () =>
  z
    .url({ protocol: /^https?$/, error: 'expected an address such as https://example.com' })
    .transform(address => trimEndOf(address, '/'))
const text = () => z.string().min(1).optional()
/** The fault never holds the value, which may hold a password. */
const redisUrl = () =>
  z
    .string()
    .superRefine((value, context) => {
      const address = readRedisUrl(value)
      if ('fault' in address) context.addIssue(address.fault)
    })
    .optional()
const natMap = () =>
  z
    .string()
    .refine(
      value => readNatMap(value) !== null,
      'expected announced=reached, such as 10.0.0.1:6379=127.0.0.1:7001, several separated by commas',
    )
    .optional()
const words = (value: string) => value.split(/\s+/).filter(Boolean)
const isSigningSecret = (secret: string) =>
  /^whsec_[A-Za-z0-9+/]+={0,2}$/.test(secret) && Buffer.from(secret.slice(6), 'base64').length >= 16
const hookSecrets = z
  .string()
  .transform(words)
  .refine(
    list => list.length > 0 && list.every(isSigningSecret),
    'expected whsec_ and at least 16 bytes in base64; several are separated by spaces',
  )
  .optional()
const signingSecret = () =>
  z.string().refine(isSigningSecret, 'expected whsec_ and at least 16 bytes in base64').optional()
/** Several are separated by spaces, while rotating. */
const credentials = () =>
  z
    .string()
    .transform(words)
    .refine(list => list.length > 0 && list.length <= 4, 'expected one to four, separated by spaces')
    .optional()
const amount = () =>
  z
    .string()
    .transform((value, context) => {
      const canonical = canonicalAmount(value)
      if (canonical === null) context.addIssue('expected an amount such as 250.00')
      return canonical ?? '0'
    })
    .optional()
const currency = () =>
  z
    .string()
    .refine(code => readCurrencyCode(code) === code, 'expected an ISO 4217 code such as USD')
    .optional()
const durations = (fallback: string) =>
  z
    .string()
    .regex(/^\d{1,12}(,\d{1,12})*$/, 'expected whole milliseconds, separated by commas')
    .default(fallback)
    .transform(value => value.split(',').map(Number))

/** What each variable may be, and what it is when it is not set. */
export const schema = z.object({
  NODE_ENV: z.string().optional(),
  REDIS_URL: redisUrl(),
  REDIS_TLS_CA_FILE: text(),
  REDIS_TLS_CERT_FILE: text(),
  REDIS_TLS_KEY_FILE: text(),
  REDIS_SENTINEL_PASSWORD: text(),
  REDIS_NAT_MAP: natMap(),
  REDIS_NAMESPACE: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, 'expected up to 64 letters, digits, dots, dashes, underscores')
    .default('order-sync'),
  STATE_DIR: z.string().min(1).default('.order-sync'),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: port(3000),
  OPS_PORT: port(3001),
  SANDBOX_PORT: port(3002),
  PUBLIC_URL: url().optional(),
  TRUST_PROXY: proxies(),
  HOOK_SECRET: hookSecrets,
  HOOK_MAX_AGE_HOURS: whole(72, 1),
  HOOK_RATE_MAX: optionalWhole(),
  HOOK_RATE_DURATION_MS: whole(1_000, 1),
  MIDIGATOR_DATA_URL: url().default('https://dapi.midigator.com/v1'),
  MIDIGATOR_DATA_USERNAME: text(),
  MIDIGATOR_DATA_PASSWORD: text(),
  MIDIGATOR_RATE_MAX: optionalWhole(),
  MIDIGATOR_RATE_DURATION_MS: whole(1_000, 1),
  MIDIGATOR_AUTH_URL: url().default('https://api.midigator.com/auth/v1'),
  MIDIGATOR_EVENTS_URL: url().default('https://api.midigator.com/events/v1'),
  MIDIGATOR_PREVENTION_URL: url().default('https://api.midigator.com/prevention/v1'),
  MIDIGATOR_API_SECRET: text(),
  MIDIGATOR_HOOK_USERNAME: credentials(),
  MIDIGATOR_HOOK_PASSWORD: credentials(),
  MIDIGATOR_EMAIL: z.email('expected an e-mail address').optional(),
  CHARGEBACKHIT_URL: url().default('https://api.chargebackhit.com'),
  CHARGEBACKHIT_PUBLIC_KEY: text(),
  CHARGEBACKHIT_SECRET_KEY: text(),
  REFUND_MODE: z.enum(['auto', 'approve', 'off'], 'expected auto, approve or off').optional(),
  REFUND_TRIGGER: z
    .enum(['order.refund', 'match', 'either'], 'expected order.refund, match or either')
    .default('order.refund'),
  REFUND_AUTO_LIMIT: amount(),
  REFUND_HOURLY_LIMIT: amount(),
  REFUND_LIMIT_CURRENCY: currency(),
  DEFAULT_CURRENCY: currency(),
  REFUND_GATEWAY: z.enum(['http', 'manual'], 'expected the name of a gateway: http, or manual').default('http'),
  REFUND_HTTP_URL: url().optional(),
  REFUND_HTTP_SECRET: signingSecret(),
  REFUND_HTTP_KEEPS_KEYS_HOURS: whole(0),
  REFUND_LIST_LAG_MS: whole(120_000),
  REFUND_TIMEOUT_MS: whole(20_000, 100),
  REFUND_LOOKUPS_MS: durations('5000,30000,120000,600000,3600000'),
  REQUEST_SETTLE_MS: whole(10_000),
  MATCH_LOOKBACK_DAYS: whole(180, 1),
  MATCH_GRACE_MS: whole(3_600_000),
  LIKELY_AT_STOP: z.enum(['person', 'act'], 'expected person or act').default('person'),
  PENDING_AT_STOP: z.enum(['person', 'answer'], 'expected person or answer').default('person'),
  RESOLVE_3DS: onOff(),
  ALERTS_CONCURRENCY: whole(20, 1),
  ALERTS_LOCK_MS: whole(60_000, 1_000),
  CASE_WINDOW_MINUTES: whole(1_440, 1),
  CASE_WINDOW_CDRN_MINUTES: whole(4_320, 1),
  CASE_TARGET_MINUTES: whole(240),
  CASE_ALARM_MINUTES: whole(720),
  CASE_STOP_MINUTES: whole(240),
  CASE_LOOK_MS: whole(300_000, 100),
  DEADLINES_MS: whole(15_000, 100),
  SUBSCRIPTIONS_MS: whole(3_600_000, 1_000),
  SUBSCRIPTION_PING_MS: whole(60_000),
  CATCH_UP_MS: whole(120_000, 100),
  CATCH_UP_OVERLAP_MS: whole(3_600_000),
  ALARM_URL: url().optional(),
  ALARM_SECRET: signingSecret(),
  SILENCE_ALARM_HOURS: whole(24, 1),
  OPS_USERNAME: text(),
  OPS_PASSWORD: text(),
  ORDER_SYNC_CONCURRENCY: whole(50, 1),
  ORDER_SYNC_SETTLE_MS: whole(1_000),
  ORDER_SYNC_DRY_RUN: onOff(),
  ORDER_SYNC_LOCK_MS: whole(30_000, 1_000),
  ORDER_SYNC_STALLED_MS: whole(15_000, 100),
  ORDER_SYNC_STUCK_MS: whole(60_000, 1_000),
  PUSH_TIMEOUT_MS: whole(15_000, 100),
  PUSH_DOUBT_MS: whole(120_000),
  BACKOFF_MIN_MS: whole(500, 1),
  BACKOFF_MAX_MS: whole(300_000, 1),
  THROTTLE_MAX_MS: whole(300_000, 1),
  BREAKER_FAILURES: whole(10, 1),
  BREAKER_PROBE_MS: whole(10_000, 10),
  DENIED_PROBE_MS: whole(15_000, 10),
  SWEEP_MS: whole(30_000, 100),
  REJECTED_RETRY_HOURS: whole(24, 1),
  REJECTED_RETENTION_DAYS: whole(7, 1),
  CLOCK_AHEAD_MAX_MS: whole(300_000),
  CLOCK_AHEAD_ALARM_MS: whole(2_000),
  CANARY_MS: whole(5_000, 100),
  ROLLBACK_DOUBT_MS: whole(600_000),
  REPLICA_WAIT_MS: whole(1_000, 1),
  METRICS_MS: whole(5_000, 100),
  DRAIN_MS: whole(25_000),
  ORDER_RETENTION_DAYS: whole(400, 1),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
})

/** Every setting, as the program uses it. */
export type Config = z.infer<typeof schema>
export type ConfigName = keyof Config
export const CONFIG_NAMES = Object.keys(schema.shape) as ConfigName[]
