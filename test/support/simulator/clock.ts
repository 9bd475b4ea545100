interface Event {
  at: number
  run: () => unknown
}

/** A schedule's own time, in milliseconds: it only passes when told to, and what is due on the way happens in order. */
export class VirtualClock {
  now: number
  #events: Event[] = []

  constructor(now: number) {
    this.now = now
  }

  at(at: number, run: () => unknown): void {
    this.#events.push({ at, run })
    this.#events.sort((a, b) => a.at - b.at)
  }

  /** True while something is still to happen. */
  get pending(): boolean {
    return this.#events.length > 0
  }

  /** When the next thing is to happen; null: nothing is. */
  get nextAt(): number | null {
    return this.#events[0]?.at ?? null
  }

  passTo(time: number): void {
    while (this.#events[0] && this.#events[0].at <= time) {
      const event = this.#events.shift()!
      this.now = Math.max(this.now, event.at)
      event.run()
    }
    this.now = Math.max(this.now, time)
  }

  pass(ms: number): void {
    this.passTo(this.now + ms)
  }
}
