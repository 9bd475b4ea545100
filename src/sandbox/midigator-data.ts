import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { carryOut, errorBody } from './exchange.ts'
import type { Outcome, Timers } from './exchange.ts'
import type { CallName, Faults } from './faults.ts'
import type { Inbox } from './inbox.ts'
import { refusalOf, upserted } from './midigator-order.ts'
import type { WireOrder } from './midigator-order.ts'
import { newToken } from './tokens.ts'
import type { Tokens } from './tokens.ts'
import { bearerOf, membersOf, refused } from './vendor-call.ts'

/** What the two bases of the Data API share. */
export interface MidigatorDataOptions {
  username: string
  password: string
  tokens: Tokens
  inbox: Inbox
  faults: Faults
  timers: Timers
}

/** The internal identifier the vendor answers: 24 hex digits, always the same for the same order id. */
const vendorId = (orderId: string): string => createHash('sha256').update(orderId).digest('hex').slice(0, 24)

function serveAuth(body: unknown, { username, password, tokens }: MidigatorDataOptions): Outcome {
  const { username: user, password: word, ...unknown } = membersOf(body)
  if (typeof user !== 'string' || user === '') return refused(422, `username ${JSON.stringify(user)} is not valid`)
  if (typeof word !== 'string' || word === '') return refused(422, `password ${JSON.stringify(word)} is not valid`)
  const [stray] = Object.keys(unknown)
  if (stray !== undefined) return refused(400, `${stray} ${JSON.stringify(unknown[stray])} is not a known field`)
  if (user !== username || word !== password)
    return refused(401, `username "${user}" with password "${word}" is not valid`)
  const token = newToken()
  return { status: 200, body: { authorization_key: token }, commit: () => tokens.add(token) }
}

interface Push {
  body: unknown
  orderId: string | undefined
  token: string | undefined
  commit: (id: string, payload: WireOrder) => void
}

function serveOrder({ body, orderId, token, commit }: Push, { tokens, inbox }: MidigatorDataOptions): Outcome {
  if (token === undefined) return refused(401, 'authorization is required')
  if (!tokens.has(token)) return refused(401, `authorization "Bearer ${token}" is not valid`)
  const refusal = refusalOf(body, orderId === undefined ? undefined : inbox.record(orderId))
  if (refusal) return refused(refusal.status, refusal.message)
  const payload = membersOf(body)
  const id = vendorId(String(payload['order_id']))
  return { status: 200, body: { id }, commit: () => commit(id, payload) }
}

/** Real platforms put what they could not handle into their error text. */
const REPEATED = ['email_address', 'billing_first_name', 'billing_last_name', 'billing_street_address', 'ip_address']

function wordsFor(body: unknown, orderId: string | undefined): string {
  const given = membersOf(body)
  const repeated = REPEATED.filter(name => given[name] != null).map(name => `${name} "${String(given[name])}"`)
  return orderId === undefined ? 'could not be handled' : [`order_id "${orderId}"`, ...repeated].join(', ')
}

/** Notes what never reaches a handler: a wrong content type is the vendor's 412, an unknown path its 404. */
function refuseEarly(
  request: FastifyRequest,
  reply: FastifyReply,
  inbox: Inbox,
  status: number,
  message: string,
): void {
  const path = request.url.split('?')[0] ?? ''
  const call = /\/(auth|order)$/.exec(path)?.[1] ?? 'other'
  inbox.open(request.raw.socket, { call, path, payload: null }).end('answered', status)
  void reply.code(status).send(errorBody(status, message))
}

/** Midigator's Data API after its reference: `POST /auth` and `POST /order`, to be mounted under each of its bases. */
export function midigatorData(app: FastifyInstance, options: MidigatorDataOptions, done: () => void): void {
  const { inbox, faults, tokens, timers } = options
  app.removeContentTypeParser('text/plain')
  app.setNotFoundHandler((request, reply) => refuseEarly(request, reply, inbox, 404, `${request.url} is not known`))
  app.setErrorHandler<Error & { statusCode?: number }>((error, request, reply) => {
    const status = error.statusCode === 415 ? 412 : (error.statusCode ?? 500)
    refuseEarly(request, reply, inbox, status, error.message)
  })

  function handle(name: CallName, request: FastifyRequest, reply: FastifyReply): void {
    const { body } = request
    if (body === undefined) return refuseEarly(request, reply, inbox, 412, 'Content-Type must be application/json')
    const given = membersOf(body)['order_id']
    const orderId = name === 'order' && typeof given === 'string' && given !== '' ? given : undefined
    const token = bearerOf(request)
    const fault = faults.draw(name, orderId)
    const call = inbox.open(request.raw.socket, {
      call: name,
      path: request.routeOptions.url ?? name,
      // Credentials are never kept.
      payload: name === 'auth' ? null : body,
      ...(orderId === undefined ? {} : { order_id: orderId }),
      ...(fault ? { fault: fault.kind } : {}),
    })
    if (fault?.kind === 'token-revoked' && token !== undefined) tokens.revoke(token)
    const commit = (id: string, payload: WireOrder): void => call.commit(id, before => upserted(before, payload))
    const serve = (): Outcome =>
      name === 'auth' ? serveAuth(body, options) : serveOrder({ body, orderId, token, commit }, options)
    carryOut({ call, reply, timers, serve, words: wordsFor(body, orderId), bodyOf: errorBody }, fault, faults)
  }

  app.post('/auth', (request, reply) => handle('auth', request, reply))
  app.post('/order', (request, reply) => handle('order', request, reply))
  done()
}
