import type { FastifyInstance } from 'fastify'
import type { ApiTokens } from './api-tokens.ts'
import { bearerOf, refuseStrays, refused, takeCall } from './vendor-call.ts'
import type { Desk } from './vendor-call.ts'
import type { Outcome } from './exchange.ts'

interface MidigatorAuthOptions {
  desk: Desk
  tokens: ApiTokens
  apiSecret: string
}

/** Midigator's Authentication API: the API secret for a bearer token that all of the newer APIs take. */
export function midigatorAuth(app: FastifyInstance, options: MidigatorAuthOptions, done: () => void): void {
  const { desk, tokens, apiSecret } = options
  refuseStrays(app, desk.inbox, path => (path.endsWith('/auth') ? 'api-auth' : 'other'))
  // No body is asked for, so none is looked at, whatever its type.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, parsed) => parsed(null, null))

  function serve(secret: string | undefined): Outcome {
    if (secret === undefined) return refused(401, 'authorization is required')
    if (secret !== apiSecret) return refused(401, `authorization "Bearer ${secret}" is not valid`)
    const draft = tokens.draft()
    return { status: 200, body: { token: draft.token }, commit: () => tokens.add(draft) }
  }

  // Tokens outlive a clearing, so one that is being given must too: nothing here asks for the era.
  const lasting: Desk = { ...desk, era: { now: 0 } }
  app.post('/auth', (request, reply) =>
    takeCall(lasting, request, reply, { name: 'api-auth', payload: null, serve: () => serve(bearerOf(request)) }),
  )
  done()
}
