import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Deps } from '../deps.ts'
import { forgetOrder, pauseQueue, replayRejected, resumeQueue, syncOrder, type SyncDeps } from '../ops/actions.ts'
import { metricsText } from '../ops/metrics-text.ts'
import type { OverviewDeps } from '../ops/overview.ts'
import { readOrder, readOverview, readRejected } from '../ops/read-model.ts'
import type { ReplayDeps } from '../ops/replay.ts'
import { refuse } from './answers.ts'
import type { LoginGuardDeps } from './login-guard.ts'
import { openServer } from './open-server.ts'
import { addAlarmRoutes, type AlarmRouteDeps } from './ops-alarms.ts'
import { addBoard } from './ops-board.ts'
import { addCaseRoutes, type CaseRouteDeps } from './ops-cases.ts'
import { guardOps, userOf, type Credentials } from './ops-guards.ts'
import { addPages, type PageDeps } from './ops-pages.ts'
import { addQuarantineRoutes, type QuarantineRouteDeps } from './ops-quarantine.ts'
import { addRefundRoutes, type RefundRouteDeps } from './ops-refunds.ts'

export type OpsDeps = OverviewDeps &
  SyncDeps &
  ReplayDeps &
  CaseRouteDeps &
  RefundRouteDeps &
  AlarmRouteDeps &
  QuarantineRouteDeps &
  PageDeps &
  Pick<Deps, 'acts' | 'log' | 'logins' | 'metrics' | 'watch' | 'writes' | 'cases' | 'events' | 'refunds'>

export interface OpsOptions {
  /** The login that is asked for; `closed`: none is configured; `open`: none is asked for, in the demo alone. */
  auth: Credentials | 'closed' | 'open'
}

/** An order id of 255 characters, each byte of it escaped. */
const MAX_PARAM = 3_000
const ANSWER_WITHIN_MS = 10_000
const [LISTED, MAX_LISTED] = [100, 1_000]

/** The console and its API. The app does not listen; nothing of it is ever served to the internet. */
export async function createOps(deps: OpsDeps, options: OpsOptions): Promise<FastifyInstance> {
  const app = openServer({
    log: deps.log,
    trustProxy: deps.config.TRUST_PROXY,
    maxParamLength: MAX_PARAM,
    ignoreTrailingSlash: true,
    handlerTimeout: ANSWER_WITHIN_MS,
  })
  takeJsonOnly(app)
  const onLoginFailed: LoginGuardDeps['onLoginFailed'] = (login, outcome) =>
    deps.metrics.loginFailures.inc({ login, outcome })
  const redisReady = () => deps.redis.status === 'ready'
  await guardOps(app, options.auth, { logins: deps.logins, log: deps.log, onLoginFailed, redisReady })
  app.get('/healthz', () => ({ status: 'alive' }))
  app.get('/readyz', async (_request, reply) => {
    const refused = deps.writes.refused()
    if (refused !== null) return refuse(reply, 'not-ready', `${refused.refusal}: ${refused.why}`)
    if (!redisReady()) return refuse(reply, 'not-ready', 'Redis does not answer')
    const stopped = deps.watch.stopped()
    if (stopped.length === 0) return { status: 'ready' }
    return refuse(reply, 'not-ready', `${stopped.join(', ')}: has not run for too long; start the daemon scheduler`)
  })
  app.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metricsText(deps)),
  )
  addOrderRoutes(app, deps)
  addRejectedRoutes(app, deps)
  addQueueRoutes(app, deps)
  addCaseRoutes(app, deps)
  addRefundRoutes(app, deps)
  addAlarmRoutes(app, deps)
  addQuarantineRoutes(app, deps)
  addPages(app, deps)
  await addBoard(app, deps.queues)
  return app
}

/** A body is JSON, also where none is read, so that no form of a foreign page can send it. */
function takeJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, parsed) => {
    try {
      parsed(null, body === '' ? {} : JSON.parse(String(body)))
    } catch {
      parsed(Object.assign(new Error('not JSON'), { statusCode: 400 }))
    }
  })
}

function addOrderRoutes(app: FastifyInstance, deps: OpsDeps): void {
  type ById = { Params: { order_id: string } }
  app.get('/api/overview', () => readOverview(deps))
  app.get<ById>('/api/orders/:order_id', async ({ params }, reply) => {
    return (await readOrder(deps, params.order_id)) ?? notFound(reply, 'order_id', 'the id of an order that is known')
  })
  app.post<ById>('/api/orders/:order_id/sync', async (request, reply) => {
    const { params } = request
    const result = await syncOrder(deps, params.order_id, userOf(request))
    if (result.done === 'unknown') return notFound(reply, 'order_id', 'the id of an order that is known')
    return result.done === 'held' ? refuse(reply, 'held', result.says) : { order_id: params.order_id, ...result }
  })
  app.post<ById>('/api/orders/:order_id/forget', request => forgetOrder(deps, request.params.order_id, userOf(request)))
}

function addRejectedRoutes(app: FastifyInstance, deps: OpsDeps): void {
  app.get<{ Querystring: { limit?: string } }>('/api/rejected', async ({ query }, reply) => {
    const limit = query.limit === undefined ? LISTED : Number(query.limit)
    if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LISTED) return readRejected(deps, limit)
    const message = `expected a whole number, 1 to ${MAX_LISTED}`
    return refuse(reply, 'invalid', message, { errors: [{ field: 'limit', message }] })
  })
  app.post<{ Params: { id: string } }>('/api/rejected/:id/replay', async (request, reply) => {
    const [result] = await replayRejected(deps, [request.params.id], userOf(request))
    switch (result?.done) {
      case 'merged':
        return result
      case 'refused-again':
        return refuse(reply, 'invalid', result.says, { errors: result.errors })
      case 'not-replayable':
        return refuse(reply, 'not-replayable', result.says)
      default:
        return notFound(reply, 'id', 'the id of a refused change that is kept')
    }
  })
}

function addQueueRoutes(app: FastifyInstance, deps: OpsDeps): void {
  type ByName = { Params: { name: string } }
  const known = 'the name of one of our queues'
  app.post<ByName>('/api/queues/:name/pause', async (request, reply) => {
    const { name } = request.params
    return (await pauseQueue(deps, name, userOf(request)))
      ? { name, paused: true, says: `${name} is paused until an operator resumes it` }
      : notFound(reply, 'name', known)
  })
  app.post<ByName>('/api/queues/:name/resume', async (request, reply) => {
    const { name } = request.params
    return (await resumeQueue(deps, name, userOf(request)))
      ? { name, paused: false, says: `${name} is resumed` }
      : notFound(reply, 'name', known)
  })
}

function notFound(reply: FastifyReply, field: string, expected: string): FastifyReply {
  const message = `expected ${expected}`
  return refuse(reply, 'not-found', message, { errors: [{ field, message }] })
}
