import type { Sandbox } from '../../src/sandbox/server.ts'
import { createCaseStore } from '../../src/store/case-store.ts'
import { createRefundStore } from '../../src/store/refund-store.ts'
import { createSourceStore } from '../../src/store/source-store.ts'
import type { DaemonName, Env } from './daemons.ts'
import { startFleet, type Fleet } from './fleet.ts'
import { openStores } from './stores.ts'

/** What Midigator's events come with in tests of processes. */
export const ALERT_HOOK = { username: 'midigator', password: 'hook-password-for-tests' }
export const ALERT_BASIC = `Basic ${Buffer.from(`${ALERT_HOOK.username}:${ALERT_HOOK.password}`).toString('base64')}`

/** Durations of the alert path short enough for a test, and the switch that lets money move. */
const QUICK_ALERTS: Env = {
  REFUND_MODE: 'auto',
  REFUND_TIMEOUT_MS: '800',
  REFUND_LOOKUPS_MS: '200,400,800,1500',
  PUSH_TIMEOUT_MS: '800',
  PUSH_DOUBT_MS: '900',
  ALERTS_LOCK_MS: '2500',
  ORDER_SYNC_LOCK_MS: '2500',
  CASE_LOOK_MS: '2000',
  DEADLINES_MS: '1000',
  REQUEST_SETTLE_MS: '300',
  MATCH_GRACE_MS: '1000',
  REFUND_LIST_LAG_MS: '1000',
  SUBSCRIPTION_PING_MS: '2000',
}

export interface AlertFleet {
  fleet: Fleet
  /** Where Midigator's events are sent. */
  hookUrl: string
  stores: Awaited<ReturnType<typeof openStores>>
  cases: ReturnType<typeof createCaseStore>
  refunds: ReturnType<typeof createRefundStore>
  close(): Promise<void>
}

interface AlertFleetOptions {
  redisUrl: string
  namespace: string
  sandbox: Sandbox
  daemons: readonly DaemonName[]
  env?: Env
}

const YEAR_MS = 365 * 86_400_000

/** Starts daemons that work alerts against a sandbox, and opens the state that they keep; every order of the last year is known. */
export async function startAlertFleet(options: AlertFleetOptions): Promise<AlertFleet> {
  const { redisUrl, namespace, sandbox, daemons, env = {} } = options
  const own = {
    ...QUICK_ALERTS,
    MIDIGATOR_AUTH_URL: sandbox.authUrl,
    MIDIGATOR_EVENTS_URL: sandbox.eventsUrl,
    MIDIGATOR_PREVENTION_URL: sandbox.preventionUrl,
    MIDIGATOR_API_SECRET: sandbox.apiSecret,
    MIDIGATOR_HOOK_USERNAME: ALERT_HOOK.username,
    MIDIGATOR_HOOK_PASSWORD: ALERT_HOOK.password,
    MIDIGATOR_EMAIL: 'ops@example.com',
    CHARGEBACKHIT_URL: sandbox.chargebackhitUrl,
    CHARGEBACKHIT_PUBLIC_KEY: sandbox.chargebackhitKeys.publicKey,
    CHARGEBACKHIT_SECRET_KEY: sandbox.chargebackhitKeys.secretKey,
    REFUND_HTTP_URL: sandbox.gatewayUrl,
    REFUND_HTTP_SECRET: sandbox.gatewaySecret,
    // The sandbox keeps keys for a day.
    REFUND_HTTP_KEEPS_KEYS_HOURS: '24',
    ...env,
  }
  const fleet = await startFleet({ redisUrl, namespace, dataUrl: sandbox.dataUrl, daemons, env: own })
  sandbox.chargebackhit.notifyAt(`${fleet.hooks.url}/hooks/alerts/chargebackhit`)
  const stores = await openStores(redisUrl, namespace)
  const sources = createSourceStore(stores.redis, { keys: stores.keys })
  await sources.seen('generic')
  await sources.complete('generic', Date.now() - YEAR_MS, 'ann')
  return {
    fleet,
    hookUrl: `${fleet.hooks.url}/hooks/alerts/midigator`,
    stores,
    cases: createCaseStore(stores.redis, { keys: stores.keys }),
    refunds: createRefundStore(stores.redis, { keys: stores.keys, defaultMode: undefined }),
    async close() {
      await fleet.close()
      await stores.close()
    },
  }
}
