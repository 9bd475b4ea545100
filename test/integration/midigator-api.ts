import { afterAll, afterEach } from 'vitest'
import { createHttpClient } from '../../src/http-client.ts'
import { createPlatformGate } from '../../src/jobs/platform-gate.ts'
import { createMidigatorApiAuth } from '../../src/platforms/midigator/api-auth.ts'
import { createMidigatorEventsApi } from '../../src/platforms/midigator/events-api.ts'
import { createMidigatorPreventionApi } from '../../src/platforms/midigator/prevention-api.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import type { Sandbox, SandboxOptions } from '../../src/sandbox/server.ts'
import { createGateStore } from '../../src/store/gate-store.ts'
import { keysOf } from '../../src/store/keys.ts'
import { createSubscriptionStore } from '../../src/store/subscription-store.ts'
import { createTokenStore } from '../../src/store/token-store.ts'
import { testNamespace } from '../support/no-leftovers.ts'
import { takeSandbox } from '../support/take-sandbox.ts'

export const LIMITS = { timeoutMs: 1_000 }

export type Api = Awaited<ReturnType<ReturnType<typeof useMidigatorApi>>>

/** Gives each test a sandbox, and clients of it that share one namespace on real Redis; nothing of them is left behind. */
export function useMidigatorApi() {
  const { namespace, redisUrl } = testNamespace()
  const redis = connectRedis(redisUrl, namespace, 'patient')
  afterAll(() => closeRedis(redis))
  const endings: (() => unknown)[] = []
  afterEach(async () => {
    for (const end of endings.splice(0).toReversed()) await end()
  })
  let count = 0

  return async (options: SandboxOptions = {}) => {
    const sandbox = await takeSandbox(options)
    endings.push(() => sandbox.close())
    const keys = keysOf(`${namespace}-${(count += 1)}`)
    const tokens = createTokenStore(redis, keys)
    const gates = createGateStore(redis, { keys, terms: { breakerFailures: 10, breakerProbeMs: 100, rate: null } })

    /** What one process has: its own connections and its own memory of the token. */
    function newProcess({ now = Date.now, secret = sandbox.apiSecret } = {}) {
      const http = createHttpClient(4)
      endings.push(() => http.close())
      const renewals: boolean[] = []
      const auth = createMidigatorApiAuth({
        url: sandbox.authUrl,
        secret,
        timeoutMs: 1_000,
        throttleMaxMs: 1_000,
        http,
        tokens,
        onRenewal: (_name, renewed) => void renewals.push(renewed),
        now,
      })
      const events = createMidigatorEventsApi({ url: sandbox.eventsUrl, http })
      const prevention = createMidigatorPreventionApi({ url: sandbox.preventionUrl, http })
      const gate = createPlatformGate({
        gate: gates,
        platform: auth,
        deniedProbeMs: 100,
        onGateOpened: async () => {},
        onGateShut: () => {},
      })
      return { http, auth, events, prevention, gate, renewals }
    }

    const callsOf = (name: string) => sandbox.inbox.requests().filter(({ call }) => call === name)
    const subscriptions = createSubscriptionStore(redis, keys)
    return { sandbox, redis, keys, tokens, gates, subscriptions, newProcess, callsOf }
  }
}

/** Leave to call, as a process gets it. */
export async function accessOf({ auth }: ReturnType<Api['newProcess']>) {
  const admission = await auth.renew(null)
  if (!('access' in admission)) throw new Error(`not let in: ${JSON.stringify(admission.verdict)}`)
  return admission.access
}

/** An alert at the sandbox, of a made-up card. */
export const addAlert = (sandbox: Sandbox, more: Partial<Parameters<Sandbox['alerts']['add']>[0]> = {}) =>
  sandbox.alerts.add({
    partner: 'ethoca', mid: '189250002', arn: '99992989193702154389999', card_first_6: '401288', card_last_4: '0083',
    card_brand: 'visa', amount: '190.47', currency: 'USD', ...more,
  }) // prettier-ignore
