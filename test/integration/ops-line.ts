import type { FastifyInstance } from 'fastify'
import { afterEach } from 'vitest'
import { createOps } from '../../src/http/ops.ts'
import type { ScenarioName } from '../../src/sandbox/scenario-plans.ts'
import { eventually } from '../support/eventually.ts'
import { AUTHORIZATION, LOGIN } from '../support/open-ops.ts'
import { useAlertLines, type AlertLine } from './alert-line.ts'

/** The alert line with operations over it, as an operator uses them. */
export interface OpsLine extends AlertLine {
  app: FastifyInstance
  get(path: string): Promise<{ status: number; body: any; text: string }> // oxlint-disable-line typescript/no-explicit-any
  post(path: string, body?: unknown): Promise<{ status: number; body: any }> // oxlint-disable-line typescript/no-explicit-any
  put(path: string, body: unknown): Promise<{ status: number; body: any }> // oxlint-disable-line typescript/no-explicit-any
  /** Sells an order that the platform then knows. */
  soldAndKnown(orderId: string, fields?: Record<string, unknown>): Promise<string>
  /** Plays a scenario on a fresh order; answers the alert's guid. */
  alertOn(scenario: ScenarioName, orderId: string, options?: Record<string, unknown>): Promise<string>
}

/** Lines with operations, one for each test that asks for one. */
export function useOpsLines(): (...given: Parameters<ReturnType<typeof useAlertLines>>) => Promise<OpsLine> {
  const open = useAlertLines()
  const endings: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const end of endings.splice(0)) await end()
  })
  return async (...given) => {
    const line = await open(...given)
    const app = await createOps(line.deps, { auth: LOGIN })
    endings.push(() => app.close())
    const ask = async (method: 'GET' | 'POST' | 'PUT', url: string, payload?: unknown) => {
      const headers = { authorization: AUTHORIZATION, 'content-type': 'application/json', 'x-order-sync': 'test' }
      const answer = await app.inject({
        method,
        url,
        headers: method === 'GET' ? { authorization: AUTHORIZATION } : headers,
        ...(method !== 'GET' && { payload: JSON.stringify(payload ?? {}) }),
      })
      const isJson = String(answer.headers['content-type']).startsWith('application/json')
      return { status: answer.statusCode, text: answer.body, body: isJson ? JSON.parse(answer.body) : null }
    }
    const soldAndKnown = async (orderId: string, fields: Record<string, unknown> = {}) => {
      await line.sell(orderId, fields)
      await eventually(() => {
        if (line.sandbox.inbox.record(orderId) === undefined) throw new Error(`${orderId} is not known yet`)
      })
      return orderId
    }
    return {
      ...line,
      app,
      get: path => ask('GET', path),
      post: (path, body) => ask('POST', path, body),
      put: (path, body) => ask('PUT', path, body),
      soldAndKnown,
      async alertOn(scenario, orderId, options = {}) {
        await soldAndKnown(orderId)
        const { prevention_guid: guid } = await line.play(scenario, { order_id: orderId, ...options })
        return guid!
      },
    }
  }
}
