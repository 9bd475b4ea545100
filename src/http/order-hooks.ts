import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { FieldError } from '../domain/change.ts'
import { maskCardNumbers } from '../domain/basics/card-data.ts'
import { AppError } from '../errors.ts'
import type { Log } from '../log.ts'
import { parseJson, type JsonFault } from '../parse-json.ts'
import { acceptChanges, type AcceptDeps } from '../sources/accept-changes.ts'
import type { Source, Verification } from '../sources/source.ts'
import { refuse, refuseUnpacked } from './answers.ts'
import { UNCOUNTED_BYTES, type BodyBudget } from './body-budget.ts'
import { MAX_BODY_BYTES, unpackBody, unpackUnproven, withoutByteOrderMark, type Unpacked } from './unpack-body.ts'

export interface OrderHookDeps extends AcceptDeps {
  sources: ReadonlyMap<string, Source>
  log: Log
  onHook: (source: string, status: number, tookMs: number) => void
}

const MAX_CHANGES = 1_000

/** The hooks of CRMs and shops: `POST /hooks/orders/<source>`, one change or an array of them. */
export function addOrderHooks(app: FastifyInstance, deps: OrderHookDeps, budget: BodyBudget): void {
  app.post<{ Params: { source: string } }>('/hooks/orders/:source', {
    onRequest: async (request, reply) => {
      const startedAt = performance.now()
      reply.raw.once('close', () => deps.onHook(request.params.source, reply.statusCode, performance.now() - startedAt))
      return refuseByHead(deps, request, reply)
    },
    handler: (request, reply) => takeHook(deps, budget, request, reply),
  })
}

type HookRequest = FastifyRequest<{ Params: { source: string } }>

/** What the headers alone prove wrong is refused before a byte of the body is read. */
async function refuseByHead(deps: OrderHookDeps, request: HookRequest, reply: FastifyReply) {
  const source = deps.sources.get(request.params.source)
  if (!source) {
    const message = `expected one of the sources ${[...deps.sources.keys()].join(', ')}`
    return refuse(reply, 'unknown-source', message, { errors: [{ field: 'source', message }] })
  }
  const { headers } = request
  const verification = source.verify({ rawBody: null, headers, now: deps.now() })
  // Only its signature proves that a delivery which is too old is of this source, so that an alarm is right; a small one is read for that.
  const isSmall = Number(headers['content-length'] ?? Infinity) <= UNCOUNTED_BYTES
  if (verification.verified || (verification.why === 'too-old' && isSmall)) return undefined
  return refuseSender(deps, source, verification, reply)
}

async function takeHook(deps: OrderHookDeps, budget: BodyBudget, request: HookRequest, reply: FastifyReply) {
  const source = deps.sources.get(request.params.source)!
  const rawBody: Buffer = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const { verification, unpacked } = await verifyAndUnpack(deps, source, request, rawBody)
  if (!verification.verified) {
    if (verification.why === 'too-old') await alarmTooOld(deps, source)
    return refuseSender(deps, source, verification, reply)
  }
  if ('fault' in unpacked) return refuseUnpacked(reply, unpacked)
  if (unpacked.plain !== rawBody) budget.take(request, unpacked.plain.length)
  const parsed = parseJson(withoutByteOrderMark(unpacked.plain))
  if ('fault' in parsed) return refuseBody(deps, source, unpacked.plain, parsed.fault, reply)
  return answerChanges(deps, source, parsed.value, reply)
}

/** Some sign what they pack, some what goes out: either proves who sent it. What is wrong beside the signature is no reason to unpack. */
async function verifyAndUnpack(
  deps: OrderHookDeps,
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

function refuseSender(
  deps: OrderHookDeps,
  source: Source,
  { why, field, message }: Exclude<Verification, { verified: true }>,
  reply: FastifyReply,
) {
  deps.log.warn({ source: source.name, why, field }, 'hook not verified')
  if (why === 'unconfigured') void reply.header('retry-after', '60')
  return refuse(reply, why, message, { errors: [{ field, message }] })
}

function alarmTooOld(deps: OrderHookDeps, { name }: Source): Promise<boolean> {
  const why = `a delivery of ${name} was refused because it was signed longer ago than HOOK_MAX_AGE_HOURS; its changes are not taken until it is signed again`
  return taking(() => deps.alarms.raise('hook-too-old', name, why, deps.now()))
}

async function answerChanges(deps: OrderHookDeps, source: Source, body: unknown, reply: FastifyReply) {
  const many = Array.isArray(body)
  const bodies: unknown[] = many ? body : [body]
  if (bodies.length === 0 || bodies.length > MAX_CHANGES) {
    const message = `expected 1 to ${MAX_CHANGES} changes, got ${bodies.length}; ${bodies.length === 0 ? 'send at least one' : 'send them in parts'}`
    deps.log.warn({ source: source.name, count: bodies.length }, 'hook refused for its length')
    return refuse(reply, 'wrong-length', message, { errors: [{ field: 'body', message }] })
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
  const message = `expected ${many ? 'changes' : 'a change'} without faults; errors names each field at fault`
  return refuse(reply, 'invalid', message, { errors })
}

const inPlace = (error: FieldError, i: number): FieldError => ({
  ...error,
  field: error.field === '' ? `[${i}]` : `[${i}].${error.field}`,
})

/** A body that is no JSON we take: kept, cut and masked, so that it can be looked at. */
async function refuseBody(deps: OrderHookDeps, source: Source, raw: Buffer, fault: JsonFault, reply: FastifyReply) {
  const field = fault.field === '' ? 'body' : fault.field
  const errors = [{ field, message: fault.message }]
  const text = maskCardNumbers(raw.subarray(0, KEPT_BYTES).toString('utf8').toWellFormed())
  const kept = { at: deps.now(), source: source.name, orderId: null, errors, body: JSON.stringify(text), masked: true }
  await taking(() => deps.rejected.add([kept]))
  deps.onResult(source.name, 'rejected')
  return refuse(reply, fault.code, fault.message, { errors })
}

const KEPT_BYTES = 4_096

/** Whatever else fails between the request and Redis is Redis being away: 503, so that the CRM sends again. */
async function taking<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work()
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('redis-away', 'nothing was taken: the order store does not answer; send again', {
      cause,
    })
  }
}
