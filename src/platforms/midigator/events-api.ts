import { createHash, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { ParsedReport } from '../../domain/alert/event.ts'
import { readChargeback, readOrder, readPrevention } from '../../domain/alert/read-event.ts'
import { parseInstant } from '../../domain/basics/instant.ts'
import type { Subscription } from '../../domain/subscription-plan.ts'
import type { Call } from '../../http-wire.ts'
import { pathOf, type Limits, type Said } from '../api-answer.ts'
import type { Access, Report } from '../platform.ts'
import { createApiCall, type ApiRequest } from './api-call.ts'

/** What a new subscription is made of; the credentials are those Midigator will show us. */
export interface NewSubscription {
  email: string
  url: string
  eventType: string
  username: string
  password: string
}

/** What a subscription is changed to; its event type cannot be changed. */
export type SubscriptionUpdate = Omit<NewSubscription, 'eventType'> & { active: boolean }

export type MidigatorEventsApi = ReturnType<typeof createMidigatorEventsApi>

/**
 * Midigator's Events API 0.6.0, all nine operations. None throws or tries again; `value` is there when the answer was accepted
 * and could be read. Passwords that Midigator answers stay in here.
 */
export function createMidigatorEventsApi({ url, http }: { url: string; http: { call: Call } }) {
  const call = createApiCall(url, http)
  const get =
    <Value>(folder: string, readOf: (name: string) => ApiRequest<Value>['read']) =>
    (access: Access, name: string, limits: Limits): Promise<Said<Value>> => {
      const read = readOf(name)
      return call(access, { method: 'GET', path: pathOf(folder, name), ...(read && { read }) }, limits)
    }
  const subscriptionAt = (guid: string) => pathOf('subscribe', guid)

  return {
    addSubscription: (access: Access, wanted: NewSubscription, limits: Limits): Promise<Said<Subscription>> =>
      call(
        access,
        { method: 'POST', path: '/subscribe', ...sent({ ...wireOf(wanted), event_type: wanted.eventType }), read: readSubscription },
        limits,
      ), // prettier-ignore
    listSubscriptions: (access: Access, limits: Limits): Promise<Said<Subscription[]>> =>
      call(access, { method: 'GET', path: '/subscribe', read: readSubscriptions }, limits),
    getSubscription: get('subscribe', () => readSubscription),
    /** 418: the event type is another than it was, and only a new subscription helps. */
    updateSubscription: (access: Access, guid: string, to: SubscriptionUpdate, limits: Limits): Promise<Said<Subscription>> =>
      call(
        access,
        { method: 'PUT', path: subscriptionAt(guid), ...sent({ ...wireOf(to), active: to.active }), read: readSubscription },
        limits,
      ), // prettier-ignore
    deleteSubscription: (access: Access, guid: string, limits: Limits): Promise<Said<never>> =>
      call(access, { method: 'DELETE', path: subscriptionAt(guid) }, limits),
    /** Has every address subscribed to an event type called; answers which. */
    ping: get('ping', () => readUrls),
    chargeback: get('chargeback', guid => asReport(guid, readChargeback)),
    prevention: get('prevention', guid => asReport(guid, readPrevention)),
    order: get('order', guid => asReport(guid, readOrder)),
  }
}

const wireOf = ({ email, url, username, password }: Omit<NewSubscription, 'eventType'>) => ({
  email,
  url,
  auth: { username, password },
})

const sent = (body: object) => ({ body: JSON.stringify(body), secret: body })

/** A report of something else than was asked for is none. */
const asReport =
  (guid: string, read: (json: unknown) => ParsedReport) =>
  (json: unknown): Report | null => {
    const report = read(json)
    return 'errors' in report || report.guid !== guid ? null : report
  }

const SUBSCRIPTION = z.object({
  guid: z.string().min(1).max(255),
  email: z.string().nullish(),
  url: z.string(),
  event_type: z.string(),
  active: z.boolean(),
  created_at: z.string().nullish(),
  auth: z.object({ username: z.string(), password: z.string() }).nullish(),
})
const SUBSCRIPTIONS = z.array(SUBSCRIPTION)
const URLS = z.object({ urls: z.array(z.string()) })

function readSubscription(json: unknown): Subscription | null {
  const parsed = SUBSCRIPTION.safeParse(json)
  return parsed.success ? subscriptionOf(parsed.data) : null
}

/** One that cannot be read spoils the list: what is not seen would be added again and again. */
function readSubscriptions(json: unknown): Subscription[] | null {
  const parsed = SUBSCRIPTIONS.safeParse(json)
  return parsed.success ? parsed.data.map(subscriptionOf) : null
}

function readUrls(json: unknown): string[] | null {
  const parsed = URLS.safeParse(json)
  return parsed.success ? parsed.data.urls : null
}

function subscriptionOf({
  guid,
  email,
  url,
  event_type,
  active,
  created_at,
  auth,
}: z.infer<typeof SUBSCRIPTION>): Subscription {
  const kept = auth == null || MASKED.test(auth.password) ? null : digest(auth)
  return {
    guid,
    email: email ?? '',
    url,
    eventType: event_type,
    active,
    createdAt: parseInstant(created_at ?? ''),
    // Credentials that are not shown cannot be told from ours.
    matchesAuth: (username, password) => kept === null || timingSafeEqual(kept, digest({ username, password })),
  }
}

const MASKED = /^[*•]+$/

const digest = ({ username, password }: { username: string; password: string }): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([username, password]))
    .digest()
