import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { eventKey, type AlertEvent, type ParsedAlert } from '../domain/alert-event.ts'
import { maskBody } from '../domain/mask-body.ts'
import { AppError } from '../errors.ts'
import { parseJson } from '../parse-json.ts'
import type { CaseStore } from '../store/case-store.ts'
import type { EventStore } from '../store/event-store.ts'
import { refuse } from './answers.ts'

/** A platform's door: who calls, and what it says. */
export interface AlertHook {
  verify(headers: FastifyRequest['headers']): 'ok' | 'unconfigured' | 'unverified'
  normalise(body: unknown): ParsedAlert
}

export interface AlertHookDeps {
  alertHooks: ReadonlyMap<string, AlertHook>
  cases: Pick<CaseStore, 'addEvent'>
  events: Pick<EventStore, 'keepUnknown' | 'countPing'>
  /** Has a case looked at; sooner, the less time the event leaves. */
  wantCase: (caseId: string, event: AlertEvent) => Promise<void>
  durable: () => Promise<void>
  now: () => number
  shortDigest: (text: string) => string
  onEvent: (platform: string, type: string, status: 'new' | 'known' | 'unknown' | 'ping' | 'refused') => void
}

const KINDS = {
  alert: 'alert',
  'alert-match': 'alert',
  chargeback: 'chargeback',
  'chargeback-match': 'chargeback',
  refund: 'request',
} as const satisfies Record<AlertEvent['type'], string>

/** The platforms' hooks. Midigator sends again on anything but 200, so 200 is said of what is stored and of nothing else. */
export function addAlertHooks(app: FastifyInstance, deps: AlertHookDeps): void {
  for (const [platform, hook] of deps.alertHooks) {
    const url = `/hooks/alerts/${platform}`
    app.get(url, async (request, reply) => (isLetIn(hook, request, reply) ? ping(deps, platform) : reply))
    app.post(url, async (request, reply) =>
      isLetIn(hook, request, reply) ? takeEvent(deps, platform, hook, request, reply) : reply,
    )
  }
}

function isLetIn(hook: AlertHook, request: FastifyRequest, reply: FastifyReply): boolean {
  const verified = hook.verify(request.headers)
  if (verified === 'ok') return true
  if (verified === 'unconfigured')
    void refuse(
      reply.header('retry-after', '5'),
      503,
      'unconfigured',
      'no credentials are configured for this hook; set them, then send again',
    )
  // No hint of what was near.
  else
    void refuse(
      reply.header('www-authenticate', 'Basic realm="order-sync"'),
      401,
      'unverified',
      'expected a user name and a password',
    )
  return false
}

async function ping(deps: AlertHookDeps, platform: string): Promise<{ status: string }> {
  await storing(async () => {
    await deps.events.countPing(deps.now())
    await deps.durable()
  })
  deps.onEvent(platform, 'ping', 'ping')
  return { status: 'ok' }
}

async function takeEvent(
  deps: AlertHookDeps,
  platform: string,
  hook: AlertHook,
  request: FastifyRequest,
  reply: FastifyReply,
) {
  const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  if (raw.length === 0 || /^\s*$/.test(raw.toString('latin1'))) return ping(deps, platform)
  const json = parseJson(raw, 'all')
  if ('fault' in json) {
    deps.onEvent(platform, 'unreadable', 'refused')
    const { code, field, message } = json.fault
    const status = code === 'not-json' || code === 'not-utf-8' ? 400 : 422
    return refuse(reply, status, code, message, [{ field: field === '' ? 'body' : field, message }])
  }
  const parsed = hook.normalise(json.value)
  if ('errors' in parsed) {
    deps.onEvent(platform, 'invalid', 'refused')
    const errors = parsed.errors.map(error => (error.field === '' ? { ...error, field: 'body' } : error))
    return refuse(reply, 422, 'invalid', 'expected an event without faults; errors names each field at fault', errors)
  }
  if (parsed.kind === 'ping') return ping(deps, platform)
  // No event is near this size; what is would be read again with every decision.
  const masked = raw.length > KEPT_BYTES ? 'left out: over 64 KiB' : maskBody(json.value).body
  if (parsed.kind === 'unknown') {
    await storing(async () => {
      await deps.events.keepUnknown(parsed.eventType, masked, deps.now())
      await deps.durable()
    })
    deps.onEvent(platform, 'unknown', 'unknown')
    return { status: 'ok' }
  }
  const { event } = parsed
  const isNew = await storing(async () => {
    const added = await deps.cases.addEvent(
      platform,
      KINDS[event.type],
      `hook:${deps.shortDigest(eventKey(event))}`,
      event,
      masked,
    )
    // A repeat is looked at too: the job of its first coming may have been lost.
    await deps.wantCase(added.id, event)
    await deps.durable()
    return added.isNew
  })
  deps.onEvent(platform, event.type, isNew ? 'new' : 'known')
  return { status: 'ok' }
}

const KEPT_BYTES = 65_536

/** Whatever fails between the door and Redis is Redis being away: 503, so that the platform sends again. */
async function storing<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work()
  } catch (cause) {
    throw new AppError('transient', 'redis-away', 'nothing was stored: the case store does not answer; send again', {
      cause,
    })
  }
}
