/**
 * Reads that are asked of Redis again only when something was written that they may depend on: a schedule is the only writer of its
 * namespace, so that what it read last still stands.
 */
export class FreshReads {
  readonly #kept = new Map<string, Promise<unknown>>()
  readonly #known = new Map<string, unknown>()

  /** `about` says what the value depends on: `orders`, `refunds`, `cases`, `mode`, one of them with an id behind it, or both. */
  read<Value>(about: string, ask: () => Promise<Value>): Promise<Value> {
    const known = this.#kept.get(about) as Promise<Value> | undefined
    if (known) return known
    const fresh = ask()
    this.#kept.set(about, fresh)
    void fresh.then(
      value => this.#kept.get(about) === fresh && this.#known.set(about, value),
      () => {},
    )
    return fresh
  }

  /** What stands without anybody being asked; undefined: nothing is known to. */
  known = (about: string): unknown => this.#known.get(about)

  /** Something was written: what begins so is asked for again. */
  wrote(...kinds: readonly string[]): void {
    for (const about of this.#kept.keys()) {
      if (!kinds.some(kind => about.startsWith(kind))) continue
      this.#kept.delete(about)
      this.#known.delete(about)
    }
  }
}
