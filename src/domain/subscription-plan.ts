import { EVENT_TYPES, type EventType } from './alert/event.ts'
import { trimEndOf } from './basics/trim-end.ts'

/** A subscription as the platform shows it; the credentials in it can only be compared. */
export interface Subscription {
  guid: string
  email: string
  url: string
  eventType: string
  active: boolean
  /** By the platform's clock, ms; null when it does not say. */
  createdAt: number | null
  matchesAuth: (username: string, password: string) => boolean
}

/** What each of our subscriptions shall be. */
export interface SubscriptionWish {
  url: string
  email: string
  username: string
  password: string
}

/** What drifted from the wish. */
export type Drift = 'url' | 'email' | 'auth' | 'inactive'

/** One thing to do. An update also makes active. `await-ping` is to look again later: the platform has not called a new subscription yet. */
export type SubscriptionStep =
  | { step: 'add'; eventType: EventType }
  | { step: 'update' | 'reactivate'; eventType: EventType; guid: string; drift: readonly Drift[] }
  /** Deleted and made anew: the event type of a subscription cannot be changed. */
  | { step: 'replace'; eventType: EventType; guid: string }
  /** One too many of ours. */
  | { step: 'remove'; eventType: string; guid: string }
  | { step: 'await-ping'; eventType: EventType; guid: string }

/** Which subscription was last known as ours, by its event type. */
export type Remembered = Readonly<Partial<Record<string, string>>>

/** Where hooks of this platform come in, below the public address. */
export const ALERT_HOOK_PATH = '/hooks/alerts/midigator'

/** Ours by its address, whatever the host (we may have moved), or because we remember making it. Others are never touched. */
export function isOurs({ guid, url }: Pick<Subscription, 'guid' | 'url'>, remembered: Remembered): boolean {
  return pathIn(url).endsWith(ALERT_HOOK_PATH) || Object.values(remembered).includes(guid)
}

const pathIn = (url: string) => (URL.canParse(url) ? trimEndOf(new URL(url).pathname, '/') : '')

/**
 * The steps from what stands at the platform to one right, active subscription an event type; none when that is so. `now` in
 * ms; a subscription younger than `graceMs` may be inactive, as its first ping is still under way.
 */
export function planSubscriptions(
  wish: SubscriptionWish,
  actual: readonly Subscription[],
  remembered: Remembered,
  { now, graceMs }: { now: number; graceMs: number },
): SubscriptionStep[] {
  const ours = actual.filter(subscription => isOurs(subscription, remembered))
  return EVENT_TYPES.flatMap(eventType => {
    const mistyped = ours.find(({ guid, eventType: shown }) => guid === remembered[eventType] && shown !== eventType)
    const [best, ...others] = ours
      .filter(one => one.eventType === eventType && !isMistyped(one, remembered))
      .toSorted((a, b) => rank(a, wish, remembered) - rank(b, wish, remembered) || (a.guid < b.guid ? -1 : 1))
    if (best === undefined)
      return mistyped ? [{ step: 'replace', eventType, guid: mistyped.guid }] : [{ step: 'add', eventType }]
    const spare = mistyped === undefined ? others : [...others, mistyped]
    return [...mend(best, eventType, wish, isYoung(best, now, graceMs)), ...spare.map(toRemoval)]
  })
}

/** Remembered for another type than it shows now. */
const isMistyped = ({ guid, eventType }: Subscription, remembered: Remembered) =>
  Object.entries(remembered).some(([type, known]) => known === guid && type !== eventType) &&
  remembered[eventType] !== guid

/** A creation that lies ahead by our clock is taken as just now, unless it is further ahead than that clock can be wrong. */
const isYoung = ({ createdAt }: Subscription, now: number, graceMs: number) =>
  createdAt !== null && Math.abs(now - createdAt) < graceMs

const driftOf = (one: Subscription, wish: SubscriptionWish): Drift[] => [
  ...(one.url === wish.url ? [] : (['url'] as const)),
  ...(one.email.toLowerCase() === wish.email.toLowerCase() ? [] : (['email'] as const)),
  ...(one.matchesAuth(wish.username, wish.password) ? [] : (['auth'] as const)),
]

/** The nearer to the wish, the lower; among equals the one we remember. */
const rank = (one: Subscription, wish: SubscriptionWish, remembered: Remembered) =>
  driftOf(one, wish).length * 4 + (one.active ? 0 : 2) + (remembered[one.eventType] === one.guid ? 0 : 1)

function mend(one: Subscription, eventType: EventType, wish: SubscriptionWish, young: boolean): SubscriptionStep[] {
  const { guid, active } = one
  const drift: Drift[] = [...driftOf(one, wish), ...(active || young ? [] : (['inactive'] as const))]
  if (drift.some(what => what !== 'inactive')) return [{ step: 'update', eventType, guid, drift }]
  if (active) return []
  return [young ? { step: 'await-ping', eventType, guid } : { step: 'reactivate', eventType, guid, drift }]
}

const toRemoval = ({ guid, eventType }: Subscription): SubscriptionStep => ({ step: 'remove', eventType, guid })
