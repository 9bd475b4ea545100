import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { maskCardNumbers } from '../domain/basics/card-data.ts'
import { AppError } from '../errors.ts'
import { parseJson, type Parsed } from '../parse-json.ts'
import { acceptEvent, keptOf, type AcceptEventDeps } from '../platforms/accept-event.ts'
import type { AlarmBell } from '../jobs/alarm-bell.ts'
import type { AlertHook } from '../platforms/platform.ts'
import type { EventStore } from '../store/event-store.ts'
import { refuse, refuseUnpacked } from './answers.ts'
import type { BodyBudget } from './body-budget.ts'
import { guardLogin, type LoginGuardDeps } from './login-guard.ts'
import { MAX_BODY_BYTES, unpackBody, unpackUnproven, withoutByteOrderMark } from './unpack-body.ts'

export interface AlertHookDeps extends AcceptEventDeps, LoginGuardDeps {
  alertHooks: ReadonlyMap<string, AlertHook>
  events: Pick<EventStore, 'keepUnread' | 'countPing'>
  alarms: Pick<AlarmBell, 'raise'>
  now: () => number
  onEvent: (platform: string, type: string, status: 'new' | 'known' | 'unknown' | 'ping' | 'refused') => void
}

/** The platforms' hooks. Midigator sends again on anything but 200, so 200 is said of what is stored and of nothing else. */
export function addAlertHooks(app: FastifyInstance, deps: AlertHookDeps, budget: BodyBudget): void {
  for (const [platform, hook] of deps.alertHooks) {
    const url = `/hooks/alerts/${platform}`
    // The subscriber may add a path to the address; the type of an event is in its body.
    for (const path of [url, `${url}/*`]) addHook(app, { ...deps, budget }, { path, platform, hook })
  }
}

function addHook(
  app: FastifyInstance,
  deps: AlertHookDeps & { budget: BodyBudget },
  { path, platform, hook }: { path: string; platform: string; hook: AlertHook },
): void {
  // What the headers alone prove wrong is refused before a byte of the body is read.
  const onRequest = async ({ headers, ip }: FastifyRequest, reply: FastifyReply) => {
    const [verified, user] = [hook.verify(headers, null), hook.userOf(headers)]
    if (user !== null && verified !== 'unconfigured')
      await guardLogin(deps, { name: platform, ip, user, isRight: verified === 'ok', isRemembered: true })
    return isLetIn(hook, verified, reply) ? undefined : reply
  }
  app.get(path, { onRequest }, async (request, reply) =>
    isLetIn(hook, hook.verify(request.headers, rawOf(request)), reply) ? ping(deps, platform) : reply,
  )
  app.post(path, { onRequest }, async (request, reply) => {
    const [raw, encoding] = [rawOf(request), request.headers['content-encoding']]
    const verified = hook.verify(request.headers, raw)
    // Some sign what they pack, some what goes out.
    const mayBePacked = verified === 'unverified' && encoding !== undefined && hook.signsBody
    const unpacked = mayBePacked ? await unpackUnproven(encoding, raw, MAX_BODY_BYTES) : null
    const isPacked = unpacked !== null && 'plain' in unpacked && hook.verify(request.headers, unpacked.plain) === 'ok'
    if (!isPacked && !isLetIn(hook, verified, reply)) return reply
    const body = isPacked ? unpacked : await unpackBody(encoding, raw, MAX_BODY_BYTES)
    if ('fault' in body) return refuseUnpacked(reply, body)
    if (body.plain !== raw) deps.budget.take(request, body.plain.length)
    return takeEvent(deps, platform, hook, body.plain, reply)
  })
}

function isLetIn(hook: AlertHook, verified: ReturnType<AlertHook['verify']>, reply: FastifyReply): boolean {
  if (verified === 'ok') return true
  if (verified === 'unconfigured')
    void refuse(
      reply.header('retry-after', '5'),
      'unconfigured',
      'no credentials are configured for this hook; set them, then send again',
    )
  // No hint of what was near.
  else {
    const { message, challenge } = hook.wants
    if (challenge !== null) reply.header('www-authenticate', challenge)
    void refuse(reply, 'unverified', message)
  }
  return false
}

const rawOf = ({ body }: FastifyRequest): Buffer => (Buffer.isBuffer(body) ? body : Buffer.alloc(0))

async function ping(deps: AlertHookDeps, platform: string): Promise<{ status: string }> {
  await storing(async () => {
    const commit = deps.startCommit()
    await deps.events.countPing(platform, deps.now())
    await commit()
  })
  deps.onEvent(platform, 'ping', 'ping')
  return { status: 'ok' }
}

async function takeEvent(deps: AlertHookDeps, platform: string, hook: AlertHook, raw: Buffer, reply: FastifyReply) {
  if (raw.length === 0 || /^\s*$/.test(raw.toString('latin1'))) return ping(deps, platform)
  const json = readBody(raw, hook)
  if ('fault' in json) {
    deps.onEvent(platform, 'unreadable', 'refused')
    await storing(() => keepUnread(deps, platform, 'unreadable', `left out: ${raw.length} bytes`))
    const { code, field, message } = json.fault
    return refuse(reply, code, message, { errors: [{ field: field === '' ? 'body' : field, message }] })
  }
  const parsed = hook.normalise(json.value)
  if ('errors' in parsed) {
    deps.onEvent(platform, 'invalid', 'refused')
    await storing(() => keepUnread(deps, platform, 'invalid', keptOf(json.value, raw.length)))
    const errors = parsed.errors.map(error => (error.field === '' ? { ...error, field: 'body' } : error))
    const message = 'expected an event that names what it is about; errors lists each field that cannot be read'
    return refuse(reply, 'invalid', message, { errors })
  }
  if (parsed.kind === 'ping') return ping(deps, platform)
  const kept = keptOf(json.value, raw.length)
  if (parsed.kind === 'unknown') {
    await storing(() => keepUnread(deps, platform, parsed.eventType, kept))
    deps.onEvent(platform, 'unknown', 'unknown')
    return hook.answer(null)
  }
  const { event } = parsed
  const isNew = await storing(() => acceptEvent(deps, platform, event, kept))
  deps.onEvent(platform, event.type, isNew ? 'new' : 'known')
  return storing(() => hook.answer(event))
}

/** What cannot be taken is kept where people see it: it may be an alert, whose time runs. */
async function keepUnread(deps: AlertHookDeps, platform: string, eventType: string, kept: unknown): Promise<void> {
  const [now, type] = [deps.now(), maskCardNumbers(eventType).slice(0, MAX_TYPE)]
  const commit = deps.startCommit()
  await deps.events.keepUnread(platform, type, kept, now)
  await deps.alarms.raise('alert-unreadable', platform, `an event of ${platform} could not be taken (${type})`, now)
  await commit()
}
const MAX_TYPE = 60

/**
 * The body's JSON. A byte order mark is no part of it. Bytes that are not UTF-8 cost the fields they are in and not the event: an event
 * is read with a replacement character in their place; anything else in another encoding is refused.
 */
function readBody(raw: Buffer, hook: AlertHook): Parsed {
  const bytes = withoutByteOrderMark(raw)
  const json = parseJson(bytes, 'all')
  if (!('fault' in json) || json.fault.code !== 'not-utf-8') return json
  const replaced = parseJson(Buffer.from(bytes.toString('utf8')), 'all')
  const parsed = 'value' in replaced ? hook.normalise(replaced.value) : null
  return parsed !== null && 'kind' in parsed && parsed.kind === 'event' ? replaced : json
}

/** Whatever fails between the door and Redis is Redis being away: 503, so that the platform sends again. */
async function storing<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work()
  } catch (cause) {
    throw new AppError('redis-away', 'nothing was stored: the case store does not answer; send again', {
      cause,
    })
  }
}
