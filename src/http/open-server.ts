import type { IncomingMessage, Server } from 'node:http'
import { Socket } from 'node:net'
import { fastify, type FastifyInstance } from 'fastify'
import type { Log } from '../log.ts'
import { answerBrokenRequest, answerErrors, BROKEN, refuse } from './answers.ts'
import { senderOf } from './sender-address.ts'
import { MAX_BODY_BYTES } from './unpack-body.ts'

/** Whose `X-Forwarded-For` is believed: no one's, that of so many proxies in front, or that of proxies at these addresses. */
export type TrustProxy = false | number | string[]

export interface ServerOptions {
  log: Log
  trustProxy: TrustProxy
  maxParamLength: number
  ignoreTrailingSlash?: boolean
  /** Milliseconds a handler has; 0: no limit. */
  handlerTimeout?: number
}

/** A whole request must have come after this long, its headers sooner; looked for each second. */
const [REQUEST_MS, HEADERS_MS, CHECK_MS] = [30_000, 10_000, 1_000]
/** A connection takes up to 80 KiB before anything of it is counted (headers, the uncounted part of a body). */
const [MAX_CONNECTIONS, MAX_OF_SENDER] = [1_000, 500]
/** Of a request that is answered before it was read, so much more is read and thrown away, so that its sender sees the answer. */
const [LINGER_MS, LINGER_BYTES, LINGER_CHECK_MS] = [1_000, 1024 * 1024, 50]

/** A Fastify app with the limits that each port of ours has. It does not listen. */
export function openServer({ log, trustProxy, maxParamLength, ...options }: ServerOptions): FastifyInstance {
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    trustProxy: typeof trustProxy === 'number' ? (_address, hop) => hop < trustProxy : trustProxy,
    requestTimeout: REQUEST_MS,
    handlerTimeout: options.handlerTimeout ?? 0,
    http: { connectionsCheckingInterval: CHECK_MS, headersTimeout: HEADERS_MS },
    forceCloseConnections: 'idle',
    logger: false,
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (_error, _request, reply) => {
      void refuse(reply, 'bad-request', BROKEN, { errors: [{ field: 'request', message: BROKEN }] })
    },
    routerOptions: { maxParamLength, ignoreTrailingSlash: options.ignoreTrailingSlash ?? false },
  })
  limitConnections(app.server, trustProxy === false ? MAX_OF_SENDER : MAX_CONNECTIONS)
  answerErrors(app, log)
  if (trustProxy === false) noticeProxies(app, log)
  app.addHook('onResponse', (request, _reply, done) => {
    const { raw } = request
    if (raw.socket instanceof Socket && !raw.complete) closeSoon(raw)
    done()
  })
  return app
}

/** Behind a proxy all connections are the proxy's, so only where there is none each address has a share. */
function limitConnections(server: Server, ofSender: number): void {
  server.maxConnections = MAX_CONNECTIONS
  server.on('drop', () => server.closeIdleConnections())
  const open = new Map<string, number>()
  server.on('connection', socket => {
    const sender = senderOf(socket.remoteAddress ?? '')
    const count = (open.get(sender) ?? 0) + 1
    open.set(sender, count)
    socket.once('close', () => {
      const left = (open.get(sender) ?? 1) - 1
      if (left > 0) open.set(sender, left)
      else open.delete(sender)
    })
    if (count > ofSender) socket.destroy()
  })
}

/** The rest of the request is thrown away as it comes; the connection ends where that takes too long. */
function closeSoon(request: IncomingMessage): void {
  const { socket } = request
  const [until, mostRead] = [performance.now() + LINGER_MS, socket.bytesRead + LINGER_BYTES]
  const stop = () => {
    clearInterval(check)
    socket.off('close', stop)
  }
  const check = setInterval(() => {
    if (request.complete) stop()
    else if (performance.now() > until || socket.bytesRead > mostRead) socket.destroy()
  }, LINGER_CHECK_MS)
  socket.once('close', stop)
}

/** Limits by address would count all senders behind such a proxy as one. */
function noticeProxies(app: FastifyInstance, log: Log): void {
  let isNoticed = false
  app.addHook('onRequest', (request, _reply, done) => {
    if (!isNoticed && request.headers['x-forwarded-for'] !== undefined) {
      isNoticed = true
      log.warn('requests come through a proxy, and all its senders count as one address; set TRUST_PROXY to the number of proxies in front, or their addresses') // prettier-ignore
    }
    done()
  })
}
