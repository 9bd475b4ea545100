import rateLimit from '@fastify/rate-limit'
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { FieldError } from '../domain/change.ts'
import { maskCardNumbers } from '../domain/basics/card-data.ts'
import { AppError } from '../errors.ts'
import type { Log } from '../log.ts'
import { acceptChanges, type AcceptDeps } from '../sources/accept-changes.ts'
import { parseJson } from '../parse-json.ts'
import type { Source, Verification } from '../sources/source.ts'
import { addAlertHooks, type AlertHookDeps } from './alert-hooks.ts'
import { answerBrokenRequest, answerErrors, BROKEN, refuse } from './answers.ts'
import { MAX_BODY_BYTES, unpackBody, unpackUnproven, withoutByteOrderMark, type Unpacked } from './unpack-body.ts'

export interface IngressDeps extends AcceptDeps, AlertHookDeps {
  sources: ReadonlyMap<string, Source>
  log: Log
  /** Why orders cannot be taken now; empty when they can. */
  unready: () => Promise<string[]>
  onHook: (source: string, status: number, tookMs: number) => void
}

export interface IngressOptions {
  trustProxy: boolean
  rate: { max: number; durationMs: number } | null
}

const MAX_CHANGES = 1_000
/** `application/json`, and any `+json` below `application`. */
const JSON_TYPE = /^application\/(?:[\w!#$&^.+-]{1,100}\+)?json(?:\s*;|\s*$)/i

/** The door that faces the internet: hooks in, and whether we live. It listens nowhere by itself. */
export async function createIngress(deps: IngressDeps, options: IngressOptions): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    trustProxy: options.trustProxy,
    requestTimeout: 30_000,
    forceCloseConnections: 'idle',
    logger: false,
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (_error, _request, reply) => {
      void refuse(reply, 400, 'bad-request', BROKEN, [{ field: 'request', message: BROKEN }])
    },
    routerOptions: { maxParamLength: 64 },
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(JSON_TYPE, { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body))
  answerErrors(app, deps.log)
  if (options.rate) await app.register(rateLimit, { max: options.rate.max, timeWindow: options.rate.durationMs })

  app.get('/healthz', () => ({ status: 'alive' }))
  app.get('/readyz', async (_request, reply) => {
    const why = await deps.unready()
    return why.length === 0 ? { status: 'ready' } : refuse(reply, 503, 'not-ready', why.join('; '))
  })
  addAlertHooks(app, deps)
  app.post<{ Params: { source: string } }>('/hooks/orders/:source', async (request, reply) => {
    const startedAt = performance.now()
    reply.raw.once('close', () => deps.onHook(request.params.source, reply.statusCode, performance.now() - startedAt))
    return takeHook(deps, request, reply)
  })
  return app
}

async function takeHook(
  deps: IngressDeps,
  request: FastifyRequest<{ Params: { source: string } }>,
  reply: FastifyReply,
) {
  const source = deps.sources.get(request.params.source)
  if (!source) {
    const message = `expected one of the sources ${[...deps.sources.keys()].join(', ')}`
    return refuse(reply, 404, 'unknown-source', message, [{ field: 'source', message }])
  }
  const rawBody: Buffer = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const { verification, unpacked } = await verifyAndUnpack(deps, source, request, rawBody)
  if (!verification.verified) return refuseSender(deps, source, verification, reply)
  if ('fault' in unpacked)
    return refuse(reply, unpacked.status, unpacked.code, unpacked.fault.message, [unpacked.fault])
  const parsed = parseJson(withoutByteOrderMark(unpacked.plain))
  if ('fault' in parsed) return refuseBody(deps, source, unpacked.plain, parsed.fault, reply)
  return answerChanges(deps, source, parsed.value, reply)
}

/** Some sign what they pack, some what goes out: either proves who sent it. What is wrong beside the signature is no reason to unpack. */
async function verifyAndUnpack(
  deps: IngressDeps,
  source: Source,
  { headers }: FastifyRequest,
  sent: Buffer,
): Promise<{ verification: Verification; unpacked: Unpacked }> {
  const verify = (rawBody: Buffer) => source.verify({ rawBody, headers, now: deps.now() })
  const encoding = headers['content-encoding']
  const verification = verify(sent)
  if (verification.verified) return { verification, unpacked: await unpackBody(encoding, sent, MAX_BODY_BYTES) }
  const unpacked: Unpacked = { plain: sent }
  if (encoding === undefined || verification.field !== 'webhook-signature') return { verification, unpacked }
  const tried = await unpackUnproven(encoding, sent, MAX_BODY_BYTES)
  return 'fault' in tried ? { verification, unpacked } : { verification: verify(tried.plain), unpacked: tried }
}

async function refuseSender(
  deps: IngressDeps,
  source: Source,
  { why, field, message }: Exclude<Verification, { verified: true }>,
  reply: FastifyReply,
) {
  deps.log.warn({ source: source.name, why, field }, 'hook not verified')
  if (why === 'unconfigured') void reply.header('retry-after', '60')
  if (why === 'too-old') {
    const says = `a delivery of ${source.name} was refused because it was signed longer ago than HOOK_MAX_AGE_HOURS; its changes are not taken until it is signed anew`
    await taking(() => deps.alarms.raise('hook-too-old', source.name, says, deps.now()))
  }
  return refuse(reply, why === 'unconfigured' ? 503 : 401, why, message, [{ field, message }])
}

async function answerChanges(deps: IngressDeps, source: Source, body: unknown, reply: FastifyReply) {
  const many = Array.isArray(body)
  const bodies: unknown[] = many ? body : [body]
  if (bodies.length === 0 || bodies.length > MAX_CHANGES) {
    const message = `expected 1 to ${MAX_CHANGES} changes, got ${bodies.length}; ${bodies.length === 0 ? 'send at least one' : 'send them in parts'}`
    deps.log.warn({ source: source.name, count: bodies.length }, 'hook refused for its length')
    return refuse(reply, 422, 'wrong-length', message, [{ field: 'body', message }])
  }
  const results = await taking(() => acceptChanges(source, bodies, deps))
  if (many)
    for (const [i, result] of results.entries()) {
      if (result.errors) result.errors = result.errors.map(error => inPlace(error, i))
      if (result.faults) result.faults = result.faults.map(fault => inPlace(fault, i))
    }
  if (results.some(result => result.status !== 'rejected')) return reply.code(202).send({ results })
  const errors = results
    .flatMap(result => result.errors ?? [])
    .map(error => (error.field === '' ? { ...error, field: 'body' } : error))
  return refuse(
    reply,
    422,
    'invalid',
    `expected ${many ? 'changes' : 'a change'} without faults; errors names each field at fault`,
    errors,
  )
}

const inPlace = (error: FieldError, i: number): FieldError => ({
  ...error,
  field: error.field === '' ? `[${i}]` : `[${i}].${error.field}`,
})

/** A body that is no JSON we take: kept, cut and masked, so that it can be looked at. */
async function refuseBody(
  deps: IngressDeps,
  source: Source,
  raw: Buffer,
  fault: { code: string; field: string; message: string },
  reply: FastifyReply,
) {
  const field = fault.field === '' ? 'body' : fault.field
  const errors = [{ field, message: fault.message }]
  const text = maskCardNumbers(raw.subarray(0, KEPT_BYTES).toString('utf8').toWellFormed())
  const kept = { at: deps.now(), source: source.name, orderId: null, errors, body: JSON.stringify(text), masked: true }
  await taking(() => deps.rejected.add([kept]))
  deps.onResult(source.name, 'rejected')
  return refuse(
    reply,
    fault.code === 'not-json' || fault.code === 'not-utf-8' ? 400 : 422,
    fault.code,
    fault.message,
    errors,
  )
}

const KEPT_BYTES = 4_096

/** Whatever fails between the door and Redis is Redis being away: 503, so that the CRM sends again. */
async function taking<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work()
  } catch (cause) {
    throw new AppError('transient', 'redis-away', 'nothing was taken: the order store does not answer; send again', {
      cause,
    })
  }
}
