import type { Config } from '../config.ts'
import type { HttpClient } from '../http-client.ts'
import type { TokenStore } from '../store/token-store.ts'
import { createMidigatorAuth } from './midigator/auth.ts'
import { createChargebackhitAlerts } from './chargebackhit/alerts.ts'
import { createChargebackhitApi } from './chargebackhit/api.ts'
import { createChargebackhitService } from './chargebackhit/service.ts'
import { createChargebackhitWebhook, type ChargebackhitWebhookOptions } from './chargebackhit/webhook.ts'
import { createMidigatorAlerts } from './midigator/alerts.ts'
import { createMidigatorApiAuth } from './midigator/api-auth.ts'
import { createMidigatorDataApi } from './midigator/data-api.ts'
import { createMidigatorEventsApi } from './midigator/events-api.ts'
import { createMidigatorPreventionApi } from './midigator/prevention-api.ts'
import { createMidigatorWebhook } from './midigator/webhook.ts'
import type { AlertHook, AlertPlatform, OrderPlatform, PlatformService } from './platform.ts'

/** Every platform's name, as it stands in routes, in the ids of cases and in metrics. */
export const PLATFORM_NAMES = ['midigator', 'chargebackhit'] as const

export interface PlatformDeps {
  config: Config
  http: HttpClient
  tokens: TokenStore
  /** Called once for each token that was asked for, with what came of it. */
  onRenewal: (platform: string, renewed: boolean) => void
}

/** The platform orders are pushed to. */
export function createOrderPlatform({ config, http, tokens, onRenewal }: PlatformDeps): OrderPlatform {
  const url = config.MIDIGATOR_DATA_URL
  const auth = createMidigatorAuth({
    url,
    username: config.MIDIGATOR_DATA_USERNAME ?? '',
    password: config.MIDIGATOR_DATA_PASSWORD ?? '',
    timeoutMs: config.PUSH_TIMEOUT_MS,
    throttleMaxMs: config.THROTTLE_MAX_MS,
    http,
    tokens,
    onRenewal,
  })
  return createMidigatorDataApi({ url, http, auth })
}

/** Midigator's services for alerts; one token serves both, each has a gate of its own. */
export function createMidigatorServices({
  config,
  http,
  tokens,
  onRenewal,
  now,
}: PlatformDeps & { now: () => number }) {
  const auth = createMidigatorApiAuth({
    url: config.MIDIGATOR_AUTH_URL,
    secret: config.MIDIGATOR_API_SECRET ?? '',
    timeoutMs: config.PUSH_TIMEOUT_MS,
    throttleMaxMs: config.THROTTLE_MAX_MS,
    http,
    tokens,
    onRenewal,
    now,
  })
  const service = (name: string): PlatformService => ({
    name,
    access: auth.access,
    renew: auth.renew,
    dropAccess: auth.dropAccess,
  })
  const parts = {
    eventsService: service('midigator-events'),
    preventionService: service('midigator-prevention'),
    events: createMidigatorEventsApi({ url: config.MIDIGATOR_EVENTS_URL, http }),
    prevention: createMidigatorPreventionApi({ url: config.MIDIGATOR_PREVENTION_URL, http }),
  }
  return { ...parts, alerts: createMidigatorAlerts(parts) }
}

/** Chargebackhit, for whom one pair of keys opens everything; null where it is not configured. */
export function createChargebackhit(config: Config, http: HttpClient): AlertPlatform | null {
  const keys = chargebackhitKeys(config)
  if (keys === null) return null
  const api = createChargebackhitApi({ url: config.CHARGEBACKHIT_URL, ...keys, http })
  const service = createChargebackhitService(api, {
    timeoutMs: config.PUSH_TIMEOUT_MS,
    throttleMaxMs: config.THROTTLE_MAX_MS,
  })
  return createChargebackhitAlerts(api, service)
}

/** The platforms beside Midigator that are configured, each with one service. A new one is a folder and a line here and below. */
export const createMorePlatforms = (config: Config, http: HttpClient): AlertPlatform[] =>
  [createChargebackhit(config, http)].filter(platform => platform !== null)

function chargebackhitKeys({ CHARGEBACKHIT_PUBLIC_KEY: publicKey, CHARGEBACKHIT_SECRET_KEY: secretKey }: Config) {
  return publicKey === undefined || secretKey === undefined ? null : { publicKey, secretKey }
}

/** What a door may look up while somebody waits for its answer. */
type DoorOrders = Pick<ChargebackhitWebhookOptions, 'findOrder' | 'readEvidence'>

/** The doors of the platforms that tell of alerts, by the name in their route. A new one is a folder and a line. */
export const createAlertHooks = (config: Config, orders: DoorOrders): ReadonlyMap<string, AlertHook> =>
  new Map<(typeof PLATFORM_NAMES)[number], AlertHook>([
    [
      'midigator',
      createMidigatorWebhook({
        usernames: config.MIDIGATOR_HOOK_USERNAME ?? [],
        passwords: config.MIDIGATOR_HOOK_PASSWORD ?? [],
      }),
    ],
    ['chargebackhit', createChargebackhitWebhook({ keys: chargebackhitKeys(config), ...orders })],
  ])
