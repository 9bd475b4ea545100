import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Log } from '../log.ts'
import { addAlertHooks, type AlertHookDeps } from './alert-hooks.ts'
import { refuse } from './answers.ts'
import { createBodyBudget } from './body-budget.ts'
import { openServer, type TrustProxy } from './open-server.ts'
import { addOrderHooks, type OrderHookDeps } from './order-hooks.ts'
import { readBody } from './read-body.ts'

export interface IngressDeps extends OrderHookDeps, AlertHookDeps {
  log: Log
  /** Why orders cannot be taken now; empty when they can. */
  unready: () => Promise<string[]>
}

export interface IngressOptions {
  trustProxy: TrustProxy
  rate: { max: number; durationMs: number } | null
}

/** `application/json`, and any `+json` below `application`. */
const JSON_TYPE = /^application\/(?:[\w!#$&^.+-]{1,100}\+)?json(?:\s*;|\s*$)/i
const MAX_PARAM = 64

/** The port that faces the internet: hooks, and whether the process lives. The app does not listen. */
export async function createIngress(deps: IngressDeps, options: IngressOptions): Promise<FastifyInstance> {
  const app = openServer({ log: deps.log, trustProxy: options.trustProxy, maxParamLength: MAX_PARAM })
  const budget = createBodyBudget()
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(JSON_TYPE, (request: FastifyRequest) =>
    readBody(request.raw, bytes => budget.take(request, bytes)),
  )
  app.addHook('onRequest', (request, reply, done) => {
    reply.raw.once('close', () => budget.release(request.raw))
    done()
  })
  if (options.rate) await app.register(rateLimit, { max: options.rate.max, timeWindow: options.rate.durationMs })

  app.get('/healthz', () => ({ status: 'alive' }))
  app.get('/readyz', async (_request, reply) => {
    const why = await deps.unready()
    return why.length === 0 ? { status: 'ready' } : refuse(reply, 'not-ready', why.join('; '))
  })
  addAlertHooks(app, deps, budget)
  addOrderHooks(app, deps, budget)
  return app
}
