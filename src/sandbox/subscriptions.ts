import { newGuid } from './guids.ts'
import { wireTime } from './wire-time.ts'

/** What a subscriber asks for. */
export interface SubscriptionWish {
  email: string
  url: string
  event_type: string
  auth: { username: string; password: string }
}

/** A subscription in the vendor's own words; `auth` is in clear, as the vendor answers it. */
export interface Subscription extends SubscriptionWish {
  guid: string
  active: boolean
  created_at: string
  updated_at: string
}

/** A subscription as it is shown to people: without its password. */
export type ShownSubscription = Omit<Subscription, 'auth'> & { username: string }

/** The subscriptions of the one account, in memory until `clear()`. */
export class Subscriptions {
  readonly #byGuid = new Map<string, Subscription>()
  readonly #awaitPing = new Set<string>()
  readonly #onActive: (eventType: string) => void

  /** `onActive` is told whenever a subscription of a type has become active. */
  constructor(onActive: (eventType: string) => void) {
    this.#onActive = onActive
  }

  /** A subscription not yet kept: inactive, until its first ping is answered. */
  draft(wish: SubscriptionWish): Subscription {
    const now = wireTime(Date.now())
    const { email, url, event_type, auth } = wish
    return { guid: newGuid('evr'), email, url, event_type, active: false, created_at: now, updated_at: now, auth }
  }

  add(subscription: Subscription): void {
    this.#byGuid.set(subscription.guid, subscription)
    if (subscription.active) this.#onActive(subscription.event_type)
    else this.#awaitPing.add(subscription.guid)
  }

  get(guid: string): Subscription | undefined {
    return this.#byGuid.get(guid)
  }

  /** The subscription as it would be after an update. */
  updated(before: Subscription, update: Partial<Subscription>): Subscription {
    return { ...before, ...update, updated_at: wireTime(Date.now()) }
  }

  /** Puts an updated one in its place. Whoever says `active` outranks a ping still to be answered. */
  replace(after: Subscription, saysActive: boolean): void {
    const before = this.#byGuid.get(after.guid)
    if (!before) return
    this.#byGuid.set(after.guid, after)
    if (saysActive) this.#awaitPing.delete(after.guid)
    if (after.active && !before.active) this.#onActive(after.event_type)
  }

  remove(guid: string): void {
    this.#byGuid.delete(guid)
    this.#awaitPing.delete(guid)
  }

  /** The ping of a subscription was answered: one that waited for it is active now. */
  answered(guid: string): void {
    const subscription = this.#byGuid.get(guid)
    if (!subscription || !this.#awaitPing.delete(guid)) return
    this.#byGuid.set(guid, this.updated(subscription, { active: true }))
    this.#onActive(subscription.event_type)
  }

  /** All of them with their passwords, oldest first: what the vendor answers. */
  all(): Subscription[] {
    return [...this.#byGuid.values()]
  }

  ofType(eventType: string): Subscription[] {
    return this.all().filter(({ event_type }) => event_type === eventType)
  }

  activeOf(eventType: string): Subscription[] {
    return this.ofType(eventType).filter(({ active }) => active)
  }

  /** All of them as people may see them, oldest first. */
  list(): ShownSubscription[] {
    return this.all().map(({ auth, ...rest }) => ({ ...rest, username: auth.username }))
  }

  clear(): void {
    this.#byGuid.clear()
    this.#awaitPing.clear()
  }
}
