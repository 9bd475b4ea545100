import type { FastifyInstance } from 'fastify'
import { parseConfig } from '../../src/config.ts'
import { createDeps, type Deps } from '../../src/deps.ts'
import { createOps } from '../../src/http/ops.ts'
import { startOrderSync } from '../../src/queue/start-jobs.ts'
import { startSandbox, type Sandbox } from '../../src/sandbox/server.ts'
import { acceptChanges, type ChangeResult } from '../../src/sources/accept-changes.ts'

export const LOGIN = { username: 'operator', password: 'a good long password' }
export const AUTHORIZATION = `Basic ${Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64')}`
const SANDBOX_LOGIN = { username: 'sandbox_user', password: '4f86fed3605b647f948a69ec6bcf728d' }

export interface Answer {
  status: number
  headers: Readonly<Record<string, unknown>>
  text: string
  body: any // oxlint-disable-line typescript/no-explicit-any
}

/** Operations over a real Redis and the sandbox, and a worker to be started by whoever needs one. */
export interface OpenOps {
  deps: Deps
  app: FastifyInstance
  sandbox: Sandbox
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  /** Writes as an operator does. */
  post(path: string, headers?: Record<string, string>): Promise<Answer>
  /** Changes as they come through the generic source. */
  accept(...changes: Record<string, unknown>[]): Promise<ChangeResult[]>
  /** Runs a worker while `work` does. */
  working<Value>(work: () => Promise<Value>): Promise<Value>
  close(): Promise<void>
}

export async function openOps(
  redis: { namespace: string; redisUrl: string },
  env: Record<string, string> = {},
): Promise<OpenOps> {
  const sandbox = await startSandbox(SANDBOX_LOGIN)
  const config = parseConfig(
    {
      REDIS_URL: redis.redisUrl, REDIS_NAMESPACE: redis.namespace, LOG_LEVEL: 'silent', MIDIGATOR_DATA_URL: sandbox.dataUrl,
      MIDIGATOR_DATA_USERNAME: SANDBOX_LOGIN.username, MIDIGATOR_DATA_PASSWORD: SANDBOX_LOGIN.password,
      ORDER_SYNC_SETTLE_MS: '0', PUSH_TIMEOUT_MS: '1000', BACKOFF_MIN_MS: '20', BACKOFF_MAX_MS: '600000', PUSH_DOUBT_MS: '0', ...env,
    },
    ['order-sync'],
  ) // prettier-ignore
  const deps = createDeps(config, { name: 'ops', patience: 'patient' })
  await deps.whenRedisReady(5_000)
  const app = await createOps(deps, { auth: LOGIN })

  async function ask(method: 'GET' | 'POST', url: string, headers: Record<string, string>): Promise<Answer> {
    const answer = await app.inject({ method, url, headers, ...(method === 'POST' && { payload: '{}' }) })
    const json = String(answer.headers['content-type']).startsWith('application/json')
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: answer.body,
      body: json ? JSON.parse(answer.body) : null,
    }
  }

  return {
    deps,
    app,
    sandbox,
    get: (path, headers = {}) => ask('GET', path, { authorization: AUTHORIZATION, ...headers }),
    post: (path, headers = {}) =>
      ask('POST', path, {
        authorization: AUTHORIZATION,
        'content-type': 'application/json',
        'x-order-sync': 'test',
        ...headers,
      }),
    accept: (...changes) =>
      acceptChanges(deps.sources.get('generic')!, changes, {
        ...deps,
        startCommit: deps.startCommit,
        now: Date.now,
        onResult: () => {},
        settleMs: config.ORDER_SYNC_SETTLE_MS,
        clockAheadAlarmMs: config.CLOCK_AHEAD_ALARM_MS,
      }),
    async working(work) {
      const worker = await startOrderSync(deps)
      try {
        return await work()
      } finally {
        await worker.close(2_000)
      }
    },
    async close() {
      await app.close()
      await deps.close()
      await sandbox.close()
    },
  }
}

/** A settled order's change. */
export const settled = (orderId: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  order_id: orderId,
  occurred_at: new Date(Date.now() - 10_000).toISOString(),
  order_status: 'Complete',
  order_total: '26.85',
  currency: 'USD',
  ...more,
})
