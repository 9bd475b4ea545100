import type { Config } from '../config.ts'
import type { HttpClient } from '../http-client.ts'
import type { TokenStore } from '../store/token-store.ts'
import { createMidigatorAuth } from './midigator/auth.ts'
import { createMidigatorDataApi } from './midigator/data-api.ts'
import type { OrderPlatform } from './platform.ts'

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
