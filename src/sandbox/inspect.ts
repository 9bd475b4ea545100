import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { faultRules } from './faults.ts'
import type { Faults } from './faults.ts'
import type { Inbox } from './inbox.ts'
import { parsed, refuse } from './inspect-answers.ts'
import { INDEX } from './inspect-index.ts'
import type { Tokens } from './tokens.ts'

interface InspectOptions {
  inbox: Inbox
  faults: Faults
  tokens: Tokens
  /** Ends every token, of either generation. */
  revokeTokens: () => void
  /** Forgets what was received. */
  clear: () => void
}

const requestsQuery = z.object({ limit: z.coerce.number().int().min(1).max(1_000).default(100) })
const revokeBody = z.strictObject({ revokeOnAuth: z.boolean().optional() }).nullish()

/** The sandbox's own routes, under `/_sandbox`: read the inbox, set faults, revoke tokens, clear. */
export function inspect(app: FastifyInstance, options: InspectOptions, done: () => void): void {
  const { inbox, faults, tokens, revokeTokens, clear } = options
  app.setErrorHandler<Error & { statusCode?: number }>((error, _request, reply) =>
    refuse(reply, error.statusCode ?? 500, 'invalid', error.message),
  )

  app.get('/', () => INDEX)
  app.get('/orders', () => ({ orders: inbox.records() }))
  app.get<{ Params: { order_id: string } }>('/orders/:order_id', (request, reply) => {
    const order = inbox.order(request.params.order_id)
    if (order) void reply.send(order)
    else refuse(reply, 404, 'unknown', `no call named order ${request.params.order_id}`)
  })
  app.get('/requests', (request, reply) => {
    const query = parsed(requestsQuery, request.query, reply)
    if (query) void reply.send({ requests: inbox.requests(query.limit) })
  })
  app.get('/stats', () => inbox.stats())
  app.get('/faults', () => faults.snapshot())
  app.put('/faults', (request, reply) => {
    const body = parsed(faultRules, request.body, reply)
    if (!body) return
    faults.set(body.rules)
    void reply.send(faults.snapshot())
  })
  app.post('/revoke-tokens', (request, reply) => {
    const body = parsed(revokeBody, request.body, reply)
    if (reply.sent) return
    if (body?.revokeOnAuth !== undefined) tokens.revokeOnAuth = body.revokeOnAuth
    revokeTokens()
    void reply.send({ revoked: true })
  })
  app.delete('/', (_request, reply) => {
    clear()
    void reply.send({ cleared: true })
  })
  done()
}
