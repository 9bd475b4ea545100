import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Alerts } from './alerts.ts'
import type { ApiTokens } from './api-tokens.ts'
import { chargebackBody, orderBody, preventionBody } from './event-payloads.ts'
import { typesOf } from './event-types.ts'
import type { Generation } from './event-types.ts'
import type { Outcome } from './exchange.ts'
import type { CallName } from './faults.ts'
import { isGuid, orderGuidOf } from './guids.ts'
import type { GuidPrefix } from './guids.ts'
import { isOutcome, readUpdate, readWish } from './subscription-body.ts'
import type { Subscription, Subscriptions } from './subscriptions.ts'
import { bearerOf, membersOf, refuseStrays, refused, takeCall } from './vendor-call.ts'
import type { Desk } from './vendor-call.ts'
import { writeJson } from './wire-json.ts'

interface MidigatorEventsOptions {
  desk: Desk
  tokens: ApiTokens
  subscriptions: Subscriptions
  alerts: Alerts
  generation: Generation
  /** Pings these, each once; a new one waits a moment before. */
  ping: (subscriptions: Subscription[], isNew?: boolean) => void
}

const ok = (body: unknown, commit?: () => void): Outcome => ({ status: 200, body, ...(commit && { commit }) })

const callOf = (path: string): CallName | 'other' =>
  /\/subscribe(\/|$)/.test(path)
    ? 'subscribe'
    : path.includes('/ping/')
      ? 'ping'
      : /\/(chargeback|prevention|order)\//.test(path)
        ? 'read-event'
        : 'other'

/** What is kept of a subscription call: never its password. */
function masked(body: unknown): unknown {
  const { auth, ...rest } = membersOf(body)
  return auth === undefined ? (body ?? null) : { ...rest, auth: { username: membersOf(auth)['username'] ?? null } }
}

function wordsOf(body: unknown): string {
  const { url, email, auth } = membersOf(body)
  const said = Object.entries({ url, email, password: membersOf(auth)['password'] })
  return said.flatMap(([name, value]) => (value == null ? [] : [`${name} ${JSON.stringify(value)}`])).join(', ')
}

/** Midigator's Events API after its reference: subscriptions, pings, and what stands behind an event. */
export function midigatorEvents(app: FastifyInstance, options: MidigatorEventsOptions, done: () => void): void {
  const { desk, tokens, subscriptions, alerts, generation, ping } = options
  refuseStrays(app, desk.inbox, callOf)
  app.setReplySerializer(writeJson)

  function take(
    name: CallName,
    request: FastifyRequest,
    reply: FastifyReply,
    serve: () => Outcome,
    guid?: string,
  ): void {
    const token = bearerOf(request)
    const { body } = request
    const guarded = (): Outcome => {
      if (token === undefined) return refused(401, 'authorization is required')
      return tokens.has(token) ? serve() : refused(401, `authorization "Bearer ${token}" is not valid`)
    }
    const revoke = (): void => {
      if (token !== undefined) tokens.revoke(token)
    }
    const payload = body == null ? null : masked(body)
    takeCall(desk, request, reply, { name, guid, payload, words: wordsOf(body), revoke, serve: guarded })
  }

  function subscribe(body: unknown): Outcome {
    const wish = readWish(body, generation)
    if (isOutcome(wish)) return wish
    const draft = subscriptions.draft(wish)
    return ok(draft, () => {
      subscriptions.add(draft)
      ping([draft], true)
    })
  }

  /** The reference has no 404 here: a GUID that names nothing is a bad request. */
  function withSubscription(guid: string, act: (found: Subscription) => Outcome): Outcome {
    const found = subscriptions.get(guid)
    return found ? act(found) : refused(400, `event_guid "${guid}" names no subscription`)
  }

  function update(before: Subscription, body: unknown): Outcome {
    const read = readUpdate(body, before)
    if (isOutcome(read)) return read
    const after = subscriptions.updated(before, read)
    return ok(after, () => subscriptions.replace(after, read.active !== undefined))
  }

  function pingAll(eventType: string): Outcome {
    if (!typesOf(generation).includes(eventType)) return refused(400, `event_type "${eventType}" is not an event type`)
    const found = subscriptions.ofType(eventType)
    return ok({ urls: found.map(({ url }) => url) }, () => ping(found))
  }

  function read(guid: string, prefix: GuidPrefix, find: () => object | undefined): Outcome {
    if (!isGuid(guid, prefix)) return refused(400, `guid "${guid}" is not one of ${prefix}_…`)
    const found = find()
    return found ? ok(found) : refused(404, `guid "${guid}" was not found`)
  }

  function findOrder(guid: string): object | undefined {
    const known = alerts.orderId(guid)
    const record =
      known === undefined
        ? desk.inbox.records().find(({ order_id }) => typeof order_id === 'string' && orderGuidOf(order_id) === guid)
        : desk.inbox.record(known)
    return record && orderBody(guid, record)
  }

  const readers: Record<string, [GuidPrefix, (guid: string) => object | undefined]> = {
    chargeback: ['cbc', guid => mapped(alerts.chargeback(guid), found => chargebackBody(found, generation))],
    prevention: ['pre', guid => mapped(alerts.find(guid), ({ alert }) => preventionBody(alert, generation))],
    order: ['ord', findOrder],
  }

  type ByGuid = { Params: { guid: string } }
  app.post('/subscribe', (request, reply) => take('subscribe', request, reply, () => subscribe(request.body)))
  app.get('/subscribe', (request, reply) => take('subscribe', request, reply, () => ok(subscriptions.all())))
  app.get<ByGuid>('/subscribe/:guid', (request, reply) => {
    const { guid } = request.params
    take('subscribe', request, reply, () => withSubscription(guid, ok), guid)
  })
  app.put<ByGuid>('/subscribe/:guid', (request, reply) => {
    const { guid } = request.params
    take('subscribe', request, reply, () => withSubscription(guid, found => update(found, request.body)), guid)
  })
  app.delete<ByGuid>('/subscribe/:guid', (request, reply) => {
    const { guid } = request.params
    const remove = (): Outcome => withSubscription(guid, () => ok({}, () => subscriptions.remove(guid)))
    take('subscribe', request, reply, remove, guid)
  })
  app.get<{ Params: { event_type: string } }>('/ping/:event_type', (request, reply) =>
    take('ping', request, reply, () => pingAll(request.params.event_type)),
  )
  for (const [kind, [prefix, find]] of Object.entries(readers))
    app.get<ByGuid>(`/${kind}/:guid`, (request, reply) => {
      const { guid } = request.params
      take('read-event', request, reply, () => read(guid, prefix, () => find(guid)), guid)
    })
  done()
}

const mapped = <T, R>(value: T | undefined, map: (value: T) => R): R | undefined =>
  value === undefined ? undefined : map(value)
