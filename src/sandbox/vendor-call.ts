import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { carryOut, errorBody } from './exchange.ts'
import type { ErrorBodyOf, Outcome, Timers } from './exchange.ts'
import type { CallName, Faults } from './faults.ts'
import type { Inbox } from './inbox.ts'

/** What all vendors' plug-ins share: where calls are noted, what goes wrong with them, and what ends with the sandbox. */
export interface Desk {
  inbox: Inbox
  faults: Faults
  timers: Timers
  /** Rises with every clearing: what was under way before it commits nothing any more. */
  era: { now: number }
}

/** One call of a vendor's plug-in; `orderId` and `guid` are what fault rules can name. */
export interface VendorCall {
  name: CallName
  orderId?: string | undefined
  guid?: string | undefined
  /** What is kept of the call, without credentials. */
  payload: unknown
  /** What a made-up failure says: platforms repeat what they were sent. */
  words?: string
  /** How the vendor words a failure; `errorBody` unless told. */
  bodyOf?: ErrorBodyOf
  /** Forgets the presented token, where there is one. */
  revoke?: () => void
  serve: () => Outcome
}

/** A refusal in the words of a platform. */
export const refused = (status: number, message: string): Outcome => ({ status, body: errorBody(status, message) })

/** The members of a JSON object; none of anything else. */
export const membersOf = (body: unknown): Record<string, unknown> =>
  typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body } : {}

/** The bearer token of a request, if it presents one. */
export const bearerOf = (request: FastifyRequest): string | undefined =>
  /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]

/** Draws the call's fault, notes the call, and carries it out. */
export function takeCall(desk: Desk, request: FastifyRequest, reply: FastifyReply, given: VendorCall): void {
  const { name, orderId, guid, payload, words = 'could not be handled', bodyOf = errorBody, revoke, serve } = given
  const fault = desk.faults.draw(name, orderId, guid)
  const path = request.url.split('?')[0] ?? ''
  const call = desk.inbox.open(request.raw.socket, { call: name, path, payload, ...(fault && { fault: fault.kind }) })
  if (fault?.kind === 'token-revoked') revoke?.()
  const era = desk.era.now
  const guarded = (): Outcome => {
    const { commit, ...outcome } = serve()
    return commit ? { ...outcome, commit: () => void (desk.era.now === era && commit()) } : outcome
  }
  carryOut({ call, reply, timers: desk.timers, serve: guarded, words, bodyOf }, fault, desk.faults)
}

/** Has what never reaches a handler noted and refused: an unknown path with 404, a wrong content type with 400. */
export function refuseStrays(
  app: FastifyInstance,
  inbox: Inbox,
  nameOf: (path: string) => CallName | 'other',
  bodyOf: ErrorBodyOf = errorBody,
): void {
  const refuse = (request: FastifyRequest, reply: FastifyReply, status: number, message: string): void => {
    const path = request.url.split('?')[0] ?? ''
    inbox.open(request.raw.socket, { call: nameOf(path), path, payload: null }).end('answered', status)
    void reply.code(status).send(bodyOf(status, message))
  }
  app.removeContentTypeParser('text/plain')
  app.setNotFoundHandler((request, reply) => refuse(request, reply, 404, `${request.url} is not known`))
  app.setErrorHandler<Error & { statusCode?: number }>((error, request, reply) => {
    const status = error.statusCode === 415 ? 400 : (error.statusCode ?? 500)
    refuse(request, reply, status, error.message)
  })
}
