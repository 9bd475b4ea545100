import type { HookAnswer } from './call-hook.ts'
import { keepNewest } from './keep-newest.ts'

const ENTRIES_KEPT = 1_000
const STATUSES_KEPT = 50

/**
 * One event on its way to one subscription, or one ping. `waiting`: nobody is subscribed yet. `gone`: the subscription
 * went before it was answered. `failed`: a ping not answered with 200. Times are milliseconds since 1970.
 */
export interface DeliveryEntry {
  seq: number
  kind: 'event' | 'duplicate' | 'ping'
  event_type: string
  event_id: string | null
  guid: string | null
  subscription: string | null
  state: 'waiting' | 'sending' | 'delivered' | 'failed' | 'gone' | 'dropped'
  attempts: number
  /** The newest 50 answers. */
  statuses: HookAnswer[]
  createdAt: number
  deliveredAt: number | null
}

type Opening = Pick<DeliveryEntry, 'kind' | 'event_type' | 'event_id' | 'guid' | 'subscription' | 'state'>

/** What was sent to subscribers, the newest 1,000. */
export class DeliveryLog {
  #entries: DeliveryEntry[] = []
  #seq = 0

  open(opening: Opening): DeliveryEntry {
    const entry: DeliveryEntry = {
      seq: ++this.#seq,
      ...opening,
      attempts: 0,
      statuses: [],
      createdAt: Date.now(),
      deliveredAt: null,
    }
    keepNewest(this.#entries, entry, ENTRIES_KEPT)
    return entry
  }

  /** Notes how an attempt was answered. */
  note(entry: DeliveryEntry, answer: HookAnswer): void {
    entry.attempts++
    entry.statuses.push(answer)
    if (entry.statuses.length > STATUSES_KEPT) entry.statuses.shift()
    if (answer !== 200) return
    entry.state = 'delivered'
    entry.deliveredAt = Date.now()
  }

  /** The newest entries, oldest first. */
  list(): DeliveryEntry[] {
    return this.#entries.slice(-ENTRIES_KEPT).map(entry => ({ ...entry, statuses: [...entry.statuses] }))
  }

  clear(): void {
    this.#entries = []
  }
}
