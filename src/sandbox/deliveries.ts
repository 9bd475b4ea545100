import type { HookAnswer, HookCall, HookCaller } from './call-hook.ts'
import type { DeliveryEntry, DeliveryLog } from './delivery-log.ts'
import type { Timers } from './exchange.ts'
import { newGuid } from './guids.ts'
import type { Subscriptions } from './subscriptions.ts'
import { writeJson } from './wire-json.ts'
import { wireTime } from './wire-time.ts'

const PAUSE_MAX_MS = 60_000
const WAITING_MAX = 10_000
const IN_FLIGHT_MAX = 32
const DUPLICATE_AFTER_MS = 100

/** What the way to the subscribers does to events: a share that comes twice, and times added to every event's way. */
export interface Mischief {
  duplicate: number
  shuffleMs: number
  delayMs: number
}

/** An event to send: its members without the time of sending, which is written into every attempt anew. */
export interface OutgoingEvent {
  event_type: string
  guid: string | null
  members: Record<string, unknown>
}

interface Sending extends OutgoingEvent {
  event_id: string
  underWay: number
  delivered: boolean
  onDelivered: () => void
}

interface Way {
  event: Sending
  entry: DeliveryEntry
  subscription: string
}

interface DeliveryParts {
  subscriptions: Subscriptions
  log: DeliveryLog
  caller: HookCaller
  timers: Timers
  redeliverMs: number
  mischief: Mischief
  random: () => number
}

/** Sends events to whoever is subscribed, again and again until each is answered 200 or its subscription is gone. */
export class Deliveries {
  mischief: Mischief
  readonly #parts: DeliveryParts
  #waiting: { event: Sending; entry: DeliveryEntry }[] = []
  #queue: Way[] = []
  #inFlight = 0
  #era = 0

  constructor(parts: DeliveryParts) {
    this.#parts = parts
    this.mischief = parts.mischief
  }

  /** Sends an event, or keeps it until somebody is subscribed; `delivered` resolves with the first 200. */
  send(outgoing: OutgoingEvent): { event_id: string; delivered: Promise<void> } {
    const event: Sending = {
      ...outgoing,
      event_id: newGuid('evt'),
      underWay: 0,
      delivered: false,
      onDelivered: () => undefined,
    }
    const delivered = new Promise<void>(resolve => (event.onDelivered = resolve))
    this.#dispatch(event)
    return { event_id: event.event_id, delivered }
  }

  /** Sends what was kept for a type, now that somebody is subscribed to it. */
  flush(eventType: string): void {
    const kept = this.#waiting.filter(({ event }) => event.event_type === eventType)
    this.#waiting = this.#waiting.filter(({ event }) => event.event_type !== eventType)
    for (const { event, entry } of kept) this.#dispatch(event, entry)
  }

  /** The newest 1,000, oldest first. */
  list(): DeliveryEntry[] {
    return this.#parts.log.list()
  }

  /** Forgets all events, also those under way. */
  clear(): void {
    this.#era++
    this.#waiting = []
    this.#queue = []
    this.#parts.timers.cancelAll()
    this.#parts.log.clear()
  }

  #open(event: Sending, kind: DeliveryEntry['kind'], subscription: string | null): DeliveryEntry {
    const { event_type, event_id, guid } = event
    const state = subscription === null ? 'waiting' : 'sending'
    return this.#parts.log.open({ kind, event_type, event_id, guid, subscription, state })
  }

  #dispatch(event: Sending, kept?: DeliveryEntry): void {
    const active = this.#parts.subscriptions.activeOf(event.event_type)
    if (active.length === 0) return this.#keep(event, kept)
    for (const [i, { guid }] of active.entries()) {
      const entry = (i === 0 ? kept : undefined) ?? this.#open(event, 'event', guid)
      Object.assign(entry, { subscription: guid, state: 'sending' })
      this.#start({ event, entry, subscription: guid }, 0)
      if (this.#parts.random() >= this.mischief.duplicate) continue
      const duplicate = { event, entry: this.#open(event, 'duplicate', guid), subscription: guid }
      this.#start(duplicate, this.#parts.random() * DUPLICATE_AFTER_MS)
    }
  }

  #keep(event: Sending, entry = this.#open(event, 'event', null)): void {
    this.#waiting.push({ event, entry })
    if (this.#waiting.length <= WAITING_MAX) return
    const oldest = this.#waiting.shift()
    if (oldest) oldest.entry.state = 'dropped'
  }

  #start(way: Way, moreMs: number): void {
    way.event.underWay++
    const { delayMs, shuffleMs } = this.mischief
    const afterMs = delayMs + this.#parts.random() * shuffleMs + moreMs
    if (afterMs === 0) this.#attempt(way)
    else this.#again(way, afterMs)
  }

  #again(way: Way, afterMs: number): void {
    this.#parts.timers.after(afterMs, () => this.#attempt(way))
  }

  #attempt(way: Way): void {
    if (this.#inFlight >= IN_FLIGHT_MAX) return void this.#queue.push(way)
    const subscription = this.#parts.subscriptions.get(way.subscription)
    if (!subscription) return this.#gone(way)
    // One that was made inactive is skipped, and looked at again.
    if (!subscription.active) return this.#again(way, this.#parts.redeliverMs)
    const { url, auth } = subscription
    const body = writeJson({ ...way.event.members, event_timestamp: wireTime(Date.now()) })
    void this.#call(way, { method: 'POST', url, ...auth, body })
  }

  async #call(way: Way, call: HookCall): Promise<void> {
    const era = this.#era
    this.#inFlight++
    const answer = await this.#parts.caller.call(call)
    this.#inFlight--
    if (era === this.#era) this.#take(way, answer)
    this.#pull()
  }

  #pull(): void {
    while (this.#inFlight < IN_FLIGHT_MAX) {
      const next = this.#queue.shift()
      if (!next) return
      this.#attempt(next)
    }
  }

  #take(way: Way, answer: HookAnswer): void {
    const { event, entry } = way
    this.#parts.log.note(entry, answer)
    if (answer !== 200) return this.#again(way, this.#pauseMs(entry.attempts))
    event.underWay--
    event.delivered = true
    event.onDelivered()
  }

  /** Doubles with every attempt, up to a minute. */
  #pauseMs(attempts: number): number {
    return Math.min(PAUSE_MAX_MS, this.#parts.redeliverMs * 2 ** Math.min(attempts - 1, 20))
  }

  /** What nobody has had goes to whoever is subscribed by now, or is kept. */
  #gone({ event, entry }: Way): void {
    event.underWay--
    entry.state = 'gone'
    if (!event.delivered && event.underWay === 0) this.#dispatch(event)
  }
}
