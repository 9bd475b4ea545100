import { createHash, timingSafeEqual } from 'node:crypto'
import basicAuth from '@fastify/basic-auth'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../errors.ts'
import { refuse } from './answers.ts'
import { guardLogin, type LoginGuardDeps } from './login-guard.ts'

export interface Credentials {
  username: string
  password: string
}

/** What a page of ours may load and send; `addBoard` widens it for its own. */
const CONTENT_POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

/**
 * Who may come in, in this order: Redis must be there; user name and password (`/healthz` and `/readyz` alone are open); then for whatever writes JSON and
 * the `x-order-sync` header, which no page of another origin can send unasked.
 */
export async function guardOps(
  app: FastifyInstance,
  auth: Credentials | 'closed' | 'open',
  deps: LoginGuardDeps & { redisReady: () => boolean },
): Promise<void> {
  app.addHook('onSend', async (_request, reply) => setHeaders(reply))
  app.addHook('onRequest', async request => {
    if (!isOpen(request) && !deps.redisReady())
      throw new AppError('redis-away', 'Redis does not answer; nothing was read or done')
  })
  if (auth === 'closed') {
    app.addHook('onRequest', async request => {
      if (!isOpen(request)) throw new AppError('unconfigured', 'set OPS_USERNAME and OPS_PASSWORD')
    })
  } else if (auth !== 'open') {
    await app.register(basicAuth, {
      authenticate: { realm: 'order-sync' },
      validate: async (user, password, { ip }) => {
        const isRight = isThem(auth, user, password)
        await guardLogin(deps, { name: 'console', ip, user, isRight, isRemembered: false })
        if (!isRight) throw new AppError('unverified', 'expected the user name and the password of operations')
      },
    })
    app.addHook('onRequest', (request, reply, done) => (isOpen(request) ? done() : app.basicAuth(request, reply, done)))
  }
  app.addHook('onRequest', async (request, reply) => refuseForeignWrite(request, reply))
}

/** Who asks, by the name they came in with; it was checked before. Where everybody may come in, nobody has one. */
export function userOf({ headers }: FastifyRequest): string {
  const given = /^Basic\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1]
  const name =
    Buffer.from(given ?? '', 'base64')
      .toString()
      .split(':')[0] ?? ''
  return name === '' ? 'somebody' : name.slice(0, MAX_NAME)
}

const MAX_NAME = 100

const isOpen = ({ routeOptions: { url } }: FastifyRequest) => url === '/healthz' || url === '/readyz'

const digest = (text: string) => createHash('sha256').update(text).digest()

/** Both are compared whole, over digests of one length, so that the time taken tells nothing. */
function isThem(auth: Credentials, username: string, password: string): boolean {
  const sameName = timingSafeEqual(digest(username), digest(auth.username))
  const samePassword = timingSafeEqual(digest(password), digest(auth.password))
  return sameName && samePassword
}

function refuseForeignWrite(request: FastifyRequest, reply: FastifyReply): FastifyReply | undefined {
  if (request.method === 'GET' || request.method === 'HEAD') return undefined
  if (request.headers['x-order-sync'] === undefined) {
    const message = 'expected the header x-order-sync, with any value; without it nothing is written'
    return refuse(reply, 'no-header', message, { errors: [{ field: 'x-order-sync', message }] })
  }
  if (/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) return undefined
  const message = 'expected the content type application/json; set that header'
  return refuse(reply, 'not-json-type', message, { errors: [{ field: 'content-type', message }] })
}

function setHeaders(reply: FastifyReply): void {
  if (!reply.hasHeader('content-security-policy')) void reply.header('content-security-policy', CONTENT_POLICY)
  void reply.headers({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
  })
}
