import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import { faultRules } from './faults.ts'
import type { Faults } from './faults.ts'
import type { Inbox } from './inbox.ts'
import type { Tokens } from './tokens.ts'

interface InspectOptions {
  inbox: Inbox
  faults: Faults
  tokens: Tokens
}

const INDEX = {
  sandbox: 'Stands in for Midigator. Nothing sent here leaves this machine.',
  vendors: { 'Midigator Data API': ['POST /v1/auth', 'POST /v1/order', 'POST /stage/auth', 'POST /stage/order'] },
  inspect: {
    'GET /_sandbox/orders': 'the merged record of every order',
    'GET /_sandbox/orders/:order_id': 'one record, its newest 200 calls, the most in flight at once',
    'GET /_sandbox/requests?limit=': 'the newest calls of all kinds, without credentials',
    'GET /_sandbox/stats': 'calls, calls in flight, answers by status',
    'GET /_sandbox/faults': 'the fault rules in force, and how often each was drawn',
    'PUT /_sandbox/faults': 'replaces them: { "rules": [{ on?, orderId?, probability?, times?, fault }] }',
    'POST /_sandbox/revoke-tokens': 'forgets every token; { "revokeOnAuth": true } makes each new one end the others',
    'DELETE /_sandbox': 'forgets orders, calls and figures; faults and tokens stay',
  },
}

const requestsQuery = z.object({ limit: z.coerce.number().int().min(1).max(1_000).default(100) })
const revokeBody = z.strictObject({ revokeOnAuth: z.boolean().optional() }).nullish()

/** The parsed value, or undefined after a 422 that names each field at fault. */
function parsed<T>(schema: z.ZodType<T>, value: unknown, reply: FastifyReply): T | undefined {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const errors = result.error.issues.map(({ path, message }) => ({ field: z.core.toDotPath(path), message }))
  void reply.code(422).send({ code: 'invalid', message: 'not valid', errors })
  return undefined
}

function refuse(reply: FastifyReply, status: number, code: string, message: string): void {
  void reply.code(status).send({ code, message, errors: [] })
}

/** The sandbox's own routes, under `/_sandbox`: read the inbox, set faults, revoke tokens, clear. */
export function inspect(app: FastifyInstance, { inbox, faults, tokens }: InspectOptions, done: () => void): void {
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
    tokens.revokeAll()
    void reply.send({ revoked: true })
  })
  app.delete('/', (_request, reply) => {
    inbox.clear()
    void reply.send({ cleared: true })
  })
  done()
}
