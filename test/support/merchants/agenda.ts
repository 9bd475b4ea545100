/** What is to happen, in virtual time: the next is found in logarithmic time, and what falls on one moment keeps its order. */
export class Agenda {
  now: number
  readonly #heap: { at: number; order: number; run: () => unknown }[] = []
  #count = 0

  constructor(now: number) {
    this.now = now
  }

  /** Never earlier than now. */
  at(at: number, run: () => unknown): void {
    const heap = this.#heap
    heap.push({ at: Math.max(at, this.now), order: (this.#count += 1), run })
    for (let i = heap.length - 1; i > 0;) {
      const parent = (i - 1) >> 1
      if (!this.#isBefore(i, parent)) break
      this.#swap(i, parent)
      i = parent
    }
  }

  get nextAt(): number | null {
    return this.#heap[0]?.at ?? null
  }

  /** Does the next thing, and lets its time come. */
  async step(): Promise<void> {
    const heap = this.#heap
    const next = heap[0]
    if (next === undefined) return
    const last = heap.pop()!
    if (heap.length > 0) {
      heap[0] = last
      this.#sink()
    }
    this.now = Math.max(this.now, next.at)
    await next.run()
  }

  #sink(): void {
    for (let i = 0; ;) {
      const [left, right] = [2 * i + 1, 2 * i + 2]
      let least = i
      if (left < this.#heap.length && this.#isBefore(left, least)) least = left
      if (right < this.#heap.length && this.#isBefore(right, least)) least = right
      if (least === i) return
      this.#swap(i, least)
      i = least
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a]!, this.#heap[b]!]
    return one.at < other.at || (one.at === other.at && one.order < other.order)
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#heap[a]!, this.#heap[b]!]
    this.#heap[a] = other
    this.#heap[b] = one
  }
}
